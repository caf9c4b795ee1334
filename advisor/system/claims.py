"""What a plan rests on that somebody must have and nobody has confirmed: examples, a licence, documents."""

from __future__ import annotations

from advisor.core.saying import numeral, say
from advisor.core.wording import listed
from advisor.scenario import value_at
from advisor.system import billing
from advisor.system.case import Case
from advisor.system.confirmed import origin
from advisor.system.plan import Plan, StepName

# the rule that asks for it -> the input that says it is there
CLAIMS = {
    "examples": "knowledge.examples",
    "examples_licence": "knowledge.examples_licensed",
    "documents": "knowledge.documents",
}


def unconfirmed(case: Case, plan: Plan, step: StepName) -> str:
    """What nobody has confirmed that carries the choice of a step, in a sentence; empty where nothing does.

    What only reads is no choice without the examples it is trained on, so they carry the model too.
    """
    if step != "improvement" and not (step == "foundation_model" and plan.model.kind == "encoder"):
        return ""
    began, given = origin(case.given), case.given
    asked = (CLAIMS[gate.rule] for gate in billing.gates(case, plan, "improvement") if gate.rule in CLAIMS)
    open_ = [path for path in dict.fromkeys(asked) if began.state(given, path) != "owned"]
    if not open_:
        return ""
    return say(
        "Assumed, and confirmed by nobody: {claims}. Were it otherwise this would be no option.",
        claims=listed(
            say("{path} is {value}", path=path, value=_plain(value_at(given, path))) for path in open_
        ),
    )


def _plain(value: object) -> str:
    return numeral(value, ",.0f") if isinstance(value, int | float) else say(str(value))
