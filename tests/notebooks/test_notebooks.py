"""Every notebook runs as it stands, and with another number that then shows in its output."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.narrowed import FEW_MODELS, narrowed

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
WORKSHOP = [path for path in NOTEBOOKS if path.stem[0].isdigit()]

pytestmark = pytest.mark.notebooks


@pytest.fixture
def environment(tmp_path, monkeypatch):
    narrowed("contact_centre", tmp_path / "workspace")
    monkeypatch.setenv("ADVISOR_WORKSPACE", str(tmp_path / "workspace"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    return tmp_path


def test_there_are_seven_workshop_notebooks_an_app_and_a_report():
    assert len(WORKSHOP) == 7
    assert {path.stem for path in NOTEBOOKS} - {path.stem for path in WORKSHOP} >= {"app", "report"}


def test_every_notebook_runs_top_to_bottom_untouched(environment):
    command = [
        sys.executable,
        "-m",
        "pytest",
        "--nbval-lax",
        "-q",
        "-p",
        "no:cacheprovider",
        "-c",
        os.devnull,
    ]
    done = subprocess.run(
        [*command, *map(str, NOTEBOOKS)], cwd=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:]
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed
    assert int(passed[1]) >= 2 * len(NOTEBOOKS)
    assert "skipped" not in done.stdout


@pytest.mark.parametrize("notebook", WORKSHOP, ids=lambda path: path.stem)
def test_a_changed_parameter_shows_in_the_output(notebook, environment):
    import papermill

    parameters = {"scenario": "legal_qa", "overrides": {"workload.requests_per_day": 12_300, **FEW_MODELS}}
    assert set(parameters) <= set(papermill.inspect_notebook(str(notebook)))
    ran = papermill.execute_notebook(
        str(notebook), None, parameters, cwd=str(environment), progress_bar=False, store_widget_state=False
    )
    shown = "".join(
        output["data"].get("text/html", "")
        for cell in ran.cells
        for output in cell.get("outputs", [])
        if "data" in output
    )
    assert "12,300 requests a day" in shown
    assert 'role="alert"' not in shown
    assert ran.metadata.get("widgets") is None
