"""The static report: a few printed pages that ask no network, and everything else beside them as files.

``notebooks/report.ipynb`` and the format ``full`` show the faces of the live panels instead, in full.

Everything is computed and rendered before the first file is written, and files are written
whole, so a fault leaves nothing half done. The same scenario, seed, language and day give the same bytes.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from advisor.catalogue import translations
from advisor.core.errors import AdvisorError, Fault
from advisor.core.exhibits import Export
from advisor.core.saving import ready, settle
from advisor.core.saying import ENGLISH, language_spoken, say, speaking
from advisor.decide.option import Decision
from advisor.outputs import azure_files, in_folder
from advisor.outputs.documents import documents, to_deploy
from advisor.scenario import STEP_NAMES
from advisor.steps import check_today, run
from advisor.system.case import Case
from advisor.system.opening import open_case
from advisor.view import printed_report
from advisor.view.faces import render, style, styled
from advisor.view.html import Page, tag, text
from advisor.view.plan import render_plan
from advisor.view.texts import STEP_TITLES
from advisor.view.workspace import find

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "msedge")
# a page that may not ask anyone for anything
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
PRINT_SECONDS = 120
PLAN = "plan.json"
BESIDE = {PLAN: "json", "decision-record.md": "md"}
USUAL = ("html", "md", "json", "xlsx", "files")
WORKBOOK, ARCHIVE = "workbook.xlsx", "charts-and-tables.zip"
Tell = Callable[[str], None]
FILES = "application/vnd.advisor.core.files+json"


class Files(dict[str, str]):
    """Files by name that a notebook's output carries without showing them."""

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return {FILES: dict(self), "text/plain": f"<{', '.join(self)}>"}


class Pages:
    """The faces of one scenario in one language, page by page: the plan first, then each decision."""

    def __init__(
        self,
        scenario: str | Path | Case,
        overrides: Mapping[str, Any] | None = None,
        tell: Tell = lambda _: None,
        language: str = ENGLISH.key,
    ) -> None:
        self.language = translations.language(language)
        opened = scenario if isinstance(scenario, Case) else open_case(find(str(scenario)), overrides)
        check_today(opened)
        self.case = opened
        self._tell = tell

    @cached_property
    def decisions(self) -> list[Decision]:
        """The five decisions, flips included."""
        return run(
            self.case, progress=lambda name: self._tell(f"deciding {name.replace('_', ' ')}"), shared=True
        )

    @cached_property
    def _documents(self) -> tuple[Export, ...]:
        decisions = self.decisions
        with speaking(self.language):
            return documents(self.case, decisions)

    def files(self) -> Files:
        """The plan and its record, for whoever runs the notebook."""
        return Files({file.filename: file.content for file in self._documents})

    def to_deploy(self) -> Files:
        """The files that carry the plan out; none where a step has no choice."""
        return Files({file.filename: file.content for file in to_deploy(self.case, self.decisions)})

    def plan(self) -> Page:
        """The whole plan, with the style that all pages share; plan.json lies beside the report."""
        decisions, found = self.decisions, self._documents
        with speaking(self.language):
            return _plan(self.case, decisions, found)

    def step(self, name: str) -> Page:
        """One decision."""
        decision = self.decisions[list[str](STEP_NAMES).index(name)]
        with speaking(self.language):
            return Page(_section(name, render(decision, self.case)))

    def document(self) -> str:
        """The printed report as one page that stands alone."""
        decisions = self.decisions
        with speaking(self.language):
            return report_page(self.case, decisions)

    def in_full(self) -> str:
        """Every face in full on one page, for the screen."""
        faces = "".join([self.plan(), *(self.step(name) for name in STEP_NAMES)])
        with speaking(self.language):
            return document(faces, self.case.given.name, {"plan": say("Plan"), **STEP_TITLES})


def _plan(case: Case, decisions: Sequence[Decision], found: Sequence[Export]) -> Page:
    """The page of the plan with its files; plan.json is large and lies beside the report."""
    small = [file for file in found if file.filename != PLAN]
    return styled(
        _section("plan", render_plan(decisions, case, (*small, *azure_files.files(case, decisions))))
    )


