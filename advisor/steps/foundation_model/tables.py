"""Tables beside the model choice: memory, number formats, a second opinion, pairs, own training, tests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from advisor.core.draws import central, ensemble_of, summary
from advisor.core.exhibits import Table
from advisor.core.footprint import Footprint
from advisor.core.saying import say
from advisor.core.wording import or_never
from advisor.decide.next_best import score_gap
from advisor.decide.option import Decision, Option
from advisor.estimate.breakeven import custom_requests, escalation_limit
from advisor.steps.foundation_model import token_table
from advisor.steps.shared_texts import TAKEN
from advisor.system import devices, offers, requests, training
from advisor.system.case import Case
from advisor.system.footprints import electricity
from advisor.system.hardware import computes_in
from advisor.system.pilot import more_samples
from advisor.system.places import place
from advisor.system.plan import SPLIT, Plan
from advisor.system.provider_pool import ROUTER, ROUTER_GPU
from advisor.system.quality import least_samples, passed_on, results_of
from advisor.system.regions import device_country
from advisor.system.right_answers import lossy
from advisor.system.second_opinion import WHY, second_opinion
from advisor.system.serving import Serving, encode, max_batch, min_gpus, serve
from advisor.system.shape import Shape

Row = tuple[str | float | None, ...]
GB = 1e9
WH_PER_KWH = 1000.0
KWH_PER_MWH = 1000.0
KG_PER_T = 1000.0
ROWS = 8
MEMORY_GPU = "h100_sxm"
TEXT_SIZE = "storage.bytes_per_token"
TINY = 1e-12
BATCHES = (1, 4, 16, 64, 256)  # steps of four
MS_PER_S = 1000.0
MOST_GPUS = 16  # two servers of eight


def tables(case: Case, decision: Decision, eligible: Sequence[Option]) -> Iterator[Table]:
    """Every table of this module; the caller leaves out those without rows."""
    models = [option for option in eligible if single(option)]
    yield token_table.tokens(case, models)
    yield memory(case, _shown(case, decision, models))
    yield precisions(case, decision, models)
    yield runtimes(case, decision, models)
    yield other_estimate(case, models[:ROWS])
    yield pairs(case, decision)
    yield own_training(case, decision)
    yield device(case, models[:ROWS])
    yield pilot(case, decision)


def single(option: Option) -> bool:
    """Whether an option is one model of the catalogue."""
    return option.plan.model.kind == "single"


def shape_of(case: Case, plan: Plan) -> Shape:
    """What the plan's only model is served."""
    return requests.shape(case, plan.model.main, plan.improvement.technique)


def _shown(case: Case, decision: Decision, models: Sequence[Option]) -> list[Option]:
    """The best models, and the best open ones whatever ruled them out."""
    able = [option for option in decision.options if single(option)]
    open_ones = [option for option in able if offers.open_weights(case, option.key)]
    found = {option.key: option for option in (*models[:ROWS], *open_ones[:ROWS])}
    return list(found.values())


def memory(case: Case, models: Sequence[Option]) -> Table:
    """Memory follows all parameters, work the active ones."""
    rows: list[Row] = []
    for option in models:
        name, context = f"models.{option.key}", case.scenario.quality.context_max_tokens
        total = case.central(f"{name}.total_params", "param")
        active_name = f"{name}.active_params"
        active = case.central(active_name, "param") if active_name in case else total
        gigabytes = [
            total * case.central(f"precisions.{kind}.weight_bytes", "B/param") / GB
            for kind in ("bf16", "fp8", "int4")
        ]
        gpus = min_gpus(case, option.key, MEMORY_GPU, "fp8", context)
        rows.append(
            (option.title, total / 1e9, active / 1e9, *gigabytes, None if gpus is None else float(gpus))
        )
    return Table(
        "model_memory",
        say("Memory by all parameters, work by those active for a token"),
        (say("model"), say("parameters, billion"), say("active, billion"), say("16 bit GB"),
         say("8 bit GB"), say("4 bit GB"), say("H100s for 8 bit and the longest request")),
        tuple(rows),
        say("A mixture of experts computes like a small model and must be held like a large one. "
            "Sizes of closed models are EcoLogits' estimates."),
    )  # fmt: skip


