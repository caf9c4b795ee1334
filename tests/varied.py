"""Valid scenarios made up at random, as the long runs make them too."""

from __future__ import annotations

from bench.varied import MOVED, TEMPLATES, varied_scenario

__all__ = ["MOVED", "TEMPLATES", "varied_scenario"]
