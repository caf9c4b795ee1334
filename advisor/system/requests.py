"""One request: the tokens a model is given and writes, how often it is asked, and which model answers.

Tokens are draws of shape (width,). What a pilot measured for a model comes first; a model that reasons
writes hidden tokens beside those that are seen, and both are charged everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from advisor.core.draws import Array, central
from advisor.estimate import caching
from advisor.system import task, techniques, thinking
from advisor.system.case import Case, remembered
from advisor.system.pilot import Result
from advisor.system.plan import PAIRS, ImprovementSetting, ModelSetting
from advisor.system.quality import (
    least_samples,
    passed_on,
    pilot_result,
    reference_technique,
    results_of,
)  # fmt: skip
from advisor.system.shape import Shape
from advisor.system.techniques import CLASSIFIER, TUNED, UNTUNED, WORKERS, retrieves

SECONDS_PER_DAY = 86_400.0
WITHOUT_PROMPT = (CLASSIFIER, "search_keyword", "search_vector", "search_hybrid", "search_rerank")
# techniques whose effect on the turns of a task has a figure of its own
TURNS = {"prompt": "prompt", "few_shot": "few_shot", "compression": "unchanged"}


@dataclass(frozen=True, slots=True, eq=False)
class Request:
    """Tokens of a request with a technique [tok]; ``static`` of the input are the same in every one.

    ``visible_output`` is read by the user, ``hidden_output`` is what a reasoning model writes before.
    """

    input_tokens: Array
    visible_output: Array
    hidden_output: Array
    static: Array

    @property
    def output_tokens(self) -> Array:
        """All that is generated, and billed [tok]."""
        return self.visible_output + self.hidden_output


@remembered
def request(case: Case, model: str, technique: str) -> Request:
    """The tokens of a request to a model with a technique.

    A pilot of the same model and technique gives the input. Output measured with any technique is the
    model's own, hidden tokens included, so nothing is multiplied on top of it.
    """
    load, knowledge = case.workload, case.scenario.knowledge
    base, lever = techniques.base(technique), techniques.lever(technique)
    tokens, output = load.input_tokens, load.output_tokens * task.larger_steps(case, lever)
    agent = task.tree(case, lever)
    later = case.full(0.0)  # what the mean call of a task reads beside what its first one does
    if agent is not None:
        output = output + agent.summarising * (agent.summary_tokens - output)
        # a log's tokens hold the history already: only what is done otherwise differs
        later = case.full(agent.mean.read - (tokens if agent.logged is None else agent.logged))
    if technique in WITHOUT_PROMPT:
        nothing = np.zeros(case.size)
        return Request(tokens, output, nothing, nothing)
    static = load.cached_share * tokens
    added = case.full(0.0)
    if base == "prompt":
        added = case.draw("prompt.added_tokens", "tok")
    elif base == "few_shot":
        added = case.draw("few_shot.examples", "item") * knowledge.tokens_per_example
    if lever == "schema":
        added = added + case.draw("schema.tokens", "tok")
    if lever == "ordered":
        static = np.minimum(static + movable(case), tokens)
    tokens, static = tokens + added, static + added
    if technique in TUNED:
        removed = np.clip(tokens - task.LEAST_INPUT, 0.0, knowledge.prompt_tokens_tuning_removes)
        tokens, static = tokens - removed, np.maximum(static - removed, 0.0)
    if retrieves(technique):
        tokens = tokens + context_added(case, technique)
    tokens = tokens + later
    if technique == "compression":
        tokens, static = tokens / case.draw("compression.ratio", "ratio"), static * 0.0
    tokens = tokens + media_tokens(case)
    seen = pilot_result(case, model, technique)
    if seen is not None and seen.input_tokens is not None:
        tokens = case.full(seen.input_tokens)
    written = measured_output(case, model, technique)
    if written is not None:
        return Request(tokens, case.full(written), np.zeros(case.size), np.minimum(static, tokens))
    thought = output * (thinking.multiplier(case, model, techniques.effort(technique)) - 1.0)
    return Request(tokens, output * written_of(case, lever), thought, np.minimum(static, tokens))


def movable(case: Case) -> Array:
    """Tokens that every request repeats behind what changes, so that no cache keeps them today [tok]."""
    return case.workload.input_tokens * case.scenario.workload.repeated_later_share


def written_of(case: Case, lever: str) -> Array:
    """Tokens written to be read, over those without a lever [ratio]."""
    return case.draw(f"{lever}.output", "ratio") if lever in ("short", "schema") else case.full(1.0)


@remembered
def media_tokens(case: Case) -> Array:
    """Tokens that the images of a request are read as [tok]."""
    media = case.scenario.media
    if media is None or not media.images_read:
        return case.full(0.0)
    given = media.tokens_per_image
    return media.images_read * (
        case.draw("media.image_tokens", "tok/item") if given is None else case.full(given)
    )


def context_added(case: Case, technique: str) -> Array:
    """Tokens of the passages put into a prompt; well-ranked ones need fewer [tok]."""
    if not technique.startswith("rag_"):
        return case.full(0.0)
    added = case.full(case.scenario.knowledge.context_tokens_added)
    return added * case.draw("rag.reranked_context", "ratio") if technique == "rag_rerank" else added


def measured_output(case: Case, model: str, technique: str) -> float | None:
    """Output tokens that a pilot counted for a model: with the technique, else over all it tried [tok].

    A lever that was not tried itself changes what was counted without any, as it does what is estimated.
    """
    exact = pilot_result(case, model, technique)
    if exact is not None and exact.output_tokens is not None:
        return exact.output_tokens
    needed = least_samples(case)
    counted = [
        (one.samples, one.output_tokens)
        for one in results_of(case).values()
        if one.model == model and one.samples >= needed and one.output_tokens is not None
        and not techniques.lever(one.technique)
    ]  # fmt: skip
    answers = sum(samples for samples, _ in counted)
    if not answers:
        return None
    mean = sum(samples * tokens for samples, tokens in counted) / answers
    if not techniques.lever(technique):
        return mean
    usual, told = (
        central(thinking.multiplier(case, model, effort)) for effort in ("", techniques.effort(technique))
    )
    lever = techniques.lever(technique)
    read = central(written_of(case, lever))
    return mean * task.larger_steps(case, lever) * (read + told - 1.0) / usual


@remembered
def shape(case: Case, model: str, technique: str) -> Shape:
    """What a model is served: hidden tokens included, a repeated prefix as far as it is kept."""
    asked = request(case, model, technique)
    kept = kept_prefix(case, asked.static)
    missed = np.maximum(cacheable(case, asked.static) - kept, 0.0)
    agent = task.tree(case, techniques.lever(technique))
    if agent is not None and agent.logged is None:
        # what a compressor writes anew for each call is no prefix that a cache could hold
        share = 0.0 if technique == "compression" else agent.cached_share
        first, before = agent.opening, share * agent.mean.before
        new = asked.input_tokens - agent.mean.before
        kept, missed = (
            first * kept + before,
            np.maximum(new - first * asked.input_tokens, 0.0) + first * missed,
        )
        kept = np.minimum(kept, asked.input_tokens)
        missed = np.minimum(missed, asked.input_tokens - kept)
    elif agent is not None:
        kept = np.minimum(case.workload.cached_share * asked.input_tokens, asked.input_tokens)
    return Shape(asked.input_tokens, asked.output_tokens, kept, missed)


def as_today(case: Case, model: str) -> Shape:
    """What a model is given and writes as the scenario's traffic is, which a meter of one's own has seen."""
    load = case.workload
    kept = kept_prefix(case, load.cached_share * load.input_tokens)
    return Shape(load.input_tokens, request(case, model, "prompt").output_tokens, kept)


def apart(case: Case, mean: Shape, technique: str) -> tuple[tuple[Shape, float], ...]:
    """The calls behind a mean call with the share of each: an agent's grow with their history."""
    agent = task.tree(case, techniques.lever(technique))
    if agent is None or len(agent.groups) == 1:
        return ((mean, 1.0),)
    found, mean_read = [], agent.mean.read
    stretch = np.minimum(mean.input_tokens / mean_read, 1.0)  # below 1 where prompts are compressed
    for one in agent.groups:
        read = np.maximum(mean.input_tokens + (one.read - mean_read) * stretch, 1.0)
        kept = np.minimum(mean.cached_tokens * (one.before / max(agent.mean.before, 1.0)), read)
        written = np.minimum(mean.written_tokens, read - kept)
        found.append((Shape(read, mean.output_tokens, kept, written), one.weight / agent.calls))
    return tuple(found)


