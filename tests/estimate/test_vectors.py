from __future__ import annotations

import pint
import pytest

from advisor.estimate import vectors

GRAPH = 61.0  # bytes of a neighbour graph a vector


def test_ten_million_vectors_of_1536_dimensions_by_hand() -> None:
    # 1e7 x 1,536 x 4 bytes = 61.44 GB; 1 byte: 15.36 GB; 1 bit: 1.92 GB
    assert vectors.vector_gb(1e7, 1536, 32) == pytest.approx(61.44)
    assert vectors.vector_gb(1e7, 1536, 8) == pytest.approx(15.36)
    assert vectors.vector_gb(1e7, 1536, 1) == pytest.approx(1.92)
    # the graph adds 1e7 x 61 bytes = 0.61 GB at any precision
    assert vectors.index_gb(1e7, 1536, 32, GRAPH) == pytest.approx(62.05)


def test_the_graph_is_two_and_one_percent_at_768_and_1536_dimensions() -> None:
    for dimensions, share in ((768, 0.02), (1536, 0.01)):
        plain = vectors.vector_gb(1e6, dimensions, 32)
        assert vectors.index_gb(1e6, dimensions, 32, GRAPH) / plain - 1 == pytest.approx(share, rel=0.01)


def test_partitions_come_in_the_sizes_sold() -> None:
    sizes = [1, 2, 3, 4, 6, 12]
    # 62 GB at 35 GB a partition: 2; 150 GB needs 5, sold as 6; 500 GB does not fit
    assert vectors.partitions(62.05, 100, 35, 160, sizes) == 2
    assert vectors.partitions(150, 100, 35, 160, sizes) == 6
    assert vectors.partitions(500, 100, 35, 160, sizes) is None
    # storage can be what needs them
    assert vectors.partitions(1, 500, 35, 160, sizes) == 4


def test_dimensions_come_out_right() -> None:
    units = pint.UnitRegistry()
    size = vectors.index_gb(1e6 * units.dimensionless, 1536, 32, 61.0)
    assert size.check("[]")
    assert size.m_as("dimensionless") == pytest.approx(vectors.index_gb(1e6, 1536, 32, 61.0))
