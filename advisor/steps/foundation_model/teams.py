"""A large model that plans, small ones that work: which two are worth comparing for an agent's tasks."""

from __future__ import annotations

import numpy as np

from advisor.core.draws import central
from advisor.decide.pairs import rough, scopes
from advisor.system.case import Case, remembered
from advisor.system.plan import ModelSetting
from advisor.system.priorities import carbon_price, standing, weights
from advisor.system.quality import of_model, reference_technique
from advisor.system.regions import on_device


@remembered
def worth_comparing(case: Case) -> tuple[ModelSetting, ...]:
    """The best planner with the worker that takes least beside it; none without an agent, or on a device.

    The planner is the model that answers best; what the calls of the two take is weighed by the priorities.
    """
    agent = case.scenario.agent
    if agent is None or on_device(case):
        return ()
    usual, weight, price = reference_technique(case), weights(case), carbon_price(case)
    able = {key: sold for key in case.catalogue.keys("models") if (sold := scopes(case, key))}
    if len(able) < 2:
        return ()
    share = {key: central(of_model(case, key, usual)) for key in able}
    taken = {key: np.array(rough(case, key)) for key in able}
    ranked = sorted(able, key=lambda key: (-share[key], key))

    def stands(pair: tuple[str, ...]) -> float:
        calls = taken[pair[1]] * agent.planner_share + taken[pair[0]] * (1.0 - agent.planner_share)
        return float(standing(calls, weight, price))

    for planner in ranked:
        workers = [
            (worker, planner)
            for worker in able
            if share[worker] < share[planner] and able[worker] & able[planner]
        ]
        if workers:
            return (ModelSetting("team", min(workers, key=stands)),)
    return ()
