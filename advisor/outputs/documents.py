"""The plan as files: for programs, for a repository, for the next session, for Azure's tools."""

from __future__ import annotations

from collections.abc import Sequence

from advisor.core.exhibits import Export
from advisor.core.saying import say
from advisor.decide.option import Decision
from advisor.outputs import azure_files
from advisor.outputs.decision_record import decision_record
from advisor.outputs.plan_json import plan_json
from advisor.scenario import scenario_yaml
from advisor.steps import final_option
from advisor.system.case import Case


def to_deploy(case: Case, decisions: Sequence[Decision]) -> tuple[Export, ...]:
    """The files that carry the plan out: of each step's choice, and those that Azure's tools take.

    None while a step has no choice.
    """
    if final_option(case, decisions) is None:
        return ()
    of_steps = (one for decision in decisions for one in decision.exhibits if isinstance(one, Export))
    found: dict[str, Export] = {}
    for export in (*azure_files.files(case, decisions), *of_steps):
        found.setdefault(export.filename, export)
    return tuple(found.values())


def documents(case: Case, decisions: Sequence[Decision]) -> tuple[Export, ...]:
    """The plan, its decision record and the scenario it came from."""
    plan, record = plan_json(case, decisions), decision_record(case, decisions)
    return (
        Export("plan.json", "application/json", plan, say("the plan for other programs")),
        Export("decision-record.md", "text/markdown", record, say("in the form of MADR 4")),
        Export(
            "scenario.yaml", "application/yaml", scenario_yaml(case.given), say("inputs and decisions taken")
        ),
    )
