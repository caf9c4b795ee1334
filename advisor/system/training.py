"""Training runs: tuning a model, training a classifier, a model of one's own; and trying out prompts.

What happens before the start is charged here, once. Retrainings are the same run again, which
``upkeep`` charges as often as the operation says.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from advisor.core.draws import Array, central
from advisor.core.footprint import Footprint
from advisor.core.saying import say
from advisor.estimate import training, tuning
from advisor.system import calls, demand, hosts, rents, sites, task, techniques
from advisor.system.bill import Line, Resource
from advisor.system.bill import lines as charging
from advisor.system.case import Case, remembered
from advisor.system.footprints import electricity, hardware, served
from advisor.system.hardware import architecture, gpu
from advisor.system.places import Place, open_regions, place, zone_regions
from advisor.system.plain_service import plain_service
from advisor.system.plan import DeploymentSetting, ImprovementSetting, ModelSetting
from advisor.system.quality import MANAGED_EMBEDDER, reference_technique, teacher
from advisor.system.regions import lawful_throughout, region_used, zone_for
from advisor.system.serving import encode, standing_power
from advisor.system.techniques import CLASSIFIER, TUNED

TRAINING_GPU = "h100_sxm"
TRAINING_MACHINE = "managed_compute.h100.price"
CLASSIFIER_GPU, CLASSIFIER_MACHINE = "t4", "machines.nc4as_t4_v3.price"
COMPRESSOR = "bge-large-en"  # an encoder of the size prompt compressors use
TRIED = ("prompt", "few_shot", "compression")  # what is found by trying versions of a prompt
HOURS_PER_MONTH = 8760.0 / 12.0
SECONDS_PER_HOUR = 3600.0
TOKENS_PER_MTOK = 1e6


def where_trained(case: Case) -> Place:
    """Where training runs: the region used, for devices too."""
    return place(case, f"region:{region_used(case)}")


@remembered
def run_tokens(case: Case, technique: str) -> float:
    """Tokens of one run: examples × tokens × passes [tok]; of a pupil, its teacher's answers."""
    knowledge = case.scenario.knowledge
    if technique != "distill":
        return float(knowledge.examples * knowledge.tokens_per_example * knowledge.epochs)
    each = central(case.workload.input_tokens) + central(case.workload.output_tokens)
    return float(case.central("distill.examples", "item") * each * knowledge.epochs)


def tuning_run(case: Case, model: str, technique: str) -> tuple[Array, Array]:
    """IT energy [kWh] and GPU time [s] of the work of one tuning run, its evaluation apart."""
    method = "full" if technique == "full" else "lora"
    seconds = tuning.gpu_seconds(
        case.draw(f"tuning.flops_{method}", "ratio"),
        architecture(case, model).active_params,
        run_tokens(case, technique),
        gpu(case, TRAINING_GPU, "bf16").flops,
        case.draw("tuning.peak_share", "ratio"),
    )
    if technique == "qlora":
        seconds = seconds * case.draw("tuning.qlora_of_lora", "ratio")
    held = case.full(seconds)
    return np.asarray(tuning.it_kwh(held, _training_w(case))), held


@remembered
def getting_ready(case: Case, model: str, technique: str) -> tuple[Array, Array]:
    """IT energy [kWh] and GPU time [s] of a run before and after its work, however few its examples.

    As many cards as hold the weights and what is kept to train them start, load and write the result; all
    of them wait meanwhile.
    """
    held = {"full": "full", "qlora": "qlora"}.get(technique, "lora")
    need = architecture(case, model).total_params * case.draw(f"tuning.bytes_{held}", "B/param")
    room = gpu(case, TRAINING_GPU, "bf16").memory_b * case.draw("tuning.memory_share", "ratio")
    seconds = case.full(np.ceil(need / room) * case.draw("tuning.ready", "s"))
    return np.asarray(tuning.it_kwh(seconds, case.full(sum(standing_power(case, TRAINING_GPU))))), seconds


@remembered
def whole_run(case: Case, model: str, technique: str) -> tuple[Array, Array]:
    """IT energy [kWh] and GPU time [s] of one tuning run from its start to its result."""
    (work, busy), (ready, waiting) = (part(case, model, technique) for part in (tuning_run, getting_ready))
    return work + ready, busy + waiting


def _training_w(case: Case) -> Array:
    """Power of one training GPU at work with its share of the host [W]."""
    board = case.draw("tuning.board_share", "ratio") * case.draw(f"gpus.{TRAINING_GPU}.tdp", "W")
    return board + hosts.host_w(case, TRAINING_GPU, board)


