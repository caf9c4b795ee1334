"""Counting tokens offline, with the vocabulary that the installed tokenizer ships."""

from __future__ import annotations

import warnings
from functools import cache
from typing import Any

ENCODING = "o200k_base"  # that of OpenAI's models since GPT-4o; others differ by some per cent


@cache
def _encoding() -> Any:
    with warnings.catch_warnings():
        # the package opens its own files in a way that Python means to drop
        warnings.simplefilter("ignore", DeprecationWarning)
        import bpe_openai

        return bpe_openai.get_encoding(ENCODING)


def count_tokens(text: str) -> int:
    """Tokens of a text; text that looks like a control token is counted as plain text."""
    return len(_encoding().encode_ordinary(text))
