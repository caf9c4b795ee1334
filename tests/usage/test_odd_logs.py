"""Odd logs: none crashes, none is silently wrong.

Each is a good log of 40 requests, put through changes of encoding, separator, packing and cuts; or a
mixture of formats. What can be read says the same as the good log; what cannot is one LogError. Every
packing in every encoding with every separator is `python -m bench.odd_logs`.
"""

from __future__ import annotations

from itertools import cycle, product
from pathlib import Path

import pytest

from advisor.core.errors import LogError
from advisor.usage import read_usage
from bench.odd_logs import (
    ENCODINGS,
    PACKINGS,
    PLAIN,
    SEPARATORS,
    broken,
    in_turn,
    laid_out,
    misread,
    mistaken,
    packed,
)

from .samples import ROWS, SAMPLES, apim, azure_trace, litellm, openai_response, openai_usage, otel_spans


@pytest.mark.parametrize("packing", PACKINGS)
def test_a_table_says_the_same_however_it_is_packed(packing: str, tmp_path: Path) -> None:
    """What is unpacked is told like any text: of packed ones each encoding and each separator once."""
    written = product(ENCODINGS, SEPARATORS) if packing == PLAIN else in_turn()
    assert [*misread(tmp_path, packed(packing, written))] == []


def test_ends_of_lines_and_titles_above_change_nothing(tmp_path: Path) -> None:
    assert [*misread(tmp_path, laid_out())] == []


def test_what_is_broken_is_refused_or_counted(tmp_path: Path) -> None:
    """A cut or flipped log is refused, or says fewer or other rows and never more than it holds."""
    assert [*mistaken(tmp_path, broken(7))] == []


JSON_IN = ("utf-16", "utf-8-sig", "utf-8")
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
    packed_too = zip(PACKINGS, cycle(JSON_IN), strict=False)
    for place, (packing, encoding) in enumerate([*product((PLAIN,), JSON_IN), *packed_too]):
        path = tmp_path / f"{place}.jsonl"
        path.write_bytes(PACKINGS[packing](text.encode(encoding)))
        assert read_usage([str(path)]) == expected, (packing, encoding)
