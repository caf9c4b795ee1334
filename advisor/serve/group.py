"""The pages of a group: priorities by role, who answers for what, milestones; parts by their place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from advisor.core.errors import AdvisorError, Fault
from advisor.core.saying import say
from advisor.scenario import STEP_NAMES
from advisor.serve.kept_scenarios import Opened, Shelf
from advisor.serve.state import State
from advisor.view import forms, milestones, ownership, roles
from advisor.view.html import tag


def waiting_roles() -> str:
    """Who has entered weights: the page's script keeps them, and nothing of them stays here."""
    return (
        tag("div", roles.entered(()), data_roles="")
        + forms.pressed("weights-show", say("Show them all"))
        + forms.pressed("weights-forget", say("Forget them all"))
    )


def priorities() -> dict[str, str]:
    """Where each role enters its weights."""
    boxes = forms.entry("role", say("Role"), "", 0, say("sponsor")) + "".join(
        forms.unseen(name, say("Weight of {title}", title=title.lower()))
        for name, title in roles.WEIGHTS.items()
    )
    hint = say(
        "Each role enters its weights unseen; shown together, they say whether one choice serves all. "
        "A weight is any number from 0 up, what is left empty is 0; only their proportions count."
    )
    return {
        "inputs": forms.asking("weigh", boxes, say("Enter, unseen")),
        "answer": forms.prompting(say("Priorities by role"), say("Does the choice survive every role?"), hint)
        + waiting_roles(),
    }


def owners(shelf: Shelf, opened: Opened) -> dict[str, str]:
    """Who answers for which input, and the form that puts a name to one."""
    session = opened.session
    decisions = [session.decision(name) for name in STEP_NAMES]
    found = ownership.that_matter(decisions)
    names = [path for path in found if shelf.input_in(opened, path) is not None]
    badges = [session.badge(path) for path in names]
    boxes = (
        forms.choose("path", say("Input"), [(path, ownership.title_of(path)) for path in names])
        + forms.entry("owner", say("Who answers for it"))
        + forms.entry("by", say("By when (optional)"), "", 0, "2027-03-31")
    )
    head = forms.prompting(say("Who answers for what"), ownership.counted(badges, session.unconfirmed), "")
    looked = all(
        session.flips_known(name) or one.stands is None
        for name, one in zip(STEP_NAMES, decisions, strict=True)
    )
    table = ownership.owners_table(session.scenario, session.origin, names, badges, decisions, looked)
    return {
        "inputs": forms.asking("confirm", boxes, say("Put the name to it")),
        "answer": head + tag("div", table, class_="adv"),
    }


def milestones_page(shelf: Shelf, state: State, compared: str = "") -> dict[str, str]:
    """The forms and the list; ``compared`` stands before it, in the place of the page's question."""
    kept = milestones.read(state.milestones)
    names = [one.name for one in kept]
    ask = forms.asking(
        "milestone", forms.entry("name", say("Name"), "", 0, say("before retrieval")), say("Save a milestone")
    )
    if kept:
        listed = [(name, name) for name in names]
        pair = forms.choose("before", say("What changed from"), listed, names[-1]) + forms.choose(
            "after", say("to"), [(milestones.NOW, say("now")), *listed]
        )
        which = forms.choose("milestone", say("Milestone"), listed, names[-1])
        ask += forms.asking("compare", pair, say("Show what changed"))
        ask += forms.asking("return", which, say("Go back to it"), ("forget", say("Forget it")))
    head = compared or forms.prompting(
        say("Milestones"), milestones.heading(kept), "" if kept else milestones.NONE_YET
    )
    table = milestones.listed(kept, now(shelf, state)) if kept else ""
    return {"inputs": ask, "answer": head + tag("div", table, class_="adv")}


def now(shelf: Shelf, state: State) -> milestones.Milestone:
    """The scenario as it stands, to be held against a milestone."""
    session = shelf.open(state).session
    return milestones.milestone(
        milestones.NOW_NAME, session.case, session.decisions(), state.origin, dict(state.files)
    )


def compared(shelf: Shelf, state: State, values: Mapping[str, Any]) -> dict[str, str]:
    """What changed between two milestones, or from one to now. Raises AdvisorError for others."""
    kept = milestones.read(state.milestones)
    before = milestones.find(kept, str(values.get("before", "")))
    after = str(values.get("after", milestones.NOW))
    other = now(shelf, state) if after == milestones.NOW else milestones.find(kept, after)
    head = tag("p", say("Milestones"), class_="adv-step")
    return milestones_page(shelf, state, head + milestones.compared(before, other, level=1))


def weighed(shelf: Shelf, state: State, values: Mapping[str, Any]) -> dict[str, str]:
    """What every role's weights lead to. Raises AdvisorError for what are no weights."""
    given = values.get("roles")
    if not isinstance(given, dict) or not all(isinstance(one, dict) for one in given.values()):
        raise AdvisorError(
            say("There is no group."), [Fault("roles", say("weights by role"), say("something else"))]
        )
    read = {
        str(role)[: roles.LONGEST_ROLE]: roles.read_weights(str(role), one) for role, one in given.items()
    }
    case = shelf.open(state).session.case
    head = tag("p", say("Priorities by role"), class_="adv-step")
    said = tag("div", roles.weighed(case, read, level=1), class_="adv")
    return {"answer": head + said + waiting_roles()}
