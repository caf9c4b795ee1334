"""Work in a copy of this process beside it, so that what takes long has two processors."""

from __future__ import annotations

import multiprocessing
import signal
import sys
import threading
from collections.abc import Callable
from functools import cached_property
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Generic, TypeVar

T = TypeVar("T")


def can_be_copied() -> bool:
    """Whether this process can be copied safely as it stands, and has a second processor to gain from it.

    A copy has one thread alone, so locks that others hold would stay locked in it; and elsewhere than on
    Linux, libraries of the system may not outlive being copied.
    """
    return (
        sys.platform == "linux"
        and threading.active_count() == 1
        and not multiprocessing.current_process().daemon
        and multiprocessing.cpu_count() > 1
    )


class Beside(Generic[T]):
    """What a copy of this process works out while this one goes on.

    ``work`` returns something that can be pickled; what it raises is raised when the result is asked for.
    Where there can be no copy, or it was killed, this process does the work itself then.
    """

    def __init__(self, work: Callable[[], T]) -> None:
        self._work = work
        self._copy: tuple[BaseProcess, Connection] | None = None
        if can_be_copied():
            context = multiprocessing.get_context("fork")
            answer, sent = context.Pipe(duplex=False)
            process = context.Process(target=_do, args=(work, answer, sent), daemon=True)
            # a stop waits until the copy minds it in its own way
            held = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
            try:
                process.start()
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, held)
            sent.close()
            self._copy = process, answer

    @cached_property
    def result(self) -> T:
        """What was worked out, once it is there."""
        if self._copy is None:
            return self._work()
        process, answer = self._copy
        try:
            with answer:
                found, error = answer.recv()
        except (EOFError, OSError):  # it said nothing, or not all
            return self._work()
        finally:
            process.join()
        if error is not None:
            raise error
        result: T = found
        return result


def _do(work: Callable[[], T], answer: Connection, sent: Connection) -> None:
    """In the copy: do the work, and send what came of it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # who stops the work stops both, and one of them speaks
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    answer.close()
    try:
        sent.send((work(), None))
    except Exception as error:
        sent.send((None, error))
