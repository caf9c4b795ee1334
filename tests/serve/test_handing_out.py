"""Which worker takes a job, and what gives way to an answer. The workers are stand-ins that only note."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from advisor.serve import workers
from advisor.serve.state import Done, Overtaken, State, Task
from advisor.serve.workers import Pool, Rank, Worker


class Pipe:
    def __init__(self):
        self.sent = []

    def send(self, message):
        self.sent.append(message)


def at_work(script):
    """Run a script on a pool of two workers that are ready."""

    async def run():
        pool = Pool(2, 100)
        pool._workers = [Worker(None, Pipe(), "", ready=True) for _ in range(2)]
        try:
            await script(pool)
        finally:
            pool.folder.rmdir()

    with ThreadPoolExecutor(1) as thread:  # a browser of another test may keep this one's loop
        thread.submit(lambda: asyncio.run(run())).result()


def ask(pool, rank, home):
    return pool.submit(rank, lambda: Task("view", State("name: x")), home=home)


def stopped(one):
    return [message[1] for message in one.pipe.sent if message[0] == "stop"]


def test_an_answer_goes_to_the_worker_that_knows_its_scenario():
    async def script(pool):
        first, second = pool._workers
        one, two = ask(pool, Rank.ANSWER, 1), ask(pool, Rank.ANSWER, 1)
        assert (first.job, second.job) == (None, one)
        pool._hear(second, one.number, Done())
        assert (first.job, second.job) == (None, two)

    at_work(script)


def test_who_has_waited_goes_to_any_worker(monkeypatch):
    monkeypatch.setattr(workers, "ELSEWHERE_S", 0.01)

    async def script(pool):
        first, second = pool._workers
        one, two = ask(pool, Rank.ANSWER, 1), ask(pool, Rank.ANSWER, 1)
        await asyncio.sleep(0.1)
        assert (first.job, second.job) == (two, one)

    at_work(script)


def test_who_has_no_home_goes_to_the_first_that_is_free():
    async def script(pool):
        jobs = [ask(pool, Rank.ANSWER, None) for _ in range(2)]
        assert [one.job for one in pool._workers] == jobs

    at_work(script)


@pytest.mark.parametrize(("rank", "gives_way"), [(Rank.FLIPS, True), (Rank.FILE, True), (Rank.PART, False)])
def test_slow_work_where_an_answer_waits_gives_way_and_starts_again(rank, gives_way):
    async def script(pool):
        first, second = pool._workers
        elsewhere, here = ask(pool, Rank.FLIPS, 0), ask(pool, rank, 1)
        answer = ask(pool, Rank.ANSWER, 1)
        assert stopped(first) == []
        assert stopped(second) == ([here.number] if gives_way else [])
        pool._hear(second, here.number, Overtaken() if gives_way else Done())
        assert second.job is answer
        pool._hear(second, answer.number, Done())
        assert second.job is (here if gives_way else None)
        assert here.done.done() is not gives_way
        assert first.job is elsewhere

    at_work(script)


def test_one_worker_is_stopped_for_each_answer_that_waits():
    async def script(pool):
        first, second = pool._workers
        slow = [ask(pool, Rank.FLIPS, place) for place in range(2)]
        ask(pool, Rank.ANSWER, None)
        ask(pool, Rank.ANSWER, 1)
        assert stopped(first) + stopped(second) == [job.number for job in slow]

    at_work(script)


def test_work_that_was_interrupted_for_long_comes_to_its_end(monkeypatch):
    monkeypatch.setattr(workers, "INTERRUPTED_S", 0.0)

    async def script(pool):
        ask(pool, Rank.FLIPS, 1)
        ask(pool, Rank.ANSWER, 1)
        assert stopped(pool._workers[1]) == []

    at_work(script)
