"""The only reader of ``data/`` and of the packages that ship data.

``open_catalogue()`` reads and checks everything once a process. Coefficients have dotted
names: ``regions.swedencentral.pue`` is the column ``pue`` of row ``swedencentral`` of table
``regions``; others, such as ``network.between_regions``, stand alone. Prices, model sizes
and national grid mixes come from the installed packages and carry their version as source.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from advisor.catalogue import compiled, refreshed
from advisor.catalogue.loader import Contents, Series, load
from advisor.core.bounds import Bounds
from advisor.core.errors import DataError, unknown
from advisor.core.evidence import Coefficient, Source
from advisor.core.saying import say

DATA = Path(__file__).resolve().parents[2] / "data"
# how many times beyond what is shipped a figure of one's own may lie
REACH = "evidence.reach"

Provider = Callable[[Contents], None]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Coefficients, table attributes, series and sources, all checked."""

    coefficients: Mapping[str, Coefficient]
    tables: Mapping[str, Mapping[str, Mapping[str, Any]]]
    series: Mapping[str, Series]
    sources: Mapping[str, Source]
    overrides: Mapping[str, Coefficient] = field(default_factory=dict)

    def coefficient(self, name: str) -> Coefficient:
        """The coefficient called ``name``, an override first. Raises UnknownNameError.

        A series stands as one coefficient of its lowest, mean and highest value, so that it
        can be cited like any other figure.
        """
        found = self.overrides.get(name) or self.coefficients.get(name)
        if found is None and name in self.series:
            found = self.series[name].summary()
        if found is None:
            raise unknown(say("coefficient"), name, self.coefficients)
        return found

    def bounds(self, name: str) -> Bounds:
        """The values of one's own that make sense for a coefficient, in its shipped unit.

        Its meaning bounds them, and so does the distance (``evidence.reach``) to what is
        shipped for its like: figures of the same column, such as ``regions.*.pue``. Raises
        UnknownNameError.
        """
        shipped = self.coefficients.get(name)
        if shipped is None:
            raise unknown(say("coefficient"), name, self.coefficients)
        if REACH not in self.coefficients:
            return shipped.bounds
        head, tail = f"{name.split('.', maxsplit=1)[0]}.", f".{name.rsplit('.', maxsplit=1)[-1]}"
        column = (key for key in self.coefficients if key.startswith(head) and key.endswith(tail))
        figures = (self.coefficients[key] for key in column)
        like = [found for found in figures if found.unit == shipped.unit] or [shipped]
        low, high = min(found.low for found in like), max(found.high for found in like)
        return shipped.bounds.around(low, high, self.coefficients[REACH].central)

    def __contains__(self, name: object) -> bool:
        return name in self.coefficients

    def keys(self, table: str) -> list[str]:
        """Row keys of a table in file order. Raises UnknownNameError."""
        if table not in self.tables:
            raise unknown(say("table"), table, self.tables)
        return list(self.tables[table])

    def row(self, table: str, key: str) -> Mapping[str, Any]:
        """The attributes (not the coefficients) of one row. Raises UnknownNameError."""
        rows = self.tables.get(table)
        if rows is None:
            raise unknown(say("table"), table, self.tables)
        if key not in rows:
            raise unknown(say(table.rstrip("s")), key, rows)
        return rows[key]

    def overridden(self, overrides: Iterable[Coefficient]) -> Catalogue:
        """This catalogue with some coefficients replaced by a user's own."""
        given = {coefficient.name: coefficient for coefficient in overrides}
        for name in given:
            self.coefficient(name)
        return replace(self, overrides={**self.overrides, **given})


def build(folder: Path, providers: Iterable[Provider] = ()) -> Catalogue:
    """Read ``folder`` and let each provider add what its package ships."""
    contents = load(folder)
    for provider in providers:
        provider(contents)
    if contents.faults:
        raise DataError(say("The figures of an installed package make no sense."), contents.faults)
    return Catalogue(contents.coefficients, contents.tables, contents.series, contents.sources)


def open_catalogue(offline: bool | None = None) -> Catalogue:
    """The shipped catalogue, with what the user refreshed in preference; read once a process.

    ``offline`` leaves refreshed values aside; None asks ``ADVISOR_OFFLINE``. Raises DataError
    listing every fault of the shipped data.
    """
    if refreshed.offline_by_default() if offline is None else offline:
        return _shipped()
    return _with_refreshed(refreshed.folder())


@lru_cache(maxsize=1)
def _shipped() -> Catalogue:
    cache, mark = refreshed.folder() / "compiled", compiled.fingerprint(DATA)
    known = compiled.load(cache, mark)
    if known is not None:
        return Catalogue(*known)
    from advisor.catalogue.packages import PROVIDERS  # slow to import, and only needed to read anew

    contents = load(DATA)
    for provider in PROVIDERS:
        provider(contents)
    parts = (contents.coefficients, contents.tables, contents.series, contents.sources)
    compiled.keep(cache, mark, parts)
    return Catalogue(*parts)


@lru_cache(maxsize=4)
def _with_refreshed(cache: Path) -> Catalogue:
    shipped = _shipped()
    found, _ = refreshed.all_fetched(cache)
    if not found:
        return shipped
    coefficients, sources = dict(shipped.coefficients), dict(shipped.sources)
    refreshed.apply(found, shipped.tables, coefficients, sources)
    return replace(shipped, coefficients=coefficients, sources=sources)


def reopen() -> None:
    """Forget what was read from the user's cache, so that the next opening sees what was refreshed."""
    _with_refreshed.cache_clear()
