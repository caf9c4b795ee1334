"""The guidance item by item: the figure that answers it, why it does not apply, or who owes it."""

from __future__ import annotations

from collections.abc import Sequence

from advisor.core.saying import joined, say
from advisor.decide.option import Decision
from advisor.steps import final_option
from advisor.system.case import Case
from advisor.view import (
    guidance_data,
    guidance_deployment,
    guidance_improvement,
    guidance_model,
    guidance_operation,
    tables,
)
from advisor.view.guidance_answer import ANSWERED, OPEN, Answer, Asked
from advisor.view.html import tag, text
from advisor.view.texts import STEP_TITLES

HOW = {
    **guidance_model.ANSWERS, **guidance_improvement.ANSWERS, **guidance_deployment.ANSWERS,
    **guidance_data.ANSWERS, **guidance_operation.ANSWERS,
}  # fmt: skip


def answers(case: Case, decisions: Sequence[Decision]) -> dict[str, Answer]:
    """The answer of a plan to each item; all open while a step has no choice."""
    plan = final_option(case, decisions)
    keys = case.catalogue.keys("guidance")
    if plan is None:
        return dict.fromkeys(keys, Answer(OPEN, say("open: no plan passes every rule yet")))
    asked = Asked(case, plan, tuple(decisions))
    return {key: HOW[key](asked) for key in keys}


def checklist(decisions: Sequence[Decision], case: Case) -> str:
    """The guidance by id: what answers each item, and where."""
    where: dict[str, list[str]] = {}
    for decision in decisions:
        for name in decision.guidance:
            where.setdefault(name, []).append(STEP_TITLES[decision.step])
    rows = []
    for key, answer in answers(case, decisions).items():
        item = case.catalogue.row("guidance", key)
        by = joined(", ", where.get(key, ())) or item.get("answered_by") or ""
        said = text(answer.text) if answer.state == ANSWERED else tag("strong", text(answer.text))
        rows.append([text(key), text(item["asks"]), said, tag("span", text(by), class_="adv-muted")])
    return tables.grid(
        say("Guidance, item by item"), (say("Id"), say("Asks for"), say("Answer"), say("Where")), rows
    )
