"""Inputs as plain HTML, made from the fields of a scenario: title, unit, bounds and choices.

The web page's counterpart of the widgets: it draws the form and reads what was typed into it.
"""

from __future__ import annotations

import types
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Union, get_args, get_origin

from advisor.core.errors import Fault, ScenarioError
from advisor.core.saying import Figure, capital, gone_over, numeral, say
from advisor.core.typed_numbers import number_typed
from advisor.core.wording import number
from advisor.scenario import Scenario
from advisor.system.confirmed import Unconfirmed
from advisor.view.html import tag, text
from advisor.view.key_texts import unit_words, value_words
from advisor.view.texts import in_words

Kind = Literal["flag", "choice", "whole", "number", "optional", "words", "text"]
# the names of the residencies a scenario knows; others are typed as a country code
RESIDENCIES = {
    "any": say("Anywhere"),
    "EU": say("European Union"),
    "EUDB": say("EU Data Boundary"),
    "US": say("United States"),
    "DE": say("Germany"),
    "FR": say("France"),
    "GB": say("United Kingdom"),
    "CH": say("Switzerland"),
}
BADGES = {
    "default": (say("default"), say("Nobody has set this input: the shipped default stands.")),
    "template": (say("template"), say("The template's value: nobody has confirmed it yet.")),
    "owned": (say("yours"), say("Set by you.")),
    "measured": (say("measured"), say("Settled by the request log.")),
}
UNITS = {
    "request/day": "", "tok": say("tokens"), "ms": "ms", "day": say("days"), "year": say("years"),
    "h": say("hours"), "item": "", "ratio": "", "kg": "kg CO₂e", "GB/month": say("GB a month"),
}  # fmt: skip
ENDS = {"low": say("Low (10 %)"), "central": say("Median"), "high": say("High (90 %)")}  # of a figure
MOST_TYPED = 200
MOST_READ = 2000
FIRST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Input:
    """One field of a scenario as a form shows it."""

    path: str
    title: str
    unit: str
    kind: Kind
    choices: tuple[tuple[str, str], ...] = ()
    help: str = ""

    @property
    def id(self) -> str:
        """The id of its control on a page."""
        return f"in-{self.path.replace('.', '-')}"


def input_of(path: str, value: Any, regions: Mapping[str, str] | None = None) -> Input | None:
    """The input for the field at ``path``; None for what is not a single value or a list of words.

    ``regions`` gives the names of the regions to choose a home from.
    """
    info = _info(path)
    annotation = info.annotation
    extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    unit = str(extra.get("unit", ""))
    kind, choices = _kind(annotation)
    if path.endswith("residency"):
        kind, choices = "choice", tuple(RESIDENCIES.items())
    elif path.endswith("home_region") and regions:
        kind, choices = "choice", tuple(sorted(regions.items(), key=lambda region: region[1]))
    if kind is None:
        return None
    if kind == "choice" and value is not None and str(value) not in dict(choices):
        choices = (*choices, (str(value), str(value)))
    unit = say("share") if unit == "ratio" and _is_share(info) else UNITS.get(unit, unit_words(unit))
    title = say(info.title or path)
    if str(unit).removesuffix("s").lower() in str(title).lower():
        unit = ""
    return Input(path, title, unit, kind, choices, say(info.description) if info.description else "")


def _info(path: str) -> Any:
    *sections, name = path.split(".")
    model: Any = Scenario
    for section in sections:
        model = model.model_fields[section].annotation
    return model.model_fields[name]


def _kind(annotation: Any) -> tuple[Kind | None, tuple[tuple[str, str], ...]]:
    if annotation is bool:
        return "flag", ()
    if get_origin(annotation) is Literal:
        return "choice", tuple((str(one), capital(value_words(str(one)))) for one in get_args(annotation))
    if get_origin(annotation) in (Union, types.UnionType):
        listed = next((one for one in get_args(annotation) if get_origin(one) is Literal), None)
        if listed is not None:
            return "choice", (("", say("Unset")), *_kind(listed)[1])
        return ("optional" if set(get_args(annotation)) <= {int, float, type(None)} else None), ()
    if annotation == list[str]:
        return "words", ()
    kinds: dict[Any, Kind] = {int: "whole", float: "number", str: "text"}
    return kinds.get(annotation), ()


def _is_share(info: Any) -> bool:
    return any(getattr(bound, "le", None) is not None and bound.le <= 1 for bound in info.metadata)


def shown(field: Input, value: Any) -> str:
    """A value as the input shows it."""
    if value is None:
        return ""
    if field.kind == "words":
        return ", ".join(map(str, value))
    if isinstance(value, bool):
        return in_words(value)
    if isinstance(value, int | float):
        return exact(value)
    return str(value)


