"""How much of the traffic repeats itself, where prompts or their block hashes are logged.

Prompts are hashed inside the engine; only counts and hashes' minima leave it.
"""

from __future__ import annotations

from typing import Any

import ibis
import numpy as np
from numpy.typing import NDArray

from advisor.usage.engine import Columns, Engine

# MinHash: requests that share a band of minima have, at this many bands of this many rows,
# good odds from a similarity of word sets of (1/bands)^(1/rows) = 0.74.
BANDS, ROWS = 6, 6
SAMPLE = 20_000
_PRIME = 2**31 - 1


def prefix_blocks(engine: Engine, rows: ibis.Table) -> tuple[int, int]:
    """Blocks that an earlier request already sent, of all blocks sent.

    From prefix-chained block hashes, as in the Mooncake trace; what an unlimited prefix cache
    would save.
    """
    blocks = rows.filter(rows.blocks.notnull() & (rows.blocks.length() > 0)).blocks
    kinds = blocks.as_table().select(block=blocks.unnest()).group_by("block").agg(sent=ibis._.count())
    found = engine.run(kinds.agg(sent=kinds.sent.sum().fill_null(0), kinds=kinds.count()))
    sent = int(found["sent"][0])
    return sent - int(found["kinds"][0]), sent


def near_prompts(sample: Columns) -> tuple[int, int]:
    """Prompts nearly the same as an earlier one, of those sampled, by MinHash."""
    matrix = np.column_stack([sample[f"m{i}"] for i in range(BANDS * ROWS)]).astype(np.int64)
    matrix = matrix[np.lexsort((*matrix.T, sample["second"]))]
    return near_repeats(matrix), len(matrix)


def _minima(prompt: Any) -> dict[str, Any]:
    """MinHash signature of a prompt's set of words, as columns m0, m1, ..."""
    # engines hash to different widths; through 32 bits both multiply in 64 without overflow
    words = prompt.lower().re_split(r"\W+")
    hashes = words.map(lambda word: (word.hash() % _PRIME).cast("int32").cast("int64"))
    generator = np.random.Generator(np.random.PCG64(_PRIME))
    factors = generator.integers(1, _PRIME, size=(BANDS * ROWS, 2)).tolist()
    return {
        f"m{i}": hashes.map(lambda h, a=a, b=b: (h * a + b) % _PRIME).mins()
        for i, (a, b) in enumerate(factors)
    }


def near_repeats(signature: NDArray[np.int64]) -> int:
    """Requests that share a band of minima with an earlier one."""
    seen_before = np.zeros(len(signature), dtype=bool)
    for band in range(BANDS):
        part = signature[:, band * ROWS : (band + 1) * ROWS]
        _, first = np.unique(part, axis=0, return_index=True)
        repeated = np.ones(len(signature), dtype=bool)
        repeated[first] = False
        seen_before |= repeated
    return int(seen_before.sum())


# A prompt's text is cut into stretches of this many characters, each told by all up to its end.
STRETCH, MOST_STRETCHES = 256, 64
_TAIL = 2  # characters that close a list of messages, and so differ once it goes on


def sampled_blocks(engine: Engine, rows: ibis.Table) -> Columns:
    """The log's first ``SAMPLE`` requests with their hashes of blocks."""
    some = rows.filter(rows.blocks.notnull())
    first = some.select("second", "input", "whole_key", "blocks").order_by("second", "whole_key", "input")
    return engine.run(first.limit(SAMPLE))


def sampled_prompts(engine: Engine, rows: ibis.Table) -> Columns:
    """The log's first ``SAMPLE`` prompts: hashes of each stretch and all before it, and minima."""
    some = rows.filter(rows.whole_key.notnull())
    texts = some.select("second", "input", "whole_key", prompt=rows.prompt.cast("string").strip())
    first = texts.order_by("second", "whole_key", "input").limit(SAMPLE)
    parts = (((first.prompt.length() - _TAIL) // STRETCH).clip(0, MOST_STRETCHES)).cast("int64")
    ends = ibis.range(0, parts, 1).map(lambda part: (part + 1) * STRETCH)
    hashes = ends.map(lambda end: first.prompt.substr(0, end).hash())
    return engine.run(first.select("second", "input", "whole_key", blocks=hashes, **_minima(first.prompt)))


def chains(sample: Columns, whole_blocks: bool) -> list[list[int]]:
    """Inputs of requests that go on from one another, each the whole of the one before and more.

    A request goes on from the one that first sent its last whole block, the last but one where
    blocks may be part-filled; and one only goes on from it. What many share, such as a system
    prompt, links nobody: only its first sender could claim it.
    """
    order = np.lexsort((sample["input"], sample["whole_key"].astype(str), sample["second"]))
    last = 1 if whole_blocks else 2
    if not any(len(blocks) for blocks in sample["blocks"]):
        return []  # too short to go on from one another
    owner: dict[tuple[int, int], int] = {}
    seen: set[tuple[int, int]] = set()
    chain: dict[int, list[int]] = {}
    tails: dict[int, list[int]] = {}
    for row in order.tolist():
        marks = list(enumerate(np.asarray(sample["blocks"][row]).tolist()))
        size = int(sample["input"][row])
        before = next((owner[mark] for mark in reversed(marks[:-1]) if mark in owner), None)
        if before is not None and before in tails and tails[before][-1] < size:
            here = tails.pop(before)
            here.append(size)
        else:
            here = chain[row] = [size]
        tails[row] = here
        if len(marks) >= last and marks[-last] not in seen:
            owner[marks[-last]] = row
        seen.update(marks)
    return list(chain.values())
