"""Plans told apart by their scores on shared draws; what a score is, ``system/priorities`` says."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from advisor.core.draws import Array
from advisor.system.case import Case
from advisor.system.priorities import NEGLIGIBLE, valued, weighed, weights


def scores(case: Case, years: Array, quality: Array, largest: Array | None = None) -> Array:
    """Scores of plans, lower is better.

    ``years``: concerns of a year, shape (plans, concerns, draws); ``quality``: share accepted,
    shape (plans, draws); ``largest``: what negligible is measured by, shape (concerns,), the
    largest of ``years`` unless given. Returns shape (plans, draws).
    """
    years = valued(case, years)
    top = np.max(years, axis=(0, 2)) if largest is None else largest
    return weighed(np.moveaxis(years, 1, -1), quality, weights(case), top * NEGLIGIBLE)


def pairs_won(scored: Array) -> NDArray[np.int64]:
    """How many other plans each plan beats in more than half of the draws."""
    beaten = [np.mean(row < scored, axis=1) > np.mean(row > scored, axis=1) for row in scored]
    won: NDArray[np.int64] = np.sum(beaten, axis=1, dtype=np.int64)
    return won


def order(scored: Array, central: Array) -> Sequence[int]:
    """Plans from best: most pairs won, then the better central score."""
    return [int(row) for row in np.lexsort((central, -pairs_won(scored)))]
