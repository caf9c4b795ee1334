"""Files are read within bounds and written whole or not at all."""

from __future__ import annotations

import contextlib
import os
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from advisor.core.errors import AdvisorError, ScenarioError
from advisor.core.files import inside, read_text, read_yaml, scan_yaml, write_atomic


def test_places_know_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("one: 1\ntwo:\n  three: [4, 5]\n", encoding="utf-8")
    data, lines = read_yaml(path)
    assert data == {"one": 1, "two": {"three": [4, 5]}}
    assert lines[("one",)] == 1
    assert lines[("two", "three")] == 3
    assert lines[("two", "three", 1)] == 3


def test_only_true_and_false_are_truth_values(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("a: [yes, no, on, off, y, n, true, False]\non: 2026-11-01\nbad: 2026-13-01\n", "utf-8")
    assert read_yaml(path)[0] == {
        "a": ["yes", "no", "on", "off", "y", "n", True, False],
        "on": date(2026, 11, 1),
        "bad": "2026-13-01",
    }


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes("name: Zürich\r\n".encode("utf-8-sig"))
    assert read_yaml(path)[0] == {"name": "Zürich"}


def test_keys_given_twice_are_noted_with_every_line(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("a: 1\nb: {c: 1, c: 2}\na: 2\n", encoding="utf-8")
    assert [fault.where for fault in scan_yaml(path).faults] == ["a.yaml:2", "a.yaml:3"]
    with pytest.raises(ScenarioError, match="gives keys twice"):
        read_yaml(path)


@pytest.mark.parametrize("name", ["../a", "a/../../b", "/etc/passwd", "..", "a\0b", "link_out"])
def test_a_path_stays_in_its_folder(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (tmp_path / "secret").write_text("x", encoding="utf-8")
    (folder / "link_out").symlink_to(tmp_path / "secret")
    with pytest.raises(ScenarioError, match="inside folder/"):
        inside(folder, name, "here")


def test_a_link_to_itself_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(ScenarioError):  # which of the two refuses depends on the Python
        read_text(inside(tmp_path, "loop", "here"))


def test_a_file_in_a_sub_folder_is_inside(tmp_path: Path) -> None:
    assert inside(tmp_path, "a/b.yaml", "here") == (tmp_path / "a" / "b.yaml").resolve()


def test_size_is_checked_before_reading(tmp_path: Path) -> None:
    path = tmp_path / "big.yaml"
    with path.open("wb") as stream:
        stream.truncate(50_000_000)  # sparse: takes no room on the disk
    with pytest.raises(ScenarioError, match=r"at most 5 MB, found 50\.0 MB"):
        read_text(path)


@pytest.mark.parametrize("kind", ["missing", "folder", "pipe", "latin"])
def test_what_cannot_be_read_says_why(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "it"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "latin":
        path.write_bytes("Zürich".encode("latin-1"))
    with pytest.raises(ScenarioError) as caught:
        read_text(path)
    said = {"missing": "No such file", "folder": "a folder", "pipe": "something else", "latin": "UTF-8 text"}
    assert said[kind] in str(caught.value)


def test_a_written_file_is_whole_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.txt"
    write_atomic(path, "première")
    write_atomic(path, "deuxième")
    assert path.read_text(encoding="utf-8") == "deuxième"
    assert list(path.parent.iterdir()) == [path]


def test_a_failed_write_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.txt"
    write_atomic(path, "old")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(AdvisorError, match="No space left"):
        write_atomic(path, "new")
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_cannot_be_written_over(tmp_path: Path) -> None:
    with pytest.raises(AdvisorError, match="cannot be written"):
        write_atomic(tmp_path, "x")


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_content_whatever_escapes_as_another_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "any.yaml"
    path.write_bytes(content)
    with contextlib.suppress(ScenarioError):
        assert isinstance(read_yaml(path)[0], dict)
