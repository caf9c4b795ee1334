"""Reports of every scenario in a folder, in one process, with a page that puts them side by side."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

from advisor.catalogue import translations
from advisor.core.errors import AdvisorError, Fault
from advisor.core.saving import write_atomic
from advisor.core.saying import ENGLISH, say, speaking
from advisor.decide.option import Decision
from advisor.outputs import in_folder
from advisor.outputs.report import Pages, Tell, contents, document
from advisor.scenario.attached import named_files
from advisor.scenario.io import plain
from advisor.steps import check_today, final_option, taken
from advisor.system.case import Case
from advisor.system.opening import open_case
from advisor.view import tables
from advisor.view.faces import style
from advisor.view.html import tag, text
from advisor.view.plan import no_answer
from advisor.view.texts import CARDS, STEP_TITLES

SUMMARY = "index.html"
KINDS = (".yaml", ".yml")
SHOWN = ("carbon", "water", "cost")


def write_batch(
    folder: Path,
    out: Path,
    values: Mapping[str, Any] | None,
    formats: Sequence[str],
    tell: Tell,
    language: str = ENGLISH.key,
) -> list[Path]:
    """Write the report of every scenario in ``folder`` to a folder of its name in ``out``, and a summary.

    Returns what was written. Raises AdvisorError with the faults of all scenarios before any is planned.
    """
    spoken = translations.language(language)
    cases = opened(folder, values)
    written: list[Path] = []
    rows: list[list[str]] = []
    every, begun = len(cases), time.monotonic()
    for number, name in enumerate(tuple(cases), start=1):
        pages = Pages(cases.pop(name), language=language)  # what one took is free before the next
        found = contents(pages, formats, "", lambda _: None)
        written += in_folder.write(out / name, pages.case.given.name, dict(sorted(found.items())), formats)
        with speaking(spoken):
            rows.append(_row(name, pages.case, pages.decisions, formats))
        tell(_progress(number, every, name, time.monotonic() - begun))
    with speaking(spoken):
        write_atomic(out / SUMMARY, summary_page(rows))
    return [*written, out / SUMMARY]


def opened(folder: Path, values: Mapping[str, Any] | None = None) -> dict[str, Case]:
    """The scenarios of a folder by name; files that another scenario names are none.

    Raises AdvisorError with every fault of every scenario.
    """
    paths = sorted(path for path in folder.iterdir() if path.suffix in KINDS and path.name[0] != ".")
    cases: dict[str, Case] = {}
    faults: dict[str, list[Fault]] = {}
    named: set[str] = set()
    for path in paths:
        try:
            case = open_case(path, values)
            check_today(case)
        except AdvisorError as error:
            faults[path.name] = [_of_file(path.name, fault) for fault in error.faults] or [
                Fault(path.name, say("a scenario"), error.summary)
            ]
        else:
            cases[path.stem] = case
            named.update(file for _, file in named_files(plain(case.given)))
    told = [fault for name, found in faults.items() if name not in named for fault in found]
    if told:
        bad, every = len(set(faults) - named), len(paths) - len(named)
        raise AdvisorError(say("{bad} of {every} scenarios have faults.", bad=bad, every=every), told)
    if not cases:
        none = Fault(str(folder), say("scenarios (.yaml)"), say("none"))
        raise AdvisorError(say("There is nothing to report on."), [none])
    return cases


def _of_file(name: str, fault: Fault) -> Fault:
    return replace(fault, where=say("{name}: {where}", name=name, where=fault.where))


def _progress(number: int, every: int, name: str, seconds: float) -> str:
    left = seconds / number * (every - number)
    said = f"about {max(round(left / 60), 1)} min left" if left >= 60 else f"{left:.0f} s left"
    return f"{number} of {every}: {name}" + (f", {said}" if number < every else "")


def _row(name: str, case: Case, decisions: Sequence[Decision], formats: Sequence[str]) -> list[str]:
    plan = final_option(case, decisions)
    title = text(case.given.name)
    file = "report.html" if "html" in formats else "plan.json" if "json" in formats else ""
    first = tag("a", title, href=f"{quote(name)}/{file}") if file else title
    options = [taken(case, decision) for decision in decisions]
    answers = [
        text(option.title if option else no_answer(decision))
        for option, decision in zip(options, decisions, strict=True)
    ]
    figures = [tables.interval(plan.year[one], CARDS[one][1]) if plan else "" for one in SHOWN]
    return [first, *answers, *figures]


def summary_page(rows: Sequence[Sequence[str]]) -> str:
    """One row a scenario: its five answers and what its plan takes, with a link to its report."""
    columns = (
        say("Scenario"),
        *STEP_TITLES.values(),
        *(say("{indicator} a year", indicator=CARDS[name][0]) for name in SHOWN),
    )
    note = say("Central figures over their 80 % intervals.")
    body = tables.grid(say("{count} scenarios side by side", count=len(rows)), columns, rows, note)
    title = say("All scenarios")
    article = tag("article", tag("h2", title), body, class_="adv", aria_label=title)
    return document(style() + tag("section", article, id="page-all"), title, {"all": title})