def exact(value: float) -> str:
    """Every digit of a number, so that reading it back gives the same."""
    if float(value).is_integer() and abs(value) < 1e15:
        return numeral(value, ",.0f")
    whole, dot, rest = repr(float(value)).partition(".")
    return Figure(f"{int(whole):,}{dot}{rest}" if whole.isdigit() else repr(float(value)))


def read(field: Input, typed: Any) -> Any:
    """What was typed, as the scenario takes it. Raises ScenarioError for text that is no number."""
    if field.kind == "flag":
        return typed is True or typed in ("true", "yes", "on")
    said = str(typed)[:MOST_READ].strip()
    if field.kind == "choice" and not said and "" in dict(field.choices):
        return None
    if field.kind in ("choice", "text"):
        literal = next((one for one in get_args(_info(field.path).annotation) if str(one) == said), said)
        return literal if field.kind == "choice" else said
    if field.kind == "words":
        return [part.strip() for part in said.split(",") if part.strip()]
    if not said and field.kind == "optional":
        return None
    percent = said.endswith("%") and _is_share(_info(field.path))
    value = number_typed(said.removesuffix("%") if percent else said)
    if value is None:
        examples = numeral(71_000, ",d"), numeral(0.5)
        expected = say("a number such as {whole} or {part}", whole=examples[0], part=examples[1])
        if field.kind == "optional":
            expected += say(", or nothing")
        found = repr(said) if said else say("nothing")
        raise ScenarioError(say("An input cannot be read."), [Fault(field.path, expected, found)])
    value = round(value / 100.0, 12) if percent else value
    return int(value) if field.kind == "whole" and value.is_integer() else value


def form(
    fields: Iterable[Input], values: Mapping[str, Any], badges: Mapping[str, str], left: Unconfirmed
) -> str:
    """The inputs with their badges, a reset each, and the count of those that nobody has confirmed.

    ``badges`` has a key of :data:`BADGES` for each path.
    """
    rows = [row(field, values[field.path], badges[field.path]) for field in fields]
    template = "template" in badges.values()
    mark = (
        tag("span", "", class_="adv-badge adv-template", aria_hidden="true") + text(say(" = the template's."))
        if template
        else ""
    )
    shown, rest = rows[:FIRST_SHOWN], rows[FIRST_SHOWN:]
    more = ""
    if rest:
        heading = tag("summary", tag("span", say("{count} more inputs", count=len(rest))))
        more = tag("details", heading, *rest, class_="adv-rest", data_fold="inputs")
    return "".join(shown) + more + tag("p", mark, " ", text(left.said), class_="adv-count", title=left.parts)


def row(field: Input, value: Any, badge: str) -> str:
    """One input: label, control, where its value comes from, and a way back to the default."""
    name = field.title + (say(" ({unit})", unit=field.unit) if field.unit else "")
    word, meaning = BADGES[badge]
    mark = tag("span", tag("span", text(word)), class_=f"adv-badge adv-{badge}", title=meaning)
    back = ""
    if badge == "owned":
        back = tag(
            "button", tag("span", "↺", aria_hidden="true"), type="button", class_="adv-undo-one",
            data_reset=field.path, aria_label=say("Reset to the default: {title}", title=field.title),
            title=say("Back to the default"),
        )  # fmt: skip
    label = tag("label", text(name), for_=field.id)
    head = tag("span", mark, back, class_="adv-from")
    given = {"title": field.help} if field.help else {}
    body = _control(field, value, badge == "measured", given)
    error = tag("p", "", class_="adv-fault", id=f"{field.id}-fault", role="alert")
    order = (body, label, head) if field.kind == "flag" else (label, head, body)
    return tag("div", *order, error, class_=f"adv-field adv-is-{field.kind}", data_field=field.path)


def _control(field: Input, value: Any, fixed: bool, given: dict[str, str]) -> str:
    common = {"id": field.id, "data_path": field.path, "aria_describedby": f"{field.id}-fault", **given}
    if fixed:
        common["disabled"] = "disabled"
    if field.kind == "choice":
        chosen = "" if value is None else str(value)
        options = "".join(
            tag("option", text(label), value=one, **({"selected": "selected"} if one == chosen else {}))
            for one, label in field.choices
        )
        return tag("span", tag("select", options, **common), class_="adv-select")
    if field.kind == "flag":
        checked = {"checked": "checked"} if value else {}
        return _void("input", type="checkbox", **common, **checked)
    numeric = field.kind in ("whole", "number", "optional")
    typed = {"inputmode": "decimal"} if numeric else {}
    empty = {"placeholder": in_words(None)} if field.kind == "optional" else {}
    return _void(
        "input", type="text", value=shown(field, value), autocomplete="off", maxlength=str(MOST_TYPED),
        **typed, **empty, **common,
    )  # fmt: skip


