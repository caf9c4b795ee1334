"""Size of a vector index and the search service it needs. Free functions, no defaults."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Number = float | NDArray[np.float64]
BITS_PER_BYTE = 8.0
B_PER_GB = 1e9


def vector_gb(vectors: Number, dimensions: Number, bits: Number) -> Number:
    """The vectors alone [GB]: ``vectors`` × ``dimensions`` × ``bits`` a dimension.

    Source: Dense vectors as stored.

    >>> vector_gb(1e6, 1000, 32)  # item, item, bit -> GB
    4.0
    """
    return vectors * dimensions * bits / BITS_PER_BYTE / B_PER_GB


def index_gb(vectors: Number, dimensions: Number, bits: Number, graph_bytes: Number) -> Number:
    """Memory of an index [GB]: the vectors and the neighbour graph (HNSW) [B a vector].

    Source: Malkov and Yashunin 2016, arXiv 1603.09320: links beside the vectors.

    >>> index_gb(1e6, 1000, 32, 100)  # 4 + 0.1 -> GB
    4.1
    """
    return vector_gb(vectors, dimensions, bits) + vectors * graph_bytes / B_PER_GB


def partitions(
    memory_gb: float, disk_gb: float, quota_gb: float, storage_gb: float, sizes: Sequence[int]
) -> int | None:
    """Fewest partitions whose vector quota and storage suffice; None where none do.

    ``quota_gb`` and ``storage_gb`` are those of one partition, ``sizes`` the counts sold.

    Source: How a search service sells its partitions.

    >>> partitions(60, 10, 25, 100, (1, 2, 3, 4))  # GB each: 3 x 25 covers 60
    3
    """
    fitting = [
        count for count in sorted(sizes) if memory_gb <= count * quota_gb and disk_gb <= count * storage_gb
    ]
    return fitting[0] if fitting else None
