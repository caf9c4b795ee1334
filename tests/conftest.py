"""Catalogues, cases and options that the tests of several modules share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from advisor.catalogue import DATA, Catalogue, build, open_catalogue
from advisor.catalogue.today import DAY
from advisor.core.cycle_collection import LASTING, look_seldom
from advisor.core.footprint import Footprint
from advisor.decide.choosing import Candidate
from advisor.decide.completed import Completed
from advisor.decide.option import Option
from advisor.scenario import parse_scenario
from advisor.scenario.traffic import HOURS_OF_WEEK, Traffic
from advisor.system.bill import Bill, Line, Phase, Resource
from advisor.system.case import Case
from advisor.system.memory import bit
from advisor.system.plan import (
    DeploymentSetting,
    ImprovementSetting,
    ModelSetting,
    OperationSetting,
    Plan,
    StorageSetting,
)

DRAWS = 64

# Round figures, so that every expected value can be worked out by hand.
SMALL = {
    "sources.yaml": """
sources:
  book: {title: A book, publisher: A publisher, url: "https://book.example", year: "2026", licence: CC BY 4.0}
""",
    "regions.yaml": """
table: regions
defaults: {source: book, checked: 2026-11-01, confidence: published}
attributes: {name: text, country: text, data_zone: text, status: text, eu_member: flag}
columns:
  pue: {unit: ratio}
  wue: {unit: L/kWh}
  average_intensity: {unit: g/kWh}
  market_renewable_share: {unit: ratio}
  marginal_intensity: {unit: g/kWh}
  upstream_water: {unit: L/kWh}
  adpe: {unit: kgSb/kWh}
rows:
  north: {name: North, country: SE, data_zone: eu, status: open, eu_member: true, pue: 1.1, wue: 0.2,
          average_intensity: 20, market_renewable_share: 0.5, upstream_water: 2, adpe: 1.0e-8}
  west: {name: West, country: NL, data_zone: eu, status: open, eu_member: true, pue: 1.25, wue: 0.1,
         average_intensity: 300, market_renewable_share: 0.8, marginal_intensity: 500, upstream_water: 1.5,
         adpe: 2.0e-8}
  shut: {name: Shut, country: DE, data_zone: eu, status: restricted, eu_member: true, pue: 1.3, wue: 0.1,
         average_intensity: 900, upstream_water: 1, adpe: 2.0e-8}
  coast: {name: Coast, country: US, data_zone: us, status: open, eu_member: false, pue: 0.9, wue: 0.4,
          average_intensity: 400, upstream_water: 3, adpe: 3.0e-8}
""",
    "rest.yaml": """
defaults: {source: book, checked: 2026-11-01, confidence: measured}
coefficients:
  grids.FRA.average_intensity: {value: 50, unit: g/kWh}
  grids.FRA.upstream_water: {value: 4, unit: L/kWh}
  grids.FRA.adpe: {value: 1.0e-8, unit: kgSb/kWh}
  gpus.card.embodied: {value: 150, unit: kg}
  gpus.card.mass: {value: 2, unit: kg}
  host.embodied_8gpu: {value: 4000, unit: kg}
  host.adpe_8gpu: {value: 0.08, unit: kgSb}
  host.mass_8gpu: {value: 80, unit: kg}
  hardware.lifetime: {value: 4, unit: year}
  premises.power_price: {value: 0.2, unit: USD/kWh}
  hardware.utilisation: {value: 0.5, unit: ratio}
  spread: {value: [0.5, 1, 2], unit: ratio}
""",
    # shapes of ones and tenths are round already
    "arrivals.yaml": (DATA / "arrivals.yaml")
    .read_text("utf-8")
    .replace("source: assumption", "source: book"),
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with Spark, the longest file, so that no worker is left with it alone at the end."""
    items.sort(key=lambda item: item.get_closest_marker("spark") is None)


@pytest.fixture(scope="session", autouse=True)
def cycles_looked_for_seldom() -> None:
    """As in every process that plans."""
    look_seldom(LASTING)


@pytest.fixture(scope="session", autouse=True)
def shipped_figures_only() -> Iterator[None]:
    """Whatever whoever runs the tests has refreshed is left aside."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ADVISOR_OFFLINE", "1")
        yield


@pytest.fixture(scope="session", autouse=True)
def one_day() -> Iterator[None]:
    """It is the 30th of November 2026, so that the age of a price is the same whenever tests run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(DAY, str(int(datetime(2026, 11, 30, tzinfo=UTC).timestamp())))
        yield


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    """The shipped catalogue."""
    return open_catalogue(offline=True)


@pytest.fixture(scope="session")
def make_catalogue(tmp_path_factory: pytest.TempPathFactory) -> Callable[[dict[str, str]], Catalogue]:
    """Build a catalogue from the text of its files."""

    def make(files: dict[str, str]) -> Catalogue:
        folder = tmp_path_factory.mktemp("data")
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
        return build(folder)

    return make


