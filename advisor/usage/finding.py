"""Finding log files: on this machine only, refused before anything is opened elsewhere."""

from __future__ import annotations

import glob
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from advisor.core.addresses import is_elsewhere
from advisor.core.errors import Fault, LogError
from advisor.core.saying import say
from advisor.usage.privacy import file_name

Kind = Literal["csv", "jsonl", "json", "parquet", "prom"]

_SUFFIXES: dict[str, Kind] = {
    ".csv": "csv", ".tsv": "csv", ".txt": "csv", ".log": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl",
    ".json": "json", ".parquet": "parquet", ".pq": "parquet", ".prom": "prom", ".metrics": "prom",
}  # fmt: skip
_LOOKED_AT = 64 * 1024  # bytes compared at three places
_PACKED = (".gz", ".gzip", ".bz2", ".xz", ".zip")


def find(paths: Sequence[str]) -> list[str]:
    """Files behind paths, globs and folders, sorted. Raises LogError naming every miss.

    Addresses (https://, s3://, abfss://, file://, \\\\host, ...) are refused before any file is opened.
    """
    away = [path for path in paths if is_elsewhere(path)]
    if away:
        raise LogError(
            say("Logs are read from this machine only; nothing was opened."),
            [
                Fault(file_name(path), say("a local path: copy or mount the log"), say("an address"))
                for path in away
            ],
        )
    found: list[str] = []
    faults: list[Fault] = []
    for given in paths:
        said = file_name(given)
        try:
            place = Path(given).expanduser()
            if place.is_dir():
                inside = [str(p) for p in place.rglob("*") if p.is_file() and kind_of(p.name) is not None]
                if not inside:
                    faults.append(
                        Fault(said, say("a folder with CSV, JSON lines or Parquet files"), say("none in it"))
                    )
                found += inside
            elif place.is_file():
                found.append(str(place))
            else:
                matched = [p for p in glob.glob(str(place), recursive=True) if Path(p).is_file()]  # noqa: PTH207
                if not matched:
                    expected = say("a file, a folder or a pattern that matches files")
                    faults.append(Fault(said, expected, say("no such file")))
                found += matched
        except (OSError, ValueError, RuntimeError):  # a name too long, with a NUL, of a home nobody has
            faults.append(Fault(said[:80], say("a file's path"), say("none that this machine can have")))
    if not paths:
        faults.append(Fault(say("log"), say("at least one file"), say("none given")))
    if faults:
        raise LogError(say("There is no log to read."), faults)
    return sorted(dict.fromkeys(found))


def kind_of(name: str) -> Kind | None:
    """The kind of file a name promises, compression aside; None when it promises nothing."""
    suffixes = [s.lower() for s in Path(name).suffixes]
    if suffixes and suffixes[-1] in _PACKED:
        suffixes.pop()
    return _SUFFIXES.get(suffixes[-1]) if suffixes else None


def alike(files: Sequence[str]) -> list[tuple[str, str]]:
    """Files of the same size whose beginning, middle and end are the same, each with the first such one."""
    first: dict[tuple[int, bytes], str] = {}
    found = []
    for file in files:
        size = Path(file).stat().st_size
        with Path(file).open("rb") as stream:
            parts = []
            for place in (0, size // 2, size - _LOOKED_AT):
                stream.seek(max(place, 0))
                parts.append(stream.read(_LOOKED_AT))
        key = (size, hashlib.sha256(b"".join(parts)).digest())
        if size and key in first:
            found.append((first[key], file))
        first.setdefault(key, file)
    return found
