"""Tables of a face: options, gates, evidence, assumptions and a step's own tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from advisor.core.draws import summary
from advisor.core.escaping import csv_text
from advisor.core.evidence import Coefficient
from advisor.core.exhibits import Bars, Drawing, Heatmap, Table, Waterfall
from advisor.core.footprint import INDICATORS, Footprint
from advisor.core.saying import Said, dated, gone_over, joined, numeral, say
from advisor.core.wording import UNKNOWN, amount, counted, number, share, spread_of
from advisor.decide.option import Decision, Option
from advisor.scenario import Scenario, value_at
from advisor.scenario.validation import field_at
from advisor.system.case import Case
from advisor.system.confirmed import inputs, origin
from advisor.system.gates import Gate
from advisor.system.rule_names import rule_name, rule_words
from advisor.view.html import coded, folded, items, link, tag, text
from advisor.view.key_texts import unit_words
from advisor.view.texts import CARDS, CONFIDENCE, INDICATOR_NAMES, in_words, spoken

REMEDIES = 3  # of a rule, that are told
TOP_OPTIONS = 6


def grid(
    title: str, columns: Sequence[str], rows: Iterable[Sequence[str]], note: str = "", class_: str = ""
) -> str:
    """A table of HTML cells with a caption; the first cell of a row is its heading.

    Each cell repeats its column's name for narrow screens, where rows become cards.
    """
    head = "".join(tag("th", text(column), scope="col") if column else tag("td") for column in columns)
    body = []
    for row in rows:
        first, *rest = row
        cells = [tag("th", first, scope="row")]
        cells += [tag("td", cell, data_label=column) for cell, column in zip(rest, columns[1:], strict=True)]
        body.append(tag("tr", *cells))
    caption = tag("caption", text(title), tag("small", " " + text(note)) if note else "")
    return tag(
        "table",
        caption,
        tag("thead", tag("tr", head)),
        tag("tbody", *body),
        class_=f"adv-table {class_}".strip(),
    )


def exhibit_table(table: Table) -> str:
    """A step's own table; unknown values say so."""
    rows = [[_cell(value) for value in row] for row in table.rows]
    return grid(table.title, table.columns, rows, table.note)


def _cell(value: Any) -> str:
    if value is None:
        return text(UNKNOWN)
    if isinstance(value, bool):
        return text(in_words(value))
    return text(number(value)) if isinstance(value, int | float) else coded(value)


def as_csv(exhibit: Drawing | Table) -> str:
    """The numbers of an exhibit as CSV, its title and caveat first."""
    rows: list[Sequence[object]] = [[joined(" ", ("#", exhibit.title)), exhibit.note]]
    if isinstance(exhibit, Table):
        rows.append(exhibit.columns)
        rows.extend(exhibit.rows)
    elif isinstance(exhibit, Bars):
        rows.append([exhibit.y_label, *exhibit.parts])
        for index, bar in enumerate(exhibit.bars):
            rows.append([bar, *(part[index] for part in exhibit.values)])
    elif isinstance(exhibit, Waterfall):
        rows.append([say("part"), exhibit.x_label])
        rows.extend(zip(exhibit.bars, exhibit.values, strict=True))
        rows.append([exhibit.total, sum(exhibit.values)])
    elif isinstance(exhibit, Heatmap):
        rows.append([exhibit.value_label, *exhibit.columns])
        for label, values in zip(exhibit.rows, exhibit.values, strict=True):
            rows.append([label, *map(exhibit.told, values)])
    else:
        rows.append([say("line"), exhibit.x_label, exhibit.y_label, "p10", "p90"])
        for line in exhibit.lines:
            bounds: list[Any] = [
                [""] * len(line.x) if bound is None else bound for bound in (line.low, line.high)
            ]
            rows.extend([line.label, *point] for point in zip(line.x, line.y, *bounds, strict=True))
        rows.extend([mark.label, mark.x, mark.y, "", ""] for mark in exhibit.marks if mark.y is not None)
    return csv_text(rows)


def between(low: float, high: float, unit: str) -> str:
    """A range, its unit said once where both ends share it."""
    first, last = amount(low, unit), amount(high, unit)
    if first == last:
        return spread_of(low, high)
    _, _, shown = first.partition(" ")
    if shown and last.endswith(f" {shown}"):
        first = gone_over(_figure, first)
    return say("{first} – {last}", first=first, last=last)


