"""Size and upkeep of a retrieval index. Free functions over scalars or arrays."""

from __future__ import annotations

import numpy as np

from advisor.core.draws import Array

Number = float | Array


def chunks(documents: Number, tokens_per_document: Number, chunk_tokens: Number, overlap: Number) -> Number:
    """Passages in an index when neighbours share ``overlap`` of their tokens [0-1)."""
    step = chunk_tokens * (1.0 - overlap)
    return documents * np.maximum(1.0, np.ceil(tokens_per_document / step))


def embedded_tokens(documents: Number, tokens_per_document: Number, overlap: Number) -> Number:
    """Tokens read to embed a corpus once, overlap counted twice [tok]."""
    return documents * tokens_per_document / (1.0 - overlap)


def turnovers_per_year(changes_every_days: Number | None, changed_share: Number) -> Number:
    """Times a year's changes amount to the whole corpus; 0 if it never changes."""
    return 0.0 if changes_every_days is None else 365.0 / changes_every_days * changed_share
