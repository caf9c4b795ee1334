"""A flip is where it says: the choice differs there, and not just before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from system.settings import case_of

from advisor.core.draws import central
from advisor.core.slices import at_once
from advisor.decide import flips
from advisor.decide.completion import STEPS
from advisor.decide.flips import CLOSEST_FIRST, Asked, Moved, find_flips, flips_in_slices
from advisor.decide.option import Flip
from advisor.scenario import Scenario
from advisor.scenario.traffic import Traffic
from advisor.scenario.validation import field_at
from advisor.steps import decide, deployment, survey, taken, with_flips
from advisor.system.case import Case
from advisor.system.gates import Gate
from advisor.system.plan import ImprovementSetting, StepName, StepSetting
from advisor.view.texts import flips_to, plainly

CaseMaker = Callable[..., Case]
RENT, PAY = ImprovementSetting("rent"), ImprovementSetting("pay")
TITLES = {RENT: "Rent a machine", PAY: "Pay by use"}
VOLUME = "workload.requests_per_day"


@dataclass(frozen=True)
class Always:
    """Chooses by a function of the case."""

    by: Callable[[Case], ImprovementSetting | None]

    def choice(self, case: Case, _knob: str, _among: object = None) -> ImprovementSetting | None:
        return self.by(case)

    def sure(self, case: Case, _knob: str, _base: object) -> ImprovementSetting | None:
        return self.by(case)

    def stops(self, case: Case, _base: object) -> Gate | None:
        most = f"{case.scenario.workload.requests_per_day:,.0f} a day"
        return Gate("quota", False, "what the quota lets through", most, "ask for more quota")


def flips_of(case: Case, knobs: list[str], base: ImprovementSetting, among: Always) -> tuple[Flip, ...]:
    return find_flips(case, [Asked(knobs, base, among, TITLES.__getitem__)])[0]


def cheaper(case: Case) -> ImprovementSetting:
    """Rent costs 1,000 a month whatever happens, paying costs 0.001 a request."""
    return PAY if 0.001 * central(case.workload.requests_per_year) < 12_000 else RENT


def test_the_crossing_is_found(small_case: CaseMaker) -> None:
    """12,000 a year = 0.001 x 365 x requests a day: 32,877 a day, 3.29 times the 10,000 now."""
    case = small_case(workload={"growth_per_year": 0})
    (flip,) = flips_of(case, [VOLUME], PAY, Always(cheaper))
    assert flip.to == "Rent a machine"
    assert flip.label == "Requests per day"
    assert flip.factor == pytest.approx(3.2877, rel=0.025)
    assert (flip.present, flip.flips_at) == ("10,000 request/day", "33,000 request/day")
    # just beyond the flip the choice differs, just before it does not
    for factor, expected in ((flip.factor, RENT), (flip.factor * 0.975, PAY)):
        assert cheaper(case.varied({flip.path: 10_000 * factor})) == expected


def test_a_flip_downwards_is_found_too(small_case: CaseMaker) -> None:
    """32,877 of 100,000 a day: 0.329."""
    case = small_case(workload={"requests_per_day": 100_000, "growth_per_year": 0})
    (flip,) = flips_of(case, [VOLUME], RENT, Always(cheaper))
    assert flip.factor == pytest.approx(0.32877, rel=0.025)
    assert flip.to == "Pay by use"


def test_a_measured_volume_is_moved_by_its_multiplier(
    small_case: CaseMaker, make_traffic: Callable[..., Traffic]
) -> None:
    case = small_case(workload={"growth_per_year": 0})
    case.given._traffic = make_traffic(requests_per_day=10_000)
    (flip,) = flips_of(case, [VOLUME], PAY, Always(cheaper))
    assert flip.path == "workload.traffic_multiplier"
    assert flip.factor == pytest.approx(3.2877, rel=0.025)


def test_a_flip_holds_a_little_beyond(small_case: CaseMaker) -> None:
    """Two that are all but even change places at 4.57 and back at 4.60; from 4.65 times on it is settled.

    Halving 2 to 10 comes to 4.586, which lies between the first two.
    """

    def unsettled(case: Case) -> ImprovementSetting:
        volume = case.given.workload.requests_per_day
        return RENT if 45_700 <= volume < 46_000 or volume >= 46_500 else PAY

    (flip,) = flips_of(small_case(), [VOLUME], PAY, Always(unsettled))
    assert 4.65 <= flip.factor <= 4.65 * 1.02


def test_a_moment_before_a_flip_that_passes_is_none(small_case: CaseMaker) -> None:
    """Settled from 4.65 times on; halving 2 to 10 finds it between 4.644 and 4.703.

    A look back by 3 % lands on 4.509, where two that are all but even change places for a moment:
    half a percent beyond, today's choice is back.
    """

    def unsettled(case: Case) -> ImprovementSetting:
        volume = case.given.workload.requests_per_day
        return RENT if 45_042 <= volume < 45_223 or volume >= 46_500 else PAY

    (flip,) = flips_of(small_case(), [VOLUME], PAY, Always(unsettled))
    assert 4.65 <= flip.factor <= 4.65 * 1.02


def test_what_never_flips_is_not_listed(small_case: CaseMaker) -> None:
    assert flips_of(small_case(), [VOLUME, "quality.floor"], PAY, Always(lambda _case: PAY)) == ()


def test_a_bound_of_the_field_is_no_flip(small_case: CaseMaker) -> None:
    """Beyond 100 % there is no scenario, so a floor of 0.9 can only be lowered."""
    case = small_case(quality={"floor": 0.9})

    def strict(asked: Case) -> ImprovementSetting:
        return PAY if asked.scenario.quality.floor > 0.5 else RENT

    (flip,) = flips_of(case, ["quality.floor"], PAY, Always(strict))
    assert flip.factor == pytest.approx(0.5 / 0.9, rel=0.025)


def test_what_leaves_nothing_to_choose_is_a_flip(small_case: CaseMaker) -> None:
    def none_above(asked: Case) -> ImprovementSetting | None:
        return PAY if asked.scenario.workload.requests_per_day < 50_000 else None

    (flip,) = flips_of(small_case(), [VOLUME], PAY, Always(none_above))
    assert flip.to == "no option"
    assert flip.stopped_by is not None
    assert flip.stopped_by.rule == "quota"
    # it is told where it is looked for: at the volume of the flip
    assert flip.stopped_by.found == f"{10_000 * flip.factor:,.0f} a day"
    assert flips_to(flip) == 'no option: the rule "Quota" stops all (ask for more quota)'


def of_two_steps(case: Case, later: Always, earlier: Always) -> Flip:
    """The flip of a step that keeps what the one before it chose, paying by use."""
    first = Asked([VOLUME], PAY, earlier, TITLES.__getitem__)  # type: ignore[arg-type]
    second = Asked([VOLUME], PAY, later, TITLES.__getitem__, lambda: [first])  # type: ignore[arg-type]
    ((flip,),) = find_flips(case, [second])
    return flip


def up_to_50_000(asked: Case) -> ImprovementSetting | None:
    return PAY if asked.scenario.workload.requests_per_day < 50_000 else None


def rent_from_50_000(asked: Case) -> ImprovementSetting:
    return PAY if asked.scenario.workload.requests_per_day < 50_000 else RENT


def test_what_is_left_with_nothing_by_an_earlier_choice_alone_says_so(small_case: CaseMaker) -> None:
    """From 50,000 a day on what was chosen first leaves nothing after it; chosen anew, there is a plan."""
    flip = of_two_steps(small_case(), Always(up_to_50_000), Always(rent_from_50_000))
    assert flip.leaves_nothing
    assert flip.instead == "Rent a machine"
    assert flips_to(flip) == 'no option but with “Rent a machine” (rule "Quota")'


def test_what_is_left_with_nothing_whatever_is_chosen_before_says_so(small_case: CaseMaker) -> None:
    flip = of_two_steps(small_case(), Always(up_to_50_000), Always(up_to_50_000))
    assert not flip.instead
    assert flips_to(flip) == 'no option: the rule "Quota" stops all (ask for more quota)'


def test_a_step_looked_at_alone_says_that_it_keeps_what_is_chosen_before_it() -> None:
    """Decided by itself, the third step knows of no other model, so "stops all" would say too much."""
    case = case_of(8, task="generate", constraints={"latency_p95_ms": 5_000})
    settled: dict[StepName, StepSetting] = {}
    for step in STEPS[:2]:
        option = taken(case, decide(step, case, settled, flips=False))
        assert option is not None
        settled[step] = option.plan.of(step)
    alone = [flip for flip in decide("deployment", case, settled).flips if flip.leaves_nothing]
    assert alone
    for flip in alone:
        assert flips_to(flip).startswith("no option with what is chosen before it: the rule ")
    first = [flip for flip in decide("foundation_model", case, {}).flips if flip.leaves_nothing]
    assert not any(flip.kept for flip in first)


def test_that_nothing_is_left_is_said_once_it_is_sure(small_case: CaseMaker) -> None:
    """Among the plans that are known an earlier step finds none either, completed anew it does."""

    class Late(Always):
        def sure(self, case: Case, _knob: str, _base: object) -> ImprovementSetting | None:
            return rent_from_50_000(case)

    flip = of_two_steps(small_case(), Always(up_to_50_000), Late(up_to_50_000))
    assert flip.instead == "Rent a machine"


def test_what_a_later_step_says_is_left_by_an_earlier_one_passes_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A model that is just in time is late with a few tokens more; the first step then has another plan."""
    monkeypatch.setattr(deployment, "KNOBS", ("workload.output_tokens",))
    case = case_of(8, task="generate", constraints={"latency_p95_ms": 5_000})
    settled: dict[StepName, StepSetting] = {}
    made = []
    for step in STEPS[:3]:
        made.append(survey(step, case, settled))
        option = taken(case, made[-1].decision)
        assert option is not None
        settled[step] = option.plan.of(step)
    (told,) = with_flips(case, settled, made[2:], made[:2])
    (flip,) = told.flips
    assert flip.leaves_nothing
    there = case.varied({flip.path: float(flip.flips_at.split()[0])})
    assert decide("deployment", there, settled, flips=False).choice is None
    free = decide("foundation_model", there, {}, flips=False)
    assert flip.instead in {option.title for option in free.options if option.eligible}


