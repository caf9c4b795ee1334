"""Provisioned throughput: capacity bought by the hour, month or year, idle or not.

Units are held whatever comes: price, wear, and the power of hardware that waits. A request adds the
power of work above that of waiting.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from advisor.core.draws import Array, central
from advisor.core.footprint import Footprint
from advisor.core.saying import say
from advisor.estimate import cost, hosting
from advisor.system import provider_pool
from advisor.system.bill import Line, Resource
from advisor.system.bill import lines as charging
from advisor.system.case import Case, remembered
from advisor.system.demand import HOURS_PER_MONTH, MONTHS_PER_YEAR, demand, sent
from advisor.system.footprints import electricity, hardware
from advisor.system.places import place
from advisor.system.plan import DeploymentSetting, ImprovementSetting, ModelSetting, StepName, TermKey
from advisor.system.prices import offer
from advisor.system.serving import J_PER_KWH, REFERENCE_GPU, Served, Serving, serve, standing_power
from advisor.system.shape import Shape

STEP: StepName = "deployment"
MINUTES_PER_HOUR = 60.0
SECONDS_PER_HOUR = 3600.0
SIZES_TRIED = 48  # candidate sizes between the minimum and the peak when part may spill over
SINGLE = ("single", "custom")  # kinds of model that one deployment of units serves


@dataclass(frozen=True, slots=True)
class Term:
    """How capacity is paid for: hourly or reserved for a term [month]."""

    key: TermKey
    title: str
    months: float
    discount: str | None
    assumed: bool = False


HOURLY = Term("hourly", say("by the hour"), 0.0, None)
TERMS = {
    "global": (
        HOURLY,
        Term("monthly", say("reserved monthly"), 1.0, "ptu_reservation.global_month"),
        Term("yearly", say("reserved yearly"), 12.0, "ptu_reservation.global_year"),
    ),
    "datazone": (
        HOURLY, Term("yearly", say("reserved yearly"), 12.0, "ptu_reservation.datazone", assumed=True),
    ),
    "regional": (HOURLY,),
}  # fmt: skip


def terms(deployment: DeploymentSetting) -> tuple[Term, ...]:
    """The terms sold for the scope of a deployment; discounts that are not published are flagged."""
    return TERMS[deployment.scope]


def term(deployment: DeploymentSetting) -> Term:
    """The term of a deployment; by the hour where none is named."""
    return next((one for one in terms(deployment) if one.key == deployment.term), HOURLY)


@dataclass(frozen=True, slots=True, eq=False)
class Sizing:
    """Provisioned units for a demand, the central case.

    ``tokens``: normalised tokens of a call [tok]; ``tpm``: those a unit takes a minute; ``units``
    held by year [PTU]; ``share`` of the calls they serve, the rest spills over; ``use``: share of
    the capacity held that is used.
    """

    tokens: float
    tpm: float
    minimum: float
    increment: float
    units: Array
    share: float
    use: float
    years: Array

    @property
    def calls_per_unit_hour(self) -> float:
        """Calls that a fully used unit serves in an hour."""
        return self.tpm * MINUTES_PER_HOUR / self.tokens

    @property
    def mean_units(self) -> float:
        """Units held, mean over the horizon [PTU]."""
        return float(self.years @ self.units)


@dataclass(frozen=True, slots=True)
class Sold:
    """How a model is sold in units: tokens a minute of one, and the sizes on sale [PTU]."""

    tpm: float
    minimum: float
    increment: float


@remembered
def sold(case: Case, model: ModelSetting, deployment: DeploymentSetting) -> Sold | None:
    """How units of a model are sold in a scope; None where they are not, or several models answer.

    What holds globally holds in a data zone too, but for previews.
    """
    kind = "regional" if deployment.scope == "regional" else "global"
    row = f"ptu.{model.main}"
    wanted = (f"{row}.tpm_per_ptu", f"{row}.{kind}_minimum", f"{row}.{kind}_increment")
    # without what an output token counts for nobody can tell how many units a call takes
    if model.kind not in SINGLE or not all(name in case for name in (*wanted, f"{row}.output_ratio")):
        return None
    if deployment.scope == "datazone" and case.catalogue.row("ptu", model.main)["preview"]:
        return None
    return Sold(
        case.central(wanted[0], "tok/min/PTU"), case.central(wanted[1], "PTU"), case.central(wanted[2], "PTU")
    )


def sold_in(case: Case, region: str) -> bool:
    """Whether units that stay in a region are sold there, whichever model they run."""
    return f"ptu_regions.{region}.regional" in case


def output_ratio(case: Case, model: str) -> float:
    """Input tokens that an output token counts for, of a model that is sold in units."""
    return case.central(f"ptu.{model}.output_ratio", "ratio")


@remembered
def normalised_tokens(case: Case, model: ModelSetting, technique: str) -> float:
    """Tokens of a call as units count them, the central case [tok]: what is cached counts nothing."""
    ratio, total = output_ratio(case, model.main), 0.0
    for _, shape, _ in provider_pool.parts(case, model, technique):
        given, held = central(shape.input_tokens), central(shape.cached_tokens)
        cached = min(held / given, 1.0) if given else 0.0
        total += float(hosting.normalised_tokens(given, central(shape.output_tokens), cached, ratio))
    return total


@remembered
def sizing(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> Sizing | None:
    """Units for the busiest minute, or fewer where the rest may spill over; None where none are sold."""
    sale = sold(case, model, deployment)
    if sale is None:
        return None
    tokens = normalised_tokens(case, model, improvement.technique)
    wanted = demand(case, model, improvement, deployment)
    needed = hosting.units_needed(wanted.peak.max(axis=1) * MINUTES_PER_HOUR, tokens, sale.tpm)
    units = hosting.units_sold(needed, sale.minimum, sale.increment)
    per_unit_s = sale.tpm / tokens / MINUTES_PER_HOUR
    if deployment.spillover:
        usd = provider_pool.usd(case, model, improvement.technique, offer(deployment), "standard")
        by_use = np.inf if usd is None else central(usd)
        price = cheapest_unit_hour(case, deployment)
        units = _with_spillover(wanted.rate, units, sale, per_unit_s, price, by_use)
    capacity = units[:, None] * per_unit_s
    served = wanted.weekly(np.minimum(wanted.rate, capacity))
    share = served / wanted.weekly(wanted.rate) if deployment.spillover else 1.0
    use = served / (float(wanted.years @ units) * per_unit_s * wanted.rate.shape[1])
    return Sizing(tokens, sale.tpm, sale.minimum, sale.increment, units, share, use, wanted.years)


@remembered
def spills(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> bool:
    """Whether anything spills over where it may: the units that cost least may hold it all."""
    size = sizing(case, model, improvement, deployment)
    return size is not None and size.share < 1.0


def _with_spillover(
    rate: Array, most: Array, sale: Sold, per_unit_s: float, usd_per_unit_hour: float, usd_per_call: float
) -> Array:
    """Units by year that cost least when the rest is paid by use; shape (years,)."""
    steps = np.linspace(0.0, 1.0, SIZES_TRIED)
    tried = sale.minimum + (most[:, None] - sale.minimum) * steps
    sizes = hosting.units_sold(tried, sale.minimum, sale.increment)
    over = np.maximum(rate[:, None, :] - sizes[:, :, None] * per_unit_s, 0.0).sum(axis=2)
    if np.isfinite(usd_per_call):
        spilled = over * (SECONDS_PER_HOUR * usd_per_call)
    else:  # without a price by use nothing may spill over
        spilled = np.where(over > 0, np.inf, 0.0)
    best = np.argmin(sizes * (usd_per_unit_hour * rate.shape[1]) + spilled, axis=1)
    found: Array = sizes[np.arange(len(sizes)), best]
    return found


@remembered
def unit_price(case: Case, deployment: DeploymentSetting) -> Array:
    """List price of a unit for an hour [USD]; a region's own where it has one."""
    own = f"ptu_regions.{deployment.region}.regional"
    if deployment.scope == "regional" and own in case:
        return case.draw(own, "USD/PTU/h")
    return case.draw(f"ptu_price.{offer(deployment)}", "USD/PTU/h")


