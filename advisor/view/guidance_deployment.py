"""Guidance on where and how a model runs, each item answered from the plan."""

from __future__ import annotations

from advisor.core.draws import central
from advisor.core.saying import numeral, say
from advisor.core.wording import number, share
from advisor.system import caches, deployment_gates
from advisor.system.places import place
from advisor.system.regions import ranked
from advisor.view.guided import Answer, Answers, Asked, because, figure
from advisor.view.words import value_words

# when what can wait runs
TIMED = {"now": say("now"), "time": say("in clean hours"), "place": say("in the cleanest region")}


def _runtime(asked: Asked) -> Answer:
    chosen, settings = asked.plan.plan.deployment, asked.plan.settings
    if chosen.mode == "maap":
        return figure(
            say(
                "continuous batching: {count} requests at once at most, "
                "busy {busy} of the time; see the table of runtimes",
                count=number(float(settings.get("batch") or 1)),
                busy=share(float(settings.get("utilisation") or 0)),
            )
        )
    if chosen.mode in ("processors", "container"):
        return figure(
            say(
                "{mode}: {count} replicas of {machine}",
                mode=value_words(chosen.mode),
                count=settings.get("replicas"),
                machine=settings.get("sku"),
            )
        )
    return because(say("the provider chooses the runtime"))


def _precision(asked: Asked) -> Answer:
    precision = asked.plan.plan.deployment.precision
    if precision is None:
        return because(say("the provider chooses the number format"))
    name = f"precision_quality.{precision}"
    if name not in asked.case:
        return figure(precision)
    kept = share(asked.case.central(name, "ratio"))
    return figure(say("{precision}, {kept} of quality kept", precision=precision, kept=kept))


def _loaded(asked: Asked) -> Answer:
    settings = asked.plan.settings
    if "replicas_min" not in settings:
        return because(say("the provider keeps the model loaded"))
    least = settings["replicas_min"]
    return figure(
        say("{least} replicas stay loaded", least=least)
        if least
        else say("released when idle: nothing stays loaded")
    )


def _caching(asked: Asked) -> Answer:
    chosen, case = asked.plan.plan.deployment, asked.case
    repeats = case.given.workload.repeat_share
    if chosen.cache != "none":
        cache, hits = value_words(chosen.cache), share(central(caches.hit_rate(case, chosen)))
        return figure(say("{cache}: {hits} of requests are answered from it", cache=cache, hits=hits))
    if not repeats:
        return because(say("no question comes back"))
    return figure(
        say(
            "no cache: {repeats} of questions come back, which saves less than it takes",
            repeats=share(repeats),
        )
    )


def _empty(asked: Asked) -> Answer:
    if asked.plan.plan.deployment.cache == "none":
        return because(say("the plan has no cache"))
    days = number(caches.ttl_days(asked.case))
    return figure(say("entries live {days} days, as knowledge changes", days=days))


def _region(asked: Asked) -> Answer:
    deployment = asked.plan.plan.deployment
    if deployment.mode == "edge":
        return because(say("it runs on devices where they stand"))
    where = place(asked.case, deployment.where)
    best = ranked(asked.case)[0]
    grams, name = number(central(where.location)), deployment.where.removeprefix("region:")
    return figure(
        say(
            "{name} at {grams} g/kWh; the cleanest region that passes is {best} at {fewest}",
            name=value_words(name),
            grams=grams,
            best=best.key,
            fewest=number(best.location),
        )
    )


def _residency(asked: Asked) -> Answer:
    wanted, found = asked.case.given.constraints.residency, ranked(asked.case)
    if wanted == "any":
        return because(say("data may be processed anywhere"))
    barred = [one for one in found if not one.eligible]
    least = min(found, key=lambda one: one.location)
    first = next((one for one in found if one.eligible), found[0])
    return figure(
        say(
            "{wanted} bars {barred} of {regions} regions; {allowed} at {grams} g/kWh "
            "against {cleanest} at {fewest} anywhere",
            wanted=wanted,
            barred=len(barred),
            regions=len(found),
            allowed=first.key,
            grams=number(first.location),
            cleanest=least.key,
            fewest=number(least.location),
        )
    )


def _scaling(asked: Asked) -> Answer:
    settings = asked.plan.settings
    if "replicas" in settings:
        return figure(
            say(
                "from {least} to {most} replicas by load",
                least=settings["replicas_min"],
                most=settings["replicas"],
            )
        )
    if "ptu" in settings:
        return figure(
            say(
                "{ptu} units held, {utilisation} of them used",
                ptu=number(settings["ptu"]),
                utilisation=share(settings["utilisation"]),
            )
        )
    return because(say("the provider scales; what is not called burns nothing"))


def _clean_hours(asked: Asked) -> Answer:
    waits = asked.case.given.workload.deferrable_share
    if not waits:
        return because(say("nothing may wait"))
    when = TIMED[asked.plan.plan.operation.timing]
    return figure(say("{waits} may wait; jobs run {when}", waits=share(waits), when=when))


def _redundancy(asked: Asked) -> Answer:
    wanted = asked.case.given.operations.availability
    if asked.plan.plan.deployment.mode in deployment_gates.MANAGED:
        count = deployment_gates.redundant(asked.case)
        return figure(
            say(
                "{wanted} asked for: {count} deployments reach it; idle ones burn nothing",
                wanted=numeral(wanted, ".4%"),
                count=count,
            )
        )
    return figure(
        say(
            "{wanted} asked for: {found}",
            wanted=numeral(wanted, ".4%"),
            found=asked.rules("availability", "cold_start") or say("by replicas"),
        )
    )


def _balance(asked: Asked) -> Answer:
    scope = asked.plan.plan.deployment.scope
    if scope in ("regional", "device"):
        return because(say("one place serves all requests"))
    return figure(
        say(
            "{scope}: the provider spreads the load, so only the zone's range may be claimed",
            scope=value_words(scope),
        )
    )


def _pooled(asked: Asked) -> Answer:
    return asked.against("deployment", ("maas", "batch"), say("pay as you go")) or because(
        say("no service sells it")
    )


def _platform(asked: Asked) -> Answer:
    return asked.against(
        "deployment", ("maap", "container", "processors"), say("machines of your own")
    ) or because(say("its weights cannot be hosted"))


def _units(asked: Asked) -> Answer:
    return asked.against("deployment", ("ptu",), say("provisioned units")) or because(
        say("it is not sold in units")
    )


ANSWERS: Answers = {
    "A09": _runtime, "A10": _precision, "A15": _loaded, "A16": _caching, "A34": _residency,
    "A36": _region, "A37": _region, "A46": _scaling, "A47": _clean_hours, "A48": _redundancy,
    "A49": _balance, "B21": _pooled, "B22": _platform, "B24": _units, "B25": _caching, "B26": _empty,
    "B30": _region,
}  # fmt: skip
