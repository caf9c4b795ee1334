"""One decision as HTML. Pure functions.

The live panel and the static report show the same faces, so they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from importlib.resources import files

from advisor.core.draws import central, summary
from advisor.core.exhibits import Bars, Chart, Drawing, Exhibit, Export, Heatmap, Table, Waterfall
from advisor.core.footprint import Footprint
from advisor.core.saying import gone_over, joined, say
from advisor.core.wording import amount, counted, in_years, number, per_day, share
from advisor.decide.option import Decision, Flip
from advisor.steps import taken
from advisor.system.case import Case
from advisor.view import charts, tables
from advisor.view.html import Page, coded, download, filled, folded, items, link, tag, text
from advisor.view.texts import (
    CARDS,
    STEP_TITLES,
    flips_to,
    how_sure,
    plainly,
    recorded_as,
    rules_failed,
    spoken,
)

Drawn = (Chart, Bars, Waterfall, Heatmap)
FLIPS_SHOWN = 3
CHART_OPTIONS = 6
EMBODIED = say("Embodied").lower()  # beside what is operational, where elsewhere it stands alone
LABEL_LENGTH = 36
# yearly figure -> (coefficient, unit, words), the first whose one unit it reaches
EQUIVALENTS = {
    "carbon": (("equivalents.car", "kg/km", say("km by car")),),
    "energy": (
        ("equivalents.household_electricity", "kWh/item", say("households' electricity")),
        ("equivalents.kettle", "kWh/item", say("kettles boiled")),
    ),
    "water": (("equivalents.shower", "L/item", say("showers")),),
}


@lru_cache(maxsize=1)
def style() -> str:
    """The style sheet of every face, as an element."""
    sheet = files("advisor.view").joinpath("style.css").read_text(encoding="utf-8")
    return f"<style>{sheet}</style>"


def styled(*faces: str) -> Page:
    """Faces with their style sheet, ready to be shown on their own."""
    return Page(style() + "".join(faces))


def render(decision: Decision, case: Case, details: bool = True) -> str:
    """One decision: the answer, what it costs, what would change it, and why.

    Without ``details`` the folded part is left for later, so that the answer appears first.
    """
    name = decision.step
    parts = [headline(decision, case)]
    chart = main_chart(decision, case)
    stands = decision.stands
    if stands is not None:
        parts.append(cards(stands.year, stands.accepted, case))
        said = (
            tag("div", tag("h3", change_title(decision)), flips_list(decision), class_="adv-flips"),
            tag("h3", why_title(decision)) + tables.sentences(decision.reasons) if decision.reasons else "",
        )
        drawn = figure(chart, name) if chart else ""
        parts.append(tag("div", tag("div", *said, class_="adv-why"), drawn, class_="adv-main"))
        parts.append(tables.options_table(decision, case))
    else:
        parts.append(tag("h3", say("What to relax")) + tables.ruled_out(decision))
    if details:
        parts.append(_details(decision, case, chart))
    return tag("article", *parts, class_="adv mathjax_ignore", aria_label=STEP_TITLES.get(name, name))


def headline(decision: Decision, case: Case) -> str:
    """The question, the answer, how sure it is, and who recorded what."""
    said = say("{question} {about}.", question=decision.question, about=about(case))
    if decision.step in STEP_TITLES:
        place = list(STEP_TITLES).index(decision.step) + 1
        said = say("Step {place} of {steps} · ", place=place, steps=len(STEP_TITLES)) + said
    step = tag("p", text(said), class_="adv-step")
    stands = decision.stands
    if stands is None:
        headline = decision.headline or say("No option passes every gate.")
        left = tag("p", coded(nothing_left(decision)), role="alert", class_="adv-alert")
        return (
            step + tag("h2", text(headline)) + _recorded(decision, case) + (left if decision.options else "")
        )
    named = "" if decision.answer.startswith(stands.title) else tag("strong", text(stands.title)) + " "
    return (
        step
        + tag("h2", text(decision.answer or stands.title))
        + (tag("p", named, *_how_sure(decision), class_="adv-choice") if not decision.recorded else "")
        + _recorded(decision, case)
        + (tag("p", text(beside(decision)), class_="adv-choice") if decision.recorded else "")
    )


def _how_sure(decision: Decision) -> tuple[str, ...]:
    """How sure the advice is, and what comes next."""
    badge = tag("span", text(how_sure(decision)), class_="adv-badge adv-chance")
    if decision.runner_up is None:
        return (badge,)
    runner = say("Runner-up: {title}", title=decision.runner_up.title)
    return badge, " ", tag("span", text(runner), class_="adv-muted")


def beside(decision: Decision) -> str:
    """The advice beside a recorded option: each plan's year, and how often each is best of all."""
    recorded, advice = decision.recorded, decision.choice
    if recorded is None:
        return ""
    if advice is None:
        return say("The advice is none: no option passes every gate.")
    mine, theirs = (
        (
            *(
                amount(central(option.year[name]), unit)
                for name, unit in (("carbon", "kgCO2e"), ("cost", "USD"))
            ),
            share(decision.p_best.get(option.key, 0.0)),
        )
        for option in (recorded, advice)
    )
    said = say(
        "The advice is {advice}: {carbon} and {cost} a year, best in {share} of draws",
        advice=advice.title, carbon=theirs[0], cost=theirs[1], share=theirs[2],
    )  # fmt: skip
    if not recorded.eligible:
        return say("{said}; what is recorded fails {rules}.", said=said, rules=rules_failed(recorded.gates))
    return say(
        "{said}; with what is recorded {carbon} and {cost} a year, best in {share}.",
        said=said, carbon=mine[0], cost=mine[1], share=mine[2],
    )  # fmt: skip


