"""Logs as rotations, shells and other programs leave them: read right, or refused with the reason."""

from __future__ import annotations

import gzip
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from advisor.core.errors import LogError
from advisor.scenario.traffic import Traffic
from advisor.usage import read_usage

HEADER = "TIMESTAMP,ContextTokens,GeneratedTokens\n"
UNREAD = "lines that are not JSON, or hold nothing of a log"


def rows(count: int = 20, first: int = 0, tokens: str = "100,10") -> str:
    return "".join(f"2026-11-03T09:{at:02d}:00Z,{tokens}\n" for at in range(first, first + count))


def packed(text: str) -> bytes:
    return gzip.compress(text.encode())


def response(at: int) -> str:
    usage = {"prompt_tokens": 100, "completion_tokens": 10}
    return json.dumps({"created": 1793697322 + 60 * at, "model": "gpt-5", "usage": usage})


RESPONSES = [response(at) for at in range(20)]


def read(folder: Path, name: str, content: str | bytes, **options: Any) -> Traffic:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_usage([str(path)], **options)


def is_good(traffic: Traffic) -> None:
    assert (traffic.requests, traffic.input_tokens.mean, traffic.output_tokens.mean) == (20, 100, 10)
    assert traffic.dropped == {}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (
            "rotated.csv.gz",
            packed(HEADER + rows(10)) + packed(rows(10, 10)),
        ),
        ("list.jsonl", "[\n" + ",\n".join(RESPONSES) + "\n]\n"),
        ("cut_out_of_a_list.jsonl", ",\n".join(RESPONSES)),
        ("blank_lines.jsonl", "\ufeff" + "\r\n\r\n".join(RESPONSES) + "\r\n"),
        ("mixed_ends.csv", (HEADER + rows()).replace("\n", "\r\n", 7)),
        ("plus.csv", HEADER + rows(tokens="+100,+10")),
    ],
)
def test_all_of_it_is_read(name: str, content: str | bytes, tmp_path: Path) -> None:
    is_good(read(tmp_path, name, content))


@pytest.mark.parametrize("before", [0, 200])
def test_a_prompt_over_several_lines_is_one_cell(before: int, tmp_path: Path) -> None:
    """Beyond the lines that are looked at first as well as among them."""
    plain = "".join(f"hello,2026-11-03T08:{at % 60:02d}:{at // 60:02d}Z,100,10\n" for at in range(before))
    talks = "".join(f'"one\ntwo, ""three""\r\n",2026-11-03T09:{at:02d}:00Z,100,10\n' for at in range(20))
    traffic = read(tmp_path, "log.csv", "prompt," + HEADER + plain + talks)
    assert (traffic.requests, traffic.input_tokens.mean, traffic.dropped) == (before + 20, 100, {})


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_lines_that_are_no_json_are_told(encoding: str, tmp_path: Path) -> None:
    """A cut line and one that is no object; the empty line between them is nothing."""
    text = "\n".join([*RESPONSES, '{"created": 17936', "", "null"]) + "\n"
    traffic = read(tmp_path, "log.jsonl", text.encode(encoding))
    assert (traffic.requests, traffic.dropped) == (20, {UNREAD: 2})
    if encoding == "utf-8":
        assert any(
            f"2 rows left out: {UNREAD}, first at log.jsonl line 21" in said for said in traffic.caveats
        )
    assert any("more than one in a hundred" in said for said in traffic.caveats)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_that_ends_too_early_is_told(encoding: str, tmp_path: Path) -> None:
    text = ("[" + ",".join(RESPONSES))[:-30]
    with pytest.raises(LogError, match="ends too early"):
        read(tmp_path, "log.json", text.encode(encoding))


