"""What the improvement shows: options, break-evens, retrieval and tuning in detail, own tests."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from advisor.core.draws import Array, summary
from advisor.core.exhibits import Bars, Chart, Exhibit, Table
from advisor.decide.comparing import accepted, yearly
from advisor.estimate.breakeven import hosting_requests_per_year, tuning_requests
from advisor.steps import Prior
from advisor.steps.improvement import crossings
from advisor.steps.improvement.files import files
from advisor.steps.improvement.techniques import TITLES, main_model, shape
from advisor.steps.improvement.techniques import request as asked_with
from advisor.steps.placement import reference
from advisor.steps.quality import results_of
from advisor.steps.retrieval_costs import MODES, corpus_tokens, embedding, index, one_search
from advisor.steps.serving_parts import HOURS_PER_MONTH, hosted, place, served_parts, smallest_machine
from advisor.steps.tuning_costs import run_kwh, run_tokens, tuning_of
from advisor.system.case import Case
from advisor.system.option import Decision, Option

Row = tuple[str | float | None, ...]
MONTHS = 12.0
PER_THOUSAND = 1000.0
WH_PER_KWH = 1000.0
SECONDS_PER_HOUR = 3600.0
PASSAGES = (1, 3, 5, 10)
INFERENCE_OPERATIONS = 2.0  # a prompt token costs two operations a parameter


def figures(case: Case, prior: Prior, decision: Decision) -> tuple[Exhibit, ...]:
    """All exhibits, those with nothing to show left out."""
    chosen = prior.get("foundation_model")
    if chosen is None or not decision.options:
        return ()
    found: list[Exhibit] = [options_table(case, decision), shares_of_carbon(case, decision)]
    if chosen.settings["kind"] in ("encoder", "retrieval"):
        return tuple(found)
    found += _charts(case, chosen, decision)
    tables = (
        break_even_table(case, chosen),
        retrieval_table(case),
        passages_table(case, chosen),
        tuning_table(case, chosen),
        pilot_table(case, chosen),
    )
    return (*found, *(table for table in tables if table.rows), *files(case, chosen, decision))


def _charts(case: Case, chosen: Option, decision: Decision) -> Iterator[Chart]:
    pair = crossings.rivals(decision)
    if pair is not None:
        yield crossings.over_volume(case, *pair)
        yield crossings.over_changes(case, chosen, *pair)
        yield crossings.over_context(case, chosen, *pair)


def options_table(case: Case, decision: Decision) -> Table:
    """Every technique with its tokens, quality and yearly footprint, and the rule that took it out."""
    rows: list[Row] = []
    for option in decision.options:
        year = yearly(option, case)
        tokens = (float(np.median(option.settings[name])) for name in ("input_tokens", "output_tokens"))
        rows.append((
            option.title, 100.0 * float(np.median(option.quality)), *tokens,
            *(float(np.median(year[name])) for name in ("energy", "carbon", "water", "cost")),
            float(np.median(accepted(option, case)["carbon"])) * PER_THOUSAND * PER_THOUSAND,
            100.0 * decision.p_best.get(option.key, 0.0),
            ", ".join(gate.rule.replace("_", " ") for gate in option.gates if not gate.passed) or "in",
        ))  # fmt: skip
    return Table(
        "improvements",
        "Techniques, a year with serving",
        ("technique", "accepted %", "tokens in", "tokens out", "energy kWh", "carbon kg CO₂e", "water L",
         "cost $", "g CO₂e per 1,000 accepted", "best in % of draws", "ruled out by"),
        tuple(rows),
        "Medians. Serving is counted under the first step's reference; the next step settles it.",
    )  # fmt: skip


def shares_of_carbon(case: Case, decision: Decision) -> Bars:
    """Where a year's carbon comes from, technique by technique."""
    years, volume = case.scenario.timing.horizon_years, case.workload.requests_per_year
    named = ("preparation", "upkeep and hosting", "work per request", "serving")
    columns = []
    lows, highs = [], []
    for option in decision.options:
        own = option.parts
        pieces = (
            own.once["carbon"] / years,
            own.monthly["carbon"] * MONTHS,
            own.per_request["carbon"] * volume,
            option.carried.per_year(volume, years)["carbon"],
        )
        columns.append([float(np.median(piece)) for piece in pieces])
        low, _, high = summary(sum(pieces, np.zeros(case.size)))
        lows.append(low)
        highs.append(high)
    return Bars(
        "improvement_parts",
        "Where a year's carbon comes from",
        "kg CO₂e a year (location-based, embodied included)",
        tuple(option.title for option in decision.options),
        named,
        tuple(tuple(column[part] for column in columns) for part in range(len(named))),
        tuple(lows),
        tuple(highs),
        "Preparation is spread over the planned years.",
    )


