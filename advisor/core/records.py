"""Records of numbers or arrays, so that much is worked out in pieces and a single case without arrays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

import numpy as np

Record = TypeVar("Record")


def entries(*records: object) -> int | None:
    """Entries of records of flat arrays, none of plain numbers alone; None where some array is not flat."""
    most = 0
    for record in records:
        for name in record.__slots__:  # type: ignore[attr-defined]
            value = getattr(record, name)
            if type(value) is np.ndarray:
                if value.ndim > 1:
                    return None
                most = max(most, value.size * value.ndim)  # one without a dimension is a plain number
    return most


def cut(record: Record, blocks: Sequence[slice]) -> Iterator[Record]:
    """Blocks of the entries of a record of arrays; what is one number for all stays."""
    values = _values(record)
    for rows in blocks:
        yield type(record)(
            *(one[rows] if isinstance(one, np.ndarray) and one.size > 1 else one for one in values)
        )


def plain(record: Record) -> Record:
    """A record of arrays of one entry, as plain numbers: four times as fast to compute with, and the same."""
    return type(record)(*(one.item() if isinstance(one, np.ndarray) else one for one in _values(record)))


def _values(record: object) -> list[object]:
    return [getattr(record, name) for name in record.__slots__]  # type: ignore[attr-defined]
