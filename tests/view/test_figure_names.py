"""A figure is called by words, never by its key, which stands beside for whoever overrides it."""

from __future__ import annotations

import re

from advisor.catalogue import open_catalogue
from advisor.catalogue.translations import language
from advisor.core.saying import here, speaking
from advisor.decide.measuring import Worth
from advisor.scenario import parse_scenario
from advisor.system.case import Case
from advisor.view import next_actions

CASE = Case(parse_scenario({"name": "n", "task": "chat"}), open_catalogue(offline=True), 8)


def test_every_figure_that_can_move_a_plan_has_words() -> None:
    moving = [name for name, one in CASE.catalogue.coefficients.items() if one.low < one.high]
    assert len(moving) > 900
    called = {name: next_actions.in_words(CASE, name) for name in moving}
    assert [name for name, said in called.items() if re.search(r"[._]", said)] == []
    with speaking(language("de")):
        same = {said for said in called.values() if here(said) == str(said)}
    assert same == set()


def test_what_to_measure_next_names_the_key_beside_the_words() -> None:
    said = next_actions.measuring(CASE, Worth("media.image_price", 1.0, 0.5, (1.0, 2.0), (1.0, 2.0)))
    assert "<strong>What images, sound and video take</strong> <small><code>media.image_price</code>" in said
