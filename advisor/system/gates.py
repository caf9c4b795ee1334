"""Hard rules: what eliminates a plan, which rule did it, and what would bring it back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Gate:
    """A hard rule applied to one plan. ``rule`` is a stable name such as ``residency``.

    ``remedy`` says what would bring the plan back.
    """

    rule: str
    passed: bool
    expected: str
    found: str
    remedy: str


Gates = tuple[Gate, ...]


def gate(rule: str, passed: object, expected: str, found: str, remedy: str) -> Gate:
    """A gate; ``passed`` is read as true or false."""
    return Gate(rule, bool(passed), expected, found, remedy)


def passes(gates: Iterable[Gate]) -> bool:
    """Whether every gate is passed; none is asked for after the first that is not."""
    return all(one.passed for one in gates)


def failed(gates: Gates) -> Gates:
    """The gates that are not passed, in their order."""
    return tuple(one for one in gates if not one.passed)
