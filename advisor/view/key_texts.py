"""Words for what scenarios, plans and bills know by a key: choices and units."""

from __future__ import annotations

from advisor.core.saying import Text, joined, say
from advisor.core.wording import spaced

# what may be chosen in a scenario or a plan: messages, so that ``say`` of the key finds each
VALUES = {
    # tasks
    "chat": say("chat"),
    "rag_qa": say("rag_qa"),
    "summarise": say("summarise"),
    "extract": say("extract"),
    "classify": say("classify"),
    "translate": say("translate"),
    "generate": say("generate"),
    "code": say("code"),
    "agents": say("agents"),
    "vision": say("vision"),
    # when requests arrive
    "office_hours": say("office_hours"),
    "evening": say("evening"),
    "always_on": say("always_on"),
    "nightly_batch": say("nightly_batch"),
    "flat": say("flat"),
    # answers, and how much of something
    "yes": say("yes"),
    "no": say("no"),
    "unknown": say("unknown"),
    "none": say("none"),
    "minimal": say("minimal"),
    "low": say("low"),
    "medium": say("medium"),
    "high": say("high"),
    "stable": say("stable"),
    "moderate": say("moderate"),
    "volatile": say("volatile"),
    # what a model lacks, and the rating to start from
    "facts": say("facts"),
    "format": say("format"),
    "both": say("both"),
    "text": say("text"),
    "coding": say("coding"),
    "hard": say("hard"),
    # where and how it runs
    "serverless": say("serverless"),
    "dedicated": say("dedicated"),
    "batch": say("batch"),
    "streaming": say("streaming"),
    "serving": say("serving"),
    "another job": say("another job"),
    "gpu": "gpu",
    "server": say("server"),
    "global": say("global"),
    "datazone": say("datazone"),
    "processors": say("processors"),
    "container": say("container"),
    "exact": say("exact"),
    "semantic": say("semantic"),
    "semantic-cosmos": say("semantic-cosmos"),
    # when something is trained again
    "never": say("never"),
    "calendar": say("calendar"),
    "best": say("best"),
    "trigger": say("trigger"),
}
# parts of a unit that are words
UNITS = {
    "10k_op": say("10k_op"),
    "1k_requests": say("1k_requests"),
    "Bparam": say("Bparam"),
    "GB-month": say("GB-month"),
    "Mtok": say("Mtok"),
    "answer": say("answer"),
    "bit": say("bit"),
    "call": say("call"),
    "day": say("day"),
    "device": say("device"),
    "elo": say("elo"),
    "item": say("item"),
    "job": say("job"),
    "ktok": say("ktok"),
    "lookup": say("lookup"),
    "model": say("model"),
    "month": say("month"),
    "move": say("move"),
    "param": say("param"),
    "project": say("project"),
    "ratio": say("ratio"),
    "request": say("request"),
    "run": say("run"),
    "tok": say("tok"),
    "unit": say("unit"),
    "year": say("year"),
}


def value_words(value: str) -> str:
    """A value of a scenario or of a plan within a sentence; names stay as they are."""
    return spaced(VALUES.get(value, value))


def unit_words(unit: str) -> str:
    """A unit as people read it, such as ``USD/GB/month``."""
    if isinstance(unit, Text):
        return unit
    return UNITS.get(unit) or joined("/", (UNITS.get(part, part) for part in unit.split("/")))


# tables of figures -> what their figures are about, where no row of ``measuring`` says it
FIGURES = {
    "architecture": say("how a model is built"),
    "agent": say("how an agent works at a task"),
    "media": say("what images, sound and video take"),
    "carbon_prices": say("what carbon is priced at"),
    "chassis": say("power of a server beside its cards"),
    "devices": say("power, making and price of the device"),
    "embedders": say("what a model that embeds takes"),
    "encoders": say("what a model that only reads takes"),
    "energy_prior": say("what energy models were known by before"),
    "equivalents": say("what figures are compared to"),
    "short": say("what short answers keep"),
    "schema": say("what answers held to a schema take"),
    "distill": say("what learning from a larger model brings"),
    "prompt": say("what a written-out prompt takes and brings"),
    "few_shot": say("what examples in the prompt take"),
    "compression": say("what compressing prompts keeps"),
    "machines": say("what a machine costs"),
    "routes": say("how long ways between regions are"),
    "machine_regions": say("what a machine costs in a region"),
    "managed_compute": say("what managed machines cost"),
    "serving": say("how machines of your own serve"),
    "encoder": say("what a classifier takes and gets right"),
    "disaggregation": say("what reading and writing apart takes"),
    "measured_nodes": say("power measured at whole servers"),
    "measured_walls": say("power measured at the plug"),
    "measures": say("hours of work that a change takes"),
    "reasoning": say("how much a model thinks at each effort"),
    "language": say("how many tokens a language takes"),
    "router": say("how well a router tells requests apart"),
    "cascade": say("how well a cascade's judge tells answers"),
    "retrieval_only": say("what search alone gets right"),
    "custom": say("what a model trained from scratch takes"),
    "edge": say("how devices at the edge are used"),
    "precision_quality": say("what fewer bits cost in answers"),
    "model": say("what is taken of models nobody describes"),
    "packages": say("what other packages estimate"),
    "precisions": say("what a number format saves"),
    "ptu": say("what a provisioned unit answers"),
    "ptu_price": say("what a provisioned unit costs"),
    "ptu_reservation": say("what reserving units saves"),
    "published_training": say("what published trainings took"),
    "rerankers": say("what ranking again takes"),
    "search_tiers": say("what a search service takes"),
    "search": say("how often a search service answers"),
    "premises": say("power, cooling and prices on the users' premises"),
    "power_prices": say("what firms of a country pay for power"),
    "host": say("what a server takes beside its cards"),
    "ingestion": say("what taking data in needs"),
    "training": say("what training takes"),
    "usage": say("what a request log tells"),
    "vector_precisions": say("what fewer bits of a vector lose"),
    "grids": say("the electricity of a country"),
}
