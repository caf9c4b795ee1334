"""Milestones: named pictures of a scenario, what changed between two of them, and their file.

A milestone holds the scenario with the files it names, and the plan it led to when it was saved, so
that two can be compared though the data behind them have changed since. Pure functions; the same HTML
serves the web app and the notebooks.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from advisor.core.draws import central, summary
from advisor.core.errors import Fault, ScenarioError, nearest
from advisor.core.files import MILESTONES
from advisor.core.saying import capital, dated, gone_over, here, joined, numeral, say
from advisor.core.wording import UNKNOWN, amount, number, share
from advisor.core.wording import listed as listed_in_words
from advisor.decide.option import Decision
from advisor.scenario import STEP_NAMES, Scenario, changed_fields, parse_scenario
from advisor.scenario.io import plain
from advisor.steps import final_option, taken
from advisor.system.case import Case
from advisor.view import tables
from advisor.view.forms import exact
from advisor.view.html import tag, text
from advisor.view.ownership import title_of
from advisor.view.texts import CARDS, STEP_TITLES, in_words

MOST = 24
LONGEST_NAME = 80
MOST_BYTES = 5_000_000  # of all milestones together, the files they name included
NOW, NOW_NAME = "", say("now")
UNCHANGED = 0.0005  # of a figure: less is not told as a change
NO_CHANGE = say("none")
NONE_YET = say("Save one before you try something: afterwards you see what changed, and can go back.")
Ends = tuple[float | None, float | None, float | None]


@dataclass(frozen=True, slots=True)
class Milestone:
    """A scenario under a name.

    ``on`` is the local time it was saved, ISO 8601; ``of`` what the scenario is called where it is kept;
    ``files`` what it names, by name. ``answers`` by step, ``totals`` a year as low, central and high in the
    units of :data:`CARDS`, ``accepted`` the share of answers: those of its plan when it was saved, empty
    where no plan passed.
    """

    name: str
    on: str
    of: str
    scenario: Scenario
    files: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)
    totals: Mapping[str, Ends] = field(default_factory=dict)
    accepted: float | None = None


def milestone(
    name: str, case: Case, decisions: Sequence[Decision], of: str = "", files: Mapping[str, str] | None = None
) -> Milestone:
    """The scenario as it stands and its plan, under a name."""
    answers = {}
    for decision in decisions:
        option = taken(case, decision)
        if option is not None:
            answers[str(decision.step)] = option.title
    plan = final_option(case, decisions)
    totals = {one: _ends(summary(plan.year[one])) for one in CARDS} if plan else {}
    on = datetime.now().astimezone().isoformat(timespec="minutes")
    accepted = _known(central(plan.quality)) if plan else None
    return Milestone(name, on, of, case.given, dict(files or {}), answers, totals, accepted)


def _ends(found: tuple[float, float, float]) -> Ends:
    return (_known(found[0]), _known(found[1]), _known(found[2]))


def _known(value: float) -> float | None:
    return float(f"{value:.6g}") if math.isfinite(value) else None


def added(kept: Sequence[Milestone], made: Milestone) -> tuple[Milestone, ...]:
    """``kept`` and one more. Raises ScenarioError for too many, or too much."""
    faults = []
    if len(kept) >= MOST:
        faults.append(
            Fault(say("Milestones"), say("at most {most}; forget one first", most=MOST), say("one more"))
        )
    found = (*kept, made)
    if len(written(found).encode()) > MOST_BYTES:
        size = say(
            "at most {most_bytes} MB in all, files included; forget one first",
            most_bytes=numeral(MOST_BYTES / 1e6, "g"),
        )
        faults.append(Fault(say("Milestones"), size, say("more")))
    if faults:
        raise ScenarioError(say("The milestone cannot be kept."), faults)
    return found


def called(kept: Sequence[Milestone], typed: str) -> str:
    """The name that was typed, or the next number. Raises ScenarioError for one that is taken."""
    named, taken_names = " ".join(typed.split())[:LONGEST_NAME], {one.name for one in kept}
    if named in (*taken_names, NOW_NAME, here(NOW_NAME)):
        fault = Fault(say("Name"), say("one that no milestone has yet"), repr(named))
        raise ScenarioError(say("The milestone cannot be kept."), [fault])
    numbered = (here(say("Milestone {count}", count=count)) for count in range(len(kept) + 1, 2 * MOST + 2))
    return named or next(one for one in numbered if one not in taken_names)


def find(kept: Sequence[Milestone], name: str) -> Milestone:
    """The milestone of that name. Raises ScenarioError naming the nearest."""
    for one in kept:
        if one.name == name:
            return one
    known = [one.name for one in kept]
    fault = Fault(
        say("Milestone"), say("one of those listed"), repr(name[:LONGEST_NAME]), nearest(name, known)
    )
    raise ScenarioError(say("There is no such milestone."), [fault])


def without(kept: Sequence[Milestone], name: str) -> tuple[Milestone, ...]:
    """``kept`` without one of them. Raises ScenarioError where there is none of that name."""
    gone = find(kept, name)
    return tuple(one for one in kept if one is not gone)


# the file


def written(kept: Sequence[Milestone]) -> str:
    """Milestones as JSON, the first saved first."""
    names = [part.name for part in fields(Milestone)]
    plainly = [
        {**{name: getattr(one, name) for name in names}, "scenario": plain(one.scenario)} for one in kept
    ]
    return json.dumps(plainly, ensure_ascii=False)


def read(content: str) -> tuple[Milestone, ...]:
    """What :func:`written` made; nothing of nothing. Raises ScenarioError for anything else."""
    if not content:
        return ()
    try:
        found = json.loads(content)
        kept = tuple(_read(one) for one in found)
        if len(kept) > MOST:
            raise ValueError("too many")
    except ScenarioError:
        raise  # a scenario tells its own faults
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ScenarioError(
            say("The milestones cannot be read."),
            [Fault(MILESTONES, say("milestones as they were saved"), say("something else"))],
        ) from error
    return kept


def _read(given: Mapping[str, Any]) -> Milestone:
    name, on, of = (str(given[part]) for part in ("name", "on", "of"))
    if not 0 < len(name) <= LONGEST_NAME:
        raise ValueError("a name")
    datetime.fromisoformat(on)
    totals = {}
    for key in CARDS:
        if key in given["totals"]:
            low, middle, high = (_number(one) for one in given["totals"][key])
            totals[key] = (low, middle, high)
    return Milestone(
        name, on, of, parse_scenario(dict(given["scenario"]), name),
        {str(file): str(held) for file, held in dict(given["files"]).items()},
        {step: str(given["answers"][step]) for step in STEP_NAMES if step in given["answers"]},
        totals, _number(given["accepted"]),
    )  # fmt: skip


def _number(given: Any) -> float | None:
    return None if given is None else _known(float(given))


# what is shown


def listed(kept: Sequence[Milestone], now: Milestone) -> str:
    """All milestones, the last saved first, with their plan's year and how far they are from now."""
    rows = [[text(NOW_NAME), "", *_year(now), ""]]
    rows += [[text(one.name), text(_when(one)), *_year(one), text(counted(one, now))] for one in kept[::-1]]
    columns = (say("Milestone"), say("Saved"), say("Carbon"), say("Cost"), say("Differs from now by"))
    return tables.grid(
        say("Milestones"), columns, rows, say("A year, as it was worked out when the milestone was saved.")
    )


