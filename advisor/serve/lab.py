"""Opens the guided workshop in JupyterLab, or serves the same panels as a web app with Voila."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from advisor.catalogue import DATA
from advisor.core.errors import AdvisorError, Fault
from advisor.core.saying import say

ROOT = DATA.parent
FIRST = "notebooks/00_start.ipynb"
APP = "notebooks/app.ipynb"
SETTINGS = ROOT / "jupyter"  # Lab without news or update checks, a Voila page that fetches nothing
LAB_PORT = 8888
# the folder, beside the scenarios, of what JupyterLab has open: its own list is one for all of a user
LAYOUT = "lab"
PORTS_TRIED = 50
LOOKED_S, ANSWER_S = 0.1, 5.0  # between two looks whether a server that starts answers, and for an answer


def lab(kept: Path, browser: bool = True) -> int:
    """Start JupyterLab at the first notebook and print its address once it answers there. Runs until stopped.

    ``kept``: the folder of scenarios being worked on, beside which the open tabs are kept. A port that was
    free may be another's by the time that the server listens: it then starts again on the next, with a token
    that the other has not been asked with.
    """
    answered = False

    def tell(process: subprocess.Popen[bytes]) -> None:
        nonlocal answered
        answered = _answers(process, port, token)
        if answered:
            address = f"http://127.0.0.1:{port}/lab/tree/{FIRST}?token={token}"
            print(f"The workshop opens at {address}\nPress Ctrl+C to stop.", flush=True)

    while True:
        port, token = free_port(LAB_PORT), secrets.token_hex(16)
        command = [
            "-m", "jupyterlab", FIRST, "--ip=127.0.0.1", f"--port={port}",
            f"--IdentityProvider.token={token}", "--ServerApp.port_retries=0", "--LabApp.news_url=None",
            "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
            "--LabApp.expose_app_in_browser=True", f"--LabApp.workspaces_dir={kept / LAYOUT}",
            f"--ServerApp.root_dir={ROOT}", f"--LabApp.app_settings_dir={SETTINGS / 'lab'}",
        ]  # fmt: skip
        ended = _run([*command, *([] if browser else ["--no-browser"])], tell)
        if answered or ended == 0 or free_port(port) == port:
            return ended


def _answers(process: subprocess.Popen[bytes], port: int, token: str) -> bool:
    """Whether a server that starts comes to answer at a port, to its own token; not where it ends before."""
    while process.poll() is None:
        asked = HTTPConnection("127.0.0.1", port, timeout=ANSWER_S)
        try:
            asked.request("GET", f"/api/status?token={token}")
            if asked.getresponse().status == HTTPStatus.OK:
                return True
        except (OSError, HTTPException):  # nobody listens yet
            pass
        finally:
            asked.close()
        time.sleep(LOOKED_S)
    return False


def app(port: int, browser: bool = False) -> int:
    """Serve the web app on this machine and print its address. Runs until stopped."""
    if free_port(port) != port:
        raise AdvisorError(say("The port is taken."), [Fault("--port", say("a free port"), str(port))])
    print(f"The app opens at http://127.0.0.1:{port}/\nPress Ctrl+C to stop.", flush=True)
    command = [
        "-m", "voila", str(ROOT / APP), f"--port={port}", "--Voila.ip=127.0.0.1", "--strip_sources=True",
        "--VoilaConfiguration.show_tracebacks=False", "--template=advisor",
        "--VoilaConfiguration.extension_denylist=jupyterlab-jupytext",
    ]  # fmt: skip
    return _run([*command, *([] if browser else ["--no-browser"])])


def free_port(first: int) -> int:
    """The first port from ``first`` on that nobody listens on. Raises AdvisorError for none."""
    for port in range(first, first + PORTS_TRIED):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AdvisorError(
        say("No port is free."), [Fault("port", say("a free one from {first} on", first=first), "none")]
    )


def _run(command: Sequence[str], started: Callable[[subprocess.Popen[bytes]], None] = lambda _: None) -> int:
    notebook = next((part for part in command if part.endswith(".ipynb")), "")
    if not (ROOT / notebook).is_file():
        raise AdvisorError(
            say("The notebooks are missing."),
            [Fault("notebooks", say("{name} in a checkout", name=Path(notebook).name), say("no file"))],
        )
    environment = {
        **os.environ,
        "PYTHONPATH": _first(ROOT, "PYTHONPATH"),
        "JUPYTER_PATH": _first(SETTINGS, "JUPYTER_PATH"),
    }
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    allow = ["--allow-root"] if root and "jupyterlab" in command else []
    with subprocess.Popen([sys.executable, *command, *allow], cwd=ROOT, env=environment) as process:  # noqa: S603
        try:
            started(process)
            return process.wait()
        except KeyboardInterrupt:
            return 0
        finally:
            process.kill()


def _first(path: Path, variable: str) -> str:
    return os.pathsep.join(filter(None, (str(path), os.environ.get(variable))))
