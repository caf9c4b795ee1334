"""The web app under thirty visitors: first screen, answer to a change, memory, and its return.

Each visitor opens the app and walks the five steps: looks at a step, thinks, changes an input, thinks
again, while flips are sought behind. Each names their scenario; every answer is searched for the name of
anybody else. The echo is a call through the same server that works nothing out. A crawler asks for pages
before they come. What does not hold is told at the end, and in the exit status. Traffic goes to this machine
alone.

Run: python -m bench.app [VISITORS] [--quick]
"""

from __future__ import annotations

import asyncio
import random
import re
import sys
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles

import httpx
import psutil

from bench.serving import ends_in_order, served

STEPS = {
    "foundation_model": "workload.output_tokens",
    "improvement": "knowledge.context_tokens_added",
    "deployment": "workload.requests_per_day",
    "data_storage": "knowledge.documents",
    "operations": "operations.evaluation_samples",
}
THINK_S = (3.0, 9.0)
ARRIVAL_S = 1.0  # all come within this time
CRAWLED = 500
RETURN_S = 120
PATIENCE_S = 600.0
NAME = "Scenario of visitor {}."
NAMED = re.compile(r"Scenario of visitor (\d+)\.")
MOST = {"first screen": 5.0, "answer": 1.0}  # seconds, of 95 in 100
IDLE_MB, TOTAL_MB = 60.0, 6_000.0
RETURNED = 1.2  # memory when all have left, as a multiple of what it was before they came


def memory(process):
    """PSS of the server and its workers [MB]: shared pages are counted once."""
    family = [psutil.Process(process.pid)]
    family += family[0].children(recursive=True)
    return sum(one.memory_full_info().pss for one in family if one.is_running()) / 1e6


def worked(process):
    """Processor time of the server and its workers so far [s]: what it costs, however busy the machine is."""
    family = [psutil.Process(process.pid)]
    family += family[0].children(recursive=True)
    return sum(sum(one.cpu_times()[:4]) for one in family)  # of those that have ended, too


class Visit:
    def __init__(self, address, number, notes):
        self.number, self.notes = number, notes
        self.random = random.Random(number)  # noqa: S311  how long somebody thinks
        self.client = httpx.AsyncClient(base_url=address, timeout=PATIENCE_S)
        self.behind = None
        self.seen = set()  # whose scenarios were shown here

    async def timed(self, kind, asking):
        start = time.perf_counter()
        found = await asking
        self.notes.setdefault(kind, []).append(time.perf_counter() - start)
        found.raise_for_status()
        self.seen |= {int(number) for number in NAMED.findall(found.text)}
        return found

    async def post(self, kind, path, given=None):
        return await self.timed(
            kind, self.client.post(path, json=given or {}, headers={"X-XSRFToken": self.token})
        )

    async def think(self):
        await asyncio.sleep(self.random.uniform(*THINK_S))

    async def enter(self):
        await asyncio.sleep(self.random.uniform(0, ARRIVAL_S))
        page = (await self.timed("first screen", self.client.get(""))).text
        assert "<h1>" in page
        self.token = re.search(r'name="xsrf" content="([^"]+)"', page)[1]
        assert (await self.post("enter", "session")).json()["there"]

    async def name(self):
        values = {"path": "name", "value": NAME.format(self.number)}
        await self.post("naming", "act", {"page": "log", "do": "set", "values": values})

    async def walk(self):
        await self.name()
        for place, (page, path) in enumerate(STEPS.items()):
            await self.post("next step", "show", {"page": page})
            await self.think()
            await self.change(page, path, 200 + 10 * self.number + place)
            await self.post("echo", "session")
            await self.think()
        await self.stop()

    async def change(self, page, path, value):
        await self.stop()
        asked = {"page": page, "do": "set", "values": {"path": path, "value": str(value)}}
        found = (await self.post("answer", "act", asked)).json()
        assert f'value="{value:,}"' in found["parts"]["inputs"], (path, value)  # one's own, not another's
        self.behind = asyncio.ensure_future(self.flips(page))

    async def flips(self, page):
        await self.post("survey", "show", {"page": page, "kind": "survey"})
        await self.post("flips", "show", {"page": page, "kind": "flips"})

    async def stop(self):
        if self.behind is not None:
            self.behind.cancel()
            await asyncio.gather(self.behind, return_exceptions=True)

    async def leave(self):
        await self.client.post("leave", headers={"X-XSRFToken": self.token})
        await self.client.aclose()


def told(label, found):
    cuts = quantiles(found, n=20, method="inclusive") if len(found) > 1 else found * 19
    print(f"{label:<34}{median(found) * 1000:>8.0f} ms{cuts[18] * 1000:>8.0f} ms{len(found):>7}")
    return median(found), cuts[18]


