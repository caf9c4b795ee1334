"""What a sustainability report can take: an SCI score, totals by scope and phase, the quality of each line.

The score is that of the Software Carbon Intensity specification (ISO/IEC 21031) and its extension for
AI: operational and embodied emissions over a functional unit, location-based, for the boundary that is
stated with it. Scopes are those of the GHG Protocol, as seen by whoever uses the system. Location- and
market-based totals stand side by side and are never added. All figures are of the central case.

Columns of the CSV are called the same in every language, for programs that read it; all else is told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from advisor.catalogue import translations
from advisor.core.draws import central
from advisor.core.errors import AdvisorError, Fault
from advisor.core.escaping import csv_text
from advisor.core.evidence import Confidence
from advisor.core.footprint import Footprint
from advisor.core.saving import settle, write_together
from advisor.core.saying import ENGLISH, dated, joined, numeral, say, speaking
from advisor.decide.option import Option
from advisor.outputs.shared_texts import step_name
from advisor.outputs.sheets import add_sheet, begun, packed
from advisor.steps import final_option, run
from advisor.system.bill import Line, Phase, Resource
from advisor.system.case import Case
from advisor.system.deployment_gates import MANAGED
from advisor.system.metered import measures_serving
from advisor.system.opening import open_case
from advisor.system.own_measured import own_measurement
from advisor.system.places import on_premises
from advisor.system.regions import place_name

Row = Sequence[str | float]
Tier = Literal["measured", "supplier-specific", "modelled", "spend-based"]
TIERS: dict[Tier, str] = {
    "measured": say("measured"), "supplier-specific": say("supplier-specific"), "modelled": say("modelled"),
    "spend-based": say("spend-based"),
}  # fmt: skip
CALLED: dict[Phase, str] = {
    "once": say("once"), "standing": say("standing"), "per_request": say("per request"),
}  # fmt: skip
PHASES: dict[Phase, str] = {
    "once": say("development: training, first ingestion"),
    "standing": say("standing: held capacity, storage, upkeep"),
    "per_request": say("use: answering requests"),
}
BOUGHT = say("Scope 3, category 1 (purchased services)")
OWN_POWER, OWN_GOODS = say("Scope 2 (electricity)"), say("Scope 3, category 2 (capital goods)")
SERVED = (Resource.MANAGED_TOKENS, Resource.ACCELERATOR_WORK, Resource.ACCELERATOR_HELD, Resource.DEVICE)
INCLUDED = say(
    "the consumer's system: prompts, retrieval, answering, held capacity, caches, stored data, networks, "
    "tuning, evaluation, retraining, logs; hardware by the share of its life it is used"
)
LEFT_OUT = say("pre-training of foundation models by their providers, users' own devices, staff and offices")
# what the score is given for: its name, its unit, and how many there are
UNITS = {
    "accepted answer": (
        say("SCI per accepted answer"),
        say("gCO2e/accepted answer"),
        say("R: accepted answers"),
    ),
    "request": (say("SCI per request"), say("gCO2e/request"), say("R: requests")),
}
ALL = say("all")
GRAMS = 1000.0
SHEETS = (say("Score"), say("Totals"), say("Data quality"), say("Lines"))


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
    counts = {"accepted answer": accepted, "request": requests}
    grams = operational + embodied
    period = say(
        "a mean year of {years} from {day}",
        years=numeral(case.given.timing.horizon_years, "g"),
        day=dated(case.given.timing.start),
    )
    return [
        (say("Software Carbon Intensity, for AI"), say("value"), say("unit")),
        *((UNITS[name][0], grams / count, UNITS[name][1]) for name, count in counts.items()),
        (say("O: operational emissions"), operational / GRAMS, say("kgCO2e/year")),
        (say("M: embodied emissions"), embodied / GRAMS, say("kgCO2e/year")),
        *((UNITS[name][2], count, say("item/year")) for name, count in counts.items()),
        (say("Functional unit"), say("one answer accepted by its user"), ""),
        (say("Basis of O"), say("location-based, average grid intensity of the place"), ""),
        (say("Boundary, included"), INCLUDED, ""),
        (say("Boundary, left out"), LEFT_OUT, ""),
        (say("Period"), period, ""),
        (say("Scenario"), case.given.name, ""),
    ]


def _scoped(line: Line, year: Footprint) -> list[tuple[str, float, float]]:
    """Scope, location-based and market-based emissions [kgCO2e a year] of a line."""
    location, market, embodied = (
        _kg(year, name) for name in ("carbon_location", "carbon_market", "embodied")
    )
    if on_premises(line.place):
        return [(OWN_POWER, location, market), (OWN_GOODS, embodied, embodied)]
    return [(BOUGHT, location + embodied, market + embodied)]


def _totals(case: Case, plan: Option) -> list[Row]:
    sums: dict[tuple[str, Phase], list[float]] = {}
    for line in plan.bill:
        for scope, location, market in _scoped(line, line.per_year(case)):
            entry = sums.setdefault((scope, line.phase), [0.0, 0.0])
            entry[0] += location
            entry[1] += market
    rows: list[Row] = [
        (say("scope"), say("phase"), say("location-based [kgCO2e/year]"), say("market-based [kgCO2e/year]"))
    ]
    rows += [(scope, PHASES[phase], *values) for (scope, phase), values in sorted(sums.items())]
    rows.append((ALL, ALL, *(sum(values[place] for values in sums.values()) for place in (0, 1))))
    return rows


def _quality(case: Case, plan: Option, tiers: Mapping[int, Tier]) -> list[Row]:
    by_tier = {name: [0.0, 0.0] for name in TIERS}
    for line in plan.bill:
        by_tier[tiers[id(line)]][0] += 1
        by_tier[tiers[id(line)]][1] += _kg(line.per_year(case), "carbon")
    total = sum(kg for _, kg in by_tier.values())
    rows: list[Row] = [
        (say("data quality"), say("lines"), say("carbon [kgCO2e/year]"), say("share of carbon"))
    ]
    rows += [
        (TIERS[name], count, kg, kg / total if total > 0 else 0.0) for name, (count, kg) in by_tier.items()
    ]
    rows.append((ALL, sum(count for count, _ in by_tier.values()), total, 1.0))
    return rows


def _lines(case: Case, plan: Option, tiers: Mapping[int, Tier]) -> list[Row]:
    rows: list[Row] = [
        (say("resource"), say("what"), say("step"), say("phase"), say("place"), say("scope"),
         say("data quality"), say("energy [kWh/year]"),
         say("operational, location-based [kgCO2e/year]"), say("operational, market-based [kgCO2e/year]"),
         say("embodied [kgCO2e/year]"), say("water [L/year]"), say("cost [USD/year]"))
    ]  # fmt: skip
    names = ("energy", "carbon_location", "carbon_market", "embodied", "water", "cost")
    for line in plan.bill:
        year = line.per_year(case)
        scopes = joined(say(" and "), dict.fromkeys(scope for scope, _, _ in _scoped(line, year)))
        rows.append(
            (line.resource.said, line.what, step_name(line.step), CALLED[line.phase],
             place_name(case, line.place), scopes, TIERS[tiers[id(line)]],
             *(_kg(year, name) for name in names))
        )  # fmt: skip
    between = len(rows[0]) - 1 - len(names)
    rows.append((ALL, *("",) * between, *(_kg(plan.year, name) for name in names)))
    return rows


def as_csv(found: Disclosure) -> str:
    """All parts one below the other, an empty line between."""
    return "\n".join(csv_text([[str(head) for head in heads], *rows]) for heads, *rows in found.parts)


def as_xlsx(found: Disclosure) -> bytes:
    """All parts as sheets of one workbook; text is text, whatever it begins with."""
    book = begun()
    for name, (heads, *rows) in zip(SHEETS, found.parts, strict=True):
        add_sheet(book, name, heads, rows)
    return packed(book)


def write_disclosure(
    scenario: Path, folder: Path, values: Mapping[str, Any] | None = None, language: str = ENGLISH.key
) -> list[Path]:
    """Write disclosure.csv and disclosure.xlsx of a scenario's plan. Raises AdvisorError before writing."""
    settle(folder)
    spoken = translations.language(language)
    case = open_case(scenario, values)
    plan = final_option(case, run(case, flips=False))
    if plan is None:
        fault = Fault(scenario.name, say("a plan that passes every gate"), say("a step where no option does"))
        raise AdvisorError(say("There is nothing to disclose."), [fault])
    found = disclosure(case, plan)
    with speaking(spoken):
        made: dict[str, str | bytes] = {"disclosure.csv": as_csv(found), "disclosure.xlsx": as_xlsx(found)}
    return write_together(folder, made)
