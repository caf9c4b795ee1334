"""Words that more than one step says: rules, what a plan takes, answers, and a name within a sentence."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from advisor.core.saying import Text, Within, joined, say
from advisor.core.wording import spaced
from advisor.system.gates import Gate

# what a plan takes, within a sentence or as the label of a line
TAKEN = {
    "energy": say("energy"),
    "carbon": say("carbon"),
    "water": say("water"),
    "cost": say("cost"),
    "ewaste": say("ewaste"),
}
# what holds tuned weights
HOSTED = {
    "serverless": say("serverless"), "dedicated": say("dedicated"), "device": say("device"),
    "none": say("none"),
}  # fmt: skip

# every rule that stops a plan: messages, so that ``say(rule)`` finds each
RULES = (
    say("archive_redundancy"), say("availability"), say("budget_carbon"), say("budget_money"),
    say("capacity"), say("citations"), say("cleaner_region"), say("cold_start"), say("context"),
    say("cost"), say("deadline"), say("deferrable"), say("deployable"), say("deployment"),
    say("device"), say("documents"), say("examples"), say("examples_licence"), say("fades"),
    say("false_hits"), say("fields"), say("first_token"), say("freshness"), say("history"),
    say("hit_rate"), say("language"), say("latency"), say("licence"), say("longest_request"),
    say("memory"), say("modality"), say("model_region"), say("network_delay"), say("offered"),
    say("offered_in"), say("offline"), say("online_reads"), say("open_weights"), say("own_weights"),
    say("preview"), say("price"), say("priority_sold"), say("private_network"), say("provenance"),
    say("ptu_region"), say("ptu_sold"), say("quality"), say("quality_floor"), say("reasoning_effort"),
    say("recall"), say("recorded"), say("recovery_point"), say("recovery_time"), say("region_loss"),
    say("region_open"), say("regions_allowed"), say("repeated_parts"), say("repeats"), say("residency"),
    say("retention"), say("retention_agreed"), say("retention_law"), say("retirement"),
    say("security_scan"), say("self_hosting"), say("single_model"), say("slack"),
    say("spillover_sold"), say("task"), say("teacher"), say("teacher_licence"), say("term"),
    say("trained"), say("tunability"),
)  # fmt: skip


def rule_words(rule: str) -> str:
    """A rule within a sentence."""
    return spaced(say(rule))


def rules_of(gates: Iterable[Gate]) -> str:
    """The rules of some gates in a row, each once."""
    return joined(", ", dict.fromkeys(rule_words(gate.rule) for gate in gates))


def within(name: str) -> str:
    """A name within a sentence: English begins it small, but for an abbreviation."""
    return Begun(name) if isinstance(name, Text) else _small(name)


class Begun(Within):
    """A text whose first letter alone is small in English; other languages keep it."""

    __slots__ = ()

    def __new__(cls, whole: Text) -> Begun:
        """The English with a small letter at its beginning."""
        made = Text.__new__(cls, _small(str(whole)))
        made.whole = whole
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        return Begun, (self.whole,)


def _small(name: str) -> str:
    return name if name[:2].isupper() else name[:1].lower() + name[1:]
