"""Two hundred odd logs: none crashes, none is silently wrong.

Each is a good log of 40 requests, put through changes of encoding, separator, packing and cuts; or a
mixture of formats. What can be read says the same as the good log; what cannot is one LogError.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from advisor.core.errors import LogError
from advisor.usage import read_usage

from .samples import ROWS, SAMPLES, apim, azure_trace, litellm, openai_response, openai_usage, otel_spans

Bytes = Callable[[bytes], bytes]


def zipped(data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inside", data)
    return out.getvalue()


PACKINGS: dict[str, Bytes] = {
    "plain": lambda data: data,
    "gzip": lambda data: gzip.compress(data, 1),
    "bzip2": lambda data: bz2.compress(data, 1),
    "xz": lambda data: lzma.compress(data, preset=0),
    "zip": zipped,
}
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-be", "cp1252")
SEPARATORS = (",", ";", "\t", "|")
ENDS = ("\n", "\r\n", "\r")


@dataclass(frozen=True)
class Odd:
    name: str
    data: bytes


def table(text: str) -> Iterator[Odd]:
    """100 + 25 tables: every packing with every encoding and separator; ends of lines; titles above."""
    for packing, pack in PACKINGS.items():
        for encoding in ENCODINGS:
            for separator in SEPARATORS:
                changed = text.replace(",", separator).encode(encoding)
                yield Odd(f"{packing} {encoding} {separator!r}.csv", pack(changed))
    for end in ENDS:
        for encoding in ENCODINGS:
            yield Odd(f"ends {end!r} {encoding}.csv", text.replace("\n", end).encode(encoding))
    for above in ("sep=,\n", "Report of March\n\n", "# exported\n# by hand\n", "\n\n", "a,b\n1,2\n"):
        for encoding in ("utf-8", "utf-16"):
            yield Odd(f"under {above!r} {encoding}.csv", (above + text).encode(encoding))


def broken(data: bytes, seed: int) -> Iterator[Odd]:
    """Cuts, flips and rubbish, packed and not."""
    chance = random.Random(seed)  # noqa: S311
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


def _text(folder: Path, writer: Callable[[Path], Path]) -> str:
    return writer(folder).read_bytes().decode().replace("\r\n", "\n")


def _sample() -> str:
    with TemporaryDirectory() as folder:
        return _text(Path(folder), azure_trace)


def _table() -> Iterator[Odd]:
    return table(_sample())


def _broken() -> Iterator[Odd]:
    return broken(_sample().encode(), 7)


@pytest.mark.parametrize("packing", PACKINGS)
def test_a_table_says_the_same_however_it_is_written(packing: str, tmp_path: Path) -> None:
    good = tmp_path / "good.csv"
    good.write_text(_sample())
    expected = read_usage([str(good)])
    some = [one for one in _table() if one.name.split()[0] == packing or (packing == "plain"
            and one.name.split()[0] in ("ends", "under"))]  # fmt: skip
    assert len(some) >= 20
    for place, one in enumerate(some):
        path = tmp_path / f"{place}.csv"
        path.write_bytes(one.data)
        assert read_usage([str(path)]) == expected, one.name


def test_what_is_broken_is_refused_or_counted(tmp_path: Path) -> None:
    """A cut or flipped log is refused, or says fewer or other rows and never more than it holds."""
    for place, one in enumerate(_broken()):
        path = tmp_path / f"{place}.csv"
        path.write_bytes(one.data)
        try:
            traffic = read_usage([str(path)])
        except LogError as error:
            faultless = [one.name] if not error.faults else []
        else:
            faultless = []
            assert 0 < traffic.requests <= ROWS, one.name
            assert traffic.requests == ROWS or traffic.dropped or "cut plain" in one.name, one.name
        assert faultless == []


MIXED = (azure_trace, litellm, apim, otel_spans)


def test_mixtures_add_up(tmp_path: Path) -> None:
    """Every pair of per-request logs: the requests of both. Totals and requests are refused together."""
    for first in range(len(MIXED)):
        for second in range(first + 1, len(MIXED)):
            folder = tmp_path / f"{first}{second}"
            folder.mkdir()
            paths = [str(MIXED[first](folder)), str(MIXED[second](folder))]
            failed = sum(
                SAMPLES[name][3] for name in SAMPLES if SAMPLES[name][0] in (MIXED[first], MIXED[second])
            )
            assert read_usage(paths).requests == 2 * ROWS - failed
    with pytest.raises(LogError, match="count time differently"):
        read_usage([str(azure_trace(tmp_path)), str(openai_usage(tmp_path))])


def test_json_in_other_encodings_says_the_same(tmp_path: Path) -> None:
    text = openai_response(tmp_path).read_text()
    expected = read_usage([str(tmp_path / "responses.jsonl")])
    for place, (packing, encoding) in enumerate(
        [(packing, encoding) for packing in PACKINGS for encoding in ("utf-8", "utf-8-sig", "utf-16")]
    ):
        path = tmp_path / f"{place}.jsonl"
        path.write_bytes(PACKINGS[packing](text.encode(encoding)))
        assert read_usage([str(path)]) == expected, (packing, encoding)
