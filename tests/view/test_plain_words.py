"""Words that people read in place of paths."""

from __future__ import annotations

import pytest

from advisor.core.saying import say
from advisor.view.html import coded
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
