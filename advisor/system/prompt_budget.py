"""What each part of a prompt costs in a year, and what a shorter or better ordered one saves.

A prompt is pasted with its parts marked by lines such as ``=== examples ===``. Parts called
instructions, role, rules, format, tools or examples are taken to be the same in every request,
others (context, history, question) to change; ``(same)`` or ``(changes)`` after a name says
otherwise. Without marks the whole is one part that is the same.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from advisor.catalogue.tokens import count_tokens
from advisor.core.draws import central, summary
from advisor.core.errors import Fault, ScenarioError
from advisor.core.exhibits import Table
from advisor.core.footprint import Footprint
from advisor.core.saying import joined, numeral, say
from advisor.core.wording import number
from advisor.estimate import caching
from advisor.system.case import Case
from advisor.system.devices import PRECISION
from advisor.system.footprints import electricity, served
from advisor.system.places import place
from advisor.system.plain_service import plain_service
from advisor.system.prices import offer, token_price
from advisor.system.quality import reference_technique
from advisor.system.regions import device_country
from advisor.system.requests import kept_prefix, request, sends
from advisor.system.serving import Serving, serve
from advisor.system.shape import Shape

MARK = re.compile(r"^===+[ \t]*([^=\n(]+?)[ \t]*(?:\((same|changes)\))?[ \t]*===+[ \t]*$", re.MULTILINE)
SAME = ("instruction", "role", "rule", "format", "tool", "example", "system", "prompt", "clarity", "style")
PROMPT = say("prompt")
MOST_CHARACTERS = 2_000_000  # far beyond the longest context
MOST_PARTS = 100  # more are a mistake in the marks
WH_PER_KWH = 1000.0
G_PER_KG = 1000.0


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a prompt; ``same`` if every request repeats it word for word. Tokens [tok]."""

    name: str
    text: str
    same: bool
    tokens: int


@dataclass(frozen=True, slots=True, eq=False)
class Budget:
    """A prompt's parts in order, each with its footprint of a year.

    ``prefix_tokens``: leading tokens that every request repeats; ``cached_tokens``: those a service
    can cache, by its minimum and step; ``reordered_tokens``: what it could cache with all repeated
    parts first [tok]. ``years`` has a footprint a part, ``total`` their sum, ``ordered`` the total
    with the repeated parts first.
    """

    version: str
    model: str
    parts: tuple[Part, ...]
    prefix_tokens: int
    cached_tokens: float
    reordered_tokens: float
    years: tuple[Footprint, ...]
    total: Footprint
    ordered: Footprint

    @property
    def tokens(self) -> int:
        """Tokens of the whole prompt."""
        return sum(part.tokens for part in self.parts)


def parse_prompt(text: str) -> tuple[Part, ...]:
    """The parts of a pasted prompt. Raises ScenarioError listing what is wrong."""
    if len(text) > MOST_CHARACTERS:
        limit = say("at most {most} letters", most=numeral(MOST_CHARACTERS, ","))
        raise ScenarioError(say("The prompt is too long."), [Fault(PROMPT, limit, numeral(len(text), ","))])
    marks = list(MARK.finditer(text))
    if not text.strip():
        raise ScenarioError(
            say("There is no prompt."), [Fault(PROMPT, say("the text of a prompt"), say("nothing"))]
        )
    if len(marks) > MOST_PARTS:
        raise ScenarioError(
            say("The prompt has too many parts."),
            [Fault(PROMPT, say("at most {most} parts", most=MOST_PARTS), f"{len(marks)}")],
        )
    lead = text[: marks[0].start()] if marks else text
    parts = [_part(PROMPT, None, lead)] if lead.strip() else []
    ends = [*(mark.start() for mark in marks[1:]), len(text)]
    for mark, end in zip(marks, ends, strict=False):
        parts.append(_part(mark.group(1), mark.group(2), text[mark.end() : end]))
    return tuple(parts)


def _part(name: str, said: str | None, text: str) -> Part:
    body = text.strip()
    same = any(word in name.lower() for word in SAME) if said is None else said == "same"
    return Part(name, body, same, count_tokens(body))


def budget(case: Case, text: str, model: str, version: str = "") -> Budget:
    """What a prompt costs in a year on a catalogue model, at the scenario's volume.

    Raises ScenarioError for a prompt that cannot be read and UnknownNameError for the model.
    """
    parts = parse_prompt(text)
    case.catalogue.row("models", model)
    prefix = 0
    for part in parts:
        if not part.same:
            break
        prefix += part.tokens
    repeated = sum(part.tokens for part in parts if part.same)
    fresh, cached = _per_token(case, model, sum(part.tokens for part in parts))
    kept, best = kept_prefix(case, prefix), kept_prefix(case, repeated)
    years, left = [], kept
    for part in parts:
        held = np.minimum(left, part.tokens) if part.same else np.zeros(case.size)
        left = left - held
        years.append(fresh * (part.tokens - held) + cached * held)
    total = years[0]
    for year in years[1:]:
        total = total + year
    return Budget(
        version, model, parts, prefix, _most_kept(case, prefix), _most_kept(case, repeated), tuple(years),
        total, total - (fresh - cached) * (best - kept),
    )  # fmt: skip


def _per_token(case: Case, model: str, tokens: int) -> tuple[Footprint, Footprint]:
    """Footprint of a year for one token of prompt, read afresh and read from the cache."""
    written = request(case, model, reference_technique(case)).output_tokens
    volume, whole = case.workload.requests_per_year * sends(case), float(max(tokens, 2))

    def year(shape: Shape) -> Footprint:
        return _one_request(case, model, shape) * volume

    at_all = year(Shape(whole, written))
    half = year(Shape(whole / 2.0, written))
    held = year(Shape(whole, written, whole / 2.0))
    fresh = (at_all - half) / (whole / 2.0)
    return fresh, (held - half) / (whole / 2.0)


