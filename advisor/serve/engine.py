"""The one place of the web app that knows the engine: a visitor's state in, HTML and files out.

It runs in a worker process, one task at a time.
"""

from __future__ import annotations

import io
import shutil
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from advisor.core.errors import AdvisorError, Fault
from advisor.core.files import MILESTONES, read_text
from advisor.core.saying import here, joined, say, throughout
from advisor.outputs.documents import documents, to_deploy
from advisor.outputs.report import report_page
from advisor.scenario import STEP_NAMES
from advisor.serve import changes, group
from advisor.serve.kept_scenarios import Opened, Shelf, reworded
from advisor.serve.state import (
    Applied,
    Complaint,
    Done,
    File,
    Message,
    Outcome,
    Parts,
    Refused,
    Said,
    State,
    Task,
)
from advisor.steps import step as module_of
from advisor.steps.foundation_model import name_of
from advisor.system.opening import templates
from advisor.view import app_screens, forms
from advisor.view.html import tag

PACKED = "deployment-files.zip"
FILES = {"plan.json": "application/json", "decision-record.md": "text/markdown", PACKED: "application/zip"}
DECIDED = (*STEP_NAMES, "start", "plan", "owners")  # pages whose answer rests on decisions
BROUGHT = (".yaml", ".yml", ".csv", ".zip")
LOGS = (".csv", ".json", ".jsonl", ".ndjson", ".parquet")


