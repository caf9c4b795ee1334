"""A bill beside a plan: tokens paid for and tokens priced, where they part and why.

And, for those who have no log, the energy and carbon of the billed tokens alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from advisor.core.draws import central, summary
from advisor.core.exhibits import Table
from advisor.core.saying import dated, joined, numeral, say
from advisor.core.wording import counted, number, share
from advisor.measured.bill import CACHED, INPUT, OUTPUT, STANDARD, WRITTEN, Bill, read_bill
from advisor.system.baseline import catalogue_model
from advisor.system.case import Case
from advisor.system.footprints import served
from advisor.system.places import place
from advisor.system.serving import serve
from advisor.system.shape import Shape

PER_MTOK = 1e6
NEAR = 0.03  # relative difference below which billed and priced are told as the same
TITLES = {
    INPUT: say("input not from a cache"),
    CACHED: say("input from a cache"),
    WRITTEN: say("input written to a cache"),
    OUTPUT: say("output"),
}


def billed(export: Path, scenario: Path) -> str:
    """A bill beside a scenario, as text. Raises AdvisorError with every fault of either."""
    from advisor.outputs.compare import as_text
    from advisor.system.opening import open_case

    bill = read_bill(export)
    case = open_case(scenario)
    tables = [meters(bill), beside(case, bill), footprint(case, bill)]
    shown = [
        replace(table, rows=tuple(tuple(number(c) if isinstance(c, float) else c for c in row)
                                  for row in table.rows))
        for table in tables if table.rows
    ]  # fmt: skip
    told = ("  " + line for line in reasons(case, bill))
    return joined("\n", (as_text(shown), say("Where they part and why:"), *told))


def described(bill: Bill) -> str:
    """What a bill says by itself, as text."""
    lines = [
        counted(
            bill.days,
            say("Recognised as: a bill of one day, {first}"),
            say("Recognised as: a bill, {first} to {last} ({count} days)"),
            first=dated(bill.first),
            last=dated(bill.last),
        ),
        say(
            "Paid for tokens: {paid} {currency}; else: {other}",
            paid=numeral(bill.paid, ",.2f"),
            currency=bill.currency,
            other=numeral(sum(bill.other.values()), ",.2f"),
        ),
    ]
    lines += [
        "  "
        + say(
            "{name}: {tokens} tokens, {paid} {currency}",
            name=charge.meter.name,
            tokens=numeral(charge.tokens, ",.0f"),
            paid=numeral(charge.paid, ",.2f"),
            currency=bill.currency,
        )
        for charge in bill.charges
    ]
    return joined("\n", [*lines, *("  " + line for line in bill.said)])


def meters(bill: Bill) -> Table:
    """Tokens and money by meter, most paid first."""
    rows: list[tuple[str | float | None, ...]] = [
        (c.meter.name, c.meter.model, TITLES[c.meter.kind], c.tokens, c.paid,
         c.paid / c.tokens * PER_MTOK if c.tokens else None)
        for c in bill.charges
    ]  # fmt: skip
    rows += [(name, "", say("no tokens"), None, paid, None) for name, paid in bill.other.items()]
    return Table(
        "bill_meters",
        say("The bill by meter, {first} to {last}", first=dated(bill.first), last=dated(bill.last)),
        (
            say("Meter"),
            say("Model"),
            say("Counts"),
            say("Tokens"),
            say("Paid ({currency})", currency=bill.currency),
            say("{currency} per million tokens", currency=bill.currency),
        ),
        tuple(rows),
    )


def priced(case: Case) -> dict[str, float]:
    """Tokens a day that the plan prices [tok/day], central: fresh input, cached input, output."""
    load = case.workload
    per_day = central(load.requests_per_day)
    sent, made = float(load.input_tokens.mean()), float(load.generated_tokens.mean())
    cached = central(load.cached_share)
    return {INPUT: per_day * sent * (1 - cached), CACHED: per_day * sent * cached, OUTPUT: per_day * made}


def beside(case: Case, bill: Bill) -> Table:
    """Billed tokens a day beside those the plan prices [tok/day]."""
    plan = priced(case)
    rows: list[tuple[str | float | None, ...]] = []
    for kind, title in TITLES.items():
        paid_for, planned = bill.tokens(kind) / bill.days, plan.get(kind, 0.0)
        if paid_for or planned:
            rows.append((title, paid_for, planned, paid_for / planned if planned else None))
    return Table(
        "bill_beside",
        say("Tokens a day, billed beside priced"),
        (say("Tokens"), say("Billed a day"), say("Priced in the plan"), say("Billed over priced")),
        tuple(rows),
    )


def reasons(case: Case, bill: Bill) -> Iterator[str]:
    """Where billed and priced tokens part, and what explains it."""
    plan = priced(case)
    sent = bill.tokens(INPUT, CACHED, WRITTEN) / bill.days
    made = bill.tokens(OUTPUT) / bill.days
    whole = plan[INPUT] + plan[CACHED]
    cached = (bill.tokens(CACHED) / bill.days) / sent if sent else 0.0
    planned = plan[CACHED] / whole if whole else 0.0
    fresh = bill.tokens(INPUT) / bill.days
    if cached and abs(fresh / whole - 1) <= NEAR < abs(sent / whole - 1):
        yield say(
            "the plan's input equals the billed input outside the cache: cached tokens have a meter of "
            "their own and come on top, so the plan leaves them out"
        )
    elif cached and abs((sent + cached * sent) / whole - 1) <= NEAR:
        yield say(
            "the plan's input is the billed input with its cached tokens once more: they are counted twice"
        )
    elif cached > planned + NEAR:
        yield say(
            "{cached} of billed input came from a cache, the plan reckons with {planned}: it "
            "prices the rest as fresh input, which costs more",
            cached=share(cached),
            planned=share(planned),
        )
    elif cached < planned - NEAR:
        yield say(
            "{cached} of billed input came from a cache, the plan reckons with {planned}: it "
            "counts on a cache that the bill does not show",
            cached=share(cached),
            planned=share(planned),
        )
    yield from _terms(bill)
    retry = central(case.workload.retry_rate)
    if made and plan[OUTPUT]:
        ratio = made / plan[OUTPUT]
        if abs(ratio - 1) <= NEAR:
            yield say("billed output is what the plan prices")
        elif ratio > 1 and retry:
            yield say(
                "billed output is {ratio} times what the plan prices in volume or size; "
                "requests sent again are {retry} of it",
                ratio=number(ratio),
                retry=share(retry),
            )
        else:
            yield say(
                "billed output is {ratio} times what the plan prices in volume or size", ratio=number(ratio)
            )
    if bill.other:
        yield say(
            "{paid} {currency} went on meters that count no tokens: {names}",
            paid=number(sum(bill.other.values())),
            currency=bill.currency,
            names=", ".join(list(bill.other)[:3]),
        )
    yield from bill.said


def _terms(bill: Bill) -> Iterator[str]:
    """Tokens billed on other terms than the standard ones."""
    total = sum(charge.tokens for charge in bill.charges)
    terms: dict[str, list[float]] = {}
    for charge in bill.charges:
        meter = charge.meter
        for name in (
            say("{mode} processing", mode=meter.mode) if meter.mode != STANDARD else "",
            say("long contexts, whose whole request is priced higher") if meter.long_context else "",
        ):
            if name:
                sums = terms.setdefault(name, [0.0, 0.0, 0.0])
                sums[0] += charge.tokens
                sums[1] += charge.paid
                sums[2] += charge.paid - charge.tokens * _standard(
                    bill, charge.meter.model, charge.meter.kind
                )
    for name, (tokens, paid, more) in terms.items():
        told = {
            "share": share(tokens / total), "terms": name, "paid": number(paid), "currency": bill.currency
        }  # fmt: skip
        if np.isfinite(more):
            yield say(
                "{share} of tokens are billed as {terms}: {paid} {currency}, "
                "{more} more than at this bill's standard meters",
                **told,
                more=number(more),
            )
        else:
            yield say("{share} of tokens are billed as {terms}: {paid} {currency}", **told)


def _standard(bill: Bill, model: str, kind: str) -> float:
    """What a token of a model costs on the bill's own standard meters; not a number where it has none."""
    same = [
        charge for charge in bill.charges
        if (charge.meter.model, charge.meter.kind, charge.meter.mode, charge.meter.long_context)
        == (model, kind, STANDARD, False) and charge.tokens
    ]  # fmt: skip
    tokens = sum(charge.tokens for charge in same)
    return sum(charge.paid for charge in same) / tokens if tokens else float("nan")


