"""What a pilot log says: shares accepted with their intervals, and how many answers settle it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from advisor.core.draws import Z90
from advisor.core.exhibits import Table
from advisor.core.saying import say
from advisor.core.wording import share
from advisor.estimate.acceptance import samples_to_tell, wilson
from advisor.scenario.pilot_log import PilotRow

# beyond this many answers two options are the same for every practical purpose
PRACTICALLY_EQUAL = 10_000


@dataclass(frozen=True, slots=True)
class Result:
    """Judged answers of one model with one technique.

    ``share`` is the mean score, ``low`` and ``high`` its 80 % Wilson interval [ratio]. Tokens
    [tok], turns and retries per request [item] are means of the rows that note them, else None.
    """

    model: str
    technique: str
    samples: int
    share: float
    low: float
    high: float
    input_tokens: float | None
    output_tokens: float | None
    turns: float | None
    retries: float | None


def results(rows: Iterable[PilotRow]) -> tuple[Result, ...]:
    """One result per model and technique, in alphabetical order."""
    groups: dict[tuple[str, str], list[PilotRow]] = {}
    for row in rows:
        groups.setdefault((row.model, row.technique), []).append(row)
    return tuple(_result(model, technique, groups[model, technique]) for model, technique in sorted(groups))


def results_table(rows: Iterable[PilotRow]) -> Table:
    """The results as a table to show; shares are of judged answers [ratio], tokens per request [tok]."""
    return Table(
        "pilot",
        say("What the judged answers say"),
        (
            say("Model"), say("Technique"), say("Answers"), say("Accepted"), say("Low"), say("High"),
            say("Tokens in"), say("Tokens out"), say("Turns"),
        ),
        tuple(
            (
                one.model, one.technique, one.samples, share(one.share), share(one.low), share(one.high),
                one.input_tokens, one.output_tokens, one.turns,
            )
            for one in results(rows)
        ),
        say("Low and high bound an 80 % interval: the fewer answers, the wider."),
    )  # fmt: skip


def _result(model: str, technique: str, rows: Sequence[PilotRow]) -> Result:
    accepted = math.fsum(row.score for row in rows) / len(rows)
    low, high = wilson(accepted, len(rows), Z90)
    means = (
        _mean([getattr(row, name) for row in rows])
        for name in ("input_tokens", "output_tokens", "turns", "retries")
    )
    return Result(model, technique, len(rows), accepted, low, high, *means)


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return math.fsum(known) / len(known) if known else None


def more_samples(first: float, second: float, score_gap: float, have: int) -> int | None:
    """Further answers to judge of each of two options until their scores are told apart.

    ``first`` and ``second`` are shares accepted, ``score_gap`` the distance of their scores,
    ``have`` the answers judged of the one judged less. None: they are practically equal.
    """
    needed = samples_to_tell(first, second, score_gap, Z90)
    return None if needed > PRACTICALLY_EQUAL else max(0, int(needed) - have)
