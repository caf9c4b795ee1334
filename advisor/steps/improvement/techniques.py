"""What each technique changes: tokens, turns, what it adds, and what share it gets accepted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from advisor.core.draws import Array
from advisor.core.footprint import Parts
from advisor.steps.foundation_model.mixtures import mixed_quality, mixture_parts, scaled
from advisor.steps.gating import retrieves
from advisor.steps.placement import reference
from advisor.steps.quality import TUNED, Number, Reading, accepted, pilot_result
from advisor.steps.retrieval_costs import retrieval_parts
from advisor.steps.serving_parts import (
    kept_prefix,
    output_multiplier,
    place,
    sends,
    served_parts,
    token_price,
)
from advisor.steps.tuning_costs import Tuning, tuning_of
from advisor.system import accounting
from advisor.system.case import Case
from advisor.system.option import Option
from advisor.system.pilot import Result
from advisor.system.serving import Shape, encode, serve

TITLES = {
    "prompt": "Prompt engineering",
    "few_shot": "Few-shot prompt",
    "compression": "Prompt compression",
    "rag_keyword": "RAG, keyword search",
    "rag_vector": "RAG, vector search",
    "rag_hybrid": "RAG, hybrid search",
    "rag_rerank": "RAG, hybrid search and reranking",
    "rag_hyde": "RAG, vector search on an imagined answer (HyDE)",
    "lora": "Fine-tuning (LoRA)",
    "qlora": "Fine-tuning (QLoRA, 4-bit base)",
    "full": "Full fine-tuning",
    "rag_lora": "RAG and LoRA",
}
TURNS = {"prompt": "prompt", "few_shot": "few_shot", "compression": "unchanged"}
UNTUNED = {"lora": "prompt", "qlora": "prompt", "full": "prompt", "rag_lora": "rag_hybrid"}
COMPRESSOR = "bge-large-en"  # an encoder of the size prompt compressors use
LEAST_INPUT = 10.0  # a request keeps at least this many tokens, as in the scenario's bounds


@dataclass(frozen=True, slots=True, eq=False)
class Request:
    """Tokens of a request under a technique; ``static`` of the input are the same in every one [tok]."""

    input_tokens: Array
    visible_output: Array
    static: Array
    hidden_known: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Costs:
    """What an improvement adds (``own``), and what is compared but counted by later steps."""

    own: Parts
    carried: Parts
    request: Request
    turns: Array
    tuning: Tuning | None


def mode(technique: str) -> str:
    """The retrieval mode of a technique."""
    return "hybrid" if technique == "rag_lora" else technique.removeprefix("rag_")


def main_model(settings: Mapping[str, Any]) -> str:
    """The model that is tuned: the only one, or the small one of two."""
    return str(settings["models"][0])


def request(case: Case, model: str, technique: str) -> Request:
    """The tokens of a request with a technique, the user's own pilot first."""
    load, knowledge = case.workload, case.scenario.knowledge
    tokens, static = load.input_tokens, load.cached_share * load.input_tokens
    added: Number = 0.0
    if technique == "prompt":
        added = case.draw("prompt.added_tokens", "tok")
    elif technique == "few_shot":
        added = case.draw("few_shot.examples", "item") * knowledge.tokens_per_example
    tokens, static = tokens + added, static + added
    if technique in TUNED:
        removed = np.minimum(knowledge.prompt_tokens_tuning_removes, tokens - LEAST_INPUT)
        tokens, static = tokens - removed, np.maximum(static - removed, 0.0)
    if retrieves(technique):
        tokens = tokens + context_added(case, technique)
    if technique == "compression":
        tokens, static = tokens / case.draw("compression.ratio", "ratio"), static * 0.0
    output, known = load.output_tokens, False
    seen = pilot_result(case, model, technique)
    if seen is not None:
        tokens = tokens if seen.input_tokens is None else np.full(case.size, seen.input_tokens)
        if seen.output_tokens is not None:
            output, known = np.full(case.size, seen.output_tokens), True
    return Request(tokens, output, np.minimum(static, tokens), known)


