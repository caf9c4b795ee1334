"""The web app in a real browser: one path as a visitor walks it, and what each screen holds."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import FIRST_VIEW, PATIENCE, serving, violations

pytestmark = pytest.mark.browser

STEPS = ("foundation_model", "improvement", "deployment", "data_storage", "operations")
MOST_NUMBERS, MOST_WORDS = 40, 150
BEFORE = "cell => getComputedStyle(cell, '::before').content"
UNNAMED = """() => [...document.querySelectorAll('input, select, textarea, button')].filter(e =>
    e.checkVisibility() && !(e.labels && e.labels.length && e.labels[0].innerText.trim())
    && !e.innerText.trim() && !e.title && !e.ariaLabel).map(e => e.outerHTML.slice(0, 200))"""
SIDEWAYS = """() => [...document.querySelectorAll('main *')].filter(e => e.checkVisibility()
    && !e.closest('svg, thead') && e.getBoundingClientRect().right > innerWidth + 1)
    .map(e => e.outerHTML.slice(0, 200)).slice(0, 3)"""


@pytest.fixture
def app(page, address):
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Contact-centre assistant")
    yield page
    assert page.strangers == []
    assert page.errors == []


def go(page, name):
    page.get_by_role("navigation", name="Steps").get_by_role("link", name=name).click()
    expect(
        page.locator(f"main [aria-label=Answer], main[data-page={name.lower().replace(' ', '_')}]").first
    ).to_be_visible()
    settled(page)


def settled(page):
    expect(page.locator(".app-waiting")).to_have_count(0, timeout=PATIENCE)


def test_a_whole_workshop_from_template_to_report(app, tmp_path):
    settled(app)
    app.get_by_label("Start from a template").select_option(label="Legal document Q&A, Lindqvist Moreau")
    app.get_by_role("button", name="Open it").click()
    expect(app.get_by_role("heading", level=1)).to_contain_text("Legal document Q&A", timeout=PATIENCE)

    for title, label, typed in (
        ("Foundation model", "Output tokens per request", "350"),
        ("Improvement", "Context added by retrieval (tokens)", "3,000"),
        ("Deployment", "Requests per day", "9,000"),
        ("Data storage", "Planned for (years)", "5"),
        ("Operations", "Evaluation runs per month", "8"),
    ):
        app.get_by_role("navigation", name="Steps").get_by_role("link", name=title).click()
        expect(app.locator(f"main[data-page={title.lower().replace(' ', '_')}]")).to_be_visible(
            timeout=PATIENCE
        )
        before = app.locator("[data-part=answer]").inner_text()
        box = app.get_by_label(label, exact=True)
        box.fill(typed)
        box.press("Enter")
        expect(app.locator("#said")).to_contain_text(f"→ {typed}", timeout=PATIENCE)
        assert app.locator("[data-part=answer]").inner_text() != before
        expect(box).to_be_focused()
        app.get_by_role("heading", name="Record").click()
        app.get_by_label("Taken by").fill("Ada")
        app.get_by_role("button", name="Record this decision").click()
        expect(app.locator("[data-part=answer]")).to_contain_text("Recorded by Ada", timeout=PATIENCE)

    app.get_by_role("navigation", name="Steps").get_by_role("link", name="Plan").click()
    expect(app.get_by_role("heading", level=1)).to_contain_text("5 of 5 decisions recorded", timeout=PATIENCE)
    with app.expect_download() as saving:
        app.get_by_role("link", name="Save").click()
    saved = tmp_path / saving.value.suggested_filename
    saving.value.save_as(saved)
    assert saved.read_text(encoding="utf-8").count("by: Ada") == 5
    with app.expect_download(timeout=PATIENCE) as reporting:
        app.get_by_role("button", name="Report").click()
    assert reporting.value.suggested_filename.endswith("-report.html")
    plan = app.locator("[data-part=answer]").inner_text()

    other = app.context.browser.new_context()  # somebody else, with nothing but the file
    fresh = other.new_page()
    fresh.goto(app.url.removesuffix("plan"))
    fresh.get_by_label("Or bring your own scenario").set_input_files(saved)
    expect(fresh.get_by_role("heading", level=1)).to_contain_text("Legal document Q&A", timeout=PATIENCE)
    fresh.get_by_role("navigation", name="Steps").get_by_role("link", name="Plan").click()
    expect(fresh.get_by_role("heading", level=1)).to_contain_text(
        "5 of 5 decisions recorded", timeout=PATIENCE
    )
    assert fresh.locator("[data-part=answer]").inner_text() == plan
    other.close()


def test_what_is_offered_to_record_is_the_answer_until_somebody_chooses(app):
    """The form stays as it is through a change: it offered the choice of before under the new answer."""
    go(app, "Foundation model")
    app.get_by_role("heading", name="Record").click()
    offered, answer = (
        app.locator("#f-choice option:checked"),
        app.locator("[data-part=answer]").get_by_role("heading"),
    )
    expect(offered).to_have_text(answer.first.inner_text().rstrip("."))
    before = offered.inner_text()
    floor = app.get_by_label("Least share of answers accepted", exact=True)
    floor.fill("0.83")
    floor.press("Enter")
    expect(answer.first).not_to_have_text(f"{before}.", timeout=PATIENCE)
    settled(app)
    expect(offered).to_have_text(answer.first.inner_text().rstrip("."))
    app.get_by_label("Take", exact=True).select_option(index=1)
    chosen = offered.inner_text()
    floor.fill("0.82")
    floor.press("Enter")
    expect(app.locator("#said")).to_contain_text("→ 0.82", timeout=PATIENCE)
    settled(app)
    expect(offered).to_have_text(chosen)


def test_a_refused_value_is_told_at_its_field_with_the_one_that_stays(app):
    go(app, "Deployment")
    box = app.get_by_label("Requests per day", exact=True)
    box.fill("71,000")
    box.press("Enter")
    expect(app.locator("#said")).to_contain_text("42,000 → 71,000", timeout=PATIENCE)
    box.fill("-5")
    box.press("Enter")
    row = app.locator("[data-field='workload.requests_per_day']")
    expect(row.get_by_role("alert")).to_contain_text("at least 1", timeout=PATIENCE)
    expect(box).to_have_attribute("aria-invalid", "true")
    assert row.get_by_role("alert").bounding_box()["y"] < 720
    row.get_by_role("button", name="Keep 71,000").click()
    expect(box).to_have_value("71,000")
    expect(box).to_be_focused()
    expect(row.get_by_role("alert")).to_be_hidden()
    app.get_by_role("button", name="Undo").click()
    expect(box).to_have_value("42,000", timeout=PATIENCE)
    app.get_by_role("button", name="Redo").click()
    expect(box).to_have_value("71,000", timeout=PATIENCE)
    app.get_by_role("button", name="Replay").click()
    expect(app.locator("#said")).to_contain_text("Before: Requests per day: 42,000", timeout=PATIENCE)
    expect(app.locator("#said")).to_contain_text("After:", timeout=PATIENCE)
    app.get_by_role("button", name="Reset to the default: Requests per day").click()
    expect(box).to_have_value("10,000", timeout=PATIENCE)


def test_folds_focus_and_scroll_stay_when_the_answer_changes(app):
    go(app, "Operations")
    app.get_by_role("heading", name="Options compared").click()
    expect(app.locator("[data-part=fold-compared] table")).to_be_visible(timeout=PATIENCE)
    box = app.get_by_label("Evaluation runs per month", exact=True)
    box.fill("12")
    app.evaluate("scrollTo(0, 160)")
    box.evaluate("box => box.dispatchEvent(new Event('change', {bubbles: true}))")
    expect(app.locator("#said")).to_contain_text("4 → 12", timeout=PATIENCE)
    settled(app)
    assert abs(app.evaluate("scrollY") - 160) <= 5  # a line above may have changed its length
    expect(box).to_be_focused()
    assert app.locator("details[data-fold=compared]").get_attribute("open") is not None
    expect(app.locator("[data-part=fold-compared] table")).to_be_visible()


def test_old_content_stays_greyed_until_its_successor_is_there(app):
    go(app, "Deployment")
    flips = app.locator("[data-part=flips]")
    said = flips.inner_text()
    assert "→" in said
    box = app.get_by_label("Requests per day", exact=True)
    box.fill("43,000")
    box.press("Enter")
    expect(flips).to_have_class(re.compile("app-waiting"))
    assert flips.inner_text() == said  # never a word that there is none while it is still sought
    box.fill("44,000")
    box.press("Enter")
    expect(app.locator("#said")).to_contain_text("→ 44,000", timeout=PATIENCE)
    settled(app)
    expect(flips).to_contain_text("What would change it")


@pytest.mark.parametrize("page_name", ["", *STEPS, "plan"])
def test_the_first_view_is_short_and_holds_the_answer(app, address, page_name):
    app.goto(address + page_name)
    settled(app)
    later = {"plan": "next", **dict.fromkeys(STEPS, "flips")}.get(page_name)
    if later:
        expect(app.locator(f"[data-part={later}]")).not_to_contain_text("…", timeout=PATIENCE)
        settled(app)
    said = app.locator("body").evaluate(FIRST_VIEW)
    assert len(re.findall(r"\d[\d,.]*", said)) <= MOST_NUMBERS, said
    assert len(re.findall(r"[^\W\d_]{2,}", said)) <= MOST_WORDS, said
    parts = {
        "": [".adv-answers"],
        "plan": [".adv-answers", ".adv-first li:last-child", ".adv-measure"],
    }.get(page_name, [".adv-bars", ".app-flips"])
    for part in ("h1", ".adv-strip", *parts):
        box = app.locator(part).first.bounding_box()
        assert box["y"] + box["height"] <= 720, part
    assert app.evaluate(UNNAMED) == []
    for wide, high in ((1440, 900), (1024, 768), (390, 844)):
        app.set_viewport_size({"width": wide, "height": high})
        assert app.evaluate("document.documentElement.scrollWidth") <= wide
        assert app.evaluate(SIDEWAYS) == []


def test_on_a_phone_the_inputs_are_one_line_above_the_answer_they_change(app, address):
    app.set_viewport_size({"width": 390, "height": 844})
    app.goto(address + "deployment")
    answer, inputs = app.locator("#answer").bounding_box(), app.locator("#inputs").bounding_box()
    assert app.locator("h1").bounding_box()["y"] < 300
    assert inputs["y"] + inputs["height"] < answer["y"]
    assert inputs["height"] < 50
    assert app.locator("#inputs").get_attribute("open") is None
    app.get_by_role("heading", name="Inputs", exact=True).click()
    expect(app.get_by_label("Requests per day", exact=True)).to_be_visible()


def test_on_a_phone_no_table_scrolls_sideways(app, address):
    """Rows become cards that repeat the names of their columns."""
    app.set_viewport_size({"width": 390, "height": 844})
    app.goto(address + "deployment")
    settled(app)
    for fold in ("costs", "compared", "exhibits", "evidence"):
        app.locator(f"details[data-fold={fold}] > summary").click()
        expect(app.locator(f"[data-part=fold-{fold}] table").first).to_be_visible(timeout=PATIENCE)
    assert app.locator("[data-part=fold-compared] td").first.evaluate(BEFORE) == '"Best in: "'
    assert app.evaluate(SIDEWAYS) == []


def test_the_path_by_keyboard(app):
    app.keyboard.press("Tab")
    expect(app.get_by_role("link", name="Skip to the answer")).to_be_focused()
    app.keyboard.press("Enter")
    expect(app.locator("#answer")).to_be_focused()
    app.get_by_role("link", name="Foundation model →").focus()
    app.keyboard.press("Enter")
    expect(app.locator("main[data-page=foundation_model]")).to_be_visible(timeout=PATIENCE)
    expect(app.locator("#answer")).to_be_focused()
    app.go_back()
    expect(app.locator("main[data-page=start]")).to_be_visible(timeout=PATIENCE)


def test_a_link_holds_the_scenario(app):
    go(app, "Deployment")
    box = app.get_by_label("Requests per day", exact=True)
    box.fill("55,000")
    box.press("Enter")
    expect(app.locator("#said")).to_contain_text("55,000", timeout=PATIENCE)
    app.get_by_role("button", name="Share").click()
    link = app.get_by_label("Link").input_value()
    app.get_by_role("button", name="Close").click()
    other = app.context.browser.new_context()
    fresh = other.new_page()
    fresh.goto(link)
    expect(fresh.get_by_label("Requests per day", exact=True)).to_have_value("55,000", timeout=PATIENCE)
    assert "#" not in fresh.url
    other.close()


def test_a_session_that_ended_leaves_its_last_answer_and_goes_on(app):
    go(app, "Deployment")
    box = app.get_by_label("Requests per day", exact=True)
    box.fill("61,000")
    box.press("Enter")
    expect(app.locator("#said")).to_contain_text("61,000", timeout=PATIENCE)
    settled(app)
    app.context.clear_cookies(name="advisor_session")
    box.fill("62,000")
    box.press("Enter")
    expect(app.locator("#trouble")).to_contain_text("Your place has ended", timeout=PATIENCE)
    assert app.locator(".adv-strip").is_visible()
    app.get_by_role("button", name="Go on with my scenario").click()
    expect(box).to_have_value("61,000", timeout=PATIENCE)
    app.errors.clear()  # the browser notes the refused request


def test_scripts_in_a_scenario_do_not_run(app, tmp_path):
    nasty = tmp_path / "nasty.yaml"
    nasty.write_text(
        'name: "<img src=x onerror=document.title=1>"\ndescription: "<script>alert(1)</script>"\ntask: chat\n'
        "constraints:\n  regions_allowed: [swedencentral]\n  models_compared: [gpt-4.1-mini, phi-4]\n"
    )
    app.get_by_label("Or bring your own scenario").set_input_files(nasty)
    expect(app.get_by_role("heading", level=1)).to_contain_text("<img src=x", timeout=PATIENCE)
    for name in ("Foundation model", "Plan"):
        app.get_by_role("navigation", name="Steps").get_by_role("link", name=name).click()
        expect(app.locator("#answer")).to_be_visible()
        settled(app)
    assert app.locator("main img").count() == 0
    assert app.title() != "1"


def test_who_finds_it_full_sees_a_place_in_line_and_is_let_in(browser, tmp_path):
    with serving(["app", "--port", "0", "--sessions", "1"], tmp_path) as address:
        contexts = [browser.new_context() for _ in range(2)]
        one, two = (context.new_page() for context in contexts)
        with one.expect_response("**/session"):
            one.goto(address)
        expect(one.get_by_role("heading", level=1)).to_contain_text("Contact-centre")
        two.goto(address)
        expect(two.get_by_role("heading", level=1)).to_contain_text("Every place is taken")
        expect(two.locator("#place")).to_contain_text("You are next in line")
        assert violations(two) == []
        one.close(run_before_unload=True)
        expect(two.get_by_role("heading", level=1)).to_contain_text("Contact-centre", timeout=PATIENCE)
        for context in contexts:
            context.close()