async def crawl(address, process):
    async with httpx.AsyncClient(base_url=address, timeout=PATIENCE_S) as client:
        await asyncio.sleep(0)
        before = len(psutil.Process(process.pid).children(recursive=True))
        start = time.perf_counter()
        for path in ("", "healthz"):
            for _ in range(CRAWLED // 20):
                await asyncio.gather(*(client.get(path) for _ in range(20)))
        took = time.perf_counter() - start
        state = (await client.get("healthz")).json()
    after = len(psutil.Process(process.pid).children(recursive=True))
    print(f"{2 * CRAWLED} GETs of / and /healthz in {took:.1f} s: {after - before} processes and "
          f"{state['sessions']} sessions started")  # fmt: skip
    return {"a crawler starts no process and no session": after <= before and not state["sessions"]}


async def alone(address, process):
    notes = {}
    visit = Visit(address, 1, notes)
    await visit.enter()
    cost = []
    for run in range(8):
        await visit.post("echo", "session")
        before = worked(process)
        await visit.change("deployment", STEPS["deployment"], 40_000 + run)
        cost.append(worked(process) - before)
        await visit.stop()
    await visit.leave()
    answer, _ = told("alone: change to answer", notes["answer"][1:])
    echo, _ = told("alone: echo", notes["echo"])
    print(f"{'alone: processor time an answer':<34}{median(cost) * 1000:>8.0f} ms")
    print(f"{'':<34}{answer / echo:>8.1f}× the echo, {(answer - 1.5 * echo) * 1000:.0f} ms beyond 1.5 echoes")


async def crowd(address, process, visitors, quick):
    rest = memory(process)
    notes = {}
    there = [Visit(address, number, notes) for number in range(visitors)]
    await asyncio.gather(*(visit.enter() for visit in there))
    idle = memory(process)
    print(f"{'memory at rest':<34}{rest:>8.0f} MB")
    print(f"{f'memory, {visitors} idle sessions':<34}{idle:>8.0f} MB, {(idle - rest) / visitors:.2f} MB each")
    before, start = worked(process), time.perf_counter()
    await asyncio.gather(*(visit.walk() for visit in there))
    busy = memory(process)
    took, cost = time.perf_counter() - start, worked(process) - before
    print(f"{'five steps each':<34}{took:>8.0f} s, {cost:.0f} s of processor time")
    print(f"{'':<34}{'median':>11}{'p95':>11}{'':>7}")
    holds = {}
    for kind in ("first screen", "next step", "answer", "survey", "echo", "flips", "naming"):
        _, late = told(f"{visitors} visitors: {kind}", notes.get(kind) or [float("nan")])
        if kind in MOST:
            holds[f"{kind}: 95 of 100 within {MOST[kind]:g} s"] = late < MOST[kind]
    holds["nobody sees another's scenario"] = all(visit.seen == {visit.number} for visit in there)
    holds[f"memory of an idle session below {IDLE_MB:g} MB"] = (idle - rest) / visitors < IDLE_MB
    holds[f"memory in all below {TOTAL_MB:g} MB"] = max(idle, busy) < TOTAL_MB
    print(f"{'memory after five steps each':<34}{busy:>8.0f} MB, {busy / visitors:.1f} MB a session in all")
    await asyncio.gather(*(visit.leave() for visit in there))
    if not quick:
        await asyncio.sleep(RETURN_S)
        async with httpx.AsyncClient(base_url=address) as client:
            left = (await client.get("healthz")).json()["sessions"]
        last = memory(process)
        print(f"{f'memory {RETURN_S} s after they left':<34}{last:>8.0f} MB, {left} sessions")
        holds[f"memory back within {RETURN_S} s, to {RETURNED:g} times what it was"] = last < RETURNED * rest
    return holds


def main():
    visitors = next((int(word) for word in sys.argv[1:] if word.isdigit()), 30)
    load = Path("/proc/loadavg").read_text().split()[0] if Path("/proc/loadavg").exists() else "unknown"
    print(f"{visitors} visitors, {psutil.cpu_count()} cores, load of this machine before: {load}")
    ends_in_order()
    command = ["advisor", "app", "--port", "0", "--sessions", str(visitors + 2)]
    with tempfile.TemporaryDirectory() as name, served(command, Path(name)) as (process, address):
        time.sleep(20)  # the opening pages are worked out ahead
        holds = asyncio.run(crawl(address, process))
        asyncio.run(alone(address, process))
        holds |= asyncio.run(crowd(address, process, visitors, "--quick" in sys.argv))
    for what, held in holds.items():
        print(f"{'holds' if held else 'DOES NOT HOLD'}: {what}")
    return 0 if all(holds.values()) else 1


if __name__ == "__main__":
    raise SystemExit(main())
