"""The hard rules a model must meet, in the order the vendor's guidance filters by.

Task, cost, context, security, region, deployment, licence, quality, tunability; then dates,
open weights and the device. Popularity and publisher are no criteria.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import numpy as np

from advisor.core.wording import number, share
from advisor.steps.gating import floor_gate, gate
from advisor.steps.placement import on_device, priced, reach, reference, retired, stays_until
from advisor.steps.quality import TUNED, Central, accepted, measured, reference_technique
from advisor.steps.serving_parts import SECONDS_PER_DAY, base_shape, device_fits, device_run, smallest_machine
from advisor.steps.speed import published
from advisor.system.case import Case
from advisor.system.option import Gate


def model_gates(case: Case, model: str, technique: str | None = None) -> tuple[Gate, ...]:
    """Every gate of one catalogue model; ``technique`` is what its quality is judged with."""
    quality = quality_gate(case, model, technique or reference_technique(case))
    return (*before_quality(case, model), quality, *after_quality(case, model))


def before_quality(case: Case, model: str) -> tuple[Gate, ...]:
    """Task, language, cost, context, security, region, deployment, licence."""
    make = (_task, _language, _cost, _context, _security, _region, _deployment, _licence)
    return case.remember(
        ("gates before quality", model), lambda: tuple(one for part in make for one in part(case, model))
    )


def after_quality(case: Case, model: str) -> tuple[Gate, ...]:
    """Tunability, retirement, open weights, device, speed."""
    make = (_tunable, _retirement, _open_weights, _device, _in_time)
    return case.remember(
        ("gates after quality", model), lambda: tuple(one for part in make for one in part(case, model))
    )


def _task(case: Case, model: str) -> Iterator[Gate]:
    row, wanted = case.catalogue.row("models", model), case.scenario.task
    tasks = row.get("tasks") or []
    yield gate(
        "task", wanted in tasks, wanted, ", ".join(tasks) or "not stated", "another model, or another task"
    )


def _language(case: Case, model: str) -> Iterator[Gate]:
    wanted = case.scenario.workload.languages
    if all(language == "en" for language in wanted):
        return
    count = case.catalogue.row("models", model).get("languages") or 0
    own = measured(case, model) is not None
    yield gate(
        "language",
        own or count > 1,
        ", ".join(wanted),
        f"{count:g} languages" if count > 1 else "English only",
        "a multilingual model, or a test of your own in these languages",
    )


def _cost(case: Case, model: str) -> Iterator[Gate]:
    used = reference(case, model)
    known = used.kind != "managed" or priced(case, model, used.offer)
    yield gate(
        "cost",
        known,
        "a known price",
        "priced" if known else "no price in the catalogue",
        "ask for a quote; a model without a price cannot be planned with",
    )


def _context(case: Case, model: str) -> Iterator[Gate]:
    need, name = case.scenario.quality.context_max_tokens, f"models.{model}.context_tokens"
    stated = name in case
    have = case.central(name if stated else "model.context_when_unknown", "tok")
    found = (
        f"{number(have)} tokens" if stated else f"not in the catalogue, {number(have)} tokens taken as given"
    )
    yield gate(
        "context", have >= need, f"{number(need)} tokens", found, "shorter requests, or a longer context"
    )


def _security(case: Case, model: str) -> Iterator[Gate]:
    limits, row = case.scenario.constraints, case.catalogue.row("models", model)
    hosted = reference(case, model).kind != "managed"
    for rule, given, known, evidence in (
        (
            "provenance",
            limits.provenance,
            row.get("provenance_known"),
            "a signed release from the publisher whose checksums you compared",
        ),
        (
            "security_scan",
            limits.security_scan,
            row.get("scanned"),
            "a scan of the weight files for executable code and known threats, dated and kept",
        ),
    ):
        answer = given.get(model, "yes" if known else "unknown")
        # a managed model's weights are its provider's to answer for; only a known "no" rules it out
        passed = answer == "yes" or (answer == "unknown" and not hosted)
        where = "" if model in given or not known else " (catalogue)"
        remedy = f"{evidence}; then set constraints.{rule}.{model}: yes"
        yield gate(rule, passed, "evidence" if hosted else "no contrary evidence", f"{answer}{where}", remedy)


def _region(case: Case, model: str) -> Iterator[Gate]:
    used, found = reference(case, model), reach(case)
    yield gate(
        "region",
        used.permitted,
        found.rule,
        used.words,
        "a regional, data-zone or own deployment inside the rule, or a wider rule",
    )


def _deployment(case: Case, model: str) -> Iterator[Gate]:
    offered = case.catalogue.row("models", model).get("deployments") or []
    used = reference(case, model)
    if used.kind == "machine":
        machine = smallest_machine(case, model)
        found = f"{machine.count} × {machine.gpu}" if machine else "no machine on sale holds it"
        yield gate(
            "deployment", machine, "a machine that holds it", found, "a smaller model or lower precision"
        )
    elif used.kind == "managed":
        usable = [kind for kind in offered if kind.startswith("maas") and not retired(case, model)]
        yield gate(
            "deployment",
            usable or retired(case, model),
            "an offer on Azure",
            ", ".join(offered) or "none on Azure",
            "a model sold on Azure, or one whose weights you can host",
        )


def _licence(case: Case, model: str) -> Iterator[Gate]:
    row = case.catalogue.row("models", model)
    commercial = row.get("licence_commercial")
    says = "unknown" if commercial is None else "commercial use" if commercial else "no commercial use"
    found = f"{row.get('licence', 'unknown')}: {says}"
    yield gate(
        "licence", commercial, "commercial use allowed", found, "a written licence that allows your use"
    )


def quality_gate(case: Case, model: str, technique: str) -> Gate:
    """The least share of answers accepted, against the central estimate."""
    floor, found = case.scenario.quality.floor, float(accepted(case, model, technique, Central(case)))
    own = measured(case, model) is not None
    return floor_gate(floor, found, f"quality.scores.{model}", "your own test" if own else "public rating")


def _tunable(case: Case, model: str) -> Iterator[Gate]:
    recorded = case.scenario.decisions.get("improvement")
    if recorded is None or recorded.choice not in TUNED:
        return
    ways = case.catalogue.row("models", model).get("tunable") or []
    yield gate(
        "tunability",
        ways,
        f"tunable, as {recorded.choice} is recorded for the next step",
        ", ".join(ways) or "cannot be tuned",
        "a tunable model, or another improvement",
    )


def _retirement(case: Case, model: str) -> Iterator[Gate]:
    end = case.catalogue.row("models", model).get("retirement")
    if end is None or reference(case, model).kind != "managed":
        return
    yield gate(
        "retirement",
        not retired(case, model),
        f"on sale until {stays_until(case)}",
        f"retires {end}",
        "its successor, an earlier start, or a smaller timing.model_stays_days",
    )


def _open_weights(case: Case, model: str) -> Iterator[Gate]:
    if case.scenario.constraints.open_weights:
        open_ = case.catalogue.row("models", model).get("open_weights")
        found = "open" if open_ else "closed"
        yield gate(
            "open_weights", open_, "open weights", found, "a model with open weights, or drop the rule"
        )


def _device(case: Case, model: str) -> Iterator[Gate]:
    if not on_device(case):
        return
    device = case.scenario.constraints.device
    open_ = case.catalogue.row("models", model).get("open_weights")
    if device is None:
        yield gate("device", False, "a device that runs it", "none named", "set constraints.device.kind")
    else:
        name = case.catalogue.row("devices", device.kind).get("name", device.kind)
        fits = bool(open_) and device_fits(case, model)
        found = "closed weights" if not open_ else "fits in 4 bit" if fits else "does not fit in 4 bit"
        yield gate("device", fits, f"fits {name}", found, "a smaller model or a larger device")
        yield from _device_speed(case, model, device.kind, device.count)


def _in_time(case: Case, model: str) -> Iterator[Gate]:
    """Whether a managed model can answer in time, by the speed stated of its provider's service."""
    if reference(case, model).kind != "managed":
        return
    times, limits = published(case, model, base_shape(case, model).output_tokens), case.scenario.constraints
    if times is None:
        return
    for rule, span, limit in (
        ("first_token", times.first, limits.first_token_p95_ms),
        ("latency", times.answer, limits.latency_p95_ms),
    ):
        yield gate(
            rule,
            span[0] <= limit,
            f"{limit:,.0f} ms for 95 of 100",
            f"about {span[1]:,.0f} ms (at best {span[0]:,.0f} ms)",
            "allow more time, shorten the answers or take a faster model",
        )


