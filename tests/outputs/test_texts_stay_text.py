"""Sixty hostile texts through everything that is written, read by the reader each file is for."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
from collections import Counter
from html.parser import HTMLParser

import pytest
import yaml
from defusedxml import ElementTree as SafeTree
from jsonschema import Draft202012Validator
from openpyxl import Workbook, load_workbook

from advisor.commands import printable
from advisor.core.files import dump_yaml
from advisor.outputs import azure_files, plan_json
from advisor.outputs.compare import Planned, as_text, decisions_table, footprints_table, inputs_table
from advisor.outputs.evidence_listing import as_csv, as_json, rows, used_by_steps
from advisor.outputs.report import report_page
from advisor.scenario import scenario_yaml
from advisor.scenario.io import read_scenario
from advisor.system.confirmed import explain
from tests.hostile import OWN_FIGURE, twins
from tests.test_escaping import HOSTILE

RUNNING = {"script", "iframe", "object", "embed", "img", "link", "form", "base", "style", "meta"}


@pytest.fixture(scope="module")
def both(catalogue):
    return twins(catalogue)


class Shape(HTMLParser):
    """What a page is made of: its tags, the names of attributes, where links go."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.attributes: set[str] = set()
        self.links: set[str] = set()
        self.said = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags[tag] += 1
        self.attributes |= {name for name, _ in attrs}
        self.links |= {value or "" for name, value in attrs if name in ("href", "src", "action")}

    handle_startendtag = handle_starttag

    def handle_comment(self, data):
        self.tags["comment"] += 1

    def handle_data(self, data):
        self.said += data


def test_the_report_is_made_of_the_same_elements_whatever_the_texts(both):
    (hostile, decided), (plain, as_plain) = both
    found, usual = Shape(report_page(hostile, decided)), Shape(report_page(plain, as_plain))
    assert set(found.tags) == set(usual.tags)
    assert {tag: found.tags[tag] for tag in RUNNING} == {tag: usual.tags[tag] for tag in RUNNING}
    assert found.attributes == usual.attributes
    assert not [name for name in found.attributes if name.startswith("on")]
    strange = {link for link in found.links - usual.links if not link.startswith(("#", "data:"))}
    assert strange == set()
    for taken in hostile.given.decisions.values():
        assert taken.by in found.said
        assert taken.reason in found.said
    assert hostile.given.name in found.said


def test_plan_json_and_the_listing_hold_the_texts(both, catalogue):
    hostile, decided = both[0]
    document = json.loads(plan_json.plan_json(hostile, decided))
    assert not list(Draft202012Validator(plan_json.schema()).iter_errors(document))
    found = rows(hostile.catalogue, used_by_steps(decided), used_by_steps(decided))
    own = hostile.given.overrides[OWN_FIGURE]
    assert own.reason in str(json.loads(as_json(found, hostile.catalogue)))
    read = list(csv.DictReader(io.StringIO(as_csv(found), newline="")))
    cells = [cell for row in read for cell in row.values() if cell]
    assert any(own.reason in cell for cell in cells)
    assert not [cell for cell in cells if re.match(r"\s*[=@]|[+-](?![\d.])", cell)]


def test_the_scenario_reads_back_as_it_was(both):
    given = both[0][0].given
    for text in (scenario_yaml(given), dump_yaml(yaml.safe_load(scenario_yaml(given)))):
        assert read_scenario(text.encode(), "it.yaml") == given
    assert len(set(given.notes.values()) | set(given.owners.values())) >= 60


def test_what_a_terminal_shows_is_printable_and_laid_out_alike(both):
    (hostile, decided), (plain, as_plain) = both

    def shown(case, decisions):
        planned = [Planned(case, tuple(decisions))] * 2
        tables = (decisions_table(planned), footprints_table(planned), inputs_table(planned))
        return printable(as_text(tables)).splitlines(), printable(explain(case)).splitlines()

    for found, usual in zip(shown(hostile, decided), shown(plain, as_plain), strict=True):
        assert len(found) == len(usual)
        assert all(line.isprintable() for line in found)


def files(case, decisions):
    return {file.filename: file.content for file in azure_files.files(case, decisions)}


def test_files_for_azure_are_the_same_but_for_the_alert_s_name(both):
    (hostile, decided), (plain, as_plain) = both
    found, usual = files(hostile, decided), files(plain, as_plain)
    alert, other = json.loads(found.pop("rollback-alert.json")), json.loads(usual.pop("rollback-alert.json"))
    assert found == usual
    shown, word = alert["resources"][0], other["resources"][0]
    assert shown["properties"].pop("displayName") == f"Roll back: {hostile.given.name}"
    assert re.fullmatch(r"[a-z0-9-]+", shown.pop("name"))
    word["properties"].pop("displayName")
    word.pop("name")
    assert alert == other
    for name, content in found.items():
        if name.endswith(".xml"):
            SafeTree.fromstring(content)
        if name.endswith(".yml"):
            yaml.safe_load(content)


def test_scripts_hand_hostile_names_to_az_and_run_none(both, tmp_path):
    script = files(*both[0])["deploy.sh"]
    stub = tmp_path / "bin" / "az"
    stub.parent.mkdir()
    stub.write_text('#!/bin/sh\nprintf "%s\\0" "$@" > "$SAID"\n')
    stub.chmod(0o755)
    wanted = re.findall(r'^: "\$\{(\w+):\?', script, re.MULTILINE)
    assert wanted
    for text in HOSTILE:
        environment = {
            "PATH": f"{stub.parent}{os.pathsep}{os.environ['PATH']}",
            "SAID": str(tmp_path / "said"),
        }
        subprocess.run(
            ["bash", "-c", script], cwd=tmp_path, env=environment | dict.fromkeys(wanted, text), check=True
        )
        said = (tmp_path / "said").read_bytes().decode("utf-8").split("\0")
        assert text in said
    assert {path.name for path in tmp_path.iterdir()} == {"bin", "said"}


def test_a_csv_saved_as_a_workbook_holds_no_formula(both, tmp_path):
    """As a spreadsheet would take the listing in: each cell typed anew."""
    found = rows(both[0][0].catalogue, used_by_steps(both[0][1]), used_by_steps(both[0][1]))
    book = Workbook()
    for row in csv.reader(io.StringIO(as_csv(found), newline="")):
        book.active.append(row)
    book.save(tmp_path / "it.xlsx")
    sheet = load_workbook(tmp_path / "it.xlsx").active
    assert "f" not in {cell.data_type for line in sheet.iter_rows() for cell in line}
