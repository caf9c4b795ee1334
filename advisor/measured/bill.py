"""Bills: FOCUS and Azure Cost Management exports, as tokens and money by meter.

A bill tells what was paid and how many tokens each meter counted, by day. It tells no requests, so
nothing of their size or when they arrive. Azure's input meters leave out what a cache held; that has
a meter of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from math import isfinite
from pathlib import Path

from azure_genai_prices import parse_meter_name

from advisor.core.errors import Fault, MeasurementError
from advisor.core.saying import joined, numeral, say
from advisor.measured.bill_text import NEEDED, QUANTITIES, Header, bill_text, header, is_bill, rows

__all__ = ["CACHED", "INPUT", "NEEDED", "OUTPUT", "STANDARD", "WRITTEN", "Bill", "is_bill", "read_bill"]

SHOWN_FAULTS = 20  # as many as a reader takes in
INPUT, CACHED, WRITTEN, OUTPUT = "input", "cache_read", "cache_write", "output"
STANDARD = "standard"
MONTHS = 12
PAID, QUANTITY = say("what was paid"), say("a quantity")
SAME = 1e-3  # relative difference below which two counts of one row agree
_SIZE = re.compile(r"^\s*(\d[\d,]*)?\s*(K|M|thousand|million|billion)?s?\b", re.IGNORECASE)
_TIMES = {"": 1.0, "k": 1e3, "m": 1e6, "thousand": 1e3, "million": 1e6, "billion": 1e9}
# numbers as tables with semicolons often have them: 1.234,56
_POINTS = re.compile(r"^-?\d{1,3}(\.\d{3})+(,\d*)?$")
_COMMA = re.compile(r"^-?\d[\d.]*,\d+$")
_CAPACITY = re.compile(r"provisioned|\bptu\b|hosting|fine.?tun|training|\bft\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Meter:
    """What one meter counts: a model's tokens of one kind, and on which terms."""

    name: str
    model: str = ""
    kind: str = ""
    deployment: str = ""
    mode: str = STANDARD
    long_context: bool = False

    @property
    def tokens(self) -> bool:
        """Whether the meter counts tokens."""
        return bool(self.kind)


@dataclass(frozen=True, slots=True)
class Charge:
    """What a meter counted [tok] and took [currency] in the whole bill."""

    meter: Meter
    tokens: float
    paid: float


@dataclass(frozen=True, slots=True)
class Bill:
    """Charges by meter over ``days`` days from ``first`` to ``last``; ``other`` is paid for no tokens."""

    name: str
    charges: tuple[Charge, ...]
    other: dict[str, float]
    first: date
    last: date
    days: int
    currency: str
    said: tuple[str, ...] = ()

    def tokens(self, *kinds: str) -> float:
        """Tokens of these kinds [tok], of all meters."""
        return sum(charge.tokens for charge in self.charges if charge.meter.kind in kinds)

    @property
    def paid(self) -> float:
        """What all token meters took [currency]."""
        return sum(charge.paid for charge in self.charges)


def read_bill(path: Path) -> Bill:
    """Charges by meter. Raises MeasurementError listing every fault with its line."""
    text = bill_text(path)
    faults: list[Fault] = []
    read = _Reading(path.name, faults)
    found = header(text)
    missing = found.missing if found else list(NEEDED)
    faults += [Fault(path.name, say("a column such as {name}", name=name), say("none")) for name in missing]
    if found and not missing:
        read.rows(text, found)
    if not read.days and not faults:
        faults.append(Fault(path.name, say("rows of usage"), say("none")))
    if faults:
        more = len(faults) - SHOWN_FAULTS
        rest = [Fault(path.name, say("no more faults"), say("{count} more", count=more))] if more > 0 else []
        raise MeasurementError(
            say("{name} is not a bill as documented.", name=path.name), [*faults[:SHOWN_FAULTS], *rest]
        )
    return read.bill()


