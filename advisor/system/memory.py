"""What was computed, remembered by exactly what it read.

While a function runs, every field of the scenario and every attribute of a setting that it reads is
recorded, in order. Within one scenario a result lies at the end of the path that the attributes it
read make: to look it up again, the path is walked, each present value choosing the next branch.
Since what a function reads next depends on nothing but what it has read, the walk ends on the right
result or on none. A path branches only where results part. A variant of a scenario takes over
whatever read none of the fields that differ, and a few results of other variants whose fields are all
as they are now. What the scenario as a whole settles (``derived``) is read like one of its fields: where
its value stays the same, so does what hangs on it. No key is written by hand, so none can be forgotten.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache, update_wrapper
from threading import Lock
from typing import Any, TypeVar

# a read of a setting: which argument of the function, which attribute of it ("": all of it), and its value
Read = tuple[int, str, Hashable]
# results of one computation kept for going back to an earlier variant
KIN = 3
T = TypeVar("T")
# what is derived from a scenario as a whole, by name
DERIVED: dict[str, Callable[[Any], Any]] = {}
_NAMES: list[str] = []
_BITS: dict[str, int] = {}
_NAMING = Lock()


class Setting:
    """Marks a frozen dataclass whose attributes are recorded as they are read."""

    __slots__ = ()


def bit(name: str) -> int:
    """The set that holds one name, as an integer: sets of names are joined far more often than read."""
    found = _BITS.get(name)
    if found is None:
        with _NAMING:
            if name not in _BITS:
                _NAMES.append(name)  # first: whoever is interrupted in between has taken no other's bit
                _BITS[name] = 1 << (len(_NAMES) - 1)
            found = _BITS[name]
    return found


@lru_cache(maxsize=16_384)
def in_order(found: int) -> tuple[str, ...]:
    """The names in a set of bits, in the order of their bits."""
    names = []
    while found:
        least = found & -found
        names.append(_NAMES[least.bit_length() - 1])
        found ^= least
    return tuple(names)


def names_in(found: int) -> frozenset[str]:
    """The names in a set of bits."""
    return frozenset(in_order(found))


def derived(make: Callable[[Any], T]) -> Callable[[Any], T]:
    """A function of a case alone, worked out once; whoever asks hangs on its value, not on what it read."""
    name = f"{make.__module__}.{make.__qualname__}"
    DERIVED[name] = make

    def ask(case: Any) -> T:
        return case.derive(name)  # type: ignore[no-any-return]

    update_wrapper(ask, make)
    return ask


def derived_bits() -> int:
    """All that is derived, as bits."""
    found = 0
    for name in DERIVED:
        found |= bit(name)
    return found


@dataclass(slots=True)
class Derived:
    """What was derived, with the fields and names it read, as bits.

    ``held``: the value as something to compare by, beside the names of the coefficients behind it.
    """

    value: Any
    held: Hashable
    fields: int
    names: int


@dataclass(slots=True)
class Reads:
    """What one run of a function has read so far.

    ``settings``: attributes of settings, in the order of first reading; ``fields`` of the scenario
    and ``names`` of coefficients: sets of bits.
    """

    settings: list[Read] = field(default_factory=list)
    fields: int = 0
    names: int = 0


@dataclass(slots=True)
class Leaf:
    """A result with what it read: of settings, in order, and of the scenario and the catalogue.

    ``held``: the values of the fields read, in the order of their bits.
    """

    value: Any
    settings: tuple[Read, ...]
    fields: int
    names: int
    held: tuple[Hashable, ...]


@dataclass(slots=True)
class Kept:
    """A result and its kin: the latest of the same computation in variants of the scenario, shared by them.

    No leaf knows its kin: what a variant found goes with the variant, at once.
    """

    leaf: Leaf
    kin: list[Leaf]


def kept(value: Any, reads: Reads, held: tuple[Hashable, ...], kin: list[Leaf]) -> Kept:
    """A result at the end of its reads: the latest of its kin, or the first where those took another path."""
    leaf = Leaf(value, tuple(reads.settings), reads.fields, reads.names, held)
    if kin and kin[0].settings != leaf.settings:
        return Kept(leaf, [leaf])
    kin.append(leaf)
    del kin[:-KIN]
    return Kept(leaf, kin)


# a node of the paths: a result, or which argument and which attribute of it tells where each value leads
_Node = Kept | tuple[int, str, dict[Hashable, "_Node"]]


class Watched:
    """A setting whose attributes are noted in ``reads`` under ``slot`` when they are first read."""

    __slots__ = ("_order", "_seen", "_setting", "_slot")

    def __init__(self, setting: Setting, slot: int, reads: Reads) -> None:
        self._setting = setting
        self._slot = slot
        self._order = reads.settings
        self._seen: dict[str, Hashable] = {}

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._setting, name)
        if name not in self._seen:
            self._seen[name] = value
            self._order.append((self._slot, name, value))
        return value

    def __eq__(self, other: object) -> bool:
        return bool(self._whole() == (other._whole() if isinstance(other, Watched) else other))

    def __hash__(self) -> int:
        return hash(self._whole())

    def _whole(self) -> Setting:
        """The setting itself; whoever asks for it whole depends on all of it."""
        if "" not in self._seen:
            self._seen[""] = self._setting
            self._order.append((self._slot, "", self._setting))
        return self._setting


def bare(argument: Any) -> Any:
    """An argument without its watch."""
    return argument._setting if isinstance(argument, Watched) else argument


def varied(argument: Any, **changed: Hashable) -> Any:
    """A setting with other values of some attributes; under a watch, only what else is read of it counts."""
    if not isinstance(argument, Watched):
        return replace(argument, **changed)
    found = Watched(replace(argument._setting, **changed), argument._slot, Reads())  # type: ignore[type-var]
    found._seen = _Through(argument, frozenset(changed))
    return found


class _Through(dict[str, Hashable]):
    """Passes what is read of a varied setting on to the watch of the setting that it varies."""

    def __init__(self, watch: Watched, own: frozenset[str]) -> None:
        super().__init__()
        self._watch, self._own = watch, own

    def __setitem__(self, name: str, value: Hashable) -> None:
        super().__setitem__(name, value)
        if name in self._own:
            return
        if not name or getattr(self._watch._setting, name) != value:
            self._watch._whole()  # it hangs on what was changed, and so on any of the rest
        else:
            getattr(self._watch, name)


class Known:
    """What was found for one scenario: results at the ends of the paths that what they read makes."""

    __slots__ = ("_paths", "size")

    def __init__(self) -> None:
        self._paths: dict[Hashable, _Node] = {}
        self.size = 0

    def look(self, key: Hashable, arguments: Sequence[Any]) -> Kept | None:
        """What is kept where the present values of settings lead; None where nothing is."""
        node, depth = self._paths.get(key), 0
        while type(node) is tuple:
            slot, name, onward = node
            node = onward.get(getattr(arguments[slot], name) if name else arguments[slot])
            depth += 1
        if node is None:
            return None
        # alone since its last branch: the rest of its path is compared and not walked
        for slot, name, value in node.leaf.settings[depth:]:  # type: ignore[union-attr]
            if (getattr(arguments[slot], name) if name else arguments[slot]) != value:
                return None
        return node  # type: ignore[return-value]

    def put(self, key: Hashable, found: Kept) -> None:
        """Keep a result at the end of its path of settings, which branches only where results part."""
        place, value, depth, mine = self._paths, key, 0, found.leaf.settings
        self.size += 1
        while True:
            node = place.get(value)
            if node is None or depth == len(mine):
                break
            slot, name, seen = mine[depth]
            if type(node) is tuple:
                if node[:2] != (slot, name):
                    break  # reads in another order: the latest counts
                onward = node[2]
            else:
                theirs = node.leaf.settings  # type: ignore[union-attr]
                if theirs == mine or depth == len(theirs) or theirs[depth][:2] != (slot, name):
                    break
                onward = {theirs[depth][2]: node}
                place[value] = (slot, name, onward)
            place, value, depth = onward, seen, depth + 1
        place[value] = found


def replay(leaf: Leaf, arguments: tuple[Any, ...], into: Reads) -> None:
    """Note what a remembered result read as read by whoever asks for it."""
    into.fields |= leaf.fields
    into.names |= leaf.names
    for read in leaf.settings:
        slot, name, value = read
        watch = arguments[slot]
        if type(watch) is Watched and name not in watch._seen:
            watch._seen[name] = value
            watch._order.append(read if slot == watch._slot else (watch._slot, name, value))
