"""A request log as HTML: the week, the tokens, and what it would change in a scenario. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from advisor.core.wording import number
from advisor.scenario import Scenario
from advisor.scenario.traffic import Traffic
from advisor.usage.exhibits import changes_table, traffic_exhibits
from advisor.view.faces import exhibits
from advisor.view.html import folded, items, tag, text
from advisor.view.tables import exhibit_table


def render_traffic(traffic: Traffic, scenario: Scenario) -> str:
    """What a log says, and what it would change."""
    return tag(
        "article",
        tag("h2", "What the log says"),
        tag("p", tag("strong", "Confidence: "), text(traffic.confidence)),
        items(map(text, traffic.caveats)),
        exhibit_table(changes_table(traffic, scenario)),
        traffic_section(traffic),
        folded(f"Dropped rows ({sum(traffic.dropped.values()):,})", _dropped(traffic.dropped)),
        class_="adv mathjax_ignore",
        aria_label="Request log",
    )


def traffic_section(traffic: Traffic) -> str:
    """The log in one sentence, the week as a heat map, the token sizes and the figures."""
    period = f"{number(traffic.hours_covered)} hours, {traffic.period_start} to {traffic.period_end}"
    said = f"{traffic.requests:,} requests over {period}. {traffic.recognised_as}."
    return tag("p", text(said)) + exhibits(traffic_exhibits(traffic), "traffic")


def _dropped(dropped: Mapping[str, int]) -> str:
    return items(text(f"{count:,}: {reason}") for reason, count in dropped.items())
