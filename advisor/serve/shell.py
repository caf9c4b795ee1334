"""The page around the faces: header with its buttons, the way through the steps, places for parts.

Pure functions: text in, HTML out. Nothing in it comes from elsewhere than this server.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from advisor.view.html import tag, text
from advisor.view.texts import STEP_TITLES

PAGES = {"start": "Start", **STEP_TITLES, "plan": "Plan"}
MORE = {
    "log": "Request log",
    "pilot": "Pilot log",
    "prompt": "Prompt budget",
    "priorities": "Priorities by role",
    "owners": "Who answers for what",
    "milestones": "Milestones",
}
TITLES = {**PAGES, **MORE}
ORDER = tuple(PAGES)
INPUTS = {
    "start": "Scenario",
    "log": "The log",
    "pilot": "Judged answers",
    "prompt": "The prompt",
    "priorities": "A role's weights",
    "owners": "Put a name to an input",
    "milestones": "Save, compare, go back",
}


@dataclass(frozen=True, slots=True)
class Shell:
    """What a page needs besides its parts."""

    page: str
    base: str
    title: str
    version: str
    xsrf: str
    known: bool
    undo: str = ""  # what would be taken back; nothing where there is none
    redo: str = ""
    recorded: Collection[str] = ()


def document(shell: Shell, parts: Mapping[str, str]) -> str:
    """A whole page."""
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        + tag("title", text(f"{TITLES[shell.page]} · {shell.title}"))
        + "".join(
            f'<link rel="{rel}" href="{text(shell.base)}static/{name}?v={shell.version}">'
            for rel, name in (("icon", "icon.svg"), ("stylesheet", "style.css"), ("stylesheet", "app.css"))
        )
        + f'<meta name="xsrf" content="{text(shell.xsrf)}">'
        + tag("script", src=f"{shell.base}static/app.js?v={shell.version}", defer="defer")
    )
    body = (
        tag("a", "Skip to the answer", href="#answer", class_="app-skip")
        + (tag("a", "Skip to the inputs", href="#inputs", class_="app-skip") if "inputs" in parts else "")
        + tag("header", bar(shell), navigation(shell), class_="app-top adv")
        + tag("main", main(shell, parts), class_="app-main adv", id="main", data_page=shell.page)
        + tag("p", "", id="said", role="status", class_="app-said")
        + tag(
            "noscript",
            tag("p", "This page answers changes by a script of its own; without it, it can only be read."),
        )
    )
    given = {"data_base": shell.base, "data_known": "yes" if shell.known else "no"}
    return f'<!DOCTYPE html>\n<html lang="en"><head>{head}</head>{tag("body", body, **given)}</html>\n'


def bar(shell: Shell) -> str:
    """The header: whose plan this is, and what can be done with it from anywhere."""
    history = "".join(
        _press(do, label, sign, what)
        for do, label, sign, what in (
            ("undo", "Undo", "↶ ", shell.undo),
            ("redo", "Redo", "↷ ", shell.redo),
            ("replay", "Replay", "⟲ ", shell.undo),
        )
    )
    files = (
        tag(
            "a",
            "Save",
            href=f"{shell.base}save",
            download="",
            class_="app-button",
            title="Download the scenario",
        )
        + tag("button", "Share", type="button", data_do="share", title="A link that holds the scenario")
        + tag("button", "Report", type="button", data_do="report", title="Download the report")
    )
    name = tag(
        "a",
        text(shell.title),
        href=f"{shell.base}",
        data_go="start",
        class_="app-name",
        title="All answers, other scenarios",
    )
    tools = tag(
        "div", history, files, role="group", aria_label="Scenario", class_="app-tools", data_part="tools"
    )
    return tag("div", name, tools, class_="app-bar", data_part="bar")


def _press(do: str, label: str, sign: str, what: str) -> str:
    """A button that moves through the history; ``what`` says which change, nothing disables it."""
    off = {} if what else {"disabled": "disabled"}
    words = tag("span", sign, aria_hidden="true") + tag("span", label, class_="app-word")
    return tag("button", words, type="button", data_do=do, title=f"{label}: {what}" if what else label, **off)


def navigation(shell: Shell) -> str:
    """The way through the steps, with those whose decision is recorded marked."""
    links = []
    for name, title in PAGES.items():
        done = name in shell.recorded
        mark = tag("span", "✓", class_="app-done", title="recorded") + tag(
            "span", " recorded", class_="adv-unseen"
        )
        links.append(tag("li", _to(shell, name, title + (mark if done else ""))))
    more = "".join(tag("li", _to(shell, name, title)) for name, title in MORE.items())
    menu = tag("details", tag("summary", "Tools"), tag("ul", more), class_="app-more")
    return tag("nav", tag("ol", *links), menu, aria_label="Steps", class_="app-nav", data_part="nav")


def _to(shell: Shell, name: str, label: str) -> str:
    here = {"aria_current": "page"} if name == shell.page else {}
    return tag("a", label, href=_address(shell, name), data_go=name, **here)


def _address(shell: Shell, name: str) -> str:
    return shell.base if name == "start" else f"{shell.base}{name}"


def main(shell: Shell, parts: Mapping[str, str]) -> str:
    """The places of a page, filled with the parts there are."""
    page = shell.page
    inputs = ""
    if "inputs" in parts:
        fields = tag("div", parts["inputs"], data_part="inputs")
        inputs = tag(
            "details", tag("summary", tag("h2", INPUTS.get(page, "Inputs"))), fields,
            class_="app-inputs", id="inputs", tabindex="-1", open="open",
        )  # fmt: skip
    if page in STEP_TITLES:
        flips = tag("div", parts.get("flips", ""), data_part="flips", class_="app-flips")
        record = tag(
            "details", tag("summary", tag("h2", "Record")),
            tag("div", parts.get("record", ""), data_part="record"), class_="adv-fold", data_fold="record",
        )  # fmt: skip
    else:
        flips = record = ""
    coming = files = ""
    if page == "plan":
        coming = tag("div", parts.get("next", ""), data_part="next", class_="app-coming")
        links = "".join(
            tag(
                "a",
                f"⤓ {name}",
                aria_label=f"Download {name}",
                href=f"{shell.base}file/{name}",
                download=name,
                class_="app-button",
            )
            for name in ("plan.json", "decision-record.md", "deployment-files.zip")
        )
        files = tag("p", links, class_="app-files")
    folds = tag("div", parts.get("folds", ""), data_part="folds") if "folds" in parts else ""
    said = tag("div", parts.get("answer", ""), data_part="answer")
    answer = tag(
        "section", said, flips, coming, _steps(shell), record, files, folds,
        id="answer", class_="app-answer", tabindex="-1", aria_label="Answer",
    )  # fmt: skip
    return inputs + answer


def _steps(shell: Shell) -> str:
    if shell.page not in ORDER:
        return ""
    at = ORDER.index(shell.page)
    before = ORDER[at - 1] if at else None
    after = ORDER[at + 1] if at + 1 < len(ORDER) else None
    back = _step_link(shell, before, "← ", "", "prev") if before else ""
    on = _step_link(shell, after, "", " →", "next") if after else ""
    return tag("nav", back, on, aria_label="Previous and next", class_="app-steps")


def _step_link(shell: Shell, name: str, before: str, after: str, rel: str) -> str:
    label = text(f"{before}{PAGES[name]}{after}")
    return tag("a", label, href=_address(shell, name), data_go=name, rel=rel, class_=f"app-button app-{rel}")


def queue(base: str, version: str, xsrf: str) -> str:
    """The page of those who wait, with their place in line."""
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        "<title>Waiting for a place</title>"
        + "".join(
            f'<link rel="{rel}" href="{text(base)}static/{name}?v={version}">'
            for rel, name in (("icon", "icon.svg"), ("stylesheet", "style.css"), ("stylesheet", "app.css"))
        )
        + f'<meta name="xsrf" content="{text(xsrf)}">'
        + tag("script", src=f"{base}static/app.js?v={version}", defer="defer")
    )
    said = (
        tag("h1", "Every place is taken")
        + tag("p", "Your place in line is being asked for …", id="place", role="status", class_="app-place")
        + tag(
            "p", "This page opens the advisor by itself as soon as a place is free. You need not reload it."
        )
    )
    body = tag("main", said, class_="app-main app-queue adv")
    given = {"data_base": base, "data_known": "no", "data_queue": "yes"}
    return f'<!DOCTYPE html>\n<html lang="en"><head>{head}</head>{tag("body", body, **given)}</html>\n'
