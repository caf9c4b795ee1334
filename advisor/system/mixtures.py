"""Two models that share the requests: what goes on to the larger one, and what both together get right."""

from __future__ import annotations

import numpy as np

from advisor.core.draws import Array
from advisor.estimate import acceptance
from advisor.system.case import Case


def accuracy(case: Case, kind: str) -> Array:
    """Share told right [ratio]: answers by the judge of a cascade, the difficulty of requests by a router."""
    return case.draw("router.accuracy" if kind == "router" else "cascade.judge_accuracy", "ratio")


def escalated(case: Case, kind: str, small: Array) -> Array:
    """Share of requests that reach the large model [ratio].

    A judge sees the small model's answers, of which ``small`` are accepted; a router sees requests alone.
    """
    told = accuracy(case, kind)
    if kind == "cascade":
        return np.asarray(acceptance.passed_on(small, told))
    return np.asarray(acceptance.split(case.scenario.quality.easy_share, told)) + 0.0 * small


def mixed(case: Case, kind: str, small: Array, large: Array) -> Array:
    """Share of answers accepted of a cascade or router of two models [ratio], from that of each."""
    easy, told = case.scenario.quality.easy_share, accuracy(case, kind)
    harder = case.draw("quality.hard_to_easy_failures", "ratio")
    if kind == "cascade":
        shared = case.draw("cascade.shared_failures", "ratio")
        return np.asarray(acceptance.cascaded_share(small, large, easy, told, harder, shared))
    return np.asarray(acceptance.mixed_share(small, large, easy, told, harder))
