"""A face that is drawn at once and goes on in slices, so that a change that comes meanwhile goes first."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from functools import partial

from advisor.core.slices import Sliced, at_once
from advisor.system.case import Case
from advisor.view.session import Session
from advisor.view.widgets.face import Face

# seconds without a further change before the slower parts are drawn; of work on them before a breath between
# two slices; and of that breath, in which a change that has come meanwhile goes first
PAUSE, WORK, BREATH = 0.005, 0.04, 0.002


class Slow(Face):
    """What it shows of a session at once, it says in ``_draw``; what takes longer, in ``_slower``."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._pending: asyncio.TimerHandle | None = None

    @abstractmethod
    def _draw(self) -> None:
        """Show what is known at once."""

    @abstractmethod
    def _slower(self) -> Sliced[None]:
        """Show what takes longer, a slice at a time."""

    def refresh(self) -> None:
        """Show the session as it stands: what is known at once, and after a pause what takes longer.

        A change that comes in between goes first, and what it overtakes is not drawn.
        """
        if self._pending is not None:
            self._pending.cancel()
            self._pending = None
        if self.guarded(self._draw):
            self._begin(self._slower(), PAUSE)

    def _begin(self, slices: Sliced[None], pause: float) -> None:
        """Do something in slices after a pause; all at once where there is no loop."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self.watched(partial(at_once, slices))
        else:
            self._pending = loop.call_later(pause, self._go_on, slices, self.session.case, loop)

    def _go_on(self, slices: Sliced[None], case: Case, loop: asyncio.AbstractEventLoop) -> None:
        """Do a few slices, then after a breath the next; none after a change seen on another page only."""
        self._pending, until = None, loop.time() + WORK

        def few() -> None:
            for _ in slices:
                if loop.time() >= until:
                    self._pending = loop.call_later(BREATH, self._go_on, slices, case, loop)
                    break

        if self.session.case is case:
            self.watched(few)
