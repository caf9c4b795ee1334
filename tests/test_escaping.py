"""Sixty hostile texts through every kind of file, read back by a real reader: all stay text."""

from __future__ import annotations

import csv
import io
import os
import subprocess
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import yaml
from markdown_it import MarkdownIt
from openpyxl import Workbook, load_workbook

from advisor.catalogue import DATA
from advisor.core import escaping
from advisor.outputs.decision_record import decision_record
from advisor.outputs.evidence_listing import Row, as_csv
from advisor.scenario import load_scenario, with_values
from advisor.steps import run
from advisor.system.case import Case
from tests.narrowed import FEW_MODELS

HOSTILE = (
    "---", "--- \nstatus: accepted", "...", "- item", "+ item", "* item", "1. first", "12) twelfth",
    "# heading", "###### six", "=====", "-----", "___", "* * *", "> quoted", "```\ncode", "~~~ sh",
    "    indented", "| a | b |\n|---|---|", "[a](javascript:alert(1))", "![i](http://x.example/i.png)",
    "[x]: http://x.example", "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<!-- c",
    "--> <b>", "</title><script>", "<a href='x'>", "&lt;b&gt; &amp; &#60;", "**bold** _it_ __u__ ~~s~~",
    "`code`", "\\*not\\*", "http://x.example www.x.example a@b.example", "<http://x.example>", "a\\",
    "name: value", "{a: b}", "[1, 2]", "*alias", "&anchor x", "!!python/none x", "%YAML 1.1",
    "'single' \"double\"", "yes", "null", "2026-11-25", "0x1F", "=1+1", "+1+1", "-1+1", "@SUM(A1)",
    "=cmd|' /C calc'!A0", "\t=1+1", "＝1+1", "$(touch ran)", "`touch ran`", "; touch ran", "&& touch ran",
    "' ; touch ran ; '", "line\nbreak\r\n\u2028end", "]]> <![CDATA[", "${jndi:x} {{7*7}} {% raw %}",
    "\u202eevil", "--option", "*.yaml ~ $HOME", "</details></section>",
)  # fmt: skip


def one_line(text: str) -> str:
    return escaping.line(text)