@remembered
def one_run(case: Case, model: ModelSetting, improvement: ImprovementSetting) -> Footprint:
    """One run of training what is trained: nothing where the technique trains nothing."""
    if model.kind == "encoder":
        return _classifier_run(case, model.main)
    if improvement.technique not in TUNED:
        return case.nothing()
    kwh, seconds = whole_run(case, model.main, improvement.technique)
    footprint = electricity(case, kwh, where_trained(case)) + hardware(case, TRAINING_GPU, seconds)
    return footprint.with_cost(_tuning_price(case, model.main, improvement.technique))


def _tuning_price(case: Case, model: str, technique: str) -> Array:
    """What the publisher's service asks for a run's work, where it tunes the model; else GPU time [USD]."""
    if lawful_throughout(case, zone_regions(case, zone_for(case))):
        column = "train_datazone"
    elif lawful_throughout(case, open_regions(case)):
        column = "train_global"
    else:
        column = "train_regional"
    terms = (column, "train_global", "train_datazone", "train_regional", "train_developer")
    for name in terms:
        if f"tuning.{model}.{name}" in case:
            price = case.draw(f"tuning.{model}.{name}", "USD/Mtok")
            return price * run_tokens(case, technique) / TOKENS_PER_MTOK
    for name in terms:  # reinforcement is billed by the hour of training
        hourly = f"tuning.{model}.{name.replace('train_', 'train_hour_')}"
        if hourly in case:
            return tuning_run(case, model, technique)[1] * case.draw(hourly, "USD/s")
    return whole_run(case, model, technique)[1] * case.draw(TRAINING_MACHINE, "USD/s")


def _classifier_run(case: Case, key: str) -> Footprint:
    """Training a classifier once on the examples."""
    table = "embedders" if key == MANAGED_EMBEDDER else "encoders"
    seconds = case.full(
        tuning.gpu_seconds(
            case.draw("tuning.flops_full", "ratio"),
            case.draw(f"{table}.{key}.params", "param"),
            run_tokens(case, CLASSIFIER),
            gpu(case, CLASSIFIER_GPU, "bf16").flops,
            case.draw("tuning.peak_share", "ratio"),
        )
    )
    board = case.draw(f"gpus.{CLASSIFIER_GPU}.tdp", "W")
    power = board + hosts.host_w(case, CLASSIFIER_GPU, board)
    footprint = electricity(case, tuning.it_kwh(seconds, power), where_trained(case))
    footprint = footprint + hardware(case, CLASSIFIER_GPU, seconds)
    dearer = rents.dearer(case, CLASSIFIER_MACHINE, where_trained(case).region)
    return footprint.with_cost(seconds * case.draw(CLASSIFIER_MACHINE, "USD/s") * dearer)


@remembered
def pretraining_run(case: Case) -> tuple[Array, Array, Array]:
    """Tokens [tok], IT energy [kWh] and GPU time [s] of the final run of a model of one's own."""
    params = case.draw("custom.params", "param")
    tokens = params * case.draw("custom.tokens_per_param", "tok/param")
    seconds = tuning.gpu_seconds(
        case.draw("tuning.flops_full", "ratio"),
        params,
        tokens,
        gpu(case, TRAINING_GPU, "bf16").flops,
        training.achieved_share(
            params, case.draw("training.share_scale", "ratio"), case.draw("training.share_growth", "ratio")
        ),
    )
    return tokens, np.asarray(tuning.it_kwh(seconds, _training_w(case))), np.asarray(seconds)


@remembered
def scratch_run(case: Case) -> Footprint:
    """The final run of training from scratch, with the rent of its GPUs."""
    _, kwh, seconds = pretraining_run(case)
    footprint = electricity(case, kwh, where_trained(case)) + hardware(case, TRAINING_GPU, seconds)
    return footprint.with_cost(seconds * case.draw(TRAINING_MACHINE, "USD/s"))


@remembered
def pretraining(case: Case) -> Footprint:
    """Training from scratch, development runs included."""
    return scratch_run(case) * case.draw("custom.development", "ratio")


def hosting_fee(case: Case, model: str) -> Array:
    """What the service asks for keeping tuned weights deployed [USD/month]."""
    name = f"tuning.{model}.hosting" if f"tuning.{model}.hosting" in case else "tuning.hosting_unlisted"
    return case.draw(name, "USD/h") * HOURS_PER_MONTH


