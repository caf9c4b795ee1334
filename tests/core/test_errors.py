"""Errors say everything that is wrong, once, and name the nearest valid thing."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.core.errors import (
    QUOTED,
    AdvisorError,
    DataError,
    Fault,
    LogError,
    MeasurementError,
    ScenarioError,
    SourceUnavailableError,
    UnknownNameError,
    faulty,
    nearest,
    unknown,
)
from advisor.core.saying import Language, here, say, speaking

KINDS = [ScenarioError, DataError, MeasurementError, LogError, UnknownNameError, SourceUnavailableError]


def test_a_fault_reads_as_a_sentence() -> None:
    fault = Fault("workload.input_tokens (a.yaml:3)", "a number of at least 10", "5")
    assert str(fault) == "workload.input_tokens (a.yaml:3): expected a number of at least 10, found 5"


def test_a_fault_names_the_nearest() -> None:
    assert str(Fault("task", "a task", "'chatt'", "chat")).endswith("found 'chatt' (did you mean 'chat'?)")


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_lists_all_its_faults(kind: type[AdvisorError]) -> None:
    error = kind("It is wrong.", [Fault("a", "b", "c"), Fault("d", "e", "f")])
    assert isinstance(error, AdvisorError)
    assert str(error).splitlines() == [
        "It is wrong.",
        "  - a: expected b, found c",
        "  - d: expected e, found f",
    ]


@pytest.mark.parametrize(
    ("kind", "builtin"),
    [(ScenarioError, ValueError), (UnknownNameError, KeyError), (SourceUnavailableError, OSError)],
)
def test_kinds_are_also_what_python_programmers_catch(
    kind: type[AdvisorError], builtin: type[Exception]
) -> None:
    assert issubclass(kind, builtin)


def test_unknown_lists_at_most_twelve_names() -> None:
    error = unknown("region", "westeurop", [f"region{number:02}" for number in range(20)] + ["westeurope"])
    text = str(error)
    assert "did you mean 'westeurope'?" in text
    assert "region11, …" in text
    assert "region12" not in text


def test_nothing_close_is_no_suggestion() -> None:
    assert nearest("xyzzy", ["westeurope", "northeurope"]) is None


@given(st.text(), st.lists(st.text(max_size=20), max_size=8))
@settings(max_examples=30, deadline=None)
def test_the_nearest_is_always_a_valid_name(name: str, valid: list[str]) -> None:
    assert nearest(name, valid) in [None, *valid]
    if name in valid:
        assert nearest(name, valid) == name


MESSAGES = {
    "It is wrong.": "Es ist falsch.",
    "{where}: expected {expected}, found {found}{hint}": "{where}: erwartet {expected}, da ist {found}{hint}",
    "a number": "eine Zahl",
    "nothing": "nichts",
    "{name} has one fault.": "{name} hat einen Fehler.",
    " (did you mean '{nearest}'?)": " (gemeint: {nearest})",
    "found {text}": "{text} gefunden",
}
GERMAN = Language("de", "Deutsch", MESSAGES)


def test_an_error_is_told_in_another_language() -> None:
    error = ScenarioError(say("It is wrong."), [Fault("a", say("a number"), say("nothing"), "b")])
    told = str(error)
    assert told == "It is wrong.\n  - a: expected a number, found nothing (did you mean 'b'?)"
    with speaking(GERMAN):
        assert here(told) == "Es ist falsch.\n  - a: erwartet eine Zahl, da ist nichts (gemeint: b)"
        assert here(faulty("a.yaml", error.faults).summary) == "a.yaml hat einen Fehler."


def test_a_text_is_cut_and_made_printable_in_every_language() -> None:
    fault = Fault("a", say("a number"), say("found {text}", text="\x1b[0m" + "x" * 200))
    with speaking(GERMAN):
        told = here(fault.found)
    for text in (fault.found, told):
        assert len(text) == QUOTED
        assert text.isprintable()
        assert text.endswith("…")
    assert (fault.found[:14], told[:8]) == ("found \\x1b[0mx", "\\x1b[0mx")


def test_copies_of_faults_are_told_alike() -> None:
    fault = Fault(say("nothing") + "." * 300, say("a number"), say("nothing"))
    again = pickle.loads(pickle.dumps(fault))  # noqa: S301
    with speaking(GERMAN):
        assert again == fault
        assert here(str(again)) == here(str(fault)) != str(fault)