def test_what_leaves_nothing_comes_after_another_option(small_case: CaseMaker) -> None:
    """Nothing is left from 1.5 times the volume on, another option wins from twice the tokens read."""
    case = small_case()
    tokens = case.given.workload.input_tokens

    def either(asked: Case) -> ImprovementSetting | None:
        if asked.scenario.workload.requests_per_day > 15_000:
            return None
        return RENT if asked.scenario.workload.input_tokens > 2 * tokens else PAY

    found = flips_of(case, [VOLUME, "workload.input_tokens"], PAY, Always(either))
    assert [flip.to for flip in found] == ["Rent a machine", "no option"]
    assert found[0].distance > found[1].distance


def test_a_horizon_is_told_in_months_below_a_year_and_no_shorter_than_a_plan_may_be(
    small_case: CaseMaker,
) -> None:
    """Three years to four months; and what only changes in a week of planning is no flip at all."""

    def short(asked: Case) -> ImprovementSetting:
        return RENT if asked.scenario.timing.horizon_years <= 1 / 3 else PAY

    (flip,) = flips_of(small_case(), ["timing.horizon_years"], PAY, Always(short))
    assert (plainly(flip.present), plainly(flip.flips_at)) == ("3 years", "4 months")

    def week(asked: Case) -> ImprovementSetting:
        return RENT if asked.scenario.timing.horizon_years <= 7 / 365 else PAY

    assert flips_of(small_case(), ["timing.horizon_years"], PAY, Always(week)) == ()


