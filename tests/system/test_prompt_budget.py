"""A prompt's parts, their order, what they cost and what a better version saves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.catalogue import Catalogue
from advisor.catalogue.tokens import count_tokens
from advisor.core.draws import central
from advisor.core.errors import ScenarioError, UnknownNameError
from advisor.core.exhibits import Table
from advisor.scenario import parse_scenario
from advisor.system.case import Case
from advisor.system.prompt_budget import advice, budget, exhibits, parse_prompt

MODEL = "gpt-5.4"
RULES = "\n".join(f"Rule {n}: answer question kind {n} only from the passages given." for n in range(120))
PASSAGES = "\n".join(f"Passage {n} says something of its own about matter {n}." for n in range(60))


def prompt(*parts: tuple[str, str]) -> str:
    return "\n".join(f"=== {name} ===\n{text}" for name, text in parts)


LATE = prompt(("context", PASSAGES), ("instructions", RULES), ("question", "Why?"))
EARLY = prompt(("instructions", RULES), ("context", PASSAGES), ("question", "Why?"))


@pytest.fixture(scope="module")
def case(catalogue: Catalogue) -> Case:
    return Case(
        parse_scenario({"name": "A test", "task": "chat", "workload": {"retry_rate": 0.0}}), catalogue, 60
    )


def test_tokens_are_counted_offline() -> None:
    assert count_tokens("hello world") == 2
    assert count_tokens("") == 0
    assert count_tokens("<|endoftext|>") > 1  # text like any other


def test_parts_and_what_repeats() -> None:
    parts = parse_prompt(
        "Be brief.\n" + prompt(("Examples", "a"), ("history (same)", "b"), ("rules (changes)", "c"))
    )
    assert [(part.name, part.same) for part in parts] == [
        ("prompt", True), ("Examples", True), ("history", True), ("rules", False),
    ]  # fmt: skip


def test_repeated_parts_first_can_be_cached(case: Case) -> None:
    late, early = budget(case, LATE, MODEL), budget(case, EARLY, MODEL)
    assert late.tokens == early.tokens
    assert late.prefix_tokens == 0
    assert late.cached_tokens == 0
    assert early.prefix_tokens == early.parts[0].tokens
    # 1,024 at least, then whole steps of 128
    assert early.cached_tokens >= 1024
    assert (early.cached_tokens - 1024) % 128 == 0
    assert late.reordered_tokens == early.cached_tokens
    assert np.allclose(late.ordered["cost"], early.total["cost"])
    assert (early.total["energy"] < late.total["energy"]).all()


def test_a_short_prefix_is_not_cached(case: Case) -> None:
    found = budget(case, prompt(("instructions", "Be brief."), ("question", "Why?")), MODEL)
    assert found.cached_tokens == 0
    assert any("1,024" in line for line in advice(case, found))


def test_money_by_hand(case: Case) -> None:
    """Tokens x price x requests a year, where nothing is cached."""
    text = prompt(("question", PASSAGES))
    found = budget(case, text, MODEL)
    price = case.central(f"prices.{MODEL}.datazone_eu.input", "USD/tok")
    expected = found.tokens * price * central(case.workload.requests_per_year)
    assert central(found.total["cost"]) == pytest.approx(expected, rel=1e-6)


def test_parts_sum_to_the_whole(case: Case) -> None:
    found = budget(case, EARLY, MODEL)
    for indicator in ("energy", "carbon", "cost"):
        assert np.allclose(sum(year[indicator] for year in found.years), found.total[indicator])


def test_two_versions(case: Case) -> None:
    """Half the passages: the saving is their tokens, and its money their price."""
    shorter = EARLY.replace(PASSAGES, "\n".join(PASSAGES.splitlines()[:30]))
    before, after = budget(case, EARLY, MODEL, "1"), budget(case, shorter, MODEL, "2")
    parts, versions = exhibits(case, before, after)
    assert isinstance(parts, Table)
    assert versions.columns[1:3] == ("1", "2")
    tokens, energy, carbon, cost = versions.rows
    assert tokens[3] == before.tokens - after.tokens
    for row in (energy, carbon, cost):
        saved, low, high = (float(str(cell)) for cell in row[3:6])
        assert 0 < low <= saved <= high


def test_advice_names_what_to_move_and_what_stands_twice(case: Case) -> None:
    said = " ".join(advice(case, budget(case, LATE, MODEL)))
    assert "Move instructions before what changes" in said
    twice = prompt(("instructions", RULES), ("context", RULES))
    assert "twice" in " ".join(advice(case, budget(case, twice, MODEL)))


@pytest.mark.parametrize("text", ["", "  \n ", prompt(*[(f"part {n}", "x") for n in range(101)])])
def test_what_is_no_prompt(text: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        parse_prompt(text)
    assert caught.value.faults


def test_an_unknown_model(case: Case) -> None:
    with pytest.raises(UnknownNameError):
        budget(case, "Hello", "gpt-99")


@settings(max_examples=40, deadline=None)
@given(st.text(min_size=1, max_size=400))
def test_any_text_is_a_prompt_or_refused(text: str) -> None:
    try:
        parts = parse_prompt(text)
    except ScenarioError:
        assert not text.strip()
    else:
        assert all(part.tokens >= 0 for part in parts)
