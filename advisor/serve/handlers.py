"""What the server answers: pages, changes, parts, files. One session a visitor, by a cookie."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from tornado.web import HTTPError

from advisor.catalogue.translations import languages
from advisor.core.errors import AdvisorError
from advisor.core.files import MILESTONES
from advisor.core.saying import say, throughout
from advisor.serve import guard, shell
from advisor.serve.base_handler import (
    LANGUAGE,
    LANGUAGE_DAYS,
    SESSION,
    TICKET,
    Hall,
    Health,
    Nowhere,
    Room,
    Static,
)
from advisor.serve.script_texts import words
from advisor.serve.state import Change, Complaint, State
from advisor.serve.visitors import Answer, Visitor
from advisor.serve.workers import Rank
from advisor.view.html import tag
from advisor.view.texts import STEP_TITLES

NOT_NOW = say("This page could not be worked out. Try again.")
LONGEST_WORD = 100_000  # of a scenario in a link
CHANGES = ("set", "reset", "record", "own", "shipped", "open", "confirm", "milestone", "forget", "return")
# what is read or weighed without changing the scenario -> the kind of task
READ = {"pilot-read": "pilot", "prompt-weigh": "prompt", "weights": "weights", "compare": "compare"}


class Page(Room):
    """A page with the scenario as it stands; strangers see the first template, and nothing is started."""

    async def get(self, page: str) -> None:
        """The whole page."""
        hall, page = self.hall, page or "start"
        if page not in shell.TITLES:
            raise HTTPError(404)
        visitor = self.visitor
        xsrf = self.xsrf_token.decode()
        if visitor is None and hall.visitors.full:
            self.set_status(503)
            self.set_header("Retry-After", "10")
            with self.speaking():
                self.finish(shell.queue(hall.base, hall.version, xsrf))
            return
        if visitor is None:
            parts = await hall.openings.piece(hall.first, "view", {"page": page}, Rank.ANSWER, self.language)
        else:
            parts = (await shown(hall, visitor, "view", Rank.ANSWER, {"page": page})).parts
        state = visitor.state if visitor else hall.first
        around = around_of(hall, visitor, state, page, xsrf)
        with self.speaking():
            if not parts:
                self.set_status(503)
                parts = {"answer": tag("p", NOT_NOW, class_="adv-alert", role="alert")}
            self.finish(shell.document(around, parts))


class Enter(Room):
    """Gives a stranger a session, or a place in line."""

    def post(self) -> None:
        """Also the call by which an open page says that it is still there."""
        hall = self.hall
        if self.visitor is not None:
            self.write({"there": True})
            return
        spoken, entered = self.language, hall.visitors.enter(self.get_cookie(TICKET))
        if entered is not None:
            entered[1].language = spoken
            self.keep_cookie(SESSION, entered[0])
            self.clear_cookie(TICKET, path=hall.base)
            self.write({"there": True, "new": True})
            return
        waiting = hall.visitors.wait(self.get_cookie(TICKET))
        if waiting is None:
            raise HTTPError(503, reason=say("The line is full; come back later"))
        self.keep_cookie(TICKET, waiting[0])
        self.write({"there": False, "place": waiting[1]})


class Leave(Room):
    """A tab has closed."""

    def post(self) -> None:
        """Its session ends soon unless a page calls again."""
        self.hall.visitors.leave(self.get_cookie(SESSION))
        self.set_status(204)


class Asking(Room):
    """Requests of a page's script: JSON in, JSON out."""

    async def prepare(self) -> None:
        """Only visitors may ask; whoever has no session is told so."""
        await super().prepare()
        visitor = self.visitor
        if visitor is None:
            self.set_status(410)
            self.finish({"ended": True})
            return
        visitor.acted = self.hall.visitors.clock()
        self.who = visitor

    @property
    def body(self) -> dict[str, Any]:
        """The request as an object of plain values."""
        try:
            found = json.loads(self.request.body or b"{}")
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise HTTPError(400, reason=say("Not a JSON object"))
        return found

    def page_of(self, given: object) -> str:
        """The page a request speaks of."""
        if not isinstance(given, str) or given not in shell.TITLES:
            raise HTTPError(400, reason=say("No such page"))
        return given

    def tell(self, answer: Answer, page: str, whole: bool = False) -> None:
        """An answer with the header and the way through the steps as they stand; ``whole``: a page anew."""
        visitor, hall = self.who, self.hall
        if self._finished:
            return
        if visitor.ended:
            self.set_status(410)
            self.finish({"ended": True})
            return
        said: dict[str, Any] = {
            "parts": dict(answer.parts),
            "said": answer.said,
            "overtaken": answer.overtaken,
            "language": visitor.language,
        }
        if answer.refused:
            said["refused"] = answer.refused
            said["complaints"] = [complaint_of(one) for one in answer.complaints]
        around = around_of(hall, visitor, visitor.state, page, "")
        with self.speaking():
            if not answer.overtaken:
                said["parts"] |= {"bar": shell.bar(around), "nav": shell.navigation(around)}
                said["title"] = shell.titled(around)
                said["keep"] = kept_by(visitor.state)
            if whole and not answer.refused:
                said["parts"] |= shell.whole(around, answer.parts)
                said["words"] = words()
            self.finish(throughout(said))


