"""Each visitor has a language, and all that the server and its workers say is told in it."""

from __future__ import annotations

import pickle
import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from advisor.catalogue.translations import language, languages
from advisor.core.saying import here, speaking
from advisor.serve import guard
from advisor.serve.engine import Engine
from advisor.serve.script_texts import words
from advisor.serve.shell import TITLES, Shell, document, queue, whole
from advisor.serve.state import Change, Task
from tests.pseudo import PSEUDO, left_over, words_of
from tests.serve.conftest import get

VOLUME = "workload.requests_per_day"
GERMAN = {"Accept-Language": "de-CH,de;q=0.9,en;q=0.8"}
# names of files and of the columns of one, which are typed as they stand
CODE = ("plan", "json", "decision", "record", "deployment", "files", "zip", "model", "technique", "score",
        "input_tokens", "output_tokens", "turns", "retries", *languages().values())  # fmt: skip


def lang_of(page):
    return re.search(r'<html lang="([^"]+)"', page)[1]


def speak(visitor, key, page="deployment"):
    return visitor.post("language", {"page": page, "language": key})


def test_the_script_finds_every_word_it_says():
    script = get_script()
    asked = set(re.findall(r'told\("([\w-]+)"', script)) | {"sure"}
    parts = {"flips", "next", "flips-sought", "next-sought"}
    others = {"go-on", "restart", "again", "close", "nobody", "hidden", "hidden-one", "line", "line-next",
              "copied", "holds", "share", "link"}  # fmt: skip
    assert asked <= set(words())
    assert set(words()) == asked | parts | others
    for key in languages():
        with speaking(language(key)):
            for name, said in words().items():
                assert sorted(re.findall(r"\{\w+\}", said)) == sorted(re.findall(r"\{\w+\}", english()[name]))


def get_script():
    from importlib.resources import files

    return files("advisor.serve").joinpath("static/app.js").read_text(encoding="utf-8")


def english():
    with speaking(language("en")):
        return words()


@pytest.mark.parametrize(
    ("header", "found"),
    [("", "en"), ("de", "de"), ("de-CH,de;q=0.9,en;q=0.8", "de"), ("fr,de;q=0.5", "de"), ("fr", "en"),
     ("en-GB, de;q=0.9", "en"), ("de;q=0.2,en;q=0.8", "en"), ("de;q=0", "en"), ("*", "en"),
     ("de;q=x,;;,==", "en"), ("DE", "de"), ("x" * 5_000, "en")],
)  # fmt: skip
def test_the_language_that_a_browser_likes_best(header, found):
    assert guard.preferred(header, languages(), "en") == found


def test_the_servers_own_pages_leave_nothing_untold():
    with speaking(PSEUDO):
        pages = [queue("/x/", "1", "t")]
        for name in TITLES:
            around = Shell(name, "/x/", "Zz", "1", "t", True, recorded=("deployment",))
            pages += [document(around, {"inputs": "", "folds": ""}), *whole(around, {}).values()]
        said = list(words().values())
    for page in pages:
        assert left_over(words_of(page), CODE) == []
    assert left_over(re.sub(r"\{\w+\}", "", one) for one in said) == []


@pytest.mark.parametrize("page", ["log", "pilot", "priorities", "milestones"])
def test_pages_that_wait_for_something_leave_nothing_untold(tmp_path, page):
    engine = Engine(tmp_path)
    state = engine.shelf.template("contact_centre")
    with speaking(PSEUDO):
        shown = next(engine.work(Task("view", state, (), {"page": page}, "de"))).html
    assert left_over(words_of("".join(shown.values())), CODE) == []


def test_what_a_change_says_is_kept_as_a_text_and_a_refusal_is_told_at_once(tmp_path):
    engine = Engine(tmp_path)
    state = engine.shelf.template("contact_centre")
    changes = (
        Change("set", {"path": VOLUME, "value": "-5"}), Change("forget", {"milestone": "never"}),
        Change("set", {"path": VOLUME, "value": "50000"}),
    )  # fmt: skip
    with speaking(PSEUDO):
        *refused, made = next(engine.work(Task("view", state, changes, {"page": "log"}))).outcomes
        assert left_over([here(made.said)]) == []
    for outcome in refused:
        told = [outcome.said, *(one.said for one in outcome.complaints)]
        assert left_over(told, ("never",)) == []
        assert {type(one) for one in told} == {str}
    kept = pickle.loads(pickle.dumps(made.said))  # noqa: S301  as it goes to the server
    assert kept == "Requests per day: 42,000 → 50,000"
    assert type(kept) is type(made.said)


def test_a_page_speaks_as_the_browser_asks_until_another_is_chosen(app, visit):
    assert lang_of(get(app).text) == "en"
    page = get(app + "deployment", headers=GERMAN).text
    assert lang_of(page) == "de"
    assert "Eingaben" in page
    assert 'value="42.000"' in page
    visitor = visit()
    found = speak(visitor, "de").json()
    assert found["language"] == "de"
    assert found["words"]["close"] == "Schließen"
    assert "Zur Antwort springen" in found["parts"]["skips"]
    assert "Eingaben" in found["parts"]["main"]
    assert lang_of(visitor.client.get("plan").text) == "de"
    assert visitor.client.cookies["advisor_language"] == "de"
    visitor.client.cookies.delete("advisor_session")  # the next visit
    assert lang_of(visitor.client.get("").text) == "de"
    visitor.post("session")
    assert visitor.show("deployment")["language"] == "de"
    assert speak(visitor, "en").json()["language"] == "en"
    assert lang_of(visitor.client.get("plan", headers=GERMAN).text) == "en"


