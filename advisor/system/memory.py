"""What was computed, remembered by exactly what it read.

While a function runs, every field of the scenario and every attribute of a setting that it reads
is recorded, in order. The result is kept at the end of the path those reads make: to look it up
again, the path is walked, each present value choosing the next branch. Since what a function reads
next depends on nothing but what it has read, the walk ends on the right result or on none. No key
is written by hand, so none can be forgotten.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from typing import Any

# a read: which argument of the function (or SCENARIO), and which attribute or field of it
SCENARIO = -1
Read = tuple[int, str]
# results kept by one memory before it starts afresh: bounds what a long session holds
MOST_VALUES = 2_000_000


class Setting:
    """Marks a frozen dataclass whose attributes are recorded as they are read."""

    __slots__ = ()


@dataclass(slots=True)
class Reads:
    """What one run of a function has read so far, in the order of first reading."""

    values: dict[Read, Hashable] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)


@dataclass(slots=True)
class _Leaf:
    value: Any
    reads: tuple[tuple[Read, Hashable], ...]
    names: frozenset[str]


@dataclass(slots=True)
class _Branch:
    read: Read
    next: dict[Hashable, _Branch | _Leaf]


class Watched:
    """A setting whose attributes are noted in ``reads`` under ``slot`` when they are read."""

    __slots__ = ("_reads", "_setting", "_slot")

    def __init__(self, setting: Setting, slot: int, reads: Reads) -> None:
        self._setting = setting
        self._slot = slot
        self._reads = reads

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._setting, name)
        self._reads.values.setdefault((self._slot, name), value)
        return value

    def __eq__(self, other: object) -> bool:
        return bool(self._whole() == (other._whole() if isinstance(other, Watched) else other))

    def __hash__(self) -> int:
        return hash(self._whole())

    def _whole(self) -> Setting:
        """The setting itself; whoever asks for it whole depends on all of it."""
        self._reads.values.setdefault((self._slot, ""), self._setting)
        return self._setting


def bare(argument: Any) -> Any:
    """An argument without its watch."""
    return argument._setting if isinstance(argument, Watched) else argument


def whole(argument: Any) -> Any:
    """A setting as a value to keep; under a watch, all of it counts as read."""
    return argument._whole() if isinstance(argument, Watched) else argument


class Memory:
    """Results of functions of one catalogue and one ensemble, for any scenario."""

    def __init__(self) -> None:
        self._roots: dict[Hashable, dict[Hashable, _Branch | _Leaf]] = {}
        self._count = 0

    def find(self, key: Hashable, fields: Any, arguments: tuple[Any, ...]) -> _Leaf | None:
        """The result kept for what is there now; ``fields`` gives a field's present value."""
        node = self._roots.get(key, {}).get(None)
        while node is not None and type(node) is _Branch:
            slot, name = node.read
            if slot == SCENARIO:
                value = fields(name)
            else:
                value = getattr(arguments[slot], name) if name else arguments[slot]
            node = node.next.get(value)
        return node  # type: ignore[return-value]

    def keep(self, key: Hashable, value: Any, reads: Reads) -> _Leaf:
        """Keep a result at the end of the path of its reads."""
        if self._count >= MOST_VALUES:
            self._roots.clear()
            self._count = 0
        self._count += 1
        leaf = _Leaf(value, tuple(reads.values.items()), frozenset(reads.names))
        place, branch = self._roots.setdefault(key, {}), None
        last: Hashable = branch
        for read, seen in leaf.reads:
            node = place.get(last)
            if not isinstance(node, _Branch) or node.read != read:
                node = _Branch(read, {})
                place[last] = node
            place, last = node.next, seen
        place[last] = leaf
        return leaf

    def __len__(self) -> int:
        return self._count


def replay(leaf: _Leaf, arguments: tuple[Any, ...], into: Reads) -> None:
    """Note what a remembered result read as read by whoever asks for it."""
    for (slot, name), value in leaf.reads:
        if slot == SCENARIO:
            into.values.setdefault((slot, name), value)
        elif isinstance(arguments[slot], Watched):
            watch = arguments[slot]
            watch._reads.values.setdefault((watch._slot, name), value)
    into.names |= leaf.names


def fields_read(leaf_reads: tuple[tuple[Read, Hashable], ...]) -> Iterator[str]:
    """The scenario's fields among reads."""
    return (name for (slot, name), _ in leaf_reads if slot == SCENARIO)