def discount(case: Case, chosen: Term) -> Array:
    """The share off the hourly price [ratio]."""
    return case.draw(chosen.discount, "ratio") if chosen.discount else case.full(0.0)


def unit_hour(case: Case, deployment: DeploymentSetting, chosen: Term) -> float:
    """Price of a unit for an hour under a term, the central case [USD]."""
    return central(unit_price(case, deployment)) * (1.0 - central(discount(case, chosen)))


def cheapest_unit_hour(case: Case, deployment: DeploymentSetting) -> float:
    """Price of a unit for an hour under the term with the largest discount [USD]."""
    return min(unit_hour(case, deployment, chosen) for chosen in terms(deployment))


@remembered
def unit_gpu_s(case: Case, model: str) -> Array:
    """GPU time behind a normalised token of provisioned throughput [s], whatever the buyer's mix."""
    ratio = output_ratio(case, model)
    written = case.central("deployment.ptu_reference_output", "tok")
    one = serve(case, model, Shape(ratio * written, written), Serving(utilisation=1.0, mode="ptu"))
    return one.busy_gpu_seconds / (2.0 * ratio * written) / case.draw("deployment.ptu_busy", "ratio")


@remembered
def at_work(case: Case, model: ModelSetting, technique: str, use: float = 1.0) -> tuple[Served, ...]:
    """One call on hardware that is never idle: what units do at work when that ``use`` of them is made.

    At part load fewer requests run together, so that each takes more.
    """
    busy = Serving(utilisation=1.0, mode="ptu", fill=use)
    return tuple(
        serve(case, key, shape, busy) for key, shape, _ in provider_pool.parts(case, model, technique)
    )


