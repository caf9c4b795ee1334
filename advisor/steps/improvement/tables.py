"""Beside the choice of improvement: options, where carbon comes from, retrieval, tuning, own tests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from advisor.core.draws import Array, central, ensemble_of, summary
from advisor.core.exhibits import Bars, Table
from advisor.core.footprint import Footprint
from advisor.core.saying import joined, numeral, say
from advisor.core.wording import or_never, percent
from advisor.decide.option import Decision, Option
from advisor.estimate.breakeven import hosting_requests_per_year, ratio_or_never, tuning_requests
from advisor.steps.improvement import levers
from advisor.steps.shared_texts import HOSTED
from advisor.system import calls, hosts, pilot, requests, search_units, training
from advisor.system.bill import Line, Resource
from advisor.system.case import Case
from advisor.system.footprints import electricity
from advisor.system.gates import failed
from advisor.system.places import place
from advisor.system.plan import ImprovementSetting, Plan
from advisor.system.quality import pilot_result, results_of
from advisor.system.regions import region_used
from advisor.system.rule_names import rules_of
from advisor.system.serving import standing_power
from advisor.system.techniques import TITLES

Row = tuple[str | float | None, ...]
HOURS_PER_YEAR = 8760.0
PER_THOUSAND = 1000.0
WH_PER_KWH = 1000.0
W_PER_KW = 1000.0
SECONDS_PER_HOUR = 3600.0
PASSAGES = (1, 3, 5, 10)
SEARCHING = {
    "keyword": say("keyword"), "vector": say("vector"), "hybrid": say("hybrid"), "rerank": say("rerank"),
    "hyde": "hyde",
}  # fmt: skip
INFERENCE_OPERATIONS = 2.0  # a prompt token costs two operations a parameter
HOLDING = (Resource.ACCELERATOR_HELD, Resource.HOST, Resource.DEVICE, Resource.SOFTWARE_FEE)


def details(case: Case, decision: Decision) -> Iterator[Table]:
    """Every table but that of the options; the caller leaves out those without rows."""
    plan = (decision.choice or decision.options[0]).plan
    yield levers.table(case, plan)
    yield break_even_table(case, plan)
    yield compression_table(case, plan)
    yield retrieval_table(case)
    yield passages_table(case, plan)
    yield tuning_table(case, decision)
    yield pilot_table(case, decision, plan)


def options_table(case: Case, decision: Decision) -> Table:
    """Every technique with its tokens, quality and yearly footprint, and the rule that took it out."""
    rows: list[Row] = []
    for option in decision.options:
        asked = requests.request(case, option.plan.model.main, option.key)
        rows.append((
            option.title, 100.0 * central(option.quality),
            central(asked.input_tokens), central(asked.output_tokens),
            *(central(option.year[name]) for name in ("energy", "carbon", "water", "cost")),
            central(option.accepted["carbon"]) * PER_THOUSAND * PER_THOUSAND,
            100.0 * decision.p_best.get(option.key, 0.0),
            rules_of(failed(option.gates)) or say("in"),
        ))  # fmt: skip
    return Table(
        "improvements",
        say("Techniques, a year of the whole plan"),
        (say("technique"), say("accepted %"), say("tokens in"), say("tokens out"), say("energy kWh"),
         say("carbon kg CO₂e"), say("water L"), say("cost $"), say("g CO₂e per 1,000 accepted"),
         say("best in % of draws"), say("ruled out by")),
        tuple(rows),
        say("Central case. Each technique in the best plan it can be part of: deployment, data and operation "
            "included."),
    )  # fmt: skip


def shares_of_carbon(case: Case, decision: Decision) -> Bars:
    """Where a year's carbon comes from, technique by technique; the parts add up to the whole plan."""
    columns, lows, highs = [], [], []
    for option in decision.options:
        columns.append([_carbon(option, lines) for lines in _groups(option.bill).values()])
        low, _, high = summary(option.year["carbon"])
        lows.append(low)
        highs.append(high)
    named = tuple(_groups(()))
    return Bars(
        "improvement_parts",
        say("Where a year's carbon comes from"),
        say("kg CO₂e a year (location-based, embodied included)"),
        tuple(option.title for option in decision.options),
        named,
        tuple(tuple(column[part] for column in columns) for part in range(len(named))),
        tuple(lows),
        tuple(highs),
        say("Preparation is spread over the planned years."),
    )


