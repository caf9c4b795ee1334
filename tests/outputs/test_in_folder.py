"""A report where an earlier one lies: nothing of that is taken for it, and nothing of anybody else's goes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from advisor.outputs.in_folder import WRITTEN, write

OWN_MACHINES = {"report.html": "a", "plan.json": "{}", "deploy.sh": "az ml", "deployment.yml": "blue"}
SERVICE = {"report.html": "b", "plan.json": "{}", "deploy.sh": "az cognitiveservices"}
USUAL = ("html", "json", "files")


def there(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {WRITTEN}


def test_files_that_a_plan_no_longer_has_go(tmp_path: Path) -> None:
    """A service is deployed without the file of machines: deployment.yml beside it is another plan's."""
    write(tmp_path, "Desk", OWN_MACHINES, USUAL)
    assert there(tmp_path) == set(OWN_MACHINES)
    written = write(tmp_path, "Desk", SERVICE, USUAL)
    assert {path.name for path in written} == set(SERVICE) == there(tmp_path)
    assert (tmp_path / "deploy.sh").read_text() == SERVICE["deploy.sh"]


def test_what_people_changed_or_made_stays(tmp_path: Path) -> None:
    write(tmp_path, "Desk", OWN_MACHINES, USUAL)
    (tmp_path / "deployment.yml").write_text("blue, with my own probe")
    (tmp_path / "notes.md").write_text("mine")
    write(tmp_path, "Desk", SERVICE, USUAL)
    assert there(tmp_path) == {*SERVICE, "deployment.yml", "notes.md"}
    # changed once, it is no longer a file of ours, whatever it holds later
    (tmp_path / "deployment.yml").write_text("blue")
    write(tmp_path, "Other", SERVICE, USUAL)
    assert "deployment.yml" in there(tmp_path)


def test_another_format_of_the_same_report_is_added_and_of_another_scenario_is_not(tmp_path: Path) -> None:
    write(tmp_path, "Desk", OWN_MACHINES, USUAL)
    write(tmp_path, "Desk", {"report.pdf": b"%PDF"}, ("pdf",))
    assert there(tmp_path) == {*OWN_MACHINES, "report.pdf"}
    write(tmp_path, "Claims", {"report.html": "c"}, ("html",))
    assert there(tmp_path) == {"report.html"}


def test_a_link_stays_and_so_does_what_lies_elsewhere(tmp_path: Path) -> None:
    folder, outside = tmp_path / "reports", tmp_path / "kept.yml"
    write(folder, "Desk", OWN_MACHINES, USUAL)
    (folder / "deployment.yml").rename(outside)
    (folder / "deployment.yml").symlink_to(outside)
    record = json.loads((folder / WRITTEN).read_text())
    record["files"]["../kept.yml"] = record["files"]["deployment.yml"]
    (folder / WRITTEN).write_text(json.dumps(record))
    write(folder, "Desk", SERVICE, USUAL)
    assert outside.read_text() == "blue"
    assert (folder / "deployment.yml").is_symlink()


@pytest.mark.parametrize(
    "record", ["", "{", "[]", '{"files": 3}', '{"scenario": "Desk", "files": {"a": null}}']
)
def test_a_record_that_cannot_be_read_takes_nothing_away(record: str, tmp_path: Path) -> None:
    write(tmp_path, "Desk", OWN_MACHINES, USUAL)
    (tmp_path / WRITTEN).write_text(record)
    write(tmp_path, "Other", {"report.html": "c"}, USUAL)
    assert there(tmp_path) == set(OWN_MACHINES)
