"""What a model's structure makes it hold and read: cache, state and parameters, from its shapes.

Counts are exact for the matrices of a transformer; norms and biases, a few thousandths of a per
cent, are left out. Bytes are of the numbers given: pass 2 for a 16-bit cache.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Number = float | NDArray[np.float64]


def attention_cache_bytes(layers: float, kv_heads: float, head_width: float, number_bytes: float) -> float:
    """Keys and values of one token over all attention layers [B/tok].

    Source: Grouped-query attention (Ainslie et al. 2023, arXiv 2305.13245).

    >>> attention_cache_bytes(32, 8, 128, 2)  # Llama 3.1 8B: 2 x 32 x 8 x 128 x 2 -> B/tok
    131072.0
    """
    return 2.0 * layers * kv_heads * head_width * number_bytes


def latent_cache_bytes(layers: float, rank: float, rope_width: float, number_bytes: float) -> float:
    """The compressed keys and values of multi-head latent attention (MLA), one token [B/tok].

    One latent vector and one rotary key stand for all heads (DeepSeek-V2, arXiv 2405.04434).

    >>> latent_cache_bytes(61, 512, 64, 2)  # DeepSeek-V3: 61 x 576 x 2 -> B/tok
    70272
    """
    return layers * (rank + rope_width) * number_bytes


def state_space_bytes(
    layers: float, heads: float, head_width: float, state: float, number_bytes: float
) -> float:
    """Recurrent state of one request over all Mamba-2 layers [B], its short convolution apart.

    Source: Mamba-2 (Dao and Gu 2024, arXiv 2405.21060).

    >>> state_space_bytes(2, 4, 64, 128, 2)  # -> B
    131072
    """
    return layers * heads * head_width * state * number_bytes


def linear_state_bytes(
    layers: float, value_heads: float, key_width: float, value_width: float, number_bytes: float
) -> float:
    """Recurrent state of one request over all linear-attention (gated delta) layers [B].

    Source: Gated delta networks (Yang et al. 2024, arXiv 2412.06464).

    >>> linear_state_bytes(2, 4, 64, 128, 2)  # -> B
    131072
    """
    return layers * value_heads * key_width * value_width * number_bytes


def attention_params(width: float, heads: float, kv_heads: float, head_width: float) -> float:
    """Weights of one grouped-query attention layer: queries, keys, values, output [param].

    Source: Grouped-query attention (Ainslie et al. 2023, arXiv 2305.13245).

    >>> attention_params(4096, 32, 8, 128)  # 4,096 x 128 x 80 -> param
    41943040.0
    """
    return width * head_width * (2.0 * heads + 2.0 * kv_heads)


def latent_attention_params(
    width: float,
    heads: float,
    query_rank: float,
    rank: float,
    rope: float,
    key_width: float,
    value_width: float,
) -> float:
    """Weights of one latent-attention layer [param]; ``query_rank`` 0: queries are not compressed.

    Source: DeepSeek-V2, arXiv 2405.04434.

    >>> latent_attention_params(100, 2, 0, 10, 5, 20, 20)  # 5,000 + 1,500 + 800 + 4,000 -> param
    11300
    """
    query = heads * (key_width + rope)
    queries = query_rank * (width + query) if query_rank else width * query
    return (
        queries
        + width * (rank + rope)
        + rank * heads * (key_width + value_width)
        + heads * value_width * width
    )


def feed_forward_params(width: float, inner: float, gated: bool) -> float:
    """Weights of one feed-forward layer or expert: three matrices when gated, else two [param].

    Source: SwiGLU (Shazeer 2020, arXiv 2002.05202).

    >>> feed_forward_params(4096, 14_336, True)  # 3 x 4,096 x 14,336 -> param
    176160768.0
    """
    return (3.0 if gated else 2.0) * width * inner


def state_space_params(width: float, heads: float, head_width: float, state: float, groups: float) -> float:
    """Weights of one Mamba-2 layer: its input and output projections [param].

    Source: Mamba-2 (Dao and Gu 2024, arXiv 2405.21060).

    >>> state_space_params(100, 2, 50, 16, 1)  # 100 x (200 + 32 + 2) + 100 x 100 -> param
    33400.0
    """
    inner = heads * head_width
    return width * (2.0 * inner + 2.0 * groups * state + heads) + inner * width


def selective_state_params(width: float, inner: float, state: float, rank: float) -> float:
    """Weights of one Mamba layer: its projections in, to step sizes and states, and out [param].

    ``rank``: of the projection to step sizes. Its short convolution is left out.

    Source: Mamba (Gu and Dao 2023, arXiv 2312.00752).

    >>> selective_state_params(100, 200, 16, 6)  # 40,000 + 7,600 + 1,200 + 3,200 + 20,000 -> param
    72000.0
    """
    return 2.0 * width * inner + inner * (rank + 2.0 * state) + rank * inner + inner * state + inner * width


def linear_attention_params(
    width: float, key_heads: float, value_heads: float, key_width: float, value_width: float
) -> float:
    """Weights of one gated-delta layer: queries, keys, values, gates, output [param].

    Source: Gated delta networks (Yang et al. 2024, arXiv 2412.06464).

    >>> linear_attention_params(100, 2, 2, 10, 10)  # 100 x (40 + 40 + 4) + 20 x 100 -> param
    10400.0
    """
    keys, values = key_heads * key_width, value_heads * value_width
    return width * (2.0 * keys + 2.0 * values + 2.0 * value_heads) + values * width


def longest_context(
    free_b: float, kv_bytes: float, state_bytes: float, window_share: float, window_tokens: float
) -> float:
    """Tokens of one request's context that ``free_b`` bytes hold [tok]; 0 where not even its state fits.

    Layers with a window keep at most ``window_tokens`` of it; all windowed: no end (infinity).

    Source: Memory left over memory a token takes.

    >>> longest_context(1e9, 1e5, 0, 0, 0)  # B, B/tok -> tok
    10000.0
    """
    left = free_b - state_bytes
    if left <= 0.0:
        return 0.0
    if kv_bytes <= 0.0:
        return float("inf")
    tokens = left / kv_bytes
    if window_share <= 0.0 or tokens <= window_tokens:
        return tokens
    if window_share >= 1.0:
        return float("inf")
    return (left - kv_bytes * window_share * window_tokens) / (kv_bytes * (1.0 - window_share))


def by_size(total_params: Number, active_params: Number, fit: tuple[Number, Number, Number]) -> Number:
    """A property of a model known by its size alone: exp(a)·(P/1e9)^b·(active share)^c.

    Source: A power law fitted to published structures (see the fit's own source).

    >>> float(by_size(8e9, 8e9, (0.0, 1.0, 0.5)))  # (8e9 / 1e9)^1
    8.0
    """
    a, b, c = fit
    share = np.asarray(active_params) / total_params
    return np.exp(a) * (np.asarray(total_params) / 1e9) ** b * share**c


def experts_by_size(
    total_params: Number, active_params: Number, routed_share: Number, dense_above: Number
) -> tuple[Number, Number]:
    """Parameters in experts and the share of them a token uses, from sizes alone.

    A model whose active share lies above ``dense_above`` counts as dense; else
    ``routed_share`` of the active parameters is taken to sit in experts.

    Source: Sizes alone; the shares are fitted to published structures.

    >>> experts, routed = experts_by_size(100e9, 10e9, 0.5, 0.9)
    >>> float(experts), round(float(routed), 4)  # 90e9 + 5e9 param; 5 / 95
    (95000000000.0, 0.0526)
    """
    mixture = np.asarray(active_params) < dense_above * np.asarray(total_params)
    routed = np.where(mixture, routed_share * np.asarray(active_params), 0.0)
    experts = np.where(mixture, total_params - active_params + routed, 0.0)
    return experts, np.where(mixture, routed / np.maximum(experts, 1.0), 0.0)
