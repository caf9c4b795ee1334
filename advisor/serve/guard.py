"""Who may ask, from where, and what a page may do: hosts, origins, headers, bounded input."""

from __future__ import annotations

import base64
import binascii
import json
import re
import zipfile
import zlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from io import BytesIO
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from advisor.core.errors import AdvisorError, Fault
from advisor.core.files import MILESTONES
from advisor.core.saying import joined, numeral, say

LOCAL = ("127.0.0.1", "localhost", "::1")
SCENARIO_BYTES = 1_000_000
BESIDE_BYTES = 5_000_000
LOG_BYTES = 20_000_000
BODY_BYTES = 22_000_000
LONGEST_HEADER = 1000  # characters of one that are read
MOST_FILES = 6  # a scenario, four that it names, its milestones
SCENARIO_KINDS = (".yaml", ".yml")
BESIDE_KINDS = (*SCENARIO_KINDS, ".csv")
LOG_KINDS = (".csv", ".json", ".jsonl", ".ndjson", ".parquet")
TASK = re.compile(r"^task\s*:", re.MULTILINE)  # a scenario has one, a traffic profile has none


def host_of(header: str) -> str:
    """The name in a Host header, without its port; empty for what is no host."""
    try:
        return (urlsplit(f"//{header}").hostname or "").lower()
    except ValueError:
        return ""


def may_host(header: str, named: Iterable[str]) -> bool:
    """Whether a Host header names this machine or a host that was named at the start."""
    return host_of(header) in {*LOCAL, *(name.lower() for name in named)}


def may_come(origin: str | None, host: str, named: Iterable[str]) -> bool:
    """Whether a page of ``origin`` may ask for changes: our own, or one that was named."""
    if origin is None:
        return True
    parts = urlsplit(origin)
    return parts.netloc.lower() == host.lower() or origin.lower() in {name.lower() for name in named}


def headers(framed_by: Sequence[str]) -> dict[str, str]:
    """The security headers of every answer; ``framed_by`` are the origins whose pages may frame ours."""
    framing = " ".join(framed_by) or "'none'"
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; "
        "img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; "
        f"frame-ancestors {framing}"
    )
    given = {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        "Cache-Control": "no-store",
        "Server": "advisor",
    }
    if not framed_by:
        given["X-Frame-Options"] = "DENY"
    elif list(framed_by) == ["'self'"]:
        given["X-Frame-Options"] = "SAMEORIGIN"
    return given


def preferred(header: str, known: Collection[str], otherwise: str) -> str:
    """Of the languages that an Accept-Language header names, the best liked that is ``known``."""
    liked: list[tuple[float, str]] = []
    for one in header[:LONGEST_HEADER].split(","):
        name, _, weight = one.partition(";")
        key = name.strip().lower().partition("-")[0]
        try:
            liking = float(weight.partition("=")[2] or 1)
        except ValueError:
            continue
        if key in known and liking > 0:
            liked.append((liking, key))
    return max(liked, key=lambda one: one[0], default=(0.0, otherwise))[1]


def kind_of(name: str, kinds: Sequence[str]) -> str:
    """The ending of a file's name. Raises AdvisorError for one that is not of ``kinds``."""
    ending = PurePosixPath(name.lower()).suffix
    if ending not in kinds:
        raise AdvisorError(
            say("This kind of file is not read."),
            [Fault("file", say("one of {names}", names=joined(", ", kinds)), ending or say("none"))],
        )
    return ending


def bounded(content: bytes, most: int) -> bytes:
    """``content``, when it is no larger than ``most`` bytes. Raises AdvisorError."""
    if len(content) > most:
        fault = Fault(
            "file",
            say("at most {most} MB", most=numeral(most / 1e6, "g")),
            say("{size} MB", size=numeral(len(content) / 1e6, ".1f")),
        )
        raise AdvisorError(say("The file is too large."), [fault])
    return content


def brought(files: Sequence[tuple[str, bytes]]) -> tuple[str, dict[str, str]]:
    """A scenario that was uploaded: its text and the files beside it. Raises AdvisorError."""
    if len(files) == 1 and files[0][0].lower().endswith(".zip"):
        files = _unpacked(files[0][1])
    if not 0 < len(files) <= MOST_FILES:
        fault = Fault(
            "files",
            say("a scenario and at most {most} files beside it", most=MOST_FILES - 1),
            str(len(files)),
        )
        raise AdvisorError(say("A scenario cannot be read."), [fault])
    texts: dict[str, str] = {}
    for given, content in files:
        name = PurePosixPath(given.replace("\\", "/")).name
        if name != MILESTONES:
            kind_of(name, BESIDE_KINDS)
        texts[name] = _text(name, bounded(content, BESIDE_BYTES))
    yamls = [name for name in texts if name.lower().endswith(SCENARIO_KINDS)]
    main = next((name for name in yamls if TASK.search(texts[name])), yamls[0] if yamls else None)
    if main is None:
        raise AdvisorError(
            say("There is no scenario."),
            [Fault("files", say("a scenario (.yaml)"), joined(", ", texts)[:80])],
        )
    text = texts.pop(main)
    bounded(text.encode(), SCENARIO_BYTES)
    return text, texts


def _text(name: str, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise AdvisorError(
            say("{name} is not UTF-8 text.", name=name[:80]), [Fault("file", say("UTF-8 text"), error.reason)]
        ) from error


def _unpacked(content: bytes) -> list[tuple[str, bytes]]:
    """The files of an archive that Save made: few, small, and with bare names."""
    wrong = AdvisorError(
        say("The archive cannot be read."), [Fault("file", say("a .zip as Save writes it"), say("another"))]
    )
    try:
        with zipfile.ZipFile(BytesIO(bounded(content, BESIDE_BYTES))) as archive:
            entries = archive.infolist()
            if len(entries) > MOST_FILES or sum(entry.file_size for entry in entries) > BESIDE_BYTES:
                raise wrong
            found = []
            for entry in entries:
                with archive.open(entry) as stream:
                    found.append((entry.filename, stream.read(BESIDE_BYTES + 1)))
            return found
    except (zipfile.BadZipFile, RuntimeError, zlib.error, EOFError, ValueError) as error:
        raise wrong from error


def packed(text: str, files: Mapping[str, str]) -> str:
    """A scenario and its files as a word that fits into a link."""
    whole = json.dumps({"text": text, "files": dict(files)}, ensure_ascii=False).encode()
    return base64.urlsafe_b64encode(zlib.compress(whole, 9)).decode().rstrip("=")


def unpacked(word: str) -> tuple[str, dict[str, str]]:
    """What :func:`packed` made, bounded in size. Raises AdvisorError for anything else."""
    wrong = AdvisorError(
        say("The link holds no scenario."), [Fault("link", say("a link as Share makes it"), say("another"))]
    )
    try:
        data = base64.urlsafe_b64decode(word + "=" * (-len(word) % 4))
        opened = zlib.decompressobj()
        whole = opened.decompress(data, BESIDE_BYTES)
        found = json.loads(whole) if opened.eof else None
    except (binascii.Error, zlib.error, ValueError, RecursionError) as error:
        raise wrong from error
    if (
        not isinstance(found, dict)
        or not isinstance(found.get("text"), str)
        or not isinstance(found.get("files"), dict)
    ):
        raise wrong
    files = {str(name): str(content) for name, content in found["files"].items()}
    bounded(found["text"].encode(), SCENARIO_BYTES)
    return found["text"], files
