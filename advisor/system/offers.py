"""How a model is sold: as a service, until when, at a price; and who answers for its weights."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from advisor.core.saying import say
from advisor.system.case import Case, remembered
from advisor.system.gates import ANSWERS, Gate, Gates, gate

SERVICES = ("maas_datazone", "maas_global", "maas_regional")
OFFERS = ("global", "datazone_eu", "datazone_us", "datazone_apac", "regional", "list")
LISTS = {
    "global": say("global"),
    "datazone_eu": say("datazone eu"),
    "datazone_us": say("datazone us"),
    "datazone_apac": say("datazone apac"),
    "regional": say("regional"),
    "list": say("list"),
}
# kinds of deployment, as people say them
KINDS = {
    "maas_datazone": say("pay as you go in a data zone"),
    "maas_global": say("global pay as you go"),
    "maas_regional": say("pay as you go in one region"),
    "batch": say("batches"),
    "ptu": say("provisioned units"),
    "maap": say("machines of your own"),
    "edge": say("devices"),
}


def compared(case: Case) -> tuple[str, ...]:
    """The models that write which are compared: those that the scenario lists, or every one."""
    listed, known = case.scenario.constraints.models_compared, case.catalogue.keys("models")
    return tuple(key for key in known if key in listed) if listed else tuple(known)


def stays_until(case: Case) -> date:
    """The day until which a managed model must be on sale: the start, and the days asked for."""
    timing = case.scenario.timing
    start: date = timing.start
    return start + timedelta(days=timing.model_stays_days)


def retired(case: Case, model: str) -> bool:
    """Whether the managed service of a model ends before the scenario can do without it."""
    end = case.catalogue.row("models", model).get("retirement")
    return end is not None and end <= stays_until(case)


def deployments(case: Case, model: str) -> tuple[str, ...]:
    """The kinds of deployment that the catalogue lists for a model."""
    return tuple(case.catalogue.row("models", model).get("deployments") or ())


def managed(case: Case, model: str) -> bool:
    """Whether a service still sells the model when it is needed."""
    sold = any(kind in SERVICES or kind == "ptu" for kind in deployments(case, model))
    return sold and not retired(case, model)


def open_weights(case: Case, model: str) -> bool:
    """Whether the weights may be installed."""
    return bool(case.catalogue.row("models", model).get("open_weights"))


def priced(case: Case, model: str, offer: str) -> bool:
    """Whether a model has a price per token under an offer."""
    return all(f"prices.{model}.{offer}.{meter}" in case for meter in ("input", "output"))


def any_price(case: Case, model: str) -> bool:
    """Whether any list prices the model's tokens."""
    return any(priced(case, model, offer) for offer in OFFERS)


@remembered
def provenance(case: Case, model: str, hosted: bool) -> Gates:
    """Whether there is evidence for a model's origin and against malicious code in its weights.

    ``hosted``: on machines or devices of one's own, where evidence is needed. A managed model's
    weights are its provider's to answer for: only a known "no" rules it out.
    """
    return tuple(_provenance(case, model, hosted))


def _provenance(case: Case, model: str, hosted: bool) -> Iterator[Gate]:
    limits, row = case.scenario.constraints, case.catalogue.row("models", model)
    for rule, given, known, evidence in (
        (
            "provenance", limits.provenance, row.get("provenance_known"),
            say("a signed release from the publisher whose checksums you compared"),
        ),
        (
            "security_scan", limits.security_scan, row.get("scanned"),
            say("a scan of the weight files for executable code and known threats, dated and kept"),
        ),
    ):  # fmt: skip
        answer = given.get(model, "yes" if known else "unknown")
        listed = model not in given and known
        yield gate(
            rule,
            answer == "yes" or (answer == "unknown" and not hosted),
            say("evidence") if hosted else say("no contrary evidence"),
            say("yes (catalogue)") if listed else ANSWERS.get(answer, answer),
            say(
                "{evidence}; then set constraints.{rule}.{model}: yes",
                evidence=evidence, rule=rule, model=model,
            ),
        )  # fmt: skip
