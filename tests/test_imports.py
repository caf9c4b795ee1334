"""Which room may import what, read from the source, lazy imports included.

The rules are those of the rooms: estimates know no files, steps know no widgets, faces know no
panels, notebooks hold no formulas.
"""

from __future__ import annotations

import ast
import json
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "advisor"
FILES = {"pathlib", "os", "tempfile", "shutil", "glob", "io"}
DATA_PACKAGES = {"ecologits", "azure_genai_prices", "genai_prices", "bpe_openai"}
MATHS = {"numpy", "scipy", "moocore"}
WIDGETS = {"view.widgets"}
SYSTEM = {"core", "estimate", "catalogue", "scenario", "system"}
DECIDED = {*SYSTEM, "decide", "steps"}


@dataclass(frozen=True)
class Room:
    """What a room may import besides the standard library: packages, and rooms of ours."""

    external: frozenset[str]
    ours: frozenset[str]
    forbidden: frozenset[str] = frozenset()
    files: bool = True


def room(external=(), ours=(), forbidden=(), files=True):
    return Room(frozenset(external), frozenset(ours), frozenset(forbidden), files)


# a folder is a rule; the first prefix that fits a module rules it
ROOMS = {
    "core.files": room({"yaml"}, {"core"}),
    "core.saving": room((), {"core"}),
    "core.encodings": room((), {"core"}),
    "core.escaping": room((), {"core"}),
    "core": room({"numpy"}, {"core"}, files=False),
    "estimate": room({"numpy"}, {"core", "estimate"}, files=False),
    "scenario": room({"pydantic", "pydantic_core", "yaml", "numpy"}, {"core", "scenario"}),
    "catalogue": room(
        {"pydantic", "pydantic_core", "yaml", "httpx", "babel", *DATA_PACKAGES},
        {"core", "scenario", "catalogue"},
    ),
    "usage": room({"ibis", "duckdb", "pyspark", "numpy"}, {"core", "scenario", "usage"}),
    "system": room({"numpy", "pydantic", "ecologits"}, SYSTEM),
    "decide": room(MATHS, {*SYSTEM, "decide"}, files=False),
    "steps": room(MATHS, DECIDED, files=False),
    "measured": room({"numpy", "scipy", *DATA_PACKAGES}, {*SYSTEM, "measured"}),
    "view.widgets": room(
        {"ipywidgets", "pydantic"}, {*DECIDED, "usage", "measured", "view", "outputs"}, {"outputs.report"}
    ),
    "view": room({"pandas", "matplotlib", "numpy"}, {*DECIDED, "usage", "measured", "view"}, WIDGETS),
    "outputs": room(
        {"numpy", "pydantic", "papermill", "nbconvert", "traitlets", "yaml", "openpyxl"},
        {*DECIDED, "usage", "measured", "view", "outputs"}, WIDGETS,
    ),
    **dict.fromkeys(  # what runs in a worker knows the engine; the server itself does not
        ("serve.engine", "serve.kept_scenarios", "serve.changes", "serve.group"),
        room((), {*DECIDED, "usage", "view", "outputs", "serve"}, WIDGETS),
    ),
    "serve.lab": room((), {"core", "catalogue", "serve"}),
    "serve": room(
        {"tornado", "psutil"}, {"core", "catalogue.translations", "serve", "view.html", "view.texts"}
    ),
    "": room(
        {"yaml"}, {*DECIDED, "usage", "measured", "view", "outputs", "serve", "cli", "commands"}, WIDGETS
    ),
}  # fmt: skip


