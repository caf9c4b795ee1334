"""What a workshop's pages say around their panels: what each is about, and what to talk about at its end."""

from __future__ import annotations

import json
from collections.abc import Mapping

from advisor.core.saying import numeral, say, throughout
from advisor.view import room, tables
from advisor.view.html import items, tag, text

START = say("Start here: one feature, five decisions")
TITLES = {
    name: say("{place} {title}", place=place, title=title) if place else START
    for place, (name, title) in enumerate({**room.STATIONS, "plan": say("The plan")}.items())
}
ABOUT: Mapping[str, tuple[str, ...]] = {
    "start": (
        say(
            "Pick a template, or open your own scenario file: the answer below follows at once, here and in "
            "every other notebook, and what you change is kept."
        ),
    ),
    "foundation_model": (
        say(
            "Which model does the job, and does it need a generative one at all? Options that break a hard "
            "rule are out and say why; the rest are compared on carbon, cost, quality and water per accepted "
            "answer."
        ),
        say("Predict first: which model would you have picked, and what do you think it emits in a year?"),
    ),
    "improvement": (
        say(
            "How does the chosen model learn what it lacks: by a better prompt, by retrieval, or by tuning? "
            "Each shifts tokens, quality and upkeep, so the answer depends on volume and on how often the "
            "knowledge changes."
        ),
        say("Predict first: at what volume would tuning pay?"),
    ),
    "deployment": (
        say(
            "A shared managed service, reserved capacity, batch, or machines of your own, and in which "
            "region? Idle hardware costs and emits; so does a region with a dirty grid."
        ),
        say("Predict first: how busy would a GPU of your own be, averaged over the week?"),
    ),
    "data_storage": (
        say(
            "Each body of data, from source documents to logs and backups, gets a tier, a redundancy and an "
            "age at which it moves or goes. Law, recovery time and recovery point come first."
        ),
        say("Predict first: is storage a large or a small part of this plan?"),
    ),
    "operations": (
        say(
            "How often to retrain, what to watch, when jobs run and when to roll back. A decayed model "
            "wastes cycles; so does retraining one that has not decayed."
        ),
        say("Predict first: how many days may pass before an old model costs more than a new one?"),
    ),
    "plan": (
        say(
            "Five decisions, one footprint that adds up, and everything needed to defend it: what was ruled "
            "out and by which rule, what would change the answer, which defaults nobody has confirmed, and "
            "where each number comes from."
        ),
    ),
}
# panel -> (heading, what it is for)
PANELS = {
    "log": (
        say("Have a request log?"),
        say(
            'Guessing "requests per day" is the weakest input of most workshops. Name a log (CSV, Parquet or '
            "JSON lines, prompts are never kept) and see what it says before it changes anything."
        ),
    ),
    "priorities": (
        say("Whose priorities?"),
        say(
            "Each role enters its weights unseen, one after the other. Shown together, they say where you "
            "disagree and whether one choice survives every role."
        ),
    ),
    "pilot": (
        say("Have you tried it?"),
        say(
            "Paste the answers your people judged: from then on they win over public ratings, as far as "
            "their number goes."
        ),
    ),
    "prompt": (
        say("What does the prompt weigh?"),
        say(
            "Paste a prompt, its parts marked, and perhaps a second version: tokens, energy, carbon and cost "
            "of each part in a year."
        ),
    ),
    "milestones": (
        say("Milestones"),
        say(
            "Save the plan as it stands under a name before you try something: afterwards you see what "
            "changed, and can go back."
        ),
    ),
    "owners": (
        say("Who answers for what?"),
        say(
            "A number without an owner is a guess. What would flip a choice comes first; a name confirms a "
            "value, a day says when it is due, and both are kept in the scenario."
        ),
    ),
}
TALK: Mapping[str, tuple[str, ...]] = {
    "foundation_model": (
        say("Does the quality floor say what your users would say? It rules out more than any weight does."),
        say("Which of the defaults on the left would you put your name to?"),
        say("What would you measure this week to settle the race with the runner-up?"),
    ),
    "improvement": (
        say("Is the gap one of facts, of format, or of both? Tuning does not teach facts that change."),
        say("Who keeps the index or the tuned weights current, and who pays for that?"),
        say("How many good examples exist today, and may they be used?"),
    ),
    "deployment": (
        say("Which rule keeps you out of the cleanest region, and who could change it?"),
        say("How much of the load can wait until tonight?"),
        say("What happens at the peak, and what does it cost the rest of the week?"),
    ),
    "data_storage": (
        say("Which logs does nobody read after a month, and which law says to keep them?"),
        say("Would a day's loss of this data stop the business, or annoy it?"),
        say("How small may the vectors get before answers suffer?"),
    ),
    "operations": (
        say("Does your domain change by the day, by the quarter, or hardly at all?"),
        say("Which jobs could wait for cleaner hours, and would you be able to see the saving?"),
        say("Who is called when energy per accepted answer rises by a tenth?"),
    ),
    "plan": (
        say("Every default that matters has an owner."),
        say("Someone is named for each flip: who notices, and what happens then."),
        say(
            "The files above (plan, decision record, scenario) are in your repository. The command "
            "“advisor report” prints this page from them."
        ),
    ),
}
QUESTIONS = {
    "start": say("What is asked of it, and who owns each number?"),
    "foundation_model": say("Which model, if any?"),
    "improvement": say("Prompt, retrieval or tuning?"),
    "deployment": say("Where and how does it run?"),
    "data_storage": say("Where does its data live, and how long?"),
    "operations": say("How is it kept good?"),
    "plan": say("What do we sign?"),
}
WAY = (
    say("Predict first: tick “Guess before each answer is shown” above, and it stays hidden until "
        "everybody has guessed."),
    say("Reveal the answer."),
    say("Change the input you trust least."),
    say("Record what you decide. Nothing is lost when you stop: recorded decisions are kept in the "
        "workspace folder."),
)  # fmt: skip
# what the extension of JupyterLab says of a page's kernel
KERNEL = {
    "working": say("Working out the answer …"),
    "starting": say("Starting again …"),
    "failed": say("The kernel does not start: {error}"),
    "retry": say("Try again"),
    "gone": say("The kernel has gone. The last answer stays on screen, and what you changed is kept."),
    "on": say("Go on from there"),
}


