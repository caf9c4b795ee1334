"""The folder of scenarios being worked on, and what a name means there."""

from __future__ import annotations

import os
from functools import lru_cache
from itertools import count
from pathlib import Path

from advisor.catalogue import DATA
from advisor.core.errors import AdvisorError
from advisor.core.files import read_bytes, read_text
from advisor.core.saving import stamp
from advisor.core.saying import joined
from advisor.scenario import load_scenario
from advisor.system.opening import template, templates

CURRENT = "current"
FIRST_TEMPLATE = "contact_centre"
TRAFFIC = "-traffic"  # ends the name of a traffic profile saved beside a scenario


def workspace() -> Path:
    """The folder for scenarios being worked on; ``ADVISOR_WORKSPACE`` moves it."""
    return Path(os.environ.get("ADVISOR_WORKSPACE") or DATA.parent / "workspace")


def find(name: str) -> Path:
    """The file that ``name`` means: the current scenario, a saved one, a template or a path.

    Raises UnknownNameError listing the templates.
    """
    if name == CURRENT:
        pointer = workspace() / "current.txt"
        name = read_text(pointer).strip() if pointer.is_file() else FIRST_TEMPLATE
    if name.endswith((".yaml", ".yml")):
        return Path(name)
    saved = workspace() / f"{name}.yaml"
    return saved if saved.is_file() else template(name)


def choices() -> list[str]:
    """Names that can be opened: the templates and what is saved in the workspace."""
    files = (path for path in workspace().glob("*.yaml") if not path.name.startswith("."))
    saved = {path.stem for path in files if not path.stem.endswith(TRAFFIC)}
    return sorted({*templates(), *saved})


def scenario_title(name: str) -> str:
    """What a scenario that can be opened is called; its file's name beside it, as two may be called alike."""
    try:
        path = find(name)
        return joined("", (_title_in(path, stamp(path)), f" ({name})"))
    except AdvisorError:
        return name  # what is wrong with it is told when it is opened


@lru_cache(maxsize=64)
def _title_in(path: Path, _stamp: object) -> str:
    return load_scenario(path).name


def free(path: Path, content: bytes) -> Path:
    """``path``, or the first name beside it, that is not taken by another content."""
    for number in count(2):
        if not path.exists() or read_bytes(path) == content:
            return path
        path = path.with_name(f"{path.stem.removesuffix(f'-{number - 1}')}-{number}{path.suffix}")
    return path
