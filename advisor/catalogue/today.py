"""The day it is, for ages of figures and for what people decide."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime

# seconds since 1970 of the day to take for today: reports made again later are then the same to the byte
DAY = "SOURCE_DATE_EPOCH"


def today() -> date:
    """Today, on the calendar of whoever runs it."""
    given = os.environ.get(DAY, "")
    if given.isdecimal():
        return datetime.fromtimestamp(int(given), UTC).date()
    return date.today()  # noqa: DTZ011  a day on the reader's own calendar
