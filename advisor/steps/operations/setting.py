"""What operating starts from: the chosen deployment, how fast quality fades, what retraining takes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from advisor import accounting
from advisor.accounting import Place
from advisor.case import Case
from advisor.draws import Array
from advisor.footprint import Footprint
from advisor.option import Option
from advisor.serving import Served, Shape, encode, serve
from advisor.steps import Prior
from advisor.steps.deployment.managed import token_price

MONTHS_PER_YEAR = 12.0
DAYS_PER_MONTH = 365.0 / MONTHS_PER_YEAR
RENTED = "h100"  # managed compute whose price stands for a retraining
RENTED_GPU = "h100_sxm"
TRAINED_KINDS = ("encoder", "custom")


@dataclass(frozen=True, slots=True, eq=False)
class Setting:
    """Draws of what every option of this step shares.

    ``request``: footprint of one served request; ``loss``: share accepted lost a day;
    ``retrain``: footprint of one retraining; ``job_place``: where deferrable jobs run.
    """

    deployment: Option
    request: Footprint
    requests_per_day: Array
    quality: Array
    loss: Array
    loss_central: float
    trained: bool
    retrain: Footprint
    job_region: str
    job_place: Place
    model: str
    generative: bool


def setting(case: Case, prior: Prior) -> Setting | None:
    """The setting the earlier choices leave; None where nothing is deployed."""
    deployed = prior.get("deployment")
    if deployed is None:
        return None
    improved = prior.get("improvement")
    chosen = prior.get("foundation_model", deployed)
    tuned = str((improved.settings.get("tuned") if improved else None) or "none")
    kind = str(chosen.settings.get("kind", "generative"))
    region = str(deployed.settings.get("region") or case.scenario.constraints.home_region)
    place = accounting.place(case, f"region:{region}")
    loss, central = _loss(case)
    model = str(deployed.settings.get("model") or chosen.settings.get("model"))
    return Setting(
        deployment=deployed,
        request=deployed.parts.per_request,
        requests_per_day=case.workload.mean_per_day,
        quality=deployed.quality,
        loss=loss,
        loss_central=central,
        trained=tuned != "none" or kind in TRAINED_KINDS,
        retrain=_retraining(case, place),
        job_region=region,
        job_place=place,
        model=model,
        generative=model in case.catalogue.keys("models"),
    )


def _loss(case: Case) -> tuple[Array, float]:
    given = case.scenario.operations.quality_loss_per_day
    if given is not None:
        return np.full(case.size, given), given
    name = f"operations.loss.{case.scenario.operations.volatility}"
    return case.draw(name, "ratio/day"), case.central(name, "ratio/day")


def retrain_kwh(case: Case) -> Array:
    """IT energy of one retraining [kWh]: the scenario's, else a range."""
    given = case.scenario.operations.retrain_kwh
    return np.full(case.size, given) if given is not None else case.draw("operations.retrain", "kWh")


def _retraining(case: Case, place: Place) -> Footprint:
    return rented(case, retrain_kwh(case), place)


def rented(case: Case, it_kwh: Array, place: Place) -> Footprint:
    """Footprint of a job that uses ``it_kwh`` on rented GPUs: electricity, their wear, their price."""
    kw = case.draw(f"gpus.{RENTED_GPU}.tdp", "kW") + case.draw("host.power_per_gpu", "kW")
    hours = it_kwh / kw
    footprint = accounting.electricity(case, it_kwh, place)
    footprint = footprint + accounting.hardware(case, RENTED_GPU, hours * 3600.0)
    return footprint.with_cost(hours * case.draw(f"managed_compute.{RENTED}.price", "USD/h"))


def judged(case: Case, now: Setting, place: Place) -> Footprint:
    """Footprint of judging one answer: the model answers, a model scores it on each measure."""
    if not now.generative:
        again = encode(case, now.model, case.workload.input_tokens) if _reads(case, now.model) else None
        return accounting.served(case, again, place) if again is not None else case.nothing()
    calls = case.central("operations.judge.measures", "item")
    shape = Shape(
        case.draw("operations.judge.input_tokens", "tok"), case.draw("operations.judge.output_tokens", "tok")
    )
    scored: Served = serve(case, now.model, shape)
    price = token_price(case, now.model, "global", shape)
    score = accounting.served(case, scored, place).with_cost(price if price is not None else 0.0)
    return now.request + score * calls


def _reads(case: Case, model: str) -> bool:
    return any(model in case.catalogue.keys(table) for table in ("encoders", "embedders", "rerankers"))
