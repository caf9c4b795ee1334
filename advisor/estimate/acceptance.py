"""From ratings and test results to the share of answers accepted.

Free functions over scalars or arrays. Shares are ratios in [0, 1], ratings are on the Elo scale
of pairwise comparisons, where ``scale`` rating points multiply the odds by e.
"""

from __future__ import annotations

import math

import numpy as np

from advisor.core.draws import Array

Number = float | Array


def accepted_share(rating_elo: Number, half_rating_elo: Number, scale_elo: Number) -> Number:
    """Share of answers accepted [0-1]: logistic in the rating, one half at ``half_rating_elo``.

    The Bradley-Terry form behind such ratings (Bradley and Terry 1952); an answer is taken to
    compete with what the user would just accept.

    >>> round(float(accepted_share(1300, 1200, 100)), 3)  # Elo, Elo, Elo -> ratio: 1 / (1 + exp(-1))
    0.731
    """
    return 1.0 / (1.0 + np.exp(-(rating_elo - half_rating_elo) / scale_elo))


def shifted(share: Number, shift_elo: Number, scale_elo: Number) -> Number:
    """The share accepted after ``shift_elo`` rating points are added.

    Source: The same Bradley-Terry form, from a share instead of a rating.

    >>> round(float(shifted(0.5, 100, 100)), 3)  # ratio, Elo, Elo -> ratio
    0.731
    """
    bounded = np.clip(share, 1e-6, 1.0 - 1e-6)
    return accepted_share(np.log(bounded / (1.0 - bounded)) * scale_elo + shift_elo, 0.0, scale_elo)


def wilson(share: float, samples: float, z: float) -> tuple[float, float]:
    """Wilson score interval of a share seen in ``samples`` answers (Wilson 1927).

    ``z`` is the standard normal quantile of the interval's ends. Holds for graded scores in
    [0, 1] too, where it is too wide rather than too narrow. Raises ValueError below one sample.

    >>> [round(end, 3) for end in wilson(0.5, 100, 1.96)]  # ratio, item -> ratio
    [0.404, 0.596]
    """
    if samples < 1:
        raise ValueError("at least one sample is needed")
    spread = z * z / samples
    centre = (share + spread / 2.0) / (1.0 + spread)
    half = z / (1.0 + spread) * math.sqrt(share * (1.0 - share) / samples + spread / samples / 4.0)
    return max(0.0, min(centre - half, share)), min(1.0, max(centre + half, share))


def samples_to_tell(first: float, second: float, score_gap: float, z: float) -> float:
    """Answers to judge for each of two options before their scores are told apart [item].

    An option's score falls by the logarithm of its share accepted, whose sampling variance is
    (1-p)/(p n); ``score_gap`` is the distance of the two scores today. Infinite at no gap.

    Source: The delta method on ln p.

    >>> samples_to_tell(0.5, 0.5, 1.0, 2.0)  # variance 1 + 1, four times that -> item
    8
    """
    variance = sum((1.0 - p) / max(p, 1e-6) for p in (first, second))
    return math.inf if score_gap == 0 else max(1.0, math.ceil(z * z * variance / score_gap**2))


def samples_to_clear(share: float, floor: float, z: float) -> float:
    """Answers to judge before the interval of ``share`` is clear of ``floor`` [item].

    Source: The normal interval of a share, p(1-p)/n.

    >>> samples_to_clear(0.75, 0.5, 2.0)  # 4 x 0.1875 / 0.0625 -> item
    12
    """
    if share == floor:
        return math.inf
    return max(1.0, math.ceil(z * z * max(share * (1.0 - share), 1e-3) / (share - floor) ** 2))


def samples_to_show(floor: float, z: float) -> float:
    """Answers to judge, all of them accepted, before the low end of their interval is at ``floor`` [item].

    Infinite for a floor of one, which no number of answers shows.

    Source: Wilson 1927, solved for the samples at a share of one.

    >>> samples_to_show(0.9, 2.0)  # 4 x 0.9 / 0.1, ratio, ratio -> item
    36
    """
    return math.inf if floor >= 1.0 else math.ceil(round(z * z * floor / (1.0 - floor), 9))


