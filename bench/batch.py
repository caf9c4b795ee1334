"""A folder of varied scenarios reported in one process: time a report, and whether memory grows with them.

The floor is a trivial notebook run by papermill in a process that has imported it, on the same machine: what
a pipeline pays for a report that says nothing. Both are told in processor time too, which other work on the
machine lengthens least. Memory is that of the process after a fifth of the reports and at the end.

Run: python -m bench.batch [SCENARIOS]
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from statistics import median

import psutil

from advisor.catalogue import DATA
from advisor.outputs.batch import SUMMARY, write_batch
from advisor.scenario import scenario_yaml
from advisor.scenario.attached import named_files
from advisor.scenario.io import plain
from bench.timing import one_cell
from bench.varied import varied_scenario

SCENARIOS = 200
FORMATS = ("html", "md", "json")
WARM, FLOORS = 5, 3  # a fifth of the reports, and runs of the trivial notebook
MANY = 25  # scenarios from which a fifth has warmed everything up
GROWN = 1.5  # memory at the end, as a multiple of what it was after a fifth


def written(folder, count):
    """``count`` scenarios as files, with the files they name."""
    for seed in range(count):
        scenario = varied_scenario(seed)
        for _, name in named_files(plain(scenario)):
            shutil.copy(DATA / "scenarios" / name, folder / name)
        (folder / f"s{seed:04}.yaml").write_text(scenario_yaml(scenario), encoding="utf-8")


def used():
    """Seconds so far, on the clock and of this process and of what it started and has ended."""
    children = getrusage(RUSAGE_CHILDREN)
    return time.perf_counter(), time.process_time() + children.ru_utime + children.ru_stime


def between(before, after):
    return tuple(late - early for early, late in zip(before, after, strict=True))


def trivial(folder):
    """What a papermill run of a notebook that prints one number takes, as :func:`used` tells; a median."""
    import papermill

    source, took = folder / "trivial.ipynb", []
    source.write_text(one_cell("number = 1\nprint(number)"))
    for number in range(FLOORS):
        start = used()
        papermill.execute_notebook(str(source), None, {"number": number}, progress_bar=False)
        took.append(between(start, used()))
    return [median(column) for column in zip(*took, strict=True)]


def main():
    count = next((int(word) for word in sys.argv[1:] if word.isdigit()), SCENARIOS)
    process, told, memory = psutil.Process(), [used()], []

    def say(line):
        print(line, file=sys.stderr, flush=True)
        told.append(used())
        memory.append(process.memory_info().rss / 1e6)

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "scenarios").mkdir()
        floor, least = trivial(folder)
        written(folder / "scenarios", count)
        told[0] = start = used()
        made = write_batch(folder / "scenarios", folder / "reports", None, FORMATS, say)
        whole, work = between(start, used())
        size = sum(path.stat().st_size for path in made) / 1e6
        summary = (folder / "reports" / SUMMARY).read_text(encoding="utf-8")
    each = [between(*pair)[1] for pair in pairwise(told)]
    early = memory[max(len(memory) // WARM - 1, 0)]
    print(f"{count} scenarios, load {os.getloadavg()[0]:.1f}")
    print(f"{'':<24}{'clock':>9}{'processor':>12}")
    print(f"{'a trivial papermill run':<24}{floor:>7.2f} s{least:>10.2f} s")
    print(f"{'a report':<24}{whole / count:>7.2f} s{work / count:>10.2f} s")
    print(f"{'':<24}{whole / count / floor:>7.1f}×{work / count / least:>11.1f}×")
    print(f"processor time of a report: median {median(each):.2f} s, most {max(each):.2f} s")
    print(f"{len(made)} files, {size:.0f} MB")
    print(f"memory {early:.0f} MB after a fifth, {memory[-1]:.0f} MB at the end")
    holds = {
        "every scenario has a report and a line in the summary": summary.count("<tr>") >= count,
    }
    if count >= MANY:
        holds[f"memory at the end within {GROWN:g} times that after a fifth"] = memory[-1] < GROWN * early
    for what, held in holds.items():
        print(f"{'holds' if held else 'DOES NOT HOLD'}: {what}")
    return 0 if all(holds.values()) else 1


if __name__ == "__main__":
    raise SystemExit(main())
