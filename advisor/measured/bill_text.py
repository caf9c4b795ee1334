"""A bill's file as rows: packed or not, in any usual encoding, below whatever stands above its header."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from advisor.core.addresses import is_elsewhere
from advisor.core.encodings import DAMAGED, decoded, start_of, unpacked
from advisor.core.errors import AdvisorError, Fault, MeasurementError
from advisor.core.files import read_bytes
from advisor.core.saying import numeral, say

MAX_BYTES = 200_000_000  # a year of a large subscription, by day and meter
HEAD_BYTES = 256 * 1024  # as much as a header may take, with what stands above it
PREAMBLE = 12  # lines of title that exports put before their header
DELIMITERS = ",;\t|"
# headers in lower case without spaces or marks, those of FOCUS first
COLUMNS = {
    "day": ("chargeperiodstart", "date", "usagedate", "usagedatetime"),
    "meter": ("xskumetername", "skumeter", "metername", "meter"),
    "paid": ("billedcost", "costinbillingcurrency", "effectivecost", "pretaxcost", "cost"),
    "currency": ("billingcurrency", "billingcurrencycode", "currency"),
    "charge": ("chargecategory", "chargetype"),
    "consumed": ("consumedquantity", "quantity", "usagequantity", "consumedservicequantity"),
    "consumed_unit": ("consumedunit", "unitofmeasure"),
    "priced": ("pricingquantity",),
    "priced_unit": ("pricingunit",),
    "block": ("xpricingblocksize",),
    "product": ("productname", "xskudescription", "xskumetersubcategory", "metersubcategory"),
}
NEEDED = ("day", "meter", "paid")
QUANTITIES = ("consumed", "priced")


@dataclass(frozen=True, slots=True)
class Header:
    """Where a bill's columns stand: the line of its header from 0, the delimiter, a place for each part."""

    line: int
    delimiter: str
    places: dict[str, int]

    @property
    def missing(self) -> list[str]:
        """The parts a bill cannot do without, by a name that they go by."""
        lacking = [COLUMNS[part][0] for part in NEEDED if part not in self.places]
        if not set(QUANTITIES) & set(self.places):
            lacking.append(COLUMNS["consumed"][0])
        return lacking


def is_bill(path: Path) -> bool:
    """Whether a file's header is that of a bill, packed or not; nothing below it is looked at."""
    if is_elsewhere(path):
        return False
    try:
        with path.open("rb") as stream:
            data = stream.read(HEAD_BYTES)
            if data.startswith(b"PK"):  # a zip's list of files stands at its end
                data += stream.read(MAX_BYTES)
        found = header(decoded(start_of(data, HEAD_BYTES))[0])
    except (OSError, ValueError, *DAMAGED):
        return False
    return found is not None and not found.missing


def header(text: str) -> Header | None:
    """The header of a bill, the line of the first few that names most of its columns."""
    best: Header | None = None
    lines = io.StringIO(text, newline=None)
    for line, said in zip(range(PREAMBLE), lines, strict=False):
        delimiter = max(DELIMITERS, key=said.count)
        names = [plain(name) for name in next(csv.reader([said], delimiter=delimiter), [])]
        places = {
            part: names.index(found)
            for part, known in COLUMNS.items()
            if (found := next((name for name in known if name in names), None))
        }
        if places and (best is None or len(places) > len(best.places)):
            best = Header(line, delimiter, places)
    return best


def plain(name: str) -> str:
    """A header in lower case without spaces or marks."""
    return "".join(character for character in name.lower() if character.isalnum())


def bill_text(path: Path) -> str:
    """A bill's text. Raises MeasurementError."""
    try:
        data = unpacked(read_bytes(path, MAX_BYTES), MAX_BYTES)
        text = decoded(data)[0].removeprefix("\ufeff")
    except AdvisorError as error:
        raise MeasurementError(error.summary, error.faults) from error
    except (ValueError, OSError, *DAMAGED):
        fault = Fault(
            path.name, say("a bill as CSV, plain or in one gzip or zip"), say("other or damaged bytes")
        )
        raise MeasurementError(say("{name} cannot be read.", name=path.name), [fault]) from None
    if len(data) > MAX_BYTES:
        fault = Fault(
            path.name,
            say("at most {most} MB of text", most=numeral(MAX_BYTES / 1e6, ".0f")),
            say("more"),
        )
        raise MeasurementError(say("{name} is too large.", name=path.name), [fault])
    return text


def rows(text: str, found: Header) -> Iterator[tuple[int, dict[str, str]]]:
    """The cells of each row by what they tell, empty where there is none, with the row's line from 1."""
    lines = io.StringIO(text, newline="")
    for _ in range(found.line + 1):
        lines.readline()
    reader = csv.reader(lines, delimiter=found.delimiter)
    nothing = dict.fromkeys(COLUMNS, "")
    for cells in reader:
        if any(cells):
            yield (
                found.line + 1 + reader.line_num,
                nothing
                | {part: cells[place].strip() for part, place in found.places.items() if place < len(cells)},
            )
