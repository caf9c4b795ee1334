"""A traffic profile as charts and tables, and what it changes in a scenario."""

from __future__ import annotations

from dataclasses import dataclass

from advisor.core.exhibits import Chart, Exhibit, Heatmap, Line, Table
from advisor.core.wording import number, share
from advisor.scenario import Scenario
from advisor.scenario.fields import Workload
from advisor.scenario.traffic import Interval, Joint, Traffic

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
HOURS = 24


@dataclass(frozen=True, slots=True)
class Change:
    """One field of the scenario that the profile settles; intervals are 80 %."""

    field: str
    title: str
    present: str
    measured: str


def changes(traffic: Traffic, scenario: Scenario) -> tuple[Change, ...]:
    """What the profile would change in a scenario: field, present value, value from the log."""
    given, now = scenario.workload, scenario.traffic
    rows = []
    for name, source, ratio in _SETTLED:
        measured = getattr(traffic, source)
        if measured is None:
            continue
        before = getattr(now, source) if now is not None else None
        own = getattr(given, name)
        present = _words(before, ratio) if before is not None else _plain(own, ratio)
        found = _words(measured, ratio)
        if name == "growth_per_year" and name in given.model_fields_set:
            found += "; your own figure is kept"
        if present != found:
            title = Workload.model_fields[name].title or name
            rows.append(Change(f"workload.{name}", title, present, found))
    if traffic.tasks is not None:
        own = "; your own figure is kept" if "turns_per_task" in given.model_fields_set else ""
        title = Workload.model_fields["turns_per_task"].title or "turns_per_task"
        before = given.turns_per_task if now is None or now.tasks is None else now.tasks.turns_mean
        found = number(traffic.tasks.turns_mean) + own
        rows.append(Change("workload.turns_per_task", title, number(before), found))
    week = f"measured, {sum(count > 0 for count in traffic.hours_observed)} of 168 hours seen"
    before_week = str(given.profile).replace("_", " ") if now is None else "another profile"
    rows.append(Change("workload.profile", "When requests arrive", before_week, week))
    return tuple(rows)


# field of the scenario's workload, field of the profile, whether it is a share
_SETTLED = (
    ("requests_per_day", "requests_per_day", False),
    ("growth_per_year", "growth_per_year", True),
    ("input_tokens", "input_tokens", False),
    ("output_tokens", "output_tokens", False),
    ("cached_input_share", "cached_share", True),
    ("peak_to_mean", "peak_to_mean", False),
    ("retry_rate", "retry_rate", True),
    ("repeat_share", "repeat_share", True),
)


def _plain(value: float, ratio: bool) -> str:
    return share(value) if ratio else number(value)


def _words(value: object, ratio: bool) -> str:
    if isinstance(value, Interval):
        low, central, high = (_plain(part, ratio) for part in (value.low, value.central, value.high))
        return central if low == high else f"{central} ({low} to {high})"
    return _plain(getattr(value, "mean", 0.0), ratio)


def changes_table(traffic: Traffic, scenario: Scenario) -> Table:
    """``changes`` as a table to show before the profile is applied."""
    return Table(
        "usage_changes",
        "What this changes in your scenario",
        ("Field", "Present", "From the log"),
        tuple((row.title, row.present, row.measured) for row in changes(traffic, scenario)),
    )


def traffic_exhibits(traffic: Traffic) -> tuple[Exhibit, ...]:
    """The week as a heat map, the token distributions, the figures and today's models."""
    return tuple(
        exhibit
        for exhibit in (week(traffic), token_sizes(traffic), figures(traffic), models(traffic))
        if exhibit is not None
    )


def week(traffic: Traffic) -> Heatmap:
    """Requests per hour over the week; hours nobody saw are named as filled in."""
    rates = traffic.hour_of_week
    seen = sum(count > 0 for count in traffic.hours_observed)
    note = (
        "" if seen == len(rates) else f"{seen} of 168 hours were seen; the others are filled in from those."
    )
    return Heatmap(
        "usage_week",
        "Requests by hour of the week",
        DAYS,
        tuple(f"{hour:02d}" for hour in range(HOURS)),
        tuple(tuple(rates[day * HOURS : (day + 1) * HOURS]) for day in range(len(DAYS))),
        "requests per hour (UTC)",
        note,
    )


