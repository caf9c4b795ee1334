"""Twenty logs with a prompt, a key and a person planted where they may stand: none comes out."""

from __future__ import annotations

import io
import json
import tempfile
from pathlib import Path

import pytest

from advisor.core.errors import AdvisorError
from advisor.scenario.traffic import save_traffic
from advisor.usage import describe, read_usage
from advisor.usage.exhibits import traffic_exhibits

PROMPT = "my diagnosis is"
KEY = "sk-proj-Zq81hGr7WmT4"
PERSON = "alice.liddell"
SECRETS = (PROMPT, KEY, PERSON, "Zq81hGr7", "liddell", "diagnosis")
ALL = f"{PROMPT} {KEY} {PERSON}"
HEADER = "TIMESTAMP,ContextTokens,GeneratedTokens"
ROW = "2026-11-03T09:00:00Z,100,10"
USAGE = {"prompt_tokens": 100, "completion_tokens": 10}


def response(**more: object) -> str:
    return json.dumps({"created": 1793697322, "model": "gpt-5", "usage": USAGE} | more) + "\n"


PLANTED: dict[str, str | bytes] = {
    "headerless.csv": f"{ALL},gpt-5,100\n{ALL},gpt-5,200\n",
    "headerless_numbers.csv": f"2026-11-03,{PERSON},100,10\n",
    "headerless.jsonl": f'"{ALL}"\n',
    "words.csv": f"{PROMPT},{PERSON}\n{ROW}\n",
    "cell.csv": f"{HEADER},prompt,user\n{ROW},{PROMPT} {KEY},{PERSON}\n",
    "time.csv": f"{HEADER}\n{ALL},100,10\n",
    "tokens.csv": f"{HEADER}\n2026-11-03T09:00:00Z,{ALL},{KEY}\n{ROW}\n",
    "key.jsonl": json.dumps({ALL: 1, KEY: {PERSON: 2}}) + "\n",
    "key_beside.jsonl": response(**{ALL: {KEY: PERSON}}),
    "messages.jsonl": response(messages=[{"role": "user", "content": ALL}], user=PERSON),
    "model.jsonl": response(model=KEY) + response(model=f"{PERSON}@acme.example") + response(model=PROMPT),
    "tier.jsonl": response(service_tier=ALL),
    "error.jsonl": response(error={"message": ALL}) + response(),
    "id.jsonl": response(id=KEY, session_id=PERSON) + response(id=KEY, session_id=PERSON),
    "broken.jsonl": response() + '{"prompt": "' + ALL + "\n" + response(),
    "broken.json": '{"prompt": "' + ALL,
    "utf16.csv": f"{HEADER},prompt\n{ROW},{ALL}\n".encode("utf-16"),
    "litellm.csv": "startTime,prompt_tokens,completion_tokens,spend,metadata,messages,user,status\n"
    + f'2026-11-03 09:00:00,5,5,0,"{{""user_api_key"":""{KEY}""}}",{PROMPT},{PERSON},{ALL}\n' * 2,
    "escape.jsonl": response(model="gpt-5\u001b[31m" + KEY) + response(status="\u001b]0;" + PERSON),
    "not.parquet": b"PAR1" + ALL.encode() + b"PAR1",
}  # fmt: skip


def test_there_are_twenty() -> None:
    assert len(PLANTED) == 20


# as they stand, and those rewritten because engines do not read their encoding
WRITTEN = [(name, "utf-8") for name in PLANTED] + [
    (name, "utf-16") for name, content in PLANTED.items() if isinstance(content, str)
]


@pytest.mark.parametrize(("name", "encoding"), WRITTEN)
def test_nothing_planted_comes_out(
    name: str, encoding: str, tmp_path: Path, capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    content = PLANTED[name]
    path = tmp_path / name
    path.write_bytes(content.encode(encoding) if isinstance(content, str) else content)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    said = io.StringIO()
    held: list[bytes] = []

    def watch(line: str) -> None:
        said.write(line + "\n")
        held.extend(file.read_bytes() for file in scratch.rglob("*") if file.is_file())

    told = []
    try:
        traffic = read_usage([str(path)], progress=watch, ask=True)
        save_traffic(traffic, tmp_path / "traffic.yaml")
        told = [describe(traffic), repr(traffic_exhibits(traffic)), (tmp_path / "traffic.yaml").read_text()]
    except AdvisorError as error:
        told = [str(error), repr(error)]
    printed = capfd.readouterr()
    everything = " ".join([*told, said.getvalue(), printed.out, printed.err])
    assert not [secret for secret in SECRETS if secret in everything]
    assert not [secret for secret in SECRETS for data in held if secret.encode() in data]
    assert "\x1b" not in everything
    assert list(scratch.iterdir()) == []


def test_headers_of_a_log_s_usual_words_are_named(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text(f"request_time,inputTokens,{PERSON}\n1,2,3\n")
    with pytest.raises(AdvisorError) as raised:
        read_usage([str(path)])
    assert "request_time, inputTokens and 1 more" in str(raised.value)
