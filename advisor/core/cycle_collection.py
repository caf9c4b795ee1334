"""How often a process looks for reference cycles: plans make very many objects, hardly any in a cycle."""

from __future__ import annotations

import gc

# objects made between two looks: of a command that is soon over, whose memory goes with it, and of a process
# that lasts
BRIEF, LASTING = 200_000, 20_000


def look_seldom(every: int) -> None:
    """Look for reference cycles once in so many objects, in this process from now on."""
    gc.set_threshold(every)


def pass_over() -> None:
    """From now on pass over every object there is when looking for cycles; what nothing holds still goes."""
    gc.freeze()
