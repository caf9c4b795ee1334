"""Servers for a bench: started, their address read, and gone with the bench however it ends."""

from __future__ import annotations

import ctypes
import os
import re
import secrets
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PATIENCE_S = 120
END_S = 30
PARENT_DIED = 1  # PR_SET_PDEATHSIG, where the system is Linux


def with_parent():
    """Run in a child before its program: where the system can, it ends when the bench is killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PARENT_DIED, signal.SIGTERM)


def ends_in_order():
    """A bench that is asked to end (SIGTERM) ends as if it were interrupted: what it started is stopped."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))


@contextmanager
def served(command, folder, says=r"opens at (http://\S+)"):
    """A server of this machine: its process, and the address that ``says`` finds in what it prints."""
    said = folder / f"{secrets.token_hex(4)}.txt"
    environment = {
        **os.environ, "BROWSER": "true", "PYTHONPATH": str(ROOT),
        "ADVISOR_WORKSPACE": str(folder / "workspace"),
        "JUPYTERLAB_WORKSPACES_DIR": str(folder / "layout"),
        "JUPYTER_PATH": os.pathsep.join([str(ROOT / "jupyter"), os.environ.get("JUPYTER_PATH", "")]),
    }  # fmt: skip
    with said.open("w") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", *command], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
            stdout=stream, stderr=subprocess.STDOUT, start_new_session=True,
            preexec_fn=with_parent,  # noqa: PLW1509  no thread runs yet
        )  # fmt: skip
        try:
            until = time.monotonic() + PATIENCE_S
            while not (found := re.search(says, said.read_text())):
                assert process.poll() is None, said.read_text()
                assert time.monotonic() < until, said.read_text()
                time.sleep(0.2)
            yield process, found[1] if found.groups() else found[0]
        finally:
            _end(process)


def _end(process):
    """Ask the server and all it started to end, then make sure."""
    for asked in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, asked)
            process.wait(timeout=END_S)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue
