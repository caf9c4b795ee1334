"""The page around the faces: header with its buttons, the way through the steps, places for parts.

Pure functions: text in, HTML out. Nothing in it comes from elsewhere than this server.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from advisor.catalogue.translations import languages
from advisor.core.saying import joined, language_spoken, say
from advisor.serve.script_texts import written
from advisor.view.html import tag, text
from advisor.view.texts import STEP_TITLES

PAGES = {"start": say("Start"), **STEP_TITLES, "plan": say("Plan")}
MORE = {
    "log": say("Request log"),
    "pilot": say("Pilot log"),
    "prompt": say("Prompt budget"),
    "priorities": say("Priorities by role"),
    "owners": say("Who answers for what"),
    "milestones": say("Milestones"),
}
TITLES = {**PAGES, **MORE}
ORDER = tuple(PAGES)
INPUTS = {
    "start": say("Scenario"),
    "log": say("The log"),
    "pilot": say("Judged answers"),
    "prompt": say("The prompt"),
    "priorities": say("A role's weights"),
    "owners": say("Put a name to an input"),
    "milestones": say("Save, compare, go back"),
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
    unscripted = say("This page answers changes by a script of its own; without it, it can only be read.")
    body = (
        skips(parts)
        + tag("header", bar(shell), navigation(shell), class_="app-top adv")
        + tag("main", main(shell, parts), class_="app-main adv", id="main", data_page=shell.page)
        + tag("p", "", id="said", role="status", class_="app-said")
        + tag("noscript", tag("p", unscripted))
    )
    known = "yes" if shell.known else "no"
    return _document(titled(shell), body, shell.base, shell.version, shell.xsrf, data_known=known)


def titled(shell: Shell) -> str:
    """What a page is called in a browser's tab."""
    return joined(" · ", (TITLES[shell.page], shell.title))


def whole(shell: Shell, parts: Mapping[str, str]) -> dict[str, str]:
    """All of a page but its header, by the name of its place."""
    return {"main": main(shell, parts), "skips": skips(parts)}


def skips(parts: Mapping[str, str]) -> str:
    """Ways past the header for who goes by keyboard."""
    ways = {"answer": say("Skip to the answer"), "inputs": say("Skip to the inputs")}
    links = (
        tag("a", said, href=f"#{name}", class_="app-skip")
        for name, said in ways.items()
        if name in parts or name == "answer"
    )
    return tag("div", *links, data_part="skips")


def _document(title: str, body: str, base: str, version: str, xsrf: str, **given: str) -> str:
    """A whole page around its body, in the language spoken."""
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        + tag("title", text(title))
        + "".join(
            f'<link rel="{rel}" href="{text(base)}static/{name}?v={version}">'
            for rel, name in (("icon", "icon.svg"), ("stylesheet", "style.css"), ("stylesheet", "app.css"))
        )
        + f'<meta name="xsrf" content="{text(xsrf)}">'
        + tag("script", src=f"{base}static/app.js?v={version}", defer="defer")
    )
    inner = tag("body", body, data_base=base, data_words=written(), **given)
    return f'<!DOCTYPE html>\n<html lang="{language_spoken().key}"><head>{head}</head>{inner}</html>\n'


def bar(shell: Shell) -> str:
    """The header: whose plan this is, and what can be done with it from anywhere."""
    history = "".join(
        _press(do, label, sign, what)
        for do, label, sign, what in (
            ("undo", say("Undo"), "↶ ", shell.undo),
            ("redo", say("Redo"), "↷ ", shell.redo),
            ("replay", say("Replay"), "⟲ ", shell.undo),
        )
    )
    files = (
        tag(
            "a",
            say("Save"),
            href=f"{shell.base}save",
            download="",
            class_="app-button",
            title=say("Download the scenario"),
        )
        + tag(
            "button",
            say("Share"),
            type="button",
            data_do="share",
            title=say("A link that holds the scenario"),
        )
        + tag("button", say("Report"), type="button", data_do="report", title=say("Download the report"))
    )
    name = tag(
        "a",
        text(shell.title),
        href=f"{shell.base}",
        data_go="start",
        class_="app-name",
        title=say("All answers, other scenarios"),
    )
    tools = tag(
        "div", history, files, role="group", aria_label=say("Scenario"), class_="app-tools", data_part="tools"
    )
    return tag("div", name, tools, _spoken(), class_="app-bar", data_part="bar")