def _section(name: str, content: str) -> str:
    return tag("section", content, id=f"page-{name}")


def write_report(
    scenario: Path,
    folder: Path,
    values: Mapping[str, Any] | None = None,
    formats: Sequence[str] = USUAL,
    tell: Tell = lambda _: None,
    language: str = ENGLISH.key,
) -> list[Path]:
    """Run the five steps of a scenario and write what was asked for, in a language.

    ``formats`` are of html, md, json, xlsx, files, pdf and full. Returns the files written. Raises
    AdvisorError with every fault of the input before anything is written; the files then appear together, and
    what an earlier report left there and this one has not goes (``in_folder``).
    """
    ready(folder)
    settle(folder)
    browser = _browser() if "pdf" in formats else ""
    pages = Pages(scenario, values, tell, language)
    made = dict(sorted(contents(pages, formats, browser, tell).items()))
    return in_folder.write(folder, pages.case.given.name, made, formats)


def contents(pages: Pages, formats: Sequence[str], browser: str, tell: Tell) -> dict[str, str | bytes]:
    """The files of a report by name; ``browser`` prints the PDF where there is one."""
    made: dict[str, str | bytes] = {}
    decisions = pages.decisions
    beside = [name for name, wanted in BESIDE.items() if wanted in formats]
    if beside:
        files = pages.files()
        made = {name: files[name] for name in beside}
    if "files" in formats:
        made |= pages.to_deploy()
    if {"html", "pdf"} & set(formats):
        tell("drawing the report")
        page = pages.document()
        if "html" in formats:
            made["report.html"] = page
        if browser:
            made["report.pdf"] = _printed(page, browser)
    if "full" in formats:
        made["report-in-full.html"] = pages.in_full()
    if "xlsx" in formats:
        from advisor.outputs.workbook import workbook  # slow to import

        tell("writing the workbook")
        with speaking(pages.language):
            made[WORKBOOK] = workbook(pages.case, decisions)
    if "files" in formats:
        from advisor.outputs.files_beside import archive

        tell("drawing charts for slides")
        with speaking(pages.language):
            made[ARCHIVE] = archive(pages.case, decisions)
    return made


def report_page(case: Case, decisions: Sequence[Decision]) -> str:
    """The report as one page, from decisions already taken: no notebook is run."""
    return document(style() + printed_report.pages(decisions, case), case.given.name, printed_report.titles())


def document(body: str, title: str, pages: Mapping[str, str]) -> str:
    """A page that stands alone; ``pages`` are its sections by name."""
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    )
    titled = tag("title", say("{title}: a sustainable generative-AI plan", title=title))
    links = (tag("a", text(label), href=f"#page-{name}") for name, label in pages.items())
    navigation = tag("nav", *links, aria_label=say("Pages"))
    top = tag("h1", text(title), class_="adv-unseen")
    return (
        f'<!DOCTYPE html>\n<html lang="{language_spoken().key}"><head>{head}{titled}</head>'
        f'<body class="adv-page">{navigation}{tag("main", top, body)}</body></html>\n'
    )


def _browser() -> str:
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        wanted = say("one of {browsers} on the path", browsers=", ".join(BROWSERS))
        fault = Fault("--format pdf", wanted, say("none"))
        raise AdvisorError(say("A PDF needs a browser to print it."), [fault])
    return found


def _printed(page: str, browser: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "report.html", Path(folder) / "report.pdf"
        source.write_text(page, encoding="utf-8")
        command = [
            browser, "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer",
            f"--user-data-dir={folder}/profile", f"--print-to-pdf={target}", source.as_uri(),
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, check=False, timeout=PRINT_SECONDS)  # noqa: S603
        if done.returncode != 0 or not target.is_file():
            said = done.stderr.decode(errors="replace").strip().splitlines()
            last = said[-1] if said else say("{name} gave none", name=Path(browser).name)
            fault = Fault("--format pdf", say("a PDF"), last)
            raise AdvisorError(say("The browser did not print the report."), [fault])
        return target.read_bytes()