def _groups(bill: Iterable[Line]) -> dict[str, list[Line]]:
    """A plan's lines: what prepares, keeps and runs the improvement, what serves, and the rest."""
    phases = {
        "once": say("preparation"),
        "standing": say("upkeep and hosting"),
        "per_request": say("work per request"),
    }
    serving, rest = say("serving"), say("data and operation")
    steps = {"deployment": serving, "data_storage": rest, "operations": rest}
    found: dict[str, list[Line]] = {part: [] for part in (*phases.values(), serving, rest)}
    for line in bill:
        found[steps.get(line.step) or phases[line.phase]].append(line)
    return found


def _carbon(option: Option, lines: Iterable[Line]) -> float:
    return central(option.bill.sum(lines)["carbon"])


def break_even_table(case: Case, plan: Plan) -> Table:
    """When tuning has paid for the prompt tokens it removes; then what a dedicated host adds."""
    knowledge = case.scenario.knowledge
    removed, model = knowledge.prompt_tokens_tuning_removes, plan.model
    if removed <= 0 or knowledge.examples == 0:
        return Table("break_even", "", (), ())
    rows: list[Row] = []
    long, short = (
        calls.one_call(case, model, ImprovementSetting(key), plan.deployment)["energy"]
        for key in ("prompt", "lora")
    )
    saved = long - short
    for technique in ("lora", "full"):
        operations = case.draw(f"tuning.flops_{technique}", "ratio") / INFERENCE_OPERATIONS
        arithmetic = tuning_requests(
            operations,
            training.run_tokens(case, technique),
            knowledge.tuning_runs,
            removed,
            case.workload.cached_share,
        )
        title = TITLES[technique]
        rows.append((say("{technique}: requests, by arithmetic alone", technique=title), *_span(arithmetic)))
        run = training.one_run(case, model, ImprovementSetting(technique))["energy"]
        spent = ratio_or_never(run * knowledge.tuning_runs, saved)
        rows.append((say("{technique}: requests, by energy", technique=title), *_span(spent)))
    held = hosts.machines(case, model, ImprovementSetting("lora"))[0]
    if held and len(model.models) == 1:
        kw = _idle_kw(case, held[0][0])
        needed = hosting_requests_per_year(kw, 1.0, saved, HOURS_PER_YEAR)
        rows.append((say("a dedicated host for the tuned weights: requests a year"), *_span(needed)))
    return Table(
        "break_even",
        say("When tuning pays for the {removed} prompt tokens it removes", removed=numeral(removed, ",.0f")),
        ("", say("low"), say("central"), say("high")),
        tuple(rows),
        say("Hosting decides, not training: an idle machine must save its own draw first."),
    )


def compression_table(case: Case, plan: Plan) -> Table:
    """From what size on a compressor takes more work than it spares."""
    model = plan.model.main
    name = f"models.{model}.active_params"
    name = name if name in case else f"models.{model}.total_params"
    if plan.model.kind != "single" or name not in case:
        return Table("compression", "", (), ())
    ratio, active = case.draw("compression.ratio", "ratio"), case.draw(name, "Bparam")
    removed = 1.0 - 1.0 / ratio
    kept = case.workload.cached_share
    rows: list[Row] = [
        (say("share of the prompt removed %"), *summary(100.0 * removed)),
        (say("parameters of the model that read each token, billion"), *summary(active)),
        (say("a compressor pays up to this size, billion"), *summary(active * removed)),
        (say("the same where the repeated prefix is cached, billion"),
         *summary(active * np.maximum(removed - kept, 0.0))),
        (say("this compressor, billion"), "", training.compressor_params(case), ""),
    ]  # fmt: skip
    return Table(
        "compression",
        say("How small a prompt compressor must be beside {model}", model=model),
        ("", say("low"), say("central"), say("high")),
        tuple(rows),
        say(
            "Reading a token takes two operations a parameter in either: it pays while the compressor has "
            "fewer parameters than the model times the share removed. A compressed prompt has no repeated "
            "prefix."
        ),
    )


