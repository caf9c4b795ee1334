"""Asking a live source for JSON, with every fault told as one clear message.

Keys travel in headers to the host they belong to and appear nowhere else: no message, log
or file of this package repeats a header.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from advisor.core.errors import Fault, SourceUnavailableError
from advisor.core.saying import numeral, say

TIMEOUT_S = 30.0  # a price page takes a few seconds; longer means something is wrong
ATTEMPTS = 4
LONGEST_WAIT_S = 60.0  # a source that asks for more is told of, not waited for
PAUSE_S = 2.0
MAX_BYTES = 50_000_000  # a page of prices has about one

# status codes of HTTP
OK, UNAUTHORISED, FORBIDDEN, TOO_MANY, SERVER = 200, 401, 403, 429, 500


@dataclass(frozen=True)
class Api:
    """A live source at ``base``. ``headers`` hold its key, if any."""

    name: str
    base: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    key_variable: str = ""
    wait: Callable[[float], None] = time.sleep
    timeout_s: float = TIMEOUT_S

    @property
    def public(self) -> str:
        """The address to cite, without a name and password that it may hold."""
        return str(httpx.URL(self.base).copy_with(userinfo=b""))

    def fail(self, expected: str, found: str) -> SourceUnavailableError:
        """The error to raise when this source does not do as documented."""
        summary = say("{name} gave nothing usable; the values at hand stay.", name=self.name)
        return SourceUnavailableError(summary, [Fault(self.name, expected, found)])

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Any:
        """The JSON at ``path`` (or at a whole address on the same host).

        Waits as a 429 asks, within reason, and tries a server error again. Raises
        SourceUnavailableError for everything else that is not JSON with status 200.
        """
        url = self._address(path)
        for attempt in range(1, ATTEMPTS + 1):
            response = self._once(url, params)
            if response.status_code == OK:
                return self._json(response)
            self._refused(response)
            pause = self._pause(response, attempt)
            if attempt == ATTEMPTS or pause > LONGEST_WAIT_S:
                raise self.fail(say("an answer"), self._busy(response, pause))
            self.wait(pause)
        raise AssertionError("unreachable")

    def _address(self, path: str) -> httpx.URL:
        try:
            home = httpx.URL(self.base)
            url = httpx.URL(path) if "://" in path else httpx.URL(self.base.rstrip("/") + path)
        except httpx.InvalidURL as error:
            raise self.fail(say("an address"), say("one that cannot be read")) from error
        if home.scheme not in {"http", "https"}:
            raise self.fail(say("an http or https address"), repr(home.scheme))
        if (url.scheme, url.host, url.port) != (home.scheme, home.host, home.port):
            raise self.fail(say("a next page on {host}", host=home.host), say("one on {host}", host=url.host))
        # the client logs addresses: a name and password in one travel as a header instead
        return url.copy_with(userinfo=b"")

    def _login(self) -> tuple[str, str] | None:
        home = httpx.URL(self.base)
        return (home.username, home.password) if home.userinfo else None

    def _once(self, url: httpx.URL, params: Mapping[str, str] | None) -> httpx.Response:
        try:
            with httpx.stream(
                "GET",
                url,
                params=params,
                headers=dict(self.headers),
                auth=self._login(),
                timeout=self.timeout_s,
            ) as response:
                body = bytearray()
                for chunk in response.iter_bytes():
                    body += chunk
                    if len(body) > MAX_BYTES:
                        raise self.fail(
                            say("at most {most} bytes", most=numeral(MAX_BYTES, ",")), say("more")
                        )
                headers = {k: v for k, v in response.headers.items() if k in {"retry-after", "content-type"}}
                return httpx.Response(response.status_code, headers=headers, content=bytes(body))
        except httpx.TimeoutException as error:
            within = say("an answer within {seconds} s", seconds=numeral(self.timeout_s, "g"))
            raise self.fail(within, say("none in time")) from error
        except httpx.RemoteProtocolError as error:
            raise self.fail(say("a whole answer"), say("one that broke off")) from error
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise self.fail(say("a connection"), say("none ({kind})", kind=type(error).__name__)) from error

    def _refused(self, response: httpx.Response) -> None:
        status = response.status_code
        if status in {UNAUTHORISED, FORBIDDEN}:
            found = say("status {status}", status=status)
            if self.key_variable:
                found = say(
                    "status {status}; set a valid key in {variable}",
                    status=status,
                    variable=self.key_variable,
                )
            raise self.fail(say("to be let in"), found)
        if status != TOO_MANY and status < SERVER:
            raise self.fail(say("status {status}", status=OK), say("status {status}", status=status))

    def _pause(self, response: httpx.Response, attempt: int) -> float:
        try:
            return max(0.0, float(response.headers["retry-after"]))
        except (KeyError, ValueError):
            return PAUSE_S * attempt

    def _busy(self, response: httpx.Response, pause: float) -> str:
        if response.status_code == TOO_MANY:
            return say("status 429: too many requests, try again in {seconds} s", seconds=numeral(pause, "g"))
        return say("status {status} after {count} tries", status=response.status_code, count=ATTEMPTS)

    def _json(self, response: httpx.Response) -> Any:
        try:
            return response.json()
        except ValueError as error:
            kind = response.headers.get("content-type", "")
            page = "html" in kind or response.content[:1] == b"<"
            found = say("a web page") if page else say("text that breaks off")
            raise self.fail("JSON", found) from error

    def page(self, path: str, params: Mapping[str, str] | None = None) -> dict[str, Any]:
        """A page in the form of Azure Retail Prices: rows under ``Items``, each with a price."""
        found = self.get(path, params)
        rows = found.get("Items") if isinstance(found, dict) else None
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise self.fail(say("a page with Items"), say("something else"))
        for row in rows:
            number(self, row, "retailPrice")
        return dict(found)

    def items(self, path: str, params: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        """Rows of every page, following ``NextPageLink``."""
        found, read = self.page(path, params), set[str]()
        yield from found["Items"]
        while following := str(found.get("NextPageLink") or ""):
            if following in read:
                raise self.fail(say("a next page"), say("one already read"))
            read.add(following)
            found = self.page(following)
            yield from found["Items"]


def number(api: Api, row: Mapping[str, Any], key: str) -> float:
    """A non-negative number in a row. Raises SourceUnavailableError."""
    value = row.get(key)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < float("inf"):
        raise api.fail(say("{key} of zero or more", key=key), repr(value))
    return float(value)
