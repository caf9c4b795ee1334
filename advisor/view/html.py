"""The few pieces of HTML that every face is made of. All text is escaped here."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from html import escape


class Page(str):
    """HTML that a notebook shows as it is."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        return str(self)


def text(value: object) -> str:
    """``value`` as text, safe inside an element or a quoted attribute."""
    return escape(str(value), quote=True)


def tag(name: str, /, *content: str, **attributes: str) -> str:
    """An element around HTML content; attribute values are escaped, ``class_`` is ``class``."""
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{text(value)}"' for key, value in attributes.items()
    )
    return f"<{name}{given}>{''.join(content)}</{name}>"


def items(entries: Iterable[str], **attributes: str) -> str:
    """A list of HTML entries; nothing for none."""
    inner = "".join(f"<li>{entry}</li>" for entry in entries)
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
