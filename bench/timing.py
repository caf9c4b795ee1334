"""Timings against a floor beside them: in processor time, which other work on the machine lengthens least.

Where work is shared by two processes, the clock tells what somebody waits for.
"""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from resource import RUSAGE_CHILDREN, getrusage
from statistics import median


def one_cell(source: str) -> str:
    """A notebook of one cell, whose tag lets papermill put parameters behind it; as text."""
    cell = {"cell_type": "code", "execution_count": None, "id": "one", "metadata": {"tags": ["parameters"]},
            "outputs": [], "source": source}  # fmt: skip
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    whole = {"cells": [cell], "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole)


@dataclass(frozen=True)
class Compared:
    """Work and its floor, timed in turn: the medians of each [s], and of the pairs' ratios."""

    work_s: float
    floor_s: float
    ratio: float


def spent(work: Callable[[], object]) -> float:
    """Processor time of this process for ``work`` [s]."""
    start = time.process_time()
    work()
    return time.process_time() - start


def spent_by(command: Sequence[str]) -> float:
    """Processor time of a command, of what it starts too, once that is waited for [s]."""

    def used() -> float:
        now = getrusage(RUSAGE_CHILDREN)
        return now.ru_utime + now.ru_stime

    before = used()
    subprocess.run(command, check=True, capture_output=True)
    return used() - before


def waited_for(command: Sequence[str]) -> float:
    """What somebody waits for a command, by the clock [s]."""
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - start


def compared(work: Callable[[], float], floor: Callable[[], float], pairs: int) -> Compared:
    """Times work and floor in turn; a first pair warms up."""
    taken = [(work(), floor()) for _ in range(pairs + 1)][1:]
    return Compared(
        median(mine for mine, _ in taken),
        median(least for _, least in taken),
        median(mine / least for mine, least in taken),
    )
