"""One scenario being worked on: its decisions, what was changed, and where it is saved.

Panels in a kernel share a session, so a change in one is seen by all. Templates are never
written to: the first thing recorded makes a copy in the workspace, which is opened from then on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from advisor.catalogue import open_catalogue
from advisor.catalogue.today import today
from advisor.core.files import dump_yaml, inside, read_bytes, read_text
from advisor.core.saving import settle, write_atomic
from advisor.core.slices import Sliced, at_once
from advisor.decide.flips import CLOSEST_FIRST, all_found
from advisor.decide.option import Decision
from advisor.scenario import (
    STEP_NAMES,
    EditedMeanwhileError,
    Scenario,
    Seen,
    parse_scenario,
    read_scenario,
    save_scenario,
    seen,
    value_at,
    with_values,
)
from advisor.scenario.attached import Attached, named_files
from advisor.scenario.io import plain, with_file
from advisor.scenario.pilot_log import parse_pilot_log
from advisor.scenario.traffic import Traffic
from advisor.steps import (
    Settled,
    Surveyed,
    glimpse,
    stopped,
    survey,
    survey_in_slices,
    taken,
    with_flips_in_slices,
)
from advisor.system.case import Case
from advisor.system.confirmed import Origin, Unconfirmed, origin
from advisor.system.opening import TEMPLATES, open_case
from advisor.system.plan import StepName, StepSetting
from advisor.system.references import check_names, name_findings
from advisor.view.workspace import CURRENT, TRAFFIC, find, free, workspace

FIRST: StepName = STEP_NAMES[0]
UNDO_STEPS = 50
PILOT = "-pilot"  # ends the name of a pilot log saved beside a scenario
# fields that a traffic profile settles instead of the scenario's own number
MEASURED_BY_TRAFFIC = frozenset(
    {"requests_per_day", "input_tokens", "output_tokens", "cached_input_share", "peak_to_mean",
     "retry_rate", "repeat_share", "profile"}
)  # fmt: skip


class Session:
    """A scenario, its decisions and its history. Raises AdvisorError and stays as it was on bad input."""

    def __init__(self, name: str = CURRENT, values: Mapping[str, Any] | None = None) -> None:
        self._listeners: dict[str, Callable[[], None]] = {}
        settle(workspace())
        self._open(find(name), values)

    def _open(self, path: Path, values: Mapping[str, Any] | None = None) -> None:
        opened = seen(path)
        case = open_case(path, values)
        self.path, self._seen = path, opened
        self._past, self._future = list[Scenario](), list[Scenario]()
        # of each step the last survey, of this scenario or of one like it
        self._surveyed: dict[str, Surveyed] = {}
        self._set(case)

    def _set(self, case: Case) -> None:
        self.case = case
        self._decided: dict[str, tuple[Settled, Decision]] = {}
        self._flips_known: dict[str, tuple[Decision, int]] = {}  # of each step, how many of the nearest
        self._glimpses: dict[str, Surveyed] = {}  # steps decided by a glimpse
        self._thorough = False  # whether every step is surveyed from now on

    @property
    def scenario(self) -> Scenario:
        """The scenario as it stands, changes included."""
        return self.case.given

    def copied_to(self, path: Path) -> Session:
        """The same scenario as another session with a past of its own, its file's equal at ``path``."""
        made = copy(self)
        made._listeners, made._surveyed = {}, dict(self._surveyed)
        made.path, made._seen, made._past, made._future = path, seen(path), [], []
        made._set(self.case)
        return made

    def vary(self, near: Session) -> None:
        """Take over what another session of the same catalogue remembers, as far as it holds here."""
        self._surveyed = dict(near._surveyed)
        self._set(near.case.with_scenario(self.scenario))

    def subscribe(self, name: str, listener: Callable[[], None]) -> None:
        """Call ``listener`` after every change, in place of an earlier one of that name."""
        self._listeners[name] = listener

    def _changed(self) -> None:
        for listener in tuple(self._listeners.values()):
            listener()

    def open(self, name: str) -> None:
        """Open another scenario and make it the current one."""
        self._open(find(name))
        write_atomic(workspace() / "current.txt", name + "\n")
        self._changed()

    def add(self, filename: str, content: bytes) -> None:
        """Take a scenario file into the workspace, once it proves valid, and open it."""
        stem = Path(filename).stem
        name = "".join(letter if letter.isalnum() or letter in "-_" else "_" for letter in stem) or "scenario"
        catalogue = open_catalogue()
        names = partial(name_findings, catalogue=catalogue)
        scenario = read_scenario(content, filename, workspace(), names)
        check_names(scenario, catalogue)
        target = free(workspace() / f"{name}.yaml", content)
        write_atomic(target, content)
        self.open(target.stem)

    def change(self, values: Mapping[str, Any]) -> None:
        """Set dotted paths. Nothing changes when a value is refused."""
        self._step(with_values(self.scenario, values, self.path.parent), self._past)
        self._future.clear()
        self._changed()

    def reset(self, path: str) -> None:
        """Give one field back its default."""
        data = plain(self.scenario)
        node, (*sections, field) = data, path.split(".")
        for section in sections:
            node = node.get(section, {})
        node.pop(field, None)
        self._step(parse_scenario(data, folder=self.path.parent), self._past)
        self._future.clear()
        self._changed()

    def undo(self) -> None:
        """Take the last change back; nothing to do at the beginning."""
        if self._past:
            self._step(self._past.pop(), self._future)
            self._changed()

    def redo(self) -> None:
        """Make the change again that was taken back."""
        if self._future:
            self._step(self._future.pop(), self._past)
            self._changed()

    @property
    def can_undo(self) -> bool:
        """Whether there is a change to take back."""
        return bool(self._past)

    @property
    def can_redo(self) -> bool:
        """Whether there is a change to make again."""
        return bool(self._future)

    def _step(self, scenario: Scenario, kept: list[Scenario]) -> None:
        check_names(scenario, self.case.catalogue)
        before = self.scenario
        self._set(self.case.with_scenario(scenario))
        kept.append(before)
        del kept[:-UNDO_STEPS]

    @property
    def origin(self) -> Origin:
        """The template the scenario began as: a saved one keeps its template's name."""
        return origin(self.scenario)

    @property
    def unconfirmed(self) -> Unconfirmed:
        """How many inputs nobody has confirmed."""
        return self.origin.unconfirmed(self.scenario)

    def badge(self, path: str) -> str:
        """``default`` while nobody has set the field, ``template`` while it is the template's value.

        ``measured`` where a log rules it, else ``owned``: set by the team, or confirmed by a name.
        """
        section, _, field = path.rpartition(".")
        if section == "workload" and self.scenario.traffic is not None and field in MEASURED_BY_TRAFFIC:
            return "measured"
        return self.origin.state(self.scenario, path)

    def value(self, path: str) -> Any:
        """The value of a field."""
        return value_at(self.scenario, path)

    @property
    def glimpsed(self) -> bool:
        """Whether an answer may rest on a glimpse, which is much faster than a survey and may err."""
        return bool(self._glimpses) and not self._thorough

    def survey(self) -> None:
        """Look at every alternative of each step from now on, as long as the scenario stays as it is."""
        self._thorough = True
        self.decision(FIRST)

    def survey_in_slices(self) -> Sliced[None]:
        """As :meth:`survey`, an alternative or two of the first step a slice, which has the most."""
        case, known = self.case, self._surveyed.get(FIRST)
        if not self._thorough and (known is None or known.given is not self.scenario):
            made = yield from survey_in_slices(FIRST, case, {})
            if self.case is not case:
                return
            self._surveyed[FIRST] = made
        self.survey()

    def decision(self, name: str) -> Decision:
        """A step's decision without its flips, which take longer; earlier steps are decided first.

        The first step and those before the one asked for may be glimpses; see ``glimpsed``.
        """
        return self._decide(name, name == FIRST)

    def _decide(self, name: str, glimpsing: bool) -> Decision:
        step = STEP_NAMES[list[str](STEP_NAMES).index(name)]
        settled: dict[StepName, StepSetting] = {}
        for earlier in STEP_NAMES[: STEP_NAMES.index(step)]:
            option = taken(self.case, self._decide(earlier, True))
            if option is None:
                return stopped(self.case, step, earlier)
            settled[earlier] = option.plan.of(earlier)
        glimpsing = glimpsing and not self._thorough
        known = self._decided.get(step)
        # what was decided after a glimpse that a survey did not bear out is decided again
        if known is None or known[0] != settled or (step in self._glimpses and not glimpsing):
            known = self._decided[step] = settled, self._fresh(step, settled, glimpsing)
        return known[1]

    def _fresh(self, step: StepName, settled: Settled, glimpsing: bool) -> Decision:
        before = self._surveyed.get(step)
        if before is not None and glimpsing and before.given is not self.scenario:
            seen = glimpse(before, self.case, settled)
            if seen is not None:
                self._glimpses[step] = seen
                return seen.decision
        self._glimpses.pop(step, None)
        if before is None or before.given is not self.scenario or before.pins.settled != settled:
            before = self._surveyed[step] = survey(step, self.case, settled)
        return before.decision

    def flips_come_first(self, name: str) -> bool:
        """Whether the nearest flip of a page is looked for before the survey, which hardly ever changes it.

        What is chosen in the first step, and so what flips that, rests on the survey itself.
        """
        return name in STEP_NAMES[1:]

    def flips_known(self, name: str, most: int = CLOSEST_FIRST) -> bool:
        """Whether so many of a step's nearest flips are known, as far as there are so many."""
        decision, known = self._flips_known.get(name, (None, 0))
        return known >= most and decision is self.decision(name)

    def with_flips(self, name: str, most: int = CLOSEST_FIRST, sure: bool = True) -> Decision:
        """The same decision with its nearest flips, after a survey unless a glimpse will do before it."""
        return at_once(self.with_flips_in_slices(name, most, sure))

    def with_flips_in_slices(
        self, name: str, most: int = CLOSEST_FIRST, sure: bool = True
    ) -> Sliced[Decision]:
        """As :meth:`with_flips`, a few what-ifs a slice; nothing is kept of what is let go or overtaken."""
        case = self.case
        if sure or not self.flips_come_first(name):
            yield from self.survey_in_slices()
        decision = self.decision(name)
        if decision.choice is None or self.flips_known(name, most) or self.case is not case:
            return decision
        surveyed = replace(self._surveyed[name], decision=decision)
        settled = surveyed.pins.settled
        before = (self._glimpses.get(step) or self._surveyed[step] for step in settled)
        earlier = [one for one in before if one.given is self.scenario]
        [found] = yield from with_flips_in_slices(case, settled, [surveyed], earlier, most)
        if self.case is case:
            self._decided[name] = settled, found
            self._flips_known[name] = found, CLOSEST_FIRST if all_found(found.flips, most) else most
        return found

    def decisions(self, sure: bool = True) -> list[Decision]:
        """All five, as far as there is something to choose; after a survey, unless a glimpse will do."""
        if sure:
            self.survey()
        return [self.decision(name) for name in STEP_NAMES]

    def record(self, name: str, choice: str, by: str = "", reason: str = "", on: date | None = None) -> Path:
        """Write a decision to the scenario's file, in the workspace if it was a template."""
        on = on or today()
        decided = {"choice": choice, "by": by, "reason": reason, "on": on.isoformat()}
        return self.keep(with_values(self.scenario, {f"decisions.{name}": decided}))

    def keep(self, changed: Scenario, along: Mapping[str, str] | None = None) -> Path:
        """Take a changed scenario and write it to its file, in the workspace if it was a template.

        ``along`` are files of the same folder that appear with it. Only what differs is written.
        Raises EditedMeanwhileError when somebody else wrote to the file since it was opened: the
        session then goes on with its own version, which lies beside theirs.
        """
        check_names(changed, self.case.catalogue)
        target = self._own_path()
        own = target == self.path
        try:
            self._seen = save_scenario(
                changed, target, self._seen if own else Seen(), "" if own else read_text(self.path), along
            )
        except EditedMeanwhileError as error:
            self._taken(changed, error.kept, error.seen)
            raise
        self._taken(changed, target, self._seen)
        return target

    def _taken(self, changed: Scenario, path: Path, written: Seen) -> None:
        self._step(changed, self._past)
        self.path, self._seen = path, written
        self._changed()

    def apply_log(self, traffic: Traffic) -> Path:
        """Save a traffic profile beside the scenario, name it there, and use it from now on."""
        target = self._own_path()
        profile = target.with_name(f"{target.stem}{TRAFFIC}.yaml")
        changed = with_file(self.scenario, "workload.traffic", profile.name, Attached(traffic=traffic))
        self.keep(changed, {profile.name: dump_yaml(traffic.model_dump(mode="json"))})
        return profile

    def apply_pilot(self, text: str) -> Path:
        """Save judged answers beside the scenario, name them there, and let them win from now on."""
        rows = parse_pilot_log(text)
        target = self._own_path()
        log = target.with_name(f"{target.stem}{PILOT}.csv")
        changed = with_file(self.scenario, "measurements.pilot_log", log.name, Attached(pilot=rows))
        self.keep(changed, {log.name: text})
        return log

    def restore(self, before: Scenario, files: Mapping[str, str]) -> Path:
        """Take a scenario as it was, with the files it named then, and write it to its file.

        A file that holds something else by now stays, and what it held then gets a name of its own.
        """
        data, folder = plain(before), self._own_path().parent
        for place, name in list(named_files(data)):
            if name not in files:
                continue
            wanted = inside(folder, name, ".".join(map(str, place)))
            target = free(wanted, files[name].encode())
            if not target.exists():
                write_atomic(target, files[name])
            at: Any = data
            for part in place[:-1]:
                at = at[part]
            at[place[-1]] = target.name
        return self.keep(parse_scenario(data, self.path.name, folder=folder))

    def _own_path(self) -> Path:
        if not self.path.resolve().is_relative_to(TEMPLATES.resolve()):
            return self.path
        folder = workspace()
        for place, file in named_files(plain(self.scenario)):
            named = read_bytes(inside(self.path.parent, file, ".".join(map(str, place))))
            if not (folder / file).exists():
                write_atomic(folder / file, named)
        return folder / self.path.name