class Show(Asking):
    """Pages and their slower parts; whoever no longer waits for one gives the work up."""

    waiting: asyncio.Future[Answer] | None = None

    def on_connection_close(self) -> None:
        """The page is closed, or asks for something later."""
        if self.waiting is not None:
            self.waiting.cancel()

    async def post(self) -> None:
        """A page, the same after a survey, its flips, what comes next, or one of its folds."""
        given = self.body
        page = self.page_of(given.get("page"))
        kind = given.get("kind", "view")
        ranks = {
            "view": Rank.ANSWER, "survey": Rank.SURVEY, "flips": Rank.FLIPS, "next": Rank.PART,
            "fold": Rank.PART,
        }  # fmt: skip
        elsewhere = (kind == "flips" and page not in STEP_TITLES) or (kind == "next" and page != "plan")
        if kind not in ranks or elsewhere:
            raise HTTPError(400, reason=say("No such part"))
        values = {"page": page, "fold": str(given.get("fold", "")), "name": str(given.get("name", ""))}
        if kind == "fold" and values["fold"] == "why":
            ranks[kind] = Rank.FLIPS  # it names all flips, so it takes as long
        self.waiting = asyncio.ensure_future(shown(self.hall, self.who, str(kind), ranks[str(kind)], values))
        try:
            answer = await self.waiting
        except asyncio.CancelledError:
            return
        self.tell(answer, page, whole=kind == "view")


class Speak(Asking):
    """The choice of a language: for this visit, and by a cookie for the next."""

    async def post(self) -> None:
        """Take it, and give the page one is on in it."""
        given = self.body
        page, chosen = self.page_of(given.get("page")), given.get("language")
        if not isinstance(chosen, str) or chosen not in languages():
            raise HTTPError(400, reason=say("No such language"))
        self.keep_cookie(LANGUAGE, chosen, LANGUAGE_DAYS)
        await self.who.speak(chosen)
        answer = await shown(self.hall, self.who, "view", Rank.ANSWER, {"page": page})
        self.tell(answer, page, whole=True)


class Act(Asking):
    """Changes of the scenario, and the way back."""

    async def post(self) -> None:
        """Make the change and give the page's new answer."""
        given = self.body
        page, do = self.page_of(given.get("page")), given.get("do")
        values = given.get("values", {})
        if not isinstance(values, dict):
            raise HTTPError(400, reason=say("No values"))
        who = self.who
        if do in CHANGES:
            answer = await who.change(Change(str(do), values), page)
        elif do == "use-traffic" and who.log:
            answer = await who.change(Change("traffic", {"text": who.log}), page)
        elif do == "use-pilot":
            answer = await who.change(Change("pilot", values), page)
        elif do in ("undo", "redo"):
            moved = await who.back(-1 if do == "undo" else 1)
            answer = await shown(self.hall, who, "view", Rank.ANSWER, {"page": page})
            kept = who.future if do == "undo" else who.past
            if moved:
                what = kept[-1][1]
                answer.said = (
                    say("Undone: {what}", what=what) if do == "undo" else say("Made again: {what}", what=what)
                )
            else:
                answer.said = say("Nothing to undo.") if do == "undo" else say("Nothing to redo.")
        elif do == "replay" and who.past:
            before, what = who.past[-1]
            answer = await who.show("view", Rank.ANSWER, {"page": page}, before)
            answer.said = what
        elif isinstance(do, str) and do in READ:
            answer = await who.show(READ[do], Rank.PART, values)
        elif do == "share":  # a link holds the scenario alone
            self.write({"link": guard.packed(who.state.text, dict(who.state.files))})
            return
        else:
            raise HTTPError(400, reason=say("That cannot be asked"))
        self.tell(answer, page)


