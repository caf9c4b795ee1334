"""What the page's own script says, told by the server: the script holds no words of its own."""

from __future__ import annotations

import json

from advisor.core.saying import say, throughout

WORDS = {
    "answered": say("{said}. Answer: {answer}"),
    "after": say("After: {what}. Answer: {answer}"),
    "again": say("Try again"),
    "before": say("Before: {what}"),
    "close": say("Close"),
    "copied": say("The link is copied."),
    "ended": say("Your place has ended after a time of rest. The last answer is still on this page."),
    "entered": say("{who}: entered, unseen."),
    "failed": say("The answer did not come ({error}). What you see is the last one."),
    "flips": say("What would change it"),
    "flips-sought": say("Looking for the nearest change that would flip it …"),
    "go-on": say("Go on with my scenario"),
    "heavy": say("The file holds {size} MB; at most {most} MB are read."),
    "hidden": say("Entered, and hidden until you show them all: {names}."),
    "hidden-one": say(
        "Entered, and hidden until you show them all: {names}. One more role is needed to compare."
    ),
    "holds": say("It holds the whole scenario; nothing stays on the server."),
    "keep": say("Keep {value}"),
    "kept": say("Kept {value}"),
    "line": say("You are number {place} in line."),
    "line-failed": say("The line does not answer ({error}); trying again."),
    "line-next": say("You are next in line."),
    "link": say("Link"),
    "long": say("This scenario is too large for a link: save it and send the file."),
    "next": say("Do first"),
    "next-sought": say("Working out what to do first …"),
    "nobody": say("Nobody has entered weights yet."),
    "refused": say("Not taken: {said}"),
    "reported": say("The report is saved as {name}."),
    "reporting": say("Working out the report: five steps and what would flip each. You can go on meanwhile."),
    "restart": say("Start again"),
    "share": say("Share this scenario"),
    "status": say("the server answered {status}"),
    "sure": say(" sure"),
    "surveyed": say("Held against every model, the answer is another: {answer}"),
    "switched": say("This page is in English now."),
    "weights": say(
        "Not entered: a role needs a name, weights are numbers from 0 up, and at least one is above 0."
    ),
    "working": say("Working it out … the last answer stays until then."),
}


def words() -> dict[str, str]:
    """All of it in the language spoken, the names of values in braces."""
    told: dict[str, str] = throughout(WORDS)
    return told


def written() -> str:
    """The same for an attribute of the page."""
    return json.dumps(words(), ensure_ascii=False)
