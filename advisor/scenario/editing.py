"""Changing values within a YAML text: what is not changed stays byte for byte.

A value is replaced, added or taken away where it stands; comments, order, quoting and ends of
lines around it stay. Written by hand as it was, a text can be laid out in ways that no edit
in place can follow; :func:`edited` then raises Unfit and the caller writes the part anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from advisor.core.files import Place, PlacedLoader, dump_yaml, on_one_line

INDENT = 2


class Unfit(ValueError):  # noqa: N818  no error of a user's: it only asks for another way
    """The text is laid out so that the value cannot be changed in place."""


class _Gone:
    """Stands for a value that is to be taken away."""


GONE = _Gone()
Change = tuple[Place, Any]


def edited(text: str, changes: Iterable[Change]) -> str:
    """``text`` with values set, or taken away where they are :data:`GONE`.

    Keys that lead to a value and are not there yet are added. Raises Unfit.
    """
    for place, value in changes:
        if not place:
            raise Unfit("the whole text")
        text = _changed(text, place, value)
    return text


def differences(before: Any, after: Any, place: Place = ()) -> list[Change]:
    """The fewest changes that make plain data ``before`` into ``after``."""
    if isinstance(before, Mapping) and isinstance(after, Mapping) and before and after:
        found: list[Change] = [((*place, key), GONE) for key in before if key not in after]
        for key, value in after.items():
            if key in before:
                found += differences(before[key], value, (*place, key))
            else:
                found.append(((*place, key), value))
        return found
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after) > 0:
        return [
            change
            for index, (one, other) in enumerate(zip(before, after, strict=True))
            for change in differences(one, other, (*place, index))
        ]
    same = before == after and isinstance(before, bool) == isinstance(after, bool)
    return [] if same else [(place, after)]


def _changed(text: str, place: Place, value: Any) -> str:
    try:
        node = yaml.compose(text, Loader=PlacedLoader)
    except yaml.YAMLError as error:
        raise Unfit(str(error)) from error
    parents: list[Any] = []
    for depth, part in enumerate(place):
        found = _entry(node, part)
        if found is None:
            if value is GONE:
                return text
            for key in reversed(place[depth + 1 :]):
                value = {key: value}
            return _added(text, node, parents, part, value)
        parents.append(node)
        node = found[1]
    if value is GONE:
        return _taken(text, parents, place)
    return _replaced(text, node, parents, place[-1], value)


def _entry(node: Any, part: str | int) -> tuple[Any, Any] | None:
    """The key and the value of one part of a place; None where there is none."""
    if isinstance(node, yaml.MappingNode):
        return next(((key, value) for key, value in node.value if key.value == part), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return None, node.value[part]
    return None


def _is_flow(node: Any) -> bool:
    return isinstance(node, yaml.CollectionNode) and bool(node.flow_style)


def _end(node: Any, text: str) -> int:
    """Where a node's own characters end, comments and empty lines after it left out."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style:
        last = node.value[-1] if node.value else None
        if last is None:
            raise Unfit("an empty block")
        return _end(last[1] if isinstance(last, tuple) else last, text)
    end: int = node.end_mark.index
    if isinstance(node, yaml.ScalarNode) and node.style in {"|", ">"}:
        end = node.start_mark.index + len(text[node.start_mark.index : end].rstrip())
    return end


def _line_end(text: str, at: int) -> int:
    """The end of the line that ``at`` lies on, before its line break."""
    found = text.find("\n", at)
    end = len(text) if found < 0 else found
    return end - 1 if end > at and text[end - 1] == "\r" else end


def _break(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _block(key: str | int, value: Any, indent: int, line_break: str) -> str:
    """A key and its value as lines of their own, without the last break."""
    lines = dump_yaml({key: value}).rstrip("\n").split("\n")
    return line_break.join(" " * indent + line for line in lines)


def _added(text: str, node: Any, parents: list[Any], key: str | int, value: Any) -> str:
    """A new key in a mapping."""
    if isinstance(node, yaml.ScalarNode) and parents and node.value in {"", "~", "null"}:
        at = node.start_mark.index  # a key with nothing behind it: what is added becomes its value
        if text[at : node.end_mark.index] or any(_is_flow(parent) for parent in parents):
            raise Unfit("null where keys belong")
        indent = _column_within(parents[-1]) + INDENT
        line = _line_end(text, at)
        return text[:line] + _break(text) + _block(key, value, indent, _break(text)) + text[line:]
    if not isinstance(node, yaml.MappingNode):
        raise Unfit("not a mapping")
    if _is_flow(node) or any(_is_flow(parent) for parent in parents):
        pair = on_one_line({key: value})[1:-1]
        if not node.value:
            if not parents or any(_is_flow(parent) for parent in parents):
                at = node.start_mark.index + 1
                return text[:at] + pair + text[at:]
            raise Unfit("an empty mapping is better written as lines")
        at = _end(node.value[-1][1], text)
        return f"{text[:at]}, {pair}{text[at:]}"
    line = _line_end(text, _end(node, text))
    lines = _block(key, value, _column_within(node), _break(text))
    return text[:line] + _break(text) + lines + text[line:]


def _column_within(node: Any) -> int:
    """The column that the keys of a block mapping stand in."""
    column: int = node.value[0][0].start_mark.column
    return column


def _replaced(text: str, node: Any, parents: list[Any], part: str | int, value: Any) -> str:
    start, end = node.start_mark.index, _end(node, text)
    nested = isinstance(value, Mapping | list) and bool(value)
    old_block = isinstance(node, yaml.CollectionNode) and not node.flow_style
    if _is_flow(node) or (not nested and not old_block) or any(_is_flow(parent) for parent in parents):
        in_flow = any(_is_flow(parent) for parent in parents)
        if not nested or in_flow or (_is_flow(node) and node.value):
            if old_block:
                raise Unfit("lines within brackets")
            gap = "" if start > 0 and text[start - 1] in " \n[{" else " "
            return f"{text[:start]}{gap}{on_one_line(value)}{text[end:]}"
    if not isinstance(parents[-1], yaml.MappingNode):
        raise Unfit("an item of a list")
    found = _entry(parents[-1], part)
    key = found[0] if found else None
    if key is None:
        raise Unfit("no key")
    indent, line_break = key.start_mark.column, _break(text)
    colon = text.index(":", key.end_mark.index) + 1
    first, *rest = _block("k", value, 0, line_break).split(line_break)
    head = first.removeprefix("k:")
    after = "" if old_block else text[end : _line_end(text, end)]
    behind = text[colon : _line_end(text, colon)] if old_block else after
    if behind.strip() and not behind.strip().startswith("#"):
        raise Unfit("more on the line")
    body = "".join(f"{line_break}{' ' * indent}{line}" for line in rest)
    return f"{text[:colon]}{head}{behind.rstrip()}{body}{text[_line_end(text, end) :]}"


def _taken(text: str, parents: list[Any], place: Place) -> str:
    parent = parents[-1]
    found = _entry(parent, place[-1])
    if found is None or found[0] is None:
        raise Unfit("an item of a list")
    if any(_is_flow(node) for node in parents):
        raise Unfit("a key within brackets")
    if len(parent.value) == 1:
        raise Unfit("the only key")
    key, value = found
    start = text.rfind("\n", 0, key.start_mark.index) + 1
    if text[start : key.start_mark.index].strip():
        raise Unfit("more before the key")
    end = _line_end(text, _end(value, text))
    end += len(_break(text)) if text[end : end + 1] in {"\r", "\n"} else 0
    return text[:start] + text[end:]
