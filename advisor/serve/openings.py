"""What everybody may see before anything is theirs: the pages of the untouched templates.

They are worked out once. Only states that are a shipped template to the letter are looked up here,
so nothing a visitor typed can be found by another.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from advisor.catalogue.translations import languages
from advisor.serve.state import Applied, Done, Message, Parts, State, Task
from advisor.serve.workers import Pool, Rank
from advisor.view.texts import STEP_TITLES

FIRST_TEMPLATE = "contact_centre"
PAGES = ("start", *STEP_TITLES, "plan")


class Openings:
    """Pieces of templates' pages, each worked out on first demand and then kept."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self._kept: dict[tuple[str, ...], asyncio.Future[dict[str, str]]] = {}

    async def first(self) -> State:
        """The template that a session begins with."""
        found: list[State] = []

        def told(message: Message) -> None:
            if isinstance(message, Applied) and message.outcomes[0].state is not None:
                found.append(message.outcomes[0].state)

        task = Task("template", State(""), (), {"name": FIRST_TEMPLATE})
        await self.pool.submit(Rank.ANSWER, lambda: task, told).done
        if not found:
            raise RuntimeError(f"the template {FIRST_TEMPLATE} does not open")
        return found[0]

    def knows(self, state: State, kind: str, values: Mapping[str, Any]) -> bool:
        """Whether a piece is one that is kept here."""
        own = values.get("name") or values.get("page") == "milestones"
        return state.pristine and kind in ("view", "flips", "next", "fold") and not own

    async def piece(
        self, state: State, kind: str, values: Mapping[str, Any], rank: Rank, language: str
    ) -> dict[str, str]:
        """A piece of a template's page in a language; empty when it could not be worked out this time."""
        key = (language, state.key, kind, str(values.get("page")), str(values.get("fold", "")))
        if key not in self._kept:
            task = Task(kind, state, (), values, language)
            self._kept[key] = asyncio.ensure_future(self._made(task, rank))
        parts = await asyncio.shield(self._kept[key])
        if not parts:
            self._kept.pop(key, None)
        return parts

    async def _made(self, task: Task, rank: Rank) -> dict[str, str]:
        parts: dict[str, str] = {}

        def told(message: Message) -> None:
            if isinstance(message, Parts):
                parts.update(message.html)

        last = await self.pool.submit(rank, lambda: task, told).done
        return parts if isinstance(last, Done) else {}

    def known_to_all(self, state: State) -> None:
        """Let each worker survey a template, as what visitors change in it is answered from there."""
        task = Task("survey", state, (), {"page": "start"})
        for place in range(self.pool.size):
            self.pool.submit(Rank.AHEAD, lambda: task, home=place)

    async def ahead(self, state: State) -> None:
        """Work out the pages and flips of a template, one after another, before anyone asks.

        What is worked out once is only drawn anew in a further language.
        """
        self.known_to_all(state)
        for key in languages():
            for page in PAGES:
                await self.piece(state, "view", {"page": page}, Rank.ANSWER, key)
        for key in languages():
            await self.piece(state, "next", {"page": "plan"}, Rank.AHEAD, key)
            for page in STEP_TITLES:
                await self.piece(state, "flips", {"page": page}, Rank.AHEAD, key)
