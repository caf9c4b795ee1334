"""Who is there: one session a visitor, in memory, with an end; a line for those who must wait.

A session holds its scenario as text and what it was before. Nothing of it is written to a place
that another session reads. It ends when its tab closes, after an idle time, or when memory is short.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from advisor.core.saying import ENGLISH, say
from advisor.serve.state import (
    Applied,
    Change,
    Complaint,
    Done,
    File,
    Message,
    Overtaken,
    Parts,
    Refused,
    State,
    Task,
)
from advisor.serve.workers import Job, Pool, Rank

UNDO_STEPS = 50
RELOAD_SECONDS = 5.0  # after which a session whose tab closed makes room, where others wait
LEFT_SECONDS = 75.0  # a tab that closed may be a page that is loaded again; hidden tabs call once a minute
SILENT_SECONDS = 300.0  # an open page calls more often than this
IMPATIENT_SECONDS = 600.0  # idle time after which a session makes room for those in line
LINE_SECONDS = 20.0  # a place in line is kept this long without a call
MOST_IN_LINE = 1000
MOST_WAITING = 50  # changes of one visitor that are not yet taken up
UNCHANGED, KEPT = say("Nothing has changed."), say("Your change is kept; Undo takes it back.")

Clock = Callable[[], float]


@dataclass(slots=True)
class Answer:
    """What comes back of a request: outcome, pieces of the page, a file, or that a later one went before."""

    parts: dict[str, str] = field(default_factory=dict)
    said: str = ""
    refused: str = ""
    complaints: tuple[Complaint, ...] = ()
    file: File | None = None
    overtaken: bool = False
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Asked:
    """A change on its way and who waits for its answer."""

    change: Change
    page: str
    answer: asyncio.Future[Answer]


class Visitor:
    """One session: a scenario, its history, and the work under way for it."""

    language = ENGLISH.key  # what its answers are told in, no part of its scenario

    def __init__(self, pool: Pool, state: State, now: float, home: int) -> None:
        self.pool, self.state, self.home = pool, state, home
        self.past: deque[tuple[State, str]] = deque(maxlen=UNDO_STEPS)
        self.future: list[tuple[State, str]] = []
        self.seen = self.acted = now
        self.left: float | None = None
        self.ended = False
        self.log = ""  # a profile that was read and may be used
        self._asked: list[Asked] = []
        self._answering: Job | None = None
        self._applied = False
        self._parts: set[Job] = set()

    # changes: one at a time, and a later one overtakes the answer of an earlier one

    async def change(self, change: Change, page: str) -> Answer:
        """Make a change and give the page's answer, or that a later change went before."""
        if len(self._asked) >= MOST_WAITING:
            return Answer(refused=say("Too many changes at once; the last one was not taken."))
        asked = Asked(change, page, asyncio.get_running_loop().create_future())
        self._asked.append(asked)
        if self._answering is None:
            self._answer()
        elif self._applied:
            self.pool.give_up(self._answering)
        return await asked.answer

    def _answer(self) -> None:
        """Hand in the next answer; the changes it makes are settled when a worker takes it up."""
        taken: list[Asked] = []
        answer = Answer()
        self._applied = False

        def task() -> Task | None:
            if not taken:  # the second time, if it was interrupted, its changes are made already
                taken.extend(self._asked)
                self._asked.clear()
                changes = tuple(one.change for one in taken)
            else:
                changes = ()
            return Task("view", self.state, changes, {"page": taken[-1].page}, self.language)

        def told(message: Message) -> None:
            if isinstance(message, Applied):
                self._apply(message, taken, answer)
            elif isinstance(message, Parts):
                answer.parts.update(message.html)

        job = self._answering = self.pool.submit(Rank.ANSWER, task, told, self.home)
        job.done.add_done_callback(lambda done: self._answered(done.result(), taken, answer))

    def _apply(self, message: Applied, taken: list[Asked], answer: Answer) -> None:
        for asked, outcome in zip(taken, message.outcomes, strict=True):
            if outcome.state is not None:
                self._go(outcome.state, outcome.said)
                answer.said = outcome.said
            elif asked is taken[-1]:
                answer.refused, answer.complaints = outcome.said, outcome.complaints
            elif not asked.answer.done():
                asked.answer.set_result(
                    Answer(overtaken=True, refused=outcome.said, complaints=outcome.complaints)
                )
        self._applied = True
        if self._asked and self._answering is not None:
            self.pool.give_up(self._answering)

    def _go(self, state: State, said: str) -> None:
        if replace(state, milestones=self.state.milestones) == self.state:
            self.state = state  # nothing but the milestones, which no step back takes away
            return
        self.past.append((self.state, said))
        self.future.clear()
        self._stand(state)

    def _stand(self, state: State) -> None:
        self.state = state
        self._drop_parts()

    def _drop_parts(self) -> None:
        for job in tuple(self._parts):
            self.pool.give_up(job)

    def _answered(self, last: Message, taken: list[Asked], answer: Answer) -> None:
        self._answering = None
        if isinstance(last, Refused):
            answer.refused = say("{said} {kept}", said=last.said, kept=KEPT if answer.said else UNCHANGED)
            answer.complaints = last.complaints
        for asked in taken:
            if asked.answer.done():
                continue
            newest = asked is taken[-1] and not isinstance(last, Overtaken)
            if newest or (answer.refused and not self._applied):  # a change that was not made is told to each
                asked.answer.set_result(answer)
            else:
                asked.answer.set_result(Answer(overtaken=True, said=answer.said))
        if self._asked:
            self._answer()

    async def back(self, steps: int) -> bool:
        """Undo one change (-1) or make it again (1); false where there is none."""
        await self._changes_made()
        kept, other = (self.past, self.future) if steps < 0 else (self.future, self.past)
        if not kept:
            return False
        if self._answering is not None:
            self.pool.give_up(self._answering)
        state, said = kept.pop()
        other.append((self.state, said))
        self._stand(replace(state, milestones=self.state.milestones))
        return True

    async def _changes_made(self) -> None:
        while self._answering is not None and (not self._applied or self._asked):
            await asyncio.wait([self._answering.done], timeout=0.05)

    async def speak(self, language: str) -> None:
        """Tell everything in another language from now on, once the changes on their way are made."""
        self.language = language
        self._drop_parts()
        await self._changes_made()

    # whatever is only shown

    async def show(
        self, kind: str, rank: Rank, values: Mapping[str, Any], state: State | None = None
    ) -> Answer:
        """Work out a part of a page or a file from the scenario as it stands."""
        answer = Answer()
        task = Task(kind, state or self.state, (), values, self.language)

        def told(message: Message) -> None:
            if isinstance(message, Parts):
                answer.parts.update(message.html)
            elif isinstance(message, File):
                answer.file = message

        job = self.pool.submit(rank, lambda: task, told, self.home)
        if rank in (Rank.PART, Rank.SURVEY, Rank.FLIPS):
            self._parts.add(job)
        try:
            last = await asyncio.shield(job.done)
        except asyncio.CancelledError:
            self.pool.give_up(job)
            raise
        finally:
            self._parts.discard(job)
        if isinstance(last, Refused):
            answer.refused, answer.complaints = last.said, last.complaints
        answer.overtaken = isinstance(last, Overtaken)
        if isinstance(last, Done):
            answer.values = last.values
        return answer

    def end(self) -> None:
        """Give up all work and forget the scenario."""
        self.ended = True
        for job in (*self._parts, *([self._answering] if self._answering else [])):
            self.pool.give_up(job)
        self.past.clear()
        self.future.clear()
        self.log = ""


