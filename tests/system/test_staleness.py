"""What an index costs that is behind: what the search adds is lost with the documents that changed."""

from __future__ import annotations

import pytest
from system.settings import by, case_of, model_of

from advisor.core.draws import central
from advisor.system import quality, staleness

MODEL = model_of("gpt-4o-mini")
FAST = {"gap": "facts", "changes_every_days": 0.5, "documents": 1000}


def test_a_day_behind_by_hand() -> None:
    """Each change touches 5 %; two a day leave 0.95 x 0.95 = 90.25 % true: 9.75 % of what the search adds."""
    case = case_of(knowledge=FAST)
    assert central(staleness.outdated(case, 1.0)) == pytest.approx(0.0975)
    found, bare = (central(quality.accepted(case, MODEL, by(way))) for way in ("rag_hybrid", "prompt"))
    assert found > bare
    lost = central(staleness.lost(case, MODEL, by("rag_hybrid"), 1.0))
    assert lost == pytest.approx(0.0975 * (found - bare))


def test_tuning_beside_the_search_is_kept() -> None:
    """What LoRA adds does not hang on the index: RAG and LoRA falls back to LoRA alone."""
    case = case_of(knowledge={**FAST, "examples": 2000})
    found, alone = (central(quality.accepted(case, MODEL, by(way))) for way in ("rag_lora", "lora"))
    lost = central(staleness.lost(case, MODEL, by("rag_lora"), 1.0))
    assert lost == pytest.approx(0.0975 * max(found - alone, 0.0))


def test_search_alone_has_nothing_to_fall_back_on() -> None:
    case, search = case_of(task="rag_qa", knowledge=FAST), model_of("search", kind="retrieval")
    way = by("search_hybrid")
    lost = central(staleness.lost(case, search, way, 1.0))
    assert lost == pytest.approx(0.0975 * central(quality.accepted(case, search, way)))


def test_what_is_not_searched_or_does_not_change_is_not_stale() -> None:
    assert central(staleness.lost(case_of(knowledge=FAST), MODEL, by("prompt"), 1.0)) == 0.0
    still = case_of(knowledge={**FAST, "changes_every_days": None})
    assert central(staleness.lost(still, MODEL, by("rag_hybrid"), 1.0)) == 0.0
