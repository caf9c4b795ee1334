"""Every text of code and data has its translation, and nothing else is translated."""

from __future__ import annotations

import ast
from collections import defaultdict
from string import Formatter

import pytest
from babel.messages.pofile import read_po

from advisor.catalogue.translations import TEXTS, languages
from bench.texts import PACKAGE, messages

OTHERS = [key for key in languages() if key != "en"]


def translated(key: str) -> dict[str, dict[str, str]]:
    """The messages of a language's files, by room."""
    found = {}
    for path in sorted((TEXTS / key).glob("*.po")):
        with path.open("rb") as stream:
            found[path.stem] = {str(one.id): str(one.string) for one in read_po(stream) if one.id}
    return found


@pytest.fixture(scope="module")
def said():
    return messages()


@pytest.mark.parametrize("key", OTHERS)
def test_every_message_is_translated_and_no_other(key, said):
    for room, found in translated(key).items():
        assert set(found) == set(said[room]), room
        assert [message for message, told in found.items() if not told] == [], room
    assert set(translated(key)) == set(said)


@pytest.mark.parametrize("key", OTHERS)
def test_translations_keep_values_and_spaces(key):
    for room, found in translated(key).items():
        for message, told in found.items():
            assert names(told) == names(message), (room, message)
            for end in (0, -1):
                assert told[end].isspace() == message[end].isspace(), (room, message)


@pytest.mark.parametrize("key", OTHERS)
def test_a_message_is_told_the_same_in_every_room(key):
    told = defaultdict(set)
    for found in translated(key).values():
        for message, translation in found.items():
            told[message].add(translation)
    assert {message: ways for message, ways in told.items() if len(ways) > 1} == {}


def test_templates_are_literals():
    """What is put together before it is said has no place in a catalogue of texts."""
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say":
                assert not isinstance(node.args[0], ast.JoinedStr | ast.BinOp), f"{path}:{node.lineno}"


def names(message: str) -> set[str]:
    try:
        return {name for _, name, *_ in Formatter().parse(message) if name}
    except ValueError:
        return set()
