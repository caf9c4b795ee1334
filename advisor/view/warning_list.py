"""Warnings as they are listed: each once, with the steps it holds for. Pure functions."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

from advisor.core.saying import gone_over

NAMES = re.compile(r": [a-z_]+\.[\w.\-]+(?:, [a-z_]+\.[\w.\-]+)*(?: and \d+ more)?")
FIGURES = re.compile(r"\d[\d.,\-]*")


def grouped(warnings: Mapping[str, Sequence[str]]) -> list[tuple[str, tuple[str, ...]]]:
    """Warnings once each, without the names of single figures, with the steps they hold for.

    Those that differ in their figures alone are one: the first of them is shown.
    """
    shown: dict[str, str] = {}
    steps: dict[str, list[str]] = defaultdict(list)
    for step, found in warnings.items():
        for said in found:
            plain = gone_over(_unnamed, said)
            key = FIGURES.sub("#", plain).replace("prices were", "price was")
            shown.setdefault(key, plain)
            if step not in steps[key]:
                steps[key].append(step)
    return [(said, tuple(steps[key])) for key, said in shown.items()]


def _unnamed(said: str) -> str:
    return NAMES.sub("", said)
