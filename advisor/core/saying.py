"""Texts that remember how they were said, so that each can be shown in another language.

A ``Text`` is a ``str``: its English, by which it is compared, kept and written into plan files. Beside
it stands what it was made of: a template and its values, a number, a day, other texts. The engine
makes texts without knowing of languages; whoever writes for a reader (HTML, a chart, a workbook)
passes them through ``here``, within ``speaking``.

``say`` makes one. Its template is the message of the catalogue of texts, and always a literal in
code, or a text of ``data/``. What is cut, replaced or formatted into another string is plain English
from there on, so texts are put together with ``say``, ``joined``, ``+`` and ``gone_over`` alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import date
from functools import cache, lru_cache
from string import Formatter
from typing import Any


@dataclass(frozen=True)
class Language:
    """A language of the faces: ``texts`` from English, and how numbers and days are written."""

    key: str
    name: str
    texts: Mapping[str, str] = field(default_factory=dict)
    numerals: Mapping[int, str] = field(default_factory=dict)  # of characters, for ``str.translate``
    day: Callable[[date], str] = date.isoformat


ENGLISH = Language("en", "English")
_spoken: ContextVar[Language | None] = ContextVar("spoken", default=None)
_usual = [ENGLISH]
TEMPLATE = "template"  # the context of what a template writes for people
LONGEST = 1000  # characters that a sentence of ours may have with its values
# a number and a day as texts hold them
NUMERAL, DAY = re.compile(r"-?[0-9][0-9,]*(?:\.[0-9]+)?%?"), re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Text(str):
    """Words for people, in English as a ``str``."""

    __slots__ = ()

    def told(self, language: Language) -> str:
        """The same in a language; English where a kind of text knows no other."""
        return str(self)

    def __add__(self, other: str) -> Text:
        return Joined("", (self, other))

    def __radd__(self, other: str) -> Text:
        return Joined("", (other, self))

    def lower(self) -> Text:
        """As it stands within a sentence: other languages keep their capitals."""
        return Within(self)


class Said(Text):
    """A template of the catalogue of texts with its values."""

    __slots__ = ("template", "values")
    template: str
    values: Mapping[str, object]

    def __new__(cls, template: str, values: Mapping[str, object]) -> Said:
        """The English of the template with the values."""
        made = super().__new__(cls, template.format_map(values) if values else template)
        made.template, made.values = str(template), values
        return made

    def told(self, language: Language) -> str:
        """The language's own template, with the values told in it too."""
        template = language.texts.get(self.template, self.template)
        if not self.values:
            return template
        return template.format_map({name: _told(value, language) for name, value in self.values.items()})

    def __reduce__(self) -> tuple[Any, ...]:
        return Said, (self.template, self.values)


class Figure(Text):
    """A number as English writes it, with commas between thousands."""

    __slots__ = ()

    def told(self, language: Language) -> str:
        """The same digits with the language's own marks."""
        return str(self).translate(language.numerals)


class Day(Text):
    """A date, year first in English as in files."""

    __slots__ = ()

    def told(self, language: Language) -> str:
        """The date as the language writes it."""
        return language.day(date.fromisoformat(self))


class Written(Text):
    """What people wrote, told as they wrote it; a language has its own words for what is shipped."""

    __slots__ = ()

    def told(self, language: Language) -> str:
        """The language's own words, or the same."""
        return language.texts.get(shipped(self), str(self))

    def __reduce__(self) -> tuple[Any, ...]:
        return Written, (str(self),)


def shipped(text: str) -> str:
    """What a template's own words are kept under, apart from what the advisor says itself."""
    return f"{TEMPLATE}\4{text}"  # as gettext keeps a context and its message


class Joined(Text):
    """Texts in a row."""

    __slots__ = ("parts", "separator")
    separator: str
    parts: tuple[str, ...]

    def __new__(cls, separator: str, parts: tuple[str, ...]) -> Joined:
        """The English of the parts."""
        made = super().__new__(cls, str.join(separator, parts))
        made.separator, made.parts = separator, parts
        return made

    def told(self, language: Language) -> str:
        """Each part told, one after the other."""
        return str(_told(self.separator, language)).join(str(_told(one, language)) for one in self.parts)

    def __reduce__(self) -> tuple[Any, ...]:
        return Joined, (self.separator, self.parts)


class Within(Text):
    """A text that begins in the midst of a sentence."""

    __slots__ = ("whole",)
    whole: Text

    def __new__(cls, whole: Text) -> Within:
        """The English in small letters."""
        made = super().__new__(cls, str(whole).lower())
        made.whole = whole
        return made

    def told(self, language: Language) -> str:
        """The text as the language writes it anywhere."""
        return str(self) if language is ENGLISH else self.whole.told(language)

    def __reduce__(self) -> tuple[Any, ...]:
        return Within, (self.whole,)


