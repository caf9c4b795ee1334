"""The static report: one notebook over the same faces, executed and exported without a network.

Everything is computed and rendered before the first file is written, and files are written
whole, so a fault leaves nothing half done. The same scenario and seed give the same bytes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from advisor.catalogue import DATA
from advisor.core.errors import AdvisorError, Fault
from advisor.core.exhibits import Export
from advisor.core.files import write_atomic
from advisor.outputs.documents import documents
from advisor.scenario import STEP_NAMES
from advisor.steps import run
from advisor.system.case import Case
from advisor.system.opening import open_case
from advisor.system.option import Decision
from advisor.view.faces import render, styled
from advisor.view.html import Page, tag, text
from advisor.view.plan import render_plan
from advisor.view.session import find
from advisor.view.texts import STEP_TITLES

ROOT = DATA.parent
NOTEBOOK = ROOT / "notebooks" / "report.ipynb"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "msedge")
UNSHOWN = {"parameters", "injected-parameters", "files"}
# a page that may not ask anyone for anything
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
PRINT_SECONDS = 120
PLAN = "plan.json"
BESIDE = {PLAN: "json", "decision-record.md": "md"}
Say = Callable[[str], None]


FILES = "application/vnd.advisor.core.files+json"


class Files(dict[str, str]):
    """Files by name that a notebook's output carries without showing them."""

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return {FILES: dict(self), "text/plain": f"<{', '.join(self)}>"}


class Pages:
    """The faces of one scenario, page by page: the plan first, then each decision."""

    def __init__(self, scenario: str, overrides: Mapping[str, Any] | None = None) -> None:
        self.case = open_case(find(scenario), overrides)

    @cached_property
    def decisions(self) -> list[Decision]:
        """The five decisions, flips included."""
        return run(self.case)

    @cached_property
    def _documents(self) -> tuple[Export, ...]:
        return documents(self.case, self.decisions)

    def files(self) -> Files:
        """The plan and its record, for whoever runs the notebook."""
        return Files({file.filename: file.content for file in self._documents})

    def plan(self) -> Page:
        """The whole plan, with the style that all pages share; plan.json lies beside the report."""
        small = [file for file in self._documents if file.filename != PLAN]
        return styled(_section("plan", render_plan(self.decisions, self.case, small)))

    def step(self, name: str) -> Page:
        """One decision."""
        decision = self.decisions[list[str](STEP_NAMES).index(name)]
        return Page(_section(name, render(decision, self.case)))


def _section(name: str, content: str) -> str:
    return tag("section", content, id=f"page-{name}")


def write_report(
    scenario: Path,
    folder: Path,
    values: Mapping[str, Any] | None = None,
    formats: Sequence[str] = ("html", "md", "json"),
    say: Say = lambda _: None,
) -> list[Path]:
    """Run the five steps of a scenario and write what was asked for.

    ``formats`` are of html, md, json and pdf. Returns the files written. Raises AdvisorError
    with every fault of the input before anything is written.
    """
    case = open_case(scenario, values)
    browser = _browser() if "pdf" in formats else ""
    contents: dict[str, str | bytes] = {}
    if {"html", "pdf"} & set(formats):
        say("deciding five steps and drawing the report")
        page, files = _page(scenario.resolve(), values or {}, case)
        if "html" in formats:
            contents["report.html"] = page
        if browser:
            contents["report.pdf"] = _printed(page, browser)
    else:
        decisions = run(case, progress=lambda name: say(f"deciding {name.replace('_', ' ')}"))
        files = {file.filename: file.content for file in documents(case, decisions)}
    contents |= {name: files[name] for name, wanted in BESIDE.items() if wanted in formats}
    for name, content in sorted(contents.items()):
        write_atomic(folder / name, content)
    return [folder / name for name in sorted(contents)]


def _page(scenario: Path, values: Mapping[str, Any], case: Case) -> tuple[str, dict[str, str]]:
    import papermill
    from nbconvert import HTMLExporter
    from traitlets.config import Config

    parameters = {"scenario": str(scenario), "overrides": dict(values)}
    _known(parameters)
    with _importable():
        notebook = papermill.execute_notebook(
            str(NOTEBOOK), None, parameters, cwd=str(NOTEBOOK.parent), progress_bar=False,
            store_widget_state=False, log_output=False, extra_arguments=["--IPKernelApp.log_level=50"],
        )  # fmt: skip
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number}"  # papermill's own cell gets a new one every time
    settings = Config()
    settings.TagRemovePreprocessor.enabled = True
    settings.TagRemovePreprocessor.remove_cell_tags = UNSHOWN
    settings.HTMLExporter.mathjax_url = settings.HTMLExporter.require_js_url = ""
    settings.HTMLExporter.jquery_url = ""
    exporter = HTMLExporter(config=settings, template_name="basic", exclude_input=True)
    exporter.exclude_output_prompt = exporter.exclude_anchor_links = True
    body, _ = exporter.from_notebook_node(notebook)
    return _document(body, case.scenario.name), _carried(notebook)


def _carried(notebook: Any) -> dict[str, str]:
    """The files that the notebook's outputs carry."""
    found: dict[str, str] = {}
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            found |= output.get("data", {}).get(FILES, {})
    return found


def _known(parameters: Mapping[str, Any]) -> None:
    """Refuse parameters the notebook does not have: papermill would only log them."""
    import papermill

    known = papermill.inspect_notebook(str(NOTEBOOK))
    unknown = sorted(set(parameters) - set(known))
    if unknown:
        raise AdvisorError(
            "The report notebook lacks parameters.",
            [Fault(name, f"one of {', '.join(known)}", "none of that name") for name in unknown],
        )


@contextmanager
def _importable() -> Iterator[None]:
    """Lets the kernel import this package from wherever this process has it."""
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(ROOT), before)))
    try:
        yield
    finally:
        if before is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = before


def report_page(case: Case, decisions: Sequence[Decision]) -> str:
    """The report as one page, from decisions already taken: no notebook is run."""
    small = [file for file in documents(case, decisions) if file.filename != PLAN]
    plan = styled(_section("plan", render_plan(decisions, case, small)))
    steps = (_section(decision.step, render(decision, case)) for decision in decisions)
    return _document("".join([plan, *steps]), case.scenario.name)


def _document(body: str, title: str) -> str:
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    )
    titled = tag("title", text(f"{title}: a sustainable generative-AI plan"))
    pages = {"plan": "Plan", **STEP_TITLES}
    links = (tag("a", text(label), href=f"#page-{name}") for name, label in pages.items())
    navigation = tag("nav", *links, aria_label="Pages")
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head>{head}{titled}</head>'
        f'<body class="adv-page">{navigation}{tag("main", body)}</body></html>\n'
    )


def _browser() -> str:
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        raise AdvisorError(
            "A PDF needs a browser to print it.",
            [Fault("--format pdf", f"one of {', '.join(BROWSERS)} on the path", "none")],
        )
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
            raise AdvisorError(
                "The browser did not print the report.",
                [Fault("--format pdf", "a PDF", said[-1] if said else f"{Path(browser).name} gave none")],
            )
        return target.read_bytes()
