"""The report in a browser whose network is refused: everything is there, nothing is asked for."""

from __future__ import annotations

import re

import pytest

from advisor.outputs.report import write_report
from advisor.system.opening import template
from tests.narrowed import FEW_MODELS

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    written = write_report(template("contact_centre"), folder, FEW_MODELS, ("html", "full"))
    return {path.name: path for path in written}


@pytest.fixture(params=["report.html", "report-in-full.html"])
def opened(page, report, request):
    page.context.set_offline(True)
    page.goto(report[request.param].as_uri())
    return page


def test_on_paper_it_has_six_to_eight_pages(page, report):
    page.goto(report["report.html"].as_uri())
    printed = page.pdf(prefer_css_page_size=True)
    assert 6 <= len(re.findall(rb"/Type\s*/Page\b", printed)) <= 8


def test_nothing_is_requested_and_nothing_complains(opened):
    opened.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true)")
    opened.wait_for_timeout(500)
    assert opened.strangers == []
    assert opened.errors == []


def test_every_chart_is_visible_and_named(opened):
    opened.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true)")
    charts = opened.locator("figure svg[role=img]")
    assert charts.count() >= 6
    for chart in charts.all():
        box = chart.bounding_box()
        assert box["width"] > 200
        assert box["height"] > 60
        assert chart.locator("title").first.text_content()
        assert chart.locator("text").count() > 2


def test_the_first_screen_holds_the_answer(opened):
    for name in ("foundation_model", "improvement", "deployment", "data_storage", "operations"):
        opened.goto(opened.url.split("#")[0] + f"#page-{name}")
        section = opened.locator(f"#page-{name}")
        top = section.bounding_box()["y"]
        for part in ("h2", ":is(.adv-cards, .adv-strip)", ".adv-chance", ".adv-flips"):
            box = section.locator(part).first.bounding_box()
            assert box["y"] + box["height"] - top <= 720, f"{name}: {part}"


@pytest.mark.parametrize("opened", ["report-in-full.html"], indirect=True)
def test_the_plan_opens_with_five_lines_what_to_do_and_what_to_measure_on_one_screen(opened):
    opened.evaluate("scrollTo(0, 0)")
    section = opened.locator("#page-plan")
    assert section.locator(".adv-five li").count() == 5
    done_first = section.locator(".adv-first li").all_inner_texts()
    assert 1 <= len(done_first) <= 3
    assert all("kg" in one or "$" in one for one in done_first)
    for part in ("h2", ".adv-five", ".adv-first", ".adv-measure"):
        box = section.locator(part).first.bounding_box()
        assert box["y"] + box["height"] <= 720, part


def test_a_narrow_screen_needs_no_sideways_scroll(opened):
    opened.set_viewport_size({"width": 390, "height": 844})
    opened.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true)")
    wide = opened.evaluate(
        "[...document.querySelectorAll('.adv *')].filter(e => !e.closest('svg') && "
        "e.getBoundingClientRect().right > innerWidth + 1).slice(0, 3).map(e => e.outerHTML.slice(0, 200))"
    )
    assert wide == []
    assert opened.evaluate("document.documentElement.scrollWidth") == 390


def test_headings_tables_and_links_can_be_found_by_a_screen_reader(opened):
    faults = opened.evaluate(
        """() => [
            ...[...document.querySelectorAll('table')].filter(t => !t.caption).map(() => 'no caption'),
            ...[...document.querySelectorAll('th')].filter(h => !h.scope).map(h => 'no scope'),
            ...[...document.querySelectorAll('a')].filter(a => !a.innerText.trim() && !a.closest('details'))
                .map(a => 'a link without text: ' + a.href),
            ...(document.documentElement.lang ? [] : ['no language']),
        ]"""
    )
    assert faults == []
    assert opened.get_by_role("heading", level=1).count() == 1
    assert opened.get_by_role("heading", level=2).count() >= 6


def test_text_contrasts_with_its_ground(opened):
    """At least 4.5 to 1 for every colour that text is set in, on white and on the panel's grey."""
    colours = opened.evaluate(
        """() => [...new Set([...document.querySelectorAll('.adv *')].filter(e => !e.closest('svg'))
            .map(e => getComputedStyle(e).color))]"""
    )
    for colour in colours:
        for ground in ((255, 255, 255), (245, 247, 250)):
            assert contrast([float(part) for part in colour[4:-1].split(",")[:3]], ground) >= 4.5, colour


def contrast(first, second):
    """The contrast ratio of WCAG 2.2."""

    def luminance(colour):
        parts = [value / 255 for value in colour]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


def test_folds_open_by_keyboard(opened):
    if opened.locator("details").count() == 0:
        return  # on paper nothing is folded
    fold = opened.locator("details.adv-fold:not([open]) > summary").first.element_handle()
    fold.focus()
    opened.keyboard.press("Enter")
    assert fold.evaluate("summary => summary.parentElement.open")


def test_on_paper_the_plan_comes_first_and_its_sources_have_addresses(opened):
    opened.emulate_media(media="print")
    assert opened.locator("#page-plan h2").is_visible()
    assert not opened.locator("nav").is_visible()
    sources = opened.locator(".adv-sources a").first
    assert "http" in sources.evaluate("a => getComputedStyle(a, '::after').content")