def _device_speed(case: Case, model: str, kind: str, count: int) -> Iterator[Gate]:
    """Whether a device answers in time, and whether all of them together keep up."""
    limits = case.scenario.constraints
    run = device_run(case, model, kind, base_shape(case, model))
    tail = case.central("deployment.tail_over_median", "ratio")
    seconds = float(np.median(run.busy_gpu_seconds))
    answer_ms = seconds * tail * 1000.0
    yield gate(
        "latency",
        answer_ms <= limits.latency_p95_ms,
        f"{limits.latency_p95_ms:,.0f} ms for 95 of 100",
        f"about {answer_ms:,.0f} ms",
        "allow more time, shorten the answers or take a smaller model",
    )
    peak = np.median(case.workload.mean_per_day * case.workload.peak_to_mean) / SECONDS_PER_DAY
    busy = float(peak) * seconds / count
    yield gate(
        "capacity",
        busy <= 1.0,
        "devices that serve the busiest minute",
        f"{share(busy)} of their time",
        "more devices, or a smaller model",
    )


def warnings(case: Case, model: str) -> tuple[str, ...]:
    """What does not rule a model out but must be known."""
    row, start = case.catalogue.row("models", model), case.scenario.timing.start
    found = []
    end, earliest = row.get("retirement"), row.get("retirement_earliest")
    notice = timedelta(days=case.central("model.retirement_notice", "day"))
    if reference(case, model).kind == "managed":
        if end is not None and start < end <= start + notice:
            found.append(f"Retires on {end}, within {notice.days} days of the start: plan its successor.")
        elif end is not None and end < start + timedelta(days=365 * case.scenario.timing.horizon_years):
            found.append(f"Retires on {end}, within the planned years.")
        if earliest is not None and earliest <= start + notice:
            found.append(f"Another list gives {earliest} as its retirement: check before you commit.")
    if f"models.{model}.context_tokens" not in case:
        found.append("Its context length is not in the catalogue: check it for your longest request.")
    return tuple(found)
