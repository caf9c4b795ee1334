"""Which ways to deploy a kind of model has at all, asked before anything of a deployment is worked out."""

from __future__ import annotations

from advisor.core.saying import joined, say
from advisor.system.case import Case
from advisor.system.gates import Gate, gate
from advisor.system.plan import DeploymentSetting, Mode, ModelSetting

GENERATOR: tuple[Mode, ...] = ("maas", "ptu", "maap", "edge")
CALLED: tuple[Mode, ...] = ("embedding",)
CLASSIFIER: tuple[Mode, ...] = ("processors", "container", "edge")
SEARCH: tuple[Mode, ...] = ("search",)
IN_WORDS: dict[Mode, str] = {
    "maas": say("pay as you go"),
    "ptu": say("provisioned throughput"),
    "maap": say("machines of your own"),
    "edge": say("devices"),
    "embedding": say("managed embedding calls"),
    "processors": say("containers of processors"),
    "container": say("containers with a small GPU"),
    "search": say("the search service"),
}


def ways(case: Case, model: ModelSetting) -> tuple[Mode, ...]:
    """The ways to deploy that a kind of model can have; a gate of each way may still rule it out."""
    if model.kind == "retrieval":
        return SEARCH
    if model.kind == "encoder":
        return CLASSIFIER if f"encoders.{model.main}.params" in case else CALLED
    return GENERATOR


def mismatch(case: Case, model: ModelSetting, deployment: DeploymentSetting) -> Gate | None:
    """The gate that stops a deployment which this kind of model cannot have; None where it can."""
    possible = ways(case, model)
    if deployment.mode in possible:
        return None
    return gate(
        "deployable", False,
        joined(say(" or "), (IN_WORDS[one] for one in possible)), IN_WORDS[deployment.mode],
        say("choose a way to deploy that this kind of model has"), to_be_had=False,
    )  # fmt: skip
