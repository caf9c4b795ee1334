"""What a traffic profile says in words beside its figures.

A profile is kept in English. One that was read is told in any language again, so these are the messages
both of who writes it (``usage``) and of its fields.
"""

from __future__ import annotations

from collections.abc import Sequence

from advisor.core import wording
from advisor.core.saying import heard, joined, numeral, say

# one of a thing, and several
COUNTED = {
    "request": (say("{count} request"), say("{count} requests")),
    "request a day": wording.PER_DAY,
    "call": (say("{count} call"), say("{count} calls")),
    "row": (say("{count} row"), say("{count} rows")),
    "hour": (say("{count} hour"), say("{count} hours")),
    "minute": (say("{count} minute"), say("{count} minutes")),
}
# what a profile knows by a word; ``say`` of the word finds each
KINDS = (
    say("text about images"), say("embedding"), say("audio"), say("image making"), say("reranking"),
    say("moderation"),
)  # fmt: skip
TIERS = say("standard"), say("priority"), say("batch"), say("flex"), say("provisioned"), say("other")
CONFIDENCES = say("low"), say("medium"), say("high")
LONG_HOURS = say("{hours} hours")
ON_DAY = say("day {day}, {time}")
ON_LINE, ON_ROW = say("{file} line {line}"), say("{file} row {row}")

FIRST_AT = say("{what}, first at {place}")
LEFT_OUT = say("{count} row left out: {reason}"), say("{count} rows left out: {reason}")
THOUSANDS = say("{rows} rows mark thousands with a dot, as 1.234 for 1,234, and are read so")
ZONES_MIXED = say("time zones are mixed: {zoned} rows name theirs, {naive} do not and are read as UTC")
IDENTIFIED = say("{again} of {of} rows carry an identifier that another row has: the log may hold them twice")
COPIED = say("{again} holds what {first} does: it counts twice")
DEPLOYMENTS = say("which models serve these deployments is not known: {names}")
CACHE_BESIDE = say("cached tokens exceed the input, so they are counted beside it and added")
REASONING_BESIDE = say("reasoning exceeds the output, so it is counted beside it and added")
DATES_READ = {
    "day": say("dates are read with the day first"),
    "month": say("dates are read with the month first"),
}
FILE_TIMES = say("a scrape's time is when its file was written; a name as vllm-2026-11-03T0915.prom tells it")
RESTARTED = say("the engine started anew {restarts} times; what it served before a start is not counted")

TOO_SHORT = say(
    "{requests} in {span} do not tell how many a day brings, nor its peak; the scenario's own figures hold"
)
UNSEEN = say(
    "the log covers {hours} hours; {missing} of the 168 hours of a week were not seen: on the mean they are "
    "taken to be like those that were, and the scenario says when they are busy"
)
WITHIN_DAYS = say("rows are totals of hours: when within a day requests arrive is the scenario's")
NO_WEEK = say("the log does not tell which hours are busy: the scenario's own shape of the week holds")
APART = say("{calls} for {kind} stand apart from the requests")
APART_IMAGES = say("{calls} for {kind} stand apart from the requests, {images} images each")
MANY_DROPPED = say("{rows} dropped, more than one in a hundred; look at the log")
GROWTH = say("growth needs {weeks} weeks of log; the scenario's own figure holds")
GAP = say("nothing is logged for {days} days from {start}; taken as not logged, not quiet")
QUIET = say("taken as quiet, not as missing: {hours} within the period without a request")
NO_ZONE = say("times name no zone and are read as UTC")
TOLD = {
    "cached": say("{rows} of {of} rows count cached tokens; the others are taken to have none"),
    "reasoning": say("{rows} of {of} rows count reasoning; the others are taken to have none"),
}
OWN_VOLUME = say(
    "cost and carbon a year of today's models rest on {per_day}, the scenario's own; the log tells none"
)
ASSUMED_VOLUME = say(
    "cost and carbon a year of today's models rest on {per_day}, which nobody has stated; the log tells none"
)
CACHE_HITS = say("answers from the gateway's own cache count as repeats")
TOTALS = say("rows are totals over a span: tokens are their means, and how they spread is unknown")
NO_PEAK = say("the totals hide the busiest minute; the scenario's own peak holds")

# messages with values, those that hold others first
TEMPLATES: Sequence[str] = (
    FIRST_AT, *LEFT_OUT, THOUSANDS, ZONES_MIXED, IDENTIFIED, COPIED, DEPLOYMENTS, RESTARTED, TOO_SHORT,
    UNSEEN, APART_IMAGES, APART, MANY_DROPPED, GROWTH, GAP, QUIET, OWN_VOLUME, ASSUMED_VOLUME, *TOLD.values(),
    *(way for ways in COUNTED.values() for way in ways), LONG_HOURS, ON_DAY, ON_LINE, ON_ROW,
)  # fmt: skip


def counted(count: float, thing: str) -> str:
    """So many of a thing of ``COUNTED``."""
    return wording.counted(count, *COUNTED[thing])


def span(hours: float) -> str:
    """How long a log is."""
    return say(LONG_HOURS, hours=numeral(hours, ",.1f")) if hours > 1 else counted(hours * 60, "minute")


def caveat(text: str) -> str:
    """A caveat of a profile, or why rows were dropped, to be told in any language."""
    return heard(text, TEMPLATES)


def titles(text: str) -> str:
    """What logs were recognised as."""
    return joined(", ", map(say, text.split(", ")))
