"""Reading a pilot log: the user's own tests of models and techniques, one judged answer a row.

Columns: model, technique, score, input_tokens, output_tokens, turns, retries. Model and score are
needed; technique defaults to ``prompt``; the rest may be blank. ``score`` is 0 to 1, or graded
between; it may be written as yes and no.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from advisor.core.errors import Fault, ScenarioError, faulty, nearest
from advisor.core.files import read_text
from advisor.core.saying import numeral, say

COLUMNS = ("model", "technique", "score", "input_tokens", "output_tokens", "turns", "retries")
NEEDED = ("model", "score")
TECHNIQUES = (
    "prompt", "few_shot", "compression", "rag_keyword", "rag_vector", "rag_hybrid", "rag_rerank",
    "rag_hyde", "lora", "qlora", "full", "rag_lora", "distill",
    *(f"{base}_{lever}" for base in ("prompt", "few_shot", "rag_hybrid")
      for lever in ("short", "schema", "ordered", "low_effort", "high_effort", "fewer_steps", "compacted")),
)  # fmt: skip
WORDS = {"yes": 1.0, "true": 1.0, "pass": 1.0, "no": 0.0, "false": 0.0, "fail": 0.0}
MAX_ROWS = 100_000
MAX_FAULTS = 50


@dataclass(frozen=True, slots=True)
class PilotRow:
    """One judged answer; what was not noted is None. Tokens [tok], turns and retries [item]."""

    model: str
    technique: str
    score: float
    input_tokens: float | None = None
    output_tokens: float | None = None
    turns: float | None = None
    retries: float | None = None


def load_pilot_log(path: Path) -> tuple[PilotRow, ...]:
    """Read a CSV file. Raises ScenarioError listing every fault with its line."""
    return parse_pilot_log(read_text(path), path.name)


def parse_pilot_log(text: str, name: str = say("the pilot log")) -> tuple[PilotRow, ...]:
    """Read pasted CSV, with commas, semicolons or tabs. Raises ScenarioError listing every fault."""
    text = text.lstrip("\ufeff").strip()
    first = text.splitlines()[0] if text else ""
    separator = max((",", ";", "\t"), key=first.count)
    reader = csv.DictReader(io.StringIO(text), delimiter=separator, skipinitialspace=True)
    try:
        header = [str(column).strip().lower() for column in reader.fieldnames or ()]
        faults = list(_header_faults(header, name))
        if faults:
            raise ScenarioError(say("{name} is not a pilot log.", name=name), faults)
        reader.fieldnames = header
        rows = []
        for cells in reader:
            row = _row(cells, f"{name}:{reader.line_num}", faults)
            if row is not None:
                rows.append(row)
            if len(faults) >= MAX_FAULTS or len(rows) > MAX_ROWS:
                break
    except csv.Error as error:
        raise ScenarioError(
            say("{name} is not plain CSV.", name=name), [Fault(name, say("plain CSV"), str(error))]
        ) from error
    if len(rows) > MAX_ROWS:
        faults.append(Fault(name, say("at most {most} rows", most=numeral(MAX_ROWS, ",")), say("more")))
    if not rows and not faults:
        faults.append(Fault(name, say("at least one judged answer"), say("a header alone")))
    if faults:
        raise faulty(name, faults)
    return tuple(rows)


def _header_faults(header: list[str], name: str) -> Iterator[Fault]:
    for column in NEEDED:
        if column not in header:
            yield Fault(
                f"{name}:1",
                say("a column '{column}'", column=column),
                ", ".join(header) or say("nothing"),
                nearest(column, header),
            )
    for column in header:
        if column not in COLUMNS:
            yield Fault(
                f"{name}:1",
                say("columns {columns}", columns=", ".join(COLUMNS)),
                f"'{column}'",
                nearest(column, COLUMNS),
            )
    for column in sorted({column for column in header if header.count(column) > 1}):
        yield Fault(f"{name}:1", say("each column once"), say("'{column}' again", column=column))


def _row(
    cells: Mapping[str | None, str | list[str] | None], where: str, faults: list[Fault]
) -> PilotRow | None:
    before = len(faults)
    if None in cells:
        faults.append(Fault(where, say("as many cells as columns"), say("more")))
        return None
    text = {str(column): str(cell or "").strip() for column, cell in cells.items()}
    if not text["model"]:
        faults.append(Fault(f"{where} model", say("the name of a model"), say("nothing")))
    technique = (
        text.get("technique", "").lower().replace("-", "_").replace("+", "_").replace(" ", "_") or "prompt"
    )
    if technique not in TECHNIQUES:
        close = nearest(technique, TECHNIQUES)
        faults.append(
            Fault(
                f"{where} technique",
                say("one of {names}", names=", ".join(TECHNIQUES)),
                repr(technique),
                close,
            )
        )
    score = _number(text["score"], f"{where} score", 1.0, faults, needed=True)
    most = {"input_tokens": 1e7, "output_tokens": 1e7, "turns": 1e3, "retries": 1e3}
    rest = {
        column: _number(text.get(column, ""), f"{where} {column}", limit, faults)
        for column, limit in most.items()
    }
    if len(faults) > before or score is None:
        return None
    return PilotRow(text["model"], technique, score, **rest)


def _number(text: str, where: str, most: float, faults: list[Fault], needed: bool = False) -> float | None:
    if not text and not needed:
        return None
    try:
        value = WORDS[text.lower()] if text.lower() in WORDS else float(text)
    except ValueError:
        value = float("nan")
    if not 0.0 <= value <= most:
        faults.append(
            Fault(
                where, say("a number from {least} to {most}", least=0, most=numeral(most, ",.0f")), repr(text)
            )
        )
        return None
    return value
