"""The five decisions, in order: each is the set of plans that differ in one setting.

A step module says which alternatives its setting has, how they are named and what to show beside
them. The bill of the completed plan does the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from importlib import import_module
from typing import Any, Protocol, cast

from advisor.core.beside import Beside
from advisor.core.exhibits import Exhibit
from advisor.core.saying import joined, say
from advisor.core.slices import Sliced, at_once
from advisor.decide import evenness
from advisor.decide.choosing import Candidate, candidates, choose, settled_before
from advisor.decide.completion import Pins, Search, Spaces
from advisor.decide.do_first import Done, way
from advisor.decide.flips import CLOSEST_FIRST, Asked, flips_in_slices
from advisor.decide.lacking import what_is_lacking
from advisor.decide.nearly import Nearly, nearest
from advisor.decide.option import Decision, Described, Even, Flip, Option, Shown
from advisor.decide.relaxing import what_to_relax
from advisor.decide.today import today_plan
from advisor.decide.what_ifs import glimpsed, hopeful
from advisor.scenario import STEP_NAMES, Scenario
from advisor.steps.to_mind import to_mind
from advisor.system import claims
from advisor.system.case import Case
from advisor.system.differing import differences, same_figures
from advisor.system.gates import failed
from advisor.system.plan import Plan, StepName, StepSetting

# fields of a scenario that may differ from a surveyed one for a glimpse; an input may count twice, as what it
# holds and as given at all
MOST_MOVED = 20


class Step(Described, Protocol):
    """What a step module offers."""

    STEP: StepName
    QUESTION: str
    CONTROLS: tuple[str, ...]
    KNOBS: tuple[str, ...]
    GUIDANCE: tuple[str, ...]

    @staticmethod
    def exhibits(case: Case, decision: Decision) -> tuple[Exhibit, ...]:
        """Charts, tables and files for a decision."""

    @staticmethod
    def headline(case: Case, option: Option) -> str:
        """An option in one sentence."""

    @staticmethod
    def explain(case: Case, decision: Decision) -> tuple[str, tuple[str, ...]]:
        """The answer in one sentence, and the few facts that decided it."""


def step(name: str) -> Step:
    """The module of a step by name."""
    return cast(Step, import_module(f"advisor.steps.{name}"))


def spaces() -> Spaces:
    """What each step can choose from."""
    found = [import_module(f"advisor.steps.{name}").alternatives for name in STEP_NAMES]
    return Spaces(*found)


Settled = Mapping[StepName, StepSetting]


def pins(case: Case, settled: Settled) -> Pins:
    """What is decided: settings taken in earlier steps, and decisions recorded for later ones."""
    recorded = {name: one.choice for name, one in case.given.decisions.items() if name not in settled}
    model = recorded.get("foundation_model")
    if model is not None and all(one.key != model for one in spaces().models(case)):
        del recorded["foundation_model"]  # not to be had: the advice is looked for among all
    return Pins(settled, recorded)


@dataclass(frozen=True, slots=True, eq=False)
class Surveyed:
    """A decision, what it was made for, and every alternative it was made among, each completed."""

    given: Scenario
    pins: Pins
    decision: Decision
    found: Sequence[Candidate]


def survey(name: StepName, case: Case, settled: Settled) -> Surveyed:
    """Decide one step given the settings taken before it, among all its alternatives."""
    return at_once(survey_in_slices(name, case, settled))


def survey_in_slices(name: StepName, case: Case, settled: Settled) -> Sliced[Surveyed]:
    """As :func:`survey`, an alternative a slice."""
    pins = _free(name, case, settled)
    found = yield from candidates(case, spaces(), pins, name)
    decision = replace(
        _decision(case, name, pins, found), lacks=partial(what_is_lacking, case, spaces(), pins, found)
    )
    return Surveyed(case.given, pins, decision, found)


def decide(name: StepName, case: Case, settled: Settled, flips: bool = True) -> Decision:
    """Decide one step given the settings taken before it."""
    surveyed = survey(name, case, settled)
    return with_flips(case, settled, [surveyed])[0] if flips else surveyed.decision


def glimpse(before: Surveyed, case: Case, settled: Settled) -> Surveyed | None:
    """What a step seems to choose in a scenario in which a few inputs differ from a surveyed one.

    Decided among the alternatives that came near the best there, each in the plans that came near; what fell
    to a gate there is not looked at, so a survey may find otherwise. None where only a survey tells.
    """
    name = before.decision.step
    pins, recorded = _free(name, case, settled), case.given.decisions.get(name)
    moved = differences(before.given, case.given)
    if pins != before.pins or not same_figures(before.given, case.given) or len(moved) > MOST_MOVED:
        return None
    near = glimpsed(case, spaces(), pins, name, before.found)
    if not near or (recorded is not None and recorded.choice not in {one.setting.key for one in near}):
        return None
    return Surveyed(case.given, pins, _decision(case, name, pins, near), near)


def _free(name: StepName, case: Case, settled: Settled) -> Pins:
    """What narrows a step: what is settled before it, and what is recorded for the steps after it."""
    before = {one: settled[one] for one in STEP_NAMES[: STEP_NAMES.index(name)]}
    recorded = pins(case, before).recorded
    return Pins(before, {key: choice for key, choice in recorded.items() if key != name})


def stopped(case: Case, name: StepName, earlier: StepName) -> Decision:
    """The decision of a step that cannot be taken because an earlier one found nothing."""
    question = step(earlier).QUESTION
    headline = say("Not examined: “{question}” has no answer that passes every rule.", question=question)
    nothing = Decision(name, step(name).QUESTION, (), None, None, 0.0, {}, {}, frozenset())
    return replace(nothing, headline=headline)


def with_flips(
    case: Case, settled: Settled, made: Sequence[Surveyed], earlier: Sequence[Surveyed] = ()
) -> list[Decision]:
    """Decisions with the nearest change of each input that would change them.

    ``earlier``: the steps before them, which tell what becomes possible once their choices are not kept.
    """
    return at_once(with_flips_in_slices(case, settled, made, earlier))


def with_flips_in_slices(
    case: Case, settled: Settled, made: Sequence[Surveyed], earlier: Sequence[Surveyed] = (),
    most: int = CLOSEST_FIRST,
) -> Sliced[list[Decision]]:  # fmt: skip
    """As :func:`with_flips`, a few what-ifs a slice: so many of each step, those that it has already kept."""
    every = [one for one in (*earlier, *made) if one.decision.choice is not None]

    asked: dict[StepName, Callable[[], Asked]] = {}
    for one in every:  # each knows those before it alone: none is kept by a cycle, with all that it remembers
        asked[one.decision.step] = cache(partial(_asked, case, settled, one, tuple(asked.values())))
    wanted = {one.decision.step: asked[one.decision.step]() for one in made if one in every}
    known = [one.decision.flips for one in made if one in every]
    found_flips = yield from flips_in_slices(case, list(wanted.values()), most, known)
    flips = dict(zip(wanted, found_flips, strict=True))
    return [replace(one.decision, find=partial(tuple, flips.get(one.decision.step, ()))) for one in made]


def _asked(case: Case, settled: Settled, surveyed: Surveyed, before: Sequence[Callable[[], Asked]]) -> Asked:
    """What is looked at of a step, to find what would change its choice; and of those ``before`` it."""
    decision, name = surveyed.decision, surveyed.decision.step
    assert decision.choice is not None  # noqa: S101 - asked of steps with a choice
    about, pins = step(name), _free(name, case, settled)
    among = hopeful(case, spaces(), pins, name, surveyed.found)
    titled = partial(among.title, case.centre, of=about.title)
    recorded = decision.recorded.plan.of(name) if decision.recorded else None
    base = decision.choice.plan.of(name)
    return Asked(
        about.KNOBS, base, among, titled,
        lambda: [one() for one in reversed(before)], recorded, bool(pins.settled) and not before,
        _alike(case, name, surveyed.found).get(base, ()),
    )  # fmt: skip


def _decision(case: Case, name: StepName, pins: Pins, found: Sequence[Candidate]) -> Decision:
    module = step(name)
    alike = _alike(case, name, found)
    found = [one for one in found if one.setting in alike]
    chosen = choose(case, found)
    options = {
        one.setting: Option(case, name, one, cast(Described, Alike(module, alike[one.setting])))
        for one in found
    }
    best = [options[one.setting] for one in chosen.ranked[:2]]
    weighed = chosen.weighed
    shares = chosen.by_key(weighed.p_best) if weighed else {}
    on_front = weighed.front if weighed else ()
    decision = Decision(
        step=name,
        question=module.QUESTION,
        options=tuple(options.values()),
        choice=best[0] if best else None,
        runner_up=best[1] if len(best) > 1 else None,
        confidence=shares[best[0].key] if best else 0.0,
        p_best=shares,
        scores=chosen.by_key(weighed.middle) if weighed else {},
        front=frozenset(one.setting.key for one, kept in zip(chosen.eligible, on_front, strict=True) if kept),
        ranking=tuple(one.setting.key for one in chosen.ranked),
        guidance=module.GUIDANCE,
    )
    stands = taken(case, decision)
    other = stands if stands is not decision.choice else None
    with case.recording() as used:
        headline, reasons = module.explain(case, decision)
        told = module.headline(case, other) if other else ""
        even = evenness.even(case, name, chosen, options)
        first = _first(case, name, decision.choice, even) if decision.choice else ()
    decision = replace(
        decision, headline=headline, argued=(*first, *reasons), even=even, stated=frozenset(used)
    )
    decision = replace(decision, recorded=other, told=told, lost=_lost(case, decision))
    decision = replace(decision, warnings=to_mind(case, decision))
    # what is shown beside an answer is that of what stands, as the plan goes by it
    standing = replace(decision, choice=other, runner_up=decision.choice) if other else decision

    def show() -> Shown:
        with case.recording() as read:
            return module.exhibits(case, standing), frozenset(read)

    def near() -> Sequence[Nearly]:
        return nearest(Search(case, spaces(), pins), settled_before(pins, name), options)

    floor = case.scenario.quality.floor
    return replace(
        decision, show=show, near=near, relax=partial(what_to_relax, floor=floor, recorded=pins.later)
    )


def _first(case: Case, name: StepName, choice: Option, even: Even | None) -> tuple[str, ...]:
    """What is to be known before all reasons: what nobody has confirmed, and that something is as good."""
    assumed = claims.unconfirmed(case, choice.plan, name)
    negligible = evenness.told(even, choice) if even else ""
    return tuple(said for said in (assumed, negligible) if said)


def _alike(case: Case, name: StepName, found: Sequence[Candidate]) -> dict[StepSetting, tuple[str, ...]]:
    """The settings to list, each with the names of others that do just the same in this scenario.

    Of those that do the same the recorded one is listed, else the first.
    """
    module, recorded = import_module(f"advisor.steps.{name}"), case.given.decisions.get(name)
    same = getattr(module, "same", None)
    if same is None:
        return {one.setting: () for one in found}
    groups: dict[object, list[Candidate]] = {}
    for one in found:
        groups.setdefault((same(case.centre, one.plan), failed(one.all_gates)), []).append(one)
    listed: dict[StepSetting, tuple[str, ...]] = {}
    for group in groups.values():
        kept = next((one for one in group if recorded and one.setting.key == recorded.choice), group[0])
        listed[kept.setting] = tuple(module.title(case.centre, one.plan) for one in group if one is not kept)
    return listed


@dataclass(frozen=True)
class Alike:
    """How a step tells of its setting, with the names of others that do the same."""

    module: Step
    others: tuple[str, ...]

    def title(self, case: Case, plan: Plan) -> str:
        """What the setting is called."""
        return self.module.title(case, plan)

    def notes(self, case: Case, plan: Plan) -> tuple[str, ...]:
        """What is worth knowing about it."""
        same = (say("The same here: {others}.", others=joined("; ", self.others)),) if self.others else ()
        return (*self.module.notes(case, plan), *same)

    def warnings(self, case: Case, plan: Plan) -> tuple[str, ...]:
        """What does not rule it out but must be known."""
        return self.module.warnings(case, plan)

    def settings(self, case: Case, plan: Plan) -> dict[str, Any]:
        """What follows from it in a case, for other programs."""
        return self.module.settings(case, plan)


def taken(case: Case, decision: Decision) -> Option | None:
    """The option that is carried forward: the recorded one, else the advised one."""
    recorded = case.given.decisions.get(decision.step)
    if recorded is not None:
        for option in decision.options:
            if option.key == recorded.choice:
                return option
    return decision.choice


def _lost(case: Case, decision: Decision) -> str:
    """What people recorded where no option here is that; empty where one is, or nothing was recorded."""
    recorded = case.given.decisions.get(decision.step)
    if recorded is None or any(option.key == recorded.choice for option in decision.options):
        return ""
    return recorded.choice


def signed(case: Case, decision: Decision) -> bool:
    """Whether people took the decision that stands."""
    return decision.step in case.given.decisions and not decision.lost


def run(
    case: Case, flips: bool = True, progress: Callable[[str], None] | None = None, shared: bool = False
) -> list[Decision]:
    """All five decisions, each given the ones before it; after one with no choice nothing is decided.

    ``shared``: whether a copy of this process may find the flips of the first step, which take about as long
    as those of all the others.
    """
    settled: dict[StepName, StepSetting] = {}
    made: list[Surveyed] = []
    for name in STEP_NAMES:
        if progress:
            progress(name)
        made.append(survey(name, case, settled))
        option = taken(case, made[-1].decision)
        if option is None:
            break
        settled[name] = option.plan.of(name)
    if flips and progress:
        progress("what would change them")
    if not flips:
        decisions = [one.decision for one in made]
    elif shared:
        decisions = _with_flips_shared(case, settled, made)
    else:
        decisions = with_flips(case, settled, made)
    return decisions + [stopped(case, later, STEP_NAMES[len(made) - 1]) for later in STEP_NAMES[len(made) :]]


def _with_flips_shared(case: Case, settled: Settled, made: Sequence[Surveyed]) -> list[Decision]:
    """As :func:`with_flips`, those of the first step worked out in a process beside this one."""

    def of_first() -> tuple[Flip, ...]:
        [decision] = with_flips(case, settled, made[:1])
        return tuple(flip.looked() for flip in decision.flips)

    beside = Beside(of_first)  # asked when they are told, and others are drawn before it
    others = with_flips(case, settled, made[1:], made[:1])
    return [replace(made[0].decision, find=lambda: beside.result), *others]


def check_today(case: Case) -> None:
    """Raise ScenarioError naming what the scenario says of today that could not be drawn."""
    if case.given.today is not None:
        today_plan(case, spaces())


def way_to(case: Case, plan: Plan) -> list[Done]:
    """What to do first, and then, from the system of today to a plan; empty where today is the plan."""
    start = today_plan(case, spaces())
    return way(case, start, plan) if start is not None else []


def final_option(case: Case, decisions: Sequence[Decision]) -> Option | None:
    """The option of the last decision, whose plan holds all five settings taken; None before that."""
    return taken(case, decisions[-1]) if len(decisions) == len(STEP_NAMES) else None
