"""Managed tokens: what calls to a provider's pool take, whoever sends them there."""

from __future__ import annotations

from collections.abc import Iterator

from advisor.core.saying import say
from advisor.system import provider_pool, provisioned
from advisor.system.bill import Line, Resource
from advisor.system.bill import lines as charging
from advisor.system.case import Case
from advisor.system.demand import sent
from advisor.system.plan import DeploymentSetting, ImprovementSetting, ModelSetting


@charging
def lines(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> Iterator[Line]:
    """Pay as you go, batches, embedding calls, and what spills over from provisioned units."""
    if deployment.mode in ("maas", "embedding"):
        calls = sent(case, model, improvement, deployment)
        what = say("calls by the token")
        if deployment.batch:
            what = say("calls by the token, what can wait in batches")
    elif deployment.mode == "ptu" and deployment.spillover:
        size = provisioned.sizing(case, model, improvement, deployment)
        if size is None:
            return
        calls = sent(case, model, improvement, deployment) * (1.0 - size.share)
        what = say("calls beyond the provisioned units, by the token")
    else:
        return
    each = provider_pool.per_attempt(case, model, improvement, deployment)
    yield Line(
        Resource.MANAGED_TOKENS, "deployment", "per_request", what, deployment.where, calls,
        say("call"), each * calls,
    )  # fmt: skip