def _figure(said: str) -> str:
    return said.partition(" ")[0]


def interval(values: Any, unit: str) -> str:
    """The central figure over its 80 % interval."""
    low, central, high = summary(values)
    middle = tag("span", text(amount(central, unit)), class_="adv-median")
    return middle + tag("span", text(between(low, high, unit)), class_="adv-range")


def options_table(decision: Decision, case: Case, limit: int | None = TOP_OPTIONS) -> str:
    """Eligible options, the advice first, with footprints of a year of the plan each is part of."""
    found = decision.best(limit)
    columns = [say("Option"), say("Best in"), say("Accepted"), *(heading for heading, _ in CARDS.values())]
    rows = []
    for option in found:
        footprint = option.year
        rows.append(
            [
                _titled(option, decision),
                text(share(decision.p_best.get(option.key, 0.0))),
                text(share(summary(option.quality)[1])),
                *(interval(footprint[name], unit) for name, (_, unit) in CARDS.items()),
            ]
        )
    left = sum(option.eligible for option in decision.options) - len(rows)
    note = say("A year, central figure over its 80 % interval. Best in: share of draws.")
    return grid(
        say("Options that pass every gate") if limit is None else say("Best options"),
        columns,
        rows,
        note + say(" {left} more below.", left=left) if left else note,
        "adv-options",
    )


def _titled(option: Option, decision: Decision) -> str:
    title = text(option.title)
    if option is decision.stands:
        said = say("recorded") if decision.recorded else say("choice")
        return tag("strong", title) + tag("span", said, class_="adv-badge adv-chosen")
    if option is decision.choice:
        return title + tag("span", say("advice"), class_="adv-badge")
    if decision.runner_up is not None and option.key == decision.runner_up.key:
        return title + tag("span", say("runner-up"), class_="adv-badge")
    return title


def indicators_table(per_year: Footprint, per_answer: Footprint | None) -> str:
    """Every indicator with what it covers; the three ways to count carbon are never added."""
    columns = [
        say("Indicator"),
        say("A year"),
        *([say("Per accepted answer")] if per_answer else []),
        say("What it covers"),
    ]
    rows = []
    for name, (unit, covers) in INDICATORS.items():
        answer = [interval(per_answer[name], unit)] if per_answer else []
        rows.append([text(INDICATOR_NAMES[name]), interval(per_year[name], unit), *answer, text(covers)])
    return grid(
        say("Every indicator"),
        columns,
        rows,
        say("Three operational carbon figures count the same electricity in three ways and are never added."),
    )


def sentences(told: Iterable[str]) -> str:
    """Sentences of the engine as a list, fields called as their controls are."""
    return items(coded(spoken(one)) for one in told)


def ruled_out(decision: Decision, level: int = 4) -> str:
    """Options that fell, by rule, the one that strikes most first, each with its remedy.

    An option is counted with every rule it fails, and told of once, under the first. ``level`` is that of the
    groups' headings.
    """
    parts, gates = [], dict(decision.eliminated)
    for one in decision.struck:
        remedies = _remedies(gate.remedy for _, gate in one.fallen if gate.remedy)
        entries = [
            _fallen(option, gates[option]) for option, _ in one.fallen if gates[option][0].rule == one.rule
        ]
        said = ""
        if remedies:
            said = tag("p", tag("strong", say("To bring back: ")), coded(joined("; ", remedies)))
        heading = say("{rule}: {count}", rule=rule_name(one.rule), count=len(one.fallen)) + (
            say(" ({alone} by this rule alone)", alone=one.alone) if one.alone else ""
        )
        if elsewhere := len(one.fallen) - len(entries):
            told = counted(
                elsewhere,
                say("One of them is told of under another rule, which it fails too."),
                say("{count} of them are told of under another rule, which they fail too."),
            )
            said += tag("p", text(told), class_="adv-muted")
        listed = items(entries, class_="adv-fallen") if entries else ""
        parts.append(folded(heading, said + listed, level=level))
    return "".join(parts)


