"""The workshop's server: the address that is printed is where it listens."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 120


def test_two_labs_of_one_second_take_ports_of_their_own(tmp_path):
    """Each begins with the same port: one takes it, the other the next, and each says which it has."""
    began, said = [], []
    try:
        for name in ("first", "second"):
            (folder := tmp_path / name).mkdir()
            environment = {
                **os.environ, "ADVISOR_WORKSPACE": str(folder), "BROWSER": "true", "PYTHONPATH": str(ROOT),
                "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime"),
            }  # fmt: skip
            said.append(folder / "said.txt")
            with said[-1].open("w") as stream:
                began.append(subprocess.Popen(
                    [sys.executable, "-m", "advisor", "lab"], cwd=folder, env=environment, stdout=stream,
                    stdin=subprocess.DEVNULL, stderr=subprocess.STDOUT, start_new_session=True,
                ))  # fmt: skip
        addresses = [_address(*one) for one in zip(said, began, strict=True)]
        assert len({address.split("/lab")[0] for address in addresses}) == 2
        for address in addresses:
            answer = httpx.get(address.replace("/lab/tree/notebooks/00_start.ipynb", "/api/status"))
            assert answer.status_code == 200, address
    finally:
        for process in began:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _address(said, process):
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until and process.poll() is None:
        if found := re.search(r"opens at (http://\S+)", said.read_text()):
            return found[1]
        time.sleep(0.1)
    raise AssertionError(said.read_text())
