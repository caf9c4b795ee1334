"""Options made of several parts: a tuned small model, a cascade, a router, training from scratch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from advisor.core.draws import Array
from advisor.core.footprint import Parts
from advisor.decide.comparing import CONCERNS, yearly
from advisor.estimate import tuning
from advisor.estimate.acceptance import shifted
from advisor.steps.foundation_model.gates import after_quality, before_quality
from advisor.steps.foundation_model.mixtures import escalated, mixed_quality, mixture_parts
from advisor.steps.foundation_model.singles import central_share
from advisor.steps.gating import floor_gate, tuning_gates
from advisor.steps.placement import on_device, region_used
from advisor.steps.quality import Central, Drawn, Reading, ability, accepted, coverage, reference_technique
from advisor.steps.serving_parts import base_shape, place, served_parts
from advisor.steps.tuning_costs import TRAINING_GPU, TRAINING_MACHINE, tuning_of
from advisor.system import accounting
from advisor.system.accounting import electricity
from advisor.system.case import Case
from advisor.system.hardware import gpu
from advisor.system.option import Gate, Option

STEP = "foundation_model"
STAND_IN = "llama-3.1-8b"  # serving and rating of a model of one's own are taken as this model's
TINY = 1e-12


def weight_vector(case: Case) -> Array:
    """The weights of the concerns, then of quality, summing to one."""
    weights = case.scenario.priorities.model_dump()
    vector = np.array([*(weights[concern] for concern in CONCERNS), weights["quality"]], dtype=float)
    result: Array = vector / vector.sum()
    return result


def medians(case: Case, option: Option) -> Array:
    """Median of each concern over a year, as compared."""
    footprint = yearly(option, case)
    return np.array([float(np.median(footprint[concern])) for concern in CONCERNS])


def passes_but_quality(option: Option) -> bool:
    """Whether a model fails at most the quality gate."""
    return all(one.passed for one in option.gates if one.rule != "quality")


def options(case: Case, singles: Sequence[Option]) -> Iterator[Option]:
    """A tuned small model, a cascade, a router and a model of one's own."""
    usable = [option for option in singles if passes_but_quality(option)]
    small = _tuned_small(case, usable or list(singles))
    if small is not None:
        yield small
    if not on_device(case) and len(usable) > 1:
        yield from _pairs(case, usable)
    yield custom(case)


def _tuned_small(case: Case, usable: Sequence[Option]) -> Option | None:
    """The best small model after tuning, by the same score the options get."""
    limit, floor = case.central("model.small_limit", "Bparam"), case.scenario.quality.floor
    technique = tuned_technique(case)
    found = []
    for option in usable:
        model = option.settings["model"]
        size = case.central(f"models.{model}.total_params", "Bparam")
        if size <= limit and all(
            one.passed for one in tuning_gates(case, model, technique) if one.rule == "tunability"
        ):
            share = central_share(case, model, technique)
            value = float(weight_vector(case)[:-1] @ np.log(medians(case, option) + TINY) - np.log(share))
            # the floor first, then the score; the highest share where none meets the floor
            found.append((share < floor, value if share >= floor else -share, model, option))
    if not found:
        return None
    *_, model, option = min(found, key=lambda entry: entry[:3])
    return tuned_small(case, str(model), option, technique)


def tuned_technique(case: Case) -> str:
    """How a small model is tuned: with retrieval beside it where facts are missing."""
    return "rag_lora" if reference_technique(case) == "rag_hybrid" else "lora"


def tuned_small(case: Case, model: str, option: Option, technique: str) -> Option:
    """A small model tuned on the examples; its runs and hosting are compared, the next step plans them."""
    with case.recording() as used:
        cost = tuning_of(case, model, technique)
        quality = accepted(case, model, technique, Drawn(case)) + case.nothing()["energy"]
        floor = case.scenario.quality.floor
        gates = (
            *before_quality(case, model),
            floor_gate(
                floor, central_share(case, model, technique), f"quality.scores.{model}", "after tuning"
            ),
            *tuning_gates(case, model, technique),
            *(one for one in after_quality(case, model) if one.rule != "tunability"),
        )
    return Option(
        STEP,
        "tuned-small",
        f"{option.title}, tuned",
        Parts.zero(case.size),
        option.carried + cost.parts + cost.host,
        quality,
        {**option.settings, "needs_tuning": True},
        gates,
        (*option.notes, "Small and tuned on your examples: the next step must choose a way of tuning."),
        option.warnings,
        option.evidence | used,
    )


def _pairs(case: Case, usable: Sequence[Option]) -> Iterator[Option]:
    table = np.stack([medians(case, option) for option in usable])
    technique, read = reference_technique(case), Central(case)
    shares = np.array([central_share(case, option.settings["model"], technique) for option in usable])
    for kind in ("cascade", "router"):
        far = float(escalated(case, kind, read))
        near = 1.0 if kind == "cascade" else 1.0 - far
        mixed = table[:, None, :] * near + table[None, :, :] * far
        quality = np.asarray(mixed_quality(case, kind, shares[:, None], shares[None, :], read))
        value = np.log(mixed + TINY) @ weight_vector(case)[:-1] - np.log(quality)
        # the large model must be the better and the heavier one, and the pair should meet the floor
        apart = shares[None, :] - shares[:, None] >= case.central("pair.least_gain", "ratio")
        ordered = apart & (table[:, None, 0] < table[None, :, 0])
        meets = ordered & (quality >= case.scenario.quality.floor)
        if not ordered.any():
            continue
        ranked = np.where(meets, value, np.inf) if meets.any() else np.where(ordered, -quality, np.inf)
        first, second = np.unravel_index(int(np.argmin(ranked)), ranked.shape)
        yield pair(case, kind, usable[int(first)], usable[int(second)])


