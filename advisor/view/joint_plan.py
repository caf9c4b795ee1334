"""One step at a time beside all five together, as HTML. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence

from advisor.core.saying import say
from advisor.decide.option import Decision
from advisor.steps.joint_plan import effects_table, plans_table, together, why
from advisor.system.case import Case
from advisor.view import tables
from advisor.view.html import folded, tag, text


def together_section(case: Case, decisions: Sequence[Decision]) -> str:
    """Why in one sentence, the plans side by side, and what each interaction is worth; folded."""
    found = together(case, decisions)
    if found is None:
        return ""
    shown = tag("p", text(why(found))) + tables.exhibit_table(plans_table(found))
    if found.effects:
        shown += tables.exhibit_table(effects_table(found))
    return folded(say("One step at a time, and all together"), shown)
