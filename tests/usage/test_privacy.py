"""Prompts, identifiers and names stay in the log: nothing that comes out holds them."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from advisor.core.errors import LogError
from advisor.scenario.traffic import save_traffic
from advisor.usage import describe, read_usage
from advisor.usage.exhibits import traffic_exhibits

from .samples import SAMPLES, SECRET, write_csv


@pytest.mark.parametrize("name", SAMPLES)
def test_no_secret_leaves(name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = SAMPLES[name][0](tmp_path)
    holds_secrets = SECRET in path.read_text()
    said = io.StringIO()
    traffic = read_usage([str(path)], progress=lambda line: print(line, file=said))
    out = tmp_path / "out" / "traffic.yaml"
    save_traffic(traffic, out)
    printed = capfd.readouterr()
    everything = [
        out.read_text(), describe(traffic), repr(traffic_exhibits(traffic)), said.getvalue(),
        printed.out, printed.err,
    ]  # fmt: skip
    assert holds_secrets or name in {"azure_trace", "mooncake"}
    assert not any(SECRET in text or "word1x" in text for text in everything)
    assert [p.name for p in out.parent.iterdir()] == ["traffic.yaml"]


def test_errors_do_not_quote_the_log(tmp_path: Path) -> None:
    row = {"TIMESTAMP": SECRET, "ContextTokens": SECRET, "GeneratedTokens": SECRET}
    with pytest.raises(LogError) as raised:
        read_usage([str(write_csv(tmp_path / "log.csv", [row]))])
    assert SECRET not in str(raised.value)


def test_a_models_name_may_not_carry_more_than_a_model(tmp_path: Path) -> None:
    names = [
        "ft:gpt-4o-mini-2024-07-18:acme:secret:abc",
        "jane@acme.example",
        "https://acme.example/x",
        "gpt-4o",
    ]
    rows = [
        {"at": 1_741_000_000 + i, "in": 5, "out": 5, "model": name}
        for i, name in enumerate(names)
    ]  # fmt: skip
    mapping = {"timestamp": "at", "input": "in", "output": "out", "model": "model"}
    traffic = read_usage([str(write_csv(tmp_path / "log.csv", rows))], mapping)
    assert set(traffic.models) == {"gpt-4o-mini+tuned", "gpt-4o", "other"}
    assert traffic.models["other"].requests == 2
