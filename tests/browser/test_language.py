"""The app in another language, as a visitor chooses it; and the same in a workshop's notebooks."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PATIENCE, serving, visit
from tests.browser.test_app import SIDEWAYS, UNNAMED, settled
from tests.browser.test_workshop import KILL, OPEN, here

pytestmark = pytest.mark.browser

VOLUME = "[data-path='workload.requests_per_day']"
# a number whose thousands English would set apart
ENGLISH = re.compile(r"(?<![\d.,])[1-9]\d{0,2},\d{3}\b")


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with serving(["app", "--port", "0", "--base-url", "/x/"], tmp_path_factory.mktemp("app")) as found:
        yield found


def speak(page, name):
    page.locator("#language").select_option(label=name)
    expect(page.locator("html")).to_have_attribute("lang", {"Deutsch": "de", "English": "en"}[name])
    settled(page)


def test_a_visitor_changes_the_language_on_a_step_and_goes_on_in_it(page, address):
    page.goto(address + "deployment")
    expect(page.locator("h1")).to_be_visible()
    settled(page)
    expect(page.get_by_label("Language")).to_have_value("en")
    page.get_by_role("heading", name="Options compared").click()
    expect(page.locator("[data-part=fold-compared] table")).to_be_visible(timeout=PATIENCE)
    english = page.locator("h1").inner_text()

    page.get_by_label("Language").focus()
    page.keyboard.press("ArrowDown")  # by keyboard alone
    expect(page.locator("html")).to_have_attribute("lang", "de", timeout=PATIENCE)
    settled(page)
    expect(page.get_by_label("Sprache")).to_be_focused()
    expect(page.locator("h1")).not_to_have_text(english)
    expect(page.get_by_role("navigation", name="Schritte")).to_be_visible()
    expect(page.get_by_role("heading", name="Eingaben", exact=True)).to_be_visible()
    expect(page.locator("[data-fold=compared]")).to_have_attribute("open", "")
    expect(page.locator(VOLUME)).to_have_value("42.000")
    expect(page.locator("[data-part=flips]")).not_to_contain_text("…", timeout=PATIENCE)

    page.locator(VOLUME).fill("43.000")
    page.locator(VOLUME).press("Enter")
    expect(page.locator("#said")).to_contain_text("42.000 → 43.000", timeout=PATIENCE)
    expect(page.locator("#said")).to_contain_text("Antwort:")
    settled(page)
    expect(page.locator(".adv-strip")).to_contain_text(re.compile(r"\d\.\d{3}\b"))
    assert not ENGLISH.search(page.locator("main").inner_text())
    page.locator(VOLUME).fill("-5")
    page.locator(VOLUME).press("Enter")
    expect(page.locator("[data-field='workload.requests_per_day'] [role=alert]")).to_contain_text(
        "Nicht übernommen", timeout=PATIENCE
    )
    page.get_by_role("button", name="43.000 behalten").click()

    page.locator(".app-next").click()
    expect(page.locator("main[data-page=data_storage]")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_role("heading", name="Eingaben", exact=True)).to_be_visible()
    settled(page)
    page.reload()
    expect(page.locator("html")).to_have_attribute("lang", "de")
    speak(page, "English")
    expect(page.get_by_role("heading", name="Inputs", exact=True)).to_be_visible()
    page.get_by_role("navigation", name="Steps").get_by_role("link", name="Deployment").click()
    expect(page.locator(VOLUME)).to_have_value("43,000", timeout=PATIENCE)
    settled(page)
    assert page.evaluate(UNNAMED) == []
    assert page.errors == []
    assert page.strangers == []


def test_two_visitors_at_once_and_two_tabs_of_one(browser, address):
    german, english = (browser.new_context(locale=one) for one in ("de-DE", "en-GB"))
    one, other = german.new_page(), english.new_page()
    for page in (one, other):
        page.goto(address + "deployment")
    expect(one.locator("html")).to_have_attribute("lang", "de")
    expect(other.locator("html")).to_have_attribute("lang", "en")
    for volume in ("44.000", "45.000"):
        for page, typed in ((one, volume), (other, volume.replace(".", ","))):
            page.locator(VOLUME).fill(typed)
            page.locator(VOLUME).press("Enter")
        for page, typed in ((one, volume), (other, volume.replace(".", ","))):
            expect(page.locator("#said")).to_contain_text(f"→ {typed}", timeout=PATIENCE)
            settled(page)
    expect(one.get_by_role("navigation", name="Schritte")).to_be_visible()
    expect(other.get_by_role("navigation", name="Steps")).to_be_visible()

    tab = german.new_page()
    tab.goto(address + "operations")
    speak(tab, "English")
    one.locator(VOLUME).fill("46.000")  # this tab is German yet: what it is told next is not
    one.locator(VOLUME).press("Enter")
    expect(one.locator("html")).to_have_attribute("lang", "en", timeout=PATIENCE)
    expect(one.locator(VOLUME)).to_be_visible()
    for context in (german, english):
        context.close()


def test_the_choice_fits_a_phone_and_moves_nothing(page, address):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(address + "plan")
    settled(page)
    header = page.locator(".app-bar").bounding_box()
    for name in ("Deutsch", "English"):
        speak(page, name)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert page.evaluate(SIDEWAYS) == []
        assert page.locator(".app-bar").bounding_box() == header


def test_the_line_speaks_the_language_of_the_browser(browser, tmp_path):
    with serving(["app", "--port", "0", "--sessions", "1"], tmp_path) as address:
        contexts = [browser.new_context(locale="de-DE") for _ in range(2)]
        one, two = (context.new_page() for context in contexts)
        with one.expect_response("**/session"):
            one.goto(address)
        two.goto(address)
        expect(two.get_by_role("heading", level=1)).to_contain_text("Alle Plätze sind belegt")
        expect(two.locator("#place")).to_contain_text("Sie sind als Nächstes an der Reihe.")
        for context in contexts:
            context.close()


def test_a_workshop_in_german_is_german_in_every_notebook(page, tmp_path):
    with serving(["lab"], tmp_path) as address:
        visit(page, address.replace("00_start", "03_deployment"))
        one = here(page)
        expect(one.locator("article.adv").first).to_be_visible(timeout=PATIENCE)
        page.evaluate(OPEN, "notebooks/00_start.ipynb")
        expect(one.get_by_label("Language")).to_be_visible(timeout=PATIENCE)
        expect(one.locator("article.adv").first).to_be_visible(timeout=PATIENCE)
        one.get_by_label("Language").select_option(label="Deutsch")
        head = "Hier beginnen: eine Funktion, fünf Entscheidungen"
        expect(one.get_by_role("heading", level=1)).to_have_text(head, timeout=PATIENCE)
        expect(one.locator(".jp-MarkdownCell:visible")).to_have_count(0)
        page.evaluate(OPEN, "notebooks/method.ipynb")
        head = "Wie die Energie geschätzt wird"
        expect(one.get_by_role("heading", level=1)).to_have_text(head, timeout=PATIENCE)
        expect(one.get_by_role("heading", name="Wo es versagt")).to_be_visible(timeout=PATIENCE)
        expect(one.locator("mjx-container").first).to_be_visible(timeout=PATIENCE)
        expect(one.locator(".jp-MarkdownCell:visible")).to_have_count(0)
        page.evaluate(OPEN, "notebooks/03_deployment.ipynb")
        expect(one.get_by_label("Sprache")).to_have_value("Deutsch", timeout=PATIENCE)
        expect(one).to_contain_text("Zum Besprechen", timeout=PATIENCE)
        expect(one.get_by_role("button", name="Rückgängig")).to_be_visible()
        expect(one.locator("article.adv").first).to_contain_text("42.000", timeout=PATIENCE)
        assert not ENGLISH.search(one.locator("article.adv").first.inner_text())
        page.evaluate(KILL)
        banner = one.locator(".adv-lab-bar")
        expect(banner).to_contain_text("Der Kernel ist weg", timeout=PATIENCE)
        banner.get_by_role("button", name="Von dort weitermachen").click()
        expect(banner).to_be_hidden(timeout=PATIENCE)
        expect(one.get_by_label("Sprache")).to_have_value("Deutsch", timeout=PATIENCE)
        assert page.strangers == []