def test_text_flags_and_zeros_are_no_knobs(small_case: CaseMaker) -> None:
    knobs = ["name", "quality.needs_reasoning", "workload.cached_input_share"]
    assert flips_of(small_case(), knobs, PAY, Always(lambda _case: RENT)) == ()


def test_the_nearest_come_first_and_no_more_than_fit_on_a_slide(small_case: CaseMaker) -> None:
    knobs = [VOLUME, "workload.input_tokens", "workload.output_tokens", "knowledge.documents",
             "knowledge.examples", "quality.context_max_tokens", "timing.horizon_years"]  # fmt: skip
    limits = {knob: 1.5 + place for place, knob in enumerate(knobs)}

    def crossed(asked: Case) -> ImprovementSetting:
        for knob, limit in limits.items():
            section, name = knob.split(".")
            now, then = getattr(getattr(asked.scenario, section), name), value(knob)
            if now > limit * then:
                return RENT
        return PAY

    case = small_case()

    def value(knob: str) -> float:
        section, name = knob.split(".")
        return float(getattr(getattr(case.given, section), name))

    found = flips_of(case, knobs, PAY, Always(crossed))
    assert len(found) == CLOSEST_FIRST
    assert [flip.path for flip in found] == knobs[:CLOSEST_FIRST]
    assert [flip.factor for flip in found] == sorted(flip.factor for flip in found)
    # whichever is asked for first
    again = flips_of(case, knobs[::-1], PAY, Always(crossed))
    assert [flip.path for flip in again] == knobs[:CLOSEST_FIRST]


