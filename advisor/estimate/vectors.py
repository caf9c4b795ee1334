"""Size of a vector index and the search service it needs. Free functions, no defaults."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Number = float | NDArray[np.float64]
BITS_PER_BYTE = 8.0
B_PER_GB = 1e9


def vector_gb(vectors: Number, dimensions: Number, bits: Number) -> Number:
    """The vectors alone [GB]: ``vectors`` × ``dimensions`` × ``bits`` a dimension."""
    return vectors * dimensions * bits / BITS_PER_BYTE / B_PER_GB


def index_gb(vectors: Number, dimensions: Number, bits: Number, graph_bytes: Number) -> Number:
    """Memory of an index [GB]: the vectors and the neighbour graph (HNSW) [B a vector]."""
    return vector_gb(vectors, dimensions, bits) + vectors * graph_bytes / B_PER_GB


def partitions(
    memory_gb: float, disk_gb: float, quota_gb: float, storage_gb: float, sizes: Sequence[int]
) -> int | None:
    """Fewest partitions whose vector quota and storage suffice; None where none do.

    ``quota_gb`` and ``storage_gb`` are those of one partition, ``sizes`` the counts sold.
    """
    fitting = [
        count for count in sorted(sizes) if memory_gb <= count * quota_gb and disk_gb <= count * storage_gb
    ]
    return fitting[0] if fitting else None
