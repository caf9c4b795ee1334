"""The exact front of all plans against looking at every one, ties included; budgets and carbon prices."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import product
from random import Random
from typing import Any

import numpy as np
import pytest

from advisor.catalogue import open_catalogue
from advisor.core.errors import UnknownNameError
from advisor.decide.choosing import own_gates, year_of
from advisor.decide.completion import STEPS, Pins, Search, Spaces, storages
from advisor.decide.fronts import Growing, front_of
from advisor.decide.search import (
    OBJECTIVES,
    Front,
    best_of,
    best_within,
    joint_front,
    least_by_price,
)
from advisor.decide.years import least_stored, phases_of, yearly
from advisor.steps import spaces
from advisor.system import billing, improvement_gates
from advisor.system.case import Case
from advisor.system.gates import failed, passes
from advisor.system.opening import open_case, template
from advisor.system.plan import Plan
from advisor.system.priorities import CONCERNS

FREE = Pins({}, {})
ROWS = [CONCERNS.index(name) for name in OBJECTIVES]


def passing(search: Search, model: Any) -> list[Any]:
    """The first three settings of every plan with a model that pass their gates."""
    return [
        early
        for improvement in search.alternatives("improvement", model)
        if improvement_gates.open_to(search.case, model, improvement)
        for early, passed in search.deployed(model, improvement)
        if passed
    ]


def undominated(points: np.ndarray) -> np.ndarray:
    """Each point held against each other, one by one."""
    return np.array([not any(np.all(o <= p) and np.any(o < p) for o in points) for p in points])


@pytest.mark.parametrize("seed", range(300))
def test_the_front_of_a_small_space_is_what_looking_at_every_plan_finds(seed: int) -> None:
    """Whole numbers from a small range, so that many plans tie; blocks of three parts of 1 to 4 rows."""
    draw = np.random.default_rng(seed)
    most = int(draw.integers(2, 10))
    blocks = [
        [draw.integers(0, most, (int(draw.integers(1, 5)), 4)).astype(float) for _ in range(3)]
        for _ in range(int(draw.integers(1, 6)))
    ]
    every = [
        (number, *rows)
        for number, parts in enumerate(blocks)
        for rows in product(*(range(len(part)) for part in parts))
    ]
    points = np.array(
        [sum(part[row] for part, row in zip(blocks[one[0]], one[1:], strict=True)) for one in every]
    )
    wanted = {one for one, stays in zip(every, undominated(points), strict=True) if stays}
    found = front_of(blocks)
    assert {tuple(row) for row in found.places.tolist()} == wanted
    assert len(found.places) == len(wanted)
    for point, place in zip(found.points, found.places.tolist(), strict=True):
        assert list(point) == list(points[every.index(tuple(place))])


@pytest.mark.parametrize("seed", range(30))
def test_a_growing_front_beats_what_one_of_its_sums_dominates(seed: int) -> None:
    """After each block that is added, against every sum so far, whole numbers so that many tie."""
    draw = np.random.default_rng(seed)
    front, every = Growing(), np.zeros((0, 3))
    assert not front.beats(np.zeros(3))
    for _ in range(4):
        parts = [draw.integers(0, 6, (int(draw.integers(1, 5)), 3)).astype(float) for _ in range(2)]
        front.add(parts)
        every = np.vstack([every, (parts[0][:, None] + parts[1]).reshape(-1, 3)])
        for point in draw.integers(0, 12, (40, 3)).astype(float):
            wanted = any(np.all(one <= point) and np.any(one < point) for one in every)
            assert front.beats(point) == wanted


def test_no_space_has_no_front() -> None:
    assert len(front_of([]).points) == 0


@cache
def centre(name: str) -> Case:
    return Case(open_case(template(name)).given, open_catalogue(offline=True), 0)


def few(case: Case, seed: int) -> Spaces:
    """Three models of a real scenario with up to six ways to improve and deploy each that pass, and some
    that do not, four ways to keep the data and four to operate."""
    every, early = spaces(), dict[Any, list[Any]]()
    random = Random(seed)  # noqa: S311 - variety, not secrecy
    models, search = list(every.models(case)), Search(case, spaces(), FREE)
    for model in random.sample(models, k=len(models)):
        found = [] if failed(own_gates(case, (model,))) else passing(search, model)
        if found and len(early) < 3:
            early[model] = random.sample(found, k=min(6, len(found)))

    def improvements(of: Case, model: Any) -> tuple[Any, ...]:
        return tuple(dict.fromkeys([*(one[1] for one in early[model]), *every.improvements(of, model)[:2]]))

    def deployments(of: Case, model: Any, improvement: Any) -> tuple[Any, ...]:
        open_to = [one[2] for one in early[model] if one[1] == improvement]
        return tuple(dict.fromkeys([*open_to, *every.deployments(of, model, improvement)[:1]]))

    storages, operations = every.storages(case)[:4], every.operations(case)[:4]
    return Spaces(
        lambda _: tuple(early), improvements, deployments, lambda _: storages, lambda _: operations
    )  # fmt: skip


def every_plan(case: Case, among: Spaces) -> list[Plan]:
    """Every plan of a space that passes every gate, found by asking each."""
    search = Search(case, among, FREE)
    early = [
        (model, improvement, deployment)
        for model in search.alternatives("foundation_model")
        for improvement in search.alternatives("improvement", model)
        for deployment in search.alternatives("deployment", model, improvement)
    ]
    late = list(product(search.alternatives("data_storage"), search.alternatives("operations")))
    plans = [Plan(*first, *last) for first in early for last in late]
    return [plan for plan in plans if all(passes(billing.gates(case, plan, step)) for step in STEPS)]


def points_of(case: Case, plans: list[Plan]) -> np.ndarray:
    years = [year_of(case, plan)[ROWS, 0] for plan in plans]
    shares = [-billing.quality(case, plan)[0] for plan in plans]
    return np.column_stack([np.array(years).reshape(-1, len(ROWS)), shares])


@pytest.mark.parametrize("name", ["contact_centre", "speech_notes", "nightly_reports", "code_assistant"])
@pytest.mark.parametrize("seed", range(4))
def test_the_front_of_some_real_plans_is_what_their_bills_and_gates_say(name: str, seed: int) -> None:
    """Bills of whole plans, against sums of the parts of a bill: equal but for rounding."""
    case = centre(name)
    among = few(case, seed)
    found = joint_front(case, among, FREE)
    plans = every_plan(case, among)
    points = points_of(case, plans)
    assert len(plans) > 10
    scaled = points / np.maximum(np.abs(points).max(axis=0), 1e-12)
    stays = undominated(np.round(scaled, 12))
    wanted = {plan for plan, stay in zip(plans, stays, strict=True) if stay}
    assert wanted <= {*found.plans}
    for plan in {*found.plans} - wanted:  # it ties in some concern with what beats it, but for rounding
        apart = scaled - scaled[plans.index(plan)]
        beats = (apart <= 1e-12).all(axis=1) & (apart < -1e-12).any(axis=1)
        assert (np.abs(apart[beats]) <= 1e-12).any(axis=1).all()
    assert found.points == pytest.approx(points_of(case, list(found.plans)), rel=1e-9)


def test_what_is_recorded_narrows_the_front() -> None:
    case, among = centre("contact_centre"), few(centre("contact_centre"), 1)
    free = joint_front(case, among, FREE)
    model = free.plans[-1].model.key
    narrowed = joint_front(case, among, Pins({}, {"foundation_model": model}))
    assert {plan.model.key for plan in narrowed.plans} == {model}
    assert {plan for plan in free.plans if plan.model.key == model} <= {*narrowed.plans}


def made_up(*points: tuple[float, float, float, float]) -> Front:
    """A front of plans told apart by their storage: carbon, cost, water, quality."""
    case = centre("contact_centre")
    model = spaces().models(case)[0]
    improvement = spaces().improvements(case, model)[0]
    deployment = spaces().deployments(case, model, improvement)[0]
    operation, storage = spaces().operations(case)[0], spaces().storages(case)[0]
    plans = tuple(
        Plan(model, improvement, deployment, replace(storage, policy=str(n)), operation)
        for n in range(len(points))
    )
    array = np.array(points) * [1, 1, 1, -1]
    return Front(plans, array, OBJECTIVES, len(points))


def test_the_best_quality_within_budgets() -> None:
    """0.9 takes 2 t, over the limit; of the two within it, 0.8 is better than 0.7."""
    front = made_up((2000, 90, 1, 0.9), (900, 100, 1, 0.8), (500, 40, 1, 0.7))
    fit = best_within(front, {"carbon": 1000, "cost": 120})
    assert fit is not None
    assert (fit.plan.storage.policy, fit.needed) == ("1", {})


def test_the_smallest_relaxation_is_one_factor_for_all_budgets() -> None:
    """Needed factors: max(2000/400, 90/30) = 5; max(900/400, 100/30) = 3.33; max(500/400, 40/30) = 1.33."""
    front = made_up((2000, 90, 1, 0.9), (900, 100, 1, 0.8), (500, 40, 1, 0.7))
    fit = best_within(front, {"carbon": 400, "cost": 30})
    assert fit is not None
    assert (fit.plan.storage.policy, fit.needed) == ("2", {"carbon": 500.0, "cost": 40.0})
    again = best_within(front, {"carbon": 400, "cost": 30, **fit.needed})
    assert again is not None
    assert (again.plan, again.needed) == (fit.plan, {})


def test_a_budget_of_something_else_is_a_fault() -> None:
    with pytest.raises(UnknownNameError, match="carbon"):
        best_within(made_up((1, 1, 1, 1)), {"carbn": 1})


def test_a_carbon_price_moves_the_choice() -> None:
    """An answer at 0: 90/0.9 = 100 against 120/0.8 = 150. At 0.2 USD/kg: 490/0.9 = 544 against 375."""
    front = made_up((2000, 90, 1, 0.9), (900, 120, 1, 0.8))
    assert least_by_price(front, 0.0) == 0
    assert least_by_price(front, 0.2) == 1


def test_the_best_by_priorities_is_on_the_front() -> None:
    """Carbon alone: the least of it for an accepted answer, 500/0.7 = 714 against 900/0.8 = 1125."""
    case = centre("contact_centre").varied(
        {f"priorities.{name}": float(name == "carbon") for name in ("carbon", "cost", "quality", "water")}
    )
    assert best_of(case, made_up((900, 100, 1, 0.8), (500, 400, 9, 0.7))) == 1
    assert best_of(case, replace(made_up((1, 1, 1, 1)), plans=())) is None


@pytest.mark.parametrize("name", ["contact_centre", "claims_triage", "legal_qa"])
def test_no_way_to_keep_the_data_takes_less_than_the_bound(name: str) -> None:
    """What is passed over is passed over by this bound; no looser than half of the least there is."""
    case = Case(open_case(template(name)).given, open_catalogue(offline=True), 0)
    search = Search(case, spaces(), Pins({}, {}))
    model = next(one for one in search.alternatives("foundation_model") if passing(search, one))
    for early in passing(search, model)[:20]:
        years = yearly(case, storages(case, search.spaces, *early).phases)[:, :, 0]
        bound = least_stored(case, *early)
        assert np.all(bound <= years)
        assert np.all(bound >= years.min(axis=0) / 2)


@pytest.mark.parametrize("name", ["contact_centre", "claims_triage", "nightly_reports"])
def test_no_late_settings_that_pass_take_less_than_their_bounds(name: str) -> None:
    """Ways to keep the data that pass their gates, and every upkeep, by what is held against the front."""
    case = Case(open_case(template(name)).given, open_catalogue(offline=True), 0)
    search, seen = Search(case, spaces(), Pins({}, {})), 0
    model = next(one for one in search.alternatives("foundation_model") if passing(search, one))

    def year(charged: Any) -> np.ndarray:
        return np.asarray(yearly(case, phases_of(case, charged))[:, 0])

    for early in passing(search, model)[:12]:
        found = storages(case, search.spaces, *early)
        taken_in, least = billing.least_open(case, *early)
        for phases, stops in zip(found.phases, found.stops, strict=True):
            if not stops:
                seen += 1
                assert np.all((year(taken_in) + least) * (1 - 1e-9) <= yearly(case, phases)[:, 0])
        for one in search.alternatives("operations"):
            some, more = (
                year(billing.least_operating(case, early[2], one)),
                year(billing.watching(case, *early, one)),
            )
            assert np.all(some <= more + 1e-9 * more)
            assert np.all(more <= year(billing.operating(case, *early, one)) * (1 + 1e-9))
        alone = year(billing.answering_alone(case, *early))
        assert np.all(alone <= year(billing.serving(case, *early)) * (1 + 1e-9))
    assert seen
