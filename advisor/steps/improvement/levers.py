"""What each lever spares beside the usual technique, and the share of answers from which it pays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from advisor.core.draws import central
from advisor.core.exhibits import Table
from advisor.core.saying import say, within
from advisor.system import billing, improvement_gates, lever_gates, requests
from advisor.system.case import Case
from advisor.system.gates import failed
from advisor.system.plan import GENERATING, ImprovementSetting, Plan
from advisor.system.quality import accepted, reference_technique
from advisor.system.rule_names import rules_of
from advisor.system.techniques import title

Row = tuple[str | float | None, ...]
BESIDES = ("few_shot", "compression", "lora", "distill")  # set beside the levers
CENT = 100.0


def table(case: Case, plan: Plan) -> Table:
    """Levers on one model and deployment, so that only the lever differs; empty where nothing generates."""
    return Table(
        "levers",
        say("What each lever spares beside {usual}, and from where it pays",
            usual=within(title(reference_technique(case)))),
        (say("lever"), say("tokens read"), say("tokens written"), say("energy kWh"), say("carbon kg CO₂e"),
         say("cost $"), say("pays by carbon from % kept"), say("pays by cost from % kept"),
         say("expected to keep %"), say("ruled out by")),
        tuple(_rows(case.centre, plan)),
        say("A year of the whole plan on the same model and deployment, central case; the first row is the "
            "usual technique. A lever pays while it keeps more of the accepted answers than it takes of the "
            "year: 100 and more says that it takes more and must add answers."),
    )  # fmt: skip


def _rows(case: Case, plan: Plan) -> Iterator[Row]:
    if plan.model.kind not in GENERATING:
        return
    usual = reference_technique(case)
    first = replace(plan, improvement=ImprovementSetting(usual))
    before, kept = billing.bill(case, first).year, central(accepted(case, plan.model, first.improvement))
    for key in (usual, *lever_gates.levers(case), *(one for one in BESIDES if one != usual)):
        improvement = ImprovementSetting(key)
        year = billing.bill(case, replace(plan, improvement=improvement)).year
        asked = requests.request(case, plan.model.main, key)
        stops = failed(improvement_gates.gates(case, plan.model, improvement))
        share = central(accepted(case, plan.model, improvement))
        pays = (
            CENT * central(year[name]) / central(before[name]) if central(before[name]) > 0 else None
            for name in ("carbon", "cost")
        )
        yield (
            title(key), central(asked.input_tokens), central(asked.output_tokens),
            *(central(year[name]) for name in ("energy", "carbon", "cost")),
            *pays, CENT * share / kept,
            rules_of(stops) or say("in"),
        )  # fmt: skip
