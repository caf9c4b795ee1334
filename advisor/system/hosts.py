"""Machines of one's own: a model on rented GPUs, a classifier in small containers.

What is held is charged by the time it is held, whatever comes: rent, wear, and the power of a GPU that
waits with the host beside it. A request adds the power of work above that of waiting. So more volume never
takes less energy.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from advisor.core.draws import Array
from advisor.core.footprint import Footprint
from advisor.core.saying import numeral, say
from advisor.estimate import cost, hosting
from advisor.system import containers, offers, rents
from advisor.system.bill import Line, Resource
from advisor.system.bill import lines as charging
from advisor.system.case import Case, remembered
from advisor.system.containers import PROCESSORS, one_reading
from advisor.system.demand import WEEKS_PER_MONTH, per_month, sent
from advisor.system.fleet import Fleet, fleets
from advisor.system.footprints import electricity, hardware, server_share
from advisor.system.gates import Gate, Gates, about_ms, gate, in_time, passes
from advisor.system.holding import above_waiting, work_kwh
from advisor.system.machines import holding, longest
from advisor.system.own_measured import own_measurement
from advisor.system.places import Place, place
from advisor.system.plan import DeploymentSetting, ImprovementSetting, ModelSetting, StepName
from advisor.system.premises import kept_in
from advisor.system.regions import Candidate, ranked
from advisor.system.right_answers import format_gate
from advisor.system.serving import host_power_w, idle_power_w, standing_power
from advisor.system.sites import answering, away_ms, is_own, region_loss

STEP: StepName = "deployment"
W_PER_KW = 1000.0
ROUNDING_MS = 1e-6  # of floating point
ONE_TOKEN = 1.0  # of context: what holds no more holds the weights alone
TAIL = 0.05  # p95: five in a hundred may take longer


def host_w(case: Case, key: str, gpu_w: float | Array | None = None) -> Array:
    """Power of the server beside one GPU [W] while that draws ``gpu_w`` [W], or waits where not said."""
    return case.full(host_power_w(case, key, idle_power_w(case, key) if gpu_w is None else gpu_w))


def fleet(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> Fleet | None:
    """The fleet of a setting, sized hour by hour for its demand; None where the model does not fit."""
    if barred(case, model) is not None:
        return None
    sized = fleets(case, model, improvement, deployment)
    wanted = deployment.machine, deployment.precision
    return next((one for one in sized if (one.machine, one.precision) == wanted), None)


def machines(
    case: Case, model: ModelSetting, improvement: ImprovementSetting
) -> tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]:
    """Machines with a number format: those that hold the model, by price, and those that do not."""
    technique = improvement.technique
    found = holding(case, model.main, longest(case, model.main, technique))
    held_by = tuple(dict.fromkeys(zip(found.table.machine, found.table.precision, strict=True)))
    return held_by, found.left_out


def barred(case: Case, model: ModelSetting) -> Gate | None:
    """Why a model cannot run on machines of one's own at all."""
    if len(model.models) > 1:
        return gate(
            "single_model", False, say("one model to host"),
            say("{count} models share the work", count=len(model.models)),
            say("host each model as a scenario of its own"), to_be_had=False,
        )  # fmt: skip
    if not offers.open_weights(case, model.main):
        return gate(
            "open_weights", False, say("weights you may host"),
            say("{model} is not released", model=model.main), say("choose a model with open weights"),
            to_be_had=False,
        )  # fmt: skip
    return None


