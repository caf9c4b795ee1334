"""What operating starts from: the chosen deployment, how fast quality fades, what retraining takes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from advisor.core.draws import Array
from advisor.core.footprint import Footprint
from advisor.steps import Prior
from advisor.steps.deployment.pool import token_price
from advisor.steps.foundation_model.reading import training
from advisor.steps.quality import TUNED
from advisor.steps.serving_parts import place as place_of
from advisor.steps.tuning_costs import tuning_of
from advisor.system import accounting
from advisor.system.accounting import Place
from advisor.system.case import Case
from advisor.system.option import Option
from advisor.system.serving import Served, Shape, encode, serve

MONTHS_PER_YEAR = 12.0
DAYS_PER_MONTH = 365.0 / MONTHS_PER_YEAR
RENTED = "h100"  # managed compute whose price stands for a retraining
RENTED_GPU = "h100_sxm"
TRAINED_KINDS = ("encoder", "custom")


@dataclass(frozen=True, slots=True, eq=False)
class Setting:
    """Draws of what every option of this step shares.

    ``request``: footprint of one served request; ``loss``: share accepted lost a day;
    ``retrain``: footprint of one retraining, of which the improvement step has counted
    ``counted_per_year``; ``job_place``: where deferrable jobs run.
    """

    deployment: Option
    request: Footprint
    requests_per_day: Array
    quality: Array
    loss: Array
    loss_central: float
    trained: bool
    retrain: Footprint
    counted_per_year: float
    job_region: str
    job_place: Place
    model: str
    generative: bool
    input_tokens: float


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
    place = place_of(case, f"region:{region}")
    loss, central = _loss(case)
    again = retraining(case, prior, place)
    model = str(deployed.settings.get("model") or chosen.settings.get("model"))
    return Setting(
        deployment=deployed,
        request=deployed.parts.per_request,
        requests_per_day=case.workload.mean_per_day,
        quality=deployed.quality,
        loss=loss,
        loss_central=central,
        trained=tuned != "none" or kind in TRAINED_KINDS,
        retrain=again.one,
        counted_per_year=again.counted_per_year,
        job_region=region,
        job_place=place,
        model=model,
        generative=model in case.catalogue.keys("models"),
        input_tokens=float(
            np.median((improved or chosen).settings.get("input_tokens", case.workload.input_tokens))
        ),
    )


def _loss(case: Case) -> tuple[Array, float]:
    given = case.scenario.operations.quality_loss_per_day
    if given is not None:
        return np.full(case.size, given), given
    name = f"operations.loss.{case.scenario.operations.volatility}"
    return case.draw(name, "ratio/day"), case.central(name, "ratio/day")


@dataclass(frozen=True, slots=True, eq=False)
class Retraining:
    """One retraining, and the retrainings a year that the improvement step has counted."""

    one: Footprint
    counted_per_year: float


def retraining(case: Case, prior: Prior, place: Place) -> Retraining:
    """What one retraining takes: the scenario's energy, else the chosen improvement's, else a range."""
    improved = prior.get("improvement")
    settings = improved.settings if improved else {}
    per_year = float(settings.get("retrains_per_year") or 0.0)
    own = case.scenario.operations.retrain_kwh
    if own is not None:
        return Retraining(rented(case, np.full(case.size, own), place), per_year)
    chosen = prior.get("foundation_model")
    technique = str(settings.get("technique"))
    if chosen is not None and technique in TUNED:
        return Retraining(tuning_of(case, str(chosen.settings["models"][0]), technique).run, per_year)
    if chosen is not None and technique == "train_classifier":
        runs = training(case, str(chosen.settings["model"]))
        return Retraining(runs * (1.0 / case.scenario.knowledge.tuning_runs), per_year)
    return Retraining(rented(case, case.draw("operations.retrain", "kWh"), place), per_year)


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
    scored: Served = case.remember(("judged", now.model), lambda: serve(case, now.model, shape))
    price = token_price(case, now.model, "global", shape)
    score = accounting.served(case, scored, place).with_cost(price if price is not None else 0.0)
    return now.request + score * calls


def _reads(case: Case, model: str) -> bool:
    return any(model in case.catalogue.keys(table) for table in ("encoders", "embedders", "rerankers"))
