"""Options beside each other: where a year's carbon comes from, its bases, its split, what length does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from advisor.core.draws import central, summary
from advisor.core.exhibits import Bars, Table
from advisor.core.footprint import Footprint
from advisor.core.saying import say
from advisor.core.wording import yes_or_no
from advisor.decide.option import Option
from advisor.scenario import Scenario
from advisor.steps.deployment.explain import year
from advisor.system import billing
from advisor.system.bill import Bill, Line
from advisor.system.case import Case
from advisor.system.deployment_gates import MANAGED
from advisor.system.gates import failed, to_be_had
from advisor.system.places import place
from advisor.system.plan import Plan
from advisor.system.requests import measured_output, shape

STEP = "deployment"
SHOWN = 8  # options drawn side by side
CENT = 100.0
LATENCY = ("first_token", "latency")
MOST_RETRIED = 0.9  # as in the scenario's bounds


def _bill(case: Case, plan: Plan) -> Bill:
    return billing.bill(case.centre, plan)


def _running(case: Case, plan: Plan) -> Bill:
    """The lines that deployment answers for."""
    lines = billing.serving(case.centre, *plan.early)
    return Bill(case.centre, tuple(line for line in lines if line.step == STEP))


def bars(case: Case, options: Sequence[Option]) -> Bars | None:
    """Carbon of a plan's year by what causes it, of the cleanest options."""
    if not options:
        return None
    shown = list(options[:SHOWN])
    split, spans = [], []
    for option in shown:
        bill = _bill(case, option.plan)
        own = _running(case, option.plan)
        work = own.sum(line for line in own if line.phase == "per_request")
        held = own.sum(line for line in own if line.phase != "per_request")
        rest = bill.sum(line for line in bill if line.step != STEP)
        parts = (
            work["carbon_location"], held["carbon_location"], (work + held)["embodied"], rest["carbon"],
        )  # fmt: skip
        split.append([central(part) for part in parts])
        spans.append(summary(option.year["carbon"]))
    return Bars(
        "carbon_split", say("Where a year's carbon comes from"),
        say("kg CO₂e a year (location-based, embodied included)"),
        tuple(option.title for option in shown),
        (say("serving"), say("idle capacity and caches"), say("making the hardware"),
         say("the rest of the plan")),
        tuple(tuple(row[part] for row in split) for part in range(len(split[0]))),
        [low for low, _, _ in spans], [high for _, _, high in spans],
        say("Overhead of the data centre is inside each part. The cleanest options that pass every gate."),
    )  # fmt: skip


def bases(case: Case, options: Sequence[Option]) -> Table:
    """Carbon of each option's plan on its three bases, side by side, with water."""

    def row(option: Option) -> tuple[str | float | None, ...]:
        whole = year(case, option)
        marginal = central(whole["carbon_marginal"])
        return (
            option.title, *(central(whole[f"carbon_{basis}"]) for basis in ("location", "market")),
            say("not published") if np.isnan(marginal) else marginal,
            *(central(whole[name]) for name in ("embodied", "water", "energy", "cost")),
        )  # fmt: skip

    return Table(
        "bases", say("The same year on each basis"),
        (say("option"), say("location-based kgCO2e"), say("market-based kgCO2e"), say("marginal kgCO2e"),
         say("embodied kgCO2e"), say("water L"), say("energy kWh"), "USD"),
        tuple(row(option) for option in options),
        say("The whole plan. Read one basis at a time. A marginal figure is told where one is published "
            "for all the places it may run."),
    )  # fmt: skip


