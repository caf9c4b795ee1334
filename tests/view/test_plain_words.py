"""Words that people read in place of paths."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest

from advisor.catalogue import open_catalogue
from advisor.core.exhibits import Table
from advisor.core.saying import say
from advisor.core.wording import per_day
from advisor.decide.option import NO_OPTION, Decision, Flip
from advisor.scenario import Scenario, parse_scenario
from advisor.scenario.validation import least_at
from advisor.system.case import Case
from advisor.system.confirmed import origin
from advisor.system.gates import Gate
from advisor.view.app_screens import flip_said
from advisor.view.faces import about, flips_list
from advisor.view.html import coded
from advisor.view.ownership import owners_table
from advisor.view.printed_report import _flipping
from advisor.view.tables import _remedies, exhibit_table, sentences
from advisor.view.texts import spoken


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        (
            "a smaller quality.context_max_tokens.",
            'a smaller "Longest request" (`quality.context_max_tokens`).',
        ),
        (
            "set quality.scores.phi-4; or a lower floor",
            'set "Measured share accepted, by model" for phi-4 (`quality.scores.phi-4`); or a lower floor',
        ),
        ("set constraints.device.kind", 'set "Device" (`constraints.device.kind`)'),
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


def test_one_is_told_as_one() -> None:
    """One a day is a request; 1,234 are told in three digits."""
    load = {"requests_per_day": 1, "input_tokens": 1000, "output_tokens": 20}
    case = Case(parse_scenario({"name": "A test", "task": "chat", "workload": load}), open_catalogue(), 8)
    assert about(case).startswith("1 request a day, 1,000 tokens in and 20 out")
    assert per_day(1_234.0) == "1,230 requests a day"


def test_what_differs_in_a_name_alone_is_told_once() -> None:
    """Three models need the same scan: one remedy, and the like for two more; another stands beside it."""
    same = [say("scan {model}", model=name) for name in ("a", "b", "c")]
    assert _remedies([*same, same[0], "wait"]) == ["scan a (and the like for 2 more)", "wait"]
    assert _remedies(same[:2]) == ["scan a (and the like for one more)"]


def test_backticks_of_notes_are_the_font_of_code() -> None:
    """A template's note names a command in backticks, as Markdown does."""
    table = Table("log", "Log", ("Input", "Reason"), (("Traffic", "Once it runs, `advisor usage LOG`"),))
    assert "<code>advisor usage LOG</code>" in exhibit_table(table)


def test_the_least_availability_is_the_bound_of_its_input() -> None:
    """The form takes 90 % and more."""
    assert least_at(Scenario, "operations.availability") == 0.9
    with pytest.raises(StopIteration):
        least_at(Scenario, "operations.survive_region_loss")
