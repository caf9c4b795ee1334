"""Options, the gates that rule them in or out, and the decision between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from advisor.core.draws import Array
from advisor.core.exhibits import Exhibit
from advisor.core.footprint import Footprint, Parts


@dataclass(frozen=True, slots=True)
class Gate:
    """A hard rule applied to one option. ``rule`` is a stable name such as ``residency``.

    ``remedy`` says what would bring the option back.
    """

    rule: str
    passed: bool
    expected: str
    found: str
    remedy: str


@dataclass(frozen=True, slots=True, eq=False)
class Option:
    """One way to do a step, with everything needed to compare it.

    ``parts`` is what this step itself adds to the plan. ``carried`` is what comparing
    needs besides (the serving that a later step settles and counts): both enter the
    comparison, only ``parts`` enters the plan's total, so nothing is counted twice.
    ``quality`` is the share of answers accepted, draws in (0, 1]. ``settings`` carries
    forward to later steps. ``evidence`` holds names of the coefficients used.
    """

    step: str
    key: str
    title: str
    parts: Parts
    carried: Parts
    quality: Array
    settings: Mapping[str, Any] = field(default_factory=dict)
    gates: tuple[Gate, ...] = ()
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    evidence: frozenset[str] = frozenset()

    @property
    def eligible(self) -> bool:
        """Whether every gate is passed."""
        return all(gate.passed for gate in self.gates)

    def per_year(self, requests_per_year: float | Array, horizon_years: float) -> Footprint:
        """Footprint of a year as compared: own parts and what is carried."""
        return (self.parts + self.carried).per_year(requests_per_year, horizon_years)

    def per_accepted(self, requests_per_year: float | Array, horizon_years: float) -> Footprint:
        """The same per accepted answer."""
        accepted = np.maximum(self.quality, 1e-9) * requests_per_year
        return self.per_year(requests_per_year, horizon_years) / accepted


def thinned(option: Option, draws: int) -> Option:
    """The option on its first ``draws`` draws, which are those of a smaller ensemble of its seed."""

    def cut(value: Any) -> Any:
        return value[..., :draws] if isinstance(value, np.ndarray) and value.ndim else value

    def parts(whole: Parts) -> Parts:
        kinds = (whole.once, whole.monthly, whole.per_request)
        return Parts(*(Footprint(cut(kind.values)) for kind in kinds))

    return replace(
        option,
        parts=parts(option.parts),
        carried=parts(option.carried),
        quality=cut(option.quality),
        settings={name: cut(value) for name, value in option.settings.items()},
    )


@dataclass(frozen=True, slots=True)
class Flip:
    """A change of one input that would change the choice.

    ``factor`` multiplies the present value where the input is a quantity;
    ``to`` is the option that would then win.
    """

    path: str
    label: str
    present: str
    flips_at: str
    factor: float | None
    to: str


@dataclass(frozen=True, slots=True, eq=False)
class Decision:
    """The outcome of a step. ``choice`` is None when every option fell to a gate."""

    step: str
    question: str
    options: tuple[Option, ...]
    choice: Option | None
    runner_up: Option | None
    confidence: float
    p_best: Mapping[str, float]
    scores: Mapping[str, float]
    front: frozenset[str]
    headline: str = ""
    reasons: tuple[str, ...] = ()
    flips: tuple[Flip, ...] = ()
    exhibits: tuple[Exhibit, ...] = ()
    warnings: tuple[str, ...] = ()
    guidance: tuple[str, ...] = ()
    evidence: frozenset[str] = frozenset()

    @property
    def eliminated(self) -> tuple[tuple[Option, tuple[Gate, ...]], ...]:
        """Options that fell, each with the gates it failed."""
        return tuple(
            (option, tuple(gate for gate in option.gates if not gate.passed))
            for option in self.options
            if not option.eligible
        )
