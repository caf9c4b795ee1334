"""The front of sums: of every way to take one row of each part, those that no other dominates.

A row of a sum that is on the front is made of rows that are on the fronts of their parts: were one
of them dominated, putting the better one in its place would better the sum. So each part is reduced
before it is added to the next, and what is never looked at cannot be on the front. Nothing is
sampled; equal rows all stay.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from advisor.core.draws import Array

Places = NDArray[np.int64]
# points gathered before they are held against the front so far
GATHERED = 256


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """Points, smaller is better, shape (points, objectives), and the row each takes of every part.

    ``places``: shape (points, parts).
    """

    points: Array
    places: Places


def kept(points: Array) -> Places:
    """Places of the points that no other dominates; equal points all stay."""
    if len(points) < 2:
        return np.arange(len(points), dtype=np.int64)
    import moocore  # a check of a scenario compares nothing, and need not wait for it

    # a point that is worse everywhere than the one of least sum is dominated: most fall at once
    least = points[np.argmin(points.sum(axis=1))]
    near = np.flatnonzero(~(np.all(points >= least, axis=1) & np.any(points > least, axis=1)))
    stays = moocore.is_nondominated(points[near], keep_weakly=True)
    result: Places = near[stays].astype(np.int64)
    return result


def summed(parts: Sequence[Array]) -> Sums:
    """The front of the sums of one row of each part, each of shape (rows, objectives)."""
    first = kept(parts[0])
    points, places = parts[0][first], first[:, None]
    for part in parts[1:]:
        rows = kept(part)
        total = (points[:, None, :] + part[rows][None, :, :]).reshape(-1, part.shape[1])
        stays = kept(total)
        before, behind = np.divmod(stays, max(len(rows), 1))
        points, places = total[stays], np.column_stack([places[before], rows[behind]])
    return Sums(points, places)


class Growing:
    """The front over blocks that are added one by one; ``places`` begin with the number of the block.

    Blocks have the same number of parts. A block that even the least row of every part cannot bring
    to the front so far is passed over. Of no blocks: no points, with no columns.
    """

    def __init__(self) -> None:
        self._best = Sums(np.zeros((0, 0)), np.zeros((0, 1), dtype=np.int64))
        self._waiting: list[Sums] = []
        self._number = 0
        self._strong: Array | None = None  # what beat the last point

    def beats(self, point: Array) -> bool:
        """Whether a sum that was found dominates a point."""
        if self._strong is not None and (self._strong <= point).all() and (self._strong < point).any():
            return True  # many points in turn are behind the same one
        for one in (self._best, *self._waiting):
            ahead = _ahead(point, one.points)
            if len(ahead):
                self._strong = ahead[0]
                return True
        return False

    def add(self, parts: Sequence[Array]) -> None:
        """Add the sums of a block; the number of the block is how many were added before."""
        number, self._number = self._number, self._number + 1
        if beaten(least_of(parts), self._best.points):
            return
        own = summed(parts)
        numbers = np.full((len(own.points), 1), number, dtype=np.int64)
        self._waiting.append(Sums(own.points, np.hstack([numbers, own.places])))
        waiting = sum(len(one.points) for one in self._waiting)
        if not len(self._best.points) or waiting >= max(GATHERED, len(self._best.points) // 2):
            self._gather()

    def all(self) -> Sums:
        """The front of all that was added."""
        if self._waiting:
            self._gather()
        return self._best

    def _gather(self) -> None:
        self._best, self._waiting = _merged([self._best, *self._waiting]), []


def front_of(blocks: Iterable[Sequence[Array]]) -> Sums:
    """The front over blocks, each with parts of its own."""
    front = Growing()
    for parts in blocks:
        front.add(parts)
    return front.all()


def least_of(parts: Sequence[Array]) -> Array:
    """What no sum of a row of each part is below, shape (objectives,)."""
    least: Array = parts[0].min(axis=0)
    for part in parts[1:]:
        least = least + part.min(axis=0)
    return least


def beaten(point: Array, front: Array) -> bool:
    """Whether a point of the front dominates a point."""
    return bool(len(_ahead(point, front)))


def _ahead(point: Array, front: Array) -> Array:
    """The points of a front that dominate a point."""
    for column, value in enumerate(point):
        if not len(front):
            return front
        front = front[front[:, column] <= value]
    result: Array = front[(front < point).any(axis=1)] if len(front) else front
    return result


def _merged(sums: Sequence[Sums]) -> Sums:
    """The front of several."""
    some = [one for one in sums if len(one.points)]
    if not some:
        return sums[0]
    points = np.concatenate([one.points for one in some])
    stays = kept(points)
    return Sums(points[stays], np.concatenate([one.places for one in some])[stays])
