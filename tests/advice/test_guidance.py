"""Each item of the guidance is answered for its scenario: a figure, a reason, or an owner and a day."""

from __future__ import annotations

import re
from functools import cache
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest

from advisor.catalogue import open_catalogue
from advisor.core.draws import central
from advisor.core.footprint import Footprint
from advisor.core.wording import amount, number
from advisor.decide.option import Decision, Option
from advisor.scenario import parse_scenario
from advisor.steps import final_option, run
from advisor.steps.improvement import break_evens
from advisor.system import hosts, provisioned, sites, training
from advisor.system.bill import Bill, Line, Resource
from advisor.system.case import Case
from advisor.system.opening import open_case, template
from advisor.system.plan import (
    DeploymentSetting,
    ImprovementSetting,
    ModelSetting,
    OperationSetting,
    Plan,
    StorageSetting,
)
from advisor.view.guidance import HOW, answers
from advisor.view.guidance_answer import ANSWERED, NOT_HERE, OPEN, Answer, Asked

DRAWS = 8
NAMES = ("contact_centre", "claims_triage", "factory_edge", "public_sector", "market_commentary")


@cache
def decided(name: str) -> tuple[Case, list[Decision]]:
    case = Case(open_case(template(name)).given, open_catalogue(offline=True), DRAWS)
    return case, run(case, flips=False)


@cache
def answered(name: str) -> dict[str, Answer]:
    return answers(*decided(name))


def told(name: str, key: str) -> str:
    return answered(name)[key].text


def test_every_item_has_a_way_to_be_answered() -> None:
    assert sorted(HOW) == sorted(open_catalogue(offline=True).keys("guidance"))


@pytest.mark.parametrize("name", NAMES)
def test_each_item_is_a_figure_a_reason_or_owed(name: str) -> None:
    found = answered(name)
    assert len(found) == 85
    for key, answer in found.items():
        assert answer.state in (ANSWERED, NOT_HERE, OPEN), key
        if answer.state == NOT_HERE:
            assert answer.text.startswith("does not apply: "), key
        if answer.state == OPEN:
            assert re.search(r"open: .+, \d{4}-\d{2}-\d{2}: .", answer.text), key
    figures = [answer.text for answer in found.values() if answer.state == ANSWERED]
    assert sum(bool(re.search(r"\d", text)) for text in figures) >= 0.8 * len(figures)


def test_scenarios_are_answered_differently() -> None:
    """A contact centre has no device; a factory's plan runs on twelve and is not tuned in a cloud region."""
    centre, factory = answered("contact_centre"), answered("factory_edge")
    assert centre["A05"].state == NOT_HERE
    assert factory["A05"].state == ANSWERED
    assert "12" in factory["A05"].text
    same = [key for key in centre if centre[key] == factory[key]]
    assert len(same) < len(centre) / 4
    states = {name: [answer.state for answer in answered(name).values()] for name in NAMES}
    assert len({tuple(one) for one in states.values()}) == len(NAMES)


# ---- machines and devices of one's own are no provider's ----------------------------------------


@pytest.mark.parametrize("name", ["claims_triage", "factory_edge", "public_sector"])
def test_own_machines_and_devices_have_no_provider_who_chooses(name: str) -> None:
    for key in ("A09", "A10", "A15", "A46", "A48", "B29"):
        assert "provider" not in told(name, key), key
        assert "None" not in told(name, key), key


