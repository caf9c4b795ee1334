"""The bill, the quality and the gates of a whole plan: every resource's charge, put together."""

from __future__ import annotations

import numpy as np

from advisor.core.draws import Array
from advisor.system import (
    caches,
    devices,
    hosts,
    provisioned,
    search_units,
    tokens,
    training,
    upkeep,
)
from advisor.system import quality as shares
from advisor.system.bill import Bill, Lines
from advisor.system.case import Case, remembered
from advisor.system.metered import metered
from advisor.system.plan import Plan
from advisor.system.storage import charge as storage

LEAST = 1e-6  # a share accepted never quite reaches zero, so that what an accepted answer takes stays finite


def lines(case: Case, plan: Plan) -> Lines:
    """All lines of a plan, those of an early step first."""
    model, improvement, deployment = plan.model, plan.improvement, plan.deployment
    serving = (
        *tokens.lines(case, model, improvement, deployment),
        *provisioned.lines(case, model, improvement, deployment),
        *hosts.lines(case, model, improvement, deployment),
        *devices.lines(case, model, improvement, deployment),
    )
    return (
        *training.lines(case, model, improvement, deployment),
        *search_units.lines(case, model, improvement),
        *metered(case, serving),
        *caches.lines(case, model, improvement, deployment),
        *storage.lines(case, model, improvement, deployment, plan.storage),
        *upkeep.lines(case, model, improvement, deployment, plan.operation),
    )


def bill(case: Case, plan: Plan) -> Bill:
    """What a plan takes."""
    return Bill(case, lines(case, plan))


def quality(case: Case, plan: Plan) -> Array:
    """Share of answers accepted over the horizon, draws in (0, 1]."""
    return _quality(case, plan.model, plan.improvement, plan.deployment, plan.operation)


@remembered
def _quality(case: Case, model, improvement, deployment, operation) -> Array:  # type: ignore[no-untyped-def]
    share = shares.accepted(case, model, improvement)
    wrong = caches.wrong_share(case, model, improvement, deployment)
    unmended = upkeep.unmended_loss(case, model, improvement, operation)
    result: Array = np.clip(share * (1.0 - wrong) - unmended, LEAST, 1.0)
    return result