@remembered
def compressing(case: Case, where: str) -> Footprint:
    """Reading one prompt with the compressor to shorten it; work follows its size."""
    read = served(case, encode(case, COMPRESSOR, case.workload.input_tokens), place(case, where))
    usual = case.central(f"embedders.{COMPRESSOR}.params", "Bparam")
    return read * (compressor_params(case) / usual)


def compressor_params(case: Case) -> float:
    """Size of the prompt compressor: the scenario's, else that of a small encoder [Bparam]."""
    own = case.scenario.knowledge.compressor_params
    return float(own) if own is not None else case.central(f"embedders.{COMPRESSOR}.params", "Bparam")


def judging_answers(case: Case) -> Array:
    """Answers that are generated to judge one run of tuning, the first as any later one [item]."""
    return case.draw("tuning.evaluation_answers", "item")


@remembered
def judging(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> Footprint:
    """What the answers that judge one run of tuning take."""
    return calls.one_sample(case, model, improvement, deployment).all * judging_answers(case)


@charging
def lines(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> Iterator[Line]:
    """Pretraining, tuning runs and the answers that judge them, prompt trials, the fee for tuned weights."""
    technique, region = improvement.technique, where_trained(case).key
    if model.kind == "custom":
        yield from _own_model(case)
    if model.kind == "encoder" or technique in TUNED:
        runs = case.scenario.knowledge.tuning_runs
        run = one_run(case, model, improvement)
        yield Line(
            Resource.TRAINING_RUN, "improvement", "once", say("training on your examples"), region,
            case.full(runs), say("run"), run * runs,
        )  # fmt: skip
    if technique == "distill":
        yield from _taught(case)
    settled = model, improvement, deployment
    if technique in TUNED:
        runs = case.scenario.knowledge.tuning_runs
        what, count = say("answers that judge each run"), judging_answers(case) * runs
        yield from calls.samples(case, settled, "improvement", "once", what, count)
        if deployment.mode == "maas":
            fee = case.nothing().with_cost(hosting_fee(case, model.main))
            yield Line(
                Resource.SOFTWARE_FEE, "improvement", "standing", say("hosting of the tuned weights"),
                deployment.where, case.full(HOURS_PER_MONTH), "h", fee,
            )  # fmt: skip
    elif techniques.base(technique) in TRIED or techniques.lever(technique):
        trials = case.draw("prompt.trials", "item")
        yield from calls.samples(case, settled, "improvement", "once", say("trying out prompts"), trials)
    if technique == "compression":
        held = sites.answering(case, deployment)
        asked = demand.sent(case, model, improvement, deployment) / len(held)
        for where in held:
            yield Line(
                Resource.ACCELERATOR_WORK, "improvement", "per_request", say("shortening each prompt"), where,
                asked, say("call"), compressing(case, where) * asked,
            )  # fmt: skip


def _taught(case: Case) -> Iterator[Line]:
    """Answers of the larger model, the refused ones included; each call of an agent's task is one.

    Each takes what an answer takes in use: as many sendings, its searches, tools and media.
    """
    found = teacher(case)
    if found is None:
        return
    service = plain_service(case, found)
    usual = ImprovementSetting(reference_technique(case))
    answers = case.draw("distill.examples", "item") / case.draw("distill.kept", "ratio")
    large, tree = ModelSetting("single", (found,)), task.tree(case, techniques.lever(usual.technique))
    whole = calls.asked(case, large, usual, service)
    one = whole.share(1.0 if tree is None else 1.0 / tree.calls)
    yield from calls.charged(
        case, one, usual.technique, Resource.EVALUATION_RUN, "improvement", "once",
        say("answers of {model} to learn from", model=found), answers, say("answer"),
    )  # fmt: skip


def _own_model(case: Case) -> Iterator[Line]:
    region = where_trained(case).key
    hours = pretraining_run(case)[2] * case.draw("custom.development", "ratio") / SECONDS_PER_HOUR
    yield Line(
        Resource.TRAINING_RUN, "foundation_model", "once", say("pretraining, development runs included"),
        region, hours, say("GPU h"), pretraining(case),
    )  # fmt: skip
    people = case.nothing().with_cost(case.draw("custom.people", "USD"))
    yield Line(
        Resource.TRAINING_RUN, "foundation_model", "once", say("its data, staff and evaluation"), region,
        case.full(1.0), say("project"), people,
    )  # fmt: skip