@charging
def lines(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> Iterator[Line]:
    """What machines of one's own take: accelerators and hosts held, and the work of each request."""
    if deployment.mode == "processors":
        yield from _processors(case, model, improvement, deployment)
    elif deployment.mode == "container":
        found = containers.containers(case, model, improvement, deployment)
        hours = found.hours * WEEKS_PER_MONTH
        name, price = containers.MACHINE, f"machines.{containers.MACHINE}.price"
        usd, title = hours * case.draw(price, "USD/h"), str(case.catalogue.row("machines", name)["name"])
        yield from _held(case, deployment, containers.GPU, title, hours, usd, price)
        yield from _work(case, model, improvement, deployment)
    elif deployment.mode == "maap":
        sized = fleet(case, model, improvement, deployment)
        if sized is None:
            return
        usd = case.draw(sized.usd_per_hour, "USD/h") * sized.price_count
        rent = cost.machines_per_month(sized.hours, usd, WEEKS_PER_MONTH)
        gpu_hours = sized.hours * WEEKS_PER_MONTH * sized.gpus
        yield from _held(case, deployment, sized.gpu, sized.name, gpu_hours, rent, sized.usd_per_hour)
        yield from _work(case, model, improvement, deployment)


def _shared(case: Case, deployment: DeploymentSetting) -> Iterator[tuple[Place, float]]:
    """The regions that machines stand in, and the share of them and of the requests that each has."""
    held = answering(case, deployment)
    yield from ((place(case, key), 1.0 / len(held)) for key in held)


def _held(
    case: Case, deployment: DeploymentSetting, key: str, name: str, gpu_hours: float, rent: float | Array,
    price: str,
) -> Iterator[Line]:  # fmt: skip
    """GPUs held for some hours a month, and the servers around them, in every region that has some."""
    for where, part in _shared(case, deployment):
        paid = rent * part * rents.dearer(case, price, where.region)
        yield from _held_at(case, where, key, name, gpu_hours * part, paid)


def _held_at(
    case: Case, where: Place, key: str, name: str, gpu_hours: float, rent: float | Array
) -> Iterator[Line]:
    idle_w, beside_w = standing_power(case, key)
    waiting = electricity(case, gpu_hours * idle_w / W_PER_KW, where)
    worn = hardware(case, key, gpu_hours * hosting.SECONDS_PER_HOUR)
    quantity = case.full(gpu_hours)
    yield Line(
        Resource.ACCELERATOR_HELD, STEP, "standing", say("{name}: GPUs held, waiting or not", name=name),
        where.key, quantity, say("GPU h"), (waiting + worn).with_cost(rent),
    )  # fmt: skip
    yield Line(
        Resource.HOST, STEP, "standing", say("{name}: servers around the GPUs", name=name), where.key,
        quantity, say("GPU h"), electricity(case, gpu_hours * beside_w / W_PER_KW, where),
    )  # fmt: skip


def _work(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> Iterator[Line]:
    """The work of one request of the scenario, above the power of waiting, wherever it is answered."""
    calls = sent(case, model, improvement, deployment)
    kwh = _kwh_per_call(case, model, improvement, deployment)
    for where, part in _shared(case, deployment):
        yield Line(
            Resource.ACCELERATOR_WORK, STEP, "per_request", say("GPUs at work, beyond waiting"),
            where.key, calls * part, say("call"), electricity(case, kwh, where) * (calls * part),
        )  # fmt: skip


def work_at(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> tuple[tuple[str, Footprint], ...]:
    """What one more call takes on machines that are held anyway: in each region its share of the work.

    Energy above that of waiting.
    """
    kwh = _kwh_per_call(case, model, improvement, deployment)
    return tuple(
        (where.key, electricity(case, kwh * part, where) if kwh.any() else case.nothing())
        for where, part in _shared(case, deployment)
    )


@remembered
def _kwh_per_call(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> Array:
    """IT energy of one call above that of waiting [kWh], wherever it is answered."""
    if deployment.mode == "container":
        return above_waiting(case, one_reading(case, model, improvement), containers.GPU)
    sized = fleet(case, model, improvement, deployment) if deployment.mode == "maap" else None
    if sized is None:  # containers of processors are charged by the hour, at work or not
        return np.zeros(case.size)
    how = (sized.gpu, sized.gpus, sized.precision, sized.mean_batch, sized.read_batch)
    return work_kwh(case, model.main, improvement.technique, *how)


def _processors(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> Iterator[Line]:
    hours = containers.containers(case, model, improvement, deployment).hours * WEEKS_PER_MONTH
    kwh = hours * case.draw("encoder.container_power", "kW")
    if own_measurement(case, model.main, "own", "processors") is not None:
        one = one_reading(case, model, improvement, "processors")
        kwh = one.energy_kwh * per_month(case, model, improvement, deployment)
    worn = server_share(case, hours)
    usd = hours * case.draw("encoder.container_price", "USD/h")
    for where, part in _shared(case, deployment):
        yield Line(
            Resource.HOST, STEP, "standing",
            say("{machine}: containers of four virtual cores", machine=PROCESSORS), where.key,
            case.full(hours * part), "h",
            (electricity(case, kwh * part, where) + worn * part).with_cost(usd * part),
        )  # fmt: skip


# ---- gates -------------------------------------------------------------------------------------


def gates(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> Iterator[Gate]:
    """What rules machines of one's own out, in turn; what all in the cloud must pass stands elsewhere."""
    region = _candidate(case, deployment.region)
    if deployment.mode == "processors":
        yield from _place_gates(case, region)
        call_s = containers.containers(case, model, improvement, deployment).call_s
        yield _processors_latency(case, call_s, away_ms(case, region.key))
    elif deployment.mode == "container":
        yield from _place_gates(case, region)
        yield cold_start(containers.containers(case, model, improvement, deployment).cold)
    else:
        yield from _own_machines(case, model, improvement, deployment, region)


def _candidate(case: Case, region: str | None) -> Candidate:
    return next(one for one in ranked(case) if one.key == region)


def _place_gates(case: Case, region: Candidate) -> Iterator[Gate]:
    yield from region.gates
    yield region_loss(case, region.key)


def _of_own(case: Case, region: Candidate) -> Iterator[Gate]:
    """The gates of a place where a machine of the scenario's own stands alone, whatever Azure sells."""
    yield from (one for one in region.gates if one.rule != "region_open")
    wanted = case.scenario.operations.survive_region_loss
    yield gate(
        "region_loss", not wanted, say("survives") if wanted else say("not asked for"), say("one place"),
        say("machines that are sold in two regions, or bear the loss of yours"),
    )  # fmt: skip


def _own_machines(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting,
    region: Candidate,
) -> Iterator[Gate]:  # fmt: skip
    stopped = barred(case, model)
    if stopped is not None:
        yield stopped
        return
    yield from _allowed(case, model.main)
    own = deployment.machine is not None and is_own(case, deployment.machine)
    yield from _of_own(case, region) if own else _place_gates(case, region)
    if deployment.machine is None and closed(case, model.main):
        return
    sized = fleet(case, model, improvement, deployment)
    if sized is None:
        yield _memory(case, model, improvement, deployment)
        return
    limits, tail = case.scenario.constraints, case.central("deployment.tail_over_median", "ratio")
    first, answer = (
        seconds * tail * 1000.0 + away_ms(case, region.key)
        for seconds in (sized.first_token_s, sized.answer_s)
    )
    yield in_time(
        "first_token", first, limits.first_token_p95_ms, about_ms(first),
        say("allow more time, or take a faster GPU, a smaller model or a shorter prompt"), ROUNDING_MS,
    )  # fmt: skip
    yield in_time(
        "latency", answer, limits.latency_p95_ms, about_ms(answer),
        say("allow more time, or take a faster GPU, a smaller model or shorter answers"), ROUNDING_MS,
    )  # fmt: skip
    in_format = format_gate(case, model, improvement, deployment)
    if in_format is not None:
        yield in_format
    yield cold_start(sized.cold)


def _allowed(case: Case, model: str) -> Gates:
    """Whether machines of one's own may run a model at all, whatever their size."""
    allowed = case.scenario.constraints.self_hosted_allowed
    return (
        gate(
            "self_hosting", allowed, say("a team that runs its own GPUs"),
            say("allowed") if allowed else say("not allowed"), say("allow self-hosting"),
        ),
        *offers.provenance(case, model, True),
    )  # fmt: skip


def closed(case: Case, model: str) -> bool:
    """Whether no machine, however large, may run a model: none is rented where data may not leave."""
    none = case.scenario.constraints.offline or (kept_in(case) and not case.scenario.own_machines)
    return none or not passes(_allowed(case, model))


def _memory(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> Gate:
    """No room for the longest request; it is to be had by a shorter one only where there is some at all."""
    tokens = longest(case, model.main, improvement.technique)
    machine, precision = deployment.machine, deployment.precision
    row = case.catalogue.row("machines", machine) if machine else None
    found = (
        say("{name} in {precision} does not", name=row["name"], precision=precision)
        if row
        else say("none of those listed does")
    )
    roomy = holding(case, model.main, ONE_TOKEN).table
    pairs = zip(roomy.machine, roomy.precision, strict=True)
    return gate(
        "memory", False,
        say("a machine whose memory holds the model and {tokens} tokens", tokens=numeral(tokens, ",.0f")),
        found, say("choose a smaller model, a lower precision or a shorter context"),
        to_be_had=any(row is None or pair == (machine, precision) for pair in pairs),
    )  # fmt: skip


def _processors_latency(case: Case, call_s: float, away_ms: float) -> Gate:
    slow_ms = call_s * 1000.0 * case.central("deployment.tail_over_median", "ratio") + away_ms
    limit = case.scenario.constraints.latency_p95_ms
    return in_time(
        "latency", slow_ms, limit, about_ms(slow_ms), say("allow more time, or take a smaller classifier")
    )  # fmt: skip


def cold_start(share: float) -> Gate:
    """Whether few enough requests find no replica running [share of requests]."""
    return gate(
        "cold_start", share <= TAIL, say("at most 5 in 100 requests wait for a start"),
        say("{share} wait", share=numeral(share, ".0%")), say("keep one replica warm"),
    )  # fmt: skip
