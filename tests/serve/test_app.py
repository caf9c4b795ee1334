"""The app as its visitors meet it: each alone with a scenario of their own, whatever they send."""

from __future__ import annotations

import io
import re
import zipfile
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.serve.conftest import get

# one region and few models, so that the answers come soon
MINE = (
    "name: {name}\ntask: chat\nworkload:\n  requests_per_day: {volume}\n"
    "constraints:\n  regions_allowed: [swedencentral]\n"
    "  models_compared: [gpt-4.1, gpt-4.1-mini, gpt-4.1-nano, phi-4, llama-3.3-70b]\n"
)


def scenario(name, volume=1_234):
    return MINE.format(name=name, volume=volume).encode()


def zipped(**files):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def values_of(html):
    return dict(re.findall(r'<input type="text" value="([^"]*)"[^>]*data-path="([^"]+)"', html))


def shown(found, path):
    return next(value for value, at in values_of(found["parts"]["inputs"]).items() if at == path)


def test_strangers_and_health_checks_start_no_session(app):
    before = get(app + "healthz").json()["sessions"]
    for _ in range(30):
        page = get(app)
        assert page.status_code == 200
        assert "advisor_session" not in page.headers.get("set-cookie", "")
    found = get(app + "healthz").json()
    assert found["status"] == "ok"
    assert found["sessions"] == before


def test_a_page_shows_an_answer_at_once_and_stays_under_its_prefix(app):
    for page in ("", "foundation_model", "plan"):
        html = get(app + page).text
        assert "<h1>" in html
        places = re.findall(r'(?:href|src)="([^"#][^"]*)"', html)
        ours = [place for place in places if not re.match(r"https?://|data:|[a-z_]+$", place)]
        assert ours
        assert all(place.startswith("/x/") for place in ours), ours
    assert get(app.removesuffix("x/")).status_code == 404


def test_every_answer_carries_the_security_headers(app):
    for path in ("", "healthz", "static/app.js", "nothing-here"):
        headers = get(app + path).headers
        policy = headers["Content-Security-Policy"]
        assert "script-src 'self';" in policy
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["X-Content-Type-Options"] == "nosniff"
    page = get(app).text
    assert not re.search(r"<script(?![^>]*\bsrc=)|\son[a-z]+=|<style", page)


@pytest.mark.parametrize(
    ("host", "status"),
    [("evil.example", 403), ("", 403), ("127.0.0.1.evil.example", 403), ("hub.example", 200),
     ("HUB.example:8000", 200), ("localhost:1", 200)],
)  # fmt: skip
def test_only_hosts_that_were_named_are_answered(app, host, status):
    for path in ("", "healthz", "static/app.css"):
        assert get(app + path, headers={"Host": host}).status_code == status


def test_other_origins_and_requests_without_the_token_are_refused(visitor):
    far = {"Origin": "https://evil.example"}
    assert visitor.post("act", {"page": "plan", "do": "undo"}, headers=far).status_code == 403
    assert visitor.client.post("act", json={"page": "plan", "do": "undo"}).status_code == 403
    assert visitor.client.post("bring/scenario", files={"file": ("a.yaml", b"x")}).status_code == 403


def test_two_visitors_never_see_each_other(visit):
    one, two = visit(), visit()
    one.set("workload.requests_per_day", "71,000")
    assert shown(one.show("deployment"), "workload.requests_per_day") == "71,000"
    assert shown(two.show("deployment"), "workload.requests_per_day") == "42,000"
    assert "requests_per_day: 71000" in one.saved().text
    assert "71000" not in two.saved().text


def test_uploads_of_one_name_do_not_collide(visit):
    there = [visit() for _ in range(4)]
    with ThreadPoolExecutor(4) as crowd:
        sent = [
            crowd.submit(one.bring, "scenario", ("scenario.yaml", scenario(f"Mine {index}", 100 + index)))
            for index, one in enumerate(there)
        ]
        for one in sent:
            assert one.result().status_code == 200
    for index, one in enumerate(there):
        text = one.saved().text
        assert f"name: Mine {index}\n" in text
        assert f"requests_per_day: {100 + index}\n" in text
        assert f"Mine {index}" in one.show("start")["parts"]["answer"]


def test_a_changed_field_gives_a_new_answer_and_can_be_taken_back(visitor):
    found = visitor.set("workload.requests_per_day", "90,000")
    assert found["said"] == "Requests per day: 42,000 → 90,000"
    assert "<h1>" in found["parts"]["answer"]
    assert "adv-owned" in found["parts"]["inputs"]
    undone = visitor.act("undo")
    assert undone["said"] == "Undone: Requests per day: 42,000 → 90,000"
    assert shown(undone, "workload.requests_per_day") == "42,000"
    assert shown(visitor.act("redo"), "workload.requests_per_day") == "90,000"
    replayed = visitor.act("replay")
    assert shown(replayed, "workload.requests_per_day") == "42,000"
    assert shown(visitor.show("deployment"), "workload.requests_per_day") == "90,000"
    assert (
        visitor.act("reset", path="workload.requests_per_day")["said"] == "Requests per day: 90,000 → 10,000"
    )