def _idle_kw(case: Case, machine: str) -> Array:
    """Power at the meter of a machine that holds a model and serves nothing [kW]."""
    gpu = str(case.catalogue.row("machines", machine)["gpu"])
    count = case.central(f"machines.{machine}.gpu_count", "item")
    watt = np.sum([np.broadcast_to(part, case.size) for part in standing_power(case, gpu)], axis=0)
    return electricity(case, count * watt / W_PER_KW, place(case, f"region:{region_used(case)}"))["energy"]


def _span(values: float | Array) -> tuple[float | str, ...]:
    """The 10th percentile, the central case and the 90th percentile; never where it does not pay."""
    found = np.atleast_1d(values)
    low, high = np.quantile(ensemble_of(found), (0.1, 0.9), method="nearest")
    return tuple(map(or_never, (low, found[0], high)))


def retrieval_table(case: Case) -> Table:
    """Retrieval modes and embedding models: what a search and the index take."""
    rows: list[Row] = []
    if case.scenario.knowledge.documents <= 0:
        return Table("retrieval", "", (), ())
    whole = central(search_units.whole_corpus(case)["energy"])
    for mode in search_units.MODES:
        search, held = search_units.one_search(case, mode), search_units.index(case, mode)
        case.central(f"coverage.facts.{mode}", "ratio")
        covered = case.catalogue.coefficient(f"coverage.facts.{mode}")
        rows.append((
            SEARCHING[mode], 100.0 * covered.low, 100.0 * covered.central, 100.0 * covered.high,
            central(search["energy"]) * WH_PER_KWH * PER_THOUSAND, central(search["cost"]) * PER_THOUSAND,
            whole if held.vectors else 0.0, held.size_gb,
            f"{held.units} × {held.tier}" if held.units else say("on the device"),
        ))  # fmt: skip
    return Table(
        "retrieval",
        say("Ways to search, passages in the prompt apart"),
        (say("mode"), say("found, low %"), say("found %"), say("found, high %"), say("Wh per 1,000 searches"),
         say("$ per 1,000 searches"), say("embedding all documents kWh"), say("index GB"),
         say("search units")),
        tuple(rows),
        say("HyDE also writes an imagined answer first, counted with serving: it took one system to five "
            "times the energy of a request.") + _replicas(case),
    )  # fmt: skip


def _replicas(case: Case) -> str:
    """What the units are replicated for; nothing where no service searches."""
    if search_units.by_itself(case):
        return ""
    return say(
        " Replicas, for the {wanted} asked for: {count}, or as many as {searches} searches a second take in "
        "the busiest minute. The service promises {promised} from {queries} "
        "replicas on, of index updates from {updates}, and nothing of one.",
        count=search_units.replicas(case),
        searches=numeral(search_units.busiest(case), ",.2g"),
        wanted=percent(case.scenario.operations.availability),
        promised=percent(case.central("search.promised_availability", "ratio")),
        queries=numeral(case.central("search.promised_replicas", "item"), ".0f"),
        updates=numeral(case.central("search.promised_replicas_updates", "item"), ".0f"),
    )


