"""Opens the guided workshop in JupyterLab, or serves the same panels as a web app with Voila."""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from jupyter_core.paths import jupyter_runtime_dir

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
LOOKED_S = 0.1  # between two looks for what a server that starts has written


def lab(kept: Path, browser: bool = True) -> int:
    """Start JupyterLab at the first notebook and print its address. Runs until stopped.

    ``kept``: the folder of scenarios being worked on, beside which the open tabs are kept. The server takes a
    port and then tells which: a port that was looked up before could be another's by then.
    """
    token = secrets.token_hex(16)

    def tell(process: subprocess.Popen[bytes]) -> None:
        port = _port_taken(process, token)
        if port is not None:
            address = f"http://127.0.0.1:{port}/lab/tree/{FIRST}?token={token}"
            print(f"The workshop opens at {address}\nPress Ctrl+C to stop.", flush=True)

    command = [
        "-m", "jupyterlab", FIRST, "--ip=127.0.0.1", f"--port={LAB_PORT}",
        f"--IdentityProvider.token={token}", f"--ServerApp.port_retries={PORTS_TRIED}",
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.expose_app_in_browser=True", f"--LabApp.workspaces_dir={kept / LAYOUT}",
        f"--ServerApp.root_dir={ROOT}", f"--LabApp.app_settings_dir={SETTINGS / 'lab'}",
    ]  # fmt: skip
    return _run([*command, *([] if browser else ["--no-browser"])], tell)


def _port_taken(process: subprocess.Popen[bytes], token: str) -> int | None:
    """The port of the server with a token, once it listens; None where it ends before.

    Every server of Jupyter writes down where it listens, for its own user alone.
    """
    while process.poll() is None:
        for path in Path(jupyter_runtime_dir()).glob("jpserver-*.json"):
            try:
                found = json.loads(path.read_text(encoding="utf-8"))
            except (OSError, ValueError):  # of one that ends, or half written
                continue
            if found.get("token") == token:
                return int(found["port"])
        time.sleep(LOOKED_S)
    return None


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
