"""Telling an address of another machine from a place on this one, before anything is opened."""

from __future__ import annotations

import re

from advisor.core.errors import Fault, ScenarioError
from advisor.core.saying import say

# a scheme, a share of another machine, or a store's own file system; a drive such as C: is none
_ELSEWHERE = re.compile(r"^\s*(?:[A-Za-z][A-Za-z0-9+.-]+:(?![\\/][^/])|\\\\|//)|^\s*[A-Za-z0-9+.-]+:/")
_DRIVE = re.compile(r"^[A-Za-z]:[\\/]")


def is_elsewhere(path: object) -> bool:
    """Whether a path is an address rather than a place on this machine."""
    return bool(_ELSEWHERE.match(str(path))) and not _DRIVE.match(str(path))


def only_here(path: object) -> None:
    """Raises ScenarioError for an address in place of a path; nothing is opened."""
    if is_elsewhere(path):
        fault = Fault(str(path), say("a file on this machine"), say("an address"))
        raise ScenarioError(say("An address is no file; nothing was opened."), [fault])
