"""Any model from its config.json: dense, mixture, latent attention, hybrid; every lack told at once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from advisor.catalogue import Catalogue
from advisor.core.errors import ScenarioError
from advisor.scenario import parse_scenario
from advisor.system.case import Case
from advisor.system.open_model import open_model
from advisor.system.serving import Serving, max_batch, serve, start
from advisor.system.shape import Shape

LLAMA = {
    "model_type": "llama", "num_hidden_layers": 32, "hidden_size": 4096, "intermediate_size": 14336,
    "num_attention_heads": 32, "num_key_value_heads": 8, "vocab_size": 128256, "torch_dtype": "bfloat16",
    "max_position_embeddings": 131072, "tie_word_embeddings": False,
}  # fmt: skip
QWEN_MOE = {
    "model_type": "qwen3_moe", "num_hidden_layers": 48, "hidden_size": 2048, "intermediate_size": 6144,
    "moe_intermediate_size": 768, "num_experts": 128, "num_experts_per_tok": 8, "num_attention_heads": 32,
    "num_key_value_heads": 4, "head_dim": 128, "vocab_size": 151936, "decoder_sparse_step": 1,
    "max_position_embeddings": 262144, "sliding_window": None, "use_sliding_window": False,
}  # fmt: skip
DEEPSEEK = {
    "model_type": "deepseek_v3", "num_hidden_layers": 61, "hidden_size": 7168, "intermediate_size": 18432,
    "moe_intermediate_size": 2048, "n_routed_experts": 256, "n_shared_experts": 1, "num_experts_per_tok": 8,
    "first_k_dense_replace": 3, "num_attention_heads": 128, "kv_lora_rank": 512, "q_lora_rank": 1536,
    "qk_rope_head_dim": 64, "qk_nope_head_dim": 128, "v_head_dim": 128, "vocab_size": 129280,
    "max_position_embeddings": 163840, "quantization_config": {"quant_method": "fp8"},
}  # fmt: skip
NEMOTRON = {
    "model_type": "nemotron_h", "num_hidden_layers": 56, "hidden_size": 4480, "intermediate_size": 15680,
    "hybrid_override_pattern": "M-M-M-MM-M-M-M*-M-M-M*-M-M-M-M*-M-M-M-M*-M-MM-M-M-M-M-M-",
    "num_attention_heads": 40, "num_key_value_heads": 8, "head_dim": 128, "mamba_num_heads": 128,
    "mamba_head_dim": 80, "ssm_state_size": 128, "n_groups": 8, "vocab_size": 131072,
    "max_position_embeddings": 131072,
}  # fmt: skip
GPT_OSS = {
    "model_type": "gpt_oss", "num_hidden_layers": 36, "hidden_size": 2880, "intermediate_size": 2880,
    "num_local_experts": 128, "num_experts_per_tok": 4, "num_attention_heads": 64, "num_key_value_heads": 8,
    "head_dim": 64, "sliding_window": 128, "vocab_size": 201088, "max_position_embeddings": 131072,
    "layer_types": ["sliding_attention", "full_attention"] * 18,
    "quantization_config": {"quant_method": "mxfp4"},
}  # fmt: skip
# billions of parameters in all and active, B of cache a token, B of state a request
KNOWN: dict[str, tuple[dict[str, Any], float, float, float, float]] = {
    # 2·32·8·128·2 = 131,072 B
    "dense": (LLAMA, 8.03, 8.03, 131_072, 0),
    # 2·48·4·128·2 = 98,304 B
    "mixture": (QWEN_MOE, 30.5, 3.3, 98_304, 0),
    # 61·(512 + 64)·2 = 70,272 B
    "latent": (DEEPSEEK, 671, 37.5, 70_272, 0),
    # 4 attention layers: 2·4·8·128·2 = 16,384 B; 27 Mamba layers: 27·128·80·128·4 = 141,557,760 B
    "hybrid": (NEMOTRON, 8.9, 8.9, 16_384, 141_557_760),
    # 2·36·8·64·2 = 73,728 B; the 5.1 billion that are published leave out the 0.58 of the input embedding
    "window": (GPT_OSS, 116.8, 5.7, 73_728, 0),
}


@pytest.fixture
def case(catalogue: Catalogue) -> Case:
    return Case(parse_scenario({"name": "A test", "task": "chat"}), catalogue, 200, 7)


def written(folder: Path, config: dict[str, Any]) -> Path:
    path = folder / "config.json"
    path.write_text(json.dumps(config), encoding="utf-8")
    return path


@pytest.mark.parametrize("kind", KNOWN)
def test_structure_and_price(kind: str, tmp_path: Path, case: Case) -> None:
    config, total, active, cache, state = KNOWN[kind]
    model = open_model(written(tmp_path, config), kind)
    assert model.total_params / 1e9 == pytest.approx(total, rel=0.02)
    assert model.active_params / 1e9 == pytest.approx(active, rel=0.06)
    assert (model.kv_bytes, model.state_bytes) == (cache, state)
    served = serve(case, model, Shape(1000.0, 300.0), Serving("b200_sxm", 8, 32.0, None, 0.6))
    assert np.all(served.energy_kwh > 0)
    assert np.all(np.isfinite(served.energy_kwh))


def test_windows_and_formats(tmp_path: Path) -> None:
    model = open_model(written(tmp_path, GPT_OSS), "gpt-oss")
    assert (model.window_share, model.window_tokens) == (0.5, 128)
    # 4 bits and a scale of 8 bits for 32 weights
    assert model.weight_bytes == 4.25 / 8
    assert open_model(written(tmp_path, DEEPSEEK), "v3").weight_bytes == 1
    nested = {
        "model_type": "gemma3",
        "text_config": {**LLAMA, "sliding_window": 1024, "sliding_window_pattern": 4},
    }
    gemma = open_model(written(tmp_path, nested), "gemma")
    # every fourth of 32 layers sees all
    assert (gemma.window_share, gemma.window_tokens) == (0.75, 1024)


def test_will_it_start(tmp_path: Path, case: Case) -> None:
    model = open_model(written(tmp_path, LLAMA), "mine")
    # 8.03e9·2 = 16.06 GB of 24·0.9 = 21.6 GB; 5.54e9 B ÷ 131,072 = 42,300 tokens
    found = start(case, model, "l4", 1, "bf16", 8000.0)
    assert found.starts
    assert found.longest_context == pytest.approx(42_300, rel=0.01)
    assert found.requests == max_batch(case, model, "l4", 1, "bf16", 8000.0) == 5
    assert not start(case, open_model(written(tmp_path, DEEPSEEK), "v3"), "h100_sxm", 8, "fp8", 1.0).starts


def test_everything_missing_is_told_at_once(tmp_path: Path) -> None:
    lacking = {
        k: v for k, v in DEEPSEEK.items() if k not in {"num_experts_per_tok", "v_head_dim", "vocab_size"}
    }
    with pytest.raises(ScenarioError) as caught:
        open_model(written(tmp_path, {**lacking, "hidden_size": -1}))
    told = [fault.where for fault in caught.value.faults]
    assert told == [
        "config.json: hidden_size", "config.json: num_experts_per_tok", "config.json: v_head_dim",
        "config.json: vocab_size",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "content", ["", "[1]", "{", '{"is_encoder_decoder": true}', '{"num_hidden_layers": 1e300}',
                '{"num_hidden_layers": 2, "layer_types": ["odd"]}', "[" * 100_000],
)  # fmt: skip
def test_what_is_no_configuration_is_refused(content: str, tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ScenarioError):
        open_model(path)
    with pytest.raises(ScenarioError):
        open_model(tmp_path / "none.json")