def why_title(decision: Decision) -> str:
    """Over the reasons: they argue the advice, whatever is recorded."""
    return say("Why the advice is {title}", title=_advice(decision)) if decision.recorded else say("Why")


def change_title(decision: Decision) -> str:
    """Over the flips, which are those of the advice."""
    return say("What would change the advice") if decision.recorded else say("What would change it")


def _advice(decision: Decision) -> str:
    return decision.choice.title if decision.choice else say("none")


def about(case: Case) -> str:
    """What is asked for, in a few words."""
    workload = case.workload
    requests, tokens_in, tokens_out = (
        summary(values)[1]
        for values in (workload.requests_per_day, workload.input_tokens, workload.output_tokens)
    )
    return say(
        "{per_day}{measured}, {tokens_in} tokens in and {tokens_out} out, planned for {span}",
        per_day=per_day(requests),
        measured=say(" (measured)") if workload.measured else "",
        tokens_in=number(tokens_in),
        tokens_out=number(tokens_out),
        span=in_years(case.scenario.timing.horizon_years),
    )


def nothing_left(decision: Decision) -> str:
    """That every option falls to a rule, and which to relax first."""
    fallen = counted(
        len(decision.options),
        say("The one option falls to a rule. The ledger below says which, and what would bring it back."),
        say(
            "All {count} options fall to a rule. The ledger below says which, and what would bring them back."
        ),
    )
    return joined(" ", [spoken(one) for one in decision.reasons[:1]] + [fallen])


def _recorded(decision: Decision, case: Case) -> str:
    recorded = case.given.decisions.get(decision.step)
    if recorded is None:
        return ""
    said = recorded_as(recorded, taken(case, decision), decision.lost) + ". "
    return tag("p", text(said), text(recorded.reason or ""), class_="adv-recorded")


def cards(per_year: Footprint, per_answer: Footprint | None, case: Case) -> str:
    """The four indicators and the cost of a year and of an accepted answer: central, with an 80 % range."""
    shown = []
    for name, (heading, unit) in CARDS.items():
        low, middle, high = summary(per_year[name])
        lines = [
            tag("h3", say("{heading} a year", heading=heading)),
            tag("p", text(amount(middle, unit)), class_="adv-figure"),
            tag("p", text(tables.between(low, high, unit)), class_="adv-range"),
        ]
        if per_answer is not None:
            first, answer, last = summary(per_answer[name])
            each = tag("strong", text(amount(answer, unit))) + text(say(" per accepted answer"))
            lines.append(tag("p", each, class_="adv-answer"))
            lines.append(tag("p", text(tables.between(first, last, unit)), class_="adv-range"))
        lines.append(tag("p", _split(name, per_year), equivalent(name, middle, case), class_="adv-aside"))
        shown.append(tag("div", *lines, class_=f"adv-card adv-card-{name}"))
    return tag("div", *shown, class_="adv-cards", role="group", aria_label=say("Footprint and cost"))


def _split(name: str, footprint: Footprint) -> str:
    pairs = {
        "carbon": ((say("operational"), "carbon_location"), (EMBODIED, "embodied")),
        "water": ((say("on site"), "water_onsite"), (say("upstream"), "water_upstream")),
    }.get(name, ())
    unit = CARDS[name][1]
    said = (joined(" ", (label, amount(summary(footprint[row])[1], unit))) for label, row in pairs)
    return "".join(tag("span", text(part)) for part in said)


def equivalent(name: str, per_year: float, case: Case) -> str:
    """The yearly figure as something familiar, linked to the source of the comparison."""
    for coefficient, unit, words in EQUIVALENTS.get(name, ()):
        if coefficient not in case:
            continue
        times = abs(per_year) / case.central(coefficient, unit)
        if times >= 1:
            source = next(
                (case.catalogue.sources[key] for key in case.catalogue.coefficient(coefficient).sources
                 if key in case.catalogue.sources), None,
            )  # fmt: skip
            said = joined(" ", ("≈", number(times), words))
            return tag("span", link(source.url, said) if source else text(said))
    return ""


def flips_list(decision: Decision) -> str:
    """The nearest changes of one input that would change the choice."""
    if not decision.flips:
        return tag("p", say("No single input within a hundredfold change."))
    return items((_flip(flip) for flip in decision.flips[:FLIPS_SHOWN]), class_="adv-flip-list")


