"""The generated report: figures with their sources, and a participant's own values as such."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from advisor.catalogue import DATA
from advisor.outputs import report as reports
from advisor.scenario import load_scenario, save_scenario, with_values
from advisor.steps import run
from tests.narrowed import FEW_MODELS

pytestmark = pytest.mark.notebooks
NAME, OWN = "hardware.lifetime", "host.power_per_gpu"


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The report of a template with one value overridden, saved and loaded again."""
    folder = tmp_path_factory.mktemp("report")
    override = {
        "low": 200, "central": 220, "high": 240, "unit": "W", "owner": "Ada",
        "reason": "our own meter <b>says</b>",
    }  # fmt: skip
    scenario = with_values(
        load_scenario(DATA / "scenarios" / "contact_centre.yaml"),
        {f"overrides.{OWN}": override, **FEW_MODELS},
    )
    save_scenario(scenario, folder / "own.yaml")
    with pytest.MonkeyPatch.context() as patch:  # what would change a choice rests on no figure of its own
        patch.setattr(reports, "run", lambda case, **_: run(case, flips=False))
        paths = reports.write_report(folder / "own.yaml", folder / "out", formats=("full",))
    return Path(paths[0]).read_text(encoding="utf-8")


def rows(report: str, name: str) -> list[str]:
    """Rows of the evidence tables; the assumptions log names figures too, without their sources."""
    every = re.findall(r"<tr.*?</tr>", report, flags=re.DOTALL)
    return [row for row in every if f"<code>{name}</code>" in row]


def test_a_source_s_title_in_yaml_stands_beside_the_figure_it_supports(report: str) -> None:
    titles = yaml.safe_load((DATA / "sources.yaml").read_text())["sources"]
    figure = yaml.safe_load((DATA / "server.yaml").read_text())["coefficients"][NAME]
    found = rows(report, NAME)
    assert found
    for row in found:
        assert all(titles[key]["title"] in row for key in figure["source"])
        assert all(f"{value:g}" in row for value in figure["value"])


def test_an_override_is_listed_as_such_with_owner_and_reason(report: str) -> None:
    found = rows(report, OWN)
    assert found
    for row in found:
        assert "220 (200 – 240)" in row
        assert "Ada: our own meter &lt;b&gt;says&lt;/b&gt;" in row
        assert "adv-override" in row


def test_the_assumptions_log_lists_it_with_its_owner(report: str) -> None:
    log = report.split("Assumptions log", 1)[1].split("</table>", 1)[0]
    (row,) = [row for row in re.findall(r"<tr.*?</tr>", log, flags=re.DOTALL) if f">{OWN}<" in row]
    assert "220 (200 to 240)" in row
    assert "Ada" in row
    assert "our own meter &lt;b&gt;says&lt;/b&gt;" in row
