"""What was read, in words."""

from __future__ import annotations

from advisor.scenario.traffic import Interval, Quantiles, Tasks, Traffic


def describe(traffic: Traffic) -> str:
    """What a log was recognised as, what it says and what was dropped and why."""
    apart = traffic.apart.items()
    lines = [
        f"Recognised as: {traffic.recognised_as}",
        f"Period: {traffic.period_start} to {traffic.period_end} ({traffic.hours_covered:,.1f} hours)",
        f"Requests: {traffic.requests:,}; a day: {_range(traffic.requests_per_day, ',.0f')}",
        *(f"Apart: {use.requests:,} {kind}, {use.input_tokens:,.0f} tokens in" for kind, use in apart),
        f"Input tokens: {_tokens(traffic.input_tokens)}",
        f"Output tokens: {_tokens(traffic.output_tokens)}",
        f"Peak minute over mean: {_range(traffic.peak_to_mean, '.2f')}",
    ]
    shares = {
        "Growth a year": traffic.growth_per_year,
        "Input from cache": traffic.cached_share,
        "Input written to cache": traffic.cache_write_share,
        "Output spent on reasoning": traffic.reasoning_share,
        "Failed": traffic.error_rate,
        "Sent again": traffic.retry_rate,
        "Exact repeats": traffic.repeat_share,
        "Near repeats": traffic.near_repeat_share,
        "Input blocks sent before": traffic.prefix_reuse,
    }
    lines += [f"{name}: {_range(found, '.1%')}" for name, found in shares.items() if found is not None]
    if traffic.running_batch is not None:
        lines.append(f"Requests at once: {_range(traffic.running_batch, ',.1f')}")
    if set(traffic.tiers) - {"standard"}:
        lines.append("Service tiers: " + ", ".join(f"{tier} {of:.0%}" for tier, of in traffic.tiers.items()))
    if traffic.tasks is not None:
        lines.append(_tasks(traffic.tasks))
    for name, use in traffic.models.items():
        lines.append(
            f"Model {name}: {use.requests:,} requests, "
            f"{use.input_tokens:,.0f} tokens in and {use.output_tokens:,.0f} out"
        )
    if traffic.dropped:
        lines.append(f"Dropped: {sum(traffic.dropped.values()):,} rows")
        lines += [f"  {count:,}: {reason}" for reason, count in traffic.dropped.items()]
    else:
        lines.append("Dropped: no rows")
    lines.append(f"Confidence: {traffic.confidence}")
    lines += [f"  {caveat}" for caveat in traffic.caveats]
    return "\n".join(lines)


def _tasks(tasks: Tasks) -> str:
    how = "trace ids" if tasks.told_by == "trace" else "inputs that go on from one another"
    more = f"; input grows by {tasks.growth:,.0f} tokens a call" if tasks.growth is not None else ""
    if tasks.prefix is not None:
        more += f"; {tasks.prefix.central:.1%} of input sent before in its task"
    tools = f"; {tasks.tools:,.1f} tool calls" if tasks.tools is not None else ""
    return (
        f"Tasks: {tasks.tasks:,} by {how}, {tasks.turns_mean:,.1f} calls each "
        f"(90th percentile {tasks.turns_p90:,.0f}){more}{tools}"
    )


def _range(value: Interval | None, form: str) -> str:
    if value is None:
        return "not told"
    return f"{value.central:{form}} ({value.low:{form}} to {value.high:{form}})"


def _tokens(value: Quantiles) -> str:
    if value.p50 is None or value.p90 is None or value.maximum is None:
        return f"mean {value.mean:,.0f}; how they spread is unknown"
    return (
        f"mean {value.mean:,.0f}, median {value.p50:,.0f}, "
        f"90th percentile {value.p90:,.0f}, longest {value.maximum:,.0f}"
    )
