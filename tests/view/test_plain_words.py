"""Words that people read in place of paths."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest

from advisor.core.saying import say
from advisor.decide.option import NO_OPTION, Decision, Flip
from advisor.scenario import parse_scenario
from advisor.system.confirmed import origin
from advisor.system.gates import Gate
from advisor.view.app_screens import flip_said
from advisor.view.faces import flips_list
from advisor.view.html import coded
from advisor.view.ownership import owners_table
from advisor.view.printed_report import _flipping
from advisor.view.tables import sentences
from advisor.view.texts import spoken


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("a smaller quality.context_max_tokens.", 'a smaller "Longest request".'),
        (
            "set quality.scores.phi-4; or a lower floor",
            'set "Measured share accepted, by model" for phi-4 (`quality.scores.phi-4`); or a lower floor',
        ),
        ("set constraints.device.kind", 'set "Device"'),
        # neither a version nor a figure's name is a field
        ("GPT-5.4 of models.gpt-5.4.output, e.g. here", "GPT-5.4 of models.gpt-5.4.output, e.g. here"),
    ],
)
def test_fields_are_called_as_their_controls_are(sentence: str, said: str) -> None:
    assert spoken(sentence) == said


def test_a_path_that_must_be_written_stands_in_the_font_of_code() -> None:
    """No control holds a score by model: whoever follows the remedy writes it under its path."""
    found = sentences([say("set quality.scores.{name}; or a lower floor", name="gpt-5.4-nano")])
    assert "<code>quality.scores.gpt-5.4-nano</code>" in found
    assert coded("`<b>`") == "<code>&lt;b&gt;</code>"
    assert coded("a lone ` stays") == "a lone ` stays"


def test_a_flip_that_leaves_nothing_says_so_too() -> None:
    """Its remedy is told with it, on every face: backticks are for Markdown."""
    gate = Gate("quality", False, "80 %", "70 %", "set quality.scores.gpt-5.4-nano")
    flip = Flip("quality.floor", "Quality floor", "70 %", "80 %", 1.1, NO_OPTION, gate)
    decision = cast(Decision, SimpleNamespace(flips=(flip,), step="foundation_model"))
    scenario = parse_scenario({"name": "A test", "task": "chat"})
    for page in (
        flips_list(decision),
        flip_said(flip),
        owners_table(scenario, origin(scenario), ["quality.floor"], ["owned"], [decision]),
        _flipping([decision], scenario),
    ):
        assert "<code>quality.scores.gpt-5.4-nano</code>" in page
        assert "`" not in page