def heading(kept: Sequence[Milestone]) -> str:
    """How many there are."""
    if not kept:
        return say("No milestone yet")
    return say("One milestone") if len(kept) == 1 else say("{kept} milestones", kept=len(kept))


def _when(one: Milestone) -> str:
    saved = datetime.fromisoformat(one.on)
    return joined(" ", (dated(saved.date()), f"{saved:%H:%M}"))


def _year(one: Milestone) -> list[str]:
    return [text(_middle(one, key)) for key in ("carbon", "cost")]


def _middle(one: Milestone, key: str) -> str:
    middle = one.totals.get(key, (None, None, None))[1]
    if middle is None:
        return UNKNOWN if one.totals else say("no plan")
    return amount(middle, CARDS[key][1])


def counted(before: Milestone, after: Milestone) -> str:
    """How many inputs and answers differ, in words."""
    inputs, answers = len(inputs_changed(before, after)), len(_answers(before, after))
    said = []
    if inputs:
        said.append(say("1 input") if inputs == 1 else say("{count} inputs", count=inputs))
    if answers:
        said.append(say("1 answer") if answers == 1 else say("{count} answers", count=answers))
    return listed_in_words(said) if said else say("nothing")


def compared(before: Milestone, after: Milestone, level: int = 2) -> str:
    """What changed from one to the other: inputs, answers, figures; ``level`` is that of the heading."""
    inputs, answers = inputs_changed(before, after), _answers(before, after)
    first, last = before.name, after.name or NOW_NAME
    columns = ("", _at(first), _at(last))
    count = capital(counted(before, after))
    one = len(inputs) + len(answers) <= 1
    said = say("{count} differs", count=count) if one else say("{count} differ", count=count)
    shown = tag("p", text(say("From {first} to {last}.", first=first, last=last)))
    if inputs:
        shown += tables.grid(
            say("Inputs that changed"), columns, [[text(part) for part in row] for row in inputs]
        )
    else:
        shown += tag("p", say("Every input is the same."))
    if answers:
        rows = [[text(STEP_TITLES[step]), text(old), text(new)] for step, old, new in answers]
        shown += tables.grid(say("The plan changed"), columns, rows)
    else:
        shown += tag("p", say("Every answer of the plan is the same."))
    return tag(f"h{level}", text(said)) + shown + _figures(before, after, columns, not inputs)


