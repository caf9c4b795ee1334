"""A request log as HTML: the week, the tokens, and what it would change in a scenario. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from advisor.exhibits import Bars, Heatmap
from advisor.scenario import Scenario
from advisor.traffic import Interval, Quantiles, Traffic
from advisor.validation import field_at
from advisor.view import tables
from advisor.view.faces import figure
from advisor.view.html import folded, items, tag, text
from advisor.wording import number

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
HOURS = 24
TOKEN_POINTS = ("p10", "p50", "p90", "p99")
# field of the workload -> the attribute of the profile that wins over it
SETTLED = {
    "requests_per_day": "requests_per_day",
    "growth_per_year": "growth_per_year",
    "input_tokens": "input_tokens",
    "output_tokens": "output_tokens",
    "cached_input_share": "cached_share",
    "peak_to_mean": "peak_to_mean",
    "retry_rate": "retry_rate",
    "repeat_share": "repeat_share",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One input that a log would change: its title, its value today and the log's."""

    title: str
    today: str
    log: str


def changes(traffic: Traffic, scenario: Scenario) -> list[Change]:
    """What applying a log would change in a scenario."""
    found = []
    for field, attribute in SETTLED.items():
        seen: Interval | Quantiles | None = getattr(traffic, attribute)
        if seen is None:
            continue
        title, _ = field_at(Scenario, f"workload.{field}")
        found.append(Change(title, number(getattr(scenario.workload, field)), _said(seen)))
    return found


def _said(seen: Interval | Quantiles) -> str:
    if isinstance(seen, Quantiles):
        return f"{number(seen.mean)} (nine in ten below {number(seen.p90)})"
    return f"{number(seen.central)} ({number(seen.low)} to {number(seen.high)})"


def render_traffic(traffic: Traffic, scenario: Scenario) -> str:
    """What a log says, and what it would change."""
    summary = (
        f"{traffic.requests:,} requests over {number(traffic.hours_covered)} hours, "
        f"{traffic.period_start} to {traffic.period_end}. {traffic.recognised_as}."
    )
    rows = [
        [text(change.title), text(change.today), text(change.log)] for change in changes(traffic, scenario)
    ]
    return tag(
        "article",
        tag("h2", "What the log says"),
        tag("p", text(summary)),
        tag("p", tag("strong", "Confidence: "), text(traffic.confidence)),
        items(map(text, traffic.caveats)),
        tables.grid("What this changes in your scenario", ("Input", "Today", "From the log"), rows),
        figure(week(traffic), "traffic"),
        figure(tokens(traffic), "traffic"),
        folded(f"Dropped rows ({sum(traffic.dropped.values()):,})", _dropped(traffic.dropped)),
        class_="adv mathjax_ignore",
        aria_label="Request log",
    )


def _dropped(dropped: Mapping[str, int]) -> str:
    return items(text(f"{count:,}: {reason}") for reason, count in dropped.items())


def week(traffic: Traffic) -> Heatmap:
    """Requests by hour of the week."""
    hours = traffic.hour_of_week
    return Heatmap(
        "week",
        "The week by hour",
        DAYS,
        tuple(f"{hour:02}" for hour in range(HOURS)),
        tuple(tuple(hours[day * HOURS : (day + 1) * HOURS]) for day in range(len(DAYS))),
        "requests an hour",
        "UTC. Hours the log did not see are filled in from like hours.",
    )


def tokens(traffic: Traffic) -> Bars:
    """Token quantiles of requests, input and output apart."""
    return Bars(
        "tokens",
        "Tokens of a request",
        "tokens",
        tuple(
            f"{kind} {point}" for kind in ("input", "output") for point in TOKEN_POINTS
        ),
        ("tokens",),
        (
            tuple(
                float(getattr(side, point))
                for side in (traffic.input_tokens, traffic.output_tokens)
                for point in TOKEN_POINTS
            ),
        ),
        note="p10: a tenth of requests are shorter.",
    )  # fmt: skip