def _remedies(asked: Iterable[str]) -> list[str]:
    """Up to so many remedies, each told once: what differs in a name or a number alone is counted with it."""
    alike: dict[str, dict[str, None]] = {}
    for remedy in asked:
        alike.setdefault(remedy.template if isinstance(remedy, Said) else remedy, {})[remedy] = None
    return [
        counted(
            len(others),
            say("{remedy} (and the like for one more)"), say("{remedy} (and the like for {count} more)"),
            remedy=spoken(first),
        ) if others else spoken(first)
        for first, *others in list(alike.values())[:REMEDIES]
    ]  # fmt: skip


def _fallen(option: Option, failed: Sequence[Gate]) -> str:
    first = failed[0]
    told = [
        say(" needs {expected}, has {found}", expected=first.expected, found=first.found),
        *(say("; also {rule}", rule=rule_words(gate.rule)) for gate in failed[1:]),
    ]
    return tag("strong", text(option.title)) + tag("small", text(joined("", told)))


def evidence(names: Iterable[str], case: Case) -> str:
    """The sources of some coefficients, then each coefficient with value, range, date and confidence."""
    found = [case.catalogue.coefficient(name) for name in sorted(set(names))]
    return _source_list(found, case) + _figures(found, case) if found else ""


def sources(names: Iterable[str], case: Case) -> str:
    """The sources of some coefficients, each with how many figures rest on it."""
    return _source_list([case.catalogue.coefficient(name) for name in sorted(set(names))], case)


def _source_list(found: Sequence[Coefficient], case: Case) -> str:
    used: dict[str, int] = defaultdict(int)
    for figure in found:
        for key in figure.sources:
            used[key] += 1
    entries = [
        source(key, case)
        + tag("small", say(" {count} figures", count=count) if count > 1 else say(" one figure"))
        for key, count in sorted(used.items(), key=lambda entry: (-entry[1], entry[0]))
    ]
    return items(entries, class_="adv-sources")


def _figures(found: Sequence[Coefficient], case: Case) -> str:
    rows = [
        [
            tag("code", text(figure.name)) + (tag("small", text(figure.note)) if figure.note else ""),
            text(spread(figure)),
            text(unit_words(figure.unit)),
            "; ".join(source(key, case) for key in figure.sources),
            text(dated(figure.checked)),
            tag(
                "span",
                CONFIDENCE[figure.confidence.value],
                class_=f"adv-badge adv-{figure.confidence.value}",
            ),
        ]
        for figure in found
    ]
    columns = (
        say("Figure"),
        say("Value (80 % interval)"),
        say("Unit"),
        say("Source"),
        say("Checked"),
        say("Confidence"),
    )
    return grid(say("Figure by figure"), columns, rows, class_="adv-evidence")


def spread(figure: Coefficient) -> str:
    """A figure with its range, without its unit."""
    if figure.low == figure.high:
        return _small(figure.central)
    return say(
        "{central} ({low} – {high})",
        central=_small(figure.central),
        low=_small(figure.low),
        high=_small(figure.high),
    )


def with_unit(figure: Coefficient) -> str:
    """A figure with its range and its unit."""
    return joined(" ", (spread(figure), unit_words(figure.unit)))


def _small(value: float) -> str:
    return number(value) if value == 0 or abs(value) >= 1e-6 else numeral(value, ".3g")


def source(key: str, case: Case) -> str:
    """A source as a link with who published it and when."""
    source = case.catalogue.sources.get(key)
    if source is None:
        return text({"assumption": say("our assumption"), "override": say("your own value")}.get(key, key))
    return link(source.url, source.title) + text(f" ({source.publisher}, {source.year})")


def assumptions(scenario: Scenario, paths: Iterable[str] | None = None) -> str:
    """Inputs nobody has confirmed: defaults, and values of the template. ``paths`` narrows them."""
    wanted, began, rows = None if paths is None else set(paths), origin(scenario), []
    whose = {"default": say("default"), "template": say("template")}
    for path in inputs():
        state = whose.get(began.state(scenario, path))
        if state and (wanted is None or path in wanted):
            title, unit = field_at(Scenario, path)
            said = (say(title), in_words(value_at(scenario, path)), unit_words(unit), state)
            rows.append([*map(text, said), tag("code", text(path))])
    note = say("Set one in the scenario file or with a control, and it counts as yours.")
    return (
        grid(
            say("Inputs nobody has confirmed"),
            (say("Input"), say("Value"), say("Unit"), say("Whose"), say("Path")),
            rows,
            note,
        )
        if rows
        else ""
    )
