"""Where and when jobs that may wait run, and what waiting for cleaner hours saves there."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from advisor.core.draws import Array, ensemble, ensemble_of
from advisor.core.saying import say
from advisor.estimate import schedule
from advisor.system.case import Case, remembered
from advisor.system.places import Place, at_intensity, place
from advisor.system.plan import DeploymentSetting, OperationSetting
from advisor.system.premises import ground
from advisor.system.regions import cleanest_allowed, region_used

SEASONS = ("DJF", "MAM", "JJA", "SON")
DAYS = (90, 92, 92, 91)  # days of each season in a year of 365
DECEMBER = 31  # days, which a calendar year has at its end and a winter at its start
HOURS_PER_YEAR = 8760
HOURS_PER_DAY = 24


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """Hourly intensity of a region over its mean: one row of 24 a season, and a noisy year.

    ``known`` is False where no shape is published and it is taken as flat.
    """

    zone: str
    known: bool
    seasons: Array
    year: Array


def utc_offset_h(case: Case, region: str) -> int:
    """Whole hours that a region's standard time is ahead of UTC."""
    return round(float(case.catalogue.row("regions", region).get("utc_offset_h") or 0.0))


def ready_hour(case: Case, region: str) -> int:
    """The local hour of a region at which the job is ready: it is given in that of the home region."""
    operations, home = case.scenario.operations, case.scenario.constraints.home_region
    ahead = utc_offset_h(case, region) - utc_offset_h(case, home)
    return (operations.job_earliest_hour + ahead) % HOURS_PER_DAY


@remembered
def shape_of(case: Case, region: str) -> Shape:
    """The hourly shape of a region, local time; flat where none is published."""
    if case.scenario.intensity and region == case.scenario.constraints.home_region:
        return _own(case, region, utc_offset_h(case, region))
    zone = case.catalogue.row("regions", region).get("shape_zone")
    if zone is None:
        flat = np.ones((len(SEASONS), HOURS_PER_DAY))
        return Shape("", False, flat, np.ones(HOURS_PER_YEAR))
    seasons = tuple(tuple(case.series(f"shape.{zone}.{season}")) for season in SEASONS)
    names = ("noise_log_sd", "noise_autocorrelation_1h", "noise_autocorrelation_24h")
    noise = tuple(case.central(f"shapes.{zone}.{name}", "ratio") for name in names)
    return Shape(zone, True, np.array(seasons), _year(seasons, noise, zone, case.draws.seed))


@lru_cache(maxsize=64)
def _year(seasons: tuple[tuple[float, ...], ...], noise: tuple[float, ...], zone: str, seed: int) -> Array:
    """The simulated year, which what-ifs on anything else share."""
    weather = ensemble(2 * HOURS_PER_YEAR, seed).normal(f"weather.{zone}")
    normals = ensemble_of(weather).reshape(2, HOURS_PER_YEAR)
    sigma, hourly, daily = noise
    return schedule.noisy_year(np.array(seasons), DAYS, sigma, hourly, daily, normals)


def _own(case: Case, region: str, utc_offset_h: int) -> Shape:
    """The user's own hourly series, turned to local time; its seasons begin in December."""
    year = np.roll(np.asarray(case.scenario.intensity), utc_offset_h)
    days = np.roll(year.reshape(-1, HOURS_PER_DAY), DECEMBER, axis=0)
    seasons = [part.mean(axis=0) for part in np.split(days, np.cumsum(DAYS)[:-1])]
    return Shape(say("{region} (your own series)", region=region), True, np.array(seasons), year)


@dataclass(frozen=True, slots=True)
class Saving:
    """Share of a job's carbon saved by waiting [ratio], with perfect foresight.

    ``at_once``: intensity of the hours it runs in when it does not wait, over the mean of the year;
    ``start_hour`` is in the local time of the region it runs in.
    """

    share: float
    at_once: float
    start_hour: int
    interruptible: bool


@remembered
def saving(case: Case, region: str, hours: float, slack: float, interruptible: bool) -> Saving:
    """What the scenario's slack saves a job ready each day at its earliest hour.

    Slack beyond a week is cut to a week: no forecast sees further. Whole hours.
    """
    found = shape_of(case, region)
    length, wait = max(round(hours), 1), min(int(slack), 168)
    start = ready_hour(case, region)
    ahead = schedule.windows(found.year, start, length + wait)
    now = schedule.run_now(ahead, length)
    later = (schedule.paused if interruptible else schedule.waited)(ahead, length, wait)
    mean_day = np.tile(found.seasons.mean(axis=0), -(-(length + wait + start) // HOURS_PER_DAY) + 1)
    best = int(schedule.best_start(mean_day[None, start:], length, wait)[0])
    share, at_once = max(schedule.saving(now, later), 0.0), float(now.mean() / found.year.mean())
    return Saving(share, at_once, (start + best) % HOURS_PER_DAY, interruptible)


def job_region(case: Case, deployment: DeploymentSetting) -> str:
    """The region jobs run in unless they move: the deployment's, else the one used for everything else."""
    return deployment.region or region_used(case)


@remembered
def job_place(case: Case, deployment: DeploymentSetting, operation: OperationSetting) -> Place:
    """Where jobs run, at the intensity of the hours they run in."""
    wanted = case.scenario.operations
    region = cleanest_allowed(case) if operation.timing == "place" else job_region(case, deployment)
    found = saving(case, region, wanted.job_hours, wanted.slack_hours, wanted.interruptible)
    here = at_intensity(place(case, ground(case, region)), found.at_once)
    if operation.timing != "time":
        return here
    lost = case.draw("operations.forecast_error", "ratio")
    return at_intensity(here, 1.0 - found.share * (1.0 - lost))