def _void(name: str, /, **attributes: str) -> str:
    return tag(name, **attributes).removesuffix(f"</{name}>")


def choose(name: str, label: str, choices: Sequence[tuple[str, str]], value: str = "") -> str:
    """A labelled list to choose from; ``choices`` are values and what they are called."""
    options = "".join(
        tag("option", text(shown_as), value=one, **({"selected": "selected"} if one == value else {}))
        for one, shown_as in choices
    )
    return tag(
        "div",
        tag("label", text(label), for_=f"f-{name}"),
        tag("span", tag("select", options, id=f"f-{name}", name=name), class_="adv-select"),
        class_="adv-field",
    )


def entry(name: str, label: str, value: str = "", rows: int = 0, placeholder: str = "") -> str:
    """A labelled box for text, of several lines when ``rows`` says so."""
    common = {"id": f"f-{name}", "name": name, **({"placeholder": placeholder} if placeholder else {})}
    box = (
        tag("textarea", text(value), rows=str(rows), spellcheck="false", **common)
        if rows
        else _void("input", type="text", value=value, autocomplete="off", maxlength=str(MOST_TYPED), **common)
    )
    return tag("div", tag("label", text(label), for_=f"f-{name}"), box, class_="adv-field")


def unseen(name: str, label: str) -> str:
    """A labelled box whose content is not shown while it is typed."""
    box = _void("input", type="password", id=f"f-{name}", name=name, autocomplete="off", maxlength="20")
    return tag("div", tag("label", text(label), for_=f"f-{name}"), box, class_="adv-field")


def pressed(do: str, label: str) -> str:
    """A button of the page's own script."""
    return tag("button", text(label), type="button", data_do=do) + " "


def upload(name: str, label: str, kinds: Sequence[str], several: bool = False) -> str:
    """A labelled button that brings a file of one of ``kinds``, such as .yaml."""
    many = {"multiple": "multiple"} if several else {}
    box = _void("input", type="file", id=f"f-{name}", name=name, accept=",".join(kinds), **many)
    return tag("div", tag("label", text(label), for_=f"f-{name}"), box, class_="adv-field adv-file")


def kept(field: Input, value: Any) -> str:
    """What the button says that gives up a refused value."""
    said = dict(field.choices).get(str(value), "") or shown(field, value) or in_words(None)
    return gone_over(_short, said)


def _short(said: str) -> str:
    return said if len(said) <= 40 else f"{said[:39]}…"


def about(field: Input, before: Any, after: Any) -> str:
    """A change in words."""

    def said(value: Any) -> str:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return number(value)
        return kept(field, value)

    return say("{title}: {before} → {after}", title=field.title, before=said(before), after=said(after))


def asking(act: str, fields: str, button: str, other: tuple[str, str] | None = None) -> str:
    """A form that asks the server to act, with its button; ``other`` is a second act and its button."""
    press = tag("button", text(button), type="submit", class_="adv-primary")
    if other:
        press += tag("button", text(other[1]), type="submit", data_act=other[0])
    return tag("form", fields, press, data_act=act, class_="adv-form")


def prompting(step: str, heading: str, said: str) -> str:
    """A page that waits for something to read."""
    return tag("p", text(step), class_="adv-step") + tag("h1", text(heading)) + tag("p", text(said))


def use_it(kind: str) -> str:
    """The button that takes what was read into the scenario."""
    press = tag("button", say("Use it in the scenario"), type="submit", class_="adv-primary")
    return tag("form", press, data_act=f"use-{kind}", class_="adv-form")


def own_figure(names: Sequence[str], chosen: str, said: str, boxes: str, own: bool) -> str:
    """The form that replaces a shipped figure, with owner and reason, or gives it back."""
    which = choose("name", say("Figure"), [(name, name) for name in names], chosen)
    who = entry("owner", say("Owner")) + entry("reason", say("Because"))
    back = tag("button", say("Back to the shipped figure"), type="button", data_back=chosen) if own else ""
    use = tag("button", say("Use this figure"), type="submit", class_="adv-primary")
    return tag(
        "form", which, tag("p", text(said), class_="adv-muted"), boxes, who, tag("p", use, back),
        data_act="own", class_="adv-form adv-own",
    )  # fmt: skip