def _open_model(case: Case, decision: Decision, models: Sequence[Option]) -> Option | None:
    """The best open model that meets every rule, else the first open one."""
    able = (*models, *(option for option in decision.options if single(option)))
    return next((one for one in able if offers.open_weights(case, one.key)), None)


def runtimes(case: Case, decision: Decision, models: Sequence[Option]) -> Table:
    """What a serving program that runs requests together saves over one that runs them in turn."""
    chosen = _open_model(case, decision, models)
    least = min_gpus(case, chosen.key, MEMORY_GPU, "bf16", _longest(case)) if chosen else None
    if chosen is None or least is None:
        return Table("runtimes", "", (), ())
    gpus, shape = min(2 * least, MOST_GPUS), shape_of(case, chosen.plan)
    tokens = central(shape.input_tokens) + central(shape.output_tokens)
    most = max_batch(case, chosen.key, MEMORY_GPU, gpus, "fp8", tokens)
    rows: list[Row] = []
    alone: float | None = None
    for batch in (size for size in BATCHES if size <= most):
        how = Serving(MEMORY_GPU, gpus, float(batch), "fp8", 1.0)
        request = serve(case, chosen.key, shape, how)
        low, middle, high = summary(request.energy_kwh * WH_PER_KWH)
        alone = middle if alone is None else alone
        rows.append((float(batch), low, middle, high, 100.0 * (middle / alone - 1.0),
                     central(request.per_token_s) * MS_PER_S))  # fmt: skip
    return Table(
        "runtimes",
        say("Serving {title} with requests in turn or together, on {gpus} H100s in 8 bit",
            title=chosen.title, gpus=gpus),
        (say("requests at once"), say("low Wh a request"), say("Wh a request"), say("high Wh"),
         say("against one in turn %"), say("ms a token")),
        tuple(rows),
        say("A serving program with continuous batching reaches the lower rows whenever requests overlap."),
    )  # fmt: skip


def _longest(case: Case) -> float:
    return case.scenario.quality.context_max_tokens


def precisions(case: Case, decision: Decision, models: Sequence[Option]) -> Table:
    """Number formats of an open model: memory, quality kept, energy by the model and not by bits."""
    chosen = _open_model(case, decision, models)
    least = min_gpus(case, chosen.key, MEMORY_GPU, "bf16", _longest(case)) if chosen else None
    if chosen is None or least is None:
        return Table("precisions", "", (), ())
    model, shape = chosen.key, shape_of(case, chosen.plan)
    # twice the least, so that 16 bit has room for requests beside its weights
    gpus = min(2 * least, MOST_GPUS)
    rows: list[Row] = []
    baseline: float | None = None
    for kind in case.catalogue.keys("precisions"):
        if f"precision_quality.{kind}" not in case:
            continue
        how = Serving(MEMORY_GPU, gpus, case.central("managed.batch.long_tail", "item"), kind, 1.0)
        low, middle, high = summary(serve(case, model, shape, how).energy_kwh * WH_PER_KWH)
        baseline = middle if baseline is None else baseline
        figure, worst, best = lossy(case, model, kind), 1.0, 1.0
        if figure:
            case.central(figure, "ratio")  # noted as read
            kept = case.catalogue.coefficient(figure)
            worst, best = kept.low, kept.high
        native = say("own arithmetic") if computes_in(case, MEMORY_GPU, kind) else say("computes in 16 bit")
        gigabytes = (
            case.central(f"models.{model}.total_params", "param")
            * case.central(f"precisions.{kind}.weight_bytes", "B/param")
            / GB
        )
        rows.append((kind, gigabytes, 100.0 * (worst - 1.0), 100.0 * (best - 1.0),
                     low, middle, high, 100.0 * (middle / baseline - 1.0), native))  # fmt: skip
    return Table(
        "precisions",
        say("Number formats of {title} on the same {gpus} H100s", title=chosen.title, gpus=gpus),
        (say("format"), say("weights GB"), say("quality, at worst %"), say("quality, at best %"),
         say("low Wh a request"), say("Wh a request"), say("high Wh"), say("energy against 16 bit %"),
         say("how it computes")),
        tuple(rows),
        say("Energy is not proportional to bits: fewer bits mean less reading, not always less computing. "
            "Lost quality is a range to start from, never a pass."),
    )  # fmt: skip


