"""A scenario with 25 comments, a decision, and what a folder holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from advisor.scenario import load_scenario, save_scenario, with_values

COMMENTED = """\
# 1 the pilot of the claims team
# yaml-language-server: $schema=scenario.schema.json
schema_version: 1   # 2 the only one there is
name: "Claims"      # 3 quoted on purpose
# 4 above the task
task: chat

workload:  # 5 beside a section
  # 6 first in a section
  requests_per_day: 1_e # 7
  input_tokens: 1.2e3   # 8 written as it was measured
  languages: [de,  fr]  # 9 two spaces
  # 10 last in a section

quality: {floor: 0.8, easy_share: 0.5}  # 11 in one line
data_sets:
# 12 above the first
- name: Files   # 13
  role: corpus
  size_gb: 10   # 14
  # 15 below the first
- {name: Logs, role: logs, size_gb: 5}  # 16
decisions:   # 17 what was decided
  # 18 in the first week
  foundation_model:  # 19
    choice: gpt-4.1-mini   # 20
    by: Ada      # 21
    reason: |
      It was cheapest.   # not a comment
      # nor this
# 22 between sections
timing:
  start: 2027-01-01  # 23 new year
# 24 nearly the end

# 25 the end
""".replace("1_e", "1000")
TAKEN = {"choice": "batch", "by": "Ada", "reason": "cheap: and # simple", "on": "2026-11-20"}


def changed(path: Path, values: dict[str, Any]) -> None:
    save_scenario(with_values(load_scenario(path), values), path)


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir() if path.is_file()}
