"""The files that carry a plan out are within reach of a user, and each own tool's parser takes them.

Scenario: the contact centre with its choices as shipped, asked for with ``advisor report --format files``.
"""

from __future__ import annotations

import json
import shlex
import subprocess
from pathlib import Path

import pytest
import yaml
from croniter import croniter
from defusedxml import ElementTree as SafeTree

from advisor.cli import main
from advisor.outputs import report
from advisor.steps import run
from tests.narrowed import narrowed

pytestmark = pytest.mark.notebooks


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("files")
    scenario = str(narrowed("contact_centre", tmp_path_factory.mktemp("scenario")))
    with pytest.MonkeyPatch.context() as patch:  # no file to deploy tells what would change a choice
        patch.setattr(report, "run", lambda case, **_: run(case, flips=False))
        assert main(["report", scenario, "-o", str(folder), "--format", "files,full", "--offline"]) == 0
    return {path.name: path for path in folder.iterdir()}


def test_the_command_line_writes_every_kind_of_file(written: dict[str, Path]) -> None:
    wanted = {"deploy.sh", "semantic-cache-policy.xml", "crontab", "deferrable-job.workflow.yml",
              "rollback-alert.json", "prompt-v1.txt", "pilot-log.csv"}  # fmt: skip
    assert set(written) >= wanted


def test_each_parses_with_its_own_tool(written: dict[str, Path]) -> None:
    for path in written.values():
        if path.suffix == ".zip":
            continue
        content = path.read_text(encoding="utf-8")
        if path.suffix == ".sh":
            subprocess.run(["bash", "-n", str(path)], check=True)
            assert shlex.split(content, comments=True)
        elif path.suffix == ".json":
            assert json.loads(content)
        elif path.suffix in (".yml", ".yaml"):
            assert yaml.safe_load(content)
        elif path.suffix == ".xml":
            SafeTree.fromstring(content)
        elif path.name == "crontab":
            assert croniter.is_valid(" ".join(content.splitlines()[-1].split()[:5]))


def test_the_report_offers_them_for_download(written: dict[str, Path]) -> None:
    page = written["report-in-full.html"].read_text(encoding="utf-8")
    for name in ("deploy.sh", "rollback-alert.json", "semantic-cache-policy.xml", "prompt-v1.txt"):
        assert f'download="{name}"' in page
