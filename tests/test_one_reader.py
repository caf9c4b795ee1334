"""A value means the same whichever way it comes in: file, upload, --set, panel."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from advisor.cli import main
from advisor.commands import settings
from advisor.core.errors import AdvisorError, Fault, ScenarioError, printable
from advisor.core.files import PlainLoader, dump_yaml, plain_value, read_text
from advisor.scenario import load_scenario, parse_scenario, read_scenario, with_values

HEAD = "name: x\ntask: chat\n"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("010000", 10_000), ("1e5", 1e5), ("1.5e3", 1500.0), (".5", 0.5), ("5.", 5.0), ("+5", 5), ("-0", 0),
        ("1:30", "1:30"), ("1:30.5", "1:30.5"), ("0x1F", "0x1F"), ("0o17", "0o17"), ("0b11", "0b11"),
        ("1_000", "1_000"), ("yes", "yes"), ("on", "on"), ("True", True), ("~", None), ("", None),
        ("2027-01-31", date(2027, 1, 31)), ("2027-1-3", "2027-1-3"), ("2027-02-30", "2027-02-30"),
        ("2027-01-31T10:00:00Z", "2027-01-31T10:00:00Z"), ("=", "="), ("<<", "<<"),
        ("'5'", "5"), ("[1, a]", [1, "a"]),
    ],
)  # fmt: skip
def test_a_number_means_what_it_shows(text: str, value: Any) -> None:
    found = plain_value(text, "it")
    assert (found, type(found)) == (value, type(value))


@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.dates() | st.text(
        st.characters(codec="utf-8", exclude_categories=["Cs"])
    ),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("aeo1:# ", max_size=4), inner, max_size=3)
    ),
))  # fmt: skip
def test_what_is_written_is_read_as_it_was_by_every_reader(data: Any) -> None:
    for flow in (False, True):
        text = dump_yaml(data, flow)
        assert yaml.load(text, Loader=PlainLoader) == data  # noqa: S506  a safe loader
        assert yaml.safe_load(text) == data


def refusals(path: str, text: str, tmp_path: Path) -> Iterator[ScenarioError]:
    """What each way in says of one value, text as a person wrote it."""
    section, field = path.split(".")
    content = f"{HEAD}{section}:\n  {field}: {text}\n"
    file = tmp_path / "it.yaml"
    file.write_text(content, encoding="utf-8")
    base = parse_scenario({"name": "x", "task": "chat"})

    def panel() -> None:
        with_values(base, {path: plain_value(text, "it")})

    ways: tuple[Callable[[], Any], ...] = (
        lambda: load_scenario(file),
        lambda: read_scenario(content.encode(), "it.yaml"),
        lambda: with_values(base, settings([f"{path}={text}"])),
        panel,
    )
    for way in ways:
        with pytest.raises(ScenarioError) as caught:
            way()
        yield caught.value


@pytest.mark.parametrize(
    ("path", "text", "said"),
    [
        ("workload.requests_per_day", "1:30", "a number, found '1:30'"),
        ("workload.requests_per_day", "0x1F", "a number, found '0x1F'"),
        ("workload.requests_per_day", "!!int 3", "a tag"),
        ("workload.requests_per_day", "!!python/name:os.system", "a tag"),
        ("workload.requests_per_day", "9" * 5000, "found"),
        ("workload.requests_per_day", "1e400", "a finite number"),
        ("timing.start", "0", "a date such as 2027-01-31, found 0"),
        ("timing.start", "20270131", "a date such as 2027-01-31"),
        ("timing.start", "'0'", "a date such as 2027-01-31"),
        ("timing.start", "2027-02-30", "a date such as 2027-01-31"),
        ("timing.start", "9999-01-01", "a date from 2020-01-01 to 2100-12-31"),
        ("timing.start", "2027-01-31 10:00:00", "a date such as 2027-01-31"),
        ("constraints.home_region", '"a\\e[2Jb"', "a control character"),
        ("constraints.home_region", '"a\\x9bb"', "a control character"),
        ("constraints.home_region", "x" * 201, "at most 200 characters"),
        ("constraints.users_near", "[" * 60, "50 levels"),
        ("workload.languages", "[&a en, *a]", "an alias *a"),
    ],
)
def test_a_value_is_refused_alike_whichever_way_it_comes(
    tmp_path: Path, path: str, text: str, said: str
) -> None:
    for error in refusals(path, text, tmp_path):
        assert said in str(error)
        assert len(str(error)) < 1000


def test_what_a_panel_hands_over_is_looked_at_too() -> None:
    base = parse_scenario({"name": "x", "task": "chat"})
    for path, value in {
        "name": "a\x1b[2J", "description": "\ud800", "constraints.home_region": "a\nb",
        "owners.name": "a\x00", "notes.name": "x" * 4001, "decisions.deployment": {"choice": "a\tb"},
        "timing.start": 0,
        "quality.scores": {"x" * 300: {"score": 1, "samples": 1}}, "workload.languages": ["\x07"],
    }.items():  # fmt: skip
        with pytest.raises(ScenarioError) as caught:
            with_values(base, {path: value})
        assert str(caught.value).isascii() or "…" in str(caught.value)
        assert str(caught.value).replace("\n", "").isprintable()


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["check", "x" * 300], "File name too long"),
        (["check", "x" * 100_000], "File name too long"),
        (["check", "https://example.org/it.yaml"], "an address"),
        (["report", "ftp://example.org/it.yaml"], "an address"),
        (["compare", "a\0b", "c"], "null"),
        (["new", "x" * 300], "at most 120 characters"),
        (["new", "it.yaml/deeper"], "Not a directory"),
        (["new", "mine", "--from", "x" * 100_000], "one of"),
        (["check", "it.yaml", "--set", f"name={'x' * 100_000}"], "100,000 characters"),
        (["check", "it.yaml", "--set", f"{'x' * 100_000}=1"], "the path of a field"),
        (["check", "it.yaml", "--set", f"data_sets[{'9' * 5000}].size_gb=1"], "the path of a field"),
        (["check", "it.yaml", "--set", f"workload.traffic={'x' * 300}"], "found"),
        (["check", "it.yaml", "--set", "workload.traffic=https://example.org/t.yaml"], "found"),
        (["check", "it.yaml", "--set", "timing.start=2027-02-30"], "a date such as"),
        (["check", "it.yaml", "--set", "x"], "PATH=VALUE"),
        (["evidence", "--scenario", "x" * 300], "File name too long"),
        (["validate", "x" * 300], ""),
        (["measured", "x" * 300, "it.yaml"], ""),
    ],
)
def test_what_is_too_long_is_told_and_not_repeated(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: list[str],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "it.yaml").write_text(HEAD, encoding="utf-8")
    assert main(command) == 2
    error = capsys.readouterr().err
    assert said in error
    assert len(error) < 2000
    assert "x" * 201 not in error
    assert [path.name for path in tmp_path.iterdir()] == ["it.yaml"]


def test_an_option_that_is_refused_is_not_repeated(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["app", "--port", "x" * 100_000])
    assert len(capsys.readouterr().err) < 1000


def test_a_fault_quotes_eighty_characters_without_control() -> None:
    fault = Fault("a\x1b" + "y" * 9000, "b\u202e" + "z" * 9000, "\x00" * 100_000, "n" * 200)
    assert (len(fault.found), len(fault.nearest or "")) == (80, 80)
    assert fault.found.startswith("\\x00\\x00")
    assert len(fault.where) <= 200
    assert str(fault).isprintable()
    many = AdvisorError("x\x07" * 500, [fault] * 1000)
    assert len(many.faults) == 1000
    assert "and 900 more" in str(many)
    assert printable("größer 𝒳") == "größer 𝒳"


def test_a_file_that_grows_while_it_is_read_is_too_large(tmp_path: Path) -> None:
    endless = Path("/proc/self/status")  # a file of no size that holds some
    with pytest.raises(ScenarioError, match="too large"):
        read_text(endless, 10)
