"""A worker process: takes tasks from a pipe, answers in messages, and can be interrupted.

An interruption is raised in the midst of the work, between two of Python's own operations, so the
engine need not know of it. Changes to a scenario are shielded from it: they are made or refused.
"""

from __future__ import annotations

import ctypes
import logging
import queue
import signal
import sys
import threading
import traceback
from _thread import interrupt_main
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

from advisor.catalogue.translations import language, languages
from advisor.core.cycle_collection import LASTING, look_seldom, pass_over
from advisor.core.errors import AdvisorError
from advisor.core.saying import say, speaking
from advisor.serve.state import Done, Message, Overtaken, Refused, Task

ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
FULL = 0.8  # of the memory it may hold: from there on a worker forgets, as one that holds more is replaced
FAILED = say("This did not work, and it is our fault.")


class Interrupted(BaseException):
    """The task at hand has been overtaken."""


class Desk:
    """Which task is at hand, and whether it may be interrupted."""

    def __init__(self) -> None:
        self.number = 0
        self._stopped = 0
        self._shields = 0

    def stop(self, number: int) -> None:
        """Ask the task of that number to end; called from the listening thread."""
        self._stopped = number
        interrupt_main(signal.SIGINT)

    def at_signal(self, *_: object) -> None:
        """Raise in the main thread, unless the task is shielded or another by now."""
        if self.number and self._stopped == self.number and not self._shields:
            self.number = 0
            raise Interrupted

    @contextmanager
    def shield(self) -> Iterator[None]:
        """Within it, an interruption waits for the end."""
        self._shields += 1
        try:
            yield
        finally:
            self._shields -= 1
        self.at_signal()


def main(pipe: Any, folder: str, memory: int) -> None:
    """Answer tasks until the pipe closes; what is remembered is to stay well within ``memory`` [byte]."""
    logging.basicConfig(level=logging.WARNING)
    look_seldom(LASTING)
    desk = Desk()
    signal.signal(signal.SIGINT, desk.at_signal)
    from advisor.serve.engine import Engine

    engine = Engine(Path(folder), desk.shield)
    for key in languages():
        language(key)  # read once, before anybody waits for it
    itself = psutil.Process()
    tasks: queue.SimpleQueue[tuple[int, Task] | None] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(pipe, desk, tasks), daemon=True).start()
    pipe.send((0, Done()))
    while (asked := tasks.get()) is not None:
        _do(engine, desk, pipe, *asked)
        pass_over()  # what a task leaves is kept for later ones, and holds hardly a cycle
        if itself.memory_info().rss > FULL * memory:
            engine.shelf.make_room()
            _give_memory_back()


def _listen(pipe: Any, desk: Desk, tasks: queue.SimpleQueue[tuple[int, Task] | None]) -> None:
    with suppress(EOFError, OSError):
        while True:
            asked = pipe.recv()
            if asked[0] == "stop":
                desk.stop(asked[1])
            else:
                tasks.put(asked[1:])
    tasks.put(None)


def _do(engine: Any, desk: Desk, pipe: Any, number: int, task: Task) -> None:
    try:
        with speaking(language(task.language)):
            last = _done(engine, desk, pipe, number, task)
    except Interrupted:
        last = Overtaken()
    pipe.send((number, last))


def _done(engine: Any, desk: Desk, pipe: Any, number: int, task: Task) -> Message:
    """Do a task and return its last message; raises Interrupted anywhere on the way."""
    from advisor.serve.engine import refusal

    last: Message = Refused(FAILED)
    try:
        desk.number = number
        for message in engine.work(task):
            if isinstance(message, Done):
                last = message
            else:
                with desk.shield():  # a message is sent whole
                    pipe.send((number, message))
    except AdvisorError as error:
        last = refusal(error)
    except Exception:  # a fault of ours: told in the log, and in one sentence to the visitor
        traceback.print_exc(file=sys.stderr)
    desk.number = 0
    return last


def _give_memory_back() -> None:
    """Return freed memory to the system, where the C library can."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").malloc_trim(0)