class Begun(Within):
    """A text whose first letter alone is small in English; other languages keep it."""

    __slots__ = ()

    def __new__(cls, whole: Text) -> Begun:
        """The English with a small letter at its beginning."""
        made = Text.__new__(cls, _small(str(whole)))
        made.whole = whole
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        return Begun, (self.whole,)


class After(Text):
    """A text that a function has gone over."""

    __slots__ = ("change", "text")
    change: Callable[[str], str]
    text: Text

    def __new__(cls, change: Callable[[str], str], text: Text) -> After:
        """What the function makes of the English."""
        made = super().__new__(cls, change(str(text)))
        made.change, made.text = change, text
        return made

    def told(self, language: Language) -> str:
        """What the function makes of the text told in the language."""
        with speaking(language):
            return here(self.change(self.text.told(language)))

    def __reduce__(self) -> tuple[Any, ...]:
        return After, (self.change, self.text)


def say(template: str, /, **values: object) -> str:
    """A text by its English template, each ``{name}`` in it filled with the value of that name.

    Without values it stands as it is, braces included; what was said so may be filled later. Numbers
    among the values come from ``numeral`` or ``advisor.core.wording``, so that each language writes
    them its own way.
    """
    if values:
        return Said(template, values)
    return template if isinstance(template, Text) else _as_it_stands(template)


@lru_cache(maxsize=16_384)
def _as_it_stands(template: str) -> str:
    return Said(template, {})  # said thousands of times by the engine: one text serves them all


def numeral(value: float, how: str = "") -> str:
    """A number by a format of English, such as ``,.0f``."""
    return Figure(format(value, how))


def dated(value: date) -> str:
    """A date for people."""
    return Day(value.isoformat())


def joined(separator: str, texts: Iterable[str]) -> str:
    """Texts in a row with a separator between; a plain string where no text is among them."""
    parts = tuple(texts)
    if any(isinstance(one, Text) for one in (separator, *parts)):
        return Joined(separator, parts)
    return separator.join(parts)


def gone_over(change: Callable[[str], str], text: str) -> str:
    """What ``change`` makes of a text, in whichever language it is told."""
    return After(change, text) if isinstance(text, Text) else change(text)


def heard(text: str, templates: Iterable[str]) -> str:
    """What a file keeps in English, as the first of ``templates`` that says it, to be told again.

    A text that none says is a message as it stands.
    """
    for template in templates if len(text) <= LONGEST else ():
        found = _pattern(template).fullmatch(text)
        if found:
            return Said(template, {name: _heard(part, templates) for name, part in found.groupdict().items()})
    return say(text)


def _heard(part: str, templates: Iterable[str]) -> str:
    if NUMERAL.fullmatch(part):
        return Figure(part)
    return Day(part) if DAY.fullmatch(part) else heard(part, templates)


@cache
def _pattern(template: str) -> re.Pattern[str]:
    """What a template says of any values."""
    parts = ((re.escape(text), name) for text, name, *_ in Formatter().parse(template))
    return re.compile("".join(text + (f"(?P<{name}>.+?)" if name else "") for text, name in parts))


def capital(text: str) -> str:
    """The text with a capital at its beginning."""
    return gone_over(_capital, text)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def within(name: str) -> str:
    """A name within a sentence: English begins it small, but for an abbreviation."""
    return Begun(name) if isinstance(name, Text) else _small(name)


def _small(name: str) -> str:
    abbreviated = name[:2].isupper() and name[1:2] != " "
    return name if abbreviated else name[:1].lower() + name[1:]


def here(text: object) -> str:
    """A text in the language spoken, as a plain string; anything else as ``str`` writes it."""
    language = language_spoken()
    return text.told(language) if isinstance(text, Text) and language is not ENGLISH else str(text)


def throughout(thing: Any) -> Any:
    """Plain data, or a dataclass of it, with every text in it in the language spoken."""
    if isinstance(thing, Text):
        return here(thing)
    if isinstance(thing, tuple | list):
        return type(thing)(throughout(one) for one in thing)
    if isinstance(thing, Mapping):
        return {here(key): throughout(value) for key, value in thing.items()}
    if is_dataclass(thing) and not isinstance(thing, type):
        return replace(thing, **{one.name: throughout(getattr(thing, one.name)) for one in fields(thing)})
    return thing


def language_spoken() -> Language:
    """The language that texts are told in now."""
    return _spoken.get() or _usual[0]


def speak(language: Language) -> None:
    """From now on, where no other is spoken, texts are told in ``language``: for a process of one person."""
    _usual[0] = language


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    """Within it, texts are told in ``language``."""
    before = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(before)


def _told(value: object, language: Language) -> object:
    return value.told(language) if isinstance(value, Text) else value