def break_even_table(case: Case, chosen: Option) -> Table:
    """When tuning has paid for the prompt tokens it removes; then what a dedicated host adds."""
    knowledge, model = case.scenario.knowledge, main_model(chosen.settings)
    removed = knowledge.prompt_tokens_tuning_removes
    rows: list[Row] = []
    if removed <= 0 or knowledge.examples == 0:
        return Table("break_even", "", (), ())
    hit = case.workload.cached_share
    saved = _saved_kwh(case, model)
    for technique in ("lora", "full"):
        operations = case.draw(f"tuning.flops_{technique}", "ratio") / INFERENCE_OPERATIONS
        arithmetic = np.asarray(
            tuning_requests(operations, run_tokens(case), knowledge.tuning_runs, removed, hit)
        )
        rows.append((f"{TITLES[technique]}: requests, by arithmetic alone", *_span(arithmetic)))
        spent = tuning_of(case, model, technique).parts.once["energy"]
        rows.append((f"{TITLES[technique]}: requests, by energy", *_span(_over(spent, saved))))
    machine = smallest_machine(case, model)
    if machine is not None:
        idle = hosted(case, machine, place(case, reference(case, model).place))["energy"]
        per_hour = idle / HOURS_PER_MONTH
        yearly_hours = HOURS_PER_MONTH * MONTHS
        needed = np.asarray(hosting_requests_per_year(per_hour, 1.0, saved, yearly_hours))
        rows.append(("a dedicated host for the tuned weights: requests a year", *_span(needed)))
    return Table(
        "break_even",
        f"When tuning pays for the {removed:,.0f} prompt tokens it removes",
        ("", "low", "central", "high"),
        tuple(rows),
        "Hosting decides, not training: an idle machine must save its own draw first. Blank: never.",
    )


def _saved_kwh(case: Case, model: str) -> Array:
    """Energy at the meter that a request saves when its prompt is shorter [kWh]."""
    long, short = (shape(case, model, asked_with(case, model, name)) for name in ("prompt", "lora"))
    saved: Array = (served_parts(case, model, long).per_request["energy"]
                    - served_parts(case, model, short).per_request["energy"])  # fmt: skip
    return saved


def _over(spent: Array, saved: Array) -> Array:
    positive = saved > 0
    result: Array = np.where(positive, spent / np.where(positive, saved, 1.0), np.inf)
    return result


def _span(values: Array) -> tuple[float | None, ...]:
    ends = np.quantile(np.broadcast_to(values, (max(values.size, 2),)), (0.1, 0.5, 0.9), method="nearest")
    return tuple(float(end) if np.isfinite(end) else None for end in ends)


def retrieval_table(case: Case) -> Table:
    """Retrieval modes and embedding models: what a search and the index take."""
    rows: list[Row] = []
    if case.scenario.knowledge.documents <= 0:
        return Table("retrieval", "", (), ())
    whole = embedding(case, corpus_tokens(case))
    for mode in MODES:
        search, held = one_search(case, mode), index(case, mode)
        covered = case.catalogue.coefficient(f"coverage.facts.{mode}")
        case.central(f"coverage.facts.{mode}", "ratio")
        build = 0.0 if mode == "keyword" else float(np.median(whole["energy"]))
        tier = f"{held.units} × {held.tier}" if held.units else "on the device"
        rows.append((
            mode, 100.0 * covered.low, 100.0 * covered.central, 100.0 * covered.high,
            float(np.median(search["energy"])) * WH_PER_KWH * PER_THOUSAND,
            float(np.median(search["cost"])) * PER_THOUSAND, build, held.size_gb, tier,
        ))  # fmt: skip
    return Table(
        "retrieval",
        "Ways to search, passages in the prompt apart",
        ("mode", "found, low %", "found %", "found, high %", "Wh per 1,000 searches", "$ per 1,000 searches",
         "embedding all documents kWh", "index GB", "search units"),
        tuple(rows),
        "HyDE also writes an imagined answer first, counted with serving: it took one system to five times "
        "the energy of a request.",
    )  # fmt: skip