@dataclass(frozen=True)
class Noted(Always):
    """Notes the volumes at which it is asked to be sure."""

    surely: list[float]

    def sure(self, case: Case, _knob: str, _base: object) -> ImprovementSetting | None:
        self.surely.append(case.given.workload.requests_per_day)
        return self.by(case)


@pytest.mark.parametrize(("down", "expected"), [(4_000, 0.4), (2_000, 3.3)])
def test_of_a_flip_on_either_side_the_nearer_counts(
    down: float, expected: float, small_case: CaseMaker
) -> None:
    """10,000 now: up it flips at 33,000, 3.3 times; down at 4,000, 2.5 times less, or at 2,000, 5 times less.

    What is further away than the flip on the other side is not made sure of.
    """

    def both(case: Case) -> ImprovementSetting:
        return PAY if down < case.given.workload.requests_per_day < 33_000 else RENT

    among = Noted(both, [])
    (flip,) = flips_of(small_case(), [VOLUME], PAY, among)
    assert flip.factor == pytest.approx(expected, rel=0.021)
    assert min(among.surely) > 10_000 / 3.4


def test_what_wins_a_little_before_is_followed_to_where_it_begins(small_case: CaseMaker) -> None:
    """At a glance RENT wins from 60,000 on; looked at for sure it is another from 40,000 on, which a glance
    sees once it is known. So it is made sure of once beyond 60,000, and on either side of 40,000.
    """
    other = ImprovementSetting("other")

    class Learning(Noted):
        def choice(self, case: Case, _knob: str, _among: object = None) -> ImprovementSetting | None:
            if self.surely:
                return self.by(case)
            return RENT if case.given.workload.requests_per_day >= 60_000 else PAY

    def truly(case: Case) -> ImprovementSetting:
        return other if case.given.workload.requests_per_day >= 40_000 else PAY

    among = Learning(truly, [])
    asked = Asked([VOLUME], PAY, among, {**TITLES, other: "Another"}.__getitem__)
    (flip,) = find_flips(small_case(), [asked])[0]
    assert (flip.to, flip.flips_at) == ("Another", "40,000 request/day")
    assert sum(volume > 50_000 for volume in among.surely) == 1
    assert sum(volume < 40_000 for volume in among.surely) == 1


def test_between_slices_little_is_looked_at(small_case: CaseMaker) -> None:
    """A slice asks for one choice, or for the few that enclose a flip: 2 to 10 is halved seven times."""
    looked: list[float] = []

    class Noted(Always):
        def choice(self, case: Case, _knob: str, _among: object = None) -> ImprovementSetting | None:
            looked.append(case.given.workload.requests_per_day)
            return self.by(case)

    case = small_case(workload={"growth_per_year": 0})
    asked = [Asked([VOLUME], PAY, Noted(cheaper), TITLES.__getitem__)]
    slices, taken = flips_in_slices(case, asked), []
    for _ in slices:
        taken.append(len(looked))
        looked.clear()
    assert at_once(flips_in_slices(case, asked)) == find_flips(case, asked)
    assert taken[:4] == [1, 1, 1, 2 + 7]
    assert max(taken) == 9


def test_for_the_nearest_flip_nothing_is_moved_further_than_that(small_case: CaseMaker) -> None:
    """Three inputs flip: answers from 300 tokens on, prompts from 3,000 on, requests from 30,000 a day on, by
    the factors 1.5, 3 and 3 of what they are. Where one is enough, no input is moved beyond 1.5 times and a
    little, as every one is moved up to 2 before one is moved to 10; the others are found once all are asked
    for, and the first stays as it was told.
    """
    read, written, volume = (
        f"workload.{name}" for name in ("input_tokens", "output_tokens", "requests_per_day")
    )
    far: list[float] = []

    class Noted(Always):
        def choice(self, case: Case, _knob: str, _among: object = None) -> ImprovementSetting | None:
            work = case.given.workload
            moved = (work.output_tokens / 200, work.input_tokens / 1000, work.requests_per_day / 10_000)
            far.append(max(max(one, 1 / one) for one in moved))
            return self.by(case)

    def by(case: Case) -> ImprovementSetting:
        work = case.given.workload
        flipped = (work.output_tokens >= 300, work.input_tokens >= 3000, work.requests_per_day >= 30_000)
        return RENT if any(flipped) else PAY

    case = small_case(workload={"output_tokens": 200, "input_tokens": 1000, "requests_per_day": 10_000})
    asked = [Asked([written, read, volume], PAY, Noted(by), TITLES.__getitem__)]
    (nearest,) = at_once(flips_in_slices(case, asked, most=1))
    assert [flip.path for flip in nearest] == [written]
    assert nearest[0].distance == pytest.approx(1.5, rel=0.02)
    assert max(far) == 2.0  # of the first input; the others up to the flip that is known by then
    assert not flips.all_found(nearest, 1)

    (every,) = at_once(flips_in_slices(case, asked, known=[nearest]))
    assert [flip.path for flip in every] == [written, read, volume]
    assert every[0] is nearest[0]
    assert flips.all_found(every, CLOSEST_FIRST)


