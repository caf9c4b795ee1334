"""The languages of the faces: their files, their numbers and days."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.pofile import read_po

from advisor.catalogue.translations import TEXTS, language, languages, texts
from advisor.core.errors import UnknownNameError
from advisor.core.saying import ENGLISH, dated, here, numeral, say, speaking
from advisor.core.wording import amount, listed, number, share, times

FILES = sorted(TEXTS.glob("*/*.po"))


def values_of(message: str) -> set[str]:
    try:
        return {name for _, name, *_ in Formatter().parse(message) if name}
    except ValueError:  # braces of something else
        return set()


def test_english_is_there_without_files_and_comes_first():
    assert next(iter(languages().items())) == ("en", "English")
    assert languages()["de"] == "Deutsch"
    assert language("en") is ENGLISH


def test_an_unknown_language_is_told_with_the_nearest():
    with pytest.raises(UnknownNameError, match="no language of that name") as error:
        language("dee")
    assert "did you mean 'de'?" in str(error.value)


def test_german_writes_numbers_and_days_its_own_way():
    with speaking(language("de")):
        assert here(numeral(1234567.5, ",.1f")) == "1.234.567,5"
        assert here(numeral(0.125, ".1%")) == "12,5\u00a0%"
        assert here(dated(date(2027, 1, 31))) == "31.01.2027"


def test_german_words_go_with_figures():
    said = [
        number(1.5e6), number(1e6), number(2.5e9), number(float("nan")), amount(1234.5, "kgCO2e"),
        amount(1234.5, "USD"), share(0.005), share(0.42), times(1.5, "carbon"), times(1.0, "cost"),
        listed(["a", "b", "c"]),
    ]  # fmt: skip
    with speaking(language("de")):
        assert [here(text) for text in said] == [
            "1,5 Millionen", "1 Million", "2,5 Milliarden", "unbekannt", "1,23 t CO₂e", "1.230 $",
            "unter 1 %", "42 %", "1,5-mal so viel CO₂e", "etwa gleich hohe Kosten", "a, b und c",
        ]  # fmt: skip


@pytest.mark.parametrize("path", FILES, ids=[f"{path.parent.name}/{path.stem}" for path in FILES])
def test_every_file_can_be_read_and_keeps_the_values_of_its_messages(path: Path):
    with path.open("rb") as stream:
        found = [one for one in read_po(stream, abort_invalid=True) if one.id]
    assert found
    for one in found:
        if one.string:
            assert values_of(one.string) == values_of(one.id), one.id
            assert one.string[0].isspace() == one.id[0].isspace(), one.id
            assert one.string[-1].isspace() == one.id[-1].isspace(), one.id


def test_a_folder_of_files_is_one_set_of_messages(tmp_path: Path):
    (tmp_path / "a.po").write_text('msgid "one"\nmsgstr "eins"\n\nmsgid "two"\nmsgstr ""\n', encoding="utf-8")
    (tmp_path / "b.po").write_text('msgid "three"\nmsgstr "drei"\n', encoding="utf-8")
    assert texts(tmp_path) == {"one": "eins", "three": "drei"}


def test_a_message_is_told_with_its_values():
    with speaking(language("de")):
        assert here(say("{name} is too large.", name="a.yaml")) == "a.yaml ist zu groß."
