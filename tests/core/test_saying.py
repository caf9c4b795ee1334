"""Texts remember how they were said, and are told in another language; their English is what they are."""

from __future__ import annotations

import copy
import json
import pickle
from dataclasses import dataclass
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.core.saying import (
    ENGLISH,
    Language,
    Text,
    Written,
    capital,
    dated,
    gone_over,
    heard,
    here,
    joined,
    numeral,
    say,
    shipped,
    speak,
    speaking,
    throughout,
)

MESSAGES = {
    "Costs {x} a year": "Kostet {x} im Jahr",
    "{count} models": "{count} Modelle",
    "the Model": "das Modell",
    "cheap": "günstig",
    "braces {stay}": "Klammern {bleiben}",
    "since {day}": "seit {day}",
    "{what}, at {place}": "{what}, bei {place}",
    shipped("Help desk, Acme"): "Auskunft, Acme",
}
GERMAN = Language(
    "de", "Deutsch", MESSAGES, str.maketrans({",": ".", ".": ","}), lambda day: f"{day:%d.%m.%Y}"
)


def told(text: object) -> str:
    with speaking(GERMAN):
        return here(text)


def test_a_text_is_its_english():
    text = say("Costs {x} a year", x=numeral(1234.5, ",.1f"))
    assert text == "Costs 1,234.5 a year"
    assert {text: 1}["Costs 1,234.5 a year"] == 1
    assert here(text) == "Costs 1,234.5 a year"
    assert type(here(text)) is str


def test_it_is_told_in_the_language_spoken_and_no_longer():
    text = say("Costs {x} a year", x=numeral(1234.5, ",.1f"))
    assert told(text) == "Kostet 1.234,5 im Jahr"
    assert here(text) == "Costs 1,234.5 a year"


def test_what_nobody_translated_and_what_is_no_text_stays():
    assert told(say("Never translated {x}", x=numeral(0.5))) == "Never translated 0,5"
    assert (told("plain"), told(3.5), told(None)) == ("plain", "3.5", "None")


def test_what_people_wrote_stays_as_they_wrote_it_even_where_the_advisor_says_the_same():
    assert told(Written("cheap")) == "cheap"
    assert told(say("Costs {x} a year", x=Written("cheap"))) == "Kostet cheap im Jahr"
    assert told(Written("Help desk, Acme")) == "Auskunft, Acme"  # a template comes in every language
    assert told("Help desk, Acme") == "Help desk, Acme"


def test_values_are_told_too():
    inner = say("{count} models", count=numeral(1000, ","))
    assert told(say("Costs {x} a year", x=inner)) == "Kostet 1.000 Modelle im Jahr"


def test_texts_in_a_row():
    row = joined(", ", ["plain", say("cheap"), numeral(2.5)])
    assert row == "plain, cheap, 2.5"
    assert told(row) == "plain, günstig, 2,5"
    assert type(joined(", ", ["a", "b"])) is str
    assert joined(", ", []) == ""
    assert told(joined(say("cheap"), ["a", "b"])) == "agünstigb"


def test_texts_add_up_from_either_side():
    text = say("cheap")
    assert told(text + "!") == "günstig!"
    assert told("so " + text) == "so günstig"
    both = text
    both += say("the Model")
    assert (both, told(both)) == ("cheapthe Model", "günstigdas Modell")


def test_within_a_sentence_only_english_begins_small():
    assert say("the Model").lower() == "the model"
    assert told(say("the Model").lower()) == "das Modell"
    with speaking(ENGLISH):
        assert here(say("the Model").lower()) == "the model"


def starred(text: str) -> str:
    return f"*{text}*"


def test_a_function_goes_over_whatever_is_told():
    assert gone_over(starred, "plain") == "*plain*"
    text = gone_over(starred, say("cheap"))
    assert (text, told(text)) == ("*cheap*", "*günstig*")
    assert (capital(say("cheap")), told(capital(say("cheap")))) == ("Cheap", "Günstig")
    assert (capital("plain"), capital("")) == ("Plain", "")


def test_numbers_and_days_are_written_as_the_language_does():
    assert (numeral(1234567.891, ",.2f"), told(numeral(1234567.891, ",.2f"))) == (
        "1,234,567.89",
        "1.234.567,89",
    )
    day = dated(date(2027, 1, 31))
    assert (day, told(day)) == ("2027-01-31", "31.01.2027")
    assert told(say("since {day}", day=day)) == "seit 31.01.2027"


def test_without_values_braces_stand_and_may_be_filled_later():
    text = say("Costs {x} a year")
    assert text == "Costs {x} a year"
    filled = say(text, x=3)
    assert (filled, told(filled)) == ("Costs 3 a year", "Kostet 3 im Jahr")
    assert told(say("braces {stay}")) == "Klammern {bleiben}"
    assert say(text) is text


TEXTS = [
    say("Costs {x} a year", x=numeral(1.5)),
    numeral(1234, ","),
    dated(date(2027, 1, 31)),
    joined(", ", [say("cheap"), numeral(0.5)]),
    say("the Model").lower(),
    gone_over(starred, say("cheap")),
    Written("Help desk, Acme"),
]


@pytest.mark.parametrize("text", TEXTS)
def test_copies_and_pickles_remember(text):
    for other in (copy.deepcopy(text), copy.copy(text), pickle.loads(pickle.dumps(text))):  # noqa: S301
        assert isinstance(other, Text)
        assert (other, told(other)) == (text, told(text))


@pytest.mark.parametrize("text", TEXTS)
def test_files_hold_the_english(text):
    assert json.loads(json.dumps({text: [text]})) == {str(text): [str(text)]}
    with speaking(GERMAN):
        assert json.dumps(text) == json.dumps(str(text))


@dataclass(frozen=True)
class Row:
    title: str
    values: tuple[object, ...]


def test_plain_data_is_told_throughout():
    data = {say("cheap"): [say("the Model"), 3, {"key": numeral(0.5)}], "row": Row(say("cheap"), (1, "b"))}
    with speaking(GERMAN):
        found = throughout(data)
    assert found == {"günstig": ["das Modell", 3, {"key": "0,5"}], "row": Row("günstig", (1, "b"))}
    assert type(found["row"].title) is str


def test_a_process_of_one_person_has_a_usual_language():
    try:
        speak(GERMAN)
        assert here(say("cheap")) == "günstig"
        with speaking(ENGLISH):
            assert here(say("cheap")) == "cheap"
    finally:
        speak(ENGLISH)


def test_what_a_file_keeps_in_english_is_heard_again():
    templates = [say("{what}, at {place}"), say("Costs {x} a year"), say("since {day}")]
    assert told(heard("Costs 1,234.5 a year", templates)) == "Kostet 1.234,5 im Jahr"
    assert told(heard("since 2027-01-31, at a.csv", templates)) == "seit 31.01.2027, bei a.csv"
    assert told(heard("cheap", templates)) == "günstig"
    assert told(heard("never said so", templates)) == "never said so"


@given(st.text(max_size=60), st.text(min_size=1, max_size=20))
def test_what_is_heard_reads_the_same(text, value):
    templates = [say("{what}, at {place}"), say("Costs {x} a year")]
    assert heard(text, templates) == text
    assert heard(f"Costs {value} a year", templates) == f"Costs {value} a year"


def test_a_text_without_end_is_not_searched():
    text = ", at " * 10_000
    assert heard(text, [say("{what}, at {place}")]) == text
