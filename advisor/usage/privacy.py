"""What may be said of a log: no text from its cells, and of its column names only plain words.

A file without a header has its first row, perhaps a prompt, where names are expected, and a JSON
key may be anything. So a name is repeated only when it is made of words that logs use for columns.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from advisor.core.saying import say

SHOWN_NAMES = 12
_VOCABULARY = """
a ai api app application at attempt attempts attributes audio average avg azure backend base batch
billed billing block blocks body bucket by byte bytes cache cached call charge chat client code column
completion completions consumed content context conversation correlation cost count created creation
currency data date datetime day deployment deployments details duration elapsed embedding end ended
endpoint engine epoch error errors event events failed finish finished first gateway gen generated
generation group hash headers hit hour id ids image images in index input inputs interval item iso key
kind last latency length level line list log logged logs llm lm max maximum message messages metadata
method metric min minimum minute ms mode model models month n name names nano node ns num number object
of on one operation organization out output outputs page parent path period pricing priority processed
product project prompt prompts provider qty quantity query queue ratio read reasoning region remark
request requests resource response responses result results retry role row rows sec second seconds
sent sequence server service session size sku snapshot source span spans spend start started starting
status stream subscription success sum system tag tags team tenant text thought thoughts tier time
timestamp to token tokens tool tools total totals trace traces tts two type unit units unix update
updated url usage use used user utc value values vendor version when window with write year zone
attempted ending entry gpu host instance ip job logprob modality num ok openai anthropic bedrock vertex
gemini litellm langfuse helicone otel uncached used per and for not no is was grain
"""
_WORDS = frozenset(_VOCABULARY.split())
_SPLIT = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^A-Za-z\d]+")
_MARKS = re.compile(r"^[\s._\-\[\]()/#:,;|>]*$")
MOST_NAME = 64
# what a terminal or a page would obey rather than show
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_NEWLINES = re.compile(r"[\r\n\t]")


def shown(name: str) -> str:
    """A column's name if it is made of a log's usual words, else that it is not shown."""
    if len(name) > MOST_NAME:
        return say("a name not shown")
    parts = _SPLIT.findall(name)
    words = [part.lower() for part in parts if part.isalpha()]
    fine = all(word in _WORDS for word in words) and all(
        part.isalpha() or (part.isdigit() and len(part) <= 2) or _MARKS.match(part) for part in parts
    )
    return name if words and fine else say("a name not shown")


def listed(names: Sequence[str]) -> str:
    """Column names as far as they may be shown, and how many there are."""
    safe = [name for name in names if shown(name) == name]
    hidden = len(names) - len(safe)
    if not names:
        return say("no columns")
    if not safe:
        if hidden == 1:
            return say("1 column with none of a log's usual names (is the header missing?)")
        return say("{count} columns with none of a log's usual names (is the header missing?)", count=hidden)
    said = ", ".join(safe[:SHOWN_NAMES]) + (", …" if len(safe) > SHOWN_NAMES else "")
    if hidden:
        return say("the columns {names} and {count} more", names=said, count=hidden)
    return say("the columns {names}", names=said)


def printable(text: str) -> str:
    """Text in which control characters stand as escapes, so that no terminal obeys them."""
    return _CONTROL.sub(lambda match: match.group().encode("unicode_escape").decode(), text)


def file_name(path: str) -> str:
    """A file's path on one line, without control characters."""
    return printable(_NEWLINES.sub("?", path))
