"""The messages of code and data, and the files in which they are translated.

Run: python -m bench.texts [LANGUAGE ...]
Brings ``data/texts/LANGUAGE`` up to date: a message that is new stands there without a translation, one that
is no longer said is gone. What is missing is counted, and in the exit status.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

from advisor.catalogue import DATA
from advisor.catalogue.loader import load
from advisor.catalogue.translations import TEXTS
from advisor.core.saying import TEMPLATE, Text, Written
from advisor.scenario import load_scenario
from advisor.system.opening import template, templates

PACKAGE = Path(__file__).resolve().parents[1] / "advisor"
WIDTH = 110
SCENARIOS = "scenarios"  # the room of what the templates write for people
FIELDS = ("titled", "_f")  # the fields of a scenario have titles, and descriptions as keywords
KEYWORDS = {"say": None, **dict.fromkeys(FIELDS, (1,))}


def room_of(path: Path) -> str:
    """The room of a module, as its file of messages is called."""
    return ".".join(path.relative_to(PACKAGE).parts[:-1]) or "commands"


def of_code(package: Path = PACKAGE) -> Iterator[tuple[str, str, str]]:
    """Room, message and place of every text that code says."""
    for path in sorted(package.rglob("*.py")):
        found = [
            (line, str(message)) for line, message, *_ in extract_from_file("python", path, keywords=KEYWORDS)
        ]
        for line, message in (*found, *_descriptions(path)):
            yield room_of(path), message, f"advisor/{path.relative_to(package)}:{line}"


def _descriptions(path: Path) -> Iterator[tuple[int, str]]:
    """What the fields of a scenario say besides their titles."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in FIELDS:
            for given in node.keywords:
                if given.arg == "description" and isinstance(given.value, ast.Constant):
                    yield given.value.lineno, str(given.value.value)


def of_data() -> Iterator[tuple[str, str, str]]:
    """Room, message and place of every text of the shipped data."""
    contents = load(DATA)
    for name, found in contents.coefficients.items():
        for said in (found.valid, found.note):
            yield "data", said, name
    for series in contents.series.values():
        yield "data", series.note, series.name
    for source in contents.sources.values():
        for said in (source.title, source.publisher):
            if isinstance(said, Text):
                yield "data", str(said), f"sources.{source.key}"
    for table, rows in contents.tables.items():
        for key, row in rows.items():
            for column, value in row.items():
                if isinstance(value, Text):
                    yield "data", str(value), f"{table}.{key}.{column}"


def of_templates() -> Iterator[tuple[str, str, str]]:
    """Room, message and place of what the shipped scenarios write for people."""
    for name in templates():
        for said in _written(load_scenario(template(name)).model_dump()):
            yield SCENARIOS, str(said), name


def _written(data: object) -> Iterator[Written]:
    """What people wrote for people, somewhere in plain data."""
    if isinstance(data, Written):
        yield data
    elif isinstance(data, dict):
        for item in data.items():
            yield from _written(item)
    elif isinstance(data, list | tuple):
        for one in data:
            yield from _written(one)


def has_words(message: str) -> bool:
    """Whether there is something to translate besides the names of values: letters, a currency, quotes."""
    try:
        told = "".join(text for text, *_ in Formatter().parse(message))
    except ValueError:
        told = message
    return re.search(r"[^\W\d_]{2}|[$\"“]", told) is not None


def messages() -> dict[str, dict[str, str]]:
    """Where each message first stands, by room."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for room, message, place in [*of_code(), *of_data(), *of_templates()]:
        if has_words(message):
            found[room].setdefault(str(message), place)
    return found


def update(language: str) -> int:
    """Bring the files of a language up to date; how many translations are missing."""
    folder, missing = TEXTS / language, 0
    folder.mkdir(parents=True, exist_ok=True)
    wanted = messages()
    for path in folder.glob("*.po"):
        if path.stem not in wanted:
            path.unlink()
    for room, said in wanted.items():
        path, known = folder / f"{room}.po", Catalog()
        context = TEMPLATE if room == SCENARIOS else None
        if path.exists():
            with path.open("rb") as stream:
                known = read_po(stream)
        made = Catalog(locale=language, header_comment=f"# {room}", fuzzy=False)
        for message, place in said.items():
            before = known.get(message, context)
            comments = [place.rsplit(":", 1)[0]]
            made.add(message, before.string if before else "", auto_comments=comments, context=context)
            missing += not (before and before.string)
        with path.open("wb") as stream:
            write_po(stream, made, width=WIDTH, omit_header=True, sort_output=True)
    return missing


def main() -> int:
    missing = 0
    for language in sys.argv[1:] or [path.name for path in TEXTS.iterdir() if path.is_dir()]:
        count = update(language)
        print(f"{language}: {count} messages without a translation")
        missing += count
    return 1 if missing else 0


if __name__ == "__main__":
    raise SystemExit(main())
