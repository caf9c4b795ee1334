"""A report in a folder that may hold an earlier one: what of that is out of date goes with it.

Beside the files stands which of them a report wrote, with a fingerprint of each. Only what is there and still
holds what was written is ever taken away: what people changed or made themselves stays.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from advisor.core.errors import AdvisorError
from advisor.core.files import read_text
from advisor.core.saving import as_written, fingerprint, write_together

WRITTEN = ".report-files.json"
# files of a name of their own -> the format they are; whatever else a report writes is of "files"
FORMATS = {
    "plan.json": "json", "decision-record.md": "md", "report.html": "html", "report.pdf": "pdf",
    "report-in-full.html": "full", "workbook.xlsx": "xlsx",
}  # fmt: skip


def write(folder: Path, scenario: str, made: Mapping[str, str | bytes], formats: Sequence[str]) -> list[Path]:
    """Write the files of a report together; returns their paths.

    Files of an earlier report go where this was asked for their format and has none of that name, or where
    they are another scenario's: beside these they would be taken for theirs. What the same scenario's has in
    other formats stays. Raises AdvisorError as ``write_together`` does.
    """
    before, ours = _recorded(folder)
    left = {
        name: known for name, known in ours.items() if name not in made and as_written(folder / name, known)
    }
    gone = {
        name: known for name, known in left.items()
        if before != scenario or FORMATS.get(name, "files") in formats
    }  # fmt: skip
    # what goes is recorded until it is gone, so that the next report takes away what this one could not
    files = {**left, **{name: fingerprint(content) for name, content in made.items()}}
    record = json.dumps({"scenario": scenario, "files": dict(sorted(files.items()))}, indent=1) + "\n"
    written = write_together(folder, {**made, WRITTEN: record}, gone=gone)
    return [path for path in written if path.name != WRITTEN]


def _recorded(folder: Path) -> tuple[str, dict[str, str]]:
    """The scenario reported last, and fingerprints of what reports wrote; nothing where that is not told."""
    try:
        found = json.loads(read_text(folder / WRITTEN))
        files = {str(name): str(known) for name, known in found["files"].items()}
        return str(found["scenario"]), {
            name: known for name, known in files.items() if Path(name).name == name
        }
    except (AdvisorError, OSError, ValueError, KeyError, TypeError, AttributeError):
        return "", {}
