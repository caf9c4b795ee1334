"""The panels around the five steps: where a session starts, the plan, and the app that holds all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import ipywidgets as w

from advisor.core.cycle_collection import LASTING, look_seldom
from advisor.core.errors import AdvisorError
from advisor.core.saying import here, say
from advisor.outputs import azure_files
from advisor.outputs.documents import documents
from advisor.scenario import STEP_NAMES
from advisor.scenario.traffic import Traffic
from advisor.system.baseline import unseen_hours, with_baseline
from advisor.usage import read_usage
from advisor.view import room as rooms
from advisor.view.html import tag, text
from advisor.view.plan import render_overview, render_plan
from advisor.view.session import Session
from advisor.view.shared import SharedSession
from advisor.view.texts import STEP_TITLES
from advisor.view.traffic import render_traffic
from advisor.view.widgets import notes, spoken
from advisor.view.widgets.face import Face, boxed, note
from advisor.view.widgets.group import LOOK_SECONDS, Agenda, Watch
from advisor.view.widgets.joint_plan import Owners, Priorities
from advisor.view.widgets.milestones import Milestones
from advisor.view.widgets.panel import Panel
from advisor.view.widgets.spoken import Languages, draw, told
from advisor.view.widgets.tryouts import Pilot, Prompt
from advisor.view.workspace import CURRENT, choices, scenario_title

WIDE = {"description_width": "initial"}
TITLES = {
    "start": say("Start"), "log": say("Request log"),
    **{name: say("{index} {title}", index=index, title=title)
       for index, (name, title) in enumerate({**STEP_TITLES, "plan": say("Plan")}.items(), start=1)},
    "pilot": say("Pilot log"),
    "prompt": say("Prompt budget"),
    "priorities": say("Priorities by role"),
    "owners": say("Who answers for what"),
    "milestones": say("Milestones"),
}  # fmt: skip
_sessions: dict[tuple[str, str], Session] = {}


class Start(Face):
    """Pick a template or bring a scenario, and see all five answers at once."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._showing = False
        self.choice = told(w.Dropdown(options=_named(choices()), style=WIDE), description=say("Scenario"))
        upload = w.FileUpload(accept=".yaml,.yml", multiple=False)
        self.upload = told(upload, description=say("Open your own scenario"))
        self.where = w.HTML()
        self.choice.observe(lambda _change: self._chosen(), names="value")
        self.upload.observe(lambda _change: self._uploaded(), names="value")
        row = w.Box([self.choice, self.upload])
        row.add_class("adv-record")
        self.children = [self.sheet, row, self.where, self.alert, self.face]
        self.follows("start", session)
        self.refresh()

    def _chosen(self) -> None:
        if not self._showing:
            self.guarded(lambda: self.session.open(self.choice.value))

    def _uploaded(self) -> None:
        for file in self.upload.value:
            self.guarded(partial(self.session.add, file["name"], bytes(file["content"])))

    def refresh(self) -> None:
        """Show the five answers of the session as it stands."""
        self.guarded(self._draw)

    def _draw(self) -> None:
        self._showing = True
        try:
            named = _named({*choices(), self.session.path.stem})
            if self.choice.options != named:
                self.choice.options = named
            self.choice.value = self.session.path.stem
        finally:
            self._showing = False
        about = text(self.session.scenario.description)
        file = tag("code", text(self.session.path.name))
        self.where.value = boxed(tag("p", about, " ", file))
        if (room := rooms.load()).hides(*STEP_NAMES):
            self.face.value = rooms.hidden(room, STEP_NAMES[0])
        else:
            self.face.value = render_overview(self.session.decisions(), self.session.case)


