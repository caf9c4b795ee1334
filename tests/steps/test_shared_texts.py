"""The first three steps in another language: every rule has a name, and sentences hold together."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from pathlib import Path

import pytest

from advisor.catalogue import open_catalogue
from advisor.catalogue.translations import language
from advisor.core.exhibits import Bars, Chart, Heatmap, Table
from advisor.core.saying import here, speaking, within
from advisor.decide.option import Decision
from advisor.steps import run, shared_texts, stopped
from advisor.steps.improvement.templates import files
from advisor.system import rule_names
from advisor.system.case import Case
from advisor.system.opening import open_case, template
from advisor.system.prompt_budget import parse_prompt
from advisor.system.techniques import TITLES
from tests.pseudo import PSEUDO, left_over

PACKAGE = Path(shared_texts.__file__).parents[1]
GERMAN = language("de")
MAKERS = ("gate", "Gate", "_gate")


@pytest.fixture(scope="module")
def case() -> Case:
    return Case(open_case(template("claims_triage")).given, open_catalogue(), size=40)


@pytest.fixture(scope="module")
def decisions(case: Case) -> list[Decision]:
    return run(case, flips=False)[:3]


def rules_in_code() -> Iterator[str]:
    """The names that gates are made with, where they stand as such."""
    for room in ("system", "decide", "steps"):
        for path in (PACKAGE / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not isinstance(node, ast.Call) or not node.args:
                    continue
                made = ast.unparse(node.func).split(".")[-1] in MAKERS
                if made and isinstance(node.args[0], ast.Constant):
                    yield node.args[0].value


def test_every_rule_has_a_name_in_words() -> None:
    assert set(rules_in_code()) <= set(rule_names.KEYS)
    assert len(set(rule_names.KEYS)) == len(rule_names.KEYS) > 60


@pytest.mark.parametrize("rule", [str(rule) for rule in rule_names.KEYS])
def test_a_rule_is_told_in_german(rule: str) -> None:
    with speaking(GERMAN):
        assert "_" not in here(rule_names.rule_words(rule))
        assert here(rule_names.rule_name(rule)).lower() == here(rule_names.rule_words(rule)).lower()


def test_a_rule_has_one_name_by_itself_and_within_a_sentence() -> None:
    """No key of ours within a sentence where a heading calls it otherwise ("budget money")."""
    said = {rule: rule_names.rule_words(rule) for rule in ("budget_money", "self_hosting", "cold_start")}
    assert said == {
        "budget_money": "budget",
        "self_hosting": "a team that runs GPUs",
        "cold_start": "cold start",
    }
    for rule in map(str, rule_names.KEYS):
        assert rule_names.rule_words(rule).lower() == rule_names.rule_name(rule).lower()


def test_a_name_within_a_sentence_keeps_its_capitals_where_nouns_have_them() -> None:
    few, rag = within(TITLES["few_shot"]), within(TITLES["rag_lora"])
    assert (few, rag, within("Own")) == ("few-shot prompt", "RAG and LoRA", "own")
    with speaking(GERMAN):
        assert here(few) == GERMAN.texts.get("Few-shot prompt", "Few-shot prompt")
        assert here(copy.copy(few)) == here(few)


def test_a_step_that_waits_quotes_the_question_it_waits_for(case: Case) -> None:
    told = stopped(case, "improvement", "foundation_model").headline
    assert told == (
        "Not examined: “Which model answers, and must it be a generative one?” has no answer that passes "
        "every rule."
    )
    with speaking(GERMAN):
        assert "„Welches Modell antwortet, und muss es ein generatives sein?“" in here(told)


def test_a_prompt_to_fill_in_keeps_the_marks_of_its_parts(case: Case, decisions: list[Decision]) -> None:
    prompt = files(case, decisions[1])[0].content
    with speaking(GERMAN):
        told = here(prompt)
    assert told != prompt
    assert [part.name for part in parse_prompt(told)] == [part.name for part in parse_prompt(prompt)]


def headings(decision: Decision) -> Iterator[str]:
    """What stands around the figures of a step's exhibits: headings, axes, parts and marks."""
    yield decision.question
    for shown in decision.exhibits:
        if isinstance(shown, Table):
            yield from (*shown.columns, shown.note)
        elif isinstance(shown, Chart):
            yield from (shown.x_label, shown.y_label, shown.note)
        elif isinstance(shown, Bars):
            yield from (shown.y_label, shown.title, *shown.parts)
        elif isinstance(shown, Heatmap):
            yield from (shown.value_label, *shown.rows, *shown.columns)


def test_no_heading_of_an_exhibit_is_left_in_english(decisions: list[Decision]) -> None:
    with speaking(PSEUDO):
        told = [here(one) for decision in decisions for one in headings(decision)]
    assert len(told) > 50
    assert left_over(told, also=("global",)) == []