class Visitors:
    """At most ``most`` sessions; the rest wait in line in the order they came."""

    def __init__(
        self, pool: Pool, first: State, most: int, idle_s: float, clock: Clock = time.monotonic
    ) -> None:
        self.pool, self.first, self.most, self.idle_s, self.clock = pool, first, most, idle_s, clock
        self._there: dict[str, Visitor] = {}
        self._line: OrderedDict[str, float] = OrderedDict()
        self._homes = 0
        self.emptied: float | None = None  # since when nobody is there any more

    def find(self, token: str | None) -> Visitor | None:
        """The session of a token, noted as seen; None for a stranger."""
        visitor = self._there.get(token or "")
        if visitor is not None:
            visitor.seen, visitor.left = self.clock(), None
        return visitor

    @property
    def full(self) -> bool:
        """Whether a newcomer has to wait."""
        left = sum(visitor.left is not None for visitor in self._there.values())
        return len(self._there) - left + len(self._waiting()) >= self.most

    def enter(self, ticket: str | None) -> tuple[str, Visitor] | None:
        """A new session and its token, when one is free for this ticket; None where there is a line."""
        ahead = self._waiting()
        place = ahead.index(ticket) if ticket in ahead else len(ahead)
        if len(self._there) + place >= self.most:
            self._make_room()
        if len(self._there) + place >= self.most:
            return None
        if ticket is not None:
            self._line.pop(ticket, None)
        token = secrets.token_urlsafe(32)
        self._homes += 1
        visitor = self._there[token] = Visitor(self.pool, self.first, self.clock(), self._homes)
        self.emptied = None
        return token, visitor

    def wait(self, ticket: str | None) -> tuple[str, int] | None:
        """A place in line, from 1, kept while it is asked for; None where the line is too long."""
        ahead = self._waiting()
        if ticket not in ahead:
            if len(ahead) >= MOST_IN_LINE:
                return None
            ticket = secrets.token_urlsafe(16)
            ahead.append(ticket)
        assert ticket is not None  # noqa: S101  given or made above
        self._line[ticket] = self.clock()
        return ticket, ahead.index(ticket) + 1

    def _waiting(self) -> list[str]:
        now = self.clock()
        for ticket, seen in tuple(self._line.items()):
            if now - seen > LINE_SECONDS:
                del self._line[ticket]
        return list(self._line)

    def _make_room(self) -> None:
        """End the sessions whose tab has closed and was not loaded again."""
        now = self.clock()
        for token, visitor in tuple(self._there.items()):
            if visitor.left is not None and now - visitor.left > RELOAD_SECONDS:
                self._there.pop(token).end()

    def leave(self, token: str | None) -> None:
        """A tab of this session closed; it ends unless a page calls again soon."""
        visitor = self._there.get(token or "")
        if visitor is not None:
            visitor.left = self.clock()

    def cull(self, short_of_memory: bool = False) -> int:
        """End the sessions that are over. Returns how many ended."""
        now = self.clock()
        over = [
            token
            for token, visitor in self._there.items()
            if (visitor.left is not None and now - visitor.left > LEFT_SECONDS)
            or now - visitor.seen > SILENT_SECONDS
            or now - visitor.acted > self.idle_s
        ]
        resting = sorted(
            (
                token
                for token in self._there
                if token not in over and now - self._there[token].acted > IMPATIENT_SECONDS
            ),
            key=lambda token: self._there[token].acted,
        )
        wanted = 1 if short_of_memory else len(self._waiting())
        over += resting[:wanted]
        for token in over:
            self._there.pop(token).end()
        if over and not self._there:
            self.emptied = now
        return len(over)

    def end(self) -> None:
        """End every session."""
        for visitor in self._there.values():
            visitor.end()
        self._there.clear()

    def __len__(self) -> int:
        return len(self._there)

    @property
    def in_line(self) -> int:
        """How many wait."""
        return len(self._waiting())