def test_a_language_there_is_none_of_is_refused_and_so_is_a_request_without_the_token(visitor):
    for wrong in ("fr", "", None, ["de"], "../de"):
        assert speak(visitor, wrong).status_code == 400
    assert visitor.client.post("language", json={"page": "plan", "language": "de"}).status_code == 403
    assert visitor.show("deployment")["language"] == "en"


def test_what_was_done_before_is_told_in_the_language_of_now(visitor):
    visitor.set(VOLUME, "71,000")
    speak(visitor, "de")
    undone = visitor.act("undo")["said"]
    assert undone.startswith("Rückgängig gemacht: ")
    assert undone.endswith("42.000 → 71.000")
    speak(visitor, "en")
    assert visitor.act("redo")["said"] == "Made again: Requests per day: 42,000 → 71,000"


def test_numbers_are_typed_and_shown_as_the_language_writes_them(visitor):
    speak(visitor, "de")
    found = visitor.set(VOLUME, "71.000")
    assert found["said"].endswith("42.000 → 71.000")
    assert 'value="71.000"' in found["parts"]["inputs"]
    assert "requests_per_day: 71000\n" in visitor.saved().text
    refused = visitor.set(VOLUME, "71,000.5")
    assert refused["complaints"][0]["keep"] == "71.000"
    assert refused["complaints"][0]["said"].startswith("erwartet: ")
    assert refused["complaints"][0]["said"].endswith("gefunden: '71,000.5'.")
    speak(visitor, "en")
    assert "requests_per_day: 71000\n" in visitor.saved().text
    assert 'value="71,000"' in visitor.show("deployment")["parts"]["inputs"]


def test_a_figure_of_ones_own_is_typed_as_the_language_writes_it(visitor):
    speak(visitor, "de")
    form = visitor.show("operations", kind="fold", fold="own")["parts"]["fold-own"]
    name = re.search(r'<option value="([^"]+)" selected', form)[1]
    values = {part: re.search(rf'value="([^"]*)"[^>]*name="{part}"', form)[1]
              for part in ("low", "central", "high")}  # fmt: skip
    assert "." not in "".join(values.values()) or "e" in "".join(values.values())
    found = visitor.act("own", "operations", name=name, owner="Ada", reason="gemessen", **values)
    assert found["said"] == f"{name} ist jetzt Ihr Wert"
    central = float(values["central"].replace(",", "."))
    assert re.search(rf"central: {central:g}\b", visitor.saved().text) or f"{central}" in visitor.saved().text


def test_faults_and_refusals_are_told_too(app, visitor):
    assert get(app + "nowhere").text == "404: Not Found\n"
    assert get(app + "nowhere", headers=GERMAN).text == "404: Nicht gefunden\n"
    speak(visitor, "de")
    assert visitor.post("act", {"page": "plan", "do": "fly"}).text == "400: Das lässt sich nicht anfragen\n"
    found = visitor.bring("scenario", ("a.exe", b"name: x")).json()
    assert found["refused"] == "Diese Art von Datei wird nicht gelesen."
    found = visitor.bring(
        "scenario", ("a.yaml", b"name: x\ntask: chat\nworkload: {traffic: /etc/passwd}\n")
    ).json()
    assert "advisor-app" not in str(found)


def test_visitors_of_two_languages_at_once_do_not_mix(visit):
    there = {key: [visit() for _ in range(3)] for key in ("en", "de")}
    for key, visitors in there.items():
        for one in visitors:
            speak(one, key)

    def asks(visitor, volume):
        said = [visitor.set(VOLUME, volume), visitor.show("deployment"), visitor.show("plan", kind="view")]
        return [(one["language"], one["parts"]["nav"], one["title"]) for one in said if not one["overtaken"]]

    with ThreadPoolExecutor(6) as crowd:
        asked = [(key, crowd.submit(asks, one, str(51_000 + place)))
                 for key, visitors in there.items() for place, one in enumerate(visitors)]  # fmt: skip
    for key, answers in asked:
        assert answers.result()
        for spoken, nav, _ in answers.result():
            assert spoken == key
            assert ("Schritte" in nav) == (key == "de")
            assert ("Steps" in nav) == (key == "en")


def test_untouched_templates_are_kept_in_each_language(visit):
    one, two = visit(), visit()
    speak(two, "de")
    english_, german = (one.show("log")["parts"]["answer"] for one in (one, two))
    assert "What does your own log say?" in english_
    assert "Was sagt Ihr eigenes Protokoll?" in german
    assert one.show("log")["parts"]["answer"] == english_


def test_a_report_is_in_the_visitors_language(visitor):
    speak(visitor, "de")
    assert lang_of(visitor.client.get("report").text) == "de"
