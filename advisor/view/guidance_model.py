"""Guidance on the choice of a model, each item answered from the plan."""

from __future__ import annotations

from advisor.core.draws import central
from advisor.core.saying import say
from advisor.core.wording import amount, number, share
from advisor.decide.option import Option
from advisor.steps.foundation_model import front
from advisor.system import requests, training
from advisor.system.improvement_gates import NEEDS
from advisor.system.pilot import results
from advisor.system.quality import judged
from advisor.view.guidance_answer import PLAIN, Answer, Answers, Asked, because, figure


def _generation(asked: Asked) -> Answer:
    options = asked.step("foundation_model").options
    plain = [one for one in options if one.plan.model.kind in PLAIN]
    if asked.plan.plan.model.kind in PLAIN:
        return figure(
            say(
                "no generation is needed: {model} reaches {quality}",
                model=asked.plan.plan.model.key,
                quality=asked.quality,
            )
        )
    alive = sum(one.eligible for one in plain)
    if alive or not plain:
        return figure(
            say(
                "{alive} of {plain} ways without generation pass; a model that writes was chosen",
                alive=alive,
                plain=len(plain),
            )
        )
    nearest = max(plain, key=lambda one: central(one.quality))
    gate = next(gate for gate in nearest.gates if not gate.passed)
    return figure(
        say(
            "generation is needed: {title} fails, {expected}, found {found}",
            title=nearest.title,
            expected=gate.expected,
            found=gate.found,
        )
    )


def _small(asked: Asked) -> Answer:
    decision = asked.step("foundation_model")
    alive = [one for one in decision.options if one.eligible]
    heavier = sum(central(one.accepted["energy"]) > central(asked.plan.accepted["energy"]) for one in alive)
    return figure(
        say(
            "{heavier} of the {alive} models that pass take more energy per accepted answer",
            heavier=heavier,
            alive=len(alive),
        )
    )


def _knee(asked: Asked) -> Answer:
    alive = [one for one in asked.step("foundation_model").options if one.eligible]
    found = front.front(alive)
    if found.knee is None:
        return figure(
            say(
                "{models} models pass, {count} on the front of quality and carbon: too few for a knee",
                models=len(alive),
                count=len(found.on_front),
            )
        )
    least, most = found.on_front[0], found.on_front[-1]
    return figure(
        say(
            "knee of the front: {knee}, {accepted} accepted at {grams} g CO₂e each; the lightest has {least} "
            "at {fewest} g, the best {most} at {highest} g; chosen: {chosen}",
            knee=alive[found.knee].title,
            accepted=_accepted(alive[found.knee]),
            grams=number(float(found.grams[found.knee])),
            least=_accepted(alive[least]),
            fewest=number(float(found.grams[least])),
            most=_accepted(alive[most]),
            highest=number(float(found.grams[most])),
            chosen=asked.plan.plan.model.key,
        )
    )


def _accepted(option: Option) -> str:
    return share(central(option.quality))


def _device(asked: Asked) -> Answer:
    device = asked.case.given.constraints.device
    if device is None:
        return because(say("the scenario has no device that must run it alone"))
    answer = asked.against(
        "deployment", ("edge",), say("{count} × {kind}", count=device.count, kind=device.kind)
    )
    return answer or because(say("the chosen model has no way to a device"))


def _context(asked: Asked) -> Answer:
    model = asked.plan.plan.model
    if model.kind in PLAIN:
        return because(say("what answers has no prompt"))
    one = requests.request(asked.case, model.main, asked.plan.plan.improvement.technique)
    longest = asked.case.given.quality.context_max_tokens
    return figure(
        say(
            "{read} tokens in and {written} out for {quality} accepted; the longest request has {longest}",
            read=number(central(one.input_tokens)),
            written=number(central(one.output_tokens)),
            quality=asked.quality,
            longest=number(longest),
        )
    )


def _own_training(asked: Asked) -> Answer:
    answer = asked.against("foundation_model", ("custom",), say("a model trained from scratch"))
    if answer is None:
        return because(say("no own model is among the options"))
    kwh = central(training.scratch_run(asked.case)["energy"])
    avoided = say("; its final run alone takes {energy}", energy=amount(kwh, "kWh"))
    return figure(answer.text + avoided)


def _provenance(asked: Asked) -> Answer:
    found = asked.rules("provenance", "security_scan", "licence")
    if not found:
        return because(say("what answers is no model with weights of its own"))
    doubtful = "unknown" in found
    return asked.owed(found, "constraints.provenance") if doubtful else figure(found)


def _match(asked: Asked) -> Answer:
    return figure(asked.rules("task", "language", "context") or say("the task alone decides"))


def _accuracy(asked: Asked) -> Answer:
    plan = asked.plan.plan
    found, basis = judged(asked.case, plan.model, plan.improvement)
    return figure(
        say(
            "{found} accepted, {basis}; floor {floor}",
            found=share(found),
            basis=basis,
            floor=share(asked.case.given.quality.floor),
        )
    )


def _tested(asked: Asked) -> Answer:
    found = results(asked.case.given.pilot)
    scores = asked.case.given.quality.scores
    judged_answers = sum(one.samples for one in found) + sum(one.samples for one in scores.values())
    if not judged_answers:
        return asked.owed(say("no model was tested yet"), "quality.scores")
    names = {*scores, *(one.model for one in found)}
    return figure(
        say(
            "{answers} answers of {models} models judged",
            answers=number(judged_answers),
            models=len(names),
        )
    )


def _tunable(asked: Asked) -> Answer:
    alive = [one for one in asked.step("foundation_model").options if one.plan.model.kind == "single"]
    keys = [one.key for one in alive if one.eligible]
    ways = {way for wanted in NEEDS.values() for way in wanted}
    rows = [asked.case.catalogue.row("models", key).get("tunable") or () for key in keys]
    return figure(
        say(
            "{tunable} of {models} models that pass can be tuned",
            tunable=sum(bool(ways & set(row)) for row in rows),
            models=len(keys),
        )
    )


def _per_task(asked: Asked) -> Answer:
    plan, case = asked.plan.plan, asked.case
    tries = central(requests.attempts(case, plan.model, plan.improvement))
    turns = case.workload.turns_per_task * tries
    cost = central(asked.plan.accepted["cost"]) * case.workload.turns_per_task
    return figure(
        say("{turns} calls and {cost} for a task resolved", turns=number(turns), cost=amount(cost, "USD"))
    )


def _length(asked: Asked) -> Answer:
    if asked.plan.plan.model.kind in PLAIN:
        return because(say("what answers writes nothing"))
    technique = asked.plan.plan.improvement.technique
    one = requests.request(asked.case, asked.plan.plan.model.main, technique)
    out = central(one.output_tokens)
    return figure(
        say("{out} tokens are written on average: set the limit above that, and stop rules", out=number(out))
    )


ANSWERS: Answers = {
    "A03": _generation, "A04": _small, "A05": _device, "A06": _context, "A07": _own_training,
    "A08": _provenance, "B03": _own_training, "B04": _match, "B05": _accuracy, "B06": _tested,
    "B08": _knee, "B09": _tunable, "B11": _per_task, "B19": _tunable, "B23": _length,
}  # fmt: skip