def test_a_change_to_what_does_just_the_same_is_none(small_case: CaseMaker) -> None:
    asked = Asked([VOLUME], PAY, Always(cheaper), TITLES.__getitem__, same=("Rent a machine",))
    assert find_flips(small_case(workload={"growth_per_year": 0}), [asked]) == [()]


def told_of(case: Case, path: str, flips_at: float, changed: Callable[[float], bool]) -> tuple[str, str]:
    unit = field_at(Scenario, path)[1]
    return flips._told(Moved(case, path), flips_at, unit, changed)


def test_a_flip_that_is_near_is_told_in_as_many_digits_as_it_takes(small_case: CaseMaker) -> None:
    """15,000 and 15,240 are both 15,000 in two digits; in three they are 15,000 and 15,300."""
    case = small_case(workload={"requests_per_day": 15_000}, quality={"floor": 0.82})
    assert told_of(case, VOLUME, 15_240, lambda at: at >= 15_230) == (
        "15,000 request/day", "15,300 request/day",
    )  # fmt: skip
    assert told_of(case, "quality.floor", 0.8234, lambda at: at >= 0.823) == ("0.82", "0.823")
    # thousands are told apart in any number of digits
    limit = small_case(constraints={"first_token_p95_ms": 3000})
    path = "constraints.first_token_p95_ms"
    assert told_of(limit, path, 2990.4, lambda at: at <= 2990.4) == ("3,000 ms", "2,990 ms")


def test_at_the_value_that_is_told_the_choice_has_changed(small_case: CaseMaker) -> None:
    """900 to 1,938: at 1,900 it has not yet, at 2,000 it has; 309 downwards is 300."""
    case = small_case(workload={"requests_per_day": 900})
    assert told_of(case, VOLUME, 1_938, lambda at: at >= 1_930) == ("900 request/day", "2,000 request/day")
    # 1,900 where it has: a flip is found to within 2 %
    assert told_of(case, VOLUME, 1_938, lambda at: at >= 1_900) == ("900 request/day", "1,900 request/day")
    # down, away is less; and where a third choice is best at 310 and at 300, in three digits
    assert told_of(case, VOLUME, 309, lambda at: at <= 309) == ("900 request/day", "300 request/day")
    assert told_of(case, VOLUME, 309.4, lambda at: 305 < at <= 309.4) == (
        "900 request/day", "309 request/day",
    )  # fmt: skip


def test_what_is_told_in_a_shorter_unit_has_changed_there_too(small_case: CaseMaker) -> None:
    """Three years down to 0.3272, 3.93 months: 3.9 months are 0.325 years; 0.3312 years are 3.97, so 4 months
    where it has changed by then and 3.9 where it has not.
    """
    case, path = small_case(timing={"horizon_years": 3}), "timing.horizon_years"
    assert told_of(case, path, 0.3272, lambda at: at == pytest.approx(0.325)) == ("3 year", "3.9 month")
    assert told_of(case, path, 0.3312, lambda at: at <= 0.334) == ("3 year", "4 month")
    assert told_of(case, path, 0.3312, lambda at: at <= 0.332) == ("3 year", "3.9 month")


def test_a_flip_found_is_a_flip_where_it_is_told(small_case: CaseMaker) -> None:
    """32,877 a day tell apart: whatever is told, the choice differs there."""
    for volume in range(9_000, 11_000, 100):
        case = small_case(workload={"growth_per_year": 0, "requests_per_day": volume})
        (flip,) = flips_of(case, [VOLUME], PAY, Always(cheaper))
        there = float(flip.flips_at.split()[0].replace(",", ""))
        assert cheaper(case.varied({VOLUME: there})) == RENT
