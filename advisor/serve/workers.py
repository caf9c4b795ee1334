"""A few worker processes that all visitors share: answers first, later changes overtake.

A job waits by rank, and for the worker that knows its visitor's scenario, a little. One that shows an
answer interrupts slower work where it waits, and the interrupted job starts again later. A worker that
dies, takes too long or has grown too large is replaced.
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import count
from pathlib import Path
from typing import Any

import psutil

from advisor.core.saying import say
from advisor.serve import worker
from advisor.serve.state import Done, Message, Overtaken, Refused, Task

LOG = logging.getLogger("advisor.app")
MEGABYTE = 1_000_000
INTERRUPTED_S = 30.0  # from then on a job is let come to its end
# from then on a job, or slower work, goes to any worker: another has to open its scenario anew
ELSEWHERE_S, SLOW_ELSEWHERE_S = 0.5, 10.0
LIMIT_SECONDS = 120.0
GRACE_SECONDS = 3.0
STOPPED = Refused(say("The work was stopped, because it took too long or a worker failed."))


class Rank(IntEnum):
    """What goes first."""

    ANSWER = 0
    PART = 1
    SURVEY = 2
    FLIPS = 3
    FILE = 4
    AHEAD = 5


@dataclass(eq=False, slots=True)
class Job:
    """A task on its way; ``task`` is asked for when a worker is free, so it holds the latest changes."""

    rank: Rank
    task: Callable[[], Task | None]
    told: Callable[[Message], None]
    done: asyncio.Future[Message]
    home: int | None = None
    number: int = 0
    given_up: bool = False
    again: bool = False
    since: float = field(default_factory=time.monotonic)

    @property
    def age(self) -> float:
        """How long ago it was handed in [s]."""
        return time.monotonic() - self.since

    def goes_to(self, place: int) -> bool:
        """Whether the worker at a place may take it now."""
        patience = SLOW_ELSEWHERE_S if self.rank >= Rank.SURVEY else ELSEWHERE_S
        return self.home in (None, place) or self.age >= patience


@dataclass(eq=False)
class Worker:
    """One process and the thread that listens to it."""

    process: Any
    pipe: Any
    folder: str
    job: Job | None = None
    ready: bool = False
    worked: bool = False
    dismissed: bool = False  # it ends, and another takes its place
    since: float = field(default_factory=time.monotonic)
    timer: Any = None

    @property
    def free(self) -> bool:
        """Whether it may be given a job."""
        return self.ready and self.job is None and not self.dismissed

    @property
    def bytes_held(self) -> int:
        """Resident memory [byte]; 0 once it is gone."""
        try:
            return int(psutil.Process(self.process.pid).memory_info().rss)
        except (psutil.Error, ValueError):
            return 0


def _gives_way(job: Job) -> bool:
    """Whether a job may be interrupted for an answer."""
    return job.rank >= Rank.SURVEY and not job.again and not job.given_up and job.age < INTERRUPTED_S


class Pool:
    """Hands jobs to ``size`` processes, each allowed ``memory`` megabytes at rest."""

    def __init__(self, size: int, memory: int, limit_s: float = LIMIT_SECONDS) -> None:
        self.size, self.memory, self.limit_s = size, memory * MEGABYTE, limit_s
        self.folder = Path(tempfile.mkdtemp(prefix="advisor-app-"))
        self.started = 0
        self._workers: list[Worker] = []
        self._waiting: list[Job] = []
        self._numbers = count(1)
        self._loop = asyncio.get_running_loop()
        self._closing = False
        self._later: asyncio.TimerHandle | None = None  # when to look again for who waits long enough
        self._context = multiprocessing.get_context("spawn")

    def start(self) -> None:
        """Start the processes; they get ready while jobs may already be handed in."""
        while len(self._workers) < self.size:
            self._workers.append(self._start())

    def _start(self) -> Worker:
        ours, theirs = self._context.Pipe()
        folder = tempfile.mkdtemp(dir=self.folder)
        process = self._context.Process(
            target=worker.main, args=(theirs, folder, self.memory), daemon=True, name="advisor-worker"
        )
        # the mathematics of one visitor must not take every core
        before = {name: os.environ.get(name) for name in worker.ONE_THREAD}
        os.environ.update(dict.fromkeys(worker.ONE_THREAD, "1"))
        try:
            process.start()
        finally:
            for name, value in before.items():
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value
        theirs.close()
        self.started += 1
        made = Worker(process, ours, folder)
        threading.Thread(target=self._listen, args=(made,), daemon=True).start()
        return made

    def _listen(self, one: Worker) -> None:
        """Pass on what a worker says; runs in a thread of its own."""
        with suppress(EOFError, OSError, RuntimeError):
            while True:
                number, message = one.pipe.recv()
                self._loop.call_soon_threadsafe(self._hear, one, number, message)
        with suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._lost, one)

    def submit(
        self,
        rank: Rank,
        task: Callable[[], Task | None],
        told: Callable[[Message], None] = lambda _: None,
        home: int | None = None,
    ) -> Job:
        """Hand in a job; its ``done`` gives Done, Overtaken or Refused. ``home`` prefers a worker."""
        place = None if home is None else home % self.size
        job = Job(rank, task, told, self._loop.create_future(), place, next(self._numbers))
        self._waiting.append(job)
        self._hand_out()
        return job

    def give_up(self, job: Job) -> None:
        """Stop a job that a later one has overtaken; nothing to do once it is done."""
        if job.done.done() or job.given_up:
            return
        job.given_up = True
        if job in self._waiting:
            self._waiting.remove(job)
            job.done.set_result(Overtaken())
        else:
            self._interrupt(job)

    def _interrupt(self, job: Job) -> None:
        for one in self._workers:
            if one.job is job:
                with suppress(OSError):
                    one.pipe.send(("stop", job.number))

    def _hand_out(self) -> None:
        if self._closing:
            return
        for place, one in enumerate(self._workers):
            while one.free and (job := self._next(place)) is not None:
                self._give(one, job)
        self._make_room()
        if self._later is not None:
            self._later.cancel()
            self._later = None
        if self._waiting and any(one.free for one in self._workers):
            self._later = self._loop.call_later(ELSEWHERE_S, self._hand_out)

    def _next(self, place: int) -> Job | None:
        """The first of the lowest rank that may go there, one at home here before others of that rank."""
        open_to = [job for job in self._waiting if job.goes_to(place)]
        best = min(open_to, key=lambda job: (job.rank, job.home != place, job.number), default=None)
        if best is not None:
            self._waiting.remove(best)
        return best

    def _give(self, one: Worker, job: Job) -> None:
        task = job.task()
        if task is None:
            job.done.set_result(Done())
            return
        one.job, one.worked = job, True
        one.timer = self._loop.call_later(self.limit_s, self._overdue, one, job)
        try:
            one.pipe.send(("task", job.number, task))
        except OSError:
            self._lost(one)

    def _make_room(self) -> None:
        """Where answers wait for busy workers, interrupt slower work; it starts again later."""
        stopping = [place for place, one in enumerate(self._workers) if one.job is not None and one.job.again]
        for answer in self._waiting:
            if answer.rank != Rank.ANSWER:
                continue
            places = [place for place in range(len(self._workers)) if answer.goes_to(place)]
            coming = next((place for place in places if place in stopping), None)
            if coming is not None:
                stopping.remove(coming)  # it is about to have that worker
                continue
            slow = [
                job for place in places if (job := self._workers[place].job) is not None and _gives_way(job)
            ]
            if slow:
                last = max(slow, key=lambda job: job.rank)
                last.again = True
                self._interrupt(last)

    def _hear(self, one: Worker, number: int, message: Message) -> None:
        if number == 0:
            one.ready = True
            self._hand_out()
            return
        job = one.job
        if job is None or job.number != number:
            return
        if not isinstance(message, Done | Overtaken | Refused):
            job.told(message)
            return
        self._free(one)
        if isinstance(message, Overtaken) and job.again and not job.given_up:
            job.again = False
            self._waiting.append(job)
        elif not job.done.done():
            job.done.set_result(message)
        self._hand_out()

    def _free(self, one: Worker) -> None:
        if one.timer is not None:
            one.timer.cancel()
        one.job, one.since = None, time.monotonic()

    def _overdue(self, one: Worker, job: Job) -> None:
        if one.job is job:
            LOG.warning("a job took more than %g s; its worker is replaced", self.limit_s)
            one.process.kill()

    def _lost(self, one: Worker) -> None:
        """A process has ended: its job is refused, and another takes its place."""
        if one not in self._workers:
            return
        job = one.job
        self._free(one)
        if job is not None and not job.done.done():
            job.done.set_result(Overtaken() if job.given_up else STOPPED)
        one.pipe.close()
        shutil.rmtree(one.folder, ignore_errors=True)
        place = self._workers.index(one)
        if self._closing:
            self._workers.pop(place)
            return
        if not one.ready and self.started > self.size * 10:
            LOG.error("workers end before they are ready; no more are started")
            self._workers.pop(place)
            return
        self._workers[place] = self._start()

    def _dismiss(self, one: Worker) -> None:
        one.dismissed = True
        one.process.terminate()

    def tidy(self) -> None:
        """Replace workers at rest that hold more memory than they may."""
        for one in self._workers:
            if one.free and one.bytes_held > self.memory:
                self._dismiss(one)

    def rest(self) -> None:
        """Let fresh processes take the place of those that have worked, when nobody is there."""
        for one in self._workers:
            if one.free and one.worked:
                self._dismiss(one)

    @property
    def bytes_held(self) -> int:
        """Resident memory of all workers [byte]."""
        return sum(one.bytes_held for one in self._workers)

    @property
    def ready(self) -> int:
        """How many workers are ready to answer."""
        return sum(one.ready for one in self._workers)

    @property
    def pids(self) -> Sequence[int]:
        """The processes, for whoever measures them."""
        return [one.process.pid for one in self._workers]

    def close(self) -> None:
        """End the processes and remove every visitor's folder."""
        self._closing = True
        for one in self._workers:
            one.process.terminate()
        until = time.monotonic() + GRACE_SECONDS
        for one in self._workers:
            one.process.join(max(until - time.monotonic(), 0.1))
            if one.process.is_alive():
                one.process.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
