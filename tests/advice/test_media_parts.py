"""Images, sound, embedding at scale as parts of a request, each with its energy and price."""

from __future__ import annotations

from typing import Any

import pytest
from system.settings import by, case_of, fallen, model_of

from advisor.core.draws import central
from advisor.steps import foundation_model
from advisor.system import beyond_text, billing, model_gates, provider_pool, requests
from advisor.system.bill import Line
from advisor.system.case import Case
from advisor.system.plan import DeploymentSetting, OperationSetting, Plan, StorageSetting

SWEDEN = DeploymentSetting("maas", "regional", region="swedencentral")
PLAIN, GPT = by("prompt"), model_of("gpt-4o")
LOAD = {
    "requests_per_day": 1000, "input_tokens": 1000, "output_tokens": 200, "retry_rate": 0,
    "turns_per_task": 1,
    "growth_per_year": 0,
}  # fmt: skip


def with_media(**media: Any) -> Case:
    return case_of(workload=LOAD, knowledge={"gap": "none"}, media=media)


def part(case: Case, what: str) -> Line:
    return next(line for line in beyond_text.lines(case, GPT, PLAIN, SWEDEN) if line.what == what)


def it_wh(case: Case, line: Line) -> float:
    """IT energy of a line a request [Wh], the data centre's overhead taken off."""
    pue = case.central("regions.swedencentral.pue", "ratio")
    return central(line.footprint["energy"]) / pue * 1000


def test_an_image_read_is_tokens_read() -> None:
    """Two images of 765 tokens beside 1,150: 2,680. GPT-4o, regional, 2.75 a million: 1,530 more, $0.0042."""
    plain, seeing = case_of(workload=LOAD, knowledge={"gap": "none"}), with_media(images_read=2)
    assert central(requests.shape(seeing, "gpt-4o", "prompt").input_tokens) == pytest.approx(2680)
    costs = [central(provider_pool.per_attempt(one, GPT, PLAIN, SWEDEN)["cost"]) for one in (plain, seeing)]
    price = plain.central("prices.gpt-4o.regional.input", "USD/Mtok")
    assert costs[1] - costs[0] == pytest.approx(1530 * price / 1e6)
    told = with_media(images_read=2, tokens_per_image=1000)
    assert central(requests.shape(told, "gpt-4o", "prompt").input_tokens) == pytest.approx(3150)


def test_only_models_that_see_read_images() -> None:
    seeing, plain = with_media(images_read=1), with_media()
    for model in ("gpt-4o", "gpt-5.4"):
        assert "modality" not in fallen(model_gates.of_model(seeing, model))
    blind = [
        key for key in seeing.catalogue.keys("models")
        if "image" not in (seeing.catalogue.row("models", key).get("modalities") or ())
    ]  # fmt: skip
    assert blind
    for model in blind:
        assert "modality" in fallen(model_gates.of_model(seeing, model))
        assert "modality" not in fallen(model_gates.of_model(plain, model))


def test_what_reads_text_alone_is_no_option_for_images() -> None:
    seeing = case_of(task="extract", media={"images_read": 1})
    for kind in ("encoder", "retrieval", "custom"):
        model = model_of("bert-base" if kind == "encoder" else "llama-3.1-8b", kind=kind)  # type: ignore[arg-type]
        assert "modality" in fallen(model_gates.gates(seeing, model)), kind
        assert "modality" not in fallen(model_gates.gates(case_of(task="extract"), model)), kind


def test_images_made() -> None:
    """Three images: 3 x 2 Wh, 3 x $0.0422 (1,056 tokens at $40 a million are $0.04224)."""
    case = with_media(images_made=3)
    line = part(case, "images made")
    assert it_wh(case, line) == pytest.approx(6)
    assert central(line.footprint["cost"]) == pytest.approx(3 * 0.0422)
    assert pytest.approx(case.central("media.image_price", "USD/item"), rel=0.01) == 1056 * 40 / 1e6
    # 6 Wh at 700 W hold an accelerator 31 s: it wears
    assert central(line.footprint["embodied"]) > 0


def test_what_is_sent_again_is_made_again() -> None:
    """A fifth of what is sent fails: 1 / (1 - 0.2) = 1.25 sendings a request, and as many images."""
    case = case_of(workload={**LOAD, "retry_rate": 0.2}, knowledge={"gap": "none"}, media={"images_made": 2})
    line = part(case, "images made")
    assert central(line.quantity) == pytest.approx(2 * 1.25)
    assert central(line.footprint["cost"]) == pytest.approx(2 * 1.25 * 0.0422)


def test_sound_heard_and_spoken() -> None:
    """Ten minutes heard: 1/6 h x 1.6 Wh, and $0.06. Two minutes spoken: 0.6 Wh, $0.81 / 30 = $0.027."""
    case = with_media(audio_read_s=600, speech_made_s=120)
    heard, spoken = part(case, "sound transcribed"), part(case, "speech made")
    assert it_wh(case, heard) == pytest.approx(1.6 / 6)
    assert central(heard.footprint["cost"]) == pytest.approx(0.06)
    assert it_wh(case, spoken) == pytest.approx(0.6)
    assert central(spoken.footprint["cost"]) == pytest.approx(0.027)


def test_text_embedded_at_scale() -> None:
    """5,000 million tokens a month with the small embedder: 5,000 x $0.02 = $100 a month, $1,200 a year."""
    case = with_media(embedded_mtok_per_month=5000)
    line = part(case, "text embedded beside the index")
    assert line.phase == "standing"
    assert central(line.per_year(case)["cost"]) == pytest.approx(1200)
    assert central(line.footprint["energy"]) > 0


def test_parts_are_in_the_bill_once() -> None:
    """1,000 requests a day, one image each: 365,000 images a year, 730 kWh before overhead, $15,403."""
    case = with_media(images_made=1)
    plan = Plan(GPT, PLAIN, SWEDEN, StorageSetting("today"), OperationSetting("never", "planned", "now"))
    made = [line for line in billing.bill(case, plan) if line.what == "images made"]
    assert len(made) == 1
    assert central(made[0].per_year(case)["cost"]) == pytest.approx(365_000 * 0.0422)


def test_nothing_is_charged_where_there_is_none() -> None:
    assert beyond_text.lines(with_media(), GPT, PLAIN, SWEDEN) == ()
    assert beyond_text.lines(case_of(), GPT, PLAIN, SWEDEN) == ()


def test_video_is_a_warning_with_a_published_range() -> None:
    """0.14 to 115 Wh a clip: of 365,000 a year 51 to 41,975 kWh, and none of it in the bill."""
    case = with_media(video_made_s=5)
    plan = Plan(GPT, PLAIN, SWEDEN, StorageSetting("today"), OperationSetting("never", "planned", "now"))
    (told,) = [text for text in foundation_model.warnings(case, plan) if text.startswith("Video")]
    assert "0.14 to 115 Wh" in told
    assert "51 to 41,975 kWh a year" in told
    assert beyond_text.lines(case, GPT, PLAIN, SWEDEN) == ()
    assert not any(text.startswith("Video") for text in foundation_model.warnings(with_media(), plan))
