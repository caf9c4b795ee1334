"""A glimpse of a changed scenario: fast, marked as one, and given up for what a survey finds."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from advisor.catalogue import Catalogue
from advisor.decide import completion
from advisor.decide.option import Option
from advisor.scenario import STEP_NAMES
from advisor.serve.engine import Engine
from advisor.serve.state import Applied, Change, Parts, State, Task
from advisor.steps import Surveyed, glimpse, survey
from advisor.system.case import Case
from advisor.system.opening import open_case, template
from advisor.view import session as sessions
from advisor.view.session import Session

MODEL = "foundation_model"
CHANGED = {"workload.output_tokens": 180}


@pytest.fixture(scope="module")
def case(catalogue: Catalogue) -> Case:
    return Case(open_case(template("claims_intake")).given, catalogue)


@pytest.fixture(scope="module")
def surveyed(case: Case) -> Surveyed:
    return survey(MODEL, case, {})


def test_a_glimpse_gives_the_choice_and_the_bill_of_a_survey(case: Case, surveyed: Surveyed) -> None:
    changed = case.varied(CHANGED)
    glimpsed, whole = glimpse(surveyed, changed, {}), survey(MODEL, changed, {}).decision
    assert glimpsed is not None
    seen = glimpsed.decision
    assert seen.choice is not None
    assert whole.choice is not None
    assert seen.choice.plan == whole.choice.plan
    assert np.array_equal(seen.choice.year.values, whole.choice.year.values, equal_nan=True)
    assert len(seen.options) < len(whole.options)


def taken(step: str, choice: str) -> dict[str, object]:
    return {f"decisions.{step}": {"choice": choice, "by": "", "reason": "", "on": "2026-11-02"}}


def test_a_figure_of_ones_own_asks_for_a_survey(case: Case, surveyed: Surveyed) -> None:
    one = case.catalogue.coefficients["regions.swedencentral.pue"]
    own = {
        "low": one.low,
        "central": one.central,
        "high": one.high,
        "unit": one.unit,
        "owner": "us",
        "reason": "x",
    }
    assert glimpse(surveyed, case.varied({f"overrides.{one.name}": own}), {}) is None


@pytest.mark.parametrize("recorded", [taken("improvement", "prompt"), taken(MODEL, "a-model-far-away")])
def test_a_decision_recorded_meanwhile_asks_for_a_survey(
    case: Case, surveyed: Surveyed, recorded: dict[str, object]
) -> None:
    """A later one narrows what there is to choose from; one for the step may be for what is not near."""
    assert glimpse(surveyed, case.varied(recorded), {}) is None


def test_what_nobody_asks_for_of_a_stopped_model_is_not_looked_for(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The nearest plan of a model that no plan completes, and what stops it."""
    looked = []
    stopped = completion.Search._stopped
    monkeypatch.setattr(
        completion.Search, "_stopped", lambda search, *given: looked.append(given) or stopped(search, *given)
    )
    decision = survey(MODEL, case.varied({"workload.output_tokens": 190}), {}).decision
    fallen = [one for one in decision.options if not one.eligible]
    assert fallen
    assert not looked
    assert all(any(not gate.passed for gate in one.gates) for one in fallen)
    assert looked


def test_a_session_glimpses_a_change_and_surveys_what_it_hands_out(workspace: Path) -> None:
    session = Session("claims_intake")
    session.decision("deployment")
    assert not session.glimpsed  # the first look is a survey
    session.change(CHANGED)
    seen = session.decision("deployment")
    assert session.glimpsed
    decisions = session.decisions()
    assert not session.glimpsed
    assert seen is decisions[2]  # the model was the same, so nothing after it was decided again
    session.undo()
    session.decision("deployment")
    assert session.glimpsed


def test_a_survey_in_slices_counts_once_it_is_whole_and_not_after_a_further_change(workspace: Path) -> None:
    session = Session("claims_intake")
    session.decision(MODEL)
    session.change(CHANGED)
    overtaken = session.survey_in_slices()
    next(overtaken)
    session.change({"workload.output_tokens": 190})
    list(overtaken)  # whoever goes on with it all the same
    session.decision(MODEL)
    assert session.glimpsed

    slices = session.survey_in_slices()
    next(slices)
    assert session.glimpsed
    assert len(list(slices)) > 2
    assert not session.glimpsed
    at_once = Session("claims_intake", {"workload.output_tokens": 190}).decision(MODEL)
    assert session.decision(MODEL).ranking == at_once.ranking
    assert list(session.survey_in_slices()) == []