@pytest.mark.parametrize(
    ("typed", "said"),
    [("-1", "at least 1"), ("many", "a number such as 71,000"), ("", "a number"), ("1e999", "finite"),
     ("1;2", "a number"), ("71.000,5", "a number")],
)  # fmt: skip
def test_a_refused_value_is_told_at_its_field_and_changes_nothing(visitor, typed, said):
    visitor.set("workload.requests_per_day", "71,000")
    found = visitor.set("workload.requests_per_day", typed)
    assert [one["path"] for one in found["complaints"]] == ["workload.requests_per_day"]
    assert said in found["complaints"][0]["said"]
    assert found["complaints"][0]["keep"] == "71,000"
    assert shown(visitor.show("deployment"), "workload.requests_per_day") == "71,000"
    assert (
        shown(visitor.act("undo"), "workload.requests_per_day") == "42,000"
    )  # the last good change, not the fault


@pytest.mark.parametrize(
    "path", ["", "nothing", "data_sets", "overrides", "decisions.deployment", "__class__", "workload"]
)
def test_what_is_no_single_field_cannot_be_set(visitor, path):
    assert visitor.set(path, "1")["refused"]


def test_a_later_change_overtakes_an_earlier_one_and_none_is_lost(visitor):
    with ThreadPoolExecutor(6) as crowd:
        sent = [
            crowd.submit(visitor.set, "workload.requests_per_day", str(volume))
            for volume in range(51_000, 56_000, 1_000)
        ]
        sent.append(crowd.submit(visitor.set, "workload.peak_to_mean", "9"))
        answers = [one.result() for one in sent]
    assert any(not answer["overtaken"] for answer in answers)
    text = visitor.saved().text
    assert "peak_to_mean: 9" in text
    assert re.search(r"^  requests_per_day: 5[1-5]000$", text, re.MULTILINE)
    taken_back = [visitor.act("undo", "log")["said"] for _ in range(7)]
    assert len({said for said in taken_back if said.startswith("Undone: ")}) == 6
    assert taken_back[-1] == "Nothing to undo."
    assert "requests_per_day: 42000" in visitor.saved().text


def test_a_change_overtakes_the_search_for_flips(visitor):
    visitor.set("workload.requests_per_day", "43,000")
    with ThreadPoolExecutor(2) as crowd:
        flips = crowd.submit(visitor.show, "deployment", kind="flips")
        answer = visitor.set("workload.requests_per_day", "44,000")
        assert shown(answer, "workload.requests_per_day") == "44,000"
        found = flips.result()
    assert found["overtaken"] or "What would change it" in found["parts"]["flips"]


def test_a_decision_is_recorded_and_marked(visitor):
    choice = re.search(r'<option value="([^"]+)" selected', visitor.show("operations")["parts"]["record"])[1]
    found = visitor.act("record", "operations", step="operations", choice=choice, by="Ada", reason="Fits")
    assert found["said"].startswith("Recorded for operations")
    assert "Recorded by Ada" in found["parts"]["answer"]
    assert "✓" in found["parts"]["nav"]
    assert "by: Ada" in visitor.saved().text
    assert visitor.act("record", "operations", step="operations", choice="none of these")["refused"]


def test_a_figure_of_ones_own_replaces_the_shipped_one_and_back(visitor):
    form = visitor.show("operations", kind="fold", fold="own")["parts"]["fold-own"]
    name = re.search(r'<option value="([^"]+)" selected', form)[1]
    low, central, high = (
        re.search(rf'value="([^"]*)"[^>]*name="{part}"', form) for part in ("low", "central", "high")
    )
    values = {"low": low[1], "central": central[1], "high": high[1], "owner": "Ada", "reason": "measured"}
    assert visitor.act("own", "operations", name=name, **values)["said"] == f"{name} is yours now"
    assert "overrides:" in visitor.saved().text
    assert visitor.act("own", "operations", name=name, **{**values, "low": "x"})["refused"]
    visitor.act("shipped", "operations", name=name)
    assert "owner: Ada" not in visitor.saved().text


@pytest.mark.parametrize(
    "fold", ["why", "costs", "compared", "exhibits", "warnings", "ruled_out", "assumed", "evidence"]
)
def test_every_fold_has_something_to_show(visitor, fold):
    assert len(visitor.show("data_storage", kind="fold", fold=fold)["parts"][f"fold-{fold}"]) > 20


