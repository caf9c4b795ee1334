"""Records of numbers or arrays, so that much is worked out in pieces and a single case without arrays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

import numpy as np

Record = TypeVar("Record")


def entries(*records: object) -> int:
    """Entries of records of flat arrays, 1 of plain numbers; 0 where some array is not flat."""
    most = 1
    for record in records:
        for name in record.__slots__:  # type: ignore[attr-defined]
            value = getattr(record, name)
            if type(value) is np.ndarray:
                if value.ndim > 1:
                    return 0
                most = max(most, value.size)
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
