"""Azure's price list: what each meter sells, by its name, product and unit.

A meter is understood when what it sells, its unit and, for tokens, its part are all told. What is not is
reported by ``not_understood`` and never priced.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from azure_genai_prices.meters import parse_meter_name

# units as the list writes them, and as the catalogue does, by what is sold
TOKENS = {"1K": "USD/ktok", "1M": "USD/Mtok"}
HOURS = {"1 Hour": "USD/h", "1/Hour": "USD/h"}
UNITS: dict[str, Mapping[str, str]] = {
    "provisioned units": {"1/Hour": "USD/PTU/h", "1/Month": "USD/PTU/month"},
    "hosting of a tuned model": HOURS,
    "training": {**TOKENS, **HOURS},
    "grading": TOKENS,
    "tokens": TOKENS,
    "images": {"100": "USD/(100 item)"},
    "characters": {"1M": "USD/Mchar"},
    "audio": HOURS,
    "video": {"1 Second": "USD/s", "1": "USD/s"},
    "pages": {"1K": "USD/kpage"},
    "sessions": {"1": "USD/item"},
    "stored files": {"1/Day": "USD/GB/day"},
    "file searches": {"1K": "USD/(1000 item)"},
    "reranked searches": {"1K": "USD/(1000 item)", "1": "USD/item"},
    "nothing": {"1/Hour": "free"},
}
# the first row whose words a meter's name has, all of them, says what it sells
SELLS: tuple[tuple[str, str], ...] = (
    ("provisioned units", r"provision"),
    ("hosting of a tuned model", r"\b(hosting|hstng)\b"),
    ("training", r"\b(trng|training)\b"),
    ("grading", r"\b(grader|grdr)\b"),
    ("video", r"\bsora\b"),
    ("images", r"\bimages\b"),
    ("characters", r"\bcharacters\b"),
    ("audio", r"\b(whisper|translate)\b"),
    ("pages", r"\bpages\b"),
    ("sessions", r"\bsession\b"),
    ("stored files", r"\bfile search\b.*\bgb\b"),
    ("file searches", r"\bfile search\b"),
    ("reranked searches", r"\bsearch\b"),
    ("nothing", r"^standard unit$"),
)
MEDIA = {
    "audio": r"\b(aud|audio|aud\d+)\b", "image": r"\b(img|image)\b", "text": r"\b(txt|text)\b(?! embedding)",
}  # fmt: skip
TUNED = r"\bft\b|ftregnl|fine tuned"
# models that bill one rate for what is read and written
ONE_RATE = r"^az (babbage|davinci|gpt|embeddings)|\b(babbage|davinci) 002 base\b"
SCOPES = {
    "data_zone": r"\b(dz|dzn|dzone|datazone)\b", "global": r"\b(gl|glb|glbl|global)\b",
}  # fmt: skip
GLUED = (
    (r"realtimeprvw", "realtime prvw "),
    (r"(aud|txt)(inp|outp)\b", r"\1 \2"),
    (r"data ?zone", "datazone"),
)
MISSPELT = ("ccchd", "cched")  # cached, as some meters have it
PARTS = ("input", "cache_read", "cache_write", "output", "both")


@dataclass(frozen=True, slots=True)
class Meter:
    """What one row of the list sells.

    ``part`` of tokens: input, cache_read, cache_write, output, or both at one rate; ``scope``: global,
    data_zone or regional; ``mode``: standard, batch or priority; ``context``: short or long.
    """

    sells: str
    unit: str
    name: str
    product: str
    part: str = ""
    model: str = ""
    scope: str = "regional"
    mode: str = "standard"
    context: str = "short"
    medium: str = "text"
    tuned: bool = False


def words(name: str) -> str:
    """A meter's name in plain words: lower case, one blank between them."""
    text = re.sub(r"[\s\-_/]+", " ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)).strip().lower()
    for glued, apart in GLUED:
        text = re.sub(glued, apart, text)
    return re.sub(r"\s+", " ", text)


def understand(item: Mapping[str, Any]) -> Meter | None:
    """What a row of the list sells; None where any of it is not told."""
    name, product = str(item.get("meterName", "")), str(item.get("productName", ""))
    text, measure = words(name), str(item.get("unitOfMeasure", ""))
    sells = next((sold for sold, pattern in SELLS if re.search(pattern, text)), "tokens")
    tuned = re.search(TUNED, text) is not None
    key = parse_meter_name(_spelt(name), _vendor(product)) if sells in ("tokens", "grading") else None
    part = key.kind.value if key is not None else ""
    if sells == "tokens" and not part:
        if re.search(ONE_RATE, text):
            part = _named_part(text) or "both"
        elif tuned and not re.search(r"\b(inp|inpt|input|outp|outpt|output)\b", text):
            sells = "training"  # a tuned model's tokens that are neither read nor written train it
    unit = UNITS[sells].get(measure)
    if unit is None or (sells == "tokens" and part not in PARTS):
        return None
    return Meter(
        sells, unit, name, product, part, key.model if key is not None else "",
        key.deployment.value if key is not None else _scope(text),
        key.mode.value if key is not None else "standard",
        key.context.value if key is not None else "short",
        next((medium for medium, pattern in MEDIA.items() if re.search(pattern, text)), "text"), tuned,
    )  # fmt: skip


def _spelt(name: str) -> str:
    for odd in MISSPELT:
        name = name.replace(odd, "cchd")
    return name


def _named_part(text: str) -> str:
    return "input" if " input" in text else "output" if " output" in text else ""


def _scope(text: str) -> str:
    return next((scope for scope, pattern in SCOPES.items() if re.search(pattern, text)), "regional")


def _vendor(product: str) -> str:
    """The product by whose rules a model's name is read; the list files some OpenAI meters elsewhere."""
    return "Azure OpenAI" if product.startswith("Azure OpenAI") else product


def not_understood(items: Iterable[Mapping[str, Any]]) -> list[str]:
    """Names of the meters, with product and unit, that nobody could bill by; each once."""
    return sorted({
        f"{item.get('productName')}: {item.get('meterName')} ({item.get('unitOfMeasure')})"
        for item in items if understand(item) is None
    })  # fmt: skip


def filed_by_model(items: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rows that sell tokens of models as they are.

    The list files priority meters beside tuned ones, under a product whose name has both words; read by
    that name they would all pass for tuned.
    """
    found = []
    for item in items:
        meter = understand(item)
        if meter is None or meter.sells != "tokens" or meter.tuned or meter.part == "both":
            continue
        found.append({**item, "productName": _vendor(str(item["productName"]))})
    return found