def footprint(case: Case, bill: Bill) -> Table:
    """Energy [kWh] and carbon [kg] of the billed tokens, by model, 80 % interval.

    Requests are taken to answer with as many tokens as the scenario's, because a bill counts none;
    carbon is location-based and embodied, in the scenario's home region.
    """
    home = place(case, f"region:{case.scenario.constraints.home_region}")
    length = float(case.workload.generated_tokens.mean())
    rows: list[tuple[str | float | None, ...]] = []
    unknown = []
    for model in sorted({charge.meter.model for charge in bill.charges}):
        tokens = {kind: sum(c.tokens for c in bill.charges if (c.meter.model, c.meter.kind) == (model, kind))
                  for kind in TITLES}  # fmt: skip
        key = catalogue_model(model, case.catalogue)
        if key is None or not tokens[OUTPUT]:
            unknown.append(model)
            continue
        requests = tokens[OUTPUT] / length
        sent = sum(tokens[kind] for kind in (INPUT, CACHED, WRITTEN)) / requests
        shape = Shape(sent, length, cached_tokens=tokens[CACHED] / requests)
        found = served(case, serve(case, key, shape), home)
        rows.append((key, *summary(found["energy"] * requests), *summary(found["carbon"] * requests)))
    note = (
        say("No figure for {unknown}: not in the catalogue, or no output.", unknown=", ".join(unknown))
        if unknown
        else ""
    )
    return Table(
        "bill_footprint",
        say("What the billed tokens took, {first} to {last}", first=dated(bill.first), last=dated(bill.last)),
        (
            say("Model"),
            say("kWh, low"),
            "kWh",
            say("kWh, high"),
            say("kg CO₂e, low"),
            say("kg CO₂e"),
            say("kg CO₂e, high"),
        ),
        tuple(rows),
        note,
    )