def _spoken() -> str:
    """The choice of a language, each called as it calls itself."""
    options = "".join(
        tag("option", text(name), value=key, lang=key,
            **({"selected": "selected"} if key == language_spoken().key else {}))
        for key, name in languages().items()
    )  # fmt: skip
    label = tag("label", say("Language"), for_="language", class_="adv-unseen")
    choice = tag("select", options, id="language", autocomplete="off")
    return tag("span", label, tag("span", choice, class_="adv-select"), class_="app-language")


def _press(do: str, label: str, sign: str, what: str) -> str:
    """A button that moves through the history; ``what`` says which change, nothing disables it."""
    off = {} if what else {"disabled": "disabled"}
    words = tag("span", sign, aria_hidden="true") + tag("span", label, class_="app-word")
    return tag(
        "button",
        words,
        type="button",
        data_do=do,
        title=say("{label}: {what}", label=label, what=what) if what else label,
        **off,
    )


def navigation(shell: Shell) -> str:
    """The way through the steps, with those whose decision is recorded marked."""
    links = []
    for name, title in PAGES.items():
        done = name in shell.recorded
        mark = tag("span", "✓", class_="app-done", title=say("recorded")) + tag(
            "span", say(" recorded"), class_="adv-unseen"
        )
        links.append(tag("li", _to(shell, name, text(title) + (mark if done else ""))))
    more = "".join(tag("li", _to(shell, name, title)) for name, title in MORE.items())
    menu = tag("details", tag("summary", say("Tools")), tag("ul", more), class_="app-more")
    return tag("nav", tag("ol", *links), menu, aria_label=say("Steps"), class_="app-nav", data_part="nav")


def _to(shell: Shell, name: str, label: str) -> str:
    current = {"aria_current": "page"} if name == shell.page else {}
    return tag("a", label, href=_address(shell, name), data_go=name, **current)


def _address(shell: Shell, name: str) -> str:
    return shell.base if name == "start" else f"{shell.base}{name}"


def main(shell: Shell, parts: Mapping[str, str]) -> str:
    """The places of a page, filled with the parts there are."""
    page = shell.page
    inputs = ""
    if "inputs" in parts:
        fields = tag("div", parts["inputs"], data_part="inputs")
        inputs = tag(
            "details", tag("summary", tag("h2", INPUTS.get(page, say("Inputs")))), fields,
            class_="app-inputs", id="inputs", tabindex="-1", open="open",
        )  # fmt: skip
    if page in STEP_TITLES:
        flips = tag("div", parts.get("flips", ""), data_part="flips", class_="app-flips")
        record = tag(
            "details", tag("summary", tag("h2", say("Record"))),
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
                aria_label=say("Download {name}", name=name),
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
        id="answer", class_="app-answer", tabindex="-1", aria_label=say("Answer"),
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
    return tag("nav", back, on, aria_label=say("Previous and next"), class_="app-steps")


def _step_link(shell: Shell, name: str, before: str, after: str, rel: str) -> str:
    label = before + text(PAGES[name]) + after
    return tag("a", label, href=_address(shell, name), data_go=name, rel=rel, class_=f"app-button app-{rel}")


def queue(base: str, version: str, xsrf: str) -> str:
    """The page of those who wait, with their place in line."""
    said = (
        tag("h1", say("Every place is taken"))
        + tag(
            "p", say("Your place in line is being asked for …"), id="place", role="status", class_="app-place"
        )
        + tag(
            "p",
            say("This page opens the advisor by itself as soon as a place is free. You need not reload it."),
        )
    )
    body = tag("main", said, class_="app-main app-queue adv")
    given = {"data_known": "no", "data_queue": "yes"}
    return _document(say("Waiting for a place"), body, base, version, xsrf, **given)
