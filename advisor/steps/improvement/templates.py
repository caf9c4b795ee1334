"""Files to fill in: a prompt with its parts in the right order, and an empty pilot log."""

from __future__ import annotations

from advisor.core.draws import central
from advisor.core.exhibits import Export
from advisor.core.saying import joined, say
from advisor.core.wording import counted, share
from advisor.decide.option import Decision
from advisor.scenario.pilot_log import COLUMNS
from advisor.system.case import Case
from advisor.system.own_tests import answers_needed
from advisor.system.techniques import retrieves

MOST_ANSWERS = 10_000  # more than anyone judges by hand
# what is the same in every request stands first, so that a service can cache it
# the marks of the parts are read by the prompt budget, whatever the language
BEFORE = (
    "=== role (same) ===",
    say("Who answers, for whom, and what they may decide."),
    "=== instructions (same) ===",
    say("One task, in one sentence. Then what to do when something needed is missing."),
    say("Name what you mean: amounts, dates, places, the language of the answer."),
    "=== format (same) ===",
    say("The shape and the greatest length of the answer; what to leave out."),
)
AFTER = (
    "=== history (changes) ===",
    say("The turns that still matter, shortened; leave out the rest."),
    "=== question (changes) ===",
    say("The user's words."),
)


def files(case: Case, decision: Decision) -> tuple[Export, ...]:
    """A prompt template for the choice, and a pilot log to fill in."""
    technique = decision.choice.key if decision.choice else "prompt"
    return (_template(technique), _pilot(case, decision))


def _template(technique: str) -> Export:
    examples = say("Three to eight good answers, each with its question.")
    if technique != "few_shot":
        examples = say("None, unless a test shows that they help: every request pays for them.")
    context = say("None.")
    if retrieves(technique):
        context = say("The passages found, best first, each with its source.")
    shown = ("=== examples (same) ===", examples, "=== context (changes) ===", context)
    note = say("Version 1: keep every version, and compare two with the prompt budget before you change one.")
    content = joined("\n", (*BEFORE, *shown, *AFTER, ""))
    return Export("prompt-v1.txt", "text/plain", content, note)


def _pilot(case: Case, decision: Decision) -> Export:
    floor = case.scenario.quality.floor
    found = central(decision.choice.quality) if decision.choice else floor
    needed = answers_needed(case, found)
    wanted = counted(
        needed,
        say("About one answer tells {found} from {floor}"),
        say("About {count} answers tell {found} from {floor}"),
        found=share(found),
        floor=share(floor),
    )
    if needed > MOST_ANSWERS:
        wanted = say("At the floor itself no test of sensible size decides")
    models = joined(", ", decision.options[0].plan.model.models)
    note = say(
        "One row a judged answer, for {models} and what you compare it with. {wanted}.",
        models=models,
        wanted=wanted,
    )
    return Export("pilot-log.csv", "text/csv", ",".join(COLUMNS) + "\n", note)