def _flip(flip: Flip) -> str:
    factor = say(" ({factor}×)", factor=number(flip.factor)) if flip.factor else ""
    then = tag("strong", text(plainly(flip.flips_at))) + text(factor)
    return flip_sentence(flip, then, coded(flips_to(flip)))


def flip_sentence(flip: Flip, then: str, leads_to: str) -> str:
    """A change of one input and what it leads to; the value ``then`` and what follows are HTML."""
    sentence = (
        say("{label}: {now} → {then} leaves {leads_to}")
        if flip.leaves_nothing
        else say("{label}: {now} → {then} gives {leads_to}")
    )
    label, now = text(flip.label), text(plainly(flip.present))
    return filled(sentence, label=label, now=now, then=then, leads_to=leads_to)


def main_chart(decision: Decision, case: Case) -> Drawing | None:
    """The step's first drawing, or the carbon of its best options."""
    first = next((exhibit for exhibit in decision.exhibits if isinstance(exhibit, Drawn)), None)
    if first is not None or decision.stands is None:
        return first
    best = decision.best(CHART_OPTIONS)
    return carbon_bars(
        "options", say("Carbon of a year by option"), [(option.title, option.year) for option in best]
    )


def carbon_bars(key: str, title: str, footprints: Sequence[tuple[str, Footprint]]) -> Bars:
    """Operational and embodied carbon side by side; central figures, so the parts add up."""
    low, high = charts.spread_of([footprint["carbon"] for _, footprint in footprints])
    return Bars(
        key,
        title,
        say("kg CO₂e a year (whisker: 80 % interval)"),
        tuple(gone_over(_short, label) for label, _ in footprints),
        (say("operational, location-based"), EMBODIED),
        tuple(
            tuple(central(footprint[row]) for _, footprint in footprints)
            for row in ("carbon_location", "embodied")
        ),
        low,
        high,
    )


def _short(label: str) -> str:
    return label if len(label) <= LABEL_LENGTH else label[: LABEL_LENGTH - 1] + "…"


def figure(exhibit: Drawing, scope: str) -> str:
    """A chart with its caption, its caveat and its numbers as a file."""
    data = download(f"{exhibit.key}.csv", "text/csv", tables.as_csv(exhibit), "CSV")
    note = tag("small", text(exhibit.note), " ") if exhibit.note else ""
    caption = tag("figcaption", tag("strong", text(exhibit.title)), " ", note, data)
    return tag("figure", caption, charts.svg(exhibit, scope), class_="adv-chart")


def exhibits(found: Iterable[Exhibit], scope: str, but: Exhibit | None = None) -> str:
    """Charts and tables in order, then the files."""
    shown = []
    files_given = []
    for exhibit in found:
        if exhibit is but:
            continue
        if isinstance(exhibit, Export):
            name = download(exhibit.filename, exhibit.media_type, exhibit.content, exhibit.filename)
            files_given.append(name + (tag("small", " " + text(exhibit.note)) if exhibit.note else ""))
        elif isinstance(exhibit, Table):
            shown.append(tables.exhibit_table(exhibit))
        else:
            shown.append(figure(exhibit, scope))
    listed = tag("div", tag("h3", say("Files to use")), items(files_given)) if files_given else ""
    return "".join(shown) + listed


def _details(decision: Decision, case: Case, chart: Exhibit | None) -> str:
    used = behind(decision)
    eligible = sum(option.eligible for option in decision.options)
    out = len(decision.options) - eligible
    touching = controls_of(decision.step)
    parts = [
        folded(
            say("Warnings ({count})", count=len(decision.warnings)),
            tables.sentences(decision.warnings),
            open_=True,
        ),
        folded(say("More charts, tables and files"), exhibits(decision.exhibits, decision.step, chart)),
    ]
    if decision.stands is not None:
        table = tables.indicators_table(decision.stands.year, decision.stands.accepted)
        notes = tables.sentences(decision.stands.notes)
        parts.append(folded(say("Every indicator of the choice"), table + notes))
        parts.append(
            folded(
                say("Ruled out ({out} of {options})", out=out, options=len(decision.options)),
                tables.ruled_out(decision) if out else "",
            )
        )
        if eligible > tables.TOP_OPTIONS:
            parts.append(
                folded(
                    say("All {eligible} options that pass", eligible=eligible),
                    tables.options_table(decision, case, None),
                )
            )
    parts.append(
        folded(say("Assumptions: inputs nobody has confirmed"), tables.assumptions(case.given, touching))
    )
    parts.append(folded(say("Where these numbers come from"), tables.evidence(used, case)))
    return tag("div", *parts, class_="adv-details")


def controls_of(step: str) -> tuple[str, ...] | None:
    """Paths of the inputs a step shows or tests; None for a step that is not one of the five."""
    from advisor.steps import step as module_of

    if step not in STEP_TITLES:
        return None
    module = module_of(step)
    return (*module.CONTROLS, *module.KNOBS)


def behind(decision: Decision) -> frozenset[str]:
    """Figures behind the choice and its runner-up; all of the step's where neither names its own."""
    compared = [
        option.evidence for option in (decision.stands, decision.choice, decision.runner_up) if option
    ]
    return frozenset().union(*compared) or decision.evidence
