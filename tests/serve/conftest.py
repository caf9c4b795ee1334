"""A running app, and visitors that speak to it as a browser would."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import httpx
import pytest

from tests.network_cut import cut

PATIENCE_S = 300  # on a busy machine
SESSIONS = 300


@contextmanager
def running(folder, *arguments):
    """``advisor app`` on a free port without a network, until the block ends; gives its address."""
    said = folder / "said.txt"
    environment, tried = cut(folder)
    environment |= {"ADVISOR_OFFLINE": "1", "ADVISOR_WORKSPACE": str(folder / "workspace")}
    with said.open("w") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "advisor", "app", "--port", "0", *arguments], cwd=folder, env=environment,
            stdin=subprocess.DEVNULL, stdout=stream, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            until = time.monotonic() + PATIENCE_S
            while not (found := re.search(r"opens at (http://\S+)", said.read_text())):
                assert process.poll() is None, said.read_text()
                assert time.monotonic() < until, said.read_text()
                time.sleep(0.1)
            yield found[1]
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=30)
    assert "Traceback" not in said.read_text(), said.read_text()
    assert tried.read_text() == ""  # neither the server nor a worker asked for anything beyond this machine


@pytest.fixture(scope="session")
def app(tmp_path_factory):
    """The app under a prefix, which also answers to hub.example."""
    folder = tmp_path_factory.mktemp("app")
    given = ("--sessions", str(SESSIONS), "--base-url", "/x/", "--host-name", "hub.example")
    with running(folder, *given) as address:
        yield address


def get(address, **given):
    """What a stranger gets."""
    return httpx.get(address, timeout=PATIENCE_S, **given)


class Visitor:
    """A browser without a screen: one cookie jar, the token of a page it opened."""

    def __init__(self, address):
        self.client = httpx.Client(base_url=address, timeout=PATIENCE_S)
        page = self.client.get("").text
        self.token = re.search(r'name="xsrf" content="([^"]+)"', page)[1]
        self.entered = self.post("session").json()

    def post(self, path, json=None, **given):
        headers = {"X-XSRFToken": self.token, **given.pop("headers", {})}
        return self.client.post(path, json=json, headers=headers, **given)

    def act(self, do, page="deployment", **values):
        return self.post("act", {"page": page, "do": do, "values": values}).json()

    def set(self, path, value, page="deployment"):
        return self.act("set", page, path=path, value=value)

    def show(self, page, **given):
        return self.post("show", {"page": page, **given}).json()

    def bring(self, what, *files, **data):
        sent = [("file", (name, content)) for name, content in files]
        return self.post(f"bring/{what}", files=sent, data={"page": "start", **data})

    def saved(self):
        return self.client.get("save")

    def close(self):
        self.post("leave")
        self.client.close()


@pytest.fixture
def visit(app):
    """Makes visitors, who leave at the end."""
    there = []

    def make():
        there.append(Visitor(app))
        return there[-1]

    yield make
    for visitor in there:
        visitor.close()


@pytest.fixture
def visitor(visit):
    return visit()
