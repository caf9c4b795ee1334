"""Size and upkeep of a retrieval index. Free functions over scalars or arrays."""

from __future__ import annotations

import numpy as np

from advisor.core.draws import Array

Number = float | Array


def chunks(documents: Number, tokens_per_document: Number, chunk_tokens: Number, overlap: Number) -> Number:
    """Passages in an index when neighbours share ``overlap`` of their tokens [0-1).

    Source: Windows of equal length with overlap.

    >>> float(chunks(10, 1000, 250, 0.2))  # 10 x 1,000 / 200 -> item
    50.0
    """
    step = chunk_tokens * (1.0 - overlap)
    return documents * np.maximum(1.0, np.ceil(tokens_per_document / step))


def embedded_tokens(documents: Number, tokens_per_document: Number, overlap: Number) -> Number:
    """Tokens read to embed a corpus once, overlap counted twice [tok].

    Source: Windows of equal length with overlap.

    >>> embedded_tokens(10, 1000, 0.2)  # 10,000 / 0.8 -> tok
    12500.0
    """
    return documents * tokens_per_document / (1.0 - overlap)


def outdated_share(changed_share: Number, changes: Number) -> Number:
    """Share of documents that are no longer true after ``changes``, each of which touches some at random.

    Source: What no change has touched is left: 1 - (1 - s)^n.

    >>> round(outdated_share(0.1, 2), 2)  # ratio, changes: 1 - 0.9 x 0.9 -> ratio
    0.19
    """
    return 1.0 - (1.0 - changed_share) ** changes


def turnovers_per_year(changes_every_days: Number | None, changed_share: Number) -> Number:
    """Times a year's changes amount to the whole corpus; 0 if it never changes.

    Source: A year of 365 days.

    >>> turnovers_per_year(73, 0.1)  # day, ratio: 5 x 0.1 -> 1/year
    0.5
    """
    return 0.0 if changes_every_days is None else 365.0 / changes_every_days * changed_share