def passages_table(case: Case, chosen: Option) -> Table:
    """What each passage in the prompt costs: tokens, energy, money."""
    model, chunk = main_model(chosen.settings), case.central("rag.chunk_tokens", "tok")
    base = asked_with(case, model, "prompt")
    none = served_parts(case, model, shape(case, model, base)).per_request
    rows: list[Row] = []
    for count in PASSAGES:
        more = type(base)(base.input_tokens + count * chunk, base.visible_output, base.static)
        extra = served_parts(case, model, shape(case, model, more)).per_request - none
        energy, carbon, cost = (float(np.median(extra[name])) for name in ("energy", "carbon", "cost"))
        rows.append((float(count), count * chunk, energy * WH_PER_KWH * PER_THOUSAND,
                     carbon * PER_THOUSAND * PER_THOUSAND, cost * PER_THOUSAND))  # fmt: skip
    return Table(
        "passages",
        f"What passages of {chunk:,.0f} tokens add to 1,000 requests",
        ("passages (top-k)", "tokens", "Wh", "g CO₂e", "$"),
        tuple(rows),
        "Passages differ from question to question, so no prefix cache spares them.",
    )


def tuning_table(case: Case, chosen: Option) -> Table:
    """One tuning run by each method, and what hosting the result takes."""
    model, rows = main_model(chosen.settings), list[Row]()
    knowledge = case.scenario.knowledge
    if knowledge.examples == 0:
        return Table("tuning", "", (), ())
    for technique in ("lora", "qlora", "full"):
        kwh, seconds = run_kwh(case, model, technique)
        found = tuning_of(case, model, technique)
        low, middle, high = summary(kwh)
        rows.append((
            TITLES[technique], low, middle, high, float(np.median(seconds)) / SECONDS_PER_HOUR,
            float(np.median(found.run["cost"])), float(np.median(found.parts.once["energy"])),
            float(np.median(found.parts.monthly["energy"])) * MONTHS, found.hosting,
            float(np.median(found.host.monthly["energy"])) * MONTHS,
            float(np.median(found.host.monthly["cost"])) * MONTHS,
        ))  # fmt: skip
    return Table(
        "tuning",
        f"Tuning on {run_tokens(case):,.0f} tokens a run",
        ("method", "low kWh a run", "kWh a run", "high kWh", "GPU hours", "$ a run", "all runs kWh",
         "retraining kWh a year", "hosting", "hosting kWh a year", "hosting $ a year"),
        tuple(rows),
        f"{knowledge.tuning_runs:g} runs, failed and sweep runs included; energy of a run at the IT level, "
        "the rest at the meter with the answers that judge it.",
    )  # fmt: skip


def pilot_table(case: Case, chosen: Option) -> Table:
    """The pilot log's results for the chosen model, by technique."""
    rows: list[Row] = [
        (r.technique, float(r.samples), 100.0 * r.low, 100.0 * r.share, 100.0 * r.high,
         r.input_tokens, r.output_tokens, r.turns, r.retries)
        for r in results_of(case).values() if r.model in chosen.settings["models"]
    ]  # fmt: skip
    return Table(
        "pilot_techniques",
        f"Your own tests of {chosen.title}",
        ("technique", "answers", "accepted, low %", "accepted %", "accepted, high %", "tokens in",
         "tokens out", "turns", "retries"),
        tuple(rows),
        "80 % Wilson intervals; blank where the log says nothing.",
    )  # fmt: skip