def imported(tree: ast.AST):
    """Every name imported anywhere in a module, with its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports name the package in full"
            yield node.module, node.lineno
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("import_module", "__import__")):
            for argument in node.args[:1]:
                said = ast.unparse(argument).strip("f'\"")
                yield said.split("{")[0].rstrip("."), node.lineno


def within(name: str, prefixes) -> bool:
    return any(name == prefix or name.startswith(f"{prefix}.") for prefix in prefixes)


def breaches(module: str, source: str) -> list[str]:
    """What a module imports that its room may not."""
    ruled = ROOMS[next(prefix for prefix in ROOMS if not prefix or within(module, {prefix}))]
    found = []
    tree = ast.parse(source)
    for name, line in imported(tree):
        top = name.split(".")[0]
        if within(name, {"matplotlib.pyplot", "pylab"}):
            found.append(f"{module}:{line} pyplot is for nobody")
        elif top == "advisor":
            ours = name.removeprefix("advisor").lstrip(".")
            known = ours and within(ours, ruled.ours)
            if ours and (not known or within(ours, ruled.forbidden)):
                found.append(f"{module}:{line} {name}")
        elif top in sys.stdlib_module_names:
            if not ruled.files and top in FILES:
                found.append(f"{module}:{line} {name} reads files")
        elif top not in ruled.external:
            found.append(f"{module}:{line} {name}")
    if not ruled.files:
        found += [
            f"{module}:{node.lineno} opens a file"
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "open"
        ]
    return found


def modules():
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        yield ".".join(part for part in parts if part != "__init__"), path


@pytest.mark.parametrize(
    ("module", "path"), list(modules()), ids=[name or "advisor" for name, _ in modules()]
)
def test_a_module_keeps_to_its_room(module, path):
    assert breaches(module, path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("steps.deployment", "import ipywidgets"),
        ("steps.deployment", "def late():\n    from advisor.view.widgets.panel import Panel"),
        ("steps.deployment", "from pathlib import Path"),
        ("steps.deployment", "text = open('x').read()"),
        ("steps.deployment", "import importlib\nimportlib.import_module('ipywidgets')"),
        ("estimate.grid", "from advisor.catalogue import open_catalogue"),
        ("estimate.grid", "from advisor import catalogue"),
        ("view.faces", "import ipywidgets as w"),
        ("view.charts", "from matplotlib import pyplot"),
        ("outputs.report", "from advisor.view.widgets.panel import Panel"),
        ("core.errors", "import scipy"),
    ],
)
def test_a_breach_is_found(module, source):
    assert breaches(module, source)


def graph():
    """Modules of the package and those each imports, lazy imports too; for types alone does not count."""
    known = {f"advisor.{name}".rstrip("."): path for name, path in modules()}
    for name, path in known.items():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
                node.body = []
        names = {found for found, _ in imported(tree)}
        # a module asked for by way of its package is itself what is imported
        packages = {found.rpartition(".")[0] for found in names if found in known}
        by_way = {
            node.module
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom)
            and all(f"{node.module}.{alias.name}" in known for alias in node.names)
        }
        yield name, {found for found in names - (by_way & packages) if found in known and found != name}


def test_no_module_imports_itself_by_way_of_others():
    edges = dict(graph())
    done, path, circles = set(), [], []

    def visit(name):
        if name in path:
            circles.append(" > ".join([*path[path.index(name) :], name]))
        elif name not in done:
            path.append(name)
            for other in sorted(edges[name]):
                visit(other)
            done.add(path.pop())

    for name in sorted(edges):
        visit(name)
    assert circles == []


def test_no_module_outgrows_a_reader():
    long = {name: len(path.read_text(encoding="utf-8").splitlines()) for name, path in modules()}
    assert {name: lines for name, lines in long.items() if lines > 400} == {}


ALLOWED_NODES = (
    ast.Module, ast.Expr, ast.Call, ast.Name, ast.Load, ast.Store, ast.Constant, ast.Attribute, ast.keyword,
    ast.Assign, ast.Dict, ast.List, ast.ImportFrom, ast.alias,
)  # fmt: skip


def notebook_breaches(source: str) -> list[str]:
    """What a notebook's code holds besides calling the package: it may not compute."""
    tree = ast.parse(source)
    found = [type(node).__name__ for node in ast.walk(tree) if not isinstance(node, ALLOWED_NODES)]
    found += [name for name, _ in imported(tree) if name.split(".")[0] != "advisor"]
    numbers = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return found + [str(value) for value in numbers if isinstance(value, int | float)]


def notebook_cells():
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "code":
                yield path.stem, "".join(cell["source"]), cell


def test_notebooks_call_the_package_and_compute_nothing():
    cells = list(notebook_cells())
    assert {name for name, _, _ in cells} >= {
        "00_start", "01_foundation_model", "02_improvement", "03_deployment", "04_data_storage",
        "05_operations", "06_plan", "app", "report",
    }  # fmt: skip
    for name, source, cell in cells:
        assert notebook_breaches(source) == [], name
        assert len(source.splitlines()) <= 10, name
        assert cell["outputs"] == [], f"{name} is committed with outputs"
        assert cell["execution_count"] is None


@pytest.mark.parametrize("source", ["a = 2 * b", "import numpy", "kwh = 3.6", "[x for x in y]", "a += b"])
def test_arithmetic_in_a_notebook_is_found(source):
    assert notebook_breaches(source)
