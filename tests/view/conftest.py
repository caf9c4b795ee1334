"""A decision made by hand, on a catalogue of three figures, for tests of what is shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
import pytest

from advisor.catalogue import Catalogue
from advisor.core.draws import central
from advisor.core.evidence import Coefficient, Confidence, Source
from advisor.core.exhibits import Bars, Chart, Export, Heatmap, Line, Mark, Table, Waterfall
from advisor.core.footprint import Footprint
from advisor.decide.choosing import Candidate
from advisor.decide.completed import Completed
from advisor.decide.completion import Pins
from advisor.decide.flips import Asked, find_flips
from advisor.decide.option import Decision, Flip, Option
from advisor.scenario import STEP_NAMES, parse_scenario
from advisor.steps import Surveyed
from advisor.system.bill import Bill, Resource
from advisor.system.bill import Line as Charge
from advisor.system.case import Case
from advisor.system.gates import Gate
from advisor.system.memory import Setting, bit
from advisor.system.plan import FIELDS, Plan
from advisor.view.session import Session
from advisor.view.widgets.panel import Panel

DRAWS = 200
CHECKED = date(2026, 11, 1)
NASTY = "<script>alert('x')</script>"


def coefficient(name, low, central, high, unit, source, confidence):
    return Coefficient(name, low, central, high, unit, (source,), CHECKED, confidence, note="said so")


@dataclass(frozen=True, slots=True)
class Named(Setting):
    """A setting that is nothing but its key, with the title it has in tests."""

    key: str
    title: str = ""


class QuickStep:
    """A step that decides at once: tests of what is shown need not wait for real ones."""

    QUESTION = "Which one?"
    CONTROLS = (
        "workload.requests_per_day", "workload.profile", "quality.needs_reasoning",
        "knowledge.changes_every_days",
        "constraints.home_region", "constraints.users_near", "constraints.residency", "knowledge.examples",
        "quality.scores",
    )  # fmt: skip
    KNOBS = ("workload.input_tokens",)
    GUIDANCE = ("A04",)

    def __init__(self, name):
        self.STEP = name

    @staticmethod
    def takes(case):
        """What a request takes with each setting [kWh]: the small one wins until requests are long."""
        long = central(case.workload.input_tokens) / 1_000
        return {
            Named("gpt-5.4-nano", "Small model"): 0.0002 * long**2,
            Named("gpt-5.4", "Large model"): 0.0004,
        }

    def best(self, case):
        takes = self.takes(case)
        return min(takes, key=takes.get)

    def title(self, case, plan):
        return plan.of(self.STEP).title

    def notes(self, case, plan):
        return ()

    warnings = notes

    def settings(self, case, plan):
        return {}


@dataclass(frozen=True)
class Quick:
    """Chooses by a function of the case."""

    by: Callable[[Case], Named]

    def choice(self, case, _knob, _among=None):
        return self.by(case)

    def sure(self, case, _knob, _base):
        return self.by(case)


def quick_decide(name, case, settled, flips=True):
    """One step as ``advisor.steps.decide`` decides it, between two settings made up."""
    step, takes = QuickStep(name), QuickStep.takes(case)
    found = {
        one: option(case, one.key, energy, one.title, step=name, settled=settled)
        for one, energy in takes.items()
    }
    best = step.best(case)
    other = next(one for one in found if one != best)
    titles = {one: one.title for one in found}
    asked = Asked(step.KNOBS, best, Quick(step.best), titles.__getitem__)
    return Decision(
        step=name,
        question=step.QUESTION,
        options=tuple(found.values()),
        choice=found[best],
        runner_up=found[other],
        confidence=1.0,
        p_best={best.key: 1.0, other.key: 0.0},
        scores={one.key: float(np.log(energy)) for one, energy in takes.items()},
        front=frozenset({best.key}),
        headline=f"{best.title} for {case.scenario.workload.requests_per_day:g} a day.",
        argued=("Because.",),
        find=(lambda: find_flips(case, [asked])[0]) if flips else tuple,
        guidance=step.GUIDANCE,
    )


def quick_survey(name, case, settled):
    return Surveyed(case.given, Pins(settled, {}), quick_decide(name, case, settled, False), ())


def quick_survey_in_slices(name, case, settled):
    yield
    return quick_survey(name, case, settled)


def quick_flips(case, settled, surveyed, _earlier=(), _most=0):
    """In two slices."""
    yield
    return [quick_decide(one.decision.step, case, settled) for one in surveyed]


@pytest.fixture(autouse=True)
def _quick_steps(monkeypatch):
    for place in ("advisor.steps.step", "advisor.view.widgets.panel.module_of"):
        monkeypatch.setattr(place, QuickStep)
    quick = {
        "survey": quick_survey,
        "survey_in_slices": quick_survey_in_slices,
        "with_flips_in_slices": quick_flips,
    }
    for name, quicker in quick.items():
        monkeypatch.setattr(f"advisor.view.session.{name}", quicker)
    monkeypatch.setattr("advisor.view.session.glimpse", lambda _before, _case, _settled: None)
    # a plan made up here has no way to it from a system of today, and nothing behind it to measure
    monkeypatch.setattr("advisor.view.plan.way_to", lambda _case, _plan: ())
    monkeypatch.setattr("advisor.view.plan.together_section", lambda _case, _decisions: "")
    monkeypatch.setattr("advisor.view.opening.way_to", lambda _case, _plan: ())
    monkeypatch.setattr("advisor.view.opening.measure_next", lambda _case, _decisions, _plan: None)
    monkeypatch.setattr("advisor.view.next_actions.floor_at_stake", lambda _case, _plan: None)
    monkeypatch.setattr("advisor.outputs.azure_files.files", lambda _case, _decisions: ())


@pytest.fixture
def session():
    return Session("contact_centre")


@pytest.fixture
def panel(session):
    made = Panel(session, "foundation_model")
    assert made.alert.value == ""
    return made


@pytest.fixture
def catalogue():
    figures = [
        coefficient("grid.se", 15.0, 20.0, 30.0, "g/kWh", "grid_book", Confidence.PUBLISHED),
        coefficient("host.share", 0.2, 0.3, 0.5, "ratio", "assumption", Confidence.ASSUMED),
        coefficient("equivalents.car", 0.16, 0.2, 0.25, "kg/km", "car_book", Confidence.PUBLISHED),
        coefficient("quality.enough_confidence", 0.7, 0.8, 0.9, "ratio", "assumption", Confidence.ASSUMED),
    ]
    sources = {
        "grid_book": Source("grid_book", "Grid & mix", "Grid Office", "https://grid.example/mix", "2026"),
        "car_book": Source("car_book", "Cars", "Road Office", "https://road.example/cars", "2025"),
    }
    guidance = {"A04": {"asks": "a small model"}, "B28": {"asks": "safety", "answered_by": "sign-off"}}
    return Catalogue({figure.name: figure for figure in figures}, {"guidance": guidance}, {}, sources)


@pytest.fixture
def scenario():
    return parse_scenario({"name": f"Help desk {NASTY}", "task": "chat", "workload": {"growth_per_year": 0}})


@pytest.fixture
def case(scenario, catalogue):
    return Case(scenario, catalogue, DRAWS)


def option(case, key, energy, title=None, gates=(), quality=0.8, step="foundation_model", settled=None):
    """An option whose request takes ``energy`` kWh at 20 g/kWh and costs a tenth of a cent."""
    known = sum(bit(name) for name in ("grid.se", "host.share") if name in case)
    spread = np.exp(0.2 * case.draws.normal("spread"))
    request = Footprint.of(
        case.size,
        energy=energy * spread,
        carbon_location=energy * spread * 0.02,
        carbon_market=energy * spread * 0.01,
        carbon_marginal=np.nan,
        embodied=energy * 0.001,
        water_onsite=energy * 0.1,
        water_upstream=energy * 1.0,
        ewaste=energy * 1e-5,
        cost=0.001,
    )
    lines = (
        Charge(
            Resource.MANAGED_TOKENS, step, "per_request", "answers", "global", case.full(1.0), "request",
            request, known,
        ),
        # a store that stands: 2 kWh and three dollars a month
        Charge(
            Resource.STORED_DATA, "data_storage", "standing", f"documents {NASTY}", "region:se",
            case.full(10.0), "GB", Footprint.of(case.size, energy=2.0, carbon_location=0.04, cost=3.0),
            known,
        ),
    )  # fmt: skip
    settings = {name: Named("open") for name in STEP_NAMES} | dict(settled or {})
    settings[step] = Named(key, title or key)
    plan = Plan(**{FIELDS[name]: settings[name] for name in STEP_NAMES})
    judged = Candidate(settings[step], tuple(gates), Completed(plan, 0.0))
    found = Option(case, step, judged, QuickStep(step))
    found.__dict__.update(bill=Bill(case, lines), quality=case.full(quality))
    return found


EXHIBITS = (
    Chart(
        "volume", "Carbon over volume", "Requests a day", "kg CO₂e a year",
        (
            Line("small", [1, 10, 100], [1, 2, 4], [0.5, 1, 2], [2, 4, 8]),
            Line("large", [1, 10, 100], [3, 5, 9], style="step"),
        ),
        (Mark("break-even", 20, 10, 40),), log_x=True,
    ),
    Bars("parts", "Where it arises", "kg CO₂e", ("a", "b"), ("GPU", "host"), ((1.0, 2.0), (0.5, -0.2))),
    Waterfall("adds", "What adds up", "kg CO₂e a year", ("first", "second", "third"), (1.5, 0.5, 2.0), "All"),
    Heatmap("week", "The week", ("Mon", "Tue"), ("0", "1", "2"), ((1.0, 2.0, 3.0), (4.0, 5.0, 6.0)), "share"),
    Table("prices", "Prices", ("Model", "USD per Mtok"), (("small", 0.15), ("large", None))),
    Export("policy.json", "application/json", '{"rules": []}', "lifecycle policy"),
)  # fmt: skip


@pytest.fixture
def decision(case):
    fell = Gate("residency", False, "the EU", "US only", "allow the US")
    lost = Gate("quality", False, "at least 70 %", "60 %", "accept less")
    options = (
        option(case, "small", 0.0002, "Small model"),
        option(case, "large", 0.002, f"Large {NASTY}"),
        option(case, "us", 0.0001, "US model", (fell,)),
        option(case, "weak", 0.0001, "Weak model", (fell, lost)),
    )
    return Decision(
        step="foundation_model",
        question="Which model?",
        options=options,
        choice=options[0],
        runner_up=options[1],
        confidence=0.93,
        p_best={"small": 0.93, "large": 0.07},
        scores={"small": 0.1, "large": 0.9},
        front=frozenset({"small"}),
        headline="The small model answers for a tenth of the carbon.",
        argued=("It passes every gate.", f"It is {NASTY}."),
        find=lambda: (
            Flip("workload.requests_per_day", "Requests per day", "10,000", "21,000", 2.1, "Large"),
        ),
        show=lambda: (EXHIBITS, frozenset()),
        warnings=("The price is old.",),
        guidance=("A04",),
        stated=frozenset({"grid.se", "host.share"}),
    )
