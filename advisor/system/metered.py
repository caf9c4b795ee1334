"""A metered batch job that is the serving itself takes the place of its estimate.

Only what a meter sees is replaced: energy, and with it operational carbon, water and the metals behind the
electricity, and what devices' power costs. Hardware and price stay as they are, told from the same lines.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from advisor.core.draws import Array
from advisor.core.footprint import INDEX, Footprint
from advisor.system.bill import MONTHS_PER_YEAR, Line, Lines, per_year
from advisor.system.case import Case
from advisor.system.footprints import own_power
from advisor.system.memory import bit
from advisor.system.places import Place, place

FOLLOWS = (
    "energy", "carbon_location", "carbon_market", "carbon_marginal", "water_onsite", "water_upstream",
)  # fmt: skip
FOLLOWING = [INDEX[name] for name in FOLLOWS]
ALL = 1.0  # a share


def measures_serving(case: Case) -> bool:
    """Whether the energy given for the batch job is that of serving the requests.

    As the scenario says; where it does not, when all requests come at night and all of them may wait.
    """
    operations, workload = case.scenario.operations, case.scenario.workload
    if operations.job_kwh is None:
        return False
    if operations.job_measures is not None:
        return bool(operations.job_measures == "serving")
    return bool(workload.profile == "nightly_batch" and workload.deferrable_share >= ALL)


def metered(case: Case, lines: Lines, seen: Lines) -> Lines:
    """The lines of serving, with the energy that was metered where a job measures it.

    ``seen``: what the meter saw, the same serving with no cache in front; a cache spares a share of it.
    """
    given = case.scenario.operations.job_kwh
    if given is None or not lines or not measures_serving(case):
        return lines
    wanted = given * _jobs(case)
    estimated = np.zeros(case.size)
    for line in seen:
        it_kwh = line.footprint["energy"] / place(case, line.place).pue
        estimated = estimated + it_kwh * per_year(case, line.phase)
    factor = np.where(estimated > 0, wanted / np.where(estimated > 0, estimated, 1.0), 1.0)
    jobs = bit("operations.jobs_per_month") if case.scenario.operations.job_requests is None else 0
    return tuple(
        replace(line, footprint=_scaled(case, line, place(case, line.place), factor), names=line.names | jobs)
        for line in lines
    )


def _jobs(case: Case) -> Array:
    """Metered jobs a year: as many as answer all requests, or one a night, and more as requests grow."""
    answered, workload = case.scenario.operations.job_requests, case.workload
    if answered is not None:
        return workload.requests_per_year / answered
    grown = workload.mean_per_day / workload.requests_per_day
    return case.draw("operations.jobs_per_month", "item/month") * MONTHS_PER_YEAR * grown


def _scaled(case: Case, line: Line, where: Place, factor: Array) -> Footprint:
    values = line.footprint.values.copy()
    behind = np.minimum(values[INDEX["energy"]] * where.adpe, values[INDEX["adpe"]])
    values[INDEX["adpe"]] += behind * (factor - 1.0)
    if where.of_devices:
        values[INDEX["cost"]] += own_power(case, values[INDEX["energy"]], where.country) * (factor - 1.0)
    values[FOLLOWING] *= factor
    return Footprint(values)