def pair(case: Case, kind: str, small: Option, large: Option) -> Option:
    """A small model first and a large one where needed (cascade), or one of the two (router)."""
    models = (str(small.settings["model"]), str(large.settings["model"]))
    with case.recording() as used:
        settings: Mapping[str, Any] = {
            "kind": kind,
            "models": models,
            "model": models[0],
            "precision": None,
            "escalation": escalated(case, kind, Drawn(case)),
        }
        parts = mixture_parts(case, settings, lambda model: base_shape(case, model))
        upkeep = case.nothing().with_cost(case.draw("model.second_model_upkeep", "USD/month"))
        quality = mixed_quality(case, kind, small.quality, large.quality, Drawn(case))
        technique = reference_technique(case)
        lesser, better = (central_share(case, model, technique) for model in models)
        central = mixed_quality(case, kind, lesser, better, Central(case))
        gates = (
            *_joint_gates(case, models),
            floor_gate(
                case.scenario.quality.floor,
                float(central),
                "quality.scores of both",
                "both ratings",
            ),
        )
    far = float(np.median(settings["escalation"]))
    how = f"{models[0]} answers first, {far:.0%} go on to {models[1]}"
    if kind == "router":
        how = f"a small classifier sends {far:.0%} to {models[1]}, the rest to {models[0]}"
    return Option(
        STEP,
        kind,
        f"{kind.title()}: {small.title} + {large.title}",
        Parts(case.nothing(), upkeep, case.nothing()),
        parts,
        np.clip(quality, 1e-6, 1.0) + case.nothing()["energy"],
        settings,
        gates,
        (how[0].upper() + how[1:] + ".", "The upkeep of a second model is counted, as an assumption."),
        (*small.warnings, *large.warnings),
        frozenset(used) | small.evidence | large.evidence,
    )


def _joint_gates(case: Case, models: Sequence[str]) -> Iterator[Gate]:
    """The gates of both models except quality; the first that fails stands for its rule."""
    found: dict[str, Gate] = {}
    for model in models:
        for one in (*before_quality(case, model), *after_quality(case, model)):
            if one.rule not in found or not one.passed:
                found[one.rule] = one
    yield from found.values()


def pretraining(case: Case) -> tuple[Array, Array, Array]:
    """Tokens [tok], IT energy [kWh] and GPU time [s] of the final run of a model of one's own."""
    params = case.draw("custom.params", "param")
    tokens = params * case.draw("custom.tokens_per_param", "tok/param")
    seconds = tuning.gpu_seconds(
        case.draw("tuning.flops_full", "ratio"),
        params,
        tokens,
        gpu(case, TRAINING_GPU, "bf16").flops,
        case.draw("custom.peak_share", "ratio"),
    )
    board = case.draw("tuning.board_share", "ratio") * case.draw(f"gpus.{TRAINING_GPU}.tdp", "W")
    kwh = tuning.it_kwh(seconds, board + case.draw("host.power_per_gpu", "W"))
    return tokens, np.asarray(kwh), np.asarray(seconds)


def custom(case: Case) -> Option:
    """A model trained from scratch, development runs included, in the home region."""
    with case.recording() as used:
        _, kwh, seconds = pretraining(case)
        runs, where = case.draw("custom.development", "ratio"), place(case, f"region:{region_used(case)}")
        once = electricity(case, kwh * runs, where) + accounting.hardware(case, TRAINING_GPU, seconds * runs)
        usd = seconds * runs * case.draw(TRAINING_MACHINE, "USD/s") + case.draw("custom.people", "USD")
        once = once.with_cost(usd)
        quality = np.asarray(_custom_share(case, Drawn(case))) + case.nothing()["energy"]
        carried = served_parts(case, STAND_IN, base_shape(case))
        gates = (
            floor_gate(
                case.scenario.quality.floor,
                float(_custom_share(case, Central(case))),
                "quality.scores",
                "a general model of its size, and a domain gain",
            ),
            *(one for one in before_quality(case, STAND_IN) if one.rule in ("region", "deployment")),
            *(one for one in after_quality(case, STAND_IN) if one.rule in ("device", "latency", "capacity")),
        )
    return Option(
        STEP,
        "custom",
        "Own model, trained from scratch",
        Parts(once, case.nothing(), case.nothing()),
        carried,
        quality,
        {"kind": "custom", "model": STAND_IN, "models": (STAND_IN,), "precision": None},
        gates,
        (f"Serving and starting quality are taken as those of {STAND_IN}, a model of its size.",),
        (),
        frozenset(used),
    )


def _custom_share(case: Case, read: Reading) -> Any:
    share = shifted(
        ability(case, STAND_IN, read),
        read.value("custom.lift", "elo"),
        read.value("quality.rating_scale", "elo"),
    )
    return share * coverage(case, reference_technique(case), read)
