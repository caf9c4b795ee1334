"""The fields of a scenario that say what an answer must be worth, and what was tested of it."""

from typing import Annotated, Literal

from advisor.scenario.kinds import MOST_ENTRIES, Name, Section
from advisor.scenario.kinds import titled as _f
from advisor.scenario.knowledge_fields import Technique

Effort = Literal["none", "minimal", "low", "medium", "high"]


class Score(Section):
    """The user's own test of one model: the share of its answers that were accepted."""

    score: Annotated[float, _f("Share accepted", "ratio", ge=0, le=1)]
    samples: Annotated[int, _f("Answers judged", "item", ge=1, le=100_000_000)]
    technique: Annotated[
        Technique | None,
        _f("Measured with", description="Empty: the usual one for what the model lacks."),
    ] = None


class Quality(Section):
    """What an answer must be worth to count."""

    floor: Annotated[float, _f("Least share of answers accepted", "ratio", ge=0, le=1)] = 0.7
    benchmark: Annotated[Literal["text", "coding", "hard"], _f("Public rating to start from")] = "text"
    context_max_tokens: Annotated[float, _f("Longest request", "tok", ge=100, le=1e7)] = 8_000
    needs_reasoning: Annotated[bool, _f("Needs step-by-step reasoning")] = False
    reasoning_effort: Annotated[
        Effort | None,
        _f(
            "How hard a model is told to think",
            description="Empty: medium if reasoning is needed, else least.",
        ),
    ] = None
    least_recall: Annotated[
        float | None,
        _f(
            "Least recall of the vector index",
            "ratio",
            ge=0,
            le=1,
            description="Share of what an exact search finds. Empty: no limit.",
        ),
    ] = None
    most_false_hits: Annotated[
        float | None,
        _f(
            "Most cache hits that answer wrongly",
            "ratio",
            ge=0,
            le=1,
            description="Stale, or of another question. Empty: no limit.",
        ),
    ] = None
    easy_share: Annotated[float, _f("Share of easy requests", "ratio", ge=0, le=1)] = 0.6
    scores: Annotated[
        dict[Name, Score], _f("Measured share accepted, by model", max_length=MOST_ENTRIES)
    ] = {}  # noqa: RUF012
