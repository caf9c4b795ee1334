"""Words that people read in place of paths."""

from __future__ import annotations

import pytest

from advisor.view.texts import spoken


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("a smaller quality.context_max_tokens.", 'a smaller "Longest request".'),
        (
            "set quality.scores.gpt-5.4-nano; or a lower floor",
            'set "Measured share accepted, by model" for gpt-5.4-nano; or a lower floor',
        ),
        ("set constraints.device.kind", 'set "Device"'),
        # neither a version nor a figure's name is a field
        ("GPT-5.4 of models.gpt-5.4.output, e.g. here", "GPT-5.4 of models.gpt-5.4.output, e.g. here"),
    ],
)
def test_fields_are_called_as_their_controls_are(sentence: str, said: str) -> None:
    assert spoken(sentence) == said
