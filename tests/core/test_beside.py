"""Work in a copy of the process: the same results and faults, and none lost where the copy is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

import pytest

from advisor.core.beside import Beside, can_be_copied
from advisor.core.errors import AdvisorError, Fault

# each runs in a process of its own, as the one of the tests has several threads; however many processors
# there are, a copy is made
TWO_PROCESSES = """
import os
from advisor.core import beside
from advisor.core.beside import Beside
beside.can_be_copied = lambda: True
mine = os.getpid()
{body}
"""


def said_by(body: str) -> str:
    script = TWO_PROCESSES.format(body=body)
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout.strip()


def test_the_copy_works_while_this_process_goes_on() -> None:
    body = """
beside = Beside(lambda: os.getpid())
here = sum(range(1000))
print(beside.result != mine, here)
"""
    assert said_by(body) == "True 499500"


def test_what_the_copy_raises_is_raised_here_with_all_its_faults() -> None:
    body = """
from advisor.core.errors import AdvisorError, Fault
def wrong():
    raise AdvisorError("It is wrong.", [Fault("here", "one", "two"), Fault("there", "three", "four")])
try:
    Beside(wrong).result  # asked
except AdvisorError as error:
    print(error.summary, [fault.where for fault in error.faults])
"""
    assert said_by(body) == "It is wrong. ['here', 'there']"


def test_a_copy_that_is_killed_leaves_the_work_to_this_process() -> None:
    body = """
import signal
def work():
    if os.getpid() != mine:
        os.kill(os.getpid(), signal.SIGKILL)
    return os.getpid()
print(Beside(work).result == mine)
"""
    assert said_by(body) == "True"


def test_a_result_nobody_asks_for_keeps_nobody_waiting() -> None:
    body = """
import time
Beside(lambda: time.sleep(50))
print("over")
"""
    assert said_by(body) == "over"


def test_a_copy_is_made_on_linux_where_a_second_processor_is_free_for_it() -> None:
    told = """
import multiprocessing, sys
from advisor.core.beside import can_be_copied
found = []
for platform, processors in (("linux", 2), ("linux", 1), ("darwin", 2), ("win32", 2)):
    sys.platform, multiprocessing.cpu_count = platform, lambda: processors
    found.append(can_be_copied())
print(found)
"""
    done = subprocess.run(
        [sys.executable, "-c", told], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[True, False, False, False]"


def test_a_process_with_threads_does_the_work_itself() -> None:
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    try:
        assert not can_be_copied()
        assert Beside(os.getpid).result == os.getpid()
    finally:
        stop.set()
        thread.join()


def test_a_fault_is_raised_where_there_is_no_copy_either(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("advisor.core.beside.can_be_copied", lambda: False)

    def wrong() -> None:
        raise AdvisorError("It is wrong.", [Fault("here", "one", "two")])

    beside = Beside(wrong)  # nobody asked yet
    with pytest.raises(AdvisorError, match="It is wrong"):
        _ = beside.result


def test_stopping_the_command_stops_the_copy_without_a_word() -> None:
    script = TWO_PROCESSES.format(
        body="""
import sys, time
try:
    beside = Beside(lambda: time.sleep(50))
    print("working", flush=True)
    beside.result
except KeyboardInterrupt:
    sys.exit(3)
"""
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "working"
        os.killpg(process.pid, signal.SIGINT)  # as the keys do, to both
        assert process.communicate(timeout=30) == ("", "")
        assert process.returncode == 3