def _at(name: str) -> str:
    return say("Now") if name == NOW_NAME else say("At {name}", name=name)


def _figures(before: Milestone, after: Milestone, columns: Sequence[str], same: bool) -> str:
    rows, moved = [], False
    for key, (title, unit) in CARDS.items():
        old, new = (one.totals.get(key, (None, None, None)) for one in (before, after))
        change = _change(old[1], new[1])
        moved |= change not in (NO_CHANGE, UNKNOWN)
        rows.append(
            [text(say("{title} a year", title=title)), _range(old, unit), _range(new, unit), text(change)]
        )
    accepted = [one.accepted for one in (before, after)]
    rows.append([
        text(say("Answers accepted")), *(text(UNKNOWN if one is None else share(one)) for one in accepted),
        text(_change(*accepted)),
    ])  # fmt: skip
    note = say("Central figure over its 80 % interval.")
    if same and moved:
        note += say(" No input differs, so the data or the program behind the figures changed in between.")
    return tables.grid(say("Figures"), (*columns, say("Change")), rows, note)


def _range(ends: Ends, unit: str) -> str:
    low, middle, high = ends
    if low is None or middle is None or high is None:
        return text(UNKNOWN)
    shown = tag("span", text(amount(middle, unit)), class_="adv-median")
    return shown + tag("span", text(tables.between(low, high, unit)), class_="adv-range")


def _change(old: float | None, new: float | None) -> str:
    """A change relative to what was before, with its sign."""
    if old is None or new is None or (old == 0 and new != 0):
        return UNKNOWN
    ratio = (new - old) / old if old else 0.0
    if abs(ratio) < UNCHANGED:
        return NO_CHANGE
    return say("{sign}{ratio} %", sign="+" if ratio > 0 else "−", ratio=number(100 * abs(ratio)))


def inputs_changed(before: Milestone, after: Milestone) -> list[tuple[str, str, str]]:
    """Inputs that differ: what each is called, the value before, the value after."""
    rows = []
    for path, old, new in changed_fields(before.scenario, after.scenario):
        rows += list(_rows(title_of(path), old, new))
    both = before.files.keys() & after.files.keys()
    rows += [(file, say("as saved"), say("another content")) for file in sorted(both)
             if before.files[file] != after.files[file]]  # fmt: skip
    return rows


def _rows(title: str, old: Any, new: Any) -> Iterator[tuple[str, str, str]]:
    """One row, or one for each entry of a table that differs."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in dict.fromkeys((*old, *new)):
            if old.get(key) != new.get(key):
                named = title_of(key) if "." in str(key) and _is_field(str(key)) else _plain(key)
                of = joined(": ", (gone_over(_until_comma, title), named))
                yield of, _said(old.get(key)), _said(new.get(key))
        return
    before, after = _said(old), _said(new)
    yield title, before, after if after != before else say("{after}, changed", after=after)


def _until_comma(title: str) -> str:
    return title.partition(",")[0]


def _is_field(path: str) -> bool:
    try:
        title_of(path)
    except KeyError:  # UnknownNameError is one too
        return False
    return True


def _plain(key: object) -> str:
    return STEP_TITLES.get(str(key), str(key))


def _said(value: Any) -> str:
    for part in ("choice", "central"):  # a recorded decision, a figure of one's own
        if (found := getattr(value, part, None)) is not None:
            return _said(found)
    # as it was typed: what differs in the last digit differs
    return gone_over(_cut, in_words(value, exact))


def _cut(said: str) -> str:
    return said[:LONGEST_NAME]


def _answers(before: Milestone, after: Milestone) -> list[tuple[str, str, str]]:
    none = say("no option passes")
    return [
        (step, old, new)
        for step in STEP_NAMES
        if (old := before.answers.get(step, none)) != (new := after.answers.get(step, none))
    ]
