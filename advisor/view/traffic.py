"""A request log as HTML: the week, the tokens, and what it would change in a scenario. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from advisor.core.saying import joined, numeral, say
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
        tag("h2", say("What the log says")),
        tag("p", tag("strong", say("Confidence: ")), text(traffic.confidence)),
        items(map(text, traffic.caveats)),
        exhibit_table(changes_table(traffic, scenario)),
        traffic_section(traffic),
        folded(
            say("Dropped rows ({count})", count=numeral(sum(traffic.dropped.values()), ",")),
            _dropped(traffic.dropped),
        ),
        class_="adv mathjax_ignore",
        aria_label=say("Request log"),
    )


def traffic_section(traffic: Traffic) -> str:
    """The log in one sentence, the week as a heat map, the token sizes and the figures."""
    said = say(
        "{requests} requests over {hours} hours, {start} to {end}. {recognised_as}.",
        requests=numeral(traffic.requests, ","),
        hours=number(traffic.hours_covered),
        start=traffic.period_start,
        end=traffic.period_end,
        recognised_as=traffic.recognised_as,
    )
    return tag("p", text(said)) + exhibits(traffic_exhibits(traffic), "traffic")


def _dropped(dropped: Mapping[str, int]) -> str:
    return items(text(joined(": ", (numeral(count, ","), reason))) for reason, count in dropped.items())
