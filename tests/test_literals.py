"""No number that the advice depends on stands bare in the code: it belongs into ``data/``.

The test reads every module and fails on numeric literals that are not conversions of units,
counts that mathematics or the calendar fix, or technical constants that a module names in
capitals and explains.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from math import isclose, log2, log10
from pathlib import Path

import pytest

import advisor

PACKAGE = Path(advisor.__file__).resolve().parent

# value: why it may stand anywhere; powers of ten and of two are reasoned too
REASONED = {
    0: "nothing", 3: "triples, as low, central and high", 5: "the five steps", 7: "days of a week",
    12: "months of a year", 24: "hours of a day", 60: "minutes and seconds", 168: "hours of a week",
    365: "days of a year", 8760: "hours of a year", 1440: "minutes of a day", 86_400: "seconds of a day",
    3600: "seconds of an hour", 3.6e6: "joules of a kWh", 0.05: "the 5th percentile", 50: "the median",
    90: "the 90th percentile", 0.9: "the 90th percentile", 0.95: "the 95th percentile", 0.99: "the 99th",
    0.975: "both ends of a 95 % interval", 1970: "where clocks of computers begin", 20_260: "the seed",
}  # fmt: skip
# rooms whose numbers are not advice: bounds and defaults of inputs, layout, conversion of units
EXEMPT = {
    "core/units.py": "the vocabulary of units is made of conversions",
    "scenario/fields.py": "bounds and defaults of inputs, which every report lists as untouched",
    "scenario/data_fields.py": "bounds and defaults of inputs, which every report lists as untouched",
    "scenario/work_fields.py": "bounds and defaults of inputs, which every report lists as untouched",
    "scenario/knowledge_fields.py": "bounds and defaults of inputs, which every report lists as untouched",
    "scenario/quality_fields.py": "bounds and defaults of inputs, which every report lists as untouched",
    "core/wording.py": "how numbers are written",
    "view": "layout, colours and figure sizes",
    "cli.py": "exit codes and ports",
    "serve": "ports and waiting",
    "core/files.py": "permissions and sizes",
    "usage": "formats, clocks and status codes of request logs",
}


def reasoned(value: object) -> bool:
    """Whether a literal needs no further reason."""
    if type(value) not in {int, float} or value in REASONED:
        return True
    size = abs(float(value))  # type: ignore[arg-type]
    return isclose(size, 10.0 ** round(log10(size)), rel_tol=1e-12) or size == 2.0 ** round(log2(size))


def bare(path: Path) -> Iterator[tuple[int, str]]:
    """Line and text of each numeric literal of a module that stands without a reason."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    technical = {id(part) for top in exempt(tree) for part in ast.walk(top)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and not reasoned(node.value) and id(node) not in technical:
            yield node.lineno, repr(node.value)


UNIT = re.compile(r"_(S|MS|SECONDS|DAYS|BYTES|KB|MB|GB|FAULTS|PAGES|ROWS|DIGITS)\b.* = ")
SIZES = {"maxsize", "initial", "cutoff"}


def exempt(tree: ast.Module) -> Iterator[ast.AST]:
    """Constants named in capitals, places in sequences, formats, digits kept, sizes of memories."""
    yield from (node for node in tree.body if named(node))
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript):
            yield node.slice
        if isinstance(node, ast.FormattedValue) or (isinstance(node, ast.keyword) and node.arg in SIZES):
            yield node
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "round":
            yield from node.args[1:]


def named(node: ast.stmt) -> bool:
    """Whether a statement at the top of a module gives constants their names in capitals."""
    if not isinstance(node, (ast.Assign, ast.AnnAssign)):
        return False
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    names = [part for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)]
    return bool(names) and all(name.id.strip("_").isupper() for name in names)


def modules() -> list[str]:
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE).as_posix()
        if name not in EXEMPT and name.split("/")[0] not in EXEMPT:
            found.append(name)
    return found


@pytest.mark.parametrize("module", modules())
def test_no_number_stands_bare(module: str) -> None:
    assert list(bare(PACKAGE / module)) == []


@pytest.mark.parametrize("module", modules())
def test_a_constant_with_a_number_says_what_it_is(module: str) -> None:
    """A technical constant needs a comment on its line or the one above, or a unit in its name."""
    path = PACKAGE / module
    text = path.read_text(encoding="utf-8")
    commented = {token.start[0] for token in tokenize.generate_tokens(io.StringIO(text).readline)
                 if token.type == tokenize.COMMENT}  # fmt: skip
    silent = []
    for node in ast.parse(text).body:
        numbers = [part.value for part in ast.walk(node) if isinstance(part, ast.Constant)
                   and not reasoned(part.value)]  # fmt: skip
        lines = set(range(node.lineno - 1, (node.end_lineno or 0) + 1))
        if (
            named(node)
            and numbers
            and not (commented & lines or UNIT.search(text.splitlines()[node.lineno - 1]))
        ):
            silent.append((node.lineno, numbers))
    assert silent == []


def test_the_search_finds_what_it_should(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text("PAUSE_S = 30  # technical\nx = 0.27 * y[3:17] + f(412)\nprint(f'{x:17.3f}', 12, -1)\n")
    assert list(bare(module)) == [(2, "0.27"), (2, "412")]
