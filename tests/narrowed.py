"""Templates in which few models are compared: decided in a third of the time, by the same rules.

The contact centre so narrowed chooses in all five steps what the template chooses.
"""

from __future__ import annotations

from pathlib import Path

from advisor.scenario import load_scenario, save_scenario, with_values
from advisor.system.opening import template

FEW_MODELS = {"constraints.models_compared": ["gpt-5.4-nano", "gpt-oss-120b", "phi-4"]}


def narrowed(name: str, workspace: Path) -> Path:
    """Save a template so narrowed under its own name: in a workspace it stands for the shipped one."""
    workspace.mkdir(parents=True, exist_ok=True)
    saved = workspace / f"{name}.yaml"
    save_scenario(with_values(load_scenario(template(name)), FEW_MODELS), saved)
    return saved
