"""What carries a choice and nobody has confirmed is told before all reasons."""

from __future__ import annotations

from typing import Any

from system.settings import case_of

from advisor.steps import decide
from advisor.system.plan import ModelSetting

BERT = {"foundation_model": ModelSetting("encoder", ("bert-base",))}


def reasons(step: str, **knowledge: Any) -> tuple[str, ...]:
    """Of a case of labels, decided on a classifier where the step follows the model."""
    given = {"knowledge": knowledge} if knowledge else {}
    case = case_of(8, task="classify", **given)
    settled = {} if step == "foundation_model" else BERT
    return decide(step, case, settled, flips=False).reasons  # type: ignore[arg-type]


def test_examples_that_nobody_has_confirmed_are_told_where_a_classifier_rests_on_them() -> None:
    """A file of a name and a task has 500 examples, licensed, by default: both pass their rules unasked."""
    said = (
        "Assumed, and confirmed by nobody: knowledge.examples is 500 and "
        "knowledge.examples_licensed is yes. Were it otherwise this would be no option."
    )
    for step in ("foundation_model", "improvement"):
        assert reasons(step)[0] == said


def test_what_somebody_has_stated_is_told_no_more() -> None:
    left = reasons("improvement", examples=500)[0]
    assert left.startswith("Assumed, and confirmed by nobody: knowledge.examples_licensed is yes.")
    stated = reasons("improvement", examples=500, examples_licensed="yes")
    assert not any(said.startswith("Assumed") for said in stated)
