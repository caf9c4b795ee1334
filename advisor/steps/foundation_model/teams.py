"""A large model that plans, small ones that work: which two are worth comparing for an agent's tasks."""

from __future__ import annotations

import numpy as np

from advisor.core.draws import central
from advisor.decide.pairs import rough, scopes
from advisor.system.case import Case, remembered
from advisor.system.plan import ModelSetting
from advisor.system.priorities import valued, weighed, weights
from advisor.system.quality import of_model, reference_technique
from advisor.system.regions import on_device

TINY = 1e-12


@remembered
def worth_comparing(case: Case) -> tuple[ModelSetting, ...]:
    """The best worker and planner by what their calls take and the planner's share of accepted tasks.

    Simple central estimates, as for other pairs; the planner answers better than the worker, and what is
    assumed to stay of its share should meet the floor. None without an agent, or on a device.
    """
    agent = case.scenario.agent
    if agent is None or on_device(case):
        return ()
    able = [key for key in case.catalogue.keys("models") if scopes(case, key)]
    share = np.array([central(of_model(case, key, reference_technique(case))) for key in able])
    sold = [scopes(case, key) for key in able]
    pairs = [
        (worker, planner)
        for worker in range(len(able))
        for planner in range(len(able))
        if share[worker] < share[planner] and sold[worker] & sold[planner]
    ]
    if not pairs:
        return ()
    taken = np.array([rough(case, key) for key in able])
    workers, planners = np.array(pairs).T
    calls = taken[planners] * agent.planner_share + taken[workers] * (1.0 - agent.planner_share)
    kept = share[planners] * case.central("agent.worker_success", "ratio")
    value = weighed(valued(case, calls, -1), kept, weights(case), np.full(calls.shape[-1], TINY))
    meets = kept >= case.scenario.quality.floor
    best = int(np.argmin(np.where(meets, value, np.inf) if meets.any() else -kept))
    return (ModelSetting("team", (able[workers[best]], able[planners[best]])),)