def other_estimate(case: Case, models: Sequence[Option]) -> Table:
    """Our estimate of one request beside EcoLogits'."""
    rows: list[Row] = []
    for option in models:
        shape = shape_of(case, option.plan)
        other = second_opinion(case, option.key, central(shape.output_tokens))
        if other is None:
            continue
        low, middle, high = summary(serve(case, option.key, shape).energy_kwh * WH_PER_KWH)
        theirs = [part * WH_PER_KWH for part in (other.low_kwh, other.central_kwh, other.high_kwh)]
        apart = case.central("second_opinion.apart", "ratio")
        agree = 1.0 / apart <= theirs[1] / middle <= apart
        rows.append((option.title, low, middle, high, *theirs, say("agree") if agree else say("differ")))
    return Table(
        "second_opinion",
        say("Energy of one request: a second opinion"),
        (say("model"), say("ours, low Wh"), say("ours Wh"), say("ours, high Wh"), say("EcoLogits, low Wh"),
         "EcoLogits Wh", say("EcoLogits, high Wh"), say("within a factor of three")),
        tuple(rows),
        WHY,
    )  # fmt: skip


def pairs(case: Case, decision: Decision) -> Table:
    """When two models need less than the large one alone."""
    rows: list[Row] = []
    for option in decision.options:
        model, technique = option.plan.model, option.plan.improvement.technique
        if model.kind not in SPLIT:
            continue
        shapes = [
            requests.shape(case, key, requests.technique_of(model, key, technique)) for key in model.models
        ]
        first, second = (
            serve(case, key, shape).energy_kwh for key, shape in zip(model.models, shapes, strict=True)
        )
        if model.kind == "cascade":
            check = serve(case, model.main, requests.verdict(case, model.main, technique)).energy_kwh
            limit = np.asarray(escalation_limit(first, check, second))
        else:
            check = encode(case, ROUTER, shapes[1].input_tokens, gpu_key=ROUTER_GPU).energy_kwh
            # a router pays the small model only where it sends a request there
            limit = 1.0 - check / np.maximum(second - first, TINY)
        far = passed_on(case, model, technique)
        rows.append((option.title, *(central(part) * WH_PER_KWH for part in (first, check, second)),
                     100.0 * central(far), 100.0 * central(limit),
                     100.0 * float(np.mean(ensemble_of(far - limit) < 0))))  # fmt: skip
    return Table(
        "pairs",
        say("Two models instead of one: when it pays in energy"),
        (say("pair"), say("small Wh"), say("judge or router Wh"), say("large Wh"), say("goes to the large %"),
         say("pays below %"), say("pays in % of draws")),
        tuple(rows),
        say("A cascade pays while the share that goes on stays under 1 - (small + judge) ÷ large. "
            "Energy of IT in a shared service."),
    )  # fmt: skip


