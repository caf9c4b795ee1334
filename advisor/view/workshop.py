"""The panels around the five steps: where a session starts, the plan, and the app that holds all."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import ipywidgets as w

from advisor.documents import documents
from advisor.scenario import STEP_NAMES
from advisor.session import CURRENT, Session, choices
from advisor.view.html import tag, text
from advisor.view.panel import Face, Panel
from advisor.view.plan import render_overview, render_plan
from advisor.view.texts import STEP_TITLES

WIDE = {"description_width": "initial"}


class Start(Face):
    """Pick a template or bring a scenario, and see all five answers at once."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._showing = False
        self.choice = w.Dropdown(description="Scenario", options=choices(), style=WIDE)
        self.upload = w.FileUpload(description="Open your own scenario", accept=".yaml,.yml", multiple=False)
        self.where = w.HTML()
        self.choice.observe(lambda _change: self._chosen(), names="value")
        self.upload.observe(lambda _change: self._uploaded(), names="value")
        row = w.Box([self.choice, self.upload])
        row.add_class("adv-record")
        self.children = [self.sheet, row, self.where, self.alert, self.face]
        session.subscribe(self.refresh)
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
            names = sorted({*choices(), self.session.path.stem})
            if list(self.choice.options) != names:
                self.choice.options = names
            self.choice.value = self.session.path.stem
        finally:
            self._showing = False
        about = text(self.session.scenario.description)
        file = tag("code", text(self.session.path.name))
        self.where.value = tag("div", tag("p", about, " ", file), class_="adv")
        self.face.value = render_overview(self.session.decisions(), self.session.case)


class Plan(Face):
    """The five decisions together, with the checklist, the record and the files."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        session.subscribe(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show the plan of the session as it stands."""
        self.guarded(self._draw)

    def _draw(self) -> None:
        decisions = self.session.decisions()
        files = documents(self.session.case, decisions)
        self.face.value = render_plan(decisions, self.session.case, files)


class App(Face):
    """Every step in one page: start, the five decisions, the plan. One is drawn at a time."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        names = ("start", *STEP_NAMES, "plan")
        self.buttons = {name: w.Button(description=_title(index, name)) for index, name in enumerate(names)}
        for name, button in self.buttons.items():
            button.on_click(partial(self._go, name))
        navigation = w.Box(list(self.buttons.values()))
        navigation.add_class("adv-steps")
        self.place = w.Box()
        self.children = [self.sheet, self.alert, navigation, self.place]
        self.pages: dict[str, Face] = {}
        self.guarded(lambda: self.show("start"))

    def _go(self, name: str, _button: Any) -> None:
        self.guarded(partial(self.show, name))

    def show(self, name: str) -> None:
        """Bring one page to the front, with the session as it stands."""
        page = self.pages.get(name)
        if page is None:
            page = self.pages[name] = self._page(name)
        else:
            page.refresh()
        self.place.children = [page]
        self.face.value = page.face.value
        for other, button in self.buttons.items():
            button.button_style = "primary" if other == name else ""

    def _page(self, name: str) -> Any:
        if name == "start":
            return Start(self.session)
        return Plan(self.session) if name == "plan" else Panel(self.session, name)


def _title(index: int, name: str) -> str:
    return f"{index} {STEP_TITLES.get(name, name.capitalize())}"


def start(scenario: str = CURRENT, overrides: Mapping[str, Any] | None = None) -> Start:
    """The panel of the first notebook."""
    return Start(Session(scenario, overrides))


def panel(name: str, scenario: str = CURRENT, overrides: Mapping[str, Any] | None = None) -> Panel:
    """The panel of one step's notebook."""
    return Panel(Session(scenario, overrides), name)


def plan(scenario: str = CURRENT, overrides: Mapping[str, Any] | None = None) -> Plan:
    """The panel of the last notebook."""
    return Plan(Session(scenario, overrides))


def app(scenario: str = CURRENT, overrides: Mapping[str, Any] | None = None) -> App:
    """All panels in one page."""
    return App(Session(scenario, overrides))
