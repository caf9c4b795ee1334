"""Printed in grey, a page still says which option is the choice, which part of a bar, which line is which."""

from __future__ import annotations

import io
from itertools import combinations

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from advisor.core.exhibits import Bars, Chart, Line
from advisor.view import charts
from tests.browser.conftest import PATIENCE
from tests.browser.test_app import settled

pytestmark = pytest.mark.browser

LIGHTER = 18  # steps of grey, of 256, that an eye tells apart side by side
COARSER = 12  # standard deviation of grey: a hatch against none, or against another
LEANING = 0.1  # of a hatch's strokes, against those of another
SAME_SHAPE = 0.9  # of the pixels that two marks of one shape share


def picture(png):
    """A picture as colours and as grey."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    return np.asarray(image).astype(int), np.asarray(image.convert("L")).astype(float)


def mask(colours, colour):
    wanted = [int(colour[place : place + 2], 16) for place in (1, 3, 5)]
    return np.abs(colours - wanted).max(axis=2) < 12


def box(found):
    rows, columns = np.nonzero(found)
    return slice(rows.min(), rows.max() + 1), slice(columns.min(), columns.max() + 1)


def slant(patch):
    """Which way the strokes of a hatch lean: 0 for none, dots or crosses; below or above for one way."""
    down, across = np.gradient(patch)
    whole = (down**2 + across**2).mean()
    return (down * across).mean() / whole if whole > 1 else 0.0


def alike(patches):
    """Pairs of patches that look the same in grey: neither lighter, nor coarser, nor leaning otherwise."""
    seen = [(patch.mean(), patch.std(), slant(patch)) for patch in patches]
    return [
        (one, other)
        for one, other in combinations(range(len(seen)), 2)
        if all(
            abs(mine - yours) < least
            for mine, yours, least in zip(seen[one], seen[other], (LIGHTER, COARSER, LEANING), strict=True)
        )
    ]


def parts(count):
    """One bar whose parts are equal, drawn, and each part's patch of it in grey."""
    names = tuple(f"part {index}" for index in range(count))
    bars = Bars("b", "Bars", "kg", ("a",), names, tuple((1.0,) for _ in names))
    colours, grey = picture(charts.png(bars))
    patches = []
    for index in range(count):
        drawn = mask(colours, charts.COLOURS[index])
        # the legend has a patch of the same colour: the bar is where the rows are longest
        across = drawn.sum(axis=1)
        rows = np.nonzero(across > across.max() / 2)[0]
        columns = np.nonzero(drawn[rows].sum(axis=0))[0]
        inside = 4  # pixels, clear of what smoothing makes of an edge
        patches.append(
            grey[rows.min() + inside : rows.max() - inside, columns.min() + inside : columns.max() - inside]
        )
    return patches


def test_the_parts_of_a_bar_are_told_apart_in_grey():
    assert alike(parts(4)) == []


def test_parts_of_one_lightness_without_hatches_would_not_be(monkeypatch):
    monkeypatch.setattr(charts, "HATCHES", ("",) * 8)
    monkeypatch.setattr(charts, "COLOURS", ("#c04040", "#407f40", "#4d6fc0", "#7c6a30"))
    assert alike(parts(4)) != []


def test_lines_are_told_apart_by_their_dashes():
    lines = tuple(Line(f"line {index}", [1, 2, 3], [index, index, index]) for index in range(3))
    colours, _ = picture(charts.png(Chart("c", "Lines", "x", "y", lines)))
    patterns = set()
    for index in range(3):
        drawn = mask(colours, charts.COLOURS[index])
        row = drawn[drawn.sum(axis=1).argmax()].astype(int)
        edges = np.nonzero(np.diff(np.concatenate([[0], row, [0]])))[0]
        dashes = edges[1::2] - edges[::2]
        # none, one or two lengths of dash, to a few pixels; the first and the last may be cut
        patterns.add(tuple(sorted({round(int(length) / 12) for length in dashes[1:-1]})))
    assert len(patterns) == 3, patterns


def shape(png):
    """The dark pixels of a mark, scaled to one size."""
    _, grey = picture(png)
    dark = grey < (grey.min() + 255) / 2
    cut = Image.fromarray(dark[box(dark)]).convert("L").resize((24, 24))
    return np.asarray(cut) > 127


def shared(one, other):
    return (one & other).sum() / (one | other).sum()


def test_the_choice_stands_out_on_a_grey_page(page, address):
    page.set_viewport_size({"width": 1280, "height": 720})
    context = page.context.browser.new_context(device_scale_factor=4)
    sharp = context.new_page()
    sharp.goto(address + "foundation_model")
    settled(sharp)
    marks = {
        kind: [shape(dot.screenshot()) for dot in sharp.locator(f".adv-{kind} .adv-dot").all()]
        for kind in ("best", "other")
    }
    assert len(marks["best"]) == 1
    assert len(marks["other"]) > 1
    for other in marks["other"]:
        assert shared(marks["best"][0], other) < SAME_SHAPE
    assert shared(*marks["other"][:2]) > SAME_SHAPE  # those that are not the choice look alike
    weight = "e => getComputedStyle(e).fontWeight"
    assert int(sharp.locator(".adv-best strong").evaluate(weight)) >= 600
    assert int(sharp.locator(".adv-other th").first.evaluate(weight)) < 600
    sharp.get_by_role("heading", name="Ruled out").click()
    expect(sharp.locator("[data-part=fold-ruled_out]")).to_contain_text("To bring back", timeout=PATIENCE)
    context.close()