def test_what_was_saved_opens_again(visit):
    one, two = visit(), visit()
    one.set("quality.floor", "0.8", "foundation_model")
    saved = one.saved()
    assert saved.headers["Content-Disposition"].endswith('.yaml"')
    two.bring("scenario", ("any.yaml", saved.content))
    assert two.saved().content == saved.content
    keep = one.show("plan")["keep"]
    three = visit()
    three.bring("scenario", word=keep)
    assert three.saved().content == saved.content


def test_milestones_outlive_undo_and_the_session_and_are_gone_back_to(visit):
    one = visit()
    one.bring("scenario", ("a.yaml", scenario("Mine", 1_234)))
    assert one.act("milestone", "milestones", name="first try")["said"] == "Kept: first try"
    assert one.act("milestone", "milestones", name="first try")["refused"]
    one.set("workload.requests_per_day", "4,321")
    one.act("undo")
    one.act("redo")
    compared = one.act("compare", "milestones", before="first try", after="")["parts"]["answer"]
    assert "1,234" in compared
    assert "4,321" in compared
    saved = one.saved()
    assert saved.headers["Content-Disposition"].endswith('.zip"')
    keep = one.show("plan")["keep"]
    back = one.act("return", "deployment", milestone="first try")
    assert shown(back, "workload.requests_per_day") == "1,234"
    assert one.act("return", "deployment", milestone="never")["refused"]
    undone = one.act("undo")
    assert shown(undone, "workload.requests_per_day") == "4,321"
    for two, given in ((visit(), {"word": keep}), (visit(), {})):
        two.bring("scenario", *([] if given else [("a.zip", saved.content)]), **given)
        assert shown(two.show("deployment"), "workload.requests_per_day") == "4,321"
        back = two.act("return", "deployment", milestone="first try")
        assert shown(back, "workload.requests_per_day") == "1,234"
    assert "first try" not in one.act("forget", "milestones", milestone="first try")["parts"]["answer"]
    link = one.act("share")["link"]
    three = visit()
    three.bring("scenario", word=link)
    assert three.saved().headers["Content-Disposition"].endswith('.yaml"')  # a link holds no milestones


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.zip", zipped(**{"a.yaml": "name: x\ntask: chat\n", "milestones.json": "[{}]"}), "milestones"),
        ("a.yaml", b"name: x\ntask: chat\n#" + b"x" * 1_000_000, "too large"),
        ("a.exe", scenario("x"), "kind of file"),
        ("a", scenario("x"), "kind of file"),
        ("a.yaml", b"\xff\xfe\x00", "UTF-8"),
        ("a.yaml", b"name: x\ntask: chat\nworkload: {traffic: /etc/passwd}\n", "fault"),
        ("a.yaml", b"name: x\ntask: chat\nmeasurements: {pilot_log: ../../../etc/passwd}\n", "fault"),
        ("a.yaml", b"name: !!python/object/apply:os.system [id]\ntask: chat\n", "plain YAML"),
        ("a.yaml", b"a: &a [x]\nb: *a\n", "plain YAML"),
        ("a.csv", b"model,score\n", "no scenario"),
        ("a.zip", zipped(**{"../../evil.yaml": "name: x\ntask: chatter\n"}), "fault"),
        ("a.zip", zipped(**{"a.yaml": "#" + "0" * 50_000_000}), "archive"),
        ("a.zip", zipped(**{f"{n}.yaml": "name: x" for n in range(9)}), "archive"),
        ("a.zip", b"PK\x03\x04 broken", "archive"),
    ],
)  # fmt: skip
def test_what_is_no_scenario_is_refused_in_words_and_nothing_changes(visitor, name, content, said):
    before = visitor.saved().text
    answer = visitor.bring("scenario", (name, content)).json()
    words = " ".join([answer["refused"], *(one["said"] for one in answer["complaints"])])
    assert said in words
    assert "advisor-app" not in words
    assert "root:" not in words
    assert visitor.saved().text == before


def test_links_that_hold_no_scenario_are_refused(visitor):
    for word in ("", "AAAA", "eNpLSwMAAoEBRQ", "é" * 40, "A" * 200_000):
        assert visitor.bring("scenario", word=word).json()["refused"]


