"""What a visitor may ask of a scenario, each as a function from a state to the next.

Every change either gives a whole new state and says what it did, or raises AdvisorError and
leaves everything as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from advisor.core.errors import AdvisorError, Fault, ScenarioError
from advisor.core.files import MILESTONES, write_atomic
from advisor.core.saying import joined, say
from advisor.core.typed_numbers import figure
from advisor.scenario import STEP_NAMES, scenario_yaml, value_at
from advisor.scenario.traffic import load_traffic
from advisor.serve.kept_scenarios import Shelf, values_of
from advisor.serve.state import Change, State
from advisor.system.opening import templates
from advisor.view import forms, milestones, ownership
from advisor.view.session import Session
from advisor.view.texts import STEP_TITLES

MOST_FILES = 4
LONGEST_NAME = 120
LONGEST_REASON = 1000

Values = Mapping[str, Any]
Made = tuple[State, str]


def apply(shelf: Shelf, state: State, change: Change) -> Made:
    """The state after a change, and what changed in words. Raises AdvisorError."""
    if change.kind not in CHANGES:
        raise AdvisorError(
            say("That cannot be asked."),
            [Fault("change", say("one of {names}", names=joined(", ", CHANGES)), repr(change.kind))],
        )
    return CHANGES[change.kind](shelf, state, change.values)


def _set(shelf: Shelf, state: State, values: Values) -> Made:
    path = str(values.get("path", ""))
    field = shelf.input(state, path)
    before, value = (
        value_at(shelf.open(state).session.scenario, path),
        forms.read(field, values.get("value", "")),
    )
    made = shelf.edited(state, lambda session: session.change({path: value}))
    return made, forms.about(field, before, value)


def _reset(shelf: Shelf, state: State, values: Values) -> Made:
    path = str(values.get("path", ""))
    field = shelf.input(state, path)
    before = value_at(shelf.open(state).session.scenario, path)
    made = shelf.edited(state, lambda session: session.reset(path))
    return made, forms.about(field, before, value_at(shelf.open(made).session.scenario, path))


def _record(shelf: Shelf, state: State, values: Values) -> Made:
    step, choice = step_name(values.get("step")), str(values.get("choice", ""))
    options = shelf.open(state).session.decision(step).options
    option = next((one for one in options if one.key == choice), None)
    if option is None:
        fault = Fault("choice", say("an option of this step"), repr(choice[:80]))
        raise ScenarioError(say("That option is not among those offered."), [fault])
    by, reason = str(values.get("by", ""))[:LONGEST_NAME], str(values.get("reason", ""))[:LONGEST_REASON]
    made = shelf.edited(state, lambda session: session.record(step, choice, by, reason))
    said = say("Recorded for {step}: {title}", step=STEP_TITLES[step].lower(), title=option.title)
    return made, said


def _own(shelf: Shelf, state: State, values: Values) -> Made:
    from advisor.system.assumptions import overridden

    session, name = shelf.open(state).session, str(values.get("name", ""))
    low, central, high = (figure(str(values.get(part, "")), part) for part in forms.ENDS)
    owner, reason = (
        str(values.get("owner", ""))[:LONGEST_NAME],
        str(values.get("reason", ""))[:LONGEST_REASON],
    )
    changed = overridden(
        session.scenario, session.case.catalogue, name, (low, central, high), owner=owner, reason=reason
    )
    return shelf.edited(state, lambda copy: copy.keep(changed)), say("{name} is yours now", name=name)


def _confirm(shelf: Shelf, state: State, values: Values) -> Made:
    path = str(values.get("path", ""))
    shelf.input(state, path)  # refuses what is no single value
    given = ownership.named(path, str(values.get("owner", "")), str(values.get("by", "")))
    owner = given[f"owners.{path}"]
    made = shelf.edited(state, lambda session: session.change(given))
    return made, say("{title}: {owner} answers for it", title=ownership.title_of(path), owner=owner)


def _shipped(shelf: Shelf, state: State, values: Values) -> Made:
    scenario, name = shelf.open(state).session.scenario, str(values.get("name", ""))
    kept = {key: own for key, own in scenario.overrides.items() if key != name}
    changed = scenario.model_copy(update={"overrides": kept})
    made = shelf.edited(state, lambda copy: copy.keep(changed))
    return made, say("{name}: back to the shipped figure", name=name)


def _pilot(shelf: Shelf, state: State, values: Values) -> Made:
    answers = str(values.get("text", ""))
    made = shelf.edited(state, lambda copy: copy.apply_pilot(answers))
    return made, say("Your judged answers are used now")


def _traffic(shelf: Shelf, state: State, values: Values) -> Made:
    def use(copy: Session) -> None:
        profile = copy.path.with_name("profile-read.yaml")
        write_atomic(profile, str(values.get("text", "")))
        copy.apply_log(load_traffic(profile))

    return shelf.edited(state, use), say("The request log is used now")


def _open(shelf: Shelf, state: State, values: Values) -> Made:
    made = replace(shelf.template(str(values.get("name", ""))), milestones=state.milestones)
    return made, say("Opened the template: {title}", title=made.title)


def _take(shelf: Shelf, state: State, values: Values) -> Made:
    """Take in a scenario that was brought: its text and the files it names, read as any other.

    Milestones that come with it take the place of those that were kept.
    """
    given = dict(values.get("files", {}))
    kept = milestones.read(str(given.pop(MILESTONES, "")))
    if len(given) > MOST_FILES:
        fault = Fault("files", say("at most {most} beside the scenario", most=MOST_FILES), str(len(given)))
        raise AdvisorError(say("There are too many files."), [fault])
    brought = milestones.written(kept) if kept else state.milestones
    made = _stated(shelf, State(str(values.get("text", "")), values_of(given), milestones=brought))
    return made, say("Opened: {title}", title=made.title)


def _stated(shelf: Shelf, trial: State) -> State:
    """A state that was brought, once it opens. Raises AdvisorError with every fault."""
    scenario = shelf.open(trial).session.scenario
    return replace(trial, title=scenario.name, recorded=tuple(scenario.decisions))


# milestones: kept beside the scenario


def _milestone(shelf: Shelf, state: State, values: Values) -> Made:
    kept = milestones.read(state.milestones)
    name = milestones.called(kept, str(values.get("name", "")))
    session = shelf.open(state).session
    made = milestones.milestone(name, session.case, session.decisions(), state.origin, dict(state.files))
    state = replace(state, milestones=milestones.written(milestones.added(kept, made)))
    return state, say("Kept: {name}", name=name)


def _forget(_shelf: Shelf, state: State, values: Values) -> Made:
    name = str(values.get("milestone", ""))
    left = milestones.without(milestones.read(state.milestones), name)
    state = replace(state, milestones=milestones.written(left) if left else "")
    return state, say("Forgotten: {name}", name=name)


def _return(shelf: Shelf, state: State, values: Values) -> Made:
    one = milestones.find(milestones.read(state.milestones), str(values.get("milestone", "")))
    origin = one.of if one.of in templates() else ""
    text, files = scenario_yaml(one.scenario), values_of(one.files)
    made = _stated(shelf, State(text, files, origin, milestones=state.milestones))
    return made, say("Back at: {name}", name=one.name)


CHANGES: Mapping[str, Callable[[Shelf, State, Values], Made]] = {
    "set": _set, "reset": _reset, "record": _record, "own": _own, "shipped": _shipped,
    "confirm": _confirm, "pilot": _pilot, "traffic": _traffic, "open": _open, "take": _take,
    "milestone": _milestone, "forget": _forget, "return": _return,
}  # fmt: skip


def step_name(name: object) -> str:
    """A step's name. Raises AdvisorError for any other."""
    if name not in STEP_NAMES:
        fault = Fault("step", say("one of {names}", names=joined(", ", STEP_NAMES)), repr(name)[:80])
        raise AdvisorError(say("There is no such step."), [fault])
    return str(name)
