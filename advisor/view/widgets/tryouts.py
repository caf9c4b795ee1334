"""What a team tries out for itself: its judged answers, and the prompts it weighs."""

from __future__ import annotations

from typing import Any

import ipywidgets as w

from advisor.core.errors import AdvisorError, Fault
from advisor.core.saying import say
from advisor.scenario.pilot_log import parse_pilot_log
from advisor.system.pilot import results_table
from advisor.system.prompt_budget import Budget, budget, exhibits
from advisor.view.faces import exhibits as shown
from advisor.view.html import tag, text
from advisor.view.session import Session
from advisor.view.widgets.face import Face
from advisor.view.widgets.spoken import draw, told

LABELLED = {"style": {"description_width": "initial"}, "continuous_update": False}
ANSWERS = "model,technique,score,input_tokens,output_tokens,turns,retries\n"
PROMPT = "=== instructions ===\n…\n=== examples ===\n…\n=== context ===\n…\n=== question ===\n…"


class Pilot(Face):
    """Paste judged answers, see what they say of each model, then let them replace the defaults."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        rows = w.Textarea(placeholder=ANSWERS, rows=8, **LABELLED)
        self.rows = told(rows, description=say("Judged answers (CSV)"))
        self.read = told(w.Button(button_style="primary"), description=say("Read them"))
        self.apply = told(w.Button(disabled=True), description=say("Use them in the scenario"))
        self.saved = w.HTML()
        self.read.on_click(lambda _button: self.guarded(self._read))
        self.apply.on_click(lambda _button: self.guarded(self._apply))
        self.children = [
            self.sheet,
            self.alert,
            *_form(self.rows, self.read, self.apply),
            self.saved,
            self.face,
        ]

    def _read(self) -> None:
        self.apply.disabled = True
        found = parse_pilot_log(self.rows.value, say("the judged answers"))
        draw(self.face, lambda: _page(say("Pilot log"), shown([results_table(found)], "pilot")))
        self.apply.disabled = False

    def _apply(self) -> None:
        path = self.session.apply_pilot(self.rows.value)
        said = say("Saved as {path}; it wins over ratings now.", path=path)
        draw(self.saved, lambda: _page(say("Saved"), tag("p", text(said), role="status")))


class Prompt(Face):
    """Paste a prompt, and perhaps a second version, to see what each part costs in a year."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        models = session.case.catalogue.keys("models")
        model = w.Dropdown(options=models, value=self._model(models), **_label())
        self.model = told(model, description=say("Model"))
        self.names = [
            told(w.Text(value=name, **LABELLED), description=say("Version")) for name in ("v1", "v2")
        ]
        self.prompts = [
            told(w.Textarea(placeholder=PROMPT, rows=9, **LABELLED), description=label)
            for label in (say("Prompt"), say("Another version (optional)"))
        ]
        self.weigh = told(w.Button(button_style="primary"), description=say("Weigh the prompt"))
        self.weigh.on_click(lambda _button: self.guarded(self._weigh))
        rows = [part for pair in zip(self.names, self.prompts, strict=True) for part in pair]
        self.children = [self.sheet, self.alert, *_form(self.model, *rows, self.weigh), self.face]

    def _model(self, models: list[str]) -> str:
        """The model chosen in the first step where it is one, else the first there is."""
        choice = self.session.decision("foundation_model").choice
        named = choice.settings.get("model") if choice else None
        return named if named in models else models[0]

    def _weigh(self) -> None:
        found = [
            budget(self.session.case, prompt.value, self.model.value, name.value)
            for name, prompt in zip(self.names, self.prompts, strict=True)
            if prompt.value.strip()
        ]
        if not found:
            fault = Fault(say("Prompt"), say("the text of a prompt"), say("nothing"))
            raise AdvisorError(say("There is no prompt."), [fault])
        other: Budget | None = found[1] if len(found) > 1 else None
        tables = exhibits(self.session.case, found[0], other)
        draw(self.face, lambda: _page(say("Prompt budget"), shown(tables, "prompt")))


def _label() -> dict[str, Any]:
    return {"style": {"description_width": "initial"}}


def _form(*children: Any) -> list[Any]:
    for child in children:
        if isinstance(child, w.Textarea):
            child.layout.width = "100%"
    return list(children)


def _page(name: str, content: str) -> str:
    return tag("article", content, class_="adv mathjax_ignore", aria_label=name)