def by_difficulty(share: Number, easy_share: Number, hard_to_easy: Number) -> tuple[Number, Number]:
    """Shares accepted on easy and on hard requests that average to ``share``.

    ``hard_to_easy`` is how many times as often a hard request fails. Where hard requests would
    fail more often than always, the excess stays on the easy ones.

    Source: The law of total probability.

    >>> [round(float(share), 2) for share in by_difficulty(0.8, 0.5, 3.0)]  # 20 % fail: 10 % and 30 %
    [0.9, 0.7]
    """
    failures = 1.0 - share
    easy = failures / (easy_share + (1.0 - easy_share) * hard_to_easy)
    hard = np.minimum(easy * hard_to_easy, 1.0)
    some = np.maximum(easy_share, 1e-9)
    easy = np.where(np.asarray(easy_share) > 0, (failures - (1.0 - easy_share) * hard) / some, easy)
    return 1.0 - easy, 1.0 - hard


def split(easy_share: Number, accuracy: Number) -> Number:
    """Share of requests sent to the large model when ``accuracy`` of them are told right.

    Source: The law of total probability.

    >>> round(split(0.7, 0.9), 2)  # 0.7 x 0.1 + 0.3 x 0.9 -> ratio
    0.34
    """
    return easy_share * (1.0 - accuracy) + (1.0 - easy_share) * accuracy


def mixed_share(
    small: Number, large: Number, easy_share: Number, accuracy: Number, hard_to_easy: Number
) -> Number:
    """Share accepted when easy requests go to a small model and hard ones to a large one.

    ``accuracy`` is the share of requests whose difficulty is told right.

    Source: The law of total probability.

    >>> round(float(mixed_share(0.8, 0.9, 0.5, 1.0, 1.0)), 3)  # half at 0.8, half at 0.9 -> ratio
    0.85
    """
    small_easy, small_hard = by_difficulty(small, easy_share, hard_to_easy)
    large_easy, large_hard = by_difficulty(large, easy_share, hard_to_easy)
    easy = accuracy * small_easy + (1.0 - accuracy) * large_easy
    hard = accuracy * large_hard + (1.0 - accuracy) * small_hard
    return easy_share * easy + (1.0 - easy_share) * hard


def passed_on(small: Number, accuracy: Number) -> Number:
    """Share of requests that a cascade passes on: wrong answers told as such, right ones taken for wrong.

    ``small`` is the share of the small model's answers that are accepted, ``accuracy`` the share of
    them, right or wrong, that the judge tells right.

    Source: The law of total probability.

    >>> round(passed_on(0.8, 0.85), 2)  # 0.8 x 0.15 + 0.2 x 0.85 -> ratio
    0.29
    """
    return small * (1.0 - accuracy) + (1.0 - small) * accuracy


def cascaded_share(
    small: Number, large: Number, easy_share: Number, accuracy: Number, hard_to_easy: Number, shared: Number
) -> Number:
    """Share accepted when a judge keeps a small model's answers or passes the request on to a large one.

    Among easy and among hard requests alike, ``shared`` [0-1] tells how far both models fail on the same
    ones: at 0 they fail independently, at 1 the better one fails only where the other does, and the large
    one mends no more than it gains. ``accuracy`` as in :func:`passed_on`.

    Source: The law of total probability; models do fail on the same requests (arXiv 2605.29800).

    >>> round(float(cascaded_share(0.8, 0.9, 0.6, 0.85, 1.0, 0.0)), 3)  # 0.8 x 0.85 + 0.29 x 0.9 -> ratio
    0.941
    >>> round(float(cascaded_share(0.8, 0.9, 0.6, 0.85, 1.0, 1.0)), 3)  # 0.8 + 0.85 x 0.1 -> ratio
    0.885
    """
    small_each = by_difficulty(small, easy_share, hard_to_easy)
    large_each = by_difficulty(large, easy_share, hard_to_easy)
    easy, hard = (
        _cascaded(first, second, accuracy, shared)
        for first, second in zip(small_each, large_each, strict=True)
    )
    return easy_share * easy + (1.0 - easy_share) * hard


def _cascaded(small: Number, large: Number, accuracy: Number, shared: Number) -> Number:
    both = shared * np.minimum(small, large) + (1.0 - shared) * small * large  # share that both get right
    return accuracy * small + (1.0 - accuracy) * both + accuracy * (large - both)
