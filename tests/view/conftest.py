"""A decision made by hand, on a catalogue of three figures, for tests of what is shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from advisor.system.option import Decision, Flip, Gate, Option

from advisor.catalogue import Catalogue
from advisor.core.evidence import Coefficient, Confidence, Source
from advisor.core.exhibits import Bars, Chart, Export, Heatmap, Line, Mark, Table
from advisor.core.footprint import Footprint, Parts
from advisor.scenario import parse_scenario
from advisor.system.case import Case

DRAWS = 200
CHECKED = date(2026, 11, 1)
NASTY = "<script>alert('x')</script>"


def coefficient(name, low, central, high, unit, source, confidence):
    return Coefficient(name, low, central, high, unit, (source,), CHECKED, confidence, note="said so")


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

    def options(self, case, prior):
        """The cheaper one wins until requests are long; then the other does."""
        own = {"step": self.STEP, "evidence": frozenset()}
        long = float(case.workload.input_tokens.mean()) / 1_000
        return [
            replace(option(case, "small", 0.0002 * long**2, "Small model"), **own),
            replace(option(case, "large", 0.0004, "Large model"), **own),
        ]

    def exhibits(self, case, prior, decision):
        return ()

    def explain(self, case, prior, decision):
        return f"{decision.choice.title} for {case.scenario.workload.requests_per_day:g} a day.", (
            "Because.",
        )


@pytest.fixture(autouse=True)
def _quick_steps(monkeypatch):
    for place in ("advisor.steps.step", "advisor.view.widgets.panel.module_of"):
        monkeypatch.setattr(place, QuickStep)


@pytest.fixture
def catalogue():
    figures = [
        coefficient("grid.se", 15.0, 20.0, 30.0, "g/kWh", "grid_book", Confidence.PUBLISHED),
        coefficient("host.share", 0.2, 0.3, 0.5, "ratio", "assumption", Confidence.ASSUMED),
        coefficient("equivalents.car", 0.16, 0.2, 0.25, "kg/km", "car_book", Confidence.PUBLISHED),
    ]
    sources = {
        "grid_book": Source("grid_book", "Grid & mix", "Grid Office", "https://grid.example/mix", "2026"),
        "car_book": Source("car_book", "Cars", "Road Office", "https://road.example/cars", "2025"),
    }
    guidance = {"A04": {"asks": "a small model"}, "B28": {"asks": "safety", "answered_by": "sign-off"}}
    return Catalogue({figure.name: figure for figure in figures}, {"guidance": guidance}, {}, sources)


@pytest.fixture
def scenario():
    return parse_scenario({"name": f"Help desk {NASTY}", "task": "chat"})


@pytest.fixture
def case(scenario, catalogue):
    return Case(scenario, catalogue, DRAWS)


def option(case, key, energy, title=None, gates=(), quality=0.8):
    """An option whose request takes ``energy`` kWh at 20 g/kWh and costs a tenth of a cent."""
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
    nothing = case.nothing()
    return Option(
        "foundation_model",
        key,
        title or key,
        Parts.zero(case.size),
        Parts(nothing, nothing, request),
        np.full(case.size, quality),
        gates=gates,
        evidence=frozenset({"grid.se", "host.share"}),
    )


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
        reasons=("It passes every gate.", f"It is {NASTY}."),
        flips=(Flip("workload.requests_per_day", "Requests per day", "10,000", "21,000", 2.1, "Large"),),
        exhibits=EXHIBITS,
        warnings=("The price is old.",),
        guidance=("A04",),
        evidence=frozenset({"grid.se", "host.share"}),
    )