def _named(names: Iterable[str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((here(scenario_title(name)), name) for name in names))


class Log(Face):
    """Name a request log, see what it says and would change, then apply it."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.traffic: Traffic | None = None
        self.file = told(w.Text(placeholder="usage.csv", style=WIDE), description=say("Log file or folder"))
        self.upload = told(w.FileUpload(multiple=False), description=say("or upload one"))
        self.read = told(w.Button(button_style="primary"), description=say("Read the log"))
        self.apply = told(w.Button(disabled=True), description=say("Use it in the scenario"))
        self.progress = w.HTML()
        self.read.on_click(lambda _button: self.guarded(lambda: self._read(self.file.value)))
        self.upload.observe(lambda _change: self.guarded(self._uploaded), names="value")
        self.apply.on_click(lambda _button: self.guarded(self._apply))
        row = w.Box([self.file, self.read, self.upload, self.apply])
        row.add_class("adv-record")
        self.children = [self.sheet, row, self.progress, self.alert, self.face]

    def _say(self, said: str) -> None:
        draw(self.progress, lambda: note(said, role="status"))

    def _uploaded(self) -> None:
        """Read an uploaded log from a folder that is gone afterwards: prompts may be in it."""
        for file in self.upload.value:
            with TemporaryDirectory() as folder:
                log = Path(folder) / (Path(file["name"]).name or "log")
                log.write_bytes(bytes(file["content"]))
                self._read(str(log))

    def _read(self, log: str) -> None:
        self.apply.disabled = True
        self._say(say("Reading …"))
        try:
            case = self.session.case
            unseen = unseen_hours(case.catalogue)
            read = read_usage([log], progress=self._say, unseen=unseen)
            traffic = self.traffic = with_baseline(read, case)
        finally:
            self._say("")
        draw(self.face, lambda: render_traffic(traffic, self.session.scenario))
        self.apply.disabled = False

    def _apply(self) -> None:
        if self.traffic is not None:
            path = self.session.apply_log(self.traffic)
            self._say(say("Saved as {path}; every step uses it from now on.", path=path))


class Plan(Face):
    """The five decisions together, with the checklist, the record and the files."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.follows("plan", session)
        self.refresh()

    def refresh(self) -> None:
        """Show the plan of the session as it stands."""
        self.guarded(self._draw)

    def _draw(self) -> None:
        decisions = self.session.decisions()
        files = (*documents(self.session.case, decisions), *azure_files.files(self.session.case, decisions))
        self.face.value = render_plan(decisions, self.session.case, files)


class App(Face):
    """Every step in one page: start, the five decisions, the plan. One is drawn at a time."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        names = ("start", "log", *STEP_NAMES, "plan", "pilot", "prompt", "priorities", "owners", "milestones")
        self.buttons = {name: told(w.Button(), description=TITLES[name]) for name in names}
        for name, button in self.buttons.items():
            button.on_click(partial(self._go, name))
        self.language = Languages(self.guarded)
        navigation = w.Box([*self.buttons.values(), self.language])
        navigation.add_class("adv-steps")
        self.place = w.Box()
        self.children = [self.sheet, self.alert, navigation, self.place]
        self.pages: dict[str, Face] = {}
        self.guarded(lambda: self.show("start"))

    def _go(self, name: str, _button: Any) -> None:
        self.guarded(partial(self.show, name))

    def show(self, name: str) -> None:
        """Bring one page to the front, with the session as it stands."""
        for behind in self.pages.values():
            behind.shown = False
        page = self.pages.get(name)
        if page is None:
            page = self.pages[name] = self._page(name)
        else:
            page.shown = True
            page.refresh()
        self.place.children = [page]
        self.face.value = page.left_behind()
        for other, button in self.buttons.items():
            button.button_style = "primary" if other == name else ""

    def _page(self, name: str) -> Any:
        return PAGES[name](self.session) if name in PAGES else Panel(self.session, name)


PAGES: dict[str, Callable[[Session], Face]] = {
    "start": Start, "log": Log, "plan": Plan, "pilot": Pilot, "prompt": Prompt,
    "priorities": Priorities, "owners": Owners, "milestones": Milestones,
}  # fmt: skip


def session_of(scenario: str = CURRENT, overrides: Mapping[str, Any] | None = None) -> Session:
    """The session of this kernel for a scenario: panels that name the same one share it."""
    key = (scenario, repr(sorted((overrides or {}).items())))
    if key not in _sessions:
        look_seldom(LASTING)
        if not _sessions:
            Watch(LOOK_SECONDS, spoken.follow)
        if scenario == CURRENT and not overrides:
            shared = SharedSession()
            Watch(LOOK_SECONDS, shared.follow)
            _sessions[key] = shared
        else:
            _sessions[key] = Session(scenario, overrides)
    return _sessions[key]


def _opened(
    made: Callable[[Session], Face], scenario: str, overrides: Mapping[str, Any] | None, about: str = ""
) -> Face:
    """A panel on a scenario with what it is for, or what is wrong with the scenario."""
    spoken.follow()
    try:
        face = made(session_of(scenario, overrides))
    except AdvisorError as error:
        face = Face()
        face.refuse(error)
    if about:
        face.introduce(lambda: notes.panel(about))
    return face


def agenda(station: str) -> Face:
    """What a notebook's page is about and the agenda; on the first one, how the group works together."""
    spoken.follow()
    return Agenda(station, leads=station == "start")


def closing(station: str) -> Face:
    """What a notebook's page ends with."""
    spoken.follow()
    face = Face()
    spoken.draw(face.face, lambda: boxed(notes.closing(station)))
    return face


def start(scenario: str = CURRENT, overrides: Mapping[str, Any] | None = None) -> Face:
    """The panel of the first notebook."""
    return _opened(Start, scenario, overrides)


def log(scenario: str = CURRENT, overrides: Mapping[str, Any] | None = None) -> Face:
    """The panel that reads a request log."""
    return _opened(Log, scenario, overrides, "log")


def pilot(scenario: str = CURRENT, overrides: Mapping[str, Any] | None = None) -> Face:
    """The panel that reads judged answers."""
    return _opened(Pilot, scenario, overrides, "pilot")


def prompt(scenario: str = CURRENT, overrides: Mapping[str, Any] | None = None) -> Face:
    """The panel that weighs a prompt."""
    return _opened(Prompt, scenario, overrides, "prompt")


def priorities(scenario: str = CURRENT, overrides: Mapping[str, Any] | None = None) -> Face:
    """The panel that takes priorities by role."""
    return _opened(Priorities, scenario, overrides, "priorities")


def owners(scenario: str = CURRENT, overrides: Mapping[str, Any] | None = None) -> Face:
    """The panel that puts names to inputs."""
    return _opened(Owners, scenario, overrides, "owners")


def milestones(scenario: str = CURRENT, overrides: Mapping[str, Any] | None = None) -> Face:
    """The panel that keeps milestones, compares them and goes back to one."""
    return _opened(Milestones, scenario, overrides, "milestones")


def panel(name: str, scenario: str = CURRENT, overrides: Mapping[str, Any] | None = None) -> Face:
    """The panel of one step's notebook."""
    return _opened(lambda session: Panel(session, name), scenario, overrides)


def plan(scenario: str = CURRENT, overrides: Mapping[str, Any] | None = None) -> Face:
    """The panel of the last notebook."""
    return _opened(Plan, scenario, overrides)


def app(scenario: str = CURRENT, overrides: Mapping[str, Any] | None = None) -> Face:
    """All panels in one page."""
    return _opened(App, scenario, overrides)
