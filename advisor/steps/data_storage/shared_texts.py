"""Words for what plans and scenarios know by a key: tiers, contents, ways to take data in."""

from __future__ import annotations

from advisor.core.saying import say

TIER_NAMES = (say("premium"), say("hot"), say("cool"), say("cold"), say("archive"))  # in the order of TIERS
KNOWN = (
    say("text"), say("log"), say("image"), say("audio"), say("vectors"), say("weights"),
    say("batch"), say("streaming"), say("yes"), say("no"), say("unknown"),
)  # fmt: skip
_BY_KEY = {str(one): one for one in KNOWN}


def word(key: str) -> str:
    """A key as it is told: in English it stands as it is."""
    return _BY_KEY.get(key, key)
