"""Data that may not leave the user's own premises: what then stands there, and what is stopped."""

from __future__ import annotations

from collections.abc import Iterator

from advisor.core.draws import Array
from advisor.core.saying import say
from advisor.system.case import Case
from advisor.system.gates import Gate, gate

STAYS = say("data that stays on your own premises")
LET_OUT = say("let this data leave your premises (constraints.on_premises: false)")
BRING = say(
    "name a machine of your own in own_machines or a device in constraints.device, or let this data leave "
    "your premises (constraints.on_premises: false)"
)
PROMPTS = say("a prompt, examples or retrieval, or let this data leave your premises "
              "(constraints.on_premises: false)")  # fmt: skip


def kept_in(case: Case) -> bool:
    """Whether data may not leave the user's own premises."""
    return bool(case.scenario.constraints.on_premises)


def ground(case: Case, region: str) -> str:
    """Where what is kept and run beside the model stands, as ``places.place`` takes it.

    In a region of the cloud; where data may not leave, in a room of the user's own on that region's grid.
    """
    return f"own:{region}" if kept_in(case) else f"region:{region}"


def over_listed(case: Case) -> float | Array:
    """What storing and work beside the model cost there, over what a cloud asks for them [ratio]."""
    return case.draw("premises.over_listed", "ratio") if kept_in(case) else 1.0


def stays(case: Case, inside: object, found: str, remedy: str) -> Iterator[Gate]:
    """The gate of something that works on the data, or keeps it; none where the data may leave."""
    if kept_in(case):
        yield gate("premises", inside, STAYS, found, "" if inside else remedy)