class Elements(HTMLParser):
    """The tags and the text of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_comment(self, data: str) -> None:
        self.tags.append("comment")

    def handle_data(self, data: str) -> None:
        self.text += data


def elements(page: str) -> Elements:
    parser = Elements()
    parser.feed(page)
    parser.close()
    return parser


def test_there_are_sixty() -> None:
    assert len(set(HOSTILE)) >= 60


RENDERERS = [
    MarkdownIt("commonmark"),
    MarkdownIt("commonmark").enable(["table", "strikethrough"]),
    MarkdownIt("js-default", {"html": True}),
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize(
    ("frame", "tags"),
    [("{}\n", ["p"]), ("- {}\n- next\n", ["ul", "li", "li"]), ("Chosen: **{}**, so.\n", ["p", "strong"]),
     ("# {}: a plan\n", ["h1"])],
)  # fmt: skip
def test_markdown_renders_the_text_itself(text: str, frame: str, tags: list[str]) -> None:
    for renderer in RENDERERS:
        page = elements(renderer.render(frame.format(escaping.markdown(text))))
        plain = elements(renderer.render(frame.format("word")))
        assert page.tags == tags
        assert page.text.strip() == plain.text.strip().replace("word", one_line(text))


@pytest.mark.parametrize("text", HOSTILE)
def test_the_head_of_a_record_holds_the_text(text: str) -> None:
    head = f"status: proposed\nby: {escaping.front_matter(text)}\nlast: 1\n"
    for loader in (yaml.SafeLoader, yaml.CSafeLoader):
        (document,) = yaml.load_all(head, Loader=loader)
        assert document == {"status": "proposed", "by": text, "last": 1}


@pytest.mark.parametrize("text", HOSTILE)
def test_a_csv_holds_no_formula(text: str) -> None:
    ((kept, number, percent),) = csv.reader(
        io.StringIO(escaping.csv_text([[text, -1.5, "-12 %"]]), newline="")
    )
    assert kept.removeprefix("'") == text or kept == text
    assert not kept.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝"))
    assert (number, percent) == ("-1.5", "-12 %")


def test_a_workbook_holds_texts_and_no_formula(tmp_path: Path) -> None:
    book = Workbook()
    for row, text in enumerate((*HOSTILE, "bell\x07", "x" * 40_000, "", -2.5), start=1):
        escaping.xlsx_cell(book.active.cell(row, 1), text)
    book.save(tmp_path / "it.xlsx")
    cells = [row[0] for row in load_workbook(tmp_path / "it.xlsx").active.iter_rows()]
    assert [cell.value.replace("\r\n", "\n") for cell in cells[: len(HOSTILE)]] == [
        text.replace("\r\n", "\n") for text in HOSTILE
    ]
    assert {cell.data_type for cell in cells[: len(HOSTILE)]} == {"s"}
    assert [cells[len(HOSTILE)].value, len(cells[len(HOSTILE) + 1].value)] == ["bell", 32_767]
    assert (cells[-2].value, cells[-1].value) == (None, -2.5)


def test_a_shell_hands_every_text_to_the_command_and_runs_none(tmp_path: Path) -> None:
    stub = tmp_path / "bin" / "az"
    stub.parent.mkdir()
    stub.write_text('#!/bin/sh\nprintf "%s\\0" "$@" >> "$SAID"\n')
    stub.chmod(0o755)
    script = "set -eu\n" + "".join(
        f"# {one_line(text)}\naz --name {escaping.shell(text)}\n" for text in HOSTILE
    )
    environment = {"PATH": f"{stub.parent}{os.pathsep}{os.environ['PATH']}", "SAID": str(tmp_path / "said")}
    for shell in ("bash", "sh"):
        (tmp_path / "said").unlink(missing_ok=True)
        subprocess.run([shell, "-c", script], cwd=tmp_path, env=environment, check=True)
        said = (tmp_path / "said").read_bytes().decode("utf-8").split("\0")[:-1]
        assert said == [word for text in HOSTILE for word in ("--name", text)]
    assert {path.name for path in tmp_path.iterdir()} == {"bin", "said"}


@pytest.mark.parametrize("text", HOSTILE)
def test_xml_and_html_hold_the_text(text: str) -> None:
    element = ET.fromstring(f'<a b="{escaping.xml(text)}">{escaping.xml(text)}</a>')  # noqa: S314  our own
    assert (element.attrib["b"].replace("\t", " "), element.text) == (text.replace("\t", " "), text)
    page = elements(f'<p title="{escaping.html(text)}">{escaping.html(text)}</p>')
    assert (page.tags, page.text) == (["p"], text)


def test_what_xml_cannot_hold_is_left_out() -> None:
    assert escaping.xml("a\x00\x07\ufffe\ud800b") == "ab"


@pytest.fixture(scope="module")
def cases(catalogue):
    """The texts of a scenario that reach a record, hostile by turns; breaks only where pages allow them."""
    base = with_values(load_scenario(DATA / "scenarios" / "product_descriptions.yaml"), FEW_MODELS)
    decided = run(Case(base, catalogue, 20), flips=False)

    def case(text: str) -> tuple[Case, list]:
        short = one_line(text)
        taken = {
            f"decisions.{decision.step}": {
                "choice": decision.choice.key,
                "by": short,
                "reason": text.strip() or "x",
            }
            for decision in decided
        }
        changed = with_values(base, {
            "name": short, "description": text, "timing.deadlines": {short: date(2027, 1, 1)}, **taken,
        })  # fmt: skip
        return Case(changed, catalogue, 20), decided

    return case


@pytest.fixture(scope="module")
def usual(cases) -> Elements:
    """The record's page with plain texts."""
    return elements(RENDERERS[0].render(decision_record(*cases("placeholder")).split("---\n", maxsplit=2)[2]))


@pytest.mark.parametrize("text", HOSTILE)
def test_a_decision_record_is_what_it_was_whatever_the_texts(text: str, cases, usual: Elements) -> None:
    case, decided = cases(text)
    record = decision_record(case, decided)
    empty, head, body = record.split("---\n", maxsplit=2)
    assert empty == ""
    assert yaml.safe_load(head)["decision-makers"] == one_line(text)
    assert set(yaml.safe_load(head)) == {"status", "decision-makers"}
    page = elements(RENDERERS[0].render(body))
    assert set(page.tags) <= {"h1", "h2", "h3", "p", "ul", "li", "strong", "code"}
    assert page.tags == usual.tags
    assert page.text == usual.text.replace("placeholder", one_line(text))


def test_a_listing_of_figures_holds_no_formula() -> None:
    rows = [
        Row("a.b", 1.0, 2.0, 3.0, "W", ("s",), date(2026, 1, 1), "override", ("step",), text)
        for text in HOSTILE
    ]
    read = list(csv.DictReader(io.StringIO(as_csv(rows), newline="")))
    assert [row["note"].removeprefix("'") if row["note"] not in HOSTILE else row["note"] for row in read] == [
        *HOSTILE
    ]
    assert not [row for row in read if row["note"].startswith(("=", "+", "-", "@"))]
