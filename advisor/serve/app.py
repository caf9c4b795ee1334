"""The web app for many: a small server, a few shared workers, one session a visitor."""

from __future__ import annotations

import asyncio
import logging
import mimetypes
import os
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files

import psutil
from tornado.httpserver import HTTPServer
from tornado.web import Application

from advisor.catalogue.translations import language, languages
from advisor.core.errors import AdvisorError, Fault
from advisor.core.saying import ENGLISH, say
from advisor.serve import guard
from advisor.serve.base_handler import Hall
from advisor.serve.handlers import routes
from advisor.serve.openings import Openings
from advisor.serve.visitors import Visitors
from advisor.serve.workers import MEGABYTE, Pool, Rank

LOG = logging.getLogger("advisor.app")
MOST_WORKERS = 4
TIDY_SECONDS = 5.0
REST_SECONDS = 10.0  # after the last visitor has gone
LEAST_MEMORY = 1000  # megabytes, of which a worker needs a few hundred
SERVER_SHARE = 0.2
STATIC = (("advisor.view", "style.css"), ("advisor.serve", "static/app.css"),
          ("advisor.serve", "static/app.js"), ("advisor.serve", "static/icon.svg"))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Settings:
    """How the app is served. ``memory`` is in megabytes, ``idle_minutes`` ends a session at rest."""

    port: int = 8866
    address: str = "127.0.0.1"
    sessions: int = 40
    memory: int = 4000
    base_url: str = "/"
    hosts: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    framed_by: tuple[str, ...] = ()
    workers: int = 0
    idle_minutes: float = 60.0
    behind_proxy: bool = False

    def checked(self) -> Settings:
        """These settings. Raises AdvisorError listing all that cannot be."""
        faults = []
        if not 0 <= self.port <= 65_535:
            faults.append(Fault("--port", say("0 to 65535"), str(self.port)))
        if not 1 <= self.sessions <= 10_000:
            faults.append(Fault("--sessions", say("1 to 10000"), str(self.sessions)))
        if self.memory < LEAST_MEMORY:
            least = say("at least {least} (megabytes)", least=LEAST_MEMORY)
            faults.append(Fault("--memory", least, str(self.memory)))
        if not (self.base_url.startswith("/") and self.base_url.endswith("/")) or not all(
            letter.isalnum() or letter in "/-_.~@%" for letter in self.base_url
        ):
            faults.append(Fault("--base-url", say("a path such as /advisor/"), repr(self.base_url)))
        for name in self.hosts:
            if not guard.host_of(name) or guard.host_of(name) != name.lower():
                faults.append(Fault("--host-name", say("a host without a port"), repr(name)))
        for origin in self.origins:
            if not origin.startswith(("http://", "https://")) or origin.count("/") != 2:
                faults.append(
                    Fault("--origin", say("an origin such as https://hub.example.org"), repr(origin))
                )
        for origin in self.framed_by:
            if origin != "'self'" and (
                not origin.startswith(("http://", "https://")) or set(origin) & set(" ;,'\"")
            ):
                faults.append(Fault("--framed-by", say("self, or an origin"), repr(origin)))
        if faults:
            raise AdvisorError(say("The app cannot be served so."), faults)
        return self

    @property
    def pool_size(self) -> int:
        """How many workers: as many as there are cores, few enough for the memory."""
        return self.workers or max(1, min(os.cpu_count() or 1, MOST_WORKERS, self.memory // LEAST_MEMORY * 2))


class App:
    """A running app, to be closed."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings.checked()
        size = settings.pool_size
        share = settings.memory * (1 - SERVER_SHARE) / size
        self.pool = Pool(size, int(share))
        self.server: HTTPServer | None = None
        self.port = 0
        self._tasks: list[asyncio.Future[None]] = []

    async def start(self) -> None:
        """Start the workers and listen. Raises AdvisorError when the port is taken."""
        settings = self.settings
        self.pool.start()
        for key in languages():
            language(key)  # read once, before anybody waits for it
        openings = Openings(self.pool)
        static = {name.rsplit("/", 1)[-1]: _static(package, name) for package, name in STATIC}
        version = sha256(b"".join(content for _, content in static.values())).hexdigest()[:12]
        first = await openings.first()
        # nobody shall wait for the first screen
        await openings.piece(first, "view", {"page": "start"}, Rank.ANSWER, ENGLISH.key)
        hall = self.hall = Hall(
            settings.base_url, version, static, settings.hosts, settings.origins, settings.framed_by,
            self.pool, openings, first,
        )  # fmt: skip
        self.visitors = hall.visitors = Visitors(
            self.pool, first, settings.sessions, settings.idle_minutes * 60
        )
        application = Application(
            routes(settings.base_url, hall), hall=hall, xsrf_cookies=True, xsrf_cookie_name="advisor_xsrf",
            xsrf_cookie_kwargs={"httponly": True, "samesite": "Lax", "path": settings.base_url},
            compress_response=True, log_function=_quiet,
        )  # fmt: skip
        self.server = HTTPServer(
            application, max_body_size=guard.BODY_BYTES, max_header_size=32_768,
            xheaders=settings.behind_proxy, idle_connection_timeout=300, body_timeout=60,
        )  # fmt: skip
        try:
            self.server.listen(settings.port, settings.address)
        except OSError as error:
            raise AdvisorError(
                say("The port is taken."), [Fault("--port", say("a free port"), str(settings.port))]
            ) from error
        self.port = next(iter(self.server._sockets.values())).getsockname()[1]
        lasting = (openings.ahead(first), self._keep_tidy(openings))
        self._tasks = [asyncio.ensure_future(one) for one in lasting]

    async def _keep_tidy(self, openings: Openings) -> None:
        rested = False
        while True:
            await asyncio.sleep(TIDY_SECONDS)
            held = psutil.Process().memory_info().rss + self.pool.bytes_held
            short = held > self.settings.memory * MEGABYTE
            if ended := self.visitors.cull(short):
                LOG.info("%d sessions ended, %d are there", ended, len(self.visitors))
            self.pool.tidy()
            emptied = self.visitors.emptied
            if emptied is None:
                rested = False
            elif not rested and self.visitors.clock() - emptied > REST_SECONDS:
                self.pool.rest()
                openings.known_to_all(self.hall.first)
                rested = True

    async def close(self) -> None:
        """Stop listening, end every session and every worker."""
        for task in self._tasks:
            task.cancel()
        if self.server is not None:
            self.server.stop()
            self.visitors.end()
        self.pool.close()


def serve(settings: Settings, opened: Callable[[str], None] = lambda _: None) -> int:
    """Serve the app and print its address. Runs until stopped. Raises AdvisorError."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    for name in ("tornado.general", "tornado.access"):  # they name visitors' addresses
        logging.getLogger(name).setLevel(logging.ERROR)
    return asyncio.run(_serve(settings.checked(), opened))


async def _serve(settings: Settings, opened: Callable[[str], None]) -> int:
    app = App(settings)
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    if os.name == "posix":  # elsewhere the loop takes no signals, and Ctrl+C ends it anyway
        for name in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(name, stopped.set)
    try:
        starting: Awaitable[None] = app.start()
        await starting
        host = "127.0.0.1" if settings.address in ("0.0.0.0", "::") else settings.address  # noqa: S104  not bound here
        address = f"http://{host}:{app.port}{settings.base_url}"
        print(f"The app opens at {address}\nPress Ctrl+C to stop.", flush=True)
        opened(address)
        await stopped.wait()
    finally:
        await app.close()
    return 0


def _static(package: str, name: str) -> tuple[str, bytes]:
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return f"{media_type}; charset=utf-8", files(package).joinpath(name).read_bytes()


def _quiet(_handler: object) -> None:
    """No line a request: addresses of visitors are nobody's business."""