def stacked(case: Case, calls: Sequence[tuple[Shape, float]]) -> tuple[Shape, Array | float]:
    """Calls in one shape of arrays (calls, width), to be worked out together, and the share of each.

    A single call stays as it is.
    """
    if len(calls) == 1:
        return calls[0]
    every = Shape(*(np.stack([case.full(getattr(one, f.name)) for one, _ in calls]) for f in fields(Shape)))
    return every, np.array([part for _, part in calls])[:, None]


def cacheable(case: Case, static_tokens: Array | float) -> Array:
    """Tokens of a repeated prefix that a service's prompt cache takes, in its steps [tok]."""
    return case.full(
        caching.prefix_tokens(
            static_tokens, case.central("cache.prefix_minimum", "tok"),
            case.central("cache.prefix_step", "tok"),
        )
    )  # fmt: skip


def kept_prefix(case: Case, static_tokens: Array | float) -> Array:
    """Tokens of a repeated prefix that a service's prompt cache really holds [tok]."""
    kept = cacheable(case, static_tokens)
    alive = caching.prefix_alive(
        case.workload.mean_per_day / SECONDS_PER_DAY, case.draw("cache.prefix_keep", "s")
    )
    return case.full(kept * alive)


@remembered
def verdict(case: Case, model: str, technique: str) -> Shape:
    """What the judge of a cascade reads, the question and its answer, and writes."""
    asked = request(case, model, technique)
    return Shape(asked.input_tokens + asked.visible_output, case.draw("cascade.judge_tokens", "tok"))


