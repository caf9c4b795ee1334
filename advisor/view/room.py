"""What a group shares besides the scenario: its agenda, the clock, and guesses made before an answer.

It lies in the workspace, so that every notebook of a workshop knows how far the group is. Nothing of
it enters a scenario or a report.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace

from advisor.core.files import read_text
from advisor.core.saving import stamp, write_atomic
from advisor.core.saying import say
from advisor.core.wording import number
from advisor.view.html import items, tag, text
from advisor.view.texts import STEP_TITLES
from advisor.view.workspace import workspace

FILE = ".room.json"
PATHS = {"hour": say("60 minutes"), "half_day": say("Half a day")}
# planned minutes by path, in the order of the notebooks
MINUTES: Mapping[str, Mapping[str, float]] = {
    "hour": {"start": 10, "foundation_model": 15, "improvement": 10, "deployment": 10, "data_storage": 5,
             "operations": 5, "plan": 5},
    "half_day": {"start": 30, "foundation_model": 45, "improvement": 30, "deployment": 45,
                 "data_storage": 30, "operations": 30, "plan": 30},
}  # fmt: skip
STATIONS = {"start": say("Start"), **STEP_TITLES, "plan": say("Plan")}
NOTEBOOKS = {name: f"{place:02}_{name}.ipynb" for place, name in enumerate(STATIONS)}
MOST_PEOPLE = 60
LONGEST = 200  # characters of a guess
SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Room:
    """The state of a group. ``started``: seconds since 1970, or nothing while the clock stands."""

    path: str = "hour"
    started: float | None = None
    predicting: bool = False
    people: int = 3
    guesses: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    revealed: tuple[str, ...] = ()
    weights: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    weights_shown: bool = False

    def weigh(self, role: str, weights: Mapping[str, float]) -> Room:
        """With the weights of a role, in place of earlier ones; all are hidden until they are shown again."""
        return replace(self, weights={**self.weights, role: dict(weights)}, weights_shown=False)

    def show_weights(self) -> Room:
        """With the weights of every role shown."""
        return replace(self, weights_shown=True)

    def forget_weights(self) -> Room:
        """Without any role's weights."""
        return replace(self, weights={}, weights_shown=False)

    def guess(self, step: str, who: str, said: str) -> Room:
        """With a guess, in place of an earlier one of that name."""
        kept = [one for one in self.guesses.get(step, ()) if one[0] != who[:LONGEST]]
        kept.append((who[:LONGEST], said[:LONGEST]))
        return replace(self, guesses={**self.guesses, step: tuple(kept)})

    def reveal(self, step: str) -> Room:
        """With the answer of a step shown."""
        return replace(self, revealed=tuple(dict.fromkeys((*self.revealed, step))))

    def complete(self, step: str) -> bool:
        """Whether everybody has guessed."""
        return len(self.guesses.get(step, ())) >= self.people

    def hides(self, *steps: str) -> bool:
        """Whether the answer of any of these steps is still to be guessed."""
        return self.predicting and any(step not in self.revealed for step in steps)

    def left(self, station: str, now: float) -> float | None:
        """Minutes until a station should be done; negative when over, nothing while the clock stands."""
        if self.started is None:
            return None
        until = 0.0
        for name, minutes in MINUTES[self.path].items():
            until += minutes
            if name == station:
                break
        return until - (now - self.started) / SECONDS


def load() -> Room:
    """The group's state; that of a new group where there is none that can be read."""
    try:
        held = json.loads(read_text(workspace() / FILE))
        guesses = {
            str(step): tuple((str(who), str(said)) for who, said in found)
            for step, found in dict(held["guesses"]).items()
        }
        started = held["started"]
        return Room(
            held["path"] if held["path"] in PATHS else "hour",
            None if started is None else float(started),
            bool(held["predicting"]),
            min(max(int(held["people"]), 1), MOST_PEOPLE),
            guesses,
            tuple(str(step) for step in held["revealed"]),
            {
                str(role): {str(name): float(value) for name, value in dict(given).items()}
                for role, given in dict(held["weights"]).items()
            },
            bool(held["weights_shown"]),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return Room()


def save(room: Room) -> None:
    """Keep the group's state for every notebook. Raises AdvisorError when it cannot be written."""
    write_atomic(workspace() / FILE, json.dumps(asdict(room), ensure_ascii=False))


def written() -> tuple[int, int] | None:
    """What changes when the state is written."""
    return stamp(workspace() / FILE)


def agenda(room: Room, here: str, now: float | None = None) -> str:
    """Where the group is, with the minutes left for it, and what comes before and after."""
    at = time.time() if now is None else now
    rows = []
    for name, title in STATIONS.items():
        minutes = say("{minutes} min", minutes=number(MINUTES[room.path][name]))
        if name == here:
            shown = tag("span", text(minutes), class_="adv-muted")
            rows.append(tag("li", tag("strong", text(title)), " ", shown, aria_current="step"))
        else:
            book = NOTEBOOKS[name]
            rows.append(tag("li", tag("a", text(title), href=book, data_notebook=book, title=minutes)))
    return tag("ol", *rows, class_="adv-agenda", aria_label=say("Agenda")) + _clock(room, here, at)


def _clock(room: Room, here: str, now: float) -> str:
    left = room.left(here, now)
    if left is None:
        return ""  # the button beside it says what to do
    if left < 0:
        said = say("{minutes} minutes over: go on, or leave a step for later.", minutes=number(round(-left)))
        return tag("p", text(said), role="timer", class_="adv-over adv-clock")
    said = say(
        "{minutes} minutes left until {station} is done.",
        minutes=number(max(round(left), 1)),
        station=STATIONS[here].lower(),
    )
    return tag("p", text(said), role="timer", class_="adv-clock")


def hidden(room: Room, step: str) -> str:
    """What stands in the place of an answer that is still to be guessed."""
    count = len(room.guesses.get(step, ()))
    said = say(
        "{count} of {people} have guessed. What do you expect, and how much carbon a year?",
        count=count,
        people=room.people,
    )
    return tag(
        "article", tag("h2", say("Guess first: the answer is hidden")), tag("p", text(said), role="status"),
        class_="adv mathjax_ignore", aria_label=say("Guess first"),
    )  # fmt: skip


def guessed(room: Room, step: str) -> str:
    """The guesses, once the answer is shown beside them."""
    found = room.guesses.get(step, ())
    if not found or room.hides(step):
        return ""
    entries = items(tag("strong", text(who or say("Somebody"))) + text(f": {said}") for who, said in found)
    return tag("div", tag("h3", say("What you expected")), entries, class_="adv mathjax_ignore")
