"""What a plan rests on and nobody has shown: inputs, overrides, assumed and ageing figures.

``assumptions_log`` is the table a workshop fills in; ``warnings`` are the sentences that go
with a decision when its figures are old, borrowed or assumed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from pydantic import BaseModel

from advisor.catalogue import Catalogue
from advisor.core.evidence import Coefficient, Confidence
from advisor.core.exhibits import Table
from advisor.core.saying import dated, joined, numeral, say
from advisor.core.units import dimension
from advisor.core.wording import listed, yes_or_no
from advisor.scenario import Scenario, value_at, with_values
from advisor.system.case import Case
from advisor.system.confirmed import inputs, origin
from advisor.system.references import check_names

ASSUMPTION = "assumption"
# what the prices of a table are paid for
PRICED = {
    **dict.fromkeys(("prices", "meter_prices", "embedders", "model_router"), say("tokens")),
    **dict.fromkeys(("ptu_price", "ptu_regions"), say("provisioned units")),
    **dict.fromkeys(("machines", "managed_compute"), say("machines")),
    **dict.fromkeys(
        ("storage", "storage_listed", "storage_operations", "storage_prices", "storage_tiers"), say("storage")
    ),
    "devices": say("devices"), "search_tiers": say("search"), "cache": say("caches"), "tuning": say("tuning"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Assumption:
    """One line of the assumptions log. ``kind`` is input, override or figure."""

    kind: str
    name: str
    title: str
    value: str
    unit: str
    source: str
    owner: str
    reason: str
    unconfirmed: bool


def assumptions_log(case: Case, names: Collection[str] = ()) -> list[Assumption]:
    """Inputs, then overrides, then the assumed figures among ``names`` (those a plan used)."""
    return [*_inputs(case.given), *_overrides(case), *_figures(case.catalogue, names)]


def log_table(log: Iterable[Assumption]) -> Table:
    """The log as a table to show; an input that nobody has confirmed says so."""
    rows = tuple(
        (line.title, line.value, line.unit, line.source, line.owner, line.reason, yes_or_no(line.unconfirmed))
        for line in log
    )
    columns = (
        say("Assumption"), say("Value"), say("Unit"), say("Source"), say("Owner"), say("Reason"),
        say("Confirmed by nobody?"),
    )  # fmt: skip
    return Table("assumptions_log", say("Assumptions log"), columns, rows)


def overridden(
    scenario: Scenario, catalogue: Catalogue, name: str, value: tuple[float, float, float], *,
    owner: str, reason: str, unit: str = "", on: date | None = None,
) -> Scenario:  # fmt: skip
    """A copy of the scenario with a participant's own (low, central, high) for a figure.

    ``unit`` is the shipped figure's when left out. Raises UnknownNameError for a figure that
    is not there, and ScenarioError for a range, unit, owner or reason that will not do.
    """
    low, central, high = value
    own = {
        "low": low, "central": central, "high": high, "unit": unit or catalogue.coefficient(name).unit,
        "owner": owner, "reason": reason, **({"on": on} if on else {}),
    }  # fmt: skip
    changed = with_values(scenario, {f"overrides.{name}": own})
    check_names(changed, catalogue)
    return changed


def _inputs(scenario: Scenario) -> Iterator[Assumption]:
    began = origin(scenario)
    sources = {"default": say("default"), "template": say("the template"), "owned": say("the scenario")}
    for path in inputs():
        title, unit = _field(path)
        value = value_at(scenario, path)
        note = scenario.notes.get(path, "")
        state, owner = began.state(scenario, path), scenario.owners.get(path, "")
        open_ = state != "owned"
        yield Assumption("input", path, title, _plain(value), unit, sources[state], owner, note, open_)


def _plain(value: Any) -> str:
    if value is None:
        return say("not set")
    if isinstance(value, bool):
        return yes_or_no(value)
    if isinstance(value, (list, dict)):
        words = all(isinstance(part, str) for part in value)
        return (joined(", ", value) if words else say("{count} given", count=len(value))) or say("none")
    if isinstance(value, date):
        return dated(value)
    if isinstance(value, float):
        return numeral(value, "g")
    return say(str(value))  # a message where it is one of those to choose from


def _field(path: str) -> tuple[str, str]:
    """Title and unit of a field of the scenario."""
    model: type[BaseModel] = Scenario
    *sections, last = path.split(".")
    for section in sections:
        model = cast(type[BaseModel], model.model_fields[section].annotation)
    info = model.model_fields[last]
    extra = info.json_schema_extra
    unit = extra.get("unit", "") if isinstance(extra, dict) else ""
    return say(info.title or last), cast(str, unit)


def _overrides(case: Case) -> Iterator[Assumption]:
    for name, own in sorted(case.given.overrides.items()):
        shipped = case.shipped.coefficient(name)
        reason = say(
            "{reason} (shipped: {interval} {unit})",
            reason=own.reason, interval=_interval(shipped), unit=shipped.unit,
        )  # fmt: skip
        value = _range(own.low, own.central, own.high)
        yield Assumption("override", name, name, value, own.unit, say("override"), own.owner, reason, False)


def _figures(catalogue: Catalogue, names: Iterable[str]) -> Iterator[Assumption]:
    for name in sorted(names):
        found = catalogue.coefficient(name)
        if found.confidence is Confidence.ASSUMED:
            source = joined(", ", (say("assumption") if key == ASSUMPTION else key for key in found.sources))
            yield Assumption("figure", name, name, _interval(found), found.unit, source, "", found.note, True)


def _interval(found: Coefficient) -> str:
    if found.low == found.high:
        return numeral(found.central, "g")
    return _range(found.low, found.central, found.high)


def _range(low: float, central: float, high: float) -> str:
    return say(
        "{central} ({low} to {high})",
        central=numeral(central, "g"), low=numeral(low, "g"), high=numeral(high, "g"),
    )  # fmt: skip


def warnings(catalogue: Catalogue, names: Collection[str], today: date) -> list[str]:
    """Sentences to show with advice that used the figures ``names`` on the day ``today``.

    Old prices, water of electricity that is the world's default, and which figures were
    refreshed, with the day.
    """
    used = [catalogue.coefficient(name) for name in sorted(names)]
    return [*_old_prices(catalogue, used, today), *_world_water(catalogue, used), *_fresh(used)]


def assumed(catalogue: Catalogue, names: Collection[str]) -> str:
    """How many of the figures ``names`` are assumptions, in a sentence."""
    found = [name for name in names if catalogue.coefficient(name).confidence is Confidence.ASSUMED]
    return say("{found} of {names} figures are assumptions.", found=len(found), names=len(names))


def is_price(found: Coefficient) -> bool:
    """Whether a figure is money per something."""
    return any(name == "money" and power > 0 for name, power in dimension(found.unit))


def _old_prices(catalogue: Catalogue, used: Iterable[Coefficient], today: date) -> Iterator[str]:
    limit = catalogue.coefficient("evidence.price_age").to("day").central
    old = [found for found in used if is_price(found) and found.confidence is not Confidence.OVERRIDE
           and found.age_days(today) > limit]  # fmt: skip
    if old:
        first = min(found.checked for found in old)
        yield say(
            "{prices} last checked more than {limit} days before {today} "
            "(the oldest on {first}): of {priced}. `advisor refresh prices` fetches current ones.",
            prices=say("1 price was") if len(old) == 1 else say("{old} prices were", old=len(old)),
            limit=numeral(limit, "g"), today=dated(today), first=dated(first), priced=_priced(old),
        )  # fmt: skip


def _priced(found: Iterable[Coefficient]) -> str:
    """What prices are of, in words."""
    tables = (coefficient.name.split(".")[0] for coefficient in found)
    return listed(dict.fromkeys(PRICED.get(table, say("other services")) for table in tables))


def _world_water(catalogue: Catalogue, used: Iterable[Coefficient]) -> Iterator[str]:
    found = []
    for coefficient in used:
        table, key, *rest = coefficient.name.split(".")
        if rest == ["upstream_water"] and coefficient.confidence is not Confidence.OVERRIDE:
            row = catalogue.tables.get(table, {}).get(key, {})
            if row.get("world_default_water"):
                found.append(coefficient)
    if found:
        places = _places(catalogue, found)
        yield say(
            "The water of electricity is the world's default, not the country's own, in {places}.",
            places=places,
        )


def _places(catalogue: Catalogue, found: Iterable[Coefficient]) -> str:
    rows = (catalogue.tables[table].get(key, {}) for table, key in (one.name.split(".")[:2] for one in found))
    return joined(", ", (row.get("name", say("an unnamed place")) for row in rows))


def _fresh(used: Iterable[Coefficient]) -> Iterator[str]:
    days = sorted({found.checked for found in used if found.note.startswith("refreshed ")})
    if days:
        yield say(
            "Figures refreshed on {days} are used in place of shipped ones.",
            days=joined(", ", map(dated, days)),
        )


def disagreements(catalogue: Catalogue, names: Collection[str]) -> list[tuple[Coefficient, str]]:
    """Figures among ``names`` on which sources differ: each with the note that says how."""
    found = []
    for name in sorted(names):
        coefficient = catalogue.coefficient(name)
        stated = [key for key in coefficient.sources if key != ASSUMPTION]
        if len(stated) > 1 and coefficient.low < coefficient.high:
            found.append((coefficient, coefficient.note or coefficient.valid))
    return found