def token_sizes(traffic: Traffic) -> Chart | None:
    """Share of requests by size, each bar twice as wide as the one before."""
    if traffic.joint is None:
        return None
    joint = traffic.joint
    inputs = [sum(row) for row in joint.shares]
    outputs = [sum(column) for column in zip(*joint.shares, strict=True)]
    return Chart(
        "usage_tokens",
        "Tokens per request",
        "tokens",
        "share of requests",
        (_sizes("input", joint.input_edges, inputs), _sizes("output", joint.output_edges, outputs)),
        log_x=True,
        note=_sizes_note(joint),
    )


def _sizes(label: str, edges: list[float], shares: list[float]) -> Line:
    """Steps at the lower edges; a logarithmic axis has no room for 0, which joins 1."""
    first, rest = shares[0] + (shares[1] if len(shares) > 1 else 0.0), shares[2:]
    return Line(
        label, [max(edges[1], 1.0), *edges[2 : len(shares)], edges[-1]], [first, *rest, 0.0], style="step"
    )


def _sizes_note(joint: Joint) -> str:
    return (
        f"Sizes double from step to step, up to {number(max(joint.input_edges[-1], joint.output_edges[-1]))}."
    )


def figures(traffic: Traffic) -> Table:
    """The profile's figures with their 80 % intervals."""
    rows: list[tuple[str | float | None, ...]] = [
        (title, found.low, found.central, found.high)
        for title, found in (
            ("Requests per day", traffic.requests_per_day),
            ("Growth per year", traffic.growth_per_year),
            ("Peak minute over mean", traffic.peak_to_mean),
            ("Input read from cache", traffic.cached_share),
            ("Input written to cache", traffic.cache_write_share),
            ("Output spent on reasoning", traffic.reasoning_share),
            ("Requests at once", traffic.running_batch),
            ("Failed requests", traffic.error_rate),
            ("Requests sent again", traffic.retry_rate),
            ("Exact repeats", traffic.repeat_share),
            ("Near repeats", traffic.near_repeat_share),
            ("Input blocks sent before", traffic.prefix_reuse),
        )
        if found is not None
    ]
    rows += [
        (f"{name} tokens (mean between the 10th and 90th percentile)", found.p10, found.mean, found.p90)
        for name, found in (("Input", traffic.input_tokens), ("Output", traffic.output_tokens))
    ]
    if traffic.tasks is not None:
        tasks = traffic.tasks
        rows.append(("Calls a task (median, mean, 90th percentile)", tasks.turns_p50, tasks.turns_mean,
                     tasks.turns_p90))  # fmt: skip
        if tasks.prefix is not None:
            kept = tasks.prefix
            rows.append(("Input sent before in its task (share)", kept.low, kept.central, kept.high))
        if tasks.growth is not None:
            rows.append(("Growth of input from call to call (tokens)", None, tasks.growth, None))
        if tasks.tools is not None:
            rows.append(("Tool calls a task", None, tasks.tools, None))
    rows += [
        (f"Calls for {kind}, apart", None, float(use.requests), None) for kind, use in traffic.apart.items()
    ]
    rows += [(f"Requests on the {tier} tier (share)", None, of, None) for tier, of in traffic.tiers.items()]
    note = f"{traffic.recognised_as}; confidence {traffic.confidence}. " + ". ".join(
        caveat[0].upper() + caveat[1:] for caveat in traffic.caveats
    )
    return Table(
        "usage_figures", "What the log says", ("Figure", "Low", "Central", "High"), tuple(rows), note
    )


def models(traffic: Traffic) -> Table | None:
    """Models in use today with their cost and footprint, where known."""
    if not traffic.models:
        return None
    return Table(
        "usage_models",
        "Models in use today",
        ("Model", "Requests in the log", "Input tokens", "Output tokens", "Wh per request", "USD per year",
         "kg CO₂e per year"),
        tuple(
            (
                f"{name} ({use.catalogue_model})" if use.catalogue_model not in (None, name) else name,
                use.requests, use.input_tokens, use.output_tokens,
                use.wh_per_request.central if use.wh_per_request else None,
                use.usd_per_year, use.kgco2e_per_year,
            )
            for name, use in traffic.models.items()
        ),
        "The baseline: location-based and embodied carbon of a managed service in the home region.",
    )  # fmt: skip
