"""What was read, in words."""

from __future__ import annotations

from advisor.core.saying import joined, numeral, say
from advisor.scenario.traffic import Interval, Quantiles, Tasks, Traffic


def describe(traffic: Traffic) -> str:
    """What a log was recognised as, what it says and what was dropped and why."""
    apart = traffic.apart.items()
    lines = [
        say("Recognised as: {titles}", titles=traffic.recognised_as),
        say(
            "Period: {start} to {end} ({hours} hours)",
            start=traffic.period_start,
            end=traffic.period_end,
            hours=numeral(traffic.hours_covered, ",.1f"),
        ),
        say(
            "Requests: {requests}; a day: {per_day}",
            requests=numeral(traffic.requests, ","),
            per_day=_range(traffic.requests_per_day, ",.0f"),
        ),
        *(
            say(
                "Apart: {calls} {kind}, {tokens} tokens in",
                calls=numeral(use.requests, ","),
                kind=say(kind),
                tokens=numeral(use.input_tokens, ",.0f"),
            )
            for kind, use in apart
        ),
        say("Input tokens: {tokens}", tokens=_tokens(traffic.input_tokens)),
        say("Output tokens: {tokens}", tokens=_tokens(traffic.output_tokens)),
        say("Peak minute over mean: {peak}", peak=_range(traffic.peak_to_mean, ".2f")),
    ]
    shares = {
        say("Growth a year"): traffic.growth_per_year,
        say("Input from cache"): traffic.cached_share,
        say("Input written to cache"): traffic.cache_write_share,
        say("Output spent on reasoning"): traffic.reasoning_share,
        say("Failed"): traffic.error_rate,
        say("Sent again"): traffic.retry_rate,
        say("Exact repeats"): traffic.repeat_share,
        say("Near repeats"): traffic.near_repeat_share,
        say("Input blocks sent before"): traffic.prefix_reuse,
    }
    lines += [
        joined(": ", (name, _range(found, ".1%"))) for name, found in shares.items() if found is not None
    ]
    if traffic.running_batch is not None:
        lines.append(say("Requests at once: {batch}", batch=_range(traffic.running_batch, ",.1f")))
    if set(traffic.tiers) - {"standard"}:
        shares_of = (joined(" ", (say(tier), numeral(of, ".0%"))) for tier, of in traffic.tiers.items())
        lines.append(say("Service tiers: {tiers}", tiers=joined(", ", shares_of)))
    if traffic.tasks is not None:
        lines.append(_tasks(traffic.tasks))
    for name, use in traffic.models.items():
        lines.append(
            say(
                "Model {name}: {requests} requests, {input} tokens in and {output} out",
                name=name,
                requests=numeral(use.requests, ","),
                input=numeral(use.input_tokens, ",.0f"),
                output=numeral(use.output_tokens, ",.0f"),
            )
        )
    if traffic.dropped:
        lines.append(say("Dropped: {count} rows", count=numeral(sum(traffic.dropped.values()), ",")))
        lines += [
            joined("", ("  ", numeral(count, ","), ": ", reason)) for reason, count in traffic.dropped.items()
        ]
    else:
        lines.append(say("Dropped: no rows"))
    lines.append(say("Confidence: {confidence}", confidence=traffic.confidence))
    lines += ["  " + caveat for caveat in traffic.caveats]
    return joined("\n", lines)


def _tasks(tasks: Tasks) -> str:
    how = say("trace ids") if tasks.told_by == "trace" else say("inputs that go on from one another")
    parts = [
        say(
            "Tasks: {tasks} by {how}, {mean} calls each (90th percentile {p90})",
            tasks=numeral(tasks.tasks, ","),
            how=how,
            mean=numeral(tasks.turns_mean, ",.1f"),
            p90=numeral(tasks.turns_p90, ",.0f"),
        )
    ]
    if tasks.growth is not None:
        parts.append(say("input grows by {growth} tokens a call", growth=numeral(tasks.growth, ",.0f")))
    if tasks.prefix is not None:
        share = numeral(tasks.prefix.central, ".1%")
        parts.append(say("{share} of input sent before in its task", share=share))
    if tasks.tools is not None:
        parts.append(say("{count} tool calls", count=numeral(tasks.tools, ",.1f")))
    return joined("; ", parts)


def _range(value: Interval | None, form: str) -> str:
    if value is None:
        return say("not told")
    return say(
        "{central} ({low} to {high})",
        central=numeral(value.central, form),
        low=numeral(value.low, form),
        high=numeral(value.high, form),
    )


def _tokens(value: Quantiles) -> str:
    if value.p50 is None or value.p90 is None or value.maximum is None:
        return say("mean {mean}; how they spread is unknown", mean=numeral(value.mean, ",.0f"))
    return say(
        "mean {mean}, median {p50}, 90th percentile {p90}, longest {maximum}",
        mean=numeral(value.mean, ",.0f"),
        p50=numeral(value.p50, ",.0f"),
        p90=numeral(value.p90, ",.0f"),
        maximum=numeral(value.maximum, ",.0f"),
    )
