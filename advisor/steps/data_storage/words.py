"""Words for what plans and scenarios know by a key: tiers, contents, ways to take data in, answers."""

from __future__ import annotations

from advisor.core.saying import gone_over, say

TIER_NAMES = (say("premium"), say("hot"), say("cool"), say("cold"), say("archive"))  # in the order of TIERS
KNOWN = (
    say("text"), say("log"), say("image"), say("audio"), say("vectors"), say("weights"),
    say("batch"), say("streaming"), say("yes"), say("no"), say("unknown"),
)  # fmt: skip
_BY_KEY = {str(one): one for one in KNOWN}


def word(key: str) -> str:
    """A key as it is told: in English it stands as it is."""
    return _BY_KEY.get(key, key)


def rule_words(rule: str) -> str:
    """A rule by its key, within a sentence."""
    return gone_over(_spaced, say(rule))


def _spaced(key: str) -> str:
    return key.replace("_", " ")


def yes_or_no(flag: bool) -> str:
    """An answer in a table."""
    return word("yes" if flag else "no")
