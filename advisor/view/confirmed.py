"""Whose values a scenario holds: shipped defaults, a template's, one's own, or measured ones.

A value of a template stays the template's until somebody changes it or puts a name to it.
"""

from __future__ import annotations

from dataclasses import dataclass

from advisor.scenario import Scenario, untouched, value_at
from advisor.scenario.io import paths


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """How many of ``every`` input nobody has confirmed: shipped ``defaults``, values of the ``template``."""

    defaults: int
    template: int
    every: int

    @property
    def said(self) -> str:
        """The count in words, the same wherever it is shown."""
        left = self.defaults + self.template
        if left == self.every:
            return f"All {self.every} inputs are unconfirmed."
        return f"Unconfirmed: {left} of {self.every} inputs." if left else "Every input is confirmed."

    @property
    def parts(self) -> str:
        """What the count is made of."""
        return f"{self.defaults} shipped defaults, {self.template} values of the template"


class Origin:
    """The template that a scenario began as; ``None`` for one that began as nothing."""

    def __init__(self, template: Scenario | None) -> None:
        self._template = template
        left = set() if template is None else set(untouched(template))
        self._set = () if template is None else tuple(path for path in paths(Scenario) if path not in left)

    def holds(self, scenario: Scenario, path: str) -> bool:
        """Whether the value at ``path`` is still the template's, and nobody has put a name to it."""
        if self._template is None or value_at(scenario, path) != value_at(self._template, path):
            return False
        return not self.named(scenario, path)

    def named(self, scenario: Scenario, path: str) -> bool:
        """Whether somebody has put a name to the value; a name that the template came with is none."""
        owner = scenario.owners.get(path)
        return owner is not None and (self._template is None or owner != self._template.owners.get(path))

    def unconfirmed(self, scenario: Scenario) -> Unconfirmed:
        """How many inputs nobody has confirmed."""
        left = set(untouched(scenario))
        still = sum(path not in left and self.holds(scenario, path) for path in self._set)
        defaults = sum(not self.named(scenario, path) for path in left)
        return Unconfirmed(defaults, still, sum(1 for _ in paths(Scenario)))
