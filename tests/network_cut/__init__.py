"""Running commands without a network: what they tried to reach is told."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def cut(folder: Path) -> tuple[dict[str, str], Path]:
    """The environment of a process without a network, and the file that notes what it tried to reach."""
    tried = folder / "tried.txt"
    tried.touch()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ADVISOR_")}
    return {
        **kept,
        "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), str(ROOT)]),
        "NETWORK_TRIED": str(tried),
    }, tried