def _one_request(case: Case, model: str, shape: Shape) -> Footprint:
    """A request to the model as a service, in the first way the rules allow; or alone on the device."""
    device = case.scenario.constraints.device
    if device is not None:
        run = serve(case, model, shape, Serving(device.kind, 1, 1.0, PRECISION, 1.0, "edge"))
        return electricity(case, run.energy_kwh, place(case, device_country(case)))
    service = plain_service(case, model)
    usd = token_price(case, model, offer(service), shape)
    one = served(case, serve(case, model, shape), place(case, service.where))
    return one if usd is None else one.with_cost(usd)


def _most_kept(case: Case, tokens: float) -> float:
    least, step = (case.central(f"cache.prefix_{name}", "tok") for name in ("minimum", "step"))
    return float(np.asarray(caching.prefix_tokens(tokens, least, step)))


def advice(case: Case, found: Budget) -> tuple[str, ...]:
    """What to change in a prompt, most telling first."""
    least = case.central("cache.prefix_minimum", "tok")
    said: list[str] = []
    gain = found.reordered_tokens - found.cached_tokens
    if gain > 0:
        late = [
            part.name for index, part in enumerate(found.parts) if part.same and _after_change(found, index)
        ]
        said.append(
            say(
                "Move {late} before what changes: {gain} more tokens can be a cached prefix.",
                late=joined(", ", late), gain=number(gain),
            )
        )  # fmt: skip
    elif found.cached_tokens == 0 and found.prefix_tokens > 0:
        said.append(
            say(
                "The prompt begins with {tokens} repeated tokens; a service caches a prefix from {least} on.",
                tokens=numeral(found.prefix_tokens, ","), least=numeral(least, ",.0f"),
            )
        )  # fmt: skip
    for part in found.parts:
        if part.tokens * 2 > found.tokens and len(found.parts) > 1:
            said.append(
                say(
                    "{part} is {share} of the prompt: shorten it first.",
                    part=part.name, share=numeral(part.tokens / found.tokens, ".0%"),
                )
            )  # fmt: skip
    repeated = _repeated(found.parts)
    if repeated:
        said.append(
            say("{tokens} tokens stand in the prompt twice: keep one copy.", tokens=numeral(repeated, ","))
        )
    return tuple(said)


def _after_change(found: Budget, index: int) -> bool:
    return any(not part.same for part in found.parts[:index])


def _repeated(parts: Sequence[Part]) -> int:
    """Tokens of lines that the prompt says again."""
    seen: set[str] = set()
    again = 0
    for part in parts:
        for line in part.text.splitlines():
            plain = " ".join(line.split())
            if plain and plain in seen and len(plain.split()) > 3:
                again += count_tokens(plain)
            seen.add(plain)
    return again


def exhibits(case: Case, found: Budget, other: Budget | None = None) -> tuple[Table, ...]:
    """The parts of a prompt with their cost of a year, and a comparison with another version."""
    rows: list[tuple[str | float | None, ...]] = []
    for part, year in zip(found.parts, found.years, strict=True):
        kind = say("same in every request") if part.same else say("changes")
        rows.append((part.name, kind, float(part.tokens), *_year(year)))
    rows.append((say("whole prompt"), "", float(found.tokens), *_year(found.total)))
    rows.append((say("repeated parts first"), "", float(found.tokens), *_year(found.ordered)))
    title = say("What the prompt costs in a year on {model}", model=found.model)
    if found.version:
        title = say(
            "What the prompt {version} costs in a year on {model}", version=found.version, model=found.model
        )
    prefix = say(
        "{repeated} leading tokens are repeated, {cached} can be cached.",
        repeated=numeral(found.prefix_tokens, ","), cached=numeral(found.cached_tokens, ",.0f"),
    )  # fmt: skip
    columns = (
        say("part"), "", say("tokens"), say("Wh a year"), say("g CO₂e a year"), say("$ a year"),
    )  # fmt: skip
    note = joined(" ", (prefix, *advice(case, found)))
    tables = [Table("prompt_parts", title, columns, tuple(rows), note)]
    if other is not None:
        tables.append(compare(found, other))
    return tuple(tables)


def _year(footprint: Footprint) -> tuple[float, float, float]:
    return (
        central(footprint["energy"]) * WH_PER_KWH,
        central(footprint["carbon"]) * G_PER_KG,
        central(footprint["cost"]),
    )


def compare(before: Budget, after: Budget) -> Table:
    """Two versions of a prompt, and what the second saves a year with its 80 % interval."""
    first, second = before.version or say("before"), after.version or say("after")
    saved = before.total - after.total
    rows: list[tuple[str | float | None, ...]] = [
        (
            say("tokens"), float(before.tokens), float(after.tokens), float(before.tokens - after.tokens),
            None, None,
        )
    ]  # fmt: skip
    for name, title, scale in (
        ("energy", say("energy, Wh a year"), WH_PER_KWH),
        ("carbon", say("carbon, g CO₂e a year"), G_PER_KG),
        ("cost", say("cost, $ a year"), 1.0),
    ):
        low, middle, high = (part * scale for part in summary(saved[name]))
        both = (central(one.total[name]) * scale for one in (before, after))
        rows.append((title, *both, middle, low, high))
    return Table(
        "prompt_versions",
        say("Prompt {first} against {second}", first=first, second=second),
        ("", first, second, say("saved"), say("saved, low"), say("saved, high")),
        tuple(rows),
        say("Negative: the second version costs more. Judge its answers before you take it."),
    )