@remembered
def held_gpu_s(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> Array:
    """GPU time that the units of a setting hold in a month, at least what the calls take [s]."""
    size = sizing(case, model, improvement, deployment)
    if size is None:
        return np.zeros(case.size)
    held = size.mean_units * size.tpm * HOURS_PER_MONTH * MINUTES_PER_HOUR * unit_gpu_s(case, model.main)
    busy = sum(one.busy_gpu_seconds for one in at_work(case, model, improvement.technique))
    monthly = case.workload.requests_per_year / MONTHS_PER_YEAR
    return np.maximum(held, busy * calls(case, model, improvement, deployment) * monthly)


@remembered
def calls(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> Array:
    """Calls that the units serve per request of the scenario; reserved capacity spares some retries."""
    size = sizing(case, model, improvement, deployment)
    if size is None:
        return np.zeros(case.size)
    tries = sent(case, model, improvement, deployment)
    once = tries * (1.0 - case.workload.retry_rate)
    return (once + (tries - once) * case.draw("deployment.ptu_retry_ratio", "ratio")) * size.share


@remembered
def work_per_call(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> Footprint:
    """What one more call takes on units that are held anyway: energy above that of waiting."""
    size = sizing(case, model, improvement, deployment)
    kwh = work_kwh(case, model, improvement.technique, min(size.use, 1.0) if size else 1.0)
    return electricity(case, kwh, place(case, deployment.where))


@remembered
def work_kwh(case: Case, model: ModelSetting, technique: str, use: float = 1.0) -> Array:
    """IT energy of one call above that of waiting [kWh], when that ``use`` of the units is made."""
    watts = sum(standing_power(case, REFERENCE_GPU))
    found = at_work(case, model, technique, use)
    return case.full(
        sum(
            np.maximum(one.work_kwh + one.host_kwh - one.busy_gpu_seconds * watts / J_PER_KWH, 0.0)
            for one in found
        )
    )


@charging
def lines(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> Iterator[Line]:
    """Units held, and the work of each request; what spills over is charged as tokens."""
    if deployment.mode != "ptu":
        return
    size = sizing(case, model, improvement, deployment)
    if size is None:
        return
    where = place(case, deployment.where)
    held = held_gpu_s(case, model, improvement, deployment)
    idle_w, host_w = standing_power(case, REFERENCE_GPU)
    usd = cost.units_per_month(
        size.mean_units, unit_price(case, deployment), discount(case, term(deployment)), HOURS_PER_MONTH
    )
    waiting = electricity(case, held * idle_w / J_PER_KWH, where)
    units = case.full(size.mean_units)
    yield Line(
        Resource.ACCELERATOR_HELD, STEP, "standing", say("provisioned units held, used or not"), where.key,
        units, "PTU", (waiting + hardware(case, REFERENCE_GPU, held)).with_cost(usd),
    )  # fmt: skip
    yield Line(
        Resource.HOST, STEP, "standing", say("servers around the provisioned units"), where.key, units, "PTU",
        electricity(case, held * host_w / J_PER_KWH, where),
    )  # fmt: skip
    served = calls(case, model, improvement, deployment)
    yield Line(
        Resource.ACCELERATOR_WORK, STEP, "per_request", say("provisioned units at work"), where.key, served,
        say("call"), work_per_call(case, model, improvement, deployment) * served,
    )  # fmt: skip
