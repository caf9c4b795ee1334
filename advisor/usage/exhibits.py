"""A traffic profile as charts and tables, and what it changes in a scenario."""

from __future__ import annotations

from dataclasses import dataclass

from advisor.core.exhibits import Chart, Exhibit, Heatmap, Line, Table
from advisor.core.saying import capital, joined, say
from advisor.core.wording import number, share
from advisor.scenario import Scenario
from advisor.scenario.fields import Workload
from advisor.scenario.traffic import Interval, Joint, Traffic
from advisor.scenario.validation import field_at

DAYS = (
    say("Monday"), say("Tuesday"), say("Wednesday"), say("Thursday"), say("Friday"), say("Saturday"),
    say("Sunday"),
)  # fmt: skip
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
            found = _kept(found)
        if present != found:
            title, _ = field_at(Workload, name)
            rows.append(Change(f"workload.{name}", title, present, found))
    if traffic.tasks is not None:
        title, _ = field_at(Workload, "turns_per_task")
        before = given.turns_per_task if now is None or now.tasks is None else now.tasks.turns_mean
        found = number(traffic.tasks.turns_mean)
        if "turns_per_task" in given.model_fields_set:
            found = _kept(found)
        rows.append(Change("workload.turns_per_task", title, number(before), found))
    if traffic.week_told != "none":
        before_week = say(str(given.profile).replace("_", " ")) if now is None else say("another profile")
        rows.append(Change("workload.profile", say("When requests arrive"), before_week, _week(traffic)))
    return tuple(rows)


def _week(traffic: Traffic) -> str:
    """What of the week is measured; a plan takes the rest from the scenario."""
    if traffic.week_told == "days":
        return say("days measured; within them your own shape is kept")
    if traffic.week_told == "hours_of_day":
        return say("hours of the day measured; over the days your own shape is kept")
    seen = sum(count > 0 for count in traffic.hours_observed)
    if seen < len(traffic.hours_observed):
        return say("measured, {count} of 168 hours seen; for the others your own shape is kept", count=seen)
    return say("measured, {count} of 168 hours seen", count=seen)


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


def _kept(found: str) -> str:
    return say("{found}; your own figure is kept", found=found)


def _plain(value: float, ratio: bool) -> str:
    return share(value) if ratio else number(value)


def _words(value: object, ratio: bool) -> str:
    if isinstance(value, Interval):
        low, central, high = (_plain(part, ratio) for part in (value.low, value.central, value.high))
        if low != high:
            return say("{central} ({low} to {high})", central=central, low=low, high=high)
        return central
    return _plain(getattr(value, "mean", 0.0), ratio)


def changes_table(traffic: Traffic, scenario: Scenario) -> Table:
    """``changes`` as a table to show before the profile is applied."""
    return Table(
        "usage_changes",
        say("What this changes in your scenario"),
        (say("Field"), say("Present"), say("From the log")),
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
    some = say(
        "{count} of 168 hours were seen; the others are filled in from those. A plan takes when they are "
        "busy from the scenario's own shape.",
        count=seen,
    )
    return Heatmap(
        "usage_week",
        say("Requests by hour of the week"),
        DAYS,
        tuple(f"{hour:02d}" for hour in range(HOURS)),
        tuple(tuple(rates[day * HOURS : (day + 1) * HOURS]) for day in range(len(DAYS))),
        say("requests per hour (UTC)"),
        "" if seen == len(rates) else some,
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
        say("Tokens per request"),
        say("tokens"),
        say("share of requests"),
        (
            _sizes(say("input"), joint.input_edges, inputs),
            _sizes(say("output"), joint.output_edges, outputs),
        ),
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
    return say(
        "Sizes double from step to step, up to {size}.",
        size=number(max(joint.input_edges[-1], joint.output_edges[-1])),
    )


def figures(traffic: Traffic) -> Table:
    """The profile's figures with their 80 % intervals."""
    rows: list[tuple[str | float | None, ...]] = [
        (title, found.low, found.central, found.high)
        for title, found in (
            (say("Requests per day"), traffic.requests_per_day),
            (say("Growth per year"), traffic.growth_per_year),
            (say("Peak minute over mean"), traffic.peak_to_mean),
            (say("Input read from cache"), traffic.cached_share),
            (say("Input written to cache"), traffic.cache_write_share),
            (say("Output spent on reasoning"), traffic.reasoning_share),
            (say("Requests at once"), traffic.running_batch),
            (say("Failed requests"), traffic.error_rate),
            (say("Requests sent again"), traffic.retry_rate),
            (say("Exact repeats"), traffic.repeat_share),
            (say("Near repeats"), traffic.near_repeat_share),
            (say("Input blocks sent before"), traffic.prefix_reuse),
        )
        if found is not None
    ]
    rows += [
        (title, found.p10, found.mean, found.p90)
        for title, found in (
            (say("Input tokens (mean between the 10th and 90th percentile)"), traffic.input_tokens),
            (say("Output tokens (mean between the 10th and 90th percentile)"), traffic.output_tokens),
        )
    ]
    if traffic.tasks is not None:
        tasks = traffic.tasks
        rows.append((say("Calls a task (median, mean, 90th percentile)"), tasks.turns_p50, tasks.turns_mean,
                     tasks.turns_p90))  # fmt: skip
        if tasks.prefix is not None:
            kept = tasks.prefix
            rows.append((say("Input sent before in its task (share)"), kept.low, kept.central, kept.high))
        if tasks.growth is not None:
            rows.append((say("Growth of input from call to call (tokens)"), None, tasks.growth, None))
        if tasks.tools is not None:
            rows.append((say("Tool calls a task"), None, tasks.tools, None))
    rows += [
        (say("Calls for {kind}, apart", kind=say(kind)), None, float(use.requests), None)
        for kind, use in traffic.apart.items()
    ]
    rows += [
        (say("Requests on the {tier} tier (share)", tier=say(tier)), None, of, None)
        for tier, of in traffic.tiers.items()
    ]
    said = say(
        "{titles}; confidence {confidence}. ", titles=traffic.recognised_as, confidence=traffic.confidence
    )
    note = said + joined(". ", map(capital, traffic.caveats))
    return Table(
        "usage_figures",
        say("What the log says"),
        (say("Figure"), say("Low"), say("Central"), say("High")),
        tuple(rows),
        note,
    )


def models(traffic: Traffic) -> Table | None:
    """Models in use today with their cost and footprint, where known."""
    if not traffic.models:
        return None
    return Table(
        "usage_models",
        say("Models in use today"),
        (
            say("Model"), say("Requests in the log"), say("Input tokens"), say("Output tokens"),
            say("Wh per request"), say("USD per year"), say("kg CO₂e per year"),
        ),
        tuple(
            (
                f"{name} ({use.catalogue_model})" if use.catalogue_model not in (None, name) else name,
                use.requests, use.input_tokens, use.output_tokens,
                use.wh_per_request.central if use.wh_per_request else None,
                use.usd_per_year, use.kgco2e_per_year,
            )
            for name, use in traffic.models.items()
        ),
        _baseline(traffic),
    )  # fmt: skip


def _baseline(traffic: Traffic) -> str:
    said = say("The baseline: location-based and embodied carbon of a managed service in the home region.")
    if traffic.requests_per_day is not None:
        return said
    return joined(" ", (said, say("The log does not tell how many requests a day brings: a year has as many "
                                  "as the scenario says.")))  # fmt: skip