def split(case: Case, options: Iterable[Option]) -> Table:
    """What running each option takes in a year: work, idle capacity and the data centre's overhead."""

    def managed(option: Option) -> bool:
        return option.plan.deployment.mode in MANAGED

    def row(option: Option) -> tuple[str | float | None, ...]:
        own = _running(case, option.plan)
        if not to_be_had(failed(option.gates)):
            return _nothing(option, say("not sold") if managed(option) else say("not to be had"))
        if not tuple(own) and option.plan.deployment.mode != "search":  # counted with the improvement
            return _nothing(option, say("not sized"))
        total = own.year
        work = _it(own, (line for line in own if line.phase == "per_request"))
        idle = _it(own, (line for line in own if line.phase != "per_request"))
        use = option.settings.get("utilisation")
        unknown = say("shared") if managed(option) else say("not counted")
        late = [gate.rule for gate in option.gates if gate.rule in LATENCY and not gate.passed]
        return (
            option.title, unknown if use is None else float(use) * CENT, work, idle,
            max(central(total["energy"]) - work - idle, 0.0),
            *(central(total[name]) for name in ("carbon", "water", "cost")),
            yes_or_no(not late), yes_or_no(option.eligible),
        )  # fmt: skip

    return Table(
        "split", say("What running each option takes in a year"),
        (say("option"), say("used %"), say("work kWh"), say("idle kWh"), say("overhead kWh"), "kgCO2e",
         say("water L"), "USD", say("in time"), say("passes")),
        tuple(row(option) for option in options),
        say("The rest of the plan stands apart. Used: of what is paid for; shared: the provider has others "
            "on its capacity and publishes no figure, the range assumed is inside work. Carbon is "
            "location-based and embodied."),
    )  # fmt: skip


def _nothing(option: Option, why: str) -> tuple[str | float | None, ...]:
    """An option that takes nothing because it is not there: no figure, least of all a zero."""
    return (option.title, why, *("",) * 7, yes_or_no(option.eligible))


def it_kwh(case: Case, plan: Plan) -> float:
    """IT energy of a year of running it, before the data centre's overhead [kWh]."""
    own = _running(case, plan)
    return _it(own, own)


def _it(bill: Bill, lines: Iterable[Line]) -> float:
    return sum(
        central(line.per_year(bill.case)["energy"] / place(bill.case, line.place).pue) for line in lines
    )


def parameters(case: Case, plan: Plan) -> Table:
    """What answer length and retries do to serving: the only ways the sampling settings act."""
    centre = case.centre
    load = centre.workload
    length, retried = central(load.output_tokens), central(load.retry_rate)
    written = central(shape(centre, plan.model.main, plan.improvement.technique).output_tokens)
    counted = measured_output(centre, plan.model.main, plan.improvement.technique) is not None

    def row(title: str, longer: float, retry: float) -> tuple[str | float | None, ...]:
        variant = centre.with_scenario(_varied(centre.given, length * longer, retry))
        settings = plan.early
        found: Footprint = Bill(variant, billing.serving(variant, *settings)).year
        return (
            title, written * longer, retry / (1.0 - retry) * CENT,
            *(central(found[name]) for name in ("energy", "cost")),
        )  # fmt: skip

    lengths = (
        row(say("maximum response half as long"), 0.5, retried),
        row(say("answers twice as long"), 2.0, retried),
    )
    return Table(
        "parameters", say("Answer length and retries"),
        (say("setting"), say("output tokens"), say("sent again per 100"), say("kWh a year"),
         say("USD a year")),
        (
            row(say("as it is"), 1.0, retried),
            *(() if counted else lengths),  # a pilot's own count of tokens stands
            row(say("no retries or time-outs"), 1.0, 0.0),
            row(say("twice the retries"), 1.0, min(2.0 * retried, MOST_RETRIED)),
        ),
        say("Temperature, top p and penalties act only through the length they lead to and the answers "
            "asked again: measure both. Data and operations stand apart."),
    )  # fmt: skip


def _varied(given: Scenario, output_tokens: float, retry_rate: float) -> Scenario:
    """The scenario with another answer length and retry rate, in its traffic profile too."""
    load = given.workload.model_copy(update={"output_tokens": output_tokens, "retry_rate": retry_rate})
    varied = given.model_copy(update={"workload": load})
    profile = given.traffic
    if profile is not None:
        tokens = profile.output_tokens.model_copy(update={"mean": output_tokens})
        varied._traffic = profile.model_copy(update={"output_tokens": tokens, "retry_rate": None})
    return varied
