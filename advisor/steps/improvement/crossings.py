"""Where retrieval and tuning overtake each other: over volume, over change, over context."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from advisor.core.draws import Array
from advisor.core.exhibits import Chart, Line, Mark
from advisor.core.footprint import Footprint, Parts
from advisor.core.wording import number, share
from advisor.estimate.breakeven import crossing
from advisor.steps.foundation_model.mixtures import mixture_parts
from advisor.steps.gating import retrieves
from advisor.steps.improvement.techniques import main_model, request, shape, turns
from advisor.steps.quality import TUNED
from advisor.steps.retrieval_costs import corpus_tokens, embedding
from advisor.steps.tuning_costs import tuning_of
from advisor.system.case import Case
from advisor.system.option import Decision, Option

CONCERNS = ("energy", "carbon", "water", "cost")
POINTS = 25  # of a line
SPAN = 1000.0  # a volume axis reaches this far below and above today
MOST_CHANGES = 365.0
TINY = 1e-15
CONTEXT_SPAN = 10.0  # a context axis reaches this far beyond today's


@dataclass(frozen=True, slots=True, eq=False)
class Straight:
    """A footprint per accepted answer's worth of work that grows along x: fixed + slope x."""

    label: str
    fixed: Footprint
    slope: Footprint


def rivals(decision: Decision) -> tuple[Option, Option] | None:
    """The best option that puts tokens into the prompt, and the best one that tunes them away.

    The best of each kind by score; where rules leave none of a kind, its plainest member, so that
    the break-even can be seen all the same.
    """

    def best(keys: Sequence[str], otherwise: str) -> Option | None:
        options = {option.key: option for option in decision.options}
        eligible = [key for key in keys if key in decision.scores]
        key = min(eligible, key=lambda name: decision.scores[name], default=otherwise)
        return options.get(key)

    keys = [option.key for option in decision.options]
    prompting = [key for key in keys if key not in TUNED]
    first = best([key for key in prompting if retrieves(key)] or prompting, "rag_hybrid")
    if first is not None and not first.eligible:
        first = best(prompting, "rag_hybrid")
    second = best([key for key in keys if key in TUNED and key != "rag_lora"], "lora")
    return (first, second) if first is not None and second is not None else None


def over_volume(case: Case, first: Option, second: Option) -> Chart:
    """The ratio of two options' footprints per accepted answer over requests a year."""
    years = case.scenario.timing.horizon_years
    today = float(np.median(case.workload.requests_per_year))

    def straight(option: Option) -> Straight:
        parts = option.parts + option.carried
        fixed = parts.once / years + parts.monthly * 12.0
        return Straight(option.title, fixed / option.quality, parts.per_request / option.quality)

    x = np.geomspace(today / SPAN, today * SPAN, POINTS)
    return _chart(
        "break_even_volume", "over volume", "requests a year", x, straight(first), straight(second), today
    )


def over_changes(case: Case, chosen: Option, first: Option, second: Option) -> Chart:
    """The same over how often knowledge changes: re-embedding against a retraining each time."""
    years, volume = case.scenario.timing.horizon_years, case.workload.requests_per_year
    knowledge, model = case.scenario.knowledge, main_model(chosen.settings)
    changes = 365.0 / knowledge.changes_every_days if knowledge.changes_every_days else 0.0

    def straight(option: Option, per_change: Footprint, counted: float) -> Straight:
        year = option.per_year(volume, years) - per_change * counted
        accepted = option.quality * volume
        return Straight(option.title, year / accepted, per_change / accepted)

    touched = case.draw("rag.changed_share", "ratio")
    reading = embedding(case, corpus_tokens(case)) * touched
    reading = reading if retrieves(first.key) and first.key != "rag_keyword" else case.nothing()
    run = tuning_of(case, model, second.key).run
    x = np.geomspace(1.0, MOST_CHANGES, POINTS)
    lines = straight(first, reading, changes), straight(second, run, knowledge.retrains_per_year)
    title = "changes of knowledge a year, each followed by re-embedding or a tuning run"
    return _chart("break_even_changes", "over change", title, x, *lines, changes)


def over_context(case: Case, chosen: Option, first: Option, second: Option) -> Chart:
    """The same over the tokens that retrieval adds to a prompt."""
    years, volume = case.scenario.timing.horizon_years, case.workload.requests_per_year
    model, settings = main_model(chosen.settings), chosen.settings
    today = max(case.scenario.knowledge.context_tokens_added, 1.0)
    asked = request(case, model, first.key)
    often = turns(case, model, first.key)

    def served(added: float) -> Footprint:
        more = type(asked)(asked.input_tokens + added, asked.visible_output, asked.static, asked.hidden_known)
        parts: Parts = mixture_parts(case, settings, lambda name: shape(case, name, more))
        return parts.per_request * often

    # serving grows almost in proportion to the prompt, so two points give the line
    per_token = (served(today) - served(0.0)) / today / first.quality
    at_today = first.per_year(volume, years) / (first.quality * volume)
    growing = Straight(first.title, at_today - per_token * today, per_token)
    level = second.per_year(volume, years) / (second.quality * volume)
    x = np.geomspace(max(today / SPAN, 10.0), today * CONTEXT_SPAN, POINTS)
    lines = growing, Straight(second.title, level, case.nothing())
    return _chart("break_even_context", "over context", "tokens that context adds", x, *lines, today)


def _chart(
    key: str, over: str, x_label: str, x: Array, first: Straight, second: Straight, today: float
) -> Chart:
    marks = [Mark("today", today)] if today > 0 else []
    lines, notes = [], []
    for concern in CONCERNS:
        ratio = _ratio(first, second, concern, x)
        low, middle, high = np.quantile(ratio, (0.1, 0.5, 0.9), axis=1)
        lines.append(Line(concern, tuple(x), tuple(middle), tuple(low), tuple(high)))
        found = crossing_of(first, second, concern)
        if found is None:
            less = float(np.mean(_ratio(first, second, concern, np.array([today or x[0]])) < 1.0))
            notes.append(f"{concern}: no crossing, {first.label} needs less today in {share(less)} of draws")
        else:
            middle_x, low_x, high_x = found
            marks.append(Mark(f"{concern}: {number(middle_x)}", middle_x, low_x, high_x))
    note = f"Above 1, {second.label} needs less for an accepted answer. " + "; ".join(notes)
    return Chart(
        key,
        f"{first.label} against {second.label}, {over}",
        x_label,
        "the first ÷ the second",
        tuple(lines),
        tuple(marks),
        log_x=True,
        log_y=True,
        note=note.strip() + ("." if notes else ""),
    )


def _ratio(first: Straight, second: Straight, concern: str, x: Array) -> Array:
    def at(line: Straight) -> Array:
        value: Array = line.fixed[concern][None, :] + x[:, None] * line.slope[concern][None, :]
        return np.maximum(value, TINY)

    return at(first) / at(second)


def crossing_of(first: Straight, second: Straight, concern: str) -> tuple[float, float, float] | None:
    """Median and 80 % interval of the x where two lines meet; None where most draws have none."""
    found = np.asarray(
        crossing(first.fixed[concern], first.slope[concern], second.fixed[concern], second.slope[concern])
    )
    finite = found[np.isfinite(found)]
    if finite.size * 2 < found.size:
        return None
    low, middle, high = (float(part) for part in np.quantile(finite, (0.1, 0.5, 0.9)))
    return middle, low, high
