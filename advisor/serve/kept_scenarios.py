"""A worker's short memory of scenarios: each in a private folder that holds nothing else.

A visitor's texts are written into a folder of their own and read from there by the same loader
as any scenario, so no name in them can reach another file. The folder goes with the scenario.
"""

from __future__ import annotations

import re
import shutil
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import mkdtemp

from advisor.core.errors import AdvisorError, Fault, ScenarioError
from advisor.core.files import read_text
from advisor.core.saying import gone_over, here, numeral, say, throughout
from advisor.scenario import Scenario, scenario_yaml, value_at
from advisor.scenario.attached import named_files
from advisor.scenario.io import paths, plain
from advisor.serve.state import Complaint, State
from advisor.system.opening import open_case, template
from advisor.view import forms
from advisor.view.session import Session

SCENARIO = "scenario.yaml"
KEPT = 16  # scenarios a worker remembers the decisions of, some 80 MB each
ROOM = 4  # of them forgotten where memory is short
FIELDS = frozenset(paths(Scenario))


@dataclass(slots=True)
class Opened:
    """A scenario in memory, its folder, its template, and the decisions whose flips are known."""

    session: Session
    folder: Path
    origin: str


class Shelf:
    """Opens states as scenarios and keeps the last few, named by their content."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._kept: OrderedDict[str, Opened] = OrderedDict()
        self._templates: dict[str, State] = {}

    def template(self, name: str) -> State:
        """A shipped template as a state. Raises UnknownNameError."""
        if name not in self._templates:
            path = template(name)
            scenario = open_case(path).given
            files = tuple((file, read_text(path.parent / file)) for file in _named(scenario))
            self._templates[name] = State(
                read_text(path), files, name, scenario.name, True, tuple(scenario.decisions)
            )
        return self._templates[name]

    def open(self, state: State) -> Opened:
        """The scenario of a state, not to be changed. Raises AdvisorError with every fault."""
        if state.key in self._kept:
            self._kept.move_to_end(state.key)
        else:
            self._keep(state.key, self._fresh(state))
        return self._kept[state.key]

    def edited(self, state: State, edit: Callable[[Session], object]) -> State:
        """The state after an edit of a copy: what is refused leaves nothing behind."""
        opened = self._fresh(state)
        try:
            edit(opened.session)
            scenario = opened.session.scenario
            files = tuple((name, read_text(opened.folder / name)) for name in _named(scenario))
            made = replace(
                state, text=scenario_yaml(scenario), files=files, title=scenario.name, pristine=False,
                recorded=tuple(scenario.decisions),
            )  # fmt: skip
        except BaseException:
            shutil.rmtree(opened.folder, ignore_errors=True)
            raise
        if state.key in self._kept and not state.pristine:  # the first to be forgotten
            self._kept.move_to_end(state.key, last=False)
        self._keep(made.key, opened)
        return made

    def make_room(self) -> None:
        """Forget the scenarios that were asked for longest ago, one kept in any case."""
        for key in list(self._kept)[: min(ROOM, len(self._kept) - 1)]:
            self._forget(key)

    def _fresh(self, state: State) -> Opened:
        """A state opened anew; what it shares with the nearest that is kept is not worked out again."""
        same = self._kept.get(state.key)
        near = next((one for one in reversed(self._kept.values()) if one.origin == state.origin), None)
        folder = Path(mkdtemp(dir=self.root))
        try:
            for name, content in state.files:
                _within(folder, name).write_text(content, encoding="utf-8")
            (folder / SCENARIO).write_text(state.text, encoding="utf-8")
            if same is not None:
                return Opened(same.session.copied_to(folder / SCENARIO), folder, state.origin)
            opened = Opened(Session(str(folder / SCENARIO)), folder, state.origin)
            if near is not None:
                opened.session.vary(near.session)
            return opened
        except AdvisorError as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise _unplaced(error, folder) from error
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise

    def _keep(self, key: str, opened: Opened) -> None:
        if key in self._kept:
            self._forget(key)
        self._kept[key] = opened
        while len(self._kept) > KEPT:
            self._forget(next(iter(self._kept)))

    def _forget(self, key: str) -> None:
        shutil.rmtree(self._kept.pop(key).folder, ignore_errors=True)

    def input(self, state: State, path: str) -> forms.Input:
        """How the field at ``path`` is typed in. Raises ScenarioError for what has no input."""
        if path not in FIELDS:
            fault = Fault("setting", say("the path of a field"), repr(path[:80]))
            raise ScenarioError(say("A setting names no field of a scenario."), [fault])
        found = self.input_in(self.open(state), path)
        if found is None:
            fault = Fault(path, say("a single value"), say("a list or a table"))
            raise ScenarioError(say("A setting is no single value."), [fault])
        return found

    def input_in(self, opened: Opened, path: str) -> forms.Input | None:
        """The input of a field with its present value among the choices; None where it has none."""
        regions = opened.session.case.catalogue.tables.get("regions", {})
        names = {
            key: say("{name}, {geography}", name=entry["name"], geography=entry["geography"])
            for key, entry in regions.items()
        }
        return forms.input_of(path, value_at(opened.session.scenario, path), names)

    def complaints(self, error: AdvisorError, state: State) -> tuple[Complaint, ...]:
        """The faults of an error, each at its input where it has one, with the value that stays."""
        found = []
        for fault in error.faults:
            path, keep = fault.where.split(" ")[0], ""
            try:
                field_ = self.input(state, path)
                keep = forms.kept(field_, value_at(self.open(state).session.scenario, path))
            except AdvisorError:
                path = ""  # a fault of a file, not of an input shown
            hint = say(" Did you mean {nearest}?", nearest=fault.nearest) if fault.nearest else ""
            said = say(
                "{where}expected {expected}, found {found}.{hint}",
                where="" if path else say("{where}: ", where=fault.where),
                expected=gone_over(_bare, fault.expected),
                found=gone_over(_bare, fault.found),
                hint=hint,
            )
            found.append(throughout(Complaint(path, said, keep)))
        return tuple(found)


def _bare(said: str) -> str:
    """Whole numbers without the fraction that they are held with."""
    mark = re.escape(here(numeral(0.0, ".1f"))[1])
    return re.sub(rf"(\d){mark}0(?![\d{mark}])", r"\1", said)


def _unplaced(error: AdvisorError, folder: Path) -> AdvisorError:
    """The same error without the place of the private folder."""

    def bare(said: str) -> str:
        name = here(say("the scenario"))
        return said.replace(f"{folder}/", "").replace(str(folder), name).replace(folder.name, name)

    return reworded(error, bare)


def reworded(error: AdvisorError, change: Callable[[str], str]) -> AdvisorError:
    """The same error, all that it says changed by a function."""
    faults = [
        Fault(
            gone_over(change, one.where),
            gone_over(change, one.expected),
            gone_over(change, one.found),
            one.nearest,
        )
        for one in error.faults
    ]
    return AdvisorError(gone_over(change, error.summary), faults)


def _named(scenario: Scenario) -> list[str]:
    return [file for _, file in named_files(plain(scenario))]


def _within(folder: Path, name: str) -> Path:
    """A file's place in a folder: a bare name, so nothing else can be reached."""
    if not name or Path(name).name != name or name.startswith(".") or name == SCENARIO or len(name) > 120:
        raise ScenarioError(
            say("A file's name cannot be taken."), [Fault("file", say("a plain name"), repr(name[:80]))]
        )
    return folder / name


def values_of(files: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Files as a state holds them."""
    return tuple(sorted(files.items()))
