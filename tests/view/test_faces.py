"""What a face says, that it escapes, and that it repeats itself exactly."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from advisor.core.draws import central, summary
from advisor.core.exhibits import Bars
from advisor.core.wording import amount
from advisor.scenario import STEP_NAMES, with_values
from advisor.view import app_screens, printed_report
from advisor.view.bands import range_in
from advisor.view.faces import main_chart, render, styled
from advisor.view.plan import render_overview, render_plan, waterfall
from advisor.view.tables import as_csv, between, ruled_out
from advisor.view.texts import CARDS, STEP_TITLES
from tests.view.conftest import NASTY, quick_decide

VOID = {"meta", "br", "link", "input", "img"}


class Strict(HTMLParser):
    """Fails on elements left open, closed twice or ids given twice."""

    def __init__(self):
        super().__init__()
        self.open, self.ids, self.text = [], [], []

    def handle_starttag(self, tag, attrs):
        self.ids += [value for name, value in attrs if name == "id"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.ids += [value for name, value in attrs if name == "id"]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def parsed(html):
    parser = Strict()
    parser.feed(html)
    assert parser.open == []
    assert len(parser.ids) == len(set(parser.ids))
    return " ".join(" ".join(parser.text).split())


def test_a_face_is_well_formed_and_says_choice_chance_runner_up_and_flip(decision, case):
    said = parsed(render(decision, case))
    assert "The small model answers for a tenth of the carbon." in said
    assert "Small model" in said
    assert "very likely the best, 93 %" in said
    assert "Runner-up: Large" in said
    assert "10,000 → 21,000 (2.1×)" in said
    assert "The price is old." in said


def test_where_nothing_else_passes_that_is_said_and_no_chance(decision, case):
    """Best of one in every draw tells nothing: it is the only one that there is to take."""
    alone = replace(decision, runner_up=None, confidence=1.0)
    for said in (parsed(render(alone, case)), parsed(app_screens.answer(alone, case))):
        assert "the only option that passes" in said.lower()
        assert "100 %" not in said
        assert "certain" not in said


def test_the_figures_shown_are_those_of_the_choice(decision, case):
    html = render(decision, case)
    for footprint in (decision.choice.year, decision.choice.accepted):
        for indicator, unit in (("carbon", "kgCO2e"), ("energy", "kWh"), ("water", "L"), ("cost", "USD")):
            low, middle, high = summary(footprint[indicator])
            assert middle == central(footprint[indicator])
            assert amount(middle, unit) in html
            assert between(low, high, unit) in html


def test_an_equivalence_stands_beside_the_unit_with_its_source(decision, case):
    html = render(decision, case)
    # 0.2 kg a km: the central carbon of a year times five is the distance
    kilometres = central(decision.choice.year["carbon"]) / 0.2
    assert f"≈ {amount(kilometres, '')} km by car" in html
    assert 'href="https://road.example/cars"' in html


def test_everything_from_a_file_is_escaped(decision, five, case):
    for html in (
        render(decision, case), render_plan([decision], case), render_overview([decision], case),
        render_plan(five, case), render_overview(five, case),
    ):  # fmt: skip
        assert NASTY not in html
        assert "<script" not in html
        assert "&lt;script&gt;" in html


def test_the_same_decision_gives_the_same_bytes(decision, case):
    from advisor.view import charts

    first = render(decision, case)
    charts._kept.clear()
    assert render(decision, case) == first


def test_options_ruled_out_stay_visible_with_rule_and_remedy(decision, case):
    said = parsed(render(decision, case))
    assert "Ruled out (2 of 4)" in said
    assert "Residency: 2" in said
    assert "by this rule alone" not in said  # what else an option would fail is looked at where none passes
    assert "To bring back: allow the US" in said
    assert "needs the EU, has US only; also quality floor" in said


def test_every_source_is_linked_and_assumptions_are_flagged(decision, case):
    html = render(decision, case)
    assert '<a href="https://grid.example/mix" rel="noopener noreferrer">Grid &amp; mix</a>' in html
    assert "our assumption" in html
    assert 'class="adv-badge adv-assumed"' in html
    assert "2026-11-01" in html


def test_an_untouched_default_is_listed_until_it_is_set(decision, case, catalogue):
    from advisor.view.tables import assumptions

    assert "Requests per day" in assumptions(case.given)
    owned = with_values(case.given, {"workload.requests_per_day": 5})
    assert "Requests per day" not in assumptions(owned)


def test_no_choice_says_what_to_relax(decision, case):
    fallen = tuple(option for option in decision.options if not option.eligible)
    none = replace(decision, options=fallen, choice=None, runner_up=None, headline="", confidence=0.0)
    said = parsed(render(none, case))
    assert "No option passes every gate." in said
    assert "All 2 options fall to a rule." in said
    assert "To bring back: allow the US" in said


def test_one_option_that_falls_is_told_as_one(decision, case):
    fallen = tuple(option for option in decision.options if option.key == "weak")
    none = replace(decision, options=fallen, choice=None, runner_up=None, headline="", confidence=0.0)
    said = parsed(render(none, case))
    assert "The one option falls to a rule." in said
    assert "One of them is told of under another rule, which it fails too." in said


def test_unknown_figures_are_called_unknown(decision, case):
    assert "unknown" in parsed(render(decision, case))


def test_details_can_be_left_for_later(decision, case):
    quick, full = render(decision, case, details=False), render(decision, case)
    assert "<details" not in quick
    assert full.startswith(quick.removesuffix("</article>"))


def test_without_exhibits_the_best_options_are_drawn(decision, case):
    chart = main_chart(replace(decision, show=lambda: ((), frozenset())), case)
    assert chart.bars[0] == "Small model"
    total = sum(part[0] for part in chart.values)
    assert total == pytest.approx(central(decision.choice.year["carbon"]))


def test_files_travel_inside_the_page(decision, case):
    html = render(decision, case)
    assert 'download="policy.json"' in html
    assert 'href="data:application/json;base64,eyJydWxlcyI6IFtdfQ=="' in html


def test_nothing_is_asked_of_the_network(decision, case):
    page = styled(render(decision, case), render_plan([decision], case))
    assert not re.search(r'(src|srcset|xlink:href)="(?!#|data:)', page)
    assert "@import" not in page
    assert "url(http" not in page


@pytest.fixture
def five(decision, case):
    """All five steps: the model decided by hand, the others at once on it."""
    settled, taken = {"foundation_model": decision.choice.plan.model}, [decision]
    for name in STEP_NAMES[1:]:
        taken.append(quick_decide(name, case, settled, flips=False))
        settled[name] = taken[-1].choice.plan.of(name)
    return taken


def rows_of(html, title):
    """Cells of the table of that caption, row by row, as text."""
    table = next(part for part in html.split("<table")[1:] if f"<caption>{title}" in part)
    body = table.split("<tbody>")[1].split("</tbody>")[0]
    return [
        [parsed(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)]
        for row in re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)
    ]


def test_the_plan_lists_the_guidance(five, case):
    said = parsed(render_plan(five, case))
    titles = ", ".join(STEP_TITLES.values())
    assert re.search(rf"A04 a small model \d+ of the \d+ models that pass .* answer {titles}", said)
    assert re.search(r"B28 safety open: nobody named yet, \d{4}-\d\d-\d\d: .* sign-off", said)


def test_without_all_five_there_is_no_plan_to_add_up(decision, case):
    html = render_plan([decision], case)
    assert "the plan stops" in parsed(html)
    assert "adv-cards" not in html
    assert "<caption>The bill of a year" not in html


def test_the_plan_adds_up_by_step_by_phase_and_by_line(five, case):
    """10,000 requests a day at 0.0002 kWh and 20 g/kWh, and 0.04 kg a month of the store.

    A request of 1,000 tokens: 3.65 million a year take 730 kWh, 14.6 kg and 0.73 kg embodied, $3,650,
    803 L and 7.3 g of waste; the store takes 24 kWh, 0.48 kg and $36.
    """
    plan = five[-1].choice
    html = render_plan(five, case)
    assert central(plan.year["carbon"]) == pytest.approx(14.6 + 0.73 + 0.48)
    whole = {name: amount(central(plan.year[name]), unit) for name, (_, unit) in CARDS.items()}
    assert whole["carbon"] == amount(15.81, "kgCO2e")
    assert whole["cost"] == amount(3_686, "USD")
    store, answers = (
        {name: amount(value, CARDS[name][1]) for name, value in each.items()}
        for each in (
            {"carbon": 0.48, "energy": 24, "water": 0, "ewaste": 0, "cost": 36},
            {"carbon": 15.33, "energy": 730, "water": 803, "ewaste": 0.0073, "cost": 3_650},
        )
    )
    by_step = {row[0]: row[3:] for row in rows_of(html, "Five decisions")}
    assert list(by_step) == [*STEP_TITLES.values(), "The plan"]
    assert by_step["Operations"][0].startswith(answers["carbon"])  # the last step's option is the plan
    assert by_step["Data storage"][1].startswith(store["cost"])
    assert by_step["The plan"][0].startswith(whole["carbon"])
    by_phase = rows_of(html, "A year by phase")
    assert [row[1].startswith(said) for row, said in zip(
        by_phase, (amount(0, "kgCO2e"), store["carbon"], answers["carbon"]), strict=True
    )] == [True, True, True]  # fmt: skip
    lines = rows_of(html, "The bill of a year")
    assert [row[3:] for row in lines] == [
        list(answers.values()), list(store.values()), [whole[name] for name in CARDS],
    ]  # fmt: skip
    assert lines[0][:3] == ["managed tokens: answers", "global", "1 request a request"]
    assert lines[1][2] == "10 GB a month"


def test_the_waterfall_ends_on_the_plans_figure(five, case):
    plan = five[-1].choice
    drawn = waterfall(plan)
    assert drawn.bars == tuple(STEP_TITLES.values())
    assert sum(drawn.values) == pytest.approx(central(plan.year["carbon"]))
    assert all(value >= 0 for value in drawn.values)
    html = render_plan(five, case)
    assert 'download="plan.csv"' in html
    assert as_csv(drawn).splitlines()[-1] == f"The plan,{sum(drawn.values)}"


def test_a_recorded_choice_is_shown_with_who_and_why(decision, case, catalogue):
    from advisor.system.case import Case

    recorded = with_values(
        case.given,
        {
            "decisions.foundation_model": {
                "choice": "large",
                "by": "Ada",
                "reason": "tested <b>",
                "on": "2026-11-20",
            }
        },
    )
    html = render(decision, Case(recorded, catalogue, case.size))
    assert "Recorded by Ada: Large" in html
    assert "tested &lt;b&gt;" in html


def test_a_rule_counts_every_option_that_fails_it_on_every_page(decision, case):
    """Of four options two fail residency and one of these the quality floor too: 2 and 1."""
    assert [(one.rule, len(one.fallen)) for one in decision.struck] == [("residency", 2), ("quality", 1)]
    assert "Quality floor: 1" in parsed(ruled_out(decision))
    page = parsed(printed_report.step_page(decision, case))
    table = next(part for part in page.split("Ruled out: ") if part.startswith("2 of 4"))
    assert re.search(r"Residency 2 .*Quality floor 1 ", table)


def test_only_bars_that_are_options_are_cut_to_the_best(decision, case):
    months = Bars(
        "m", "By month", "TB", tuple(map(str, range(13))), ("hot",), (tuple(map(float, range(13))),)
    )
    kept = replace(decision, show=lambda: ((months,), frozenset()))
    assert "The best 6 of" not in printed_report.step_page(kept, case)
    options = tuple(option.title for option in decision.ranked)
    bars = (*options, *(f"other {place}" for place in range(8)))
    named = replace(months, bars=bars, values=(tuple(range(len(bars))),))
    shown = replace(decision, show=lambda: ((named,), frozenset()))
    assert f"The best 6 of {len(bars)}" in printed_report.step_page(shown, case)


def test_the_plan_tells_a_warning_once_with_the_steps_it_holds_for(five, case):
    old = ("49 prices were last checked long ago.", "One of its own.")
    warned = [replace(one, warnings=old if place else old[:1]) for place, one in enumerate(five)]
    said = parsed(render_plan(warned, case))
    assert "Warnings (2)" in said
    assert said.count("last checked long ago") == 1
    assert f"{', '.join(STEP_TITLES.values())}: 49 prices" in said


def test_only_what_is_one_figure_has_no_spread() -> None:
    """10.455 and 10.533 million are both told as 10.5, 0.078 of 10.533 apart: 0.7 %."""
    assert between(10.455e6, 10.533e6, "USD") == "spread under 1 %"
    assert range_in(10.455e6, 10.5e6, 10.533e6, "USD") == "spread under 1 %"
    assert between(0.101, 0.1041, "USD") == "spread 3 %"  # in cents: 0.0031 of 0.1041
    assert between(2.0, 2.0, "kWh") == range_in(2.0, 2.0, 2.0, "kWh") == "no spread"
    assert between(0.3, 0.1 + 0.2, "kWh") == "no spread"
    assert between(1.0, 2.0, "kWh") == "1 – 2 kWh"
