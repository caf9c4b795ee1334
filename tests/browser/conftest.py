"""A real browser, and the servers it visits. A missing browser fails; it does not skip."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[2]
QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
PATIENCE = 120_000  # milliseconds; a kernel start on a busy machine


# what is visible without scrolling, labels and chosen values included
FIRST_VIEW = """root => {
    const found = [];
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const element = walker.currentNode.parentElement;
        if (!walker.currentNode.data.trim() || element.closest('script, noscript, option, thead')) continue;
        if (!element.checkVisibility({visibilityProperty: true}) || element.offsetWidth === 1) continue;
        if (element.closest('.adv-unseen, .app-skip, .app-said, .adv-template')) continue;
        const range = document.createRange();
        range.selectNodeContents(walker.currentNode);
        const box = range.getBoundingClientRect();
        if (box.width > 1 && box.top < innerHeight && box.bottom > 0) found.push(walker.currentNode.data);
    }
    for (const box of root.querySelectorAll('select, input[type=text], input[type=number]'))
        if (box.checkVisibility() && box.getBoundingClientRect().top < innerHeight)
            found.push(box.selectedOptions ? box.selectedOptions[0].text : box.value);
    return found.join(' ');
}"""


@pytest.fixture(scope="module")
def browser():
    """Closed with its file: while it is open, an event loop runs in this process and panels wait for it."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert path, "browser tests need chromium on the path"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield running
        running.close()


@pytest.fixture
def page(browser):
    """A page that notes console errors and every request that leaves this machine."""
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    opened = context.new_page()
    opened.set_default_timeout(PATIENCE)
    opened.errors, opened.strangers = [], []
    opened.on("console", lambda said: opened.errors.append(said.text) if said.type == "error" else None)
    opened.on("pageerror", lambda error: opened.errors.append(str(error)))
    opened.on("request", lambda asked: _note(opened, asked.url))
    yield opened
    context.close()


def _note(opened, url):
    if not re.match(r"(data|blob|file):|(http|ws)://(127\.0\.0\.1|localhost)[:/]", url):
        opened.strangers.append(url)


@contextmanager
def serving(arguments, workspace):
    """Run an ``advisor`` command and give the address it prints."""
    environment = {
        **os.environ,
        "ADVISOR_WORKSPACE": str(workspace),
        "BROWSER": "true",
        "JUPYTERLAB_WORKSPACES_DIR": str(workspace / "layout"),  # not the home of whoever runs the tests
        "PYTHONPATH": str(ROOT),
    }
    said = workspace / "server.txt"
    with said.open("w") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "advisor", *arguments], cwd=workspace, env=environment,
            stdin=subprocess.DEVNULL, stdout=stream, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        try:
            yield _address(said, process)
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(timeout=30)
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)


def _address(said, process):
    until = time.monotonic() + PATIENCE / 1000
    while time.monotonic() < until and process.poll() is None:
        found = re.search(r"opens at (http://\S+)", said.read_text())
        if found:
            return found[1]
        time.sleep(0.2)
    raise AssertionError(f"no address was printed: {said.read_text()}")


@pytest.fixture(scope="session")
def address(tmp_path_factory):
    """One app for all files: each works out the pages of its first template once it has started."""
    given = ["app", "--port", "0", "--base-url", "/x/", "--sessions", "300"]
    with serving(given, tmp_path_factory.mktemp("app")) as found:
        yield found


def visit(page, address):
    """Open an address whose server may still be starting."""
    host, port = urlsplit(address).hostname, urlsplit(address).port
    until = time.monotonic() + PATIENCE / 1000
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex((host, port)) == 0:
                page.goto(address)
                return
        time.sleep(0.2)
    raise AssertionError(f"nobody answers at {address}")


def violations(page):
    """What axe finds, of any impact: rule, impact and the first element."""
    found = Axe().run(page).response["violations"]
    return [
        (
            one["id"],
            one["impact"],
            one["nodes"][0]["html"][:200],
            one["nodes"][0].get("failureSummary", "")[:300],
        )
        for one in found
    ]