@pytest.fixture(scope="session")
def small_catalogue(make_catalogue: Callable[[dict[str, str]], Catalogue]) -> Catalogue:
    """Four regions, one GPU and a server with round figures."""
    return make_catalogue(SMALL)


@pytest.fixture
def small_case(small_catalogue: Catalogue) -> Callable[..., Case]:
    """A case on the small catalogue; keywords are sections of the scenario."""

    def make(size: int = DRAWS, seed: int = 1, **sections: Any) -> Case:
        scenario = parse_scenario({"name": "A test", "task": "chat", **sections})
        return Case(scenario, small_catalogue, size, seed)

    return make


class Told:
    """A step's words for options made up by a test."""

    @staticmethod
    def title(case: Case, plan: Plan) -> str:
        return f"Option {plan.improvement.key}"

    @staticmethod
    def notes(case: Case, plan: Plan) -> tuple[str, ...]:
        return ()

    warnings = notes

    @staticmethod
    def settings(case: Case, plan: Plan) -> dict[str, Any]:
        return {}


@pytest.fixture(scope="session")
def make_option() -> Callable[..., Option]:
    """An option from indicators per request, per month and once; quality is a number or draws.

    Keywords that are words of the option (title, notes, warnings, settings) replace its own.
    """

    def make(
        case: Case,
        key: str,
        quality: Any = 0.8,
        monthly: dict[str, Any] | None = None,
        once: dict[str, Any] | None = None,
        gates: Any = (),
        words: dict[str, Any] | None = None,
        evidence: frozenset[str] = frozenset(),
        **per_request: Any,
    ) -> Option:
        plan = Plan(
            ModelSetting("single", ("a-model",)), ImprovementSetting(key),
            DeploymentSetting("maas", "global"), StorageSetting("today"),
            OperationSetting("never", "sized", "now"),
        )  # fmt: skip
        given: dict[Phase, dict[str, Any]] = {
            "once": once or {}, "standing": monthly or {}, "per_request": per_request,
        }  # fmt: skip
        lines = tuple(
            Line(
                Resource.UPKEEP, "improvement", phase, "made up", "nowhere", np.ones(case.size), "item",
                Footprint.of(case.size, **indicators), sum(bit(name) for name in evidence),
            )
            for phase, indicators in given.items()
            if indicators
        )  # fmt: skip
        judged = Candidate(plan.improvement, tuple(gates), Completed(plan, 0.0))
        option = Option(case, "improvement", judged, Told)
        known = {"bill": Bill(case, lines), "quality": np.broadcast_to(quality, case.size), **(words or {})}
        option.__dict__.update(known)
        return option

    return make


@pytest.fixture(scope="session")
def make_traffic() -> Callable[..., Traffic]:
    """A traffic profile of 12,000 requests a day at all hours; keywords replace fields.

    A number given for an interval stands for all three of its values.
    """

    def interval(value: Any) -> dict[str, float]:
        low, central, high = value if isinstance(value, tuple) else (value, value, value)
        return {"low": low, "central": central, "high": high}

    def quantiles(mean: float) -> dict[str, float]:
        return {
            "mean": mean,
            "p10": mean / 4,
            "p50": mean / 2,
            "p90": mean * 2,
            "p99": mean * 4,
            "maximum": mean * 8,
        }

    def make(**changed: Any) -> Traffic:
        given: dict[str, Any] = {"requests_per_day": 12_000, "peak_to_mean": 3.0, **changed}
        intervals = {
            "requests_per_day", "peak_to_mean", "growth_per_year", "cached_share", "retry_rate", "error_rate",
            "repeat_share", "near_repeat_share", "prefix_reuse",
        }  # fmt: skip
        given = {name: interval(value) if name in intervals else value for name, value in given.items()}
        base: dict[str, Any] = {
            "recognised_as": "a test",
            "period_start": "2026-10-05T00:00:00Z",
            "period_end": "2026-10-12T00:00:00Z",
            "hours_covered": HOURS_OF_WEEK,
            "requests": 84_000,
            "hour_of_week": [500.0] * HOURS_OF_WEEK,
            "hours_observed": [1] * HOURS_OF_WEEK,
            "input_tokens": quantiles(900),
            "output_tokens": quantiles(250),
            "confidence": "a week, complete",
        }
        return Traffic.model_validate({**base, **given})

    return make


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own for what people save."""
    monkeypatch.setenv("ADVISOR_WORKSPACE", str(tmp_path))
    return tmp_path


@pytest.fixture
def scenario_file(tmp_path: Path) -> Callable[..., Path]:
    """Write a scenario's text to a file of its own."""

    def write(text: str | bytes, name: str = "it.yaml") -> Path:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write