def opening(station: str) -> str:
    """The heading of a page, and what it is about, folded away."""
    about = "".join(tag("p", said) for said in ABOUT[station])
    fold = tag("details", tag("summary", say("About it")), about)
    kernel = json.dumps(throughout(KERNEL), ensure_ascii=False)
    return tag("div", tag("h1", TITLES[station]), fold, class_="adv-heading", data_said=kernel)


def panel(name: str) -> str:
    """What stands above a panel."""
    heading, said = PANELS[name]
    return tag("h2", heading) + tag("p", said)


def closing(station: str) -> str:
    """What stands at the end of a page: the agenda on the first, what to talk about on the others."""
    if station == "start":
        return agenda()
    ends = station == "plan"
    heading = say("Before you sign") if ends else say("To talk about")
    on = "" if ends else tag("p", text(say("Record the decision above, then go on:")), " ", _next(station))
    return tag("h2", heading) + items(map(text, TALK[station])) + on


def agenda() -> str:
    """Every page with its minutes and its question, and how a group goes through each."""
    rows = [
        [*(text(_minutes(path, name)) for path in room.PATHS), _link(name), text(question)]
        for name, question in QUESTIONS.items()
    ]
    columns = (*room.PATHS.values(), say("Step"), say("The question"))
    steps = "".join(tag("li", said) for said in WAY)
    return tables.grid(say("Agenda"), columns, rows) + tag("h3", say("In each step")) + tag("ol", steps)


def _minutes(path: str, name: str) -> str:
    return say("{minutes} min", minutes=numeral(room.MINUTES[path][name], "g"))


def _next(station: str) -> str:
    names = list(room.STATIONS)
    return _link(names[names.index(station) + 1])


def _link(name: str) -> str:
    book = room.NOTEBOOKS[name]
    return tag("a", TITLES[name], href=book, data_notebook=book)