def own_training(case: Case, decision: Decision) -> Table:
    """Training from scratch: what it takes, and from what volume it would pay."""
    custom = next((option for option in decision.options if option.key == "custom"), None)
    if custom is None or decision.choice is None:
        return Table("own_training", "", (), ())
    own = [line for line in custom.bill if line.phase == "once" and line.step == "foundation_model"]
    once, each, chosen = custom.bill.sum(own), _running(case, custom), _running(case, decision.choice)
    once = once * case.scenario.timing.horizon_years
    rows: list[Row] = [
        (
            say("energy of the final run, MWh"),
            *(part / KWH_PER_MWH for part in summary(training.scratch_run(case)["energy"])),
        ),
        (say("energy with development, MWh"), *(part / KWH_PER_MWH for part in summary(once["energy"]))),
        (say("carbon, t CO₂e"), *(part / KG_PER_T for part in summary(once["carbon"]))),
        (say("cost, million $"), *(part / 1e6 for part in summary(once["cost"]))),
    ]
    for name in ("energy", "carbon", "cost"):
        pays = np.asarray(custom_requests(once[name], chosen[name], each[name]))
        low, high = np.quantile(ensemble_of(pays), (0.1, 0.9), method="nearest")
        paid = say("requests after which it has paid, {concern}", concern=TAKEN[name])
        rows.append((paid, *(or_never(part) for part in (low, pays[0], high))))
    avoided = case.central("reuse.gpt3_training", "MWh")
    rows.append((say("beside it: training GPT-3 took, MWh"), "", avoided, ""))
    return Table(
        "own_training",
        say("Training from scratch instead of {title}", title=decision.choice.title),
        ("", say("low"), say("central"), say("high")),
        tuple(rows),
        say(
            "Never: each answer saves nothing at today's volume. Reusing pretrained weights avoids "
            "the training again; it is counted by nobody's plan, and is shown for proportion."
        ),
    )


def _running(case: Case, option: Option) -> Footprint:
    """A request's share of all that a plan takes once it runs, at today's volume."""
    running = option.bill.sum(line for line in option.bill if line.phase != "once")
    return running / case.workload.requests_per_year


def device(case: Case, models: Sequence[Option]) -> Table:
    """Energy of a request on the device, and in the cloud with the network between."""
    wanted = case.scenario.constraints.device
    if wanted is None:
        return Table("device", "", (), ())
    rows: list[Row] = []
    there = place(case, device_country(case))
    home = place(case, f"region:{case.scenario.constraints.home_region}")
    for option in models:
        shape = shape_of(case, option.plan)
        run = devices.run(case, option.plan.model, option.plan.improvement, wanted.kind)
        here = electricity(case, run.work_kwh, there)["energy"]
        cloud = electricity(case, serve(case, option.key, shape).energy_kwh, home)["energy"]
        moved = (shape.input_tokens + shape.output_tokens) * case.draw(TEXT_SIZE, "B/tok")
        network = moved / GB * case.draw("network.internet", "kWh/GB")
        wh = (central(part) * WH_PER_KWH for part in (here, cloud, network))
        less = 100.0 * float(np.mean(ensemble_of(here - cloud - network) < 0))
        rows.append((option.title, *wh, central(run.seconds), less))
    return Table(
        "device",
        say("On the device, or in the cloud"),
        (say("model"), say("device Wh"), say("cloud Wh"), say("network Wh"), say("answer takes s"),
         say("device needs less in % of draws")),
        tuple(rows),
        say("The device serves one request at a time with 4-bit weights; its idle time is counted apart."),
    )  # fmt: skip


def pilot(case: Case, decision: Decision) -> Table:
    """The pilot log, and how many more answers would settle each model against the choice."""
    choice, rows = decision.choice, list[Row]()
    options = {option.key: option for option in decision.options}
    needed = least_samples(case)
    for result in results_of(case).values():
        option = options.get(result.model)
        more: float | None = None
        if choice is not None and option is not None and option.key != choice.key:
            answers = more_samples(
                central(choice.quality), central(option.quality), score_gap(case, choice, option),
                result.samples,
            )  # fmt: skip
            more = None if answers is None else float(answers)
        wh = central(option.accepted["energy"]) * WH_PER_KWH if option else None
        shares = (100.0 * part for part in (result.low, result.share, result.high))
        counts = say("used") if result.samples >= needed else say("too few to use")
        rows.append((result.model, result.technique, float(result.samples), *shares, wh, counts, more))
    return Table(
        "pilot",
        say("Your own tests"),
        (say("model"), say("technique"), say("answers"), say("accepted, low %"), say("accepted %"),
         say("accepted, high %"), say("Wh per accepted answer"), say("counts"),
         say("more answers to tell it from the choice")),
        tuple(rows),
        say("80 % Wilson intervals. A result with enough answers replaces the public rating."),
    )  # fmt: skip
