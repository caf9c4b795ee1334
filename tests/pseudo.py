"""A language nobody speaks, to see what is not said in it: every letter of a message looks foreign.

A page told in it holds plain letters only where its text was never a message: English left over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from html.parser import HTMLParser
from string import Formatter

from advisor.catalogue import open_catalogue
from advisor.core.saying import Language, Text
from advisor.system.opening import open_case, template, templates

PLAIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
FOREIGN = "ДБЦДЭФГНІЖКЛМПОРФЯЅТЦУШХЧЗдбцдэфгніжклмпорфяѕтцушхчз"
WORD = re.compile(r"[A-Za-z]{3,}")
# words with what joins them: a dot, a digit or the like within tells the name of something from a word
TOKEN = re.compile(r"https?://\S+|\w+(?:[._:\-]+\w+)*")
# the same in every language: names of things, units, formats and short forms of the field
NAMES = frozenset(
    re.findall(
        r"\S+",
        """
        Azure OpenAI Foundry Microsoft Copilot GPT GPU GPUs CPU CPUs TPU PTU PTUs RAG PEFT LoRA QLoRA MaaS
        MaaP API PUE WUE ADPe GWP IPCC ISO SCI GHG EUDB CSV XLSX JSON YAML MADR SVG PNG PDF HTML HBM SSD HDD
        LRS ZRS GRS GZRS RAGRS kWh MWh GWh CO₂e kgCO gCO kgSb USD ktok tok TTFT vLLM NVIDIA Bicep
        Terraform CodeCarbon OpenTelemetry
        """,
    )
)


FOREIGN_OF = str.maketrans(PLAIN, FOREIGN)


@cache
def _foreign(message: str) -> str:
    try:
        parts = list(Formatter().parse(message))
    except ValueError:
        return message.translate(FOREIGN_OF)
    if not any(name for _, name, *_ in parts):
        return message.translate(FOREIGN_OF)
    return "".join(
        text.translate(FOREIGN_OF) + (f"{{{name}}}" if name is not None else "") for text, name, *_ in parts
    )


class Looks(Mapping[str, str]):
    """Every message in foreign letters, the names of its values as they are."""

    def __getitem__(self, message: str) -> str:
        return _foreign(message.rpartition("\4")[2])

    def __iter__(self):
        return iter(())

    def __len__(self) -> int:
        return 0


PSEUDO = Language("qps", "Pseudo", Looks())


class _Words(HTMLParser):
    """The texts of a page: what is shown, and what is read out."""

    SPOKEN = ("title", "aria-label", "placeholder", "alt", "data-label")
    SILENT = ("script", "style", "code", "pre")

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag, attributes):
        self._silent += tag in self.SILENT
        self.said += [value for name, value in attributes if name in self.SPOKEN and value]

    def handle_endtag(self, tag):
        self._silent -= tag in self.SILENT

    def handle_data(self, data):
        if not self._silent and data.strip():
            self.said.append(" ".join(data.split()))


@cache
def proper_names() -> str:
    """Names that data and templates give to things, which no language changes."""
    catalogue = open_catalogue()
    rows = [row for table in catalogue.tables.values() for row in table.values()]
    named = [
        value
        for row in rows
        for name, value in row.items()
        if name in ("name", "publisher", "licence", "family") and type(value) is str
    ]
    cited = [part for one in catalogue.sources.values() for part in (one.title, one.publisher, one.licence)]
    own = [word for name in templates() for word in _keys(open_case(template(name)).given.model_dump())]
    return "\n".join([*named, *cited, *own])


def _keys(data: object) -> list[str]:
    """What a scenario calls things by, without what is written in it for people."""
    if isinstance(data, str):
        return [] if isinstance(data, Text) else [data]
    if isinstance(data, dict):
        return [text for item in data.items() for one in item for text in _keys(one)]
    return [text for one in data for text in _keys(one)] if isinstance(data, list | tuple) else []


def words_of(page: str) -> list[str]:
    """The texts of an HTML page, code and scripts left out."""
    reader = _Words()
    reader.feed(page)
    return reader.said


def left_over(texts: Iterable[str], also: Iterable[str] = ()) -> list[str]:
    """Texts with a word that is neither foreign nor anybody's name."""
    known = NAMES | frozenset(also)
    return sorted({
        text for text in texts
        for word in WORD.findall(TOKEN.sub(_unnamed, text))
        if word not in known and not _is_name(word)
    })  # fmt: skip


def _unnamed(token: re.Match[str]) -> str:
    return "" if re.search(r"[._:\d]", token[0]) else token[0]


@cache
def _is_name(word: str) -> bool:
    return re.search(rf"\b{word}\b", proper_names()) is not None
