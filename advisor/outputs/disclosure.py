"""What a sustainability report can take: an SCI score, totals by scope and phase, the quality of each line.

The score is that of the Software Carbon Intensity specification (ISO/IEC 21031) and its extension for
AI: operational and embodied emissions over a functional unit, location-based, for the boundary that is
stated with it. Scopes are those of the GHG Protocol, as seen by whoever uses the system. Location- and
market-based totals stand side by side and are never added. All figures are of the central case.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from advisor.core.draws import central
from advisor.core.errors import AdvisorError, Fault
from advisor.core.escaping import csv_text
from advisor.core.evidence import Confidence
from advisor.core.footprint import Footprint
from advisor.core.saving import settle, write_together
from advisor.decide.option import Option
from advisor.outputs.sheets import add_sheet, begun, packed
from advisor.steps import final_option, run
from advisor.system.bill import Line, Phase, Resource
from advisor.system.case import Case
from advisor.system.deployment_gates import MANAGED
from advisor.system.metered import measures_serving
from advisor.system.opening import open_case
from advisor.system.own_measured import own_measurement

Row = Sequence[str | float]
Tier = Literal["measured", "supplier-specific", "modelled", "spend-based"]
TIERS: tuple[Tier, ...] = ("measured", "supplier-specific", "modelled", "spend-based")
PHASES: dict[Phase, str] = {
    "once": "development: training, first ingestion", "standing": "standing: held capacity, storage, upkeep",
    "per_request": "use: answering requests",
}  # fmt: skip
BOUGHT = "Scope 3, category 1 (purchased services)"
OWN_POWER, OWN_GOODS = "Scope 2 (electricity)", "Scope 3, category 2 (capital goods)"
# what runs on the user's own premises; all else is bought as a service
ON_PREMISES = (Resource.DEVICE,)
SERVED = (Resource.MANAGED_TOKENS, Resource.ACCELERATOR_WORK, Resource.ACCELERATOR_HELD, Resource.DEVICE)
INCLUDED = (
    "the consumer's system: prompts, retrieval, answering, held capacity, caches, stored data, networks, "
    "tuning, evaluation, retraining, logs; hardware by the share of its life it is used"
)
LEFT_OUT = "pre-training of foundation models by their providers, users' own devices, staff and offices"
GRAMS = 1000.0
SHEETS = ("Score", "Totals", "Data quality", "Lines")


@dataclass(frozen=True, slots=True, eq=False)
class Disclosure:
    """Rows of each part, the heads first."""

    score: tuple[Row, ...]
    totals: tuple[Row, ...]
    quality: tuple[Row, ...]
    lines: tuple[Row, ...]

    @property
    def parts(self) -> tuple[tuple[Row, ...], ...]:
        """The parts in the order of ``SHEETS``."""
        return self.score, self.totals, self.quality, self.lines


def tier(case: Case, plan: Option, line: Line) -> Tier:
    """How the carbon of a line is known, the weakest of what it rests on.

    ``measured``: the user metered it; ``supplier-specific``: every figure it rests on was published or
    measured by somebody; ``modelled``: some are derived or assumed; ``spend-based``: money times a factor.
    """
    deployment = plan.plan.deployment
    if line.resource in SERVED and line.step != "operations":
        whose = "managed" if deployment.mode in MANAGED else "own"
        own = (own_measurement(case, model, whose, deployment.mode) for model in plan.plan.model.models)
        if measures_serving(case) or all(one is not None for one in own):
            return "measured"
    known = case.catalogue
    found = [known.coefficient(name) for name in line.evidence if name in known.coefficients]
    carbon = [one for one in found if "USD" not in one.unit]
    if any(one.unit.endswith("/USD") for one in found):
        return "spend-based"
    weak = (Confidence.DERIVED, Confidence.ASSUMED)
    return "modelled" if any(one.confidence in weak for one in carbon) else "supplier-specific"


def disclosure(case: Case, plan: Option) -> Disclosure:
    """The statement of one plan."""
    tiers = {id(line): tier(case, plan, line) for line in plan.bill}
    return Disclosure(
        tuple(_score(case, plan)), tuple(_totals(case, plan)), tuple(_quality(case, plan, tiers)),
        tuple(_lines(case, plan, tiers)),
    )  # fmt: skip


def _kg(footprint: Footprint, *names: str) -> float:
    return float(sum(central(footprint[name]) for name in names))


def _score(case: Case, plan: Option) -> list[Row]:
    year = plan.year
    requests = central(case.full(case.workload.requests_per_year))
    accepted = requests * central(plan.quality)
    operational, embodied = (_kg(year, name) * GRAMS for name in ("carbon_location", "embodied"))
    units = {"accepted answer": accepted, "request": requests}
    grams = operational + embodied
    return [
        ("Software Carbon Intensity, for AI", "value", "unit"),
        *((f"SCI per {name}", grams / count, f"gCO2e/{name}") for name, count in units.items()),
        ("O: operational emissions", operational / GRAMS, "kgCO2e/year"),
        ("M: embodied emissions", embodied / GRAMS, "kgCO2e/year"),
        *((f"R: {name}s", count, "item/year") for name, count in units.items()),
        ("Functional unit", "one answer accepted by its user", ""),
        ("Basis of O", "location-based, average grid intensity of the place", ""),
        ("Boundary, included", INCLUDED, ""),
        ("Boundary, left out", LEFT_OUT, ""),
        ("Period", f"a mean year of {case.given.timing.horizon_years:g} from {case.given.timing.start}", ""),
        ("Scenario", case.given.name, ""),
    ]  # fmt: skip


def _scoped(line: Line, year: Footprint) -> list[tuple[str, float, float]]:
    """Scope, location-based and market-based emissions [kgCO2e a year] of a line."""
    location, market, embodied = (
        _kg(year, name) for name in ("carbon_location", "carbon_market", "embodied")
    )
    if line.resource in ON_PREMISES:
        return [(OWN_POWER, location, market), (OWN_GOODS, embodied, embodied)]
    return [(BOUGHT, location + embodied, market + embodied)]


def _totals(case: Case, plan: Option) -> list[Row]:
    sums: dict[tuple[str, Phase], list[float]] = {}
    for line in plan.bill:
        for scope, location, market in _scoped(line, line.per_year(case)):
            entry = sums.setdefault((scope, line.phase), [0.0, 0.0])
            entry[0] += location
            entry[1] += market
    rows: list[Row] = [("scope", "phase", "location-based [kgCO2e/year]", "market-based [kgCO2e/year]")]
    rows += [(scope, PHASES[phase], *values) for (scope, phase), values in sorted(sums.items())]
    rows.append(("all", "all", *(sum(values[place] for values in sums.values()) for place in (0, 1))))
    return rows


def _quality(case: Case, plan: Option, tiers: Mapping[int, Tier]) -> list[Row]:
    by_tier = {name: [0.0, 0.0] for name in TIERS}
    for line in plan.bill:
        by_tier[tiers[id(line)]][0] += 1
        by_tier[tiers[id(line)]][1] += _kg(line.per_year(case), "carbon")
    total = sum(kg for _, kg in by_tier.values())
    rows: list[Row] = [("data quality", "lines", "carbon [kgCO2e/year]", "share of carbon")]
    rows += [(name, count, kg, kg / total if total > 0 else 0.0) for name, (count, kg) in by_tier.items()]
    rows.append(("all", sum(count for count, _ in by_tier.values()), total, 1.0))
    return rows


def _lines(case: Case, plan: Option, tiers: Mapping[int, Tier]) -> list[Row]:
    rows: list[Row] = [
        ("resource", "what", "step", "phase", "place", "scope", "data quality", "energy [kWh/year]",
         "operational, location-based [kgCO2e/year]", "operational, market-based [kgCO2e/year]",
         "embodied [kgCO2e/year]", "water [L/year]", "cost [USD/year]")
    ]  # fmt: skip
    names = ("energy", "carbon_location", "carbon_market", "embodied", "water", "cost")
    for line in plan.bill:
        year = line.per_year(case)
        scopes = " and ".join(dict.fromkeys(scope for scope, _, _ in _scoped(line, year)))
        rows.append(
            (str(line.resource), line.what, line.step.replace("_", " "), line.phase.replace("_", " "),
             line.place, scopes, tiers[id(line)], *(_kg(year, name) for name in names))
        )  # fmt: skip
    between = len(rows[0]) - 1 - len(names)
    rows.append(("all", *("",) * between, *(_kg(plan.year, name) for name in names)))
    return rows


def as_csv(found: Disclosure) -> str:
    """All parts one below the other, an empty line between."""
    return "\n".join(csv_text(part) for part in found.parts)


def as_xlsx(found: Disclosure) -> bytes:
    """All parts as sheets of one workbook; text is text, whatever it begins with."""
    book = begun()
    for name, (heads, *rows) in zip(SHEETS, found.parts, strict=True):
        add_sheet(book, name, heads, rows)
    return packed(book)


def write_disclosure(scenario: Path, folder: Path, values: Mapping[str, Any] | None = None) -> list[Path]:
    """Write disclosure.csv and disclosure.xlsx of a scenario's plan. Raises AdvisorError before writing."""
    settle(folder)
    case = open_case(scenario, values)
    plan = final_option(case, run(case, flips=False))
    if plan is None:
        fault = Fault(scenario.name, "a plan that passes every gate", "a step where no option does")
        raise AdvisorError("There is nothing to disclose.", [fault])
    found = disclosure(case, plan)
    return write_together(folder, {"disclosure.csv": as_csv(found), "disclosure.xlsx": as_xlsx(found)})
