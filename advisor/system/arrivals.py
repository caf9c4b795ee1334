"""When requests arrive: the scenario's shape of the week, and what a traffic profile tells of it.

A profile replaces what it tells and nothing else. An hour that a log saw is as it was; one that it did not
see stands to the like hours seen as in the scenario's own shape. Where a log tells days as totals, the
hours within them are the scenario's; where it tells hours of a day that it does not name, the days are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from advisor.core.draws import Array
from advisor.scenario.traffic import HOURS_OF_WEEK, Traffic

if TYPE_CHECKING:
    from advisor.system.case import Case

DAYS, HOURS = 7, 24


def stated(case: Case) -> Array:
    """The scenario's own shape: a row for each day of the week, a column for each of its hours."""
    name = f"arrivals.{case.scenario.workload.profile}"
    return np.outer(case.series(f"{name}.week"), case.series(f"{name}.day"))


def week(case: Case) -> Array:
    """Share of a week's requests in each of 168 hours, Monday 00:00 UTC first; sums to 1."""
    profile = case.scenario.traffic
    if profile is None:
        found = stated(case)
    elif _whole(profile):
        found = _measured(profile)
    else:
        found = completed(profile, stated(case))
    share: Array = found.reshape(HOURS_OF_WEEK) / found.sum()
    return share


def above(case: Case) -> float:
    """How much further the busiest hour lies above the mean than in the profile alone [ratio].

    A log tells how far its busiest minute stands above its busiest hour. Where the busiest hour of the week
    is the scenario's, the minute goes with it.
    """
    profile = case.scenario.traffic
    if profile is None or _whole(profile):
        return 1.0
    alone = _measured(profile)
    return float(case.workload.week.max() / (alone.max() / alone.sum()))


def completed(profile: Traffic, shape: Array) -> Array:
    """The week of a profile that tells part of it, the rest after ``shape``; only ratios matter.

    Hours told alike (those of one day, or of one hour of the day) say how much of the shape is theirs;
    where none of them is told, all that is told says it. What the shape denies, but was seen, is as seen.
    """
    told, seen, axis = _measured(profile), _told(profile), 1 if profile.week_told == "days" else 0
    if not (told * seen).any():
        return shape
    like, overall = _share(told, shape, seen, axis), _share(told, shape, seen)
    if not np.isfinite(overall):
        return told
    kept = seen.any(axis=axis, keepdims=True) & ~np.isfinite(like)
    if profile.week_told == "hours":
        kept = kept | seen
    return np.where(kept, told, np.where(np.isfinite(like), like, overall) * shape)


def _share(told: Array, shape: Array, seen: NDArray[np.bool_], axis: int | None = None) -> Array:
    """What was told of the hours seen over what the shape has there; not finite where it has nothing."""
    has = np.sum(shape * seen, axis=axis, keepdims=axis is not None)
    was = np.sum(told * seen, axis=axis, keepdims=axis is not None)
    found: Array = np.divide(was, has, out=np.full_like(has, np.nan), where=has > 0)
    return found


def _measured(profile: Traffic) -> Array:
    return np.array(profile.hour_of_week, dtype=np.float64).reshape(DAYS, HOURS)


def _told(profile: Traffic) -> NDArray[np.bool_]:
    """The hours whose requests a profile tells, by themselves or together with others."""
    seen = np.array(profile.hours_observed).reshape(DAYS, HOURS) > 0
    if profile.week_told == "none":
        return np.zeros_like(seen)
    if profile.week_told == "days":
        return np.broadcast_to(seen.all(axis=1, keepdims=True), seen.shape)
    if profile.week_told == "hours_of_day":
        return np.broadcast_to(seen.any(axis=0, keepdims=True), seen.shape)
    return seen


def _whole(profile: Traffic) -> bool:
    """Whether nothing of the week is left to the scenario."""
    return profile.week_told == "hours" and all(profile.hours_observed)
