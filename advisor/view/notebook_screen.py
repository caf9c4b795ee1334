"""A decision as a notebook shows it: what fits on one screen, and all the rest in folds below it.

The folds are those of the web app. Pure functions.
"""

from __future__ import annotations

from collections.abc import Mapping

from advisor.core.draws import central
from advisor.core.saying import say
from advisor.core.wording import in_years, per_day
from advisor.decide.option import Decision
from advisor.system.case import Case
from advisor.view import app_screens, faces
from advisor.view.html import tag, text
from advisor.view.texts import STEP_TITLES


def one_screen(decision: Decision, case: Case, looked: Decision | None, glimpsed: bool = False) -> str:
    """The question, the answer, one chart and the nearest flip.

    ``looked`` is the decision whose flips are known: this one, or an earlier one whose nearest flip is shown
    greyed while those of this one are sought; None where none was looked at yet. ``glimpsed``: whether the
    answer is still held against every alternative.
    """
    again = say("{flips}: looking again …", flips=faces.change_title(decision))
    title = "" if looked is None or looked is decision else again
    flips = app_screens.nearest_flip(looked or decision, looked is not None, 3, title)
    waiting = {} if looked is decision else {"aria_busy": "true"}
    return tag(
        "article",
        app_screens.answer(decision, case, 2, _about(case), place_of("bill", decision.step)),
        app_screens.checking() if glimpsed else "",
        tag("div", flips, class_="adv-nearest", **waiting) if flips else "",
        class_="adv adv-one mathjax_ignore",
        aria_label=STEP_TITLES.get(decision.step, decision.step),
    )


def _about(case: Case) -> str:
    """What is asked for, in a few words."""
    return say(
        "{per_day}{measured}, planned for {span}.",
        per_day=per_day(central(case.workload.requests_per_day)),
        measured=say(" (measured)") if case.workload.measured else "",
        span=in_years(case.scenario.timing.horizon_years),
    )


def place_of(fold: str, step: str) -> str:
    """The id of a fold, which no other panel of a page has."""
    return f"fold-{fold}-{step}"


def details(decision: Decision, contents: Mapping[str, str]) -> str:
    """Everything behind the answer, each part in a fold of its own.

    A fold that turned out to hold nothing is left out; one whose content is not given says that it is
    being worked out.
    """
    out = sum(not option.eligible for option in decision.options)
    counts = {"warnings": len(decision.warnings), "ruled_out": out}
    waiting = tag("div", app_screens.unfilled(), class_="adv-lazy")
    parts = []
    for name, (heading, _) in app_screens.FOLDS.items():
        content = contents.get(name, waiting)
        if counts.get(name, 1) == 0 or not content:
            continue
        said = say("{heading} ({count})", heading=heading, count=counts[name]) if name in counts else heading
        parts.append(
            tag(
                "details",
                tag("summary", tag("h3", text(said))),
                content,
                class_="adv-fold",
                data_fold=name,
                id=place_of(name, decision.step),
            )
        )
    return tag("div", *parts, class_="adv mathjax_ignore")
