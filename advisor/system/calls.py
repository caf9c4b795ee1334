"""What one more call takes, at whatever deployment: for answers that are generated to be judged."""

from __future__ import annotations

from advisor.core.footprint import Footprint
from advisor.system import devices, hosts, provider_pool, provisioned
from advisor.system.case import Case
from advisor.system.plan import DeploymentSetting, ImprovementSetting, ModelSetting


def one_call(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> Footprint:
    """Footprint of one call, its price included where calls have one; what is held anyway is not in it."""
    if deployment.mode in ("maas", "embedding"):
        return provider_pool.per_attempt(case, model, improvement, deployment)
    if deployment.mode == "ptu":
        return provisioned.work_per_call(case, model, improvement, deployment)
    if deployment.mode == "edge":
        return devices.work_per_call(case, model, improvement, deployment)
    if deployment.mode == "search":
        return case.nothing()
    return hosts.work_per_call(case, model, improvement, deployment)