def context_added(case: Case, technique: str) -> Number:
    """Tokens of the passages put into a prompt; well-ranked ones need fewer [tok]."""
    added = case.scenario.knowledge.context_tokens_added
    return added * case.draw("rag.reranked_context", "ratio") if technique == "rag_rerank" else added


def shape(case: Case, model: str, asked: Request) -> Shape:
    """What a model is served: hidden tokens of reasoning included, prefixes as far as they are kept."""
    hidden = 1.0 if asked.hidden_known else output_multiplier(case, model)
    return Shape(asked.input_tokens, asked.visible_output * hidden, kept_prefix(case, asked.static))


def turns(case: Case, model: str, technique: str) -> Array:
    """Turns until a task is done relative to today [ratio]."""
    seen = pilot_result(case, model, technique)
    if seen is not None and seen.turns is not None:
        return np.full(case.size, max(seen.turns, 1.0) / case.scenario.workload.turns_per_task)
    word = TURNS.get(technique, "tuned" if technique in TUNED else "rag")
    if word == "rag" and case.scenario.knowledge.gap not in ("facts", "both"):
        word = "unchanged"
    # a task done in one turn already cannot take fewer
    least = 1.0 / case.scenario.workload.turns_per_task
    return np.maximum(case.draw(f"turns.{word}", "ratio"), least)


def retried(case: Case, seen: Result | None) -> Array:
    """Sendings per request relative to the scenario's retry rate, where a pilot counted retries."""
    if seen is None or seen.retries is None:
        return np.ones(case.size)
    result: Array = (1.0 + seen.retries) / sends(case)
    return result


def costs(case: Case, chosen: Option, technique: str) -> Costs:
    """Everything a technique costs on the chosen model, serving included."""
    settings, model = chosen.settings, main_model(chosen.settings)
    asked = request(case, model, technique)
    often = turns(case, model, technique) * retried(case, pilot_result(case, model, technique))
    carried = mixture_parts(case, settings, lambda name: shape(case, name, asked))
    own, tuned = Parts.zero(case.size), None
    if technique in ("prompt", "few_shot", "compression"):
        own = own + _trials(case, model, shape(case, model, asked))
    if technique == "compression":
        own = own + _compressing(case, model)
    if technique == "rag_hyde":
        carried = carried + _imagining(case, model)
    if retrieves(technique):
        own = own + retrieval_parts(case, mode(technique))
    if technique in TUNED:
        tuned = tuning_of(case, model, technique)
        own, carried = (
            own + tuned.parts,
            carried + (tuned.host if tuned.machine_hosted else Parts.zero(case.size)),
        )
        own = own if tuned.machine_hosted else own + tuned.host
    return Costs(scaled(own, often), scaled(carried, often), asked, often, tuned)


def _trials(case: Case, model: str, tried: Shape) -> Parts:
    used = reference(case, model)
    one = accounting.served(case, serve(case, model, tried), place(case, used.place))
    one = one.with_cost(token_price(case, model, used.offer, tried))
    return Parts(one * case.draw("prompt.trials", "item"), case.nothing(), case.nothing())


def _compressing(case: Case, model: str) -> Parts:
    one = encode(case, COMPRESSOR, case.workload.input_tokens)
    footprint = accounting.served(case, one, place(case, reference(case, model).place))
    return Parts(case.nothing(), case.nothing(), footprint * sends(case))


def _imagining(case: Case, model: str) -> Parts:
    asked = Shape(case.draw("rag.query_tokens", "tok"), case.draw("rag.hyde_tokens", "tok"))
    extra = served_parts(case, model, asked)
    return Parts(case.nothing(), case.nothing(), extra.per_request)


def quality(case: Case, settings: Mapping[str, Any], technique: str, read: Reading) -> Number:
    """Share of answers accepted of the chosen model or pair with a technique."""
    models = settings["models"]
    if settings["kind"] not in ("cascade", "router"):
        return accepted(case, models[0], technique, read)
    small = accepted(case, models[0], technique, read)
    large = accepted(case, models[1], UNTUNED.get(technique, technique), read)
    return mixed_quality(case, settings["kind"], small, large, read)
