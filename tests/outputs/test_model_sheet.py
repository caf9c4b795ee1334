"""What `advisor model` tells of a config.json: structure, start, energy; at the batch that was measured."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from advisor.cli import main
from advisor.core.errors import AdvisorError
from advisor.outputs.model_sheet import Asked, model_sheet
from tests.test_model_config import DEEPSEEK, LLAMA, NEMOTRON, QWEN_MOE

METRICS = (
    "vllm:generation_tokens_total {}\nvllm:prompt_tokens_total {}\nvllm:iteration_tokens_total_count {}\n"
)


def written(folder: Path, config: object) -> Path:
    path = folder / "config.json"
    path.write_text(json.dumps(config), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("config", "cache"),
    [(LLAMA, "131,072 B"), (QWEN_MOE, "98,304 B"), (DEEPSEEK, "70,272 B"), (NEMOTRON, "16,384 B")],
)
def test_dense_mixture_latent_and_hybrid(config: object, cache: str, tmp_path: Path) -> None:
    told = model_sheet(written(tmp_path, config), Asked("gh200"))
    assert cache in told
    assert ": starts; " in told
    assert "80 % ranges" in told


def test_it_is_held_as_shipped(tmp_path: Path) -> None:
    # 671 GB of 8-bit weights do not fit eight H100 of 80 GB, which 16 do
    told = model_sheet(written(tmp_path, DEEPSEEK), Asked())
    assert "16 × NVIDIA H100" in told
    assert "fp8: starts; 671.0 GB" in told
    few = model_sheet(written(tmp_path, DEEPSEEK), Asked(count=8))
    assert "does not start" in few
    assert "It needs 16 of them." in few
    assert "No request fits" in few


def test_the_batch_that_was_measured_is_the_only_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.prom").write_text(METRICS.format(1000, 100, 10), encoding="utf-8")
    (tmp_path / "b.prom").write_text(METRICS.format(49_000, 90_100, 2010), encoding="utf-8")
    config = written(tmp_path, LLAMA)
    scrapes = [str(tmp_path / "a.prom"), str(tmp_path / "b.prom")]
    # 48,000 tokens in 2,000 steps
    assert main(["model", str(config), "--gpu", "l40s", "--metrics", *scrapes]) == 0
    told = capsys.readouterr().out
    assert "24.0, measured" in told
    assert "\n64 " not in told
    assert main(["model", str(config), "--metrics", *reversed(scrapes)]) == 2
    assert "a later scrape" in capsys.readouterr().err


def test_unknown_names_and_sizes_are_told_together(tmp_path: Path) -> None:
    with pytest.raises(AdvisorError) as error:
        model_sheet(written(tmp_path, LLAMA), Asked("gh20", 99, "fp9", context=-1))
    assert [fault.where for fault in error.value.faults] == ["--gpu", "--precision", "--count", "--context"]
    assert error.value.faults[0].nearest == "gh200"
