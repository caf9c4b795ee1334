"""Who saves after somebody else is told, and both versions are kept."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from advisor.core.errors import AdvisorError, ChangedError
from advisor.core.saving import ABSENT, fingerprint, write_atomic, write_together
from advisor.scenario import (
    EditedMeanwhileError,
    load_scenario,
    save_scenario,
    seen,
    with_values,
)
from advisor.view.session import Session
from tests.saving.texts import COMMENTED, TAKEN, changed, contents


def test_a_second_writer_is_told_what_changed_and_both_versions_lie_side_by_side(tmp_path: Path) -> None:
    path = tmp_path / "claims.yaml"
    path.write_text(COMMENTED, encoding="utf-8")
    opened, mine = seen(path), load_scenario(path)
    changed(path, {"workload.requests_per_day": 7, "decisions.deployment": TAKEN})
    theirs = path.read_bytes()
    with pytest.raises(EditedMeanwhileError) as caught:
        save_scenario(with_values(mine, {"quality.floor": 0.9}), path, opened)
    told = {fault.where: fault for fault in caught.value.faults}
    assert set(told) == {"workload.requests_per_day", "decisions.deployment"}
    assert told["workload.requests_per_day"].expected == "1000.0 as it was opened"
    assert told["workload.requests_per_day"].found == "7.0"
    assert "by somebody else (" in caught.value.summary
    assert path.read_bytes() == theirs
    assert caught.value.kept == tmp_path / "claims-2.yaml"
    assert load_scenario(caught.value.kept).quality.floor == 0.9
    assert load_scenario(caught.value.kept).workload.requests_per_day == 1000


def test_two_sessions_on_one_template_lose_nothing(workspace: Path) -> None:
    first, second = Session("contact_centre"), Session("contact_centre")
    first.record("deployment", "maas-datazone", by="Ada")
    with pytest.raises(EditedMeanwhileError):
        second.record("deployment", "maas-global", by="Grace")
    assert load_scenario(workspace / "contact_centre.yaml").decisions["deployment"].by == "Ada"
    assert load_scenario(workspace / "contact_centre-2.yaml").decisions["deployment"].by == "Grace"
    # the second goes on with its own, the first with its own
    assert second.record("operations", "never-sized-now").name == "contact_centre-2.yaml"
    assert first.record("operations", "never-planned-now").name == "contact_centre.yaml"


def test_of_many_who_save_at_once_each_version_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "claims.yaml"
    path.write_text(COMMENTED, encoding="utf-8")
    code = (
        "import sys; from pathlib import Path\n"
        "from advisor.scenario import *\n"
        "path = Path(sys.argv[1]); opened = seen(path); mine = load_scenario(path)\n"
        "print(flush=True); sys.stdin.readline()\n"
        "mine = with_values(mine, {'workload.requests_per_day': float(sys.argv[2])})\n"
        "try: save_scenario(mine, path, opened)\n"
        "except EditedMeanwhileError: pass\n"
    )
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(path), str(number)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for number in range(2, 7)
    ]
    for writer in writers:
        assert writer.stdout is not None
        writer.stdout.readline()
    for writer in writers:
        writer.communicate(b"\n")
    kept = [load_scenario(found).workload.requests_per_day for found in tmp_path.glob("*.yaml")]
    assert sorted(kept) == [2, 3, 4, 5, 6]


def test_a_copy_in_the_workspace_keeps_the_template_s_comments(workspace: Path) -> None:
    session = Session("contact_centre")
    template = session.path.read_text(encoding="utf-8")
    session.record("deployment", "maas-datazone", by="Ada", reason="so")
    lines = (workspace / "contact_centre.yaml").read_text(encoding="utf-8").splitlines()
    assert [line for line in template.splitlines() if line not in lines and "decisions" not in line] == []


def test_an_upload_of_a_taken_name_replaces_nothing(workspace: Path) -> None:
    session = Session("contact_centre")
    session.add("mine.yaml", COMMENTED.encode())
    session.add("mine.yaml", COMMENTED.replace("Claims", "Other").encode())
    assert session.path.name == "mine-2.yaml"
    assert (workspace / "mine.yaml").read_text(encoding="utf-8") == COMMENTED
    session.add("mine.yaml", COMMENTED.encode())
    assert session.path.name == "mine.yaml"
    with pytest.raises(AdvisorError):
        session.add("bad.yaml", b"name: x\ntask: sing\n")
    assert {path.name for path in workspace.iterdir()} == {"mine.yaml", "mine-2.yaml", "current.txt"}


def test_a_file_is_not_replaced_unless_it_is_as_it_was_read(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_atomic(path, "one", ABSENT)
    with pytest.raises(ChangedError, match="changed by somebody else"):
        write_atomic(path, "two", ABSENT)
    write_atomic(path, "two", fingerprint("one"))
    with pytest.raises(ChangedError):
        write_together(tmp_path, {"a.txt": "three", "b.txt": "x"}, {"a.txt": fingerprint("one")})
    assert contents(tmp_path) == {"a.txt": "two"}
    path.unlink()
    with pytest.raises(ChangedError):
        write_atomic(path, "three", fingerprint("two"))
    assert contents(tmp_path) == {}
