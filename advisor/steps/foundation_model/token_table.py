"""The tokens of a request to each model: what is read, what is written to be read, what is thought before."""

from __future__ import annotations

from collections.abc import Sequence

from advisor.core.draws import central, summary
from advisor.core.exhibits import Table
from advisor.core.saying import numeral, say
from advisor.core.wording import number
from advisor.decide.option import Option
from advisor.system import requests, techniques, thinking
from advisor.system.case import Case

Row = tuple[str | float | None, ...]
ROWS = 8
EFFORTS = {
    "none": say("none"), "minimal": say("minimal"), "low": say("low"), "medium": say("medium"),
    "high": say("high"),
}  # fmt: skip


def tokens(case: Case, models: Sequence[Option]) -> Table:
    """Tokens of the best models, thinking apart, with what the figures rest on."""
    rows: list[Row] = []
    for option in models[:ROWS]:
        model, technique = option.plan.model.main, option.plan.improvement.technique
        asked = requests.request(case, model, technique)
        measured = requests.measured_output(case, model, technique) is not None
        low, middle, high = summary(asked.output_tokens / asked.visible_output)
        effort = _effort(case, model, technique) if thinking.thinks(case, model) else say("does not think")
        rows.append(
            (
                option.title, central(asked.input_tokens), central(asked.static),
                central(asked.visible_output), central(asked.hidden_output), low, middle, high,
                say("measured") if measured else effort,
            )
        )  # fmt: skip
    return Table(
        "tokens",
        say("Tokens of a request, thinking apart"),
        (say("model"), say("read"), say("of them the same each time"), say("written to be read"),
         say("thought before"), say("written per token read by people, low"), say("central"), say("high"),
         say("effort")),
        tuple(rows),
        say("All that is written is billed and computed. What a pilot log counts replaces the estimate; "
            "quality.reasoning_effort sets the effort."),
    )  # fmt: skip


def told(case: Case, model: str, technique: str) -> str | None:
    """The thinking of a model in a sentence; None where it writes only what is read."""
    asked = requests.request(case, model, technique)
    hidden, seen = central(asked.hidden_output), central(asked.visible_output)
    if hidden <= 0.0:
        return None
    low, _, high = summary(asked.output_tokens / asked.visible_output)
    return say(
        "Writes {written} tokens for {seen} that are read, {low} to {high} "
        "times as many: {effort} reasoning effort.",
        written=number(hidden + seen),
        seen=number(seen),
        low=numeral(low, ".2g"),
        high=numeral(high, ".2g"),
        effort=_effort(case, model, technique),
    )


def _effort(case: Case, model: str, technique: str) -> str:
    return EFFORTS[thinking.effort(case, model, techniques.effort(technique))]
