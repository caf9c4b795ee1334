"""Five decisions with their flips, a changed input decided again, and the commands, as ratios.

Run: python -m bench.decisions [TEMPLATE ...]
Floors are taken in the same run: a plan without flips for decisions, importing pydantic for the check,
a trivial papermill run for the report. The commands are timed in turn with their floor: the check in
processor time, the report by the clock too, as two processes share its flips.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from advisor.catalogue import open_catalogue
from advisor.core.cycle_collection import LASTING, look_seldom
from advisor.scenario import value_at
from advisor.steps import run
from advisor.system.case import Case
from advisor.system.opening import open_case, template
from bench.timing import compared, one_cell, spent_by, waited_for

RUNS = 3
PAIRS = 9  # of a command that is soon over
TEMPLATES = ("contact_centre", "legal_qa")


def seconds(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def fresh(name: str) -> Case:
    """A case that remembers nothing yet."""
    return Case(open_case(template(name)).given, open_catalogue())


def decisions(name: str) -> None:
    plain = median(seconds(lambda: run(fresh(name), flips=False)) for _ in range(RUNS))
    full = median(seconds(lambda: run(fresh(name))) for _ in range(RUNS))
    case = fresh(name)
    run(case)
    volume = value_at(case.given, "workload.output_tokens")
    again = median(
        seconds(lambda factor=factor: run(case.varied({"workload.output_tokens": volume * factor})))
        for factor in (1.01, 1.02, 1.03)
    )
    print(
        f"{name:<22}{plain:>9.2f} s{full:>9.2f} s{full / plain:>8.1f}×{again * 1000:>10.0f} ms"
        f"{again / plain:>8.2f}×"
    )


def commands(name: str) -> None:
    """What the commands take as such, and beside a floor taken in turn."""
    path, python = str(template(name)), sys.executable
    check = compared(
        lambda: spent_by([python, "-m", "advisor", "check", path]),
        lambda: spent_by([python, "-c", "import pydantic"]),
        PAIRS,
    )
    print(
        f"advisor check {name}: {check.work_s:.2f} s of processor time, {check.ratio:.1f}× `import pydantic`"
    )
    with tempfile.TemporaryDirectory() as folder:
        notebook = Path(folder) / "one.ipynb"
        notebook.write_text(one_cell("print(1)"))
        trivial = [python, "-m", "papermill", str(notebook), f"{folder}/out.ipynb"]
        asked = [python, "-m", "advisor", "report", path, "-o", folder, "--format", "html"]
        for meter, told in ((waited_for, "s"), (spent_by, "s of processor time")):
            report = compared(partial(meter, asked), partial(meter, trivial), RUNS)
            print(
                f"advisor report {name} --format html: {report.work_s:.2f} {told}, "
                f"{report.ratio:.2f}× a trivial papermill run ({report.floor_s:.2f} s)"
            )


def main() -> None:
    names = sys.argv[1:] or TEMPLATES
    look_seldom(LASTING)  # as every way in does
    open_catalogue()
    print(f"{'template':<22}{'no flips':>11}{'with flips':>11}{'ratio':>9}{'one changed':>13}{'ratio':>9}")
    for name in names:
        decisions(name)
    commands(names[0])


if __name__ == "__main__":
    main()
