"""Languages move quality, hits of a cache spare their search, HyDE is charged on machines of one's own."""

from __future__ import annotations

from dataclasses import replace

import pytest
from system.settings import by, case_of, model_of, some

from advisor.core.draws import central
from advisor.system import caches, quality, requests, search_units
from advisor.system.plan import DeploymentSetting

MODEL = model_of("gpt-4o-mini")
GLOBAL = DeploymentSetting("maas", "global")


def able(*languages: str, **sections: object) -> float:
    case = case_of(0, workload={"languages": list(languages)}, **sections)
    return central(quality.ability(case, "gpt-4o-mini"))


def test_languages_with_little_text_lose_answers() -> None:
    """Swahili and Amharic keep 0.8 of what English gets, German 0.985, German beside English 0.9925."""
    english = able("en")
    assert able("sw", "am") == pytest.approx(0.8 * english)
    assert able("de") == pytest.approx(0.985 * english)
    assert able("de", "en") == pytest.approx(0.9925 * english)
    assert able("xx") == pytest.approx(0.8 * english)
    assert able("pt-BR") == pytest.approx(0.985 * english)


def test_a_test_of_ones_own_was_made_in_these_languages() -> None:
    own = {
        "quality": {"scores": {"gpt-4o-mini": {"score": 0.8, "samples": 400}}},
        "knowledge": {"gap": "none"},
    }
    case = case_of(0, workload={"languages": ["sw"]}, **own)
    assert central(quality.of_model(case, "gpt-4o-mini", "prompt")) == pytest.approx(0.8)


def test_a_hit_of_the_cache_spares_its_search() -> None:
    """A cache that answers a share h leaves 1 - h of the searches."""
    case, cached = case_of(0, workload={"repeat_share": 0.2}), replace(GLOBAL, cache="semantic")
    searches = [
        central(some(search_units.lines(case, MODEL, by("rag_hybrid"), way), phase="per_request")[0].quantity)
        for way in (GLOBAL, cached)
    ]
    hits = central(caches.hit_rate(case, cached))
    assert 0 < hits < 1
    assert searches[1] == pytest.approx(searches[0] * (1 - hits))


def test_an_imagined_answer_is_written_on_machines_of_ones_own_too() -> None:
    """HyDE reads 40 tokens and writes 150 before the call itself."""
    case = case_of(0)
    plain, imagined = (
        requests.hosted_shape(case, "llama-3.1-8b", technique) for technique in ("rag_vector", "rag_hyde")
    )
    assert central(imagined.input_tokens) - central(plain.input_tokens) == pytest.approx(40)
    assert central(imagined.output_tokens) - central(plain.output_tokens) == pytest.approx(150)