class _Reading:
    """One bill being added up."""

    def __init__(self, name: str, faults: list[Fault]) -> None:
        self.name, self.faults = name, faults
        self.sums: dict[Meter, list[float]] = {}
        self.other: dict[str, float] = {}
        self.days: set[date] = set()
        self.currencies: set[str] = set()
        self.meters: dict[tuple[str, str], Meter] = {}
        self.uneven = 0
        self.comma = False

    def rows(self, text: str, found: Header) -> None:
        """Add up all rows; the first pass tells how days and numbers are written."""
        cells = [cell for _, cell in rows(text, found)]
        day_first = _day_first(cell["day"] for cell in cells)
        self.comma = found.delimiter == ";" and any(
            _COMMA.match(cell[part]) for cell in cells for part in ("paid", *QUANTITIES)
        )
        for line, cell in rows(text, found):
            self._row(cell, f"{self.name}:{line}", day_first)

    def _row(self, cell: Mapping[str, str], where: str, day_first: bool) -> None:
        if not any(cell.values()) or cell["charge"].lower() in ("tax", "credit", "adjustment", "refund"):
            return
        paid = self._number(cell["paid"], where, PAID)
        day = self._day(cell["day"], where, day_first)
        if paid is None or day is None:
            return
        self.days.add(day)
        self.currencies.add(cell["currency"].upper())
        key = (cell["meter"], cell["product"])
        meter = self.meters.setdefault(key, meter_of(*key))
        if not meter.tokens:
            name = cell["meter"] or say("no meter")
            self.other[name] = self.other.get(name, 0.0) + paid
            return
        tokens = self._tokens(cell, where)
        if tokens is not None:
            total = self.sums.setdefault(meter, [0.0, 0.0])
            total[0] += tokens
            total[1] += paid

    def _tokens(self, cell: Mapping[str, str], where: str) -> float | None:
        """Tokens of a row: what was consumed, else what was priced; both should say the same."""
        found = []
        for part in QUANTITIES:
            if cell[part]:
                amount = self._number(cell[part], where, QUANTITY)
                if amount is None:
                    return None
                unit = cell[f"{part}_unit"]
                size = unit_size(unit)
                if part == "priced" and size == 1 and "token" not in unit.lower() and cell["block"]:
                    size = self._number(cell["block"], where, say("a block size")) or 1.0
                found.append(amount * size)
        if not found:
            self.faults.append(Fault(where, say("a quantity of tokens"), say("none")))
            return None
        if len(found) > 1 and abs(found[0] - found[1]) > SAME * max(abs(found[0]), abs(found[1])):
            self.uneven += 1
        return found[0]

    def _number(self, text: str, where: str, what: str) -> float | None:
        bare = re.sub(r"[\s'$€£]", "", text)
        if self.comma:
            if "." in bare and not _POINTS.match(bare):
                self.faults.append(
                    Fault(
                        where, say("{what}, written as others here are: 1.234,56", what=what), say("another")
                    )
                )
                return None
            bare = bare.replace(".", "").replace(",", ".")
        elif re.fullmatch(r"-?\d{1,3}(,\d{3})+(\.\d*)?", bare):
            bare = bare.replace(",", "")
        try:
            value = float(bare.replace(",", ".") if bare.count(",") == 1 and "." not in bare else bare)
        except ValueError:
            value = float("nan")
        if not isfinite(value):
            self.faults.append(Fault(where, what, say("no number") if text else say("nothing")))
            return None
        return value

    def _day(self, text: str, where: str, day_first: bool) -> date | None:
        slashed = re.match(r"^(\d{1,2})/(\d{1,2})/(\d{4})", text)
        try:
            if slashed:
                one, two, year = (int(part) for part in slashed.groups())
                return date(year, two, one) if day_first else date(year, one, two)
            return date.fromisoformat(text[:10]) if "-" in text else date.fromisoformat(text[:8])
        except ValueError:
            self.faults.append(
                Fault(
                    where,
                    say("a day as 2026-11-03 or 11/03/2026"),
                    say("another") if text else say("nothing"),
                )
            )
            return None

    def bill(self) -> Bill:
        """What was added up."""
        named = self.currencies - {""}
        if len(named) > 1:
            raise MeasurementError(
                say("{name} is in several currencies.", name=self.name),
                [Fault(self.name, say("one currency"), joined(", ", sorted(named)[:SHOWN_FAULTS]))],
            )
        charges = tuple(
            Charge(meter, tokens, paid)
            for meter, (tokens, paid) in sorted(
                self.sums.items(), key=lambda item: (-item[1][1], item[0].name)
            )
        )
        said = (
            (
                say(
                    "{rows} rows give two quantities that differ; the consumed one counts",
                    rows=numeral(self.uneven, ","),
                ),
            )
            if self.uneven
            else ()
        )
        first, last = min(self.days), max(self.days)
        return Bill(
            self.name, charges, dict(sorted(self.other.items(), key=lambda item: -item[1])), first, last,
            (last - first).days + 1, next(iter(named), "USD"), said,
        )  # fmt: skip


def _day_first(days: Iterable[str]) -> bool:
    """Whether dates with slashes put the day first, as one of them shows; Azure puts the month first."""
    return any(int(day.split("/", 1)[0]) > MONTHS for day in days if re.match(r"^\d{1,2}/", day))


def unit_size(unit: str) -> float:
    """How many of its things a unit counts: 1,000 for ``1K Tokens``, a million for ``1M``."""
    found = _SIZE.match(unit)
    if not found:
        return 1.0
    return float((found[1] or "1").replace(",", "")) * _TIMES[(found[2] or "").lower()]


def meter_of(name: str, product: str = "") -> Meter:
    """What a meter's name says. One that names no model's tokens counts none."""
    if _CAPACITY.search(name):
        return Meter(name)
    key = parse_meter_name(name, product) or parse_meter_name(name)
    if key is None:
        return Meter(name)
    kinds = {INPUT, CACHED, WRITTEN, OUTPUT}
    kind = str(key.kind.value)
    if kind not in kinds:
        return Meter(name)
    return Meter(
        name, key.model, kind, str(key.deployment.value), str(key.mode.value), key.context.value == "long"
    )
