"""Looking at a file's first lines: how it is packed, which text it holds."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from advisor.core.encodings import DAMAGED, Packing, decoded, packing_of
from advisor.core.errors import Fault, LogError
from advisor.core.saying import numeral, say
from advisor.usage.privacy import file_name

# Technical bounds: a longer line is no log row, and a sample this long names the columns.
MAX_LINE_BYTES = 16 * 1024 * 1024
SAMPLE_LINES = 100
SAMPLE_BYTES = 4 * 1024 * 1024
_BLOCK = 64 * 1024
_FOREIGN = {
    b"\x28\xb5\x2f\xfd": say("a zstd file (unpack it first)"),
    b"\xd0\xcf\x11\xe0": say("a workbook (save it as CSV)"),
    b"SQLite format": say("a database (export it as CSV)"),
    b"%PDF": say("a PDF"),
    b"Obj\x01": say("an Avro file"),
    b"ORC": say("an ORC file"),
    b"7z\xbc\xaf": say("a 7z archive (unpack it first)"),
}


@dataclass(frozen=True, slots=True)
class Look:
    """What a text file's beginning shows. ``usual`` is what engines read without help."""

    packing: Packing
    encoding: str
    lines: tuple[str, ...]
    returns: bool = False  # lines end in carriage returns alone

    @property
    def usual(self) -> bool:
        """Whether engines read the file as it stands."""
        return (
            self.packing in ("none", "gzip") and self.encoding in ("utf-8", "utf-8-sig") and not self.returns
        )


def is_parquet(path: str) -> bool:
    """Whether a file begins as Parquet does, whatever its name says."""
    try:
        with Path(path).open("rb") as raw:
            return raw.read(4) == b"PAR1"
    except OSError:
        return False


def unpacked(path: str, packing: Packing) -> IO[bytes]:
    """A file's bytes, unpacked. Raises LogError for an archive of several files."""
    if packing == "gzip":
        return cast(IO[bytes], gzip.open(path))
    if packing == "bzip2":
        return bz2.open(path)
    if packing == "xz":
        return lzma.open(path)
    if packing == "zip":
        archive = zipfile.ZipFile(path)
        members = [member for member in archive.infolist() if not member.is_dir()]
        if any(member.filename.startswith("xl/") for member in members):
            raise LogError(
                say("The log is a workbook."),
                [Fault(file_name(path), say("CSV; save it as such"), say("a workbook"))],
            )
        if len(members) != 1 or members[0].flag_bits & 1:
            locked, count = len(members) == 1, len(members)
            found = say("one that needs a password") if locked else say("{count} files", count=count)
            raise LogError(
                say("The archive cannot be read."),
                [Fault(file_name(path), say("a zip of one plain file"), found)],
            )
        return archive.open(members[0])
    return Path(path).open("rb")


def look(path: str) -> Look:
    """The first lines of a text file. Raises LogError when there are none or it holds no text."""
    name = file_name(path)
    try:
        with Path(path).open("rb") as raw:
            start = raw.read(16)
        for sign, what in _FOREIGN.items():
            if start.startswith(sign):
                raise LogError(
                    say("{name} is not text.", name=name),
                    [Fault(name, say("CSV, JSON lines or Parquet"), what)],
                )
        packing = packing_of(start)
        with unpacked(path, packing) as stream:
            data, whole = _read_ahead(stream, name)
    except DAMAGED as error:
        raise LogError(
            say("{name} is damaged.", name=name),
            [Fault(name, say("a whole {packing} file", packing=packing), say("one that ends too early"))],
        ) from error
    except OSError as error:
        raise LogError(
            say("{name} cannot be read.", name=name),
            [Fault(name, say("a readable file"), error.strerror or say("a damaged file"))],
        ) from error
    try:
        text, encoding = decoded(data)
    except ValueError:
        raise LogError(
            say("{name} is not text.", name=name), [Fault(name, say("text or Parquet"), say("other bytes"))]
        ) from None
    if not text.strip():
        raise LogError(
            say("{name} is empty.", name=name), [Fault(name, say("a log with rows"), say("an empty file"))]
        )
    returns = "\n" not in text and "\r" in text.rstrip("\r")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if not whole and len(lines) > 1:
        lines.pop()  # cut by the sample's end
    while lines and not lines[-1].strip():
        lines.pop()
    return Look(packing, encoding, tuple(lines), returns)


def _read_ahead(stream: IO[bytes], name: str) -> tuple[bytes, bool]:
    """The file's beginning up to a line's end at least, and whether that is all of it."""
    data = b""
    try:
        while len(data) < MAX_LINE_BYTES:
            part = stream.read(SAMPLE_BYTES)
            data += part
            if not part or b"\n" in data or b"\r" in data:
                return data, len(part) < SAMPLE_BYTES
    except DAMAGED:
        if b"\n" in data:
            return data, False
        raise
    most = numeral(MAX_LINE_BYTES / 1e6, ".0f")
    raise LogError(
        say("{name} has a line too long to be a log row.", name=name),
        [Fault(name, say("lines of at most {most} MB", most=most), say("a longer one"))],
    )


def long_lines(path: str) -> int:
    """Lines of a plain text file beyond ``MAX_LINE_BYTES``, told from a page in each such stretch.

    Engines skip the longest of them without a word.
    """
    found, start, size = 0, 0, Path(path).stat().st_size
    if size <= MAX_LINE_BYTES:
        return 0
    with Path(path).open("rb") as stream:
        while size - start > MAX_LINE_BYTES:
            end = start + MAX_LINE_BYTES
            last = _newline(stream, range(end - _BLOCK, start - _BLOCK, -_BLOCK), bytes.rfind)
            if last < start:
                found += 1
                last = _newline(stream, range(end, size, _BLOCK), bytes.find)
                if last < 0:
                    break
            start = last + 1
    return found


def _newline(stream: IO[bytes], places: range, search: Callable[[Any, bytes], int]) -> int:
    """Where the first newline met in blocks at ``places`` stands; -1 for none."""
    for place in places:
        stream.seek(max(place, 0))
        at = search(stream.read(_BLOCK), b"\n")
        if at >= 0:
            return max(place, 0) + at
    return -1
