"""The few pieces of HTML that every face is made of. All text is escaped here."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from html import escape

from advisor.core.saying import Text, here

CODE = re.compile(r"`([^`]+)`")


class Page(str):
    """HTML that a notebook shows as it is."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        return str(self)


def text(value: object) -> str:
    """``value`` as text, safe inside an element or a quoted attribute."""
    return escape(here(value), quote=True)


def coded(value: object) -> str:
    """As :func:`text`, what stands between backticks in the font of code: not for an attribute."""
    return CODE.sub(r"<code>\1</code>", text(value))


def tag(name: str, /, *content: str, **attributes: str) -> str:
    """An element around HTML content; attribute values are escaped, ``class_`` is ``class``.

    Content that is a text for people is told in the language spoken, and escaped.
    """
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{text(value)}"' for key, value in attributes.items()
    )
    inner = "".join(map(_inner, content))
    return f"<{name}{given}>{inner}</{name}>"


def filled(sentence: str, **pieces: str) -> str:
    """A sentence told in the language spoken, with HTML in the places that its template names.

    ``sentence`` is said without values: ``filled(say("See {link}."), link=tag("a", ...))``.
    """
    return text(sentence).format_map({name: _inner(piece) for name, piece in pieces.items()})


def _inner(content: str) -> str:
    return text(content) if isinstance(content, Text) else content


def items(entries: Iterable[str], **attributes: str) -> str:
    """A list of HTML entries; nothing for none."""
    inner = "".join(tag("li", entry) for entry in entries)
    return tag("ul", inner, **attributes) if inner else ""


def folded(summary: str, content: str, open_: bool = False, level: int = 3) -> str:
    """A section the reader unfolds; the summary is a heading. Nothing for no content."""
    if not content:
        return ""
    state = " open" if open_ else ""
    heading = tag(f"h{level}", text(summary))
    return f'<details class="adv-fold"{state}><summary>{heading}</summary>{content}</details>'


def link(url: str, label: str) -> str:
    """A link, when the address is one a browser may follow; else the plain label."""
    if not re.match(r"https?://", url):
        return text(label)
    return tag("a", text(label), href=url, rel="noopener noreferrer")


def download(filename: str, media_type: str, content: str, label: str) -> str:
    """A link that carries the file itself, so no server is asked for it."""
    payload = base64.b64encode(content.encode("utf-8")).decode("ascii")
    return tag("a", text(label), href=f"data:{media_type};base64,{payload}", download=filename)
