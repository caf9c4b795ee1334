"""Conversations and agent runs: by trace ids, and by inputs that go on from one another."""

from __future__ import annotations

from pathlib import Path

import pytest

from advisor.usage import read_usage

from .samples import write_lines


def test_conversations_by_their_blocks(tmp_path: Path) -> None:
    """Three talks that share a system prompt of two blocks. Each turn sends all before it and 1,024
    tokens more, the last block part-filled: 4, 3 and 1 turns."""
    rows = []
    at = 0
    for talk, turns in enumerate((4, 3, 1)):
        for turn in range(turns):
            blocks = [0, 1, *(100 * talk + 10 + place for place in range(2 * turn + 1)), 9000 + at]
            rows.append({"timestamp": at * 1000, "input_length": 1500 + 1024 * turn, "output_length": 50,
                         "hash_ids": blocks})  # fmt: skip
            at += 1
    tasks = read_usage([str(write_lines(tmp_path / "log.jsonl", rows))]).tasks
    assert tasks is not None
    assert tasks.told_by == "prefix"
    assert tasks.tasks == 3
    assert tasks.turns_mean == pytest.approx(8 / 3)
    assert tasks.turns_maximum == 4
    assert tasks.growth == pytest.approx(1024)
    # 1,500 + 2,524 + 3,548 and 1,500 + 2,524 of the 21,216 tokens sent had been sent by the call before
    assert tasks.prefix is not None
    assert tasks.prefix.central == pytest.approx(11_596 / 21_216)


def test_conversations_by_their_prompts(tmp_path: Path) -> None:
    """Two talks of three turns, each turn 300 characters longer, interleaved."""
    rows = []
    for turn in range(3):
        for talk in "ab":
            said = "".join(f"{talk}{word:04d}" for word in range(100 + 60 * turn))
            rows.append({"at": 1_793_697_322 + len(rows), "in": 200 + 75 * turn, "out": 5,
                         "text": f'[{{"content": "{said}"}}]'})  # fmt: skip
    mapping = {"timestamp": "at", "input": "in", "output": "out", "prompt": "text"}
    tasks = read_usage([str(write_lines(tmp_path / "log.jsonl", rows))], mapping).tasks
    assert tasks is not None
    assert (tasks.told_by, tasks.tasks, tasks.turns_mean, tasks.growth) == ("prefix", 2, 3, 75)


def test_an_agent_run_by_its_trace(tmp_path: Path) -> None:
    """Run a: calls of 100, 300, 700, two tools, a failed call; run b: one call. Growth (700 - 100) / 2."""
    rows = [
        {"startTime": f"2026-11-03T09:0{i}:00Z", "traceId": trace, "type": kind, "level": level,
         "model": "gpt-5", "promptTokens": size, "completionTokens": 5}
        for i, (trace, kind, level, size) in enumerate((
            ("a", "GENERATION", "DEFAULT", 100), ("a", "TOOL", "DEFAULT", None),
            ("a", "GENERATION", "DEFAULT", 300), ("a", "TOOL", "DEFAULT", None),
            ("a", "GENERATION", "ERROR", 300), ("a", "GENERATION", "DEFAULT", 700),
            ("b", "GENERATION", "DEFAULT", 50),
        ))
    ]  # fmt: skip
    traffic = read_usage([str(write_lines(tmp_path / "log.jsonl", rows))])
    tasks = traffic.tasks
    assert tasks is not None
    assert (tasks.told_by, tasks.tasks, tasks.turns_mean, tasks.turns_maximum) == ("trace", 2, 2, 3)
    assert tasks.growth == pytest.approx(300)
    assert tasks.tools == pytest.approx(1)
    assert tasks.failed == pytest.approx(0.5)
    # of 100 + 300 + 700 + 50 the calls before had sent 100 and 300
    assert tasks.prefix is not None
    assert tasks.prefix.central == pytest.approx(400 / 1150)


def test_a_session_log_counts_a_message_once(tmp_path: Path) -> None:
    usage = {"input_tokens": 9, "cache_read_input_tokens": 991, "output_tokens": 10}
    asked = {"type": "user", "sessionId": "s", "timestamp": "2026-11-03T09:00:00Z", "message": {"id": None}}
    rows = [asked] + [
        {"type": "assistant", "sessionId": "s", "timestamp": f"2026-11-03T09:0{i}:00Z",
         "message": {"id": f"m{i // 2}", "model": "claude-sonnet-4-5", "usage": usage}}
        for i in range(4)
    ]  # fmt: skip
    traffic = read_usage([str(write_lines(tmp_path / "log.jsonl", rows))])
    assert (traffic.requests, traffic.input_tokens.mean) == (2, 1000)
    assert traffic.dropped == {}