class Engine:
    """Answers tasks: changes first, then what is to be shown or handed out."""

    def __init__(self, root: Path, shielded: Callable[[], AbstractContextManager[Any]] = nullcontext) -> None:
        self.shelf = Shelf(root)
        self.root = root
        self.shielded = shielded  # within it, work is not given up for a later change

    def work(self, task: Task) -> Iterator[Message]:
        """Do a task, message by message. Raises AdvisorError for what a visitor can mend."""
        state, outcomes = task.state, []
        for change in task.changes:
            try:
                with self.shielded():
                    state, said = changes.apply(self.shelf, state, change)
            except AdvisorError as error:
                outcomes.append(Outcome(None, here(error.summary), self.shelf.complaints(error, state)))
            else:
                outcomes.append(Outcome(state, said))
        if outcomes:
            yield Applied(tuple(outcomes))
        yield from getattr(self, f"_do_{task.kind}")(state, task.values)

    # pages

    def _do_view(self, state: State, values: Mapping[str, Any]) -> Iterator[Message]:
        """A page with its answer: at once, where a glimpse will do; it says so, and a survey is asked for."""
        opened = self.shelf.open(state)
        page = str(values["page"])
        shown = self._page(opened, state, page)
        if page in DECIDED and opened.session.glimpsed:
            shown["answer"] += app_screens.checking(opened.session.flips_come_first(page))
        yield Parts(shown)
        yield Done()

    def _do_survey(self, state: State, values: Mapping[str, Any]) -> Iterator[Message]:
        """The same page once every alternative was looked at."""
        opened, page = self.shelf.open(state), str(values["page"])
        opened.session.survey()
        shown = self._page(opened, state, page)
        yield Parts({name: html for name, html in shown.items() if name != "inputs"})
        yield Done()

    def _page(self, opened: Opened, state: State, page: str) -> dict[str, str]:
        session = opened.session
        if page in STEP_NAMES:
            decision = session.decision(page)
            looked = session.flips_known(page, 1) or decision.choice is None
            shown = {
                "inputs": self._form(opened, module_of(page).CONTROLS),
                "answer": app_screens.answer(decision, session.case),
                "record": app_screens.recorder(decision, session.case),
                "folds": app_screens.folds(decision),
            }
            return shown | ({"flips": app_screens.nearest_flip(decision, True)} if looked else {})
        if page == "plan":
            answer = app_screens.plan(session.decisions(sure=False), session.case)
            return {"answer": answer, "folds": app_screens.plan_folds()}
        if page == "start":
            answer = app_screens.overview(session.decisions(sure=False), session.case)
            return {"inputs": self._picker(state), "answer": answer}
        found: dict[str, str] = getattr(self, f"_page_{page}")(opened, state)
        return found

    def _page_milestones(self, opened: Opened, state: State) -> dict[str, str]:
        return group.milestones_page(self.shelf, state)

    def _page_priorities(self, opened: Opened, state: State) -> dict[str, str]:
        return group.priorities()

    def _page_owners(self, opened: Opened, state: State) -> dict[str, str]:
        return group.owners(self.shelf, opened)

    def _form(self, opened: Opened, wanted: tuple[str, ...]) -> str:
        session = opened.session
        found = (self.shelf.input_in(opened, path) for path in wanted)
        fields = [field for field in found if field is not None]
        values = {field.path: session.value(field.path) for field in fields}
        badges = {field.path: session.badge(field.path) for field in fields}
        return forms.form(fields, values, badges, session.unconfirmed)

    def _picker(self, state: State) -> str:
        names = [(name, self.shelf.template(name).title) for name in templates()]
        return forms.asking(
            "open", forms.choose("name", say("Start from a template"), names, state.origin), say("Open it")
        ) + forms.upload("scenario", say("Or bring your own scenario"), BROUGHT, True)

    def _page_log(self, opened: Opened, state: State) -> dict[str, str]:
        hint = say("One file, CSV, JSON or Parquet, with times and token counts. Prompts are never kept.")
        return {
            "inputs": forms.upload("log", say("Read a request log"), LOGS),
            "answer": forms.prompting(say("Request log"), say("What does your own log say?"), hint),
        }

    def _page_pilot(self, opened: Opened, state: State) -> dict[str, str]:
        columns = "model,technique,score,input_tokens,output_tokens,turns,retries"
        return {
            "inputs": forms.asking(
                "pilot-read",
                forms.entry("text", say("Judged answers (CSV)"), "", 10, columns),
                say("Read them"),
            ),
            "answer": forms.prompting(
                say("Pilot log"),
                say("What do your own tests say?"),
                say("Paste judged answers: they win over public ratings."),
            ),
        }

    def _page_prompt(self, opened: Opened, state: State) -> dict[str, str]:
        session = opened.session
        choice = session.decision("foundation_model").choice
        models = [(key, name_of(session.case, key)) for key in session.case.catalogue.keys("models")]
        named = str(choice.settings.get("model", "")) if choice else ""
        outline = "=== instructions ===\n…\n=== examples ===\n…\n=== context ===\n…\n=== question ===\n…"
        boxes = (
            forms.choose("model", say("Model"), models, named)
            + forms.entry("first", say("Prompt"), "", 8, outline)
            + forms.entry("second", say("Another version (optional)"), "", 8)
        )
        return {
            "inputs": forms.asking("prompt-weigh", boxes, say("Weigh the prompt")),
            "answer": forms.prompting(
                say("Prompt budget"),
                say("What does each part of a prompt cost in a year?"),
                say("Paste a prompt, its parts under headings as shown; a second version stands beside it."),
            ),
        }

    # parts that are asked for later

    def _do_flips(self, state: State, values: Mapping[str, Any]) -> Iterator[Message]:
        session, page = self.shelf.open(state).session, changes.step_name(values["page"])
        decision = session.with_flips(page, 1, sure=False)  # a survey follows where it rests on a glimpse
        yield Parts({"flips": app_screens.nearest_flip(decision, True)})
        yield Done()

    def _do_next(self, state: State, values: Mapping[str, Any]) -> Iterator[Message]:
        session = self.shelf.open(state).session
        yield Parts({"next": app_screens.what_next(session.decisions(), session.case)})
        yield Done()

    def _do_fold(self, state: State, values: Mapping[str, Any]) -> Iterator[Message]:
        opened, page, fold = self.shelf.open(state), str(values["page"]), str(values["fold"])
        session = opened.session
        session.survey()
        if page == "plan" and fold == "whole":
            html = app_screens.whole(session.decisions(), session.case)
        elif fold == "own":
            html = self._own(opened, changes.step_name(page), str(values.get("name", "")))
        elif fold in app_screens.FOLDS:
            step = changes.step_name(page)
            decision = session.with_flips(step) if fold == "why" else session.decision(step)
            html = app_screens.FOLDS[fold][1](decision, session.case)
        else:
            raise AdvisorError(
                say("There is no such part."), [Fault("part", say("a fold of the page"), repr(fold[:80]))]
            )
        yield Parts({f"fold-{fold}": html})
        yield Done()

    def _own(self, opened: Opened, page: str, name: str) -> str:
        session = opened.session
        names = sorted(session.decision(page).evidence)
        chosen = name if name in names else names[0] if names else ""
        if not chosen:
            return tag("p", say("This decision rests on no figure that could be replaced."))
        figure = session.case.catalogue.coefficient(chosen)
        own = chosen in session.case.catalogue.overrides
        boxes = "".join(
            forms.entry(part, label, here(forms.exact(getattr(figure, part))))
            for part, label in forms.ENDS.items()
        )
        said = (
            say("Your own, in {unit}. {note}", unit=figure.unit, note=figure.note)
            if own
            else say("Shipped, in {unit}. {note}", unit=figure.unit, note=figure.note)
        )
        return forms.own_figure(names, chosen, said, boxes, own)

    def _do_log(self, state: State, values: Mapping[str, Any]) -> Iterator[Message]:
        from advisor.scenario.traffic import save_traffic
        from advisor.system.baseline import unseen_hours, with_baseline
        from advisor.usage import read_usage
        from advisor.view.traffic import render_traffic

        session = self.shelf.open(state).session
        folder = Path(mkdtemp(dir=self.root))
        try:
            log = folder / f"log{values['kind']}"
            log.write_bytes(values["content"])
            yield Said(say("Reading the log …"))
            try:
                read = read_usage([str(log)], unseen=unseen_hours(session.case.catalogue))
            except AdvisorError as error:
                raise reworded(error, lambda said: said.replace(str(log), here(say("the log")))) from error
            traffic = with_baseline(read, session.case)
            save_traffic(traffic, folder / "traffic.yaml")
            profile = read_text(folder / "traffic.yaml")
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        yield Parts({"answer": render_traffic(traffic, session.scenario) + forms.use_it("traffic")})
        yield Done({"profile": profile})

    def _do_pilot(self, state: State, values: Mapping[str, Any]) -> Iterator[Message]:
        from advisor.scenario.pilot_log import parse_pilot_log
        from advisor.system.pilot import results_table
        from advisor.view.faces import exhibits

        rows = parse_pilot_log(str(values["text"]), say("the judged answers"))
        yield Parts({"answer": exhibits([results_table(rows)], "pilot") + forms.use_it("pilot")})
        yield Done()

    def _do_prompt(self, state: State, values: Mapping[str, Any]) -> Iterator[Message]:
        from advisor.system.prompt_budget import budget, exhibits
        from advisor.view.faces import exhibits as shown

        case = self.shelf.open(state).session.case
        model = str(values["model"])
        texts = [(name, str(values.get(name, ""))) for name in ("first", "second")]
        found = [budget(case, prompt, model, name) for name, prompt in texts if prompt.strip()]
        if not found:
            fault = Fault(say("Prompt"), say("the text of a prompt"), say("nothing"))
            raise AdvisorError(say("There is no prompt."), [fault])
        drawn = exhibits(case, found[0], found[1] if len(found) > 1 else None)
        yield Parts({"answer": shown(drawn, "prompt")})
        yield Done()

    def _do_weights(self, state: State, values: Mapping[str, Any]) -> Iterator[Message]:
        yield Parts(group.weighed(self.shelf, state, values))
        yield Done()

    def _do_compare(self, state: State, values: Mapping[str, Any]) -> Iterator[Message]:
        yield Parts(group.compared(self.shelf, state, values))
        yield Done()

    # files to take away

    def _do_save(self, state: State, values: Mapping[str, Any]) -> Iterator[Message]:
        stem = _stem(state.title)
        beside = (*state.files, *(((MILESTONES, state.milestones),) if state.milestones else ()))
        if not beside:
            yield File(f"{stem}.yaml", "application/yaml", state.text.encode())
        else:
            packed = _packed(((f"{stem}.yaml", state.text), *beside))
            yield File(f"{stem}.zip", "application/zip", packed)
        yield Done()

    def _do_file(self, state: State, values: Mapping[str, Any]) -> Iterator[Message]:
        name = str(values["name"])
        if name not in FILES:
            raise AdvisorError(
                say("There is no such file."),
                [Fault("file", say("one of {names}", names=joined(", ", FILES)), repr(name[:80]))],
            )
        session = self.shelf.open(state).session
        decisions = session.decisions()
        if name == PACKED:
            made = to_deploy(session.case, decisions)
            yield File(name, FILES[name], _packed((export.filename, export.content) for export in made))
        else:
            made = documents(session.case, decisions)
            content = next(export.content for export in made if export.filename == name)
            yield File(name, FILES[name], content.encode())
        yield Done()

    def _do_report(self, state: State, values: Mapping[str, Any]) -> Iterator[Message]:
        session, decisions = self.shelf.open(state).session, []
        for index, name in enumerate(STEP_NAMES, start=1):
            steps = len(STEP_NAMES)
            yield Said(say("Working out step {index} of {steps} for the report …", index=index, steps=steps))
            decisions.append(session.with_flips(name))
        page = report_page(session.case, decisions)
        yield File(f"{_stem(state.title)}-report.html", "text/html", page.encode())
        yield Done()

    def _do_template(self, state: State, values: Mapping[str, Any]) -> Iterator[Message]:
        yield Applied((Outcome(self.shelf.template(str(values["name"])), ""),))
        yield Done()

    def _do_nothing(self, state: State, values: Mapping[str, Any]) -> Iterator[Message]:
        yield Done()


def _packed(files: Iterable[tuple[str, str | bytes]]) -> bytes:
    """Files in one archive."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return packed.getvalue()


def refusal(error: AdvisorError) -> Refused:
    """An error in words for the visitor."""
    complaints = tuple(Complaint("", str(fault)) for fault in error.faults)
    told: Refused = throughout(Refused(error.summary, complaints))
    return told


def _stem(title: str) -> str:
    kept = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in title.lower())
    return "-".join(part for part in kept.split("-") if part)[:60] or "scenario"
