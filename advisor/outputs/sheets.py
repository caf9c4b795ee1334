"""Workbooks and archives: the same content gives the same bytes."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from advisor.core.escaping import xlsx_cell
from advisor.core.saying import here, say

EPOCH = datetime(2000, 1, 1)  # noqa: DTZ001  technical: a workbook's own time has no zone
ZIP_TIME = (2000, 1, 1, 0, 0, 0)  # the same instant, as archives write it
TIMES = "docProps/core.xml"
MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(</dcterms:modified>)")
HEAD = Font(bold=True)
GROUND = PatternFill("solid", fgColor="E1F0F9")
NARROWEST, WIDEST = 10, 60  # characters of a column
LOOKED_AT = 60  # rows, to find it
SHEET_NAME = 31  # characters, of a sheet's name
FIRST = 2  # the first row below a heading
Row = Sequence[Any]


def begun() -> Any:
    """A workbook without sheets."""
    made = Workbook()
    made.remove(made.active)
    made.properties.created = made.properties.modified = EPOCH
    made.properties.creator = here(say("Sustainable generative-AI advisor"))
    return made


def add_sheet(made: Any, title: str, heads: Row, rows: Iterable[Row], note: str = "") -> None:
    """A sheet with heads and rows, under a name that is free; ``note`` below them.

    Where a title is too long for a name, all of it stands below too.
    """
    plain = re.sub(r"[\[\]:*?/\\]", " ", here(title)).replace("'", "’").strip()
    name, more = _shortened(plain, SHEET_NAME), 1
    while name.lower() in {sheet.title.lower() for sheet in made.worksheets}:
        more += 1
        name = f"{_shortened(plain, SHEET_NAME - 3)} {more}"
    sheet = made.create_sheet(name)
    write_row(sheet, 1, heads, head=True)
    at = 1
    for at, row in enumerate(rows, start=FIRST):
        write_row(sheet, at, row)
    whole = here(title) if len(plain) > SHEET_NAME else ""
    for below, said in enumerate((said for said in (whole, note) if said), start=2):
        xlsx_cell(sheet.cell(at + below, 1), said)
    finish(sheet)


def _shortened(name: str, most: int) -> str:
    """A name of so many characters at most, cut behind a word."""
    if len(name) <= most:
        return name
    # a word that ends just there is cut too: the ellipsis takes a place
    kept, _, _ = name[:most].rpartition(" ")
    return (kept or name[: most - 1]) + "…"


def write_row(sheet: Any, at: int, values: Row, head: bool = False) -> None:
    """A row of values, text as text whatever it begins with; unknown figures stay empty."""
    for place, value in enumerate(values, start=1):
        cell = sheet.cell(at, place)
        xlsx_cell(cell, known(value) if isinstance(value, float) else value)
        if head:
            cell.font, cell.fill, cell.alignment = HEAD, GROUND, Alignment(wrap_text=True, vertical="top")


def known(value: float) -> float | None:
    """A figure as a workbook holds it: none where it is unknown."""
    found = float(value)
    return found if abs(found) < float("inf") else None


def place_on(sheet: Any, place: str) -> str:
    """A place of a sheet, as formulas name it: ``Totals!$B$2``."""
    title = sheet.title if sheet.title.isidentifier() else f"'{sheet.title}'"
    return f"{title}!{place}"


def finish(sheet: Any) -> None:
    """Heads that stay in sight, columns as wide as what they hold."""
    sheet.freeze_panes = "B2"
    for place, column in enumerate(sheet.iter_cols(max_row=min(sheet.max_row, LOOKED_AT)), start=1):
        shown = (str(cell.value or "") for cell in column)
        longest = max((len(said) for said in shown if not said.startswith("=")), default=0)
        width = min(max(longest + 2, NARROWEST), WIDEST)
        sheet.column_dimensions[get_column_letter(place)].width = width


def packed(made: Any) -> bytes:
    """The workbook as a file, without the times of its making."""
    stream = io.BytesIO()
    made.save(stream)
    with zipfile.ZipFile(stream) as source:
        found = {item.filename: source.read(item) for item in source.infolist()}
    found[TIMES] = MODIFIED.sub(rb"\g<1>2000-01-01T00:00:00Z\g<2>", found[TIMES])
    return zipped(found)


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    """Files in one archive, by name; pictures are packed as they are."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as target:
        for name, content in files.items():
            kind = zipfile.ZIP_STORED if name.endswith(".png") else zipfile.ZIP_DEFLATED
            target.writestr(zipfile.ZipInfo(name, ZIP_TIME), content, kind)
    return stream.getvalue()