def wrong(other: Option) -> Callable[[Surveyed, Case, object], Surveyed]:
    """A glimpse that sees another option chosen."""

    def seen(before: Surveyed, _case: Case, _settled: object) -> Surveyed:
        return replace(before, decision=replace(before.decision, choice=other))

    return seen


def test_flips_of_a_later_step_need_no_survey_and_are_those_that_follow_one(workspace: Path) -> None:
    early, late = Session("claims_intake"), Session("claims_intake")
    for session in (early, late):
        session.decision("deployment")
        session.change(CHANGED)
    found = early.with_flips("deployment", 1, sure=False)
    assert early.glimpsed  # nothing was surveyed for it
    assert found.flips
    early.survey()
    assert early.decision("deployment") is found  # borne out, so nothing is looked for again
    assert early.flips_known("deployment", 1)
    late.survey()
    assert late.with_flips("deployment", 1).flips == found.flips


def test_flips_that_rest_on_a_wrong_glimpse_are_not_known_after_a_survey(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = Session("claims_intake")
    other = session.decisions()[0].runner_up
    assert other is not None
    with monkeypatch.context() as patched:
        patched.setattr(sessions, "glimpse", wrong(other))
        session.change({"name": "The same, called otherwise"})
        session.with_flips("improvement", 1, sure=False)
        assert session.flips_known("improvement", 1)
    session.survey()
    assert not session.flips_known("improvement", 1)
    assert session.decision("improvement").flips == ()


def test_a_case_that_is_left_goes_with_all_it_remembers(workspace: Path) -> None:
    """A cycle kept each change whose flips were looked for, some 20 MB, until somebody looked for cycles."""
    session = Session("claims_intake")
    session.decisions()
    session.change(CHANGED)
    for name in STEP_NAMES:
        session.with_flips(name)
    left = weakref.ref(session.case)
    gc.collect()
    gc.disable()
    try:
        session.change({"workload.output_tokens": 190})
        session.decisions()
        assert left() is None
    finally:
        gc.enable()


def test_what_followed_from_a_wrong_glimpse_is_decided_again(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = Session("claims_intake")
    whole = session.decisions()
    other = whole[0].runner_up
    assert other is not None

    monkeypatch.setattr(sessions, "glimpse", wrong(other))
    session.change({"name": "The same, called otherwise"})
    assert session.decision("improvement").choice.plan.model == other.plan.model  # type: ignore[union-attr]
    session.survey()
    again = session.decision("improvement").choice
    assert again is not None
    assert whole[0].choice is not None
    assert again.plan.model == whole[0].choice.plan.model


def test_a_page_says_that_it_is_a_glimpse_until_it_was_surveyed(tmp_path: Path) -> None:
    engine = Engine(tmp_path)
    state = engine.shelf.template("claims_intake")

    def parts(kind: str, *changes: Change, page: str = "deployment") -> dict[str, str]:
        nonlocal state
        found: dict[str, str] = {}
        for message in engine.work(Task(kind, state, changes, {"page": page})):
            if isinstance(message, Parts):
                found |= message.html
            if isinstance(message, Applied):
                assert isinstance(message.outcomes[0].state, State)
                state = message.outcomes[0].state
        return found

    first = parts("view")
    assert "adv-checking" not in first["answer"]
    changed = parts("view", Change("set", {"path": "workload.output_tokens", "value": "180"}))
    assert 'adv-checking" data-after="flips"' in changed["answer"]
    assert set(parts("flips")) == {"flips"}
    assert "data-after" not in parts("view", page=MODEL)["answer"]  # its flips follow a survey
    assert "adv-checking" in parts("view")["answer"]  # flips of a later step asked for none
    assert "adv-checking" not in parts("view", page="log")["answer"]  # it rests on no decision
    surveyed = parts("survey")
    assert "adv-checking" not in surveyed["answer"]
    assert surveyed["answer"] in changed["answer"]  # all else is as it was
    assert "inputs" not in surveyed  # what somebody types meanwhile stays
    assert surveyed["flips"] == parts("flips")["flips"]  # the same, as the survey bore the glimpse out
    assert "adv-checking" not in parts("view")["answer"]
