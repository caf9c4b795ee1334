"""A participant's own figure: taken with owner and reason, kept, shown, and given back."""

from __future__ import annotations

import pytest

from advisor.catalogue.translations import language
from advisor.core.saying import speaking
from advisor.outputs.plan_json import plan_json
from advisor.scenario import load_scenario
from advisor.steps import run
from advisor.view.faces import render
from advisor.view.session import Session
from advisor.view.widgets.panel import Panel
from advisor.view.workspace import find

FIGURE = "regions.swedencentral.average_intensity"
pytestmark = pytest.mark.usefixtures("workspace")


@pytest.fixture
def panel():
    made = Panel(Session("contact_centre"), "deployment")
    made.figures.button.click()
    return made


def take(panel, low, central, high, owner="Grid desk", reason="our supplier's own mix"):
    figures = panel.figures
    figures.figure.value = FIGURE
    for part, typed in (("low", low), ("central", central), ("high", high)):
        figures.ends[part].value = typed
    figures.owner.value, figures.reason.value = owner, reason
    figures.use.click()


def test_the_figures_offered_are_those_the_decision_used(panel):
    assert FIGURE in panel.figures.figure.options
    assert set(panel.figures.figure.options) == panel.session.with_flips("deployment").evidence


def test_what_is_offered_is_collected_once_the_form_is_open_and_follows_a_change():
    panel = Panel(Session("contact_centre"), "deployment")
    assert panel.figures.figure.options == ()
    panel.figures.button.click()
    first = panel.figures.figure.options
    panel.session.change({"constraints.residency": "us"})
    assert set(panel.figures.figure.options) == panel.session.decision("deployment").evidence != set(first)


def test_an_own_figure_survives_save_and_reload_and_is_shown_as_such(panel, workspace):
    take(panel, "5.0", "6.0", "7.0")
    assert panel.alert.value == ""
    saved = load_scenario(workspace / "contact_centre.yaml")
    assert saved.overrides[FIGURE].central == 6.0
    assert saved.overrides[FIGURE].owner == "Grid desk"
    again = Session(str(workspace / "contact_centre.yaml"))
    assert again.case.central(FIGURE, "g/kWh") == 6.0
    page = render(again.decision("deployment"), again.case)
    assert "Grid desk" in page
    assert "supplier" in page
    assert '"our supplier\'s own mix"' in plan_json(again.case, run(again.case, flips=False))


def test_an_own_figure_changes_the_answer_and_giving_it_back_restores_it(panel):
    before = panel.session.decision("deployment")
    shipped = panel.session.case.central(FIGURE, "g/kWh")
    take(panel, "900.0", "950.0", "999.0")
    assert panel.session.case.central(FIGURE, "g/kWh") == 950.0
    panel.figures.give_back.click()
    assert panel.session.case.central(FIGURE, "g/kWh") == shipped
    assert panel.session.scenario.overrides == {}
    assert panel.session.decision("deployment").p_best == before.p_best


def test_a_figure_is_shown_and_typed_as_the_language_writes_it(panel):
    with speaking(language("de")):
        panel.figures.figure.value = FIGURE
        shown = panel.figures.ends["central"].value
        assert float(shown.replace(",", ".")) == panel.session.case.catalogue.coefficient(FIGURE).central
        take(panel, "5,5", "6,5", "1.007,5")
        assert panel.alert.value == ""
    own = panel.session.scenario.overrides[FIGURE]
    assert (own.low, own.central, own.high) == (5.5, 6.5, 1007.5)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"low": "9", "central": "6", "high": "7"}, "low"),
        ({"low": "5", "central": "6", "high": "7", "owner": ""}, "owner"),
        ({"low": "5", "central": "6", "high": "7", "reason": ""}, "reason"),
        ({"low": "nan", "central": "6", "high": "7"}, "a number"),
    ],
)
def test_what_will_not_do_is_refused_and_nothing_changes(panel, workspace, change, told):
    take(panel, **change)
    assert 'role="alert"' in panel.alert.value
    assert told in panel.alert.value
    assert panel.session.scenario.overrides == {}
    assert not (workspace / "contact_centre.yaml").exists()


def test_no_figure_chosen_is_told(panel):
    panel.figures.use.click()
    assert "No figure is chosen" in panel.alert.value or "one of those listed" in panel.alert.value


def test_templates_are_never_written_to(panel):
    before = find("contact_centre").read_bytes()
    take(panel, "5.0", "6.0", "7.0")
    from advisor.system.opening import template

    assert template("contact_centre").read_bytes() == before
