"""What people call the rules that stop a plan: by itself as a heading, and within a sentence."""

from __future__ import annotations

from collections.abc import Iterable

from advisor.core.saying import capital, joined, say, within
from advisor.core.wording import spaced
from advisor.system.gates import Gate

# every rule that stops a plan: messages, so that ``say(rule)`` finds each
KEYS = (
    say("agent_work"), say("archive_redundancy"), say("availability"), say("budget_carbon"),
    say("budget_money"),
    say("capacity"), say("citations"), say("cleaner_region"), say("cold_start"), say("context"),
    say("cost"), say("deadline"), say("deferrable"), say("deployable"), say("deployment"),
    say("device"), say("documents"), say("examples"), say("examples_licence"), say("fades"),
    say("false_hits"), say("fields"), say("first_token"), say("freshness"), say("history"),
    say("hit_rate"), say("language"), say("latency"), say("licence"), say("longest_request"),
    say("memory"), say("modality"), say("model_region"), say("network_delay"), say("offered"),
    say("offered_in"), say("offline"), say("online_reads"), say("open_weights"), say("own_weights"),
    say("preview"), say("price"), say("priority_sold"), say("private_network"), say("provenance"),
    say("premises"), say("ptu_region"), say("ptu_sold"), say("quality"), say("quality_floor"),
    say("reasoning_effort"),
    say("recall"), say("recorded"), say("recovery_point"), say("recovery_time"), say("region_loss"),
    say("region_open"), say("regions_allowed"), say("repeated_parts"), say("repeats"), say("residency"),
    say("retention"), say("retention_agreed"), say("retention_law"), say("retirement"),
    say("security_scan"), say("self_hosting"), say("single_model"), say("slack"),
    say("spillover_sold"), say("task"), say("teacher"), say("teacher_licence"), say("term"),
    say("trained"), say("tunability"),
)  # fmt: skip
# rules whose key does not say it well -> as a heading names them
TITLES = {
    "budget_money": say("Budget"),
    "budget_carbon": say("Carbon budget"),
    "context": say("Context length"),
    "quality": say("Quality floor"),
    "quality_floor": say("Quality floor"),
    "open_weights": say("Open weights"),
    "residency": say("Residency"),
    "premises": say("Data stays on the premises"),
    "retirement": say("Retirement date"),
    "ptu_sold": say("Sold in provisioned units"),
    "priority_sold": say("Sold with priority"),
    "spillover_sold": say("Overflow passed on"),
    "offered": say("Offered this way"),
    "offered_in": say("Offered in the region"),
    "deadline": say("Deadline of what can wait"),
    "first_token": say("Time to the first words"),
    "latency": say("Time to the whole answer"),
    "hit_rate": say("Cache hits"),
    "repeats": say("Repeated questions"),
    "trained": say("Something trained"),
    "fades": say("Something that fades"),
    "tunability": say("Can be tuned"),
    "task": say("Fit for the task"),
    "agent_work": say("Fit for an agent's work"),
    "device": say("Runs on the device"),
    "modality": say("Reads images"),
    "self_hosting": say("A team that runs GPUs"),
}


def rule_name(rule: str) -> str:
    """A gate's rule as people say it, by itself."""
    return TITLES.get(rule) or capital(spaced(say(rule)))


def rule_words(rule: str) -> str:
    """A rule within a sentence."""
    return within(rule_name(rule))


def rules_of(gates: Iterable[Gate]) -> str:
    """The rules of some gates in a row, each once."""
    return joined(", ", dict.fromkeys(rule_words(gate.rule) for gate in gates))
