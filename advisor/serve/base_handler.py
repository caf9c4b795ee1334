"""What all requests share, what every one must pass, and the answers that need no visitor."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from tornado.web import HTTPError, RequestHandler

from advisor.catalogue.translations import language, languages
from advisor.core.saying import ENGLISH, here, say, speaking
from advisor.serve import guard
from advisor.serve.openings import Openings
from advisor.serve.state import State
from advisor.serve.visitors import Visitor, Visitors
from advisor.serve.workers import Pool

LOG = logging.getLogger("advisor.app")
SESSION, TICKET, LANGUAGE = "advisor_session", "advisor_place", "advisor_language"
LANGUAGE_DAYS = 365
FAULTS = {
    400: say("Bad Request"),
    403: say("Forbidden"),
    404: say("Not Found"),
    405: say("Method Not Allowed"),
    500: say("Internal Server Error"),
    503: say("Service Unavailable"),
}


@dataclass(slots=True)
class Hall:
    """What all handlers share."""

    base: str
    version: str
    static: Mapping[str, tuple[str, bytes]]
    hosts: Sequence[str]
    origins: Sequence[str]
    framed_by: Sequence[str]
    pool: Pool
    openings: Openings
    first: State
    visitors: Visitors = field(init=False)


class Room(RequestHandler):
    """Checks that every request passes, and answers that every one may end in."""

    def initialize(self, hall: Hall) -> None:
        """Take what is shared."""
        self.hall = hall

    def set_default_headers(self) -> None:
        """Security headers on every answer, faults included."""
        hall: Hall | None = self.application.settings.get("hall")
        for name, value in guard.headers(hall.framed_by if hall else ()).items():
            self.set_header(name, value)

    async def prepare(self) -> None:
        """Refuse hosts and origins that were not named."""
        host = self.request.headers.get("Host", "")
        if not guard.may_host(host, self.hall.hosts):
            raise HTTPError(403, reason=say("Host not named"))
        if not guard.may_come(self.request.headers.get("Origin"), host, self.hall.origins):
            raise HTTPError(403, reason=say("Origin not named"))

    def log_exception(self, kind: Any, error: Any, trace: Any) -> None:
        """A fault of ours with its traceback, nobody's address; what a visitor did wrong is not noted."""
        if not isinstance(error, HTTPError):
            LOG.error("a request failed", exc_info=(kind, error, trace))

    def write_error(self, status_code: int, **given: Any) -> None:
        """A fault in one plain sentence, never a traceback."""
        _, error, _ = given.get("exc_info", (None, None, None))
        said = (error.reason if isinstance(error, HTTPError) else None) or FAULTS.get(status_code)
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        with self.speaking():
            self.finish(f"{status_code}: {here(said or self._reason)}\n")

    @property
    def visitor(self) -> Visitor | None:
        """Whose request this is; None for a stranger."""
        return self.hall.visitors.find(self.get_cookie(SESSION))

    @property
    def language(self) -> str:
        """The key of the language that is spoken here: the visitor's, or the one a browser likes best."""
        visitor, kept = self.visitor, self.get_cookie(LANGUAGE)
        if visitor is not None:
            return visitor.language
        if kept in languages():
            return str(kept)
        return guard.preferred(self.request.headers.get("Accept-Language", ""), languages(), ENGLISH.key)

    def speaking(self) -> AbstractContextManager[None]:
        """Within it, texts are told in the language of this request."""
        return speaking(language(self.language))

    def keep_cookie(self, name: str, value: str, days: float | None = None) -> None:
        """A cookie out of reach of scripts, of this session alone where it is not kept for days."""
        secure = self.request.protocol == "https"
        self.set_cookie(
            name, value, path=self.hall.base, expires_days=days, httponly=True, samesite="Lax", secure=secure
        )


class Health(Room):
    """Whether the server is well; starts nothing."""

    def get(self) -> None:
        """Counts only."""
        hall = self.hall
        self.write(
            {
                "status": "ok",
                "sessions": len(hall.visitors),
                "in_line": hall.visitors.in_line,
                "workers": hall.pool.ready,
            }
        )


class Static(Room):
    """The few files that a page is made of, from memory."""

    def get(self, name: str) -> None:
        """One of them by name."""
        if name not in self.hall.static:
            raise HTTPError(404)
        media_type, content = self.hall.static[name]
        self.set_header("Content-Type", media_type)
        if self.get_query_argument("v", "") == self.hall.version:
            self.set_header("Cache-Control", "public, max-age=31536000, immutable")
        self.write(content)


class Nowhere(Room):
    """Every other address."""

    def get(self, *_: str) -> None:
        """Not found."""
        raise HTTPError(404)

    post = get
