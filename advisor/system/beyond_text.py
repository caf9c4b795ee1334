"""What a request takes beside its text: an agent's tools, images, sound, and text embedded at scale.

Each part is a line of its own. Parts are charged where the answers are generated, as services of the same
provider; images that are only read are tokens of the request and charged with it.
"""

from __future__ import annotations

from collections.abc import Iterator

from advisor.core.draws import Array, central
from advisor.core.footprint import Footprint
from advisor.core.saying import joined, numeral, say
from advisor.system import search_units, sites, task
from advisor.system.bill import Line, Resource
from advisor.system.bill import lines as charging
from advisor.system.case import Case
from advisor.system.footprints import electricity, hardware, server_work
from advisor.system.gates import Gate, gate
from advisor.system.places import Place, place
from advisor.system.plan import DeploymentSetting, ImprovementSetting, ModelSetting
from advisor.system.requests import attempts, sendings
from advisor.system.serving import J_PER_KWH, REFERENCE_GPU

TOKENS_PER_MTOK = 1e6
S_PER_H = 3600.0
MODALITIES = {"text": say("text"), "image": say("image"), "audio": say("audio")}  # of the model table


@charging
def lines(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> Iterator[Line]:
    """Tool calls, and what is made and heard for each request sent; text embedded a month."""
    settled = (case, model, improvement)
    yield from asked(case, deployment, attempts(*settled), sendings(*settled))
    media = case.scenario.media
    if media is not None and media.embedded_mtok_per_month:
        tokens = media.embedded_mtok_per_month * TOKENS_PER_MTOK
        yield Line(
            Resource.MANAGED_TOKENS, "deployment", "standing", say("text embedded beside the index"),
            search_units.where_searched(case).key, case.full(media.embedded_mtok_per_month), "Mtok",
            search_units.embedding(case, tokens),
        )  # fmt: skip


def asked(case: Case, deployment: DeploymentSetting, called: Array, sent: Array) -> Iterator[Line]:
    """Tools and media of a request that takes so many calls and is sent so many times."""
    places = _places(case, deployment)
    part = 1.0 / len(places)
    agent, media = case.scenario.agent, case.scenario.media
    tools = task.tools_per_call(case)
    if agent is not None and tools:
        given = agent.tool_wh
        kwh = case.draw("agent.tool_energy", "kWh/item") if given is None else case.full(given / 1000.0)
        for where in places:
            one = server_work(case, kwh, place(case, where)).with_cost(case.full(agent.tool_usd))
            yield _line(Resource.HOST, say("tools an agent calls"), where, called * tools * part,
                        say("call"), one)  # fmt: skip
    if media is None:
        return
    for what, amount, unit, energy, price in (
        (say("images made"), media.images_made, say("item"), "media.image_energy", "media.image_price"),
        (say("sound transcribed"), media.audio_read_s / S_PER_H, "h", "media.transcription_energy",
         "media.transcription_price"),
        (say("speech made"), media.speech_made_s / S_PER_H, "h", "media.speech_energy", "media.speech_price"),
    ):  # fmt: skip
        if amount:
            for where in places:
                one = _made(case, energy, price, unit, place(case, where))
                yield _line(Resource.MANAGED_TOKENS, what, where, amount * sent * part, unit, one)


def _places(case: Case, deployment: DeploymentSetting) -> tuple[str, ...]:
    if deployment.mode in ("edge", "search"):
        return (search_units.where_searched(case).key,)
    return sites.answering(case, deployment)


def _made(case: Case, energy: str, price: str, unit: str, where: Place) -> Footprint:
    """Made by a service on accelerators at their power limit: electricity, wear and its price.

    On devices, which are charged whole, it is their electricity alone: no service is paid for it.
    """
    kwh = case.draw(energy, f"kWh/{unit}")
    drawn = electricity(case, kwh, where)
    if where.of_devices:
        return drawn
    seconds = kwh * J_PER_KWH / case.draw(f"gpus.{REFERENCE_GPU}.tdp", "W")
    return (drawn + hardware(case, REFERENCE_GPU, seconds)).with_cost(case.draw(price, f"USD/{unit}"))


def _line(resource: Resource, what: str, where: str, amount: Array, unit: str, one: Footprint) -> Line:
    return Line(resource, "deployment", "per_request", what, where, amount, unit, one * amount)


def reads_images(case: Case, model: str | None) -> tuple[Gate, ...]:
    """Whether a model reads the images of a request; nothing where there are none.

    No model: what only reads or finds text.
    """
    media = case.scenario.media
    if media is None or not media.images_read:
        return ()
    known = case.catalogue.row("models", model).get("modalities") if model is not None else None
    reads = known or ("text",)
    return (
        gate(
            "modality", "image" in reads, say("reads images"),
            joined(", ", (MODALITIES.get(one, one) for one in reads)),
            say("a model that reads images, or turn them into text first"),
        ),
    )  # fmt: skip


def video_warning(case: Case) -> str | None:
    """What a video takes, as a range: too little is published to charge for it; None where there is none."""
    media = case.scenario.media
    if media is None or not media.video_made_s:
        return None
    clip = case.catalogue.coefficient("media.video_energy").to("Wh/item")
    year = central(case.workload.requests_per_year)
    return say(
        "Video is not in these figures: published clips of a few seconds take {low} to "
        "{high} Wh, almost 800 times between open models. A clip per request would be "
        "{least} to {most} kWh a year: measure yours.",
        low=numeral(clip.low, ",.2g"), high=numeral(clip.high, ",.0f"),
        least=numeral(clip.low * year / 1000, ",.0f"), most=numeral(clip.high * year / 1000, ",.0f"),
    )  # fmt: skip
