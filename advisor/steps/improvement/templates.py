"""Files to fill in: a prompt with its parts in the right order, and an empty pilot log."""

from __future__ import annotations

from advisor.core.draws import Z90, central
from advisor.core.exhibits import Export
from advisor.core.wording import number, share
from advisor.decide.option import Decision
from advisor.estimate.acceptance import samples_to_clear
from advisor.scenario.pilot_log import COLUMNS
from advisor.system.case import Case
from advisor.system.quality import least_samples
from advisor.system.techniques import retrieves

MOST_ANSWERS = 10_000  # more than anyone judges by hand
# what is the same in every request stands first, so that a service can cache it
TEMPLATE = """=== role (same) ===
Who answers, for whom, and what they may decide.
=== instructions (same) ===
One task, in one sentence. Then what to do when something needed is missing.
Name what you mean: amounts, dates, places, the language of the answer.
=== format (same) ===
The shape and the greatest length of the answer; what to leave out.
=== examples (same) ===
{examples}
=== context (changes) ===
{context}
=== history (changes) ===
The turns that still matter, shortened; leave out the rest.
=== question (changes) ===
The user's words.
"""


def files(case: Case, decision: Decision) -> tuple[Export, ...]:
    """A prompt template for the choice, and a pilot log to fill in."""
    technique = decision.choice.key if decision.choice else "prompt"
    return (_template(technique), _pilot(case, decision))


def _template(technique: str) -> Export:
    examples = "Three to eight good answers, each with its question."
    if technique != "few_shot":
        examples = "None, unless a test shows that they help: every request pays for them."
    context = "The passages found, best first, each with its source." if retrieves(technique) else "None."
    note = "Version 1: keep every version, and compare two with the prompt budget before you change one."
    return Export("prompt-v1.txt", "text/plain", TEMPLATE.format(examples=examples, context=context), note)


def _pilot(case: Case, decision: Decision) -> Export:
    floor = case.scenario.quality.floor
    found = central(decision.choice.quality) if decision.choice else floor
    needed = max(samples_to_clear(found, floor, Z90), least_samples(case))
    wanted = f"About {number(needed)} answers tell {share(found)} from {share(floor)}"
    if needed > MOST_ANSWERS:
        wanted = "At the floor itself no test of sensible size decides"
    models = ", ".join(decision.options[0].plan.model.models)
    note = f"One row a judged answer, for {models} and what you compare it with. {wanted}."
    return Export("pilot-log.csv", "text/csv", ",".join(COLUMNS) + "\n", note)