class Bring(Asking):
    """Files that a visitor brings: a scenario, or a request log. Bounded in size, by kind."""

    async def post(self, what: str) -> None:
        """Take the files in, through the same loader as any other."""
        page = self.page_of(self.get_body_argument("page", "start"))
        files = [(one["filename"], one["body"]) for many in self.request.files.values() for one in many]
        try:
            if what == "scenario":
                word = self.get_body_argument("word", "")
                text, beside = guard.unpacked(word[:LONGEST_WORD]) if word else guard.brought(files)
                answer = await self.who.change(Change("take", {"text": text, "files": beside}), page)
            else:
                if len(files) != 1:
                    raise HTTPError(400, reason=say("One log at a time"))
                name, content = files[0]
                kind = guard.kind_of(name, guard.LOG_KINDS)
                values = {"kind": kind, "content": guard.bounded(content, guard.LOG_BYTES)}
                answer = await self.who.show("log", Rank.FILE, values)
                self.who.log = str(answer.values.get("profile", ""))
        except AdvisorError as error:
            complaints = tuple(Complaint("", str(fault)) for fault in error.faults)
            answer = Answer(refused=error.summary, complaints=complaints)
        self.tell(answer, page)


class Take(Room):
    """Files to take away: the scenario, the plan, the record, the report."""

    NAMES: ClassVar = {
        "save": "save",
        "report": "report",
        "file/plan.json": "file",
        "file/decision-record.md": "file",
        "file/deployment-files.zip": "file",
    }

    async def get(self, what: str) -> None:
        """One file of the visitor's own scenario; a stranger has none yet."""
        visitor = self.visitor
        if visitor is None:
            self.redirect(self.hall.base)
            return
        name = what.removeprefix("file/")
        answer = await visitor.show(self.NAMES[what], Rank.FILE, {"name": name})
        if answer.file is None:
            raise HTTPError(503 if answer.overtaken else 422, reason=say("The file could not be made"))
        self.set_header("Content-Type", answer.file.media_type)
        self.set_header("Content-Disposition", f'attachment; filename="{answer.file.name}"')
        self.write(answer.file.content)


def complaint_of(one: Complaint) -> dict[str, str]:
    """A complaint as a page's script reads it."""
    return {"path": one.path, "said": one.said, "keep": one.keep}


def kept_by(state: State) -> str:
    """What a page keeps to go on with: the scenario, and its milestones as far as they go along."""
    files = dict(state.files)
    whole = guard.packed(state.text, files | {MILESTONES: state.milestones}) if state.milestones else ""
    return whole if 0 < len(whole) <= LONGEST_WORD else guard.packed(state.text, files)


def around_of(hall: Hall, visitor: Visitor | None, state: State, page: str, xsrf: str) -> shell.Shell:
    """What stands around a page for a visitor."""
    undo = visitor.past[-1][1] if visitor and visitor.past else ""
    redo = visitor.future[-1][1] if visitor and visitor.future else ""
    return shell.Shell(
        page, hall.base, state.title, hall.version, xsrf, visitor is not None, undo, redo, state.recorded
    )


async def shown(hall: Hall, visitor: Visitor, kind: str, rank: Rank, values: Mapping[str, Any]) -> Answer:
    """A piece of a page: from what is kept of untouched templates, else worked out for this visitor."""
    state = visitor.state
    if hall.openings.knows(state, kind, values):
        parts = await hall.openings.piece(state, kind, values, rank, visitor.language)
        if parts:
            return Answer(parts=dict(parts), overtaken=visitor.state is not state)
    return await visitor.show(kind, rank, values)


def routes(base: str, hall: Hall) -> list[tuple[str, Callable[..., Any], dict[str, Any]]]:
    """Every address under the base."""
    given = {"hall": hall}
    pages = "|".join(name for name in shell.TITLES if name != "start")
    found: list[tuple[str, Any]] = [
        (rf"({pages})?", Page),
        (r"healthz", Health),
        (r"static/([a-z.]+)", Static),
        (r"session", Enter),
        (r"leave", Leave),
        (r"show", Show),
        (r"language", Speak),
        (r"act", Act),
        (r"bring/(scenario|log)", Bring),
        (f"({'|'.join(Take.NAMES)})", Take),
    ]
    return [*((f"{base}{pattern}", handler, given) for pattern, handler in found), (r".*", Nowhere, given)]
