"""Reading the user's own hourly carbon intensity: a CSV with columns time and g_per_kwh."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from math import fsum, isfinite
from pathlib import Path
from statistics import fmean

from advisor.core.errors import Fault, ScenarioError
from advisor.core.files import read_text
from advisor.core.saying import numeral, say
from advisor.core.wording import listed

COLUMNS = ("time", "g_per_kwh")
HOURS_PER_DAY = 24
HOURS_PER_YEAR = 8760
# a week is the least that shows a day's shape; ten years the most that anyone exports
LEAST_HOURS, MOST_HOURS = 168, 87_600
# more would only scroll the first away
MAX_FAULTS = 20


def load_intensity(path: Path) -> tuple[float, ...]:
    """Hourly intensity over its mean [ratio] for the 8,760 hours of a year, 1 January 00:00 UTC first.

    Hours the file lacks take the mean of the same hour of the day. Times without an offset
    are UTC. Raises ScenarioError listing every fault with its line.
    """
    return parse_intensity(read_text(path), path.name)


def parse_intensity(text: str, name: str) -> tuple[float, ...]:
    """The same from text."""
    rows = csv.DictReader(io.StringIO(text.lstrip("\ufeff")))
    try:
        header = [str(column).strip() for column in rows.fieldnames or ()]
        if any(column not in header for column in COLUMNS):
            expected = say("columns {columns}", columns=listed(COLUMNS))
            raise _refused(name, [Fault(f"{name}:1", expected, ", ".join(header) or say("nothing"))])
        rows.fieldnames = header
        faults: list[Fault] = []
        seen: dict[int, list[float]] = {}
        count = 0
        for row in rows:
            count += 1
            hour, value = _row(row["time"], row["g_per_kwh"], f"{name}:{rows.line_num}", faults)
            if hour is not None and value is not None:
                seen.setdefault(hour, []).append(value)
            if len(faults) >= MAX_FAULTS or count > MOST_HOURS:
                break
    except csv.Error as error:
        raise _refused(name, [Fault(name, say("plain CSV"), str(error))]) from error
    if not faults and not LEAST_HOURS <= count <= MOST_HOURS:
        hours = say("{least} to {most} hours", least=LEAST_HOURS, most=numeral(MOST_HOURS, ","))
        faults.append(Fault(name, hours, numeral(count, ",")))
    if not faults and not any(value > 0 for values in seen.values() for value in values):
        faults.append(Fault(name, say("an intensity above zero"), say("zeros")))
    if faults:
        raise _refused(name, faults)
    return _year({hour: fmean(values) for hour, values in seen.items()})


def _refused(name: str, faults: list[Fault]) -> ScenarioError:
    return ScenarioError(say("{name} is not an hourly carbon intensity.", name=name), faults)


def _row(
    time: str | None, intensity: str | None, where: str, faults: list[Fault]
) -> tuple[int | None, float | None]:
    """The hour of the year and its intensity [g/kWh]; None for what is faulty."""
    hour: int | None = None
    value: float | None = None
    try:
        at = datetime.fromisoformat((time or "").strip())
        at = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
        hour = _day_of_year(at) * HOURS_PER_DAY + at.hour
    except (ValueError, OverflowError):
        faults.append(Fault(f"{where} time", say("a time such as 2026-01-31T14:00:00Z"), repr(time)))
    try:
        value = float(intensity or "")
        if not isfinite(value) or value < 0:
            raise ValueError
    except ValueError:
        faults.append(Fault(f"{where} g_per_kwh", say("a number of at least {ge}", ge=0), repr(intensity)))
    return hour, value


def _day_of_year(at: datetime) -> int:
    """0 for 1 January; 29 February, which no common year has, counts as the 28th."""
    try:
        common = at.replace(year=1)
    except ValueError:
        common = (at - timedelta(days=1)).replace(year=1)
    return common.timetuple().tm_yday - 1


def _year(known: dict[int, float]) -> tuple[float, ...]:
    mean = fmean(known.values())
    by_hour = [
        [value for hour, value in known.items() if hour % HOURS_PER_DAY == of_day]
        for of_day in range(HOURS_PER_DAY)
    ]
    usual = [fmean(values) if values else mean for values in by_hour]
    year = [known.get(hour, usual[hour % HOURS_PER_DAY]) for hour in range(HOURS_PER_YEAR)]
    whole = fsum(year) / HOURS_PER_YEAR
    return tuple(value / whole for value in year)
