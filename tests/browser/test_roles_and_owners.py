"""A group in the app: weights entered unseen and shown together, names put to inputs, milestones."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PATIENCE
from tests.browser.test_app import settled

pytestmark = pytest.mark.browser


def weigh(page, role, **weights):
    page.get_by_label("Role").fill(role)
    for name, weight in weights.items():
        page.get_by_label(f"Weight of {name}").fill(weight)
    page.get_by_role("button", name="Enter, unseen").click()


def milestones(page, address):
    page.goto(address + "milestones")
    page.get_by_label("Name").fill("<b>before</b>")
    page.get_by_role("button", name="Save a milestone").click()
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text("One milestone", timeout=PATIENCE)
    expect(page.get_by_label("Name")).to_have_value("")
    page.goto(address + "operations")
    box = page.get_by_label("Answers judged per run", exact=True)
    was = box.input_value()
    box.fill("777")
    box.press("Enter")
    expect(page.locator("#said")).to_contain_text("777", timeout=PATIENCE)
    page.goto(address + "milestones")
    page.get_by_role("button", name="Show what changed").click()
    expect(heading).to_contain_text("1 input", timeout=PATIENCE)
    row = page.locator("#answer tr").filter(has_text="Answers judged per run")
    expect(row).to_contain_text("777")
    expect(row).to_contain_text(was)
    page.get_by_role("button", name="Go back to it").click()
    expect(page.locator("#said")).to_contain_text("Back at: <b>before</b>", timeout=PATIENCE)
    expect(page.locator("#answer")).to_contain_text("nothing", timeout=PATIENCE)
    page.get_by_role("button", name="Forget it").click()
    expect(heading).to_have_text("No milestone yet", timeout=PATIENCE)


def test_roles_enter_unseen_a_name_confirms_and_a_milestone_is_gone_back_to(page, address):
    page.goto(address + "priorities")
    show = page.get_by_role("button", name="Show them all")
    expect(show).to_be_disabled()
    weigh(page, "nobody", cost="much")
    expect(page.get_by_role("alert")).to_contain_text("weights are numbers")
    weigh(page, "sponsor", cost="7")
    weigh(page, "<b>engineer</b>", carbon="9", quality="1")
    expect(page.locator("[data-roles]")).to_contain_text("sponsor, <b>engineer</b>")
    assert "7" not in page.locator("#answer").inner_text()
    show.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("survive", timeout=PATIENCE)
    settled(page)
    said = page.locator("#answer").inner_text()
    assert "Cost: from 0 % to 100 %" in said
    assert "Shared plan" in said
    assert page.locator("#answer b").count() == 0

    page.goto(address + "owners")
    page.get_by_label("Input", exact=True).select_option("workload.requests_per_day")
    page.get_by_label("Who answers for it").fill("Ada")
    page.get_by_label("By when (optional)").fill("2027-03-31")
    before = page.get_by_role("heading", level=1).inner_text()
    page.get_by_role("button", name="Put the name to it").click()
    row = page.locator("#answer tr").filter(has_text="2027-03-31")
    expect(row).to_contain_text("Ada", timeout=PATIENCE)
    expect(row).to_contain_text("confirmed")
    assert page.get_by_role("heading", level=1).inner_text() != before
    page.get_by_role("button", name="Undo").click()
    expect(row).to_have_count(0, timeout=PATIENCE)

    milestones(page, address)
    assert page.strangers == []
    assert page.errors == []
