"""The languages of the faces: texts of ``data/texts/``, as gettext keeps them, and marks of numbers.

A language is a folder of ``.po`` files, one for each room of the code and one for ``data/``; English
is what the code and the data say themselves. Babel takes longer to import than a command to run, so it
is asked only for another language.
"""

from __future__ import annotations

from datetime import date
from functools import cache, partial
from pathlib import Path

from advisor.catalogue import DATA
from advisor.core.errors import unknown
from advisor.core.saying import ENGLISH, TEMPLATE, Language, say, shipped

TEXTS = DATA / "texts"


@cache
def keys() -> tuple[str, ...]:
    """The languages there are, English first."""
    return ENGLISH.key, *sorted(path.name for path in TEXTS.iterdir() if path.is_dir())


@cache
def languages() -> dict[str, str]:
    """What each language calls itself by its key, English first."""
    from babel import Locale

    _, *others = keys()
    return {ENGLISH.key: ENGLISH.name} | {key: str(Locale.parse(key).display_name) for key in others}


def calls_itself(code: str) -> str:
    """What a language calls itself, such as ``Deutsch`` for ``de``; empty for one that no locale tells of."""
    from babel import Locale, UnknownLocaleError

    try:
        return str(Locale.parse(code, sep="-").get_display_name(code) or "")
    except UnknownLocaleError:
        return ""


@cache
def language(key: str) -> Language:
    """A language by its key, such as ``de``. Raises UnknownNameError."""
    if key not in keys():
        raise unknown(say("language"), key, keys())
    if key == ENGLISH.key:
        return ENGLISH
    from babel import Locale

    locale = Locale.parse(key)
    symbols, percent = locale.number_symbols["latn"], locale.percent_formats[None].suffix[0]
    numerals = str.maketrans({",": symbols["group"], ".": symbols["decimal"], "%": percent})
    return Language(key, languages()[key], texts(TEXTS / key), numerals, partial(_medium, locale=key))


def texts(folder: Path) -> dict[str, str]:
    """The messages of a folder's ``.po`` files that are translated, by their English."""
    from babel.messages.pofile import read_po

    found: dict[str, str] = {}
    for path in sorted(folder.glob("*.po")):
        with path.open("rb") as stream:
            for one in read_po(stream):
                if one.id and one.string:
                    found[shipped(str(one.id)) if one.context == TEMPLATE else str(one.id)] = str(one.string)
    return found


def _medium(value: date, locale: str) -> str:
    from babel.dates import format_date

    return format_date(value, "medium", locale)
