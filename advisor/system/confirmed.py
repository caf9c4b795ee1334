"""What a scenario holds, and whose values: shipped defaults, a template's, one's own, or measured ones.

A value of a template stays the template's until somebody changes it or puts a name to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from advisor.catalogue.today import today
from advisor.core.draws import central
from advisor.core.files import on_one_line, read_bytes
from advisor.core.saying import dated, joined, say
from advisor.core.wording import counted, in_years, number, per_day, percent
from advisor.scenario import Scenario, read_scenario, untouched, value_at
from advisor.scenario.io import is_untouched, paths
from advisor.system.case import Case
from advisor.system.opening import TEMPLATES, templates
from advisor.system.own_tests import beyond_tests, too_few
from advisor.system.priorities import set_aside
from advisor.system.storage.retention import against_the_law

# growth over the whole horizon that somebody may have mistyped
MANY_TIMES = 100.0

# what is told about a scenario, and what is decided in it: no input that anybody could confirm
NO_INPUT = ("schema_version", "name", "description", "notes", "owners", "overrides", "decisions")


def inputs() -> list[str]:
    """The paths of all inputs, which the count is of."""
    return [path for path in paths(Scenario) if path not in NO_INPUT]


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """How many of ``every`` input nobody has confirmed: shipped ``defaults``, values of the ``template``."""

    defaults: int
    template: int
    every: int

    @property
    def left(self) -> int:
        """How many."""
        return self.defaults + self.template

    @property
    def said(self) -> str:
        """The count in words, the same wherever it is shown."""
        left = self.left
        if left == self.every:
            return say("All {every} inputs are unconfirmed.", every=self.every)
        if left:
            return say("Unconfirmed: {left} of {every} inputs.", left=left, every=self.every)
        return say("Every input is confirmed.")

    @property
    def parts(self) -> str:
        """What the count is made of."""
        if not self.template:
            return say("{defaults} shipped defaults", defaults=self.defaults)
        return say(
            "{defaults} shipped defaults, {template} values of the template",
            defaults=self.defaults, template=self.template,
        )  # fmt: skip


class Origin:
    """The template that a scenario began as; ``None`` for one that began as nothing."""

    def __init__(self, template: Scenario | None) -> None:
        self._template = template
        left = set() if template is None else set(untouched(template))
        self._set = () if template is None else tuple(path for path in inputs() if path not in left)

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
        states = [self.state(scenario, path) for path in inputs()]
        return Unconfirmed(states.count("default"), states.count("template"), len(states))

    def state(self, scenario: Scenario, path: str) -> str:
        """``default`` while nobody has set it, ``template`` while it is the template's, else ``owned``."""
        if is_untouched(scenario, path):
            return "owned" if self.named(scenario, path) else "default"
        return "template" if self.holds(scenario, path) else "owned"


@cache
def origin_of(name: str) -> Origin:
    """What a template of this name gives; nothing for a name that is no template's."""
    return Origin(read_scenario(read_bytes(TEMPLATES / f"{name}.yaml"), name, TEMPLATES)
                  if name in templates() else None)  # fmt: skip


def origin(scenario: Scenario) -> Origin:
    """The template that a scenario began as."""
    return origin_of(scenario.began_as)


def unconfirmed(scenario: Scenario) -> Unconfirmed:
    """How many inputs of a scenario nobody has confirmed."""
    return origin(scenario).unconfirmed(scenario)


def explain(case: Case) -> str:
    """What a valid scenario asks for, and which inputs nobody has confirmed: shipped defaults by name."""
    scenario, workload = case.given, case.workload
    defaults, left = untouched(scenario), unconfirmed(scenario)
    parts = left.parts
    made_of = say("These are {parts}:", parts=parts) if defaults else say("These are {parts}.", parts=parts)
    sets = counted(len(scenario.data_sets), say("{count} data set"), say("{count} data sets"))
    overrides = counted(len(scenario.overrides), say("{count} override"), say("{count} overrides"))
    lines = [
        say("{name}: valid.", name=scenario.name),
        say(
            "{per_day} ({task}), {read} tokens in, {written} out, {span} from {start}.",
            per_day=per_day(central(workload.requests_per_day)),
            task=scenario.task,
            read=number(central(workload.input_tokens)),
            written=number(central(workload.output_tokens)),
            span=in_years(scenario.timing.horizon_years),
            start=dated(scenario.timing.start),
        ),
        say(
            "{sets}, {decisions} of 5 decisions taken, {overrides}.",
            sets=sets,
            decisions=len(scenario.decisions),
            overrides=overrides,
        ),
        joined(" ", (left.said, made_of)) if left.left else left.said,
        *(f"  {path} = {on_one_line(value_at(scenario, path))}" for path in defaults),
    ]
    return joined("\n", [*lines, *(say("mind: {caveat}", caveat=caveat) for caveat in caveats(case))])


def caveats(case: Case) -> Iterator[str]:
    """What is worth a second look in a valid scenario: its log, its dates, its data and tests."""
    yield from case.workload.caveats
    aside = set_aside(case.given)
    if aside:
        yield aside
    start = case.given.timing.start
    if start < today():
        yield say("timing.start, {start}, is past; prices and dates on sale are of {today}",
                  start=dated(start), today=dated(today()))  # fmt: skip
    growth, years = central(case.workload.growth_per_year), case.given.timing.horizon_years
    times = (1.0 + growth) ** years
    if times >= MANY_TIMES:
        yield say("workload.growth_per_year, {growth}, makes it {times} times as many requests after {span}",
                  growth=percent(growth), times=number(times), span=in_years(years))  # fmt: skip
    yield from against_the_law(case)
    yield from too_few(case)
    yield from beyond_tests(case)