def test_a_request_log_is_read_and_used(visitor):
    rows = "\n".join(
        f"2026-10-{day:02d}T{hour:02d}:00:00Z,{100 + hour},50" for day in range(1, 15) for hour in range(24)
    )
    read = visitor.bring(
        "log", ("usage.csv", f"TIMESTAMP,ContextTokens,GeneratedTokens\n{rows}\n".encode())
    ).json()
    assert "336 requests" in read["parts"]["answer"]
    used = visitor.act("use-traffic", "log")
    assert used["said"] == "The request log is used now"
    assert 'class="adv-badge adv-measured"' in visitor.show("deployment")["parts"]["inputs"]
    assert visitor.saved().headers["Content-Type"] == "application/zip"
    text = visitor.saved().content
    other = visitor.bring("scenario", ("again.zip", text)).json()
    assert not other.get("refused")
    assert "measured" in visitor.show("deployment")["parts"]["inputs"]


@pytest.mark.parametrize(
    ("name", "content"),
    [("log.gz", b"x"), ("log.txt", b"/etc/passwd"), ("log.csv", b"a,b\n1,2\n"), ("log.parquet", b"PAR1"),
     ("log.csv", b"x" * 20_000_001)],
)  # fmt: skip
def test_logs_that_cannot_be_read_are_refused_without_a_path(visitor, name, content):
    found = visitor.bring("log", (name, content)).json()
    words = " ".join([found["refused"], *(one["said"] for one in found["complaints"])])
    assert found["refused"]
    assert "advisor-app" not in words
    assert visitor.post("act", {"page": "log", "do": "use-traffic"}).status_code == 400


def test_judged_answers_and_a_prompt_are_read(visitor):
    answers = "model,score\n" + "gpt-5.4-mini,yes\n" * 30
    read = visitor.act("pilot-read", "pilot", text=answers)
    assert "gpt-5.4-mini" in read["parts"]["answer"]
    assert visitor.act("use-pilot", "pilot", text=answers)["said"] == "Your judged answers are used now"
    assert visitor.act("pilot-read", "pilot", text="nonsense")["refused"]
    weighed = visitor.act(
        "prompt-weigh", "prompt", model="gpt-5.4-mini", first="=== instructions ===\nBe brief.\n"
    )
    assert "<table" in weighed["parts"]["answer"]
    assert visitor.act("prompt-weigh", "prompt", model="gpt-5.4-mini")["refused"]
    assert visitor.act("prompt-weigh", "prompt", model="/etc/passwd", first="x")["refused"]


@pytest.mark.parametrize(
    "path",
    ["static/../app.py", "static/..%2f..%2fcli.py", "static/app.py", "static/%2e%2e/app.py", "static/",
     "file/..%2f..%2fetc%2fpasswd", "file/scenario.yaml", "file//etc/passwd", "../../etc/passwd",
     "data/scenarios/contact_centre.yaml"],
)  # fmt: skip
def test_no_path_of_the_server_can_be_named(visitor, path):
    found = visitor.client.get(path)
    assert found.status_code in (403, 404)
    assert "root:" not in found.text
    assert visitor.act("open", name=f"../{path}")["refused"]


def test_files_to_take_away(visitor):
    assert visitor.client.get("file/plan.json").json()["schema_version"]
    assert visitor.client.get("file/decision-record.md").text.startswith("---")
    html = visitor.client.get("report")
    assert html.headers["Content-Disposition"].endswith('-report.html"')
    # the plan, five steps, and what it all rests on
    assert html.text.count("<article") == 7


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{", b'{"page": "nowhere", "do": "undo"}', b'{"page": "plan", "do": "fly"}',
     b"[" * 10_000, b'{"page": {"a": 1}, "do": "undo"}', b'{"page": "plan", "do": ["set"]}'],
)  # fmt: skip
def test_nonsense_is_refused_quietly(visitor, body):
    found = visitor.client.post("act", content=body, headers={"X-XSRFToken": visitor.token})
    assert found.status_code == 400
    assert "Traceback" not in found.text


def test_names_from_files_are_text_on_every_page(visitor):
    nasty = "<img src=x onerror=alert(1)>"
    visitor.bring("scenario", ("a.yaml", scenario(f'"{nasty}"')))
    for page in ("start", "foundation_model", "plan"):
        html = visitor.client.get("" if page == "start" else page).text
        assert nasty not in html
        assert "&lt;img" in html
    assert (
        visitor.saved().headers["Content-Disposition"]
        == 'attachment; filename="img-src-x-onerror-alert-1.yaml"'
    )


def test_who_has_no_session_is_told_so(app):
    page = get(app)
    token = re.search(r'name="xsrf" content="([^"]+)"', page.text)[1]
    cookies = dict(page.cookies.items()) | {"advisor_session": "guessed"}
    found = httpx.post(
        app + "act", json={"page": "plan", "do": "undo"}, headers={"X-XSRFToken": token}, cookies=cookies
    )
    assert found.status_code == 410
    assert found.json() == {"ended": True}
    assert get(app + "save").status_code == 302
