"""What a face says, that it escapes, and that it repeats itself exactly."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from advisor.decide.comparing import accepted, yearly

from advisor.core.draws import summary
from advisor.core.wording import amount
from advisor.scenario import with_values
from advisor.view.faces import main_chart, render, styled
from advisor.view.plan import render_overview, render_plan
from advisor.view.tables import between
from tests.view.conftest import NASTY

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
    assert "very likely the best (93 %)" in said
    assert "Runner-up: Large" in said
    assert "10,000 → 21,000 (2.1×)" in said
    assert "The price is old." in said


def test_the_figures_shown_are_those_of_the_choice(decision, case):
    html = render(decision, case)
    for footprint in (yearly(decision.choice, case), accepted(decision.choice, case)):
        for indicator, unit in (("carbon", "kgCO2e"), ("energy", "kWh"), ("water", "L"), ("cost", "USD")):
            low, median, high = summary(footprint[indicator])
            assert amount(median, unit) in html
            assert between(low, high, unit) in html


def test_an_equivalence_stands_beside_the_unit_with_its_source(decision, case):
    html = render(decision, case)
    # 0.2 kg a km: the median carbon of a year times five is the distance
    kilometres = float(np.median(yearly(decision.choice, case)["carbon"])) / 0.2
    assert f"≈ {amount(kilometres, '')} km by car" in html
    assert 'href="https://road.example/cars"' in html


def test_everything_from_a_file_is_escaped(decision, case):
    for html in (render(decision, case), render_plan([decision], case), render_overview([decision], case)):
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
    assert "Residency: 2 (1 by this rule alone)" in said
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

    assert "Requests per day" in assumptions(case.scenario)
    owned = with_values(case.scenario, {"workload.requests_per_day": 5})
    assert "Requests per day" not in assumptions(owned)


def test_no_choice_says_what_to_relax(decision, case):
    fallen = tuple(option for option in decision.options if not option.eligible)
    none = replace(decision, options=fallen, choice=None, runner_up=None, headline="", confidence=0.0)
    said = parsed(render(none, case))
    assert "No option passes every gate." in said
    assert "All 2 options fall to a rule." in said
    assert "To bring back: allow the US" in said


def test_unknown_figures_are_called_unknown(decision, case):
    assert "unknown" in parsed(render(decision, case))


def test_details_can_be_left_for_later(decision, case):
    quick, full = render(decision, case, details=False), render(decision, case)
    assert "<details" not in quick
    assert full.startswith(quick.removesuffix("</article>"))


def test_without_exhibits_the_best_options_are_drawn(decision, case):
    chart = main_chart(replace(decision, exhibits=()), case)
    assert chart.bars[0] == "Small model"
    total = sum(part[0] for part in chart.values)
    assert total == pytest.approx(float(yearly(decision.choice, case)["carbon"].mean()))


def test_files_travel_inside_the_page(decision, case):
    html = render(decision, case)
    assert 'download="policy.json"' in html
    assert 'href="data:application/json;base64,eyJydWxlcyI6IFtdfQ=="' in html


def test_nothing_is_asked_of_the_network(decision, case):
    page = styled(render(decision, case), render_plan([decision], case))
    assert not re.search(r'(src|srcset|xlink:href)="(?!#|data:)', page)
    assert "@import" not in page
    assert "url(http" not in page


def test_the_plan_adds_up_and_lists_the_guidance(decision, case):
    from advisor.outputs.plan_json import plan_total

    html = render_plan([decision], case)
    said = parsed(html)
    assert amount(summary(plan_total(case, [decision])["carbon"])[1], "kgCO2e") in html
    assert "A04 a small model Foundation model" in said
    assert "sign-off" in said


def test_a_recorded_choice_is_shown_with_who_and_why(decision, case, catalogue):
    from advisor.system.case import Case

    recorded = with_values(
        case.scenario,
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
