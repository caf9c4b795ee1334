"""Texts of people's own, kept text in every kind of file: one function a kind.

What stands in a name, a reason or an owner comes from whoever wrote the scenario. Each
function makes it inert for one reader (a Markdown renderer, a YAML parser, a spreadsheet, a
shell, an XML or HTML parser) and leaves it to be read as what it was.
"""

from __future__ import annotations

import csv
import html as standard_html
import io
import json
import re
import shlex
from collections.abc import Iterable, Sequence
from typing import Any
from xml.sax.saxutils import escape

from advisor.core.errors import printable
from advisor.core.saying import here

# a cell that begins so is a formula, or a command, to spreadsheets
FORMULA = re.compile(r"[=+\-@\t\r\n＝＋－＠]")
NUMBER = re.compile(r"[-+]?[0-9][0-9.,]*(?:[eE][-+]?[0-9]+)?(?:[ \u00a0]?%)?")
# what XML 1.0 holds in no form, not even escaped
NO_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# the most characters that a cell of a workbook holds
CELL_CHARACTERS_BYTES = 32_767
# Markdown: marks anywhere, and marks that count only where a block begins
INLINE = re.compile(r"[\\`*\[\]<>&|~]|(?<![^\W_])_|_(?![^\W_])|:(?=//)|@|(?<=www)\.", re.IGNORECASE)
CODE = re.compile(r"\\`([\w.-]+)\\`")
BLOCK = re.compile(r"^(\s*)(#{1,6}(?=\s|$)|[-+](?=\s|$|[-+])|=+\s*$|[-_]{3,}|[0-9]{1,9}(?=[.)](?:\s|$)))")


def line(text: object) -> str:
    """Text on one printable line, for comments and titles of files: breaks become spaces."""
    return printable(" ".join(here(text).split()))


def markdown(text: object) -> str:
    """Text for a paragraph or an item of a list: no markup, no HTML, no link."""
    marked = INLINE.sub(_marked, line(text))
    return BLOCK.sub(_begun, marked)


def markdown_coded(text: object) -> str:
    """As :func:`markdown`, a path between backticks in the font of code: nothing in it is a mark."""
    return CODE.sub(r"`\1`", markdown(text))


def _marked(found: re.Match[str]) -> str:
    return f"&{ENTITIES[found[0]]};" if found[0] in ENTITIES else f"\\{found[0]}"


ENTITIES = {"<": "lt", ">": "gt", "&": "amp"}  # readable even where nobody renders them


def _begun(found: re.Match[str]) -> str:
    space, mark = found[1], found[2]
    return f"{space}{mark}\\" if mark.isdigit() else f"{space}\\{mark}"


def front_matter(text: object) -> str:
    """A scalar for the YAML head of a Markdown file: always quoted, on one line."""
    quoted = json.dumps(here(text), ensure_ascii=False)
    return "".join(
        letter if letter.isprintable() else f"\\u{ord(letter):04x}" if ord(letter) < 0x10000 else "�"
        for letter in quoted
    )


def csv_cell(value: object) -> object:
    """A cell of a CSV file: a text that a spreadsheet would compute begins with an apostrophe.

    Numbers, and texts that are numbers, stay as they are.
    """
    value = here(value) if isinstance(value, str) else value
    if isinstance(value, str) and FORMULA.match(value.lstrip(" ")) and not NUMBER.fullmatch(value.strip()):
        return f"'{value}"
    return value


def csv_text(rows: Iterable[Sequence[object]]) -> str:
    """Rows as CSV, every cell safe to open in a spreadsheet."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerows([csv_cell(value) for value in row] for row in rows)
    return stream.getvalue()


def xlsx_cell(cell: Any, value: object) -> None:
    """Set a cell of an openpyxl worksheet; text is text, whatever it begins with."""
    if not isinstance(value, str):
        cell.value = value
        return
    kept = NO_XML.sub("", here(value))[:CELL_CHARACTERS_BYTES]
    cell.value = kept
    if kept:
        cell.data_type = "s"
        cell.quotePrefix = True


def shell(word: object) -> str:
    """One word of a POSIX shell's command line."""
    return shlex.quote(str(word).replace("\0", ""))


def xml(text: object) -> str:
    """Text of an XML element or of a quoted attribute."""
    return escape(NO_XML.sub("", here(text)), {'"': "&quot;", "'": "&apos;", "\n": "&#10;", "\r": "&#13;"})


def html(text: object) -> str:
    """Text of an HTML element or of a quoted attribute."""
    return standard_html.escape(here(text), quote=True)
