"""Cache, state and parameters by hand, from public shapes."""

from __future__ import annotations

import pytest

from advisor.estimate import structure


def test_caches_and_states() -> None:
    # Llama 3.1 8B: keys and values, 32 layers, 8 heads of 128, 2 B = 131,072 B a token
    assert structure.attention_cache_bytes(32, 8, 128, 2) == 131_072
    # DeepSeek-V3: 61 layers, 512 + 64 numbers, 2 B = 70,272 B a token
    assert structure.latent_cache_bytes(61, 512, 64, 2) == 70_272
    # Nemotron Nano 9B v2: 27 layers, 128 heads of 80, state 128, 4 B = 141,557,760 B a request
    assert structure.state_space_bytes(27, 128, 80, 128, 4) == 141_557_760
    # 45 gated-delta layers, 64 value heads, 128 × 128, 4 B = 188,743,680 B
    assert structure.linear_state_bytes(45, 64, 128, 128, 4) == 188_743_680


def test_the_longest_context() -> None:
    # 1e9 B at 1e5 B a token: 10,000; half of the layers see 1,000 at most: (1e9 − 5e4·1,000)/5e4 = 19,000
    assert structure.longest_context(1e9, 1e5, 0, 0, 0) == 10_000
    assert structure.longest_context(1e9, 1e5, 0, 0.5, 1000) == pytest.approx(19_000)
    assert structure.longest_context(5e7, 1e5, 0, 0.5, 1000) == 500
    assert structure.longest_context(1e9, 1e5, 2e9, 0, 0) == 0
    assert structure.longest_context(1e9, 1e5, 0, 1, 1000) == float("inf")


def test_structure_from_size() -> None:
    # exp(1)·8^0.5·1 = 7.6885
    assert structure.by_size(8e9, 8e9, (1.0, 0.5, 0.3)) == pytest.approx(7.6885, rel=1e-4)
    # 10 of 100 billion active, 60 % of them routed: 6 billion of 96 billion in experts
    experts, routed = structure.experts_by_size(100e9, 10e9, 0.6, 0.6)
    assert (float(experts), float(routed)) == pytest.approx((96e9, 0.0625))
    assert structure.experts_by_size(10e9, 9e9, 0.6, 0.6)[0] == 0