def test_tables_put_together_in_another_order_are_refused(tmp_path: Path) -> None:
    """The header once more is left out; with its columns in another order the counts would change places."""
    same = read(tmp_path, "log.csv", HEADER + rows(10) + HEADER + rows(10, 10))
    assert (same.requests, same.input_tokens.mean, same.dropped) == (20, 100, {"time not understood": 1})
    other = "TIMESTAMP,GeneratedTokens,ContextTokens\n" + rows(10, 10, "10,100")
    with pytest.raises(LogError, match="changes its columns midway") as raised:
        read(tmp_path, "log.csv", HEADER + rows(10) + other)
    assert "log.csv line 12" in str(raised.value)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
@pytest.mark.parametrize(
    ("tokens", "mean"), [("100.000", None), ("1.234", 1234), ("0.250", None), ("1234.000", 1234)]
)
def test_three_zeros_after_a_dot_do_not_tell(
    tokens: str, mean: float | None, kind: str, tmp_path: Path
) -> None:
    """100.000 may be a hundred or a hundred thousand; 0.250 is a share of a token, and no count."""
    frame = pd.DataFrame({
        "TIMESTAMP": [f"2026-11-03T09:{at:02d}:00Z" for at in range(20)],
        "ContextTokens": [tokens] * 20, "GeneratedTokens": ["10"] * 20,
    })  # fmt: skip
    path = tmp_path / f"log.{kind}"
    frame.to_csv(path, index=False) if kind == "csv" else frame.to_parquet(path)
    if mean is None:
        with pytest.raises(LogError, match=r"two ways|0 input tokens"):
            read_usage([str(path)])
    else:
        assert read_usage([str(path)]).input_tokens.mean == mean


def test_a_copy_among_the_files_is_told(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text(HEADER + rows())
    traffic = read_usage([str(tmp_path)])
    assert traffic.requests == 40
    assert "b.csv holds what a.csv does: it counts twice" in traffic.caveats


def test_rows_exported_twice_are_told(tmp_path: Path) -> None:
    text = "request_id,call_type,spend,prompt_tokens,completion_tokens,startTime,model\n" + "".join(
        f"r{at // 2},acompletion,0.1,100,10,2026-11-03 09:{at:02d}:00,gpt-5\n" for at in range(20)
    )
    traffic = read(tmp_path, "log.csv", text)
    assert any(said.startswith("10 of 20 rows carry an identifier") for said in traffic.caveats)


def test_engines_side_by_side_are_no_growth(tmp_path: Path) -> None:
    """Two engines, started apart and scraped a minute apart: 9,000 requests are not 5,000 and 4,000 more."""
    for name, done, started in (("0900", 5000, "2026-11-02T10:00"), ("0901", 9000, "2026-11-02T12:00")):
        start = datetime.fromisoformat(f"{started}:00+00:00").timestamp()
        (tmp_path / f"vllm-2026-11-03T{name}.prom").write_text(
            f"vllm:prompt_tokens_total {done * 1000}\nvllm:generation_tokens_total {done * 100}\n"
            f"vllm:request_success_total {done}\nprocess_start_time_seconds {start}\n"
        )
    with pytest.raises(LogError, match="engines side by side"):
        read_usage([str(tmp_path)])


def test_what_answered_is_the_model_whatever_its_deployment_is_said_to_be(tmp_path: Path) -> None:
    """The first span names the model that answered; the second only the deployment."""
    shared = {"gen_ai.request.model": "chat-prod", "gen_ai.usage.input_tokens": 5,
              "gen_ai.usage.output_tokens": 5}  # fmt: skip
    spans = [
        {"start_time": f"2026-11-03T09:0{at}:00Z", "attributes": shared | more}
        for at, more in enumerate([{"gen_ai.response.model": "claude-sonnet-4-5"}, {}])
    ]
    text = "\n".join(map(json.dumps, spans))
    traffic = read(tmp_path, "log.jsonl", text, models={"chat-prod": "gpt-5-mini"})
    assert {name: use.requests for name, use in traffic.models.items()} == {
        "claude-sonnet-4-5": 1, "gpt-5-mini": 1,
    }  # fmt: skip