def passages_table(case: Case, plan: Plan) -> Table:
    """What each passage in the prompt costs: tokens, energy, money."""
    chunk, rows = case.central("rag.chunk_tokens", "tok"), list[Row]()
    # tokens that a pilot measured would not move with the number of passages
    ways = ("rag_hybrid", "rag_vector", "rag_keyword")
    free = [way for way in ways if pilot_result(case, plan.model.main, way) is None]
    with_passages = ImprovementSetting(free[0] if free else ways[0])

    def call(tokens: float) -> Footprint:
        variant = case.varied({"knowledge.context_tokens_added": tokens})
        return calls.one_call(variant, plan.model, with_passages, plan.deployment)

    none = call(0.0)
    for count in PASSAGES:
        extra = call(count * chunk) - none
        energy, carbon, cost = (central(extra[name]) for name in ("energy", "carbon", "cost"))
        rows.append((float(count), count * chunk, energy * WH_PER_KWH * PER_THOUSAND,
                     carbon * PER_THOUSAND * PER_THOUSAND, cost * PER_THOUSAND))  # fmt: skip
    return Table(
        "passages",
        say("What passages of {chunk} tokens add to 1,000 requests", chunk=numeral(chunk, ",.0f")),
        (say("passages (top-k)"), say("tokens"), "Wh", "g CO₂e", "$"),
        tuple(rows),
        say(
            "Passages differ from question to question, so no prefix cache spares them. Work alone where "
            "machines are held anyway."
        ),
    )


def tuning_table(case: Case, decision: Decision) -> Table:
    """One tuning run by each method, and what hosting the result takes."""
    knowledge, rows = case.scenario.knowledge, list[Row]()
    options = {option.key: option for option in decision.options}
    methods = [key for key in ("lora", "qlora", "full") if key in options]
    if knowledge.examples == 0 or not methods:
        return Table("tuning", "", (), ())
    for technique in methods:
        option, plan = options[technique], options[technique].plan
        kwh, seconds = training.whole_run(case, plan.model.main, technique)
        run = training.one_run(case, plan.model, plan.improvement)
        again = option.bill.sum(
            line
            for line in option.bill
            if line.resource is Resource.TRAINING_RUN and line.phase == "standing"
        )
        held = option.bill.sum(line for line in option.bill if line.resource in HOLDING)
        low, middle, high = summary(kwh)
        rows.append((
            TITLES[technique], low, middle, high, central(seconds) / SECONDS_PER_HOUR,
            central(run["cost"]), central(run["energy"]) * knowledge.tuning_runs,
            central(again["energy"]), HOSTED[option.settings["hosting"]],
            central(held["energy"]), central(held["cost"]),
        ))  # fmt: skip
    return Table(
        "tuning",
        say("Tuning on {tokens} tokens a run", tokens=numeral(training.run_tokens(case, methods[0]), ",.0f")),
        (say("method"), say("low kWh a run"), say("kWh a run"), say("high kWh"), say("GPU hours"),
         say("$ a run"), say("all runs kWh"), say("retraining kWh a year"), say("hosting"),
         say("hosting kWh a year"), say("hosting $ a year")),
        tuple(rows),
        say("{runs} runs, failed and sweep runs included; energy of a run at the IT level, the rest at the "
            "meter. Hosting is what is held or paid whether requests come or not.",
            runs=numeral(knowledge.tuning_runs, "g")),
    )  # fmt: skip


def pilot_table(case: Case, decision: Decision, plan: Plan) -> Table:
    """The pilot log's results for the chosen model, by technique."""
    del decision
    found: Iterable[pilot.Result] = results_of(case).values()
    rows: list[Row] = [
        (r.technique, float(r.samples), 100.0 * r.low, 100.0 * r.share, 100.0 * r.high,
         *(say("not logged") if logged is None else logged
           for logged in (r.input_tokens, r.output_tokens, r.turns, r.retries)))
        for r in found if r.model in plan.model.models
    ]  # fmt: skip
    return Table(
        "pilot_techniques",
        say("Your own tests of {models}", models=joined(say(" and "), plan.model.models)),
        (say("technique"), say("answers"), say("accepted, low %"), say("accepted %"), say("accepted, high %"),
         say("tokens in"), say("tokens out"), say("turns"), say("retries")),
        tuple(rows),
        say("80 % Wilson intervals."),
    )  # fmt: skip
