"""With the network cut every command but `refresh` works; no address is opened in place of a path."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from advisor.cli import main
from tests.evidence.test_bill import FOCUS
from tests.network_cut import cut

MEASURED = Path(__file__).parent / "estimate" / "measured.csv"
SCENARIO = """name: Help desk
task: chat
workload:
  requests_per_day: 10000
constraints:
  regions_allowed: [swedencentral]  # few plans, so that the tests are quick
  models_compared: [gpt-4.1, gpt-4.1-mini, gpt-4.1-nano, phi-4, llama-3.3-70b]
"""
LOG = "TIMESTAMP,ContextTokens,GeneratedTokens\n" + "".join(
    f"2026-10-{day:02d}T{hour:02d}:00:00Z,{100 + hour},50\n" for day in range(1, 15) for hour in range(24)
)
EMITTED = "Month,Subscription,Resource Group,Scope,Emissions (kgCO2e)\n2026-08-01,one,rg,Scope2,4\n"
PATIENCE_S = 120


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("cut")
    texts = {"desk.yaml": SCENARIO, "other.yaml": SCENARIO.replace("10000", "20000"), "log.csv": LOG,
             "bill.csv": FOCUS, "emitted.csv": EMITTED}  # fmt: skip
    for name, text in texts.items():
        (made / name).write_text(text, encoding="utf-8")
    shutil.copy(MEASURED, made / "measured.csv")
    return made


def advisor(folder, *arguments):
    """What a command without a network does, and what it tried to reach."""
    environment, tried = cut(folder)
    tried.write_text("")
    command = [sys.executable, "-m", "advisor", *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return done, tried.read_text()


def test_the_cut_cuts(folder):
    """Without this, the tests below would pass with any network."""
    environment, tried = cut(folder)
    code = (
        "import socket, subprocess, sys, httpx\n"
        "for ask in (lambda: socket.create_connection(('192.0.2.1', 80), 5),"
        " lambda: socket.getaddrinfo('example.org', 80), lambda: httpx.get('http://example.org')):\n"
        "    try: ask()\n"
        "    except (OSError, httpx.ConnectError) as error: print(error)\n"
        "with socket.create_server(('127.0.0.1', 0)) as near: socket.create_connection(near.getsockname())\n"
        "subprocess.run([sys.executable, '-c', 'import socket; socket.gethostbyname(\"example.com\")'])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.count("unreachable") == 3
    noted = [line.split()[1] for line in tried.read_text().splitlines()]
    assert noted == ["192.0.2.1", "example.org", "example.org", "example.com"]


@pytest.mark.parametrize(
    ("arguments", "left"),
    [
        (["report", "desk.yaml", "-o", "out"], ["out/report.html", "out/plan.json"]),
        (["compare", "desk.yaml", "other.yaml"], []),
        (["new", "mine", "--from", "speech_notes"], ["mine.yaml", "scenario.schema.json"]),
        (["check", "desk.yaml"], []),
        (["usage", "log.csv", "-o", "traffic.yaml", "--scenario", "desk.yaml"], ["traffic.yaml"]),
        (["usage", "bill.csv"], []),
        (["validate", "measured.csv", "-o", "predictions.csv"], ["predictions.csv"]),
        (["calibrate", "measured.csv", "-o", "energy_model.yaml"], ["energy_model.yaml"]),
        (["evidence", "--scenario", "desk.yaml", "--format", "csv"], []),
        (["measured", "bill.csv", "desk.yaml"], []),
        (["measured", "emitted.csv", "desk.yaml"], []),
    ],
    ids=lambda given: " ".join(given[:2]) if given and given[0].isalpha() else "",
)  # fmt: skip
def test_a_command_works_without_a_network_and_asks_it_nothing(folder, arguments, left):
    done, tried = advisor(folder, *arguments)
    assert done.returncode == 0, done.stderr
    assert done.stdout
    assert tried == ""
    assert all((folder / name).stat().st_size for name in left)


@pytest.mark.parametrize("what", ["prices", "grid"])
def test_refresh_without_a_network_ends_in_one_message(folder, what):
    done, tried = advisor(folder, "refresh", what)
    assert done.returncode == 2
    assert "the values at hand stay" in done.stderr
    assert "Traceback" not in done.stderr
    assert ("prices.azure.com" in tried) == (what == "prices")  # the grid is asked only with a key


@pytest.mark.parametrize("arguments", [["lab"], ["app", "--voila", "--port", "18866"]], ids=["lab", "voila"])
def test_a_notebook_server_opens_without_a_network(folder, arguments):
    environment, tried = cut(folder)
    tried.write_text("")
    said = folder / "said.txt"
    with said.open("w") as stream:
        server = subprocess.Popen(
            [sys.executable, "-m", "advisor", *arguments], cwd=folder, stdout=stream, stderr=stream,
            env={**environment, "BROWSER": "true", "ADVISOR_WORKSPACE": str(folder / "workspace")},
            start_new_session=True,
        )  # fmt: skip
    try:
        until = time.monotonic() + PATIENCE_S
        page = None
        while page is None and time.monotonic() < until and server.poll() is None:
            address = re.search(r"opens at (http://\S+)", said.read_text())
            try:
                page = httpx.get(address[1], timeout=PATIENCE_S, follow_redirects=True) if address else None
            except httpx.ConnectError:
                time.sleep(0.3)
        assert page is not None, said.read_text()
        assert page.status_code == 200
        if "--voila" in arguments:
            assert "Contact-centre" in page.text
    finally:
        signal_group(server)
    assert tried.read_text() == ""


def signal_group(server):
    """End a server and what it started."""
    os.killpg(server.pid, signal.SIGTERM)
    try:
        server.wait(timeout=20)
    except subprocess.TimeoutExpired:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


ADDRESSES = ("https://elsewhere.example/a.yaml", "file:///elsewhere/a.yaml", "s3://elsewhere/a.csv",
             "//elsewhere/share/a.csv", "\\\\elsewhere\\share\\a.csv", "abfss://c@elsewhere/a")  # fmt: skip
TAKING = [
    ["report", "{}"], ["report", "desk.yaml", "-o", "{}"], ["compare", "desk.yaml", "{}"], ["new", "{}"],
    ["check", "{}"], ["usage", "{}"], ["usage", "log.csv", "-o", "{}"],
    ["usage", "log.csv", "--scenario", "{}"],
    ["validate", "{}"], ["validate", "measured.csv", "-o", "{}"], ["calibrate", "{}"],
    ["calibrate", "measured.csv", "-o", "{}"], ["evidence", "--scenario", "{}"],
    ["measured", "{}", "desk.yaml"], ["measured", "emitted.csv", "{}"],
]  # fmt: skip
TOUCHING = {"open", "os.mkdir", "os.rename", "os.listdir", "os.scandir", "glob.glob", "socket.connect"}


@pytest.fixture(scope="module")
def touched():
    """What was opened, listed or made of a place called elsewhere, as the interpreter tells it."""
    found = []
    heard = True

    def hear(event, given):
        if heard and event in TOUCHING and "elsewhere" in str(given[:2]):
            found.append((event, given))

    sys.addaudithook(hear)  # hooks stay for good
    yield found
    heard = False


@pytest.mark.parametrize("command", TAKING, ids=" ".join)
def test_addresses_in_place_of_a_path_are_refused_unopened(folder, monkeypatch, capsys, touched, command):
    monkeypatch.chdir(folder)
    before = sorted(path.name for path in folder.iterdir())
    for address in ADDRESSES:
        assert main([part.format(address) for part in command]) == 2
        assert "an address" in capsys.readouterr().err
    assert touched == []
    assert sorted(path.name for path in folder.iterdir()) == before


def test_what_is_touched_would_be_told(folder, touched):
    with pytest.raises(FileNotFoundError):
        (folder / "elsewhere").open()
    assert touched.pop()[0] == "open"


@pytest.mark.parametrize(
    "field", ["workload.traffic", "measurements.pilot_log", "measurements.intensity_series"]
)
def test_a_scenario_names_no_address(folder, capsys, touched, field):
    section, key = field.split(".")
    for address in ADDRESSES:
        scenario = folder / "names.yaml"
        scenario.write_text(f"name: x\ntask: chat\n{section}: {{{key}: '{address}'}}\n", encoding="utf-8")
        assert main(["check", str(scenario)]) == 2
        assert "a file inside" in capsys.readouterr().err
    assert touched == []
