"""How much of the traffic repeats itself, where prompts or their block hashes are logged.

Prompts are hashed inside the engine; only counts and hashes' minima leave it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import ibis
import numpy as np
from numpy.typing import NDArray

from advisor.usage.engines import Engine

# MinHash: requests that share a band of minima have, at this many bands of this many rows,
# good odds from a similarity of word sets of (1/bands)^(1/rows) = 0.74.
BANDS, ROWS = 6, 6
SAMPLE = 20_000
_PRIME = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Repeats:
    """Shares of requests seen before: exactly, nearly, and of input blocks sent before."""

    exact: tuple[float, float] | None = None
    near: tuple[float, float] | None = None
    prefix: tuple[float, float] | None = None


def of_blocks(engine: Engine, rows: ibis.Table) -> Repeats:
    """From prefix-chained block hashes, as in the Mooncake trace.

    A block's hash stands for itself and all before it, so the hash at nine tenths of a
    request names everything up to there.
    """
    blocks = rows.filter(rows.blocks.notnull() & (rows.blocks.length() > 0)).blocks
    near_at = ((blocks.length() * 9 + 9) // 10 - 1).cast("int32")
    table = blocks.as_table()
    found = engine.run(
        table.select(last=blocks[blocks.length() - 1], near=blocks[near_at]).agg(
            requests=ibis._.count(), whole=ibis._.last.nunique(), near=ibis._.near.nunique()
        )
    )
    single = engine.run(
        table.select(block=blocks.unnest()).agg(blocks=ibis._.count(), kinds=ibis._.block.nunique())
    )
    requests, sent = int(found["requests"][0]), int(single["blocks"][0])
    if not requests:
        return Repeats()
    return Repeats(
        exact=(requests - int(found["whole"][0]), requests),
        near=(requests - int(found["near"][0]), requests),
        prefix=(sent - int(single["kinds"][0]), sent),
    )


def of_prompts(engine: Engine, rows: ibis.Table) -> Repeats:
    """From prompts: exactly by their digest over the whole log, nearly by MinHash on a sample."""
    prompt = rows.prompt.cast("string").strip()
    some = rows.filter(prompt.notnull() & (prompt != ""))
    texts = some.select("second", prompt=prompt, digest=prompt.hexdigest("md5"))
    found = engine.run(texts.agg(requests=ibis._.count(), kinds=ibis._.digest.nunique()))
    requests = int(found["requests"][0])
    if not requests:
        return Repeats()
    minima = engine.run(signatures(texts.order_by("second", "digest").limit(SAMPLE)))
    matrix = np.column_stack([minima[f"m{i}"] for i in range(BANDS * ROWS)]).astype(np.int64)
    matrix = matrix[np.lexsort((*matrix.T, minima["second"]))]
    return Repeats(
        exact=(requests - int(found["kinds"][0]), requests), near=(near_repeats(matrix), len(matrix))
    )


def signatures(texts: ibis.Table) -> ibis.Table:
    """MinHash signatures of the prompts' sets of words, as columns m0, m1, ..."""
    words = texts.prompt.lower().re_split(r"\W+")
    # engines hash to different widths; through 32 bits both multiply in 64 without overflow
    hashed = texts.select(
        "second", hashes=words.map(lambda word: (word.hash() % _PRIME).cast("int32").cast("int64"))
    )
    generator = np.random.Generator(np.random.PCG64(_PRIME))
    factors = generator.integers(1, _PRIME, size=(BANDS * ROWS, 2)).tolist()
    minima: dict[str, Any] = {
        f"m{i}": hashed.hashes.map(lambda h, a=a, b=b: (h * a + b) % _PRIME).mins()
        for i, (a, b) in enumerate(factors)
    }
    return hashed.select("second", **minima)


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
