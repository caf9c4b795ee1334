"""Tables of measured energy: reading them, with every fault at once.

A table is a CSV file with one measured configuration a row. Only ``REQUIRED`` columns must
be there; of the others, what is blank or absent is taken as unknown. Columns that the
advisor does not know are left alone.
"""

from __future__ import annotations

import csv
import io
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from advisor.core.draws import Array
from advisor.core.errors import AdvisorError, Fault, MeasurementError, nearest
from advisor.core.files import read_text
from advisor.core.saying import joined, numeral, say
from advisor.estimate.inference import Mask

MAX_BYTES = 100_000_000  # a table far larger than any benchmark's; more is a mistake
MAX_FAULTS = 1000  # a report longer than that is not read

TEXT = ("model", "family", "precision", "gpu", "engine", "scope", "source", "task", "batch_note")
REQUIRED = (
    "total_params_b", "active_params_b", "precision", "gpu", "n_gpus", "batch_size",
    "input_tokens_mean", "output_tokens_mean",
)  # fmt: skip
# column: (least value, whether that value itself is allowed, greatest value)
BOUNDS: dict[str, tuple[float, bool, float]] = {
    "total_params_b": (0, False, 1e6),
    "active_params_b": (0, False, 1e6),
    "n_gpus": (1, True, 1e6),
    "batch_size": (0, False, 1e6),
    "input_tokens_mean": (0, True, 1e9),
    "output_tokens_mean": (0, False, 1e9),
    "layers": (1, True, 1e6),
    "kv_bytes_per_token_16b": (0, True, 1e9),
    "state_bytes": (0, True, math.inf),
    "topk": (0, True, 1e6),
    "nexp": (0, True, 1e6),
    "expert_frac": (0, True, 1),
    "win_frac": (0, True, 1),
    "win_tokens": (0, True, 1e9),
    "weight_bytes_per_param": (0, False, 10),
    "kv_elem_bytes": (0, False, 10),
    "tp": (1, True, 1e6),
    "pp": (1, True, 1e6),
    "dp": (1, True, 1e6),
    "power_cap_w": (0, False, 1e6),
    "energy_j_per_request": (0, False, math.inf),
    "output_tok_per_s": (0, False, math.inf),
    "itl_ms": (0, False, math.inf),
    "avg_power_w_total": (0, False, math.inf),
}
SCOPES = ("gpu", "wall_node8")


@dataclass(frozen=True, slots=True, eq=False)
class Measurements:
    """A table as given, and its known columns; numbers are NaN where blank or absent."""

    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: dict[str, Array]
    texts: dict[str, tuple[str, ...]]

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, column: str) -> Array:
        return self.numbers[column]

    def given(self, column: str) -> Mask:
        """Where a numeric column holds a value, as a boolean array."""
        return np.isfinite(self.numbers[column])


def read(path: Path) -> Measurements:
    """Read and check a table. Raises MeasurementError listing every fault."""
    measured, faults = parse(path)
    refuse(measured.name, faults)
    return measured


def refuse(name: str, faults: list[Fault]) -> None:
    """Raise MeasurementError if there is any fault."""
    if faults:
        raise MeasurementError(
            say("{name} has a fault.", name=name)
            if len(faults) == 1
            else say("{name} has {count} faults.", name=name, count=len(faults)),
            faults[:MAX_FAULTS],
        )


def parse(path: Path) -> tuple[Measurements, list[Fault]]:
    """A table and every fault of its header and cells. Raises MeasurementError if it is no table."""
    try:
        text = read_text(path, MAX_BYTES).removeprefix("\ufeff")
    except AdvisorError as error:
        raise MeasurementError(error.summary, error.faults) from error
    try:
        table = [tuple(row) for row in csv.reader(io.StringIO(text, newline=""), strict=True) if row]
    except csv.Error as error:
        raise MeasurementError(
            say("{name} is not a CSV table.", name=path.name),
            [Fault(path.name, say("comma-separated values"), str(error))],
        ) from error
    if len(table) < 2:
        raise MeasurementError(
            say("{name} holds no measurements.", name=path.name),
            [Fault(path.name, say("a header and at least one row"), say("{lines} lines", lines=len(table)))],
        )
    header, rows = tuple(name.strip() for name in table[0]), table[1:]
    faults = _header_faults(path.name, header)
    for number, row in enumerate(rows, 2):
        if len(row) != len(header):
            faults.append(
                Fault(
                    say("{name} row {row}", name=path.name, row=number),
                    say("{cells} cells", cells=len(header)),
                    str(len(row)),
                )
            )
    columns = {
        name: tuple(row[place].strip() if place < len(row) else "" for row in rows)
        for place, name in enumerate(header)
    }
    blank = ("",) * len(rows)
    numbers = {
        name: _numbers(
            path.name, name, columns.get(name, blank), faults, name in REQUIRED and name in columns
        )
        for name in BOUNDS
    }
    texts = {name: columns.get(name, blank) for name in TEXT}
    _cross_checks(path.name, numbers, texts, faults)
    return Measurements(path.name, tuple(table[0]), tuple(rows), numbers, texts), faults


def _header_faults(name: str, header: tuple[str, ...]) -> list[Fault]:
    faults = [
        Fault(
            say("{name} header", name=name),
            say("a column '{column}'", column=column),
            say("none"),
            nearest(column, header),
        )
        for column in REQUIRED
        if column not in header
    ]
    for column in sorted({column for column in header if header.count(column) > 1}):
        faults.append(
            Fault(
                say("{name} header", name=name),
                say("each column once"),
                say("'{column}' again", column=column),
            )
        )
    return faults


def _numbers(name: str, column: str, cells: tuple[str, ...], faults: list[Fault], required: bool) -> Array:
    least, inclusive, greatest = BOUNDS[column]
    low = numeral(least, "g")
    wanted = say("a number of at least {low}", low=low) if inclusive else say("a number above {low}", low=low)
    if math.isfinite(greatest) and greatest <= BOUNDS["kv_elem_bytes"][2]:
        wanted += say(" and at most {greatest}", greatest=numeral(greatest, "g"))
    values = np.full(len(cells), np.nan)

    def refused(place: int, found: str) -> None:
        where = say("{name} row {row}, {column}", name=name, row=place + 2, column=column)
        faults.append(Fault(where, wanted, found))

    for place, cell in enumerate(cells):
        if not cell:
            if required:
                refused(place, say("nothing"))
            continue
        try:
            value = float(cell)
        except ValueError:
            refused(place, repr(cell))
            continue
        if (
            not math.isfinite(value)
            or value < least
            or value > greatest
            or (value == least and not inclusive)
        ):
            refused(place, cell)
        else:
            values[place] = value
    return values


def _cross_checks(
    name: str, numbers: dict[str, Array], texts: dict[str, tuple[str, ...]], faults: list[Fault]
) -> None:
    for place in np.flatnonzero(numbers["active_params_b"] > numbers["total_params_b"] * (1 + 1e-9)):
        found = f"{numbers['active_params_b'][place]:g}"
        expected = say(
            "at most {column} ({most})",
            column="total_params_b",
            most=numeral(numbers["total_params_b"][place], "g"),
        )
        faults.append(
            Fault(
                say("{name} row {row}, {column}", name=name, row=place + 2, column="active_params_b"),
                expected,
                found,
            )
        )
    for row, scope in enumerate(texts["scope"]):
        if scope and scope not in SCOPES:
            where = say("{name} row {row}, {column}", name=name, row=row + 2, column="scope")
            faults.append(Fault(where, joined(say(" or "), SCOPES), repr(scope), nearest(scope, SCOPES)))