def test_machines_are_told_by_their_size_and_use() -> None:
    case, decisions = decided("public_sector")
    plan = final_option(case, decisions)
    assert plan is not None
    sized = hosts.fleet(case.centre, *plan.plan.early)
    assert sized is not None
    assert f"{sized.batch:.0f} requests at once" in told("public_sector", "A09")
    assert f"busy {sized.use:.0%}".replace("%", " %") in told("public_sector", "A09")
    least, most = (int(end) // sized.copies for end in (sized.replicas[0].min(), sized.replicas[0].max()))
    held = f"{most} replicas at any load" if least == most else f"from {least} to {most} replicas by load"
    assert told("public_sector", "A46") == held
    assert told("public_sector", "A15").startswith(f"{least} replicas stay loaded")
    assert f"{sized.use:.0%}".replace("%", " %") in told("public_sector", "B29")


def test_redundancy_is_told_by_what_is_held_and_what_it_takes() -> None:
    """What both regions' spare machines take is the bill less that of as few as would do in one region."""
    case, decisions = decided("public_sector")
    plan = final_option(case, decisions)
    assert plan is not None
    early, region = plan.plan.early, str(plan.plan.deployment.region)
    less = case.centre.varied({"operations.availability": 0.9, "operations.survive_region_loss": False})
    held, enough = (hosts.fleet(one, *early) for one in (case.centre, less))
    assert held is not None
    assert enough is not None
    most, fewest = held.replicas[0].max(), enough.replicas[0].max()
    assert most >= 2 * fewest
    text = told("public_sector", "A48")
    assert text.startswith(f"99.95% asked for: {most:.0f} replicas at the busiest hour, half of them in each")
    assert sites.names(case, region) in text
    assert f"{fewest:.0f} would do for 90% in one region" in text
    for name, unit in (("energy", "kWh"), ("carbon", "kgCO2e"), ("cost", "USD")):
        more = [central(Bill(one, hosts.lines(one, *early)).year[name]) for one in (case.centre, less)]
        assert f"{amount(more[0] - more[1], unit)} more" in text
    assert "cold start" not in text


def test_a_cleaner_second_region_takes_less_and_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """In two regions 900 kWh, 80 kg and 300 USD a month, in one 500, 90 and 200.

    A year: 12 x 400 = 4.8 MWh and 12 x 100 = 1,200 USD more, and 12 x 10 = 120 kg less, never "adds -120 kg".
    """
    case, decisions = decided("public_sector")
    plan = final_option(case, decisions)
    assert plan is not None

    def lines(one: Case, *_early: object) -> tuple[Line, ...]:
        twice = one.scenario.operations.survive_region_loss
        kwh, kg, usd = (900.0, 80.0, 300.0) if twice else (500.0, 90.0, 200.0)
        taken = Footprint.of(one.size, energy=kwh, carbon_location=kg, cost=usd)
        return (Line(Resource.HOST, "deployment", "standing", "held", "", np.ones(one.size), "", taken),)

    assert case.given.operations.survive_region_loss
    monkeypatch.setattr(hosts, "lines", lines)
    text = HOW["A48"](Asked(case, plan, tuple(decisions))).text
    assert text.endswith("beside that this takes 4.8 MWh more, 120 kg CO₂e less and $1,200 more a year")


def test_devices_are_told_by_their_number_and_format() -> None:
    """Devices run 4-bit weights, and wait loaded: 12 of them, whose idle power the plan holds."""
    assert told("factory_edge", "A09").startswith("12 × NVIDIA Jetson Orin Nano")
    assert told("factory_edge", "A10").startswith("int4")
    assert "to hold them" in told("factory_edge", "A15")
    assert "nothing scales with load" in told("factory_edge", "A46")


def test_containers_are_told_by_number_and_machine() -> None:
    assert "4 replicas of Standard_D4as_v5" in told("claims_triage", "A09")
    assert told("claims_triage", "A46") == "from 1 to 4 replicas by load"


def test_units_are_told_by_their_number_and_use() -> None:
    """Units are held and sized; the provider chooses the rest."""
    case = Case(parse_scenario({"name": "A test", "task": "chat"}), open_catalogue(offline=True), DRAWS)
    units = DeploymentSetting("ptu", "global", term="hourly")
    plan = Plan(
        ModelSetting("single", ("gpt-5.2",)), ImprovementSetting("prompt"), units,
        StorageSetting("today"), OperationSetting("never", "sized", "now"),
    )  # fmt: skip
    asked = Asked(case, cast(Option, SimpleNamespace(plan=plan)), ())
    size = provisioned.sizing(case.centre, *plan.early)
    assert size is not None
    expected = f"{size.units[0]:,.0f} units held, {size.use:.0%} of them used".replace("%", " %")
    assert HOW["A46"](asked).text == expected
    assert f"{size.use:.0%}".replace("%", " %") in HOW["B29"](asked).text
    assert HOW["A09"](asked).state == NOT_HERE
    # units are held, so idle ones burn what busy ones do
    assert "units burn, used or not" in HOW["A48"](asked).text


def test_quality_kept_is_that_of_the_plan() -> None:
    """Weights that were published in 4 bits lose nothing in 8: the figure of int8 alone would say over
    99 %.
    """
    case, decisions = decided("public_sector")
    plan = final_option(case, decisions)
    assert plan is not None
    assert (plan.plan.model.main, plan.plan.deployment.precision) == ("gpt-oss-20b", "int8")
    assert told("public_sector", "A10") == "int8, 100 % of quality kept"
    # a device has a figure of its own, 0.98, by which its answers are judged
    asked = Asked(*_with("factory_edge", "edge.precision_quality", 0.5))
    assert HOW["A10"](asked).text == "int4, 50 % of quality kept"


def _with(name: str, key: str, value: float) -> tuple[Case, Option, tuple[Decision, ...]]:
    """The decisions of a template, told where one of its figures is another."""
    case, decisions = decided(name)
    own = {"low": value, "central": value, "high": value, "unit": "ratio", "owner": "A", "reason": "A test"}
    other = parse_scenario({"name": "A test", "task": "chat", "overrides": {key: own}})
    given = case.given.model_copy(update={"overrides": other.overrides})
    plan = final_option(case, decisions)
    assert plan is not None
    return Case(given, open_catalogue(offline=True), DRAWS), plan, tuple(decisions)


def test_one_of_a_kind_is_told_as_one() -> None:
    """One deployment reaches 99.9 %; one processor stays loaded; a run a month is no "1 runs"."""
    assert told("contact_centre", "A48").startswith("99.9% asked for: one deployment reaches it")
    assert told("claims_triage", "A15") == "one replica stays loaded"
    for name in NAMES:
        for key, one in answered(name).items():
            assert not re.search(r"(?<![\d.,-])\b1 (runs|times|deployments|replicas)\b", one.text), key


# ---- each item by a figure of its own -----------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_no_item_repeats_another_ones_figure(name: str) -> None:
    pairs = (
        ("A04", "B08"), ("A36", "A37"), ("A38", "A39"), ("A39", "A40"), ("A40", "A41"),
        ("A11", "B17"), ("A36", "B30"),
    )  # fmt: skip
    for first, second in pairs:
        both = answered(name)[first], answered(name)[second]
        assert both[0].text != both[1].text or both[0].state == NOT_HERE, (first, second)
    assert not any(re.search(r"never: never|0\.000%", one.text) for one in answered(name).values())


def test_a_stale_index_is_told_where_knowledge_changes() -> None:
    """A change every 0.25 days touches 5 %: a day behind, 1 - 0.95^4 = 18.5 % are no longer true."""
    found = answered("market_commentary")["A41"]
    assert found.state == ANSWERED
    assert "every 0.25 days; a day behind, 19 % of the documents" in found.text


def test_hopping_is_told_by_its_gain() -> None:
    """The step's own table: 22.8 g hour by hour against 22.9 g in the best single region."""
    _, decisions = decided("contact_centre")
    shown = next(one for one in decisions[2].exhibits if getattr(one, "key", "") == "place_gain")
    _, once, hourly = (row[1] for row in shown.rows)
    assert f"{hourly:.1f} g for a kWh used" in told("contact_centre", "A37")
    assert f", {once:.1f}: moving by the hour" in told("contact_centre", "A37")


def test_a_test_has_two_arms() -> None:
    """6,280 requests in each of two arms at 42,000 a day: 12,560 / 42,000 = 0.299 days, or 7.18 hours."""
    assert told("contact_centre", "A52") == "6,280 requests in each of two arms, 7.18 hours of all traffic"


def test_what_tuning_takes_off_a_prompt_is_told_as_fewer_tokens() -> None:
    assert told("nightly_reports", "B12") == "500 tokens fewer a request leave 100 % of the turns"
    # what is chosen is not held against itself
    assert told("nightly_reports", "B07") == "tuning: chosen, Full fine-tuning"


def test_the_trigger_has_a_level_and_the_waste_a_size() -> None:
    assert re.search(r"shows \d\d\.\d% accepted or less: the floor of 75 %", told("public_sector", "A39"))
    assert re.search(r"kWh a year go into answers that are poor", told("public_sector", "A44"))


def test_the_days_of_a_law_are_not_rounded() -> None:
    """Five years are 1,825 days; to three digits they were 1,820, five days short of the law."""
    assert "Labelled claims 1,825" in told("claims_triage", "A30")


def test_keeping_everything_is_told_as_a_difference() -> None:
    """0.0525 GB a month are 80 % of 0.0656: the rest is 0.0131."""
    assert "would store 0.0131 GB more a month" in told("contact_centre", "A19")


def test_what_is_trained_is_not_called_untuned() -> None:
    for key in ("A11", "B07", "B20"):
        assert answered("claims_triage")[key].state == ANSWERED, key
    assert "training" in told("claims_triage", "B20")
    # first runs stay where training runs; only retrainings follow the jobs
    assert "no option moves them" in told("claims_triage", "A13")
    assert "Retrainings" not in told("claims_triage", "A13")
    assert "Retrainings alone follow the jobs: Sweden Central" in told("public_sector", "A13")


@pytest.mark.parametrize(
    ("knowledge", "owners", "state"),
    [
        ({}, {}, OPEN),  # the shipped default is nobody's word
        ({}, {"knowledge.examples_licensed": "Counsel"}, ANSWERED),
        ({"examples_licensed": "yes"}, {}, ANSWERED),
        ({"examples_licensed": "unknown"}, {}, OPEN),
    ],
)
def test_a_licence_that_nobody_confirmed_is_open(
    knowledge: dict[str, str], owners: dict[str, str], state: str
) -> None:
    given = {"name": "A test", "task": "chat", "knowledge": {"examples": 100, **knowledge}, "owners": owners}
    case = Case(parse_scenario(given), open_catalogue(offline=True), DRAWS)
    found = HOW["A21"](Asked(case, cast(Option, None), ()))
    assert found.state == state
    assert ("nobody has confirmed" in found.text) is (state == OPEN and not knowledge)


def test_grids_are_told_in_grams() -> None:
    """No grid of the list is above 1,000 g/kWh."""
    found = re.search(r"at ([\d,.]+) g/kWh", answered("contact_centre")["A36"].text)
    assert found is not None
    assert 5 < float(found[1].replace(",", "")) < 1000


@pytest.mark.parametrize(
    ("name", "state", "told"),
    [
        # a cache that spares energy and costs more than it saves
        ("product_descriptions", ANSWERED, r"no cache; with one \(.+\) .+ kWh less and \$.+ more a year"),
        # a lawyer may be given the answer to another question at most twice in a hundred
        ("legal_qa", ANSWERED, r"no cache; one \(By meaning, .+\) is ruled out: at most 2.0% of hits wrong"),
        ("factory_edge", NOT_HERE, "no cache is offered in front of this way to run it"),
    ],
)  # fmt: skip
def test_why_there_is_no_cache(name: str, state: str, told: str) -> None:
    for key in ("A16", "B25"):
        assert answered(name)[key].state == state
        assert re.search(told, answered(name)[key].text), answered(name)[key].text


def test_people_are_named_where_only_people_can_answer() -> None:
    """The owner of the quality floor in the contact centre answers for harm and sign-off."""
    found = answered("contact_centre")
    assert found["B28"].state == OPEN
    assert found["B31"].state == OPEN
    assert "nobody" not in found["B28"].text


# ---- when tuning pays, and how late carbon is seen -----------------------------------------------


def test_what_tuning_takes_less_from_is_where_two_lines_meet() -> None:
    """At the volume that is told, both take the same for an accepted answer; beyond it, tuning less."""
    for name in NAMES:
        case, decisions = decided(name)
        pair = break_evens.rivals(decisions[1])
        if pair is None:
            assert answered(name)["B17"].state == NOT_HERE
            continue
        first, second = (break_evens.by_volume(case, one) for one in pair)
        said = told(name, "B17")
        found = break_evens.crossing_of(first, second, "energy")
        at = found[0] if found else central(case.workload.requests_per_year)
        takes = [
            central(one.fixed["energy"]) + [at, 2 * at][twice] * central(one.slope["energy"])
            for twice in (0, 1) for one in (first, second)
        ]  # fmt: skip
        if found is None:
            assert ("at no volume" in said) == (takes[1] > takes[0])
            continue
        assert takes[0] == pytest.approx(takes[1], rel=1e-6)
        assert f"{'above' if takes[3] < takes[2] else 'below'} {number(at)} " in said


def test_a_model_from_scratch_takes_so_many_times_a_run_that_tunes() -> None:
    """Both at the meter: the energy of the last run of one's own over that of one run of tuning."""
    case, decisions = decided("legal_qa")
    pair = break_evens.rivals(decisions[1])
    assert pair is not None
    tuned = pair[1].plan
    run = central(training.one_run(case, tuned.model, tuned.improvement)["energy"])
    runs = case.central("custom.development", "ratio")
    scratch = central(training.pretraining(case)["energy"]) / runs
    assert f"{number(scratch / run)} times as much" in told("legal_qa", "A11")


def test_carbon_is_expected_a_month_and_seen_a_month_later() -> None:
    """A twelfth of the plan's year; a provider tells it by day 19, a meter at a device at once."""
    case, decisions = decided("contact_centre")
    plan = final_option(case, decisions)
    assert plan is not None
    month = amount(central(plan.year["carbon"]) / 12, "kgCO2e")
    assert told("contact_centre", "B30").startswith(f"{month} a month expected")
    assert "day 19" in told("contact_centre", "B30")
    assert "within 10 % of it is noise" in told("contact_centre", "B30")
    assert "day 19" not in told("factory_edge", "B30")


@pytest.mark.parametrize("field", ["examples", "context_tokens_added", "prompt_tokens_tuning_removes"])
def test_what_there_is_none_of_is_no_divisor(field: str) -> None:
    """A model from scratch takes no multiple of a run that nothing can be tuned with."""
    few = {"constraints": {"models_compared": ["gpt-5.4-mini"], "self_hosted_allowed": False}}
    given = parse_scenario({"name": "n", "task": "chat", "knowledge": {"gap": "none", field: 0}, **few})
    case = Case(given, open_catalogue(offline=True), DRAWS)
    decisions = run(case, flips=False)
    assert final_option(case, decisions) is not None
    found = answers(case, decisions)
    assert len(found) == 85
    none = found["A11"] == Answer(NOT_HERE, "does not apply: there are no examples to train on")
    assert none is (field == "examples")
