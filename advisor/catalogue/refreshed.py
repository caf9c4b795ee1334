"""Values a user fetched from live sources, kept in a cache of their own.

They are used in preference to what is shipped and never written over it: the note of a
refreshed coefficient names the shipped value it stands in for. A cache file that cannot be
read is left aside and said so; the shipped value then stays.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from math import isfinite
from pathlib import Path
from typing import Any

from advisor.core.errors import AdvisorError
from advisor.core.evidence import Coefficient, Confidence, Source
from advisor.core.saying import dated, joined, numeral, say
from advisor.core.units import conversion

FORMAT = 1
MAX_BYTES = 20_000_000  # far above any price list of the models in the catalogue


@dataclass(frozen=True, slots=True)
class Fetched:
    """One cache file: where it came from, when, and what it holds."""

    source: Source
    on: date
    coefficients: dict[str, Coefficient]


def folder() -> Path:
    """The user's cache: ``ADVISOR_CACHE``, else the platform's cache folder."""
    own = os.environ.get("ADVISOR_CACHE")
    if own:
        return Path(own)
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or str(Path.home() / "AppData" / "Local")
    else:
        base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "sustainable-genai-advisor"


def offline_by_default() -> bool:
    """Whether ``ADVISOR_OFFLINE`` asks for shipped values only."""
    return os.environ.get("ADVISOR_OFFLINE", "").lower() in {"1", "true", "yes"}


def dump(fetched: Fetched) -> str:
    """The text of a cache file."""
    values = {
        name: {
            "value": [found.low, found.central, found.high], "unit": found.unit,
            "confidence": found.confidence.value, "valid": found.valid, "note": found.note,
        }
        for name, found in sorted(fetched.coefficients.items())
    }  # fmt: skip
    source = {
        key: getattr(fetched.source, key) for key in ("key", "title", "publisher", "url", "year", "licence")
    }
    document = {"format": FORMAT, "fetched": fetched.on.isoformat(), "source": source, "values": values}
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def read(path: Path) -> Fetched:
    """A cache file. Raises ValueError when it is not one."""
    if path.stat().st_size > MAX_BYTES:
        raise ValueError("too large")
    document = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ValueError("not of this format")
    on = date.fromisoformat(document["fetched"])
    source = Source(**{key: str(value) for key, value in document["source"].items()})
    found = {name: _coefficient(name, spec, source.key, on) for name, spec in document["values"].items()}
    return Fetched(source, on, found)


def _coefficient(name: str, spec: dict[str, Any], key: str, on: date) -> Coefficient:
    low, central, high = (float(part) for part in spec["value"])
    if not (0 <= low <= central <= high and isfinite(high)):
        raise ValueError(f"{name}: not a range of non-negative numbers")
    return Coefficient(
        name, low, central, high, str(spec["unit"]), (key,), on, Confidence(spec["confidence"]),
        say(str(spec.get("valid", ""))), say(str(spec.get("note", ""))),
    )  # fmt: skip


def all_fetched(place: Path) -> tuple[list[Fetched], list[str]]:
    """What the cache at ``place`` holds, oldest first, and the names of files that cannot be read."""
    found, broken = [], []
    for path in sorted(place.glob("*.json")) if place.is_dir() else ():
        try:
            found.append(read(path))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            broken.append(path.name)
    return sorted(found, key=lambda fetched: fetched.on), broken


def apply(
    found: Iterable[Fetched],
    tables: Mapping[str, Mapping[str, Any]],
    coefficients: dict[str, Coefficient],
    sources: dict[str, Source],
) -> None:
    """Put fetched values in place of shipped ones, in ``coefficients`` and ``sources``.

    Only a price of a known model and a marginal intensity of a known region may be new;
    anything else the catalogue lacks, or has in another dimension, is passed over.
    """
    for fetched in found:
        for name, value in fetched.coefficients.items():
            shipped = coefficients.get(name)
            if _fits(tables, name, value, shipped):
                sources[fetched.source.key] = fetched.source
                coefficients[name] = _instead(value, shipped) if shipped else value


def _fits(
    tables: Mapping[str, Mapping[str, Any]], name: str, value: Coefficient, shipped: Coefficient | None
) -> bool:
    try:
        if shipped is not None:
            own = replace(value, meaning=shipped.meaning).to(shipped.unit)
            return all(own.bounds.hold(part) for part in (own.low, own.central, own.high))
        if name.startswith("prices."):
            key = name.split(".", 1)[1].rsplit(".", 2)[0]
            return key in tables["models"] and bool(conversion(value.unit, "USD/Mtok"))
        table, key, column = name.split(".")
        known = table == "regions" and key in tables["regions"] and column == "marginal_intensity"
        return known and bool(conversion(value.unit, "g/kWh"))
    except (AdvisorError, ValueError):
        return False


def _instead(value: Coefficient, shipped: Coefficient) -> Coefficient:
    was = say(
        "refreshed {day}; shipped {central} {unit} of {checked}",
        day=dated(value.checked),
        central=numeral(shipped.central, "g"),
        unit=shipped.unit,
        checked=dated(shipped.checked),
    )
    note = joined("; ", (was, value.note)) if value.note else was
    return Coefficient(
        value.name, value.low, value.central, value.high, value.unit, value.sources, value.checked,
        value.confidence, value.valid or shipped.valid, note, shipped.meaning,
    )  # fmt: skip


def describe(offline: bool | None = None) -> list[str]:
    """Which values are used, the shipped or refreshed ones, one line each with dates."""
    if offline_by_default() if offline is None else offline:
        return [say("offline: the shipped figures are used, refreshed ones are ignored")]
    found, broken = all_fetched(folder())
    lines = [
        say(
            "{source}: {count} figures refreshed {day} are used",
            source=fetched.source.title,
            count=len(fetched.coefficients),
            day=dated(fetched.on),
        )
        for fetched in found
    ]
    lines += [
        say("{name} in the cache cannot be read: the shipped figures are used instead", name=name)
        for name in broken
    ]
    return lines or [say("nothing was refreshed: the shipped figures are used")]
