"""Rows of the catalogue that a scenario brings along: models by their configuration, own machines."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from advisor.catalogue import Catalogue
from advisor.core.bounds import Meaning
from advisor.core.evidence import Coefficient, Confidence, Source
from advisor.core.saying import say
from advisor.scenario import Scenario
from advisor.scenario.own import OwnMachine, OwnModel
from advisor.system.open_model import OpenModel, model_of_config

RATINGS = ("arena_text", "arena_coding", "arena_hard", "output_multiplier")
# what a model of one's own takes over from the one it is like: what nobody reads from a configuration
TAKEN_OVER = ("kind", "tunable", "languages", "speaks", "modalities", "tasks")
SHAPES: dict[str, tuple[str, str, Meaning | None]] = {
    "total_params": ("total_params", "param", None), "active_params": ("active_params", "param", None),
    "layers": ("layers", "item", Meaning.COUNT), "kv_bytes": ("kv_bytes_per_token", "B/tok", None),
    "state_bytes": ("state_bytes", "B", None), "window_share": ("window_share", "ratio", Meaning.SHARE),
    "window_tokens": ("window_tokens", "tok", None), "context_tokens": ("context_tokens", "tok", None),
}  # fmt: skip


def with_own(catalogue: Catalogue, scenario: Scenario) -> Catalogue:
    """The catalogue with the models and machines a scenario brings; itself where it brings none."""
    configs = scenario.configs or {}
    if not configs and not scenario.own_machines:
        return catalogue
    day = scenario.timing.start
    coefficients, sources = dict(catalogue.coefficients), dict(catalogue.sources)
    models, machines = dict(catalogue.tables["models"]), dict(catalogue.tables["machines"])
    for name, config in configs.items():
        own, model = scenario.own_models[name], model_of_config(config)
        like = own.like or nearest_in_size(catalogue, model)
        source = Source(f"own_models.{name}", own.config, say("the user"), "", str(day.year))
        sources[source.key] = source
        models[name] = _model_row(catalogue, name, own, like, model)
        for one in (*_shapes(name, model, day, source.key), *_ratings(catalogue, name, like)):
            coefficients[one.name] = one
    for name, machine in scenario.own_machines.items():
        source = Source(f"own_machines.{name}", machine.title or name, say("the user"), "", str(day.year))
        sources[source.key] = source
        machines[name] = {
            "name": machine.title or name,
            "gpu": machine.gpu,
            "own": True,
            "region": machine.region,
            "hosted": machine.hosted,
        }
        for one in _machine(name, machine, day, source.key):
            coefficients[one.name] = one
    tables = {**catalogue.tables, "models": models, "machines": machines}
    return replace(catalogue, coefficients=coefficients, tables=tables, sources=sources)


def nearest_in_size(catalogue: Catalogue, model: OpenModel) -> str:
    """The open chat model of the catalogue whose active parameters are nearest, with a rating."""
    sized = {
        key: catalogue.coefficient(name).to("param").central
        for key in catalogue.keys("models")
        if catalogue.row("models", key).get("open_weights") and f"models.{key}.arena_text" in catalogue
        for name in (f"models.{key}.active_params", f"models.{key}.total_params")
        if name in catalogue
    }
    return min(sized, key=lambda key: (abs(math.log(sized[key] / model.active_params)), key))


def _model_row(
    catalogue: Catalogue, name: str, own: OwnModel, like: str, model: OpenModel
) -> Mapping[str, Any]:
    row = catalogue.row("models", like)
    return {
        **{part: row[part] for part in TAKEN_OVER if part in row},
        "name": own.title or name, "publisher": say("your own"), "family": name, "open_weights": True,
        "licence": own.licence, "licence_commercial": {"yes": True, "no": False}.get(own.commercial),
        "architecture": "moe" if model.routed else "dense", "deployments": ["maap", "edge"],
        "provenance_known": False, "scanned": False, "rated_as": like, "own": True,
    }  # fmt: skip


def _shapes(name: str, model: OpenModel, day: date, source: str) -> Iterator[Coefficient]:
    """What the configuration's shapes make, exact."""
    values = [(row, unit, meaning, float(getattr(model, field)))
              for field, (row, unit, meaning) in SHAPES.items()]  # fmt: skip
    if model.routed:
        values += [
            ("experts_active", "item", Meaning.COUNT, model.experts_active),
            ("experts_total", "item", Meaning.COUNT, model.experts_total),
            ("expert_share", "ratio", Meaning.SHARE, model.expert_params / model.total_params),
        ]
    for row, unit, meaning, value in values:
        if value > 0.0:
            yield Coefficient(
                f"models.{name}.{row}", value, value, value, unit, (source,), day, Confidence.DERIVED,
                note=say("from its config.json"), meaning=meaning,
            )  # fmt: skip


def _ratings(catalogue: Catalogue, name: str, like: str) -> Iterator[Coefficient]:
    for part in RATINGS:
        if f"models.{like}.{part}" in catalogue:
            taken = catalogue.coefficients[f"models.{like}.{part}"]
            note = say("taken as that of {like} until it is tested", like=like)
            yield replace(taken, name=f"models.{name}.{part}", confidence=Confidence.ASSUMED, note=note)


def _machine(name: str, own: OwnMachine, day: date, source: str) -> Iterator[Coefficient]:
    figures: tuple[tuple[str, float, str, Meaning | None], ...] = (
        ("gpu_count", float(own.gpu_count), "item", Meaning.COUNT),
        ("price", own.usd_per_hour, "USD/h", None),
    )  # fmt: skip
    for part, value, unit, meaning in figures:
        yield Coefficient(
            f"machines.{name}.{part}", value, value, value, unit, (source,), day, Confidence.OVERRIDE,
            note=say("the user's own figure"), meaning=meaning,
        )  # fmt: skip
