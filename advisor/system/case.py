"""A case binds one scenario to one catalogue and one ensemble of draws.

Whatever is computed for it asks the case for numbers; it applies the user's own figures, converts
units, notes which coefficients and which fields of the scenario were read, and remembers results by
exactly those (see ``memory``), for this scenario and for every variant of it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import update_wrapper
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

import numpy as np

from advisor.catalogue import Catalogue
from advisor.core.draws import Array, ensemble
from advisor.core.errors import unknown
from advisor.core.evidence import Coefficient, Confidence
from advisor.core.footprint import Footprint
from advisor.core.saying import say
from advisor.core.units import conversion
from advisor.scenario import Scenario, with_values
from advisor.system.differing import ATTACHED, ByIdentity, comparable, differences, same_figures
from advisor.system.memory import (
    DERIVED,
    Derived,
    Kept,
    Known,
    Leaf,
    Reads,
    Setting,
    Watched,
    bit,
    derived_bits,
    in_order,
    kept,
    names_in,
    replay,
)
from advisor.system.own_rows import with_own
from advisor.system.sections import Section
from advisor.system.workload import Workload

T = TypeVar("T")
P = ParamSpec("P")
LITTLE = 0.5  # of what an earlier scenario knows: one that knows less than this share of it was asked little


class Case:
    """One scenario on one catalogue. ``size`` draws come from ``seed``, beside the central case.

    Arrays of draws have shape (width,): the central case first, then the draws.
    """

    def __init__(
        self,
        scenario: Scenario,
        catalogue: Catalogue,
        size: int = 1000,
        seed: int = 20_260,
    ) -> None:
        self.given = scenario
        self.shipped = catalogue
        self.catalogue = with_own(catalogue, scenario).overridden(_overrides(scenario))
        self.draws = ensemble(size, seed)
        self._recorders: list[Reads] = []
        self._known = Known()  # what was found for this scenario
        # and for those it varies, the nearest first, each with the fields that differ
        self._before: tuple[tuple[Known, int], ...] = ()
        self._fields: dict[str, Hashable] = {}
        self._derived: dict[str, Derived] = {}  # what one of them reads comes before it
        self._held: dict[int, tuple[Hashable, ...]] = {}  # values of sets of fields
        self._drawn: dict[tuple[str, str], tuple[int, Array]] = {}
        self._central: dict[tuple[str, str], tuple[int, float]] = {}
        self._centre: Case | None = None
        # a section knows where reads are noted and not its case: no cycle keeps a case that nobody asks
        self.scenario = cast(Scenario, Section(self._recorders, scenario, ""))

    @property
    def size(self) -> int:
        """Width of an array of draws, the central case included."""
        return self.draws.width

    @property
    def centre(self) -> Case:
        """The same case with the central values alone, for searching; it remembers for itself."""
        if self.draws.size == 0:
            return self
        if self._centre is None:
            self._centre = Case(self.given, self.shipped, 0, self.draws.seed)
        return self._centre

    def centre_at(self, figure: Coefficient) -> Case:
        """The case with the central values alone, but for one coefficient; it remembers for itself."""
        case = Case(self.given, self.shipped, 0, self.draws.seed)
        case.catalogue = case.catalogue.overridden([figure])
        return case

    @property
    def workload(self) -> Workload:
        """The traffic to serve: the scenario's numbers, or its traffic profile's."""
        return Workload(self)

    def varied(self, values: Mapping[str, Any]) -> Case:
        """The case with other values in the scenario; what does not read them is not computed again.

        Raises ScenarioError where a value is out of bounds.
        """
        return self.with_scenario(with_values(self.given, values))

    def with_scenario(self, scenario: Scenario) -> Case:
        """The same catalogue and draws for another scenario, sharing what is remembered."""
        case = Case(scenario, self.shipped, self.draws.size, self.draws.seed)
        if same_figures(scenario, self.given):
            changed = derived_bits()
            for path in differences(self.given, scenario):
                changed |= bit(path)
            for name, one in self._derived.items():
                if not one.fields & changed:
                    case._derived[name] = one
                    changed ^= bit(name)
            case._held = {fields: held for fields, held in self._held.items() if not fields & changed}
            case._before = self._known_with(changed)
            # what is derived is worked out first: where it is as before, all that hangs on it is
            for name, one in self._derived.items():
                if case._derived_of(name).held == one.held and changed & bit(name):
                    changed ^= bit(name)
            case._before = self._known_with(changed)
            case._drawn, case._central = self._drawn, self._central
            if self._centre is not None:
                case._centre = self._centre.with_scenario(scenario)
        return case

    def _known_with(self, changed: int) -> tuple[tuple[Known, int], ...]:
        """What is known here and before, each with all that differs once some more has changed.

        One that nobody asked knows nothing, and one that was asked a little only that.
        """
        more = [one for one in self._before if self._known.size < LITTLE * one[0].size]
        mine = [(self._known, 0)] if self._known.size else []
        return tuple((known, earlier | changed) for known, earlier in (*mine, *more))

    def __contains__(self, name: object) -> bool:
        return name in self.catalogue

    def _note(self, name: str) -> Coefficient:
        if self._recorders:
            self._recorders[-1].names |= bit(name)
        return self.catalogue.coefficient(name)

    def is_own(self, name: str) -> bool:
        """Whether a figure is the user's own, which goes before what is known by region or country."""
        return self.catalogue.coefficient(name).confidence is Confidence.OVERRIDE

    def draw(self, name: str, unit: str) -> Array:
        """Draws of a coefficient in ``unit``, shape (width,), not to be written to.

        Raises UnknownNameError, DataError.
        """
        known = self._drawn.get((name, unit))
        if known is None:
            coefficient = self.catalogue.coefficient(name)
            factor = conversion(coefficient.unit, unit)
            values = self.draws.of(coefficient) if factor == 1.0 else self.draws.scaled(coefficient, factor)
            known = self._drawn[name, unit] = bit(name), values
        if self._recorders:
            self._recorders[-1].names |= known[0]
        return known[1]

    def central(self, name: str, unit: str) -> float:
        """The central value of a coefficient in ``unit``, for what is compared with a gate."""
        known = self._central.get((name, unit))
        if known is None:
            coefficient = self.catalogue.coefficient(name)
            value = coefficient.central * conversion(coefficient.unit, unit)
            known = self._central[name, unit] = bit(name), value
        if self._recorders:
            self._recorders[-1].names |= known[0]
        return known[1]

    def series(self, name: str) -> Array:
        """The values of a series of the catalogue in its own unit. Raises UnknownNameError."""
        if name not in self.catalogue.series:
            raise unknown(say("series"), name, self.catalogue.series)
        self._note(name)
        return np.array(self.catalogue.series[name].values)

    def nothing(self) -> Footprint:
        """A zero footprint of this case's width."""
        return Footprint.zero(self.size)

    def full(self, value: Array | float) -> Array:
        """A number, or draws, as an array of this case's width."""
        width = self.draws.width
        if type(value) is np.ndarray and value.shape == (width,):
            return value.astype(np.float64, copy=False)
        if width == 1 and np.ndim(value) == 0:
            return np.array([value], dtype=np.float64)
        return np.broadcast_to(np.asarray(value, dtype=np.float64), (width,))

    @property
    def names_read(self) -> int:
        """Names of the coefficients that the innermost remembered function has read so far, as bits."""
        return self._recorders[-1].names

    @contextmanager
    def noting(self) -> Iterator[Reads]:
        """Note what is read within the block; blocks may nest."""
        with self._apart() as reads:
            try:
                yield reads
            finally:
                if len(self._recorders) > 1:
                    _merge(reads, self._recorders[-2])

    @contextmanager
    def recording(self) -> Iterator[set[str]]:
        """Collect the names of the coefficients used within the block; blocks may nest."""
        found = set[str]()
        with self.noting() as reads:
            try:
                yield found
            finally:
                found |= names_in(reads.names)

    @contextmanager
    def _apart(self) -> Iterator[Reads]:
        """Note what is read within the block by itself: nobody around it is told."""
        reads = Reads()
        self._recorders.append(reads)
        try:
            yield reads
        finally:
            self._recorders.pop()

    def remember(self, make: Callable[..., T], *arguments: Any) -> T:
        """What ``make(case, *arguments)`` returns, computed once for all that it reads."""
        return self._ask(make, arguments)  # type: ignore[no-any-return]

    def _ask(self, make: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        settings: list[Any] = []
        plain: tuple[Any, ...] = ()
        for one in arguments:
            if type(one) is Watched:
                settings.append(one._setting)
            else:
                if not isinstance(one, Setting):
                    plain = (*plain, len(settings), one)
                settings.append(one)
        key: Hashable = (make, plain) if plain else make
        found = self._known.look(key, settings)
        if found is None:
            found = self._found(key, make, settings)
            self._known.put(key, found)
        if self._recorders:
            replay(found.leaf, arguments, self._recorders[-1])
        return found.leaf.value

    def _found(self, key: Hashable, make: Callable[..., Any], settings: Sequence[Any]) -> Kept:
        """A result of the case this one varies, of another variant like it, or a new one."""
        kin: list[Leaf] = []
        for known, changed in self._before:
            near = known.look(key, settings)
            if near is None:
                continue
            if not near.leaf.fields & changed:
                return near
            kin = near.kin
            for one in kin:
                if one.held == self._values(one.fields):
                    return Kept(one, kin)
            break
        reads = Reads()
        watched = [
            Watched(one, slot, reads) if isinstance(one, Setting) else one
            for slot, one in enumerate(settings)
        ]
        self._recorders.append(reads)
        try:
            value = make(self, *watched)
        finally:
            self._recorders.pop()
        return kept(value, reads, self._values(reads.fields), kin)

    def derive(self, name: str) -> Any:
        """What is derived from the scenario as a whole, read by its name like a field: ``memory.derived``."""
        found = self._derived_of(name)
        if self._recorders:
            reads = self._recorders[-1]
            reads.fields |= bit(name)
            reads.names |= found.names
        return found.value

    def _derived_of(self, name: str) -> Derived:
        found = self._derived.get(name)
        if found is None:
            with self._apart() as reads:
                value = DERIVED[name](self)
            held = comparable(value), reads.names
            found = self._derived[name] = Derived(value, held, reads.fields, reads.names)
        return found

    def _values(self, fields: int) -> tuple[Hashable, ...]:
        """The values of a set of fields, in the order of their bits."""
        held = self._held.get(fields)
        if held is None:
            held = self._held[fields] = tuple(map(self.field, in_order(fields)))
        return held

    def reads_of(self, make: Callable[..., Any], *arguments: Any) -> frozenset[str]:
        """Fields of the scenario and names of coefficients behind a remembered result."""
        with self._apart() as reads:
            self.remember(make, *arguments)
        return self.behind(reads.fields) | names_in(reads.names)

    def behind(self, fields: int) -> frozenset[str]:
        """Fields of the scenario, those behind what is derived in its place."""
        found = frozenset[str]()
        for name in in_order(fields):
            found |= self.behind(self._derived_of(name).fields) if name in DERIVED else {name}
        return found

    def field(self, path: str) -> Hashable:
        """A field of the scenario as something to compare by; lists and files by their content."""
        if path in DERIVED:
            return self._derived_of(path).held
        if path not in self._fields:
            node: Any = self.given
            for part in path.split("."):
                node = getattr(node, part)
            if path in ATTACHED and node is not None:
                self._fields[path] = ByIdentity(node)
            else:
                self._fields[path] = comparable(node() if callable(node) else node)
        return self._fields[path]

    def read(self, path: str) -> None:
        """Note that a field of the scenario was read."""
        if self._recorders:
            self._recorders[-1].fields |= bit(path)


def remembered(
    make: Callable[Concatenate[Case, P], T],
) -> Callable[Concatenate[Case, P], T]:
    """A function of a case, and of settings and plain values, computed once for all that it reads.

    Settings are watched: only the attributes that are read count. Everything else must be hashable.
    """

    def ask(case: Case, /, *arguments: P.args, **named: P.kwargs) -> T:
        assert not named, "by place only, so that one call has one key"  # noqa: S101
        return case._ask(make, arguments)  # type: ignore[no-any-return]

    update_wrapper(ask, make)
    return ask


def centrally(
    make: Callable[Concatenate[Case, P], T],
) -> Callable[Concatenate[Case, P], T]:
    """As ``remembered``, for what central values alone tell: with draws it is not worked out again."""

    recall = remembered(make)

    def ask(case: Case, /, *arguments: P.args, **named: P.kwargs) -> T:
        if case.centre is case or not case._recorders:
            return recall(case.centre, *arguments, **named)
        with case.centre.noting() as reads:
            found = recall(case.centre, *arguments, **named)
        _merge(reads, case._recorders[-1])
        return found

    update_wrapper(ask, make)
    return ask


def _merge(reads: Reads, into: Reads) -> None:
    into.fields |= reads.fields
    into.names |= reads.names


def _overrides(scenario: Scenario) -> Iterator[Coefficient]:
    for name, own in scenario.overrides.items():
        yield Coefficient(
            name, own.low, own.central, own.high, own.unit, ("override",),
            own.on or scenario.timing.start, Confidence.OVERRIDE, note=f"{own.owner}: {own.reason}",
        )  # fmt: skip