def question_tokens(case: Case) -> Array:
    """Tokens of the question alone, without what is the same or added around it; at most all input [tok]."""
    return np.minimum(case.draw("rag.query_tokens", "tok"), case.workload.input_tokens)


def imagining(case: Case) -> Shape:
    """What is asked and written to search with an imagined answer (HyDE)."""
    return Shape(question_tokens(case), case.draw("rag.hyde_tokens", "tok"))


@remembered
def hosted_shape(case: Case, model: str, technique: str) -> Shape:
    """What a machine of one's own is given and writes for one call: what it imagines to search with, too."""
    asked = shape(case, model, technique)
    if technique != "rag_hyde":
        return asked
    first = imagining(case)
    return Shape(
        asked.input_tokens + first.input_tokens, asked.output_tokens + first.output_tokens,
        asked.cached_tokens,
    )  # fmt: skip


@remembered
def sends(case: Case) -> Array:
    """Times a request is sent, each sending failing at the retry rate [ratio]."""
    return 1.0 / (1.0 - case.workload.retry_rate)


@remembered
def turns(case: Case, model: str, technique: str) -> Array:
    """Turns until a task is done relative to today, when the usual technique was in use [ratio]."""
    today = case.workload.turns_per_task
    seen = pilot_result(case, model, technique)
    if seen is not None and seen.turns is not None:
        return case.full(max(seen.turns, 1.0) / today)
    if technique in WITHOUT_PROMPT:
        return case.full(1.0)
    if _turning(case, technique) == "unchanged":
        return case.full(1.0)
    # whatever the prompt holds: with passages where facts are searched for, else without
    usual = reference_technique(case)
    found, before = (
        case.draw(f"turns.{_turning(case, one)}", "ratio")
        for one in (technique, usual if retrieves(usual) else "prompt")
    )
    # every task has its first turn: only what follows it can be more or fewer
    return np.asarray((1.0 + (today - 1.0) * found / before) / today)


def _turning(case: Case, technique: str) -> str:
    """The figure that says how a technique changes the turns of a task."""
    word = TURNS.get(techniques.base(technique), "tuned" if technique in TUNED else "rag")
    return "unchanged" if word == "rag" and case.scenario.knowledge.gap not in ("facts", "both") else word


@remembered
def sendings(case: Case, model: ModelSetting, improvement: ImprovementSetting) -> Array:
    """Times each turn of a request is sent, those a pilot counted first [ratio]."""
    seen: Result | None = pilot_result(case, model.main, improvement.technique)
    return sends(case) if seen is None or seen.retries is None else case.full(1.0 + seen.retries)


@remembered
def attempts(case: Case, model: ModelSetting, improvement: ImprovementSetting) -> Array:
    """Calls sent per request of the scenario: turns and retries, those a pilot counted first.

    A request that is an agent's task takes as many calls as the task has.
    """
    technique = improvement.technique
    sent, agent = sendings(case, model, improvement), task.tree(case, techniques.lever(technique))
    return turns(case, model.main, technique) * sent * (1.0 if agent is None else agent.calls)


@remembered
def shares(case: Case, model: ModelSetting, technique: str) -> tuple[tuple[str, Array], ...]:
    """The models with the share of requests that each answers; a cascade asks the small one first."""
    if model.kind not in PAIRS:
        return ((model.main, case.full(1.0)),)
    small, large = model.models
    far = case.full(planned(case)) if model.kind == "team" else passed_on(case, model, technique)
    return (small, case.full(1.0) if model.kind == "cascade" else 1.0 - far), (large, far)


def planned(case: Case) -> float:
    """Share of a task's calls that plan, where workers do the rest [ratio]."""
    agent = case.scenario.agent
    return 1.0 if agent is None else float(agent.planner_share)


def technique_of(model: ModelSetting, key: str, technique: str) -> str:
    """The technique that one of the models gets: of two, only the small one is tuned; a worker reads less."""
    if model.kind == "team" and key == model.main:
        return WORKERS.get(technique, technique)
    return technique if key == model.main else UNTUNED.get(technique, technique)
