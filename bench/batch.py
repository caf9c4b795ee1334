"""A folder of varied scenarios reported in one process: time a report, and whether memory grows with them.

The floor is a trivial notebook run by papermill in a process that has imported it, on the same machine: what
a pipeline pays for a report that says nothing. Memory is that of the process after a fifth of the reports and
at the end.

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
GROWN = 1.5  # memory at the end, as a multiple of what it was after a fifth


def written(folder, count):
    """``count`` scenarios as files, with the files they name."""
    for seed in range(count):
        scenario = varied_scenario(seed)
        for _, name in named_files(plain(scenario)):
            shutil.copy(DATA / "scenarios" / name, folder / name)
        (folder / f"s{seed:04}.yaml").write_text(scenario_yaml(scenario), encoding="utf-8")


def trivial(folder):
    """Seconds of a papermill run of a notebook that prints one number; the median of a few."""
    import papermill

    source, took = folder / "trivial.ipynb", []
    source.write_text(one_cell("number = 1\nprint(number)"))
    for number in range(FLOORS):
        start = time.perf_counter()
        papermill.execute_notebook(str(source), None, {"number": number}, progress_bar=False)
        took.append(time.perf_counter() - start)
    return median(took)


def main():
    count = next((int(word) for word in sys.argv[1:] if word.isdigit()), SCENARIOS)
    process, told, memory = psutil.Process(), [time.perf_counter()], []

    def say(line):
        print(line, file=sys.stderr, flush=True)
        told.append(time.perf_counter())
        memory.append(process.memory_info().rss / 1e6)

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "scenarios").mkdir()
        floor = trivial(folder)
        written(folder / "scenarios", count)
        told[0] = start = time.perf_counter()
        made = write_batch(folder / "scenarios", folder / "reports", None, FORMATS, say)
        whole = time.perf_counter() - start
        size = sum(path.stat().st_size for path in made) / 1e6
        summary = (folder / "reports" / SUMMARY).read_text(encoding="utf-8")
    each = [later - earlier for earlier, later in pairwise(told)]
    early = memory[max(len(memory) // WARM - 1, 0)]
    print(f"{count} scenarios, load {os.getloadavg()[0]:.1f}; a trivial papermill run takes {floor:.2f} s")
    print(
        f"in all {whole:.0f} s, {whole / count:.2f} s a report: {whole / count / floor:.1f}× the trivial run"
    )
    print(f"a report: median {median(each):.2f} s, slowest {max(each):.2f} s")
    print(f"{len(made)} files, {size:.0f} MB")
    print(f"memory {early:.0f} MB after a fifth, {memory[-1]:.0f} MB at the end")
    holds = {
        "every scenario has a report and a line in the summary": summary.count("<tr>") >= count,
        f"memory at the end within {GROWN:g} times that after a fifth": memory[-1] < GROWN * early,
    }
    for what, held in holds.items():
        print(f"{'holds' if held else 'DOES NOT HOLD'}: {what}")
    return 0 if all(holds.values()) else 1


if __name__ == "__main__":
    raise SystemExit(main())
