"""Places, the line, and the end of sessions, by a clock that is set by hand."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from advisor.serve.state import Applied, Change, Outcome, Refused, State
from advisor.serve.visitors import (
    IMPATIENT_SECONDS,
    KEPT,
    LEFT_SECONDS,
    LINE_SECONDS,
    SILENT_SECONDS,
    UNCHANGED,
    Visitor,
    Visitors,
)

IDLE = 3600.0


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


class NoPool:
    """Starts nothing, and fails where something would be started."""

    def give_up(self, job):
        raise AssertionError(job)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def visitors(clock):
    return Visitors(NoPool(), State("name: x"), 2, IDLE, clock)


def enter(visitors, ticket=None):
    token, _ = visitors.enter(ticket)
    return token


def test_each_gets_a_token_nobody_can_guess_and_a_state_of_their_own(visitors):
    one, two = enter(visitors), enter(visitors)
    assert one != two
    assert len(one) >= 43
    assert visitors.find(one) is not visitors.find(two)
    assert visitors.find("") is None
    assert visitors.find(None) is None
    assert visitors.find(one[:-1]) is None


def test_those_who_find_it_full_wait_in_the_order_they_came(visitors, clock):
    first, _ = enter(visitors), enter(visitors)
    assert visitors.enter(None) is None
    ada, place = visitors.wait(None)
    assert place == 1
    ben, place = visitors.wait(None)
    assert place == 2
    assert visitors.full
    visitors.leave(first)
    clock.now += 6
    assert visitors.enter(ben) is None  # a place is free, but Ada came before
    assert visitors.enter(None) is None
    assert visitors.enter(ada) is not None
    assert visitors.wait(ben) == (ben, 1)


def test_a_place_in_line_is_lost_by_who_does_not_ask_for_it(visitors, clock):
    enter(visitors), enter(visitors)
    gone, _ = visitors.wait(None)
    clock.now += LINE_SECONDS - 1
    stays, place = visitors.wait(None)
    assert place == 2
    clock.now += 2
    assert visitors.wait(stays) == (stays, 1)
    assert visitors.wait(gone)[1] == 2  # it begins again at the end


@pytest.mark.parametrize(("seconds", "ended"), [(LEFT_SECONDS - 1, 0), (LEFT_SECONDS + 1, 1)])
def test_a_closed_tab_ends_its_session_after_the_time_of_a_reload(visitors, clock, seconds, ended):
    token = enter(visitors)
    visitors.leave(token)
    clock.now += seconds
    assert visitors.cull() == ended
    assert (visitors.find(token) is None) == bool(ended)


def test_a_tab_that_is_loaded_again_keeps_its_session(visitors, clock):
    token = enter(visitors)
    visitors.leave(token)
    clock.now += LEFT_SECONDS - 1
    assert visitors.find(token)
    clock.now += LEFT_SECONDS
    assert visitors.cull() == 0


def test_silence_and_idleness_end_a_session(visitors, clock):
    token = enter(visitors)
    while clock.now < 1000 + IDLE:  # the page is open and calls, but nobody is at it
        clock.now += SILENT_SECONDS - 1
        visitors.find(token)
        visitors.cull()
    assert visitors.find(token) is None
    other = enter(visitors)
    clock.now += SILENT_SECONDS + 1
    assert visitors.cull() == 1
    assert visitors.find(other) is None


def test_the_longest_at_rest_makes_room_for_those_in_line_or_when_memory_is_short(visitors, clock):
    rests, acts = enter(visitors), enter(visitors)
    for _ in range(3):
        clock.now += IMPATIENT_SECONDS / 2.5
        for token in (rests, acts):
            visitors.find(token)
        visitors.find(acts).acted = clock.now
        visitors.wait(None) if clock.now < 1500 else None
    assert visitors.cull(short_of_memory=True) == 1
    assert visitors.find(rests) is None
    assert visitors.find(acts) is not None
    assert visitors.cull(short_of_memory=True) == 0  # who is at work is never ended for others


def test_a_session_that_ends_forgets_its_scenario(visitors, clock):
    token = enter(visitors)
    visitor = visitors.find(token)
    visitor.past.append((State("name: before"), "a change"))
    visitor.log = "a profile"
    visitors.leave(token)
    clock.now += LEFT_SECONDS + 1
    visitors.cull()
    assert visitor.ended
    assert not visitor.past
    assert not visitor.log
    assert visitors.emptied == clock.now


class ByHand:
    """Takes jobs and ends them when it is told to."""

    def submit(self, rank, task, told, home):
        self.task, self.told = task, told
        self.done = asyncio.get_running_loop().create_future()
        return self

    def give_up(self, job):
        pass


@pytest.mark.parametrize("made", [True, False])
def test_a_worker_that_fails_leaves_no_change_unexplained(made):
    """Two changes are taken up together; the worker fails after making them, or before."""

    async def both():
        pool = ByHand()
        visitor = Visitor(pool, State("name: x"), 0.0, 0)
        asked = [asyncio.ensure_future(visitor.change(Change("set"), "plan")) for _ in range(2)]
        await asyncio.sleep(0)
        changes = pool.task().changes
        if made:
            outcomes = (Outcome(State(f"name: {n}"), f"made {n}") for n, _ in enumerate(changes))
            pool.told(Applied(tuple(outcomes)))
        pool.done.set_result(Refused("It failed."))
        return visitor, await asyncio.gather(*asked)

    with ThreadPoolExecutor(1) as thread:  # a browser of another test may keep this one's loop
        visitor, (first, last) = thread.submit(lambda: asyncio.run(both())).result()
    assert last.refused == f"It failed. {KEPT if made else UNCHANGED}"
    assert visitor.state.text == ("name: 1" if made else "name: x")
    assert first.overtaken == made
    assert bool(first.refused) == (not made)
