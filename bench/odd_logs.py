"""A hundred and forty-four odd logs made of a good one: each says the same, or ends in one error.

The good log has 40 requests. It is written in every encoding with every separator and packing, with other
ends of lines and titles above, and it is cut, flipped and mixed with rubbish. The tests take a part of it.

Run: python -m bench.odd_logs
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

from advisor.core.errors import LogError
from advisor.scenario.traffic import Traffic
from advisor.usage import read_usage

ROWS = 40
START = datetime(2025, 3, 3, 9, 0, tzinfo=UTC)
Bytes = Callable[[bytes], bytes]


def zipped(data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inside", data)
    return out.getvalue()


PLAIN = "plain"
PACKINGS: dict[str, Bytes] = {
    PLAIN: lambda data: data,
    "gzip": lambda data: gzip.compress(data, 1),
    "bzip2": lambda data: bz2.compress(data, 1),
    "xz": lambda data: lzma.compress(data, preset=0),
    "zip": zipped,
}
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-be", "cp1252")
SEPARATORS = (",", ";", "\t", "|")
ENDS = ("\n", "\r\n", "\r")
ABOVE = ("sep=,\n", "Report of March\n\n", "# exported\n# by hand\n", "\n\n", "a,b\n1,2\n")


@dataclass(frozen=True)
class Odd:
    name: str
    data: bytes


def good() -> str:
    """A log of one request each 45 seconds, as text."""
    rows = (
        f"{START + timedelta(seconds=45 * place):%Y-%m-%d %H:%M:%S.%f}0,{100 + 10 * place},{20 + place % 7}"
        for place in range(ROWS)
    )
    return "\n".join(["TIMESTAMP,ContextTokens,GeneratedTokens", *rows, ""])


def packed(packing: str, written: Iterator[tuple[str, str]]) -> Iterator[Odd]:
    """The log in a packing, in some encodings and separators."""
    for encoding, separator in written:
        data = good().replace(",", separator).encode(encoding)
        yield Odd(f"{packing} {encoding} {separator!r}.csv", PACKINGS[packing](data))


def in_turn() -> Iterator[tuple[str, str]]:
    """Every encoding once, the separators in turn."""
    for place, encoding in enumerate(ENCODINGS):
        yield encoding, SEPARATORS[place % len(SEPARATORS)]


def laid_out() -> Iterator[Odd]:
    """Other ends of lines, and titles above."""
    for end, encoding in product(ENDS, ENCODINGS):
        yield Odd(f"ends {end!r} {encoding}.csv", good().replace("\n", end).encode(encoding))
    for above, encoding in product(ABOVE, ("utf-8", "utf-16")):
        yield Odd(f"under {above!r} {encoding}.csv", (above + good()).encode(encoding))


def broken(seed: int) -> Iterator[Odd]:
    """Cuts, flips and rubbish, packed and not."""
    chance, data = random.Random(seed), good().encode()  # noqa: S311
    for packing, pack in PACKINGS.items():
        whole = pack(data)
        for share in (0.3, 0.9):
            yield Odd(f"cut {packing} {share}.csv", whole[: int(len(whole) * share)])
        flipped = bytearray(whole)
        for _ in range(8):
            flipped[chance.randrange(len(flipped))] ^= 1 << chance.randrange(8)
        yield Odd(f"flipped {packing}.csv", bytes(flipped))
    yield Odd("nul.csv", data[:300] + b"\0" * 5 + data[300:])
    yield Odd("quote.csv", data[:300] + b'"' + data[300:])
    yield Odd("tail.csv", data + b"\xff\xfe\xfd not text \x80\n")
    yield Odd("junk.csv", data + b"a,b,c,d,e,f\n,,,,\n;;;;\n" * 20)


def read(folder: Path, one: Odd) -> Traffic:
    """What it says. Raises LogError."""
    path = folder / "odd.csv"
    path.write_bytes(one.data)
    return read_usage([str(path)])


def misread(folder: Path, odd: Iterator[Odd]) -> Iterator[str]:
    """Those that do not say what the good one says."""
    expected = read(folder, Odd("good", good().encode()))
    return (one.name for one in odd if read(folder, one) != expected)


def mistaken(folder: Path, odd: Iterator[Odd]) -> Iterator[str]:
    """Broken ones that are read as more than they hold, as all of it without a word, or fail unexplained."""
    for one in odd:
        try:
            traffic = read(folder, one)
        except LogError as error:
            if not error.faults:
                yield one.name
            continue
        told = traffic.requests == ROWS or traffic.dropped or "cut plain" in one.name
        if not 0 < traffic.requests <= ROWS or not told:
            yield one.name


def main() -> int:
    with TemporaryDirectory() as name:
        folder, wrong, tried = Path(name), list[str](), 0
        for packing in PACKINGS:
            wrong += misread(folder, packed(packing, product(ENCODINGS, SEPARATORS)))
            tried += len(ENCODINGS) * len(SEPARATORS)
        wrong += misread(folder, laid_out())
        wrong += mistaken(folder, broken(7))
        tried += len([*laid_out()]) + len([*broken(7)])
    print(f"{tried} odd logs, {len(wrong)} of them wrong")
    for one in wrong:
        print(one)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
