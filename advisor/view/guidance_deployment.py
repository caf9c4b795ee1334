"""Guidance on where and how a model runs, each item answered from the plan."""

from __future__ import annotations

from dataclasses import replace

from advisor.core.draws import central
from advisor.core.saying import numeral, say
from advisor.core.wording import amount, counted, more_or_less, number, share
from advisor.decide.option import Option
from advisor.steps.deployment import capacity, managed, places
from advisor.system import (
    billing,
    cache_gates,
    caches,
    containers,
    hosts,
    right_answers,
)
from advisor.system.bill import Resource
from advisor.system.demand import demand
from advisor.system.places import place
from advisor.system.plan import with_cache
from advisor.system.regions import place_name, ranked
from advisor.view.guidance_answer import Answer, Answers, Asked, because, figure
from advisor.view.guidance_redundancy import redundancy
from advisor.view.key_texts import value_words

# what has neither a provider's machine nor one of its own to speak of
NO_MACHINE = {"search": say("the search service alone answers")}
# when what can wait runs
TIMED = {"now": say("now"), "time": say("in clean hours"), "place": say("in the cleanest region")}


def _runtime(asked: Asked) -> Answer:
    mode, held = asked.plan.plan.deployment.mode, asked.deployed
    if mode == "maap" and "batch" in held:
        return figure(
            say(
                "continuous batching on {machine}: {count} requests at once at most on a copy, "
                "busy {busy} of the time; see the table of runtimes",
                machine=asked.case.catalogue.row("machines", held["machine"])["name"],
                count=number(held["batch"]),
                busy=share(held["utilisation"]),
            )
        )
    if mode in containers.MODES:
        return figure(
            counted(
                held["replicas"],
                say("{mode}: one replica of {machine} at most"),
                say("{mode}: {count} replicas of {machine} at most"),
                mode=value_words(mode),
                machine=held["sku"],
            )
        )
    if mode == "edge":
        return figure(say("{devices}, each answering one request at a time", devices=_devices(asked)))
    return because(NO_MACHINE.get(mode, say("the provider chooses the runtime")))


def _devices(asked: Asked) -> str:
    """The devices of the plan, and how much of their time the busiest minute takes."""
    held = asked.deployed
    if "device" not in held:
        return say("devices")
    name = asked.case.catalogue.row("devices", held["device"])["name"]
    devices, use = say("{count} × {name}", count=number(held["devices"]), name=name), asked.rules("capacity")
    return say("{devices} ({use})", devices=devices, use=use) if use else devices


def _precision(asked: Asked) -> Answer:
    deployed = asked.plan.plan.deployment
    if asked.plan.plan.model.kind == "encoder" and deployed.mode != "embedding":
        return because(say("a classifier this small runs in the number format it is published in"))
    precision = asked.deployed.get("precision")
    if precision is None:
        return because(NO_MACHINE.get(deployed.mode, say("the provider chooses the number format")))
    if deployed.mode == "edge":
        kept = asked.case.central("edge.precision_quality", "ratio")
    else:
        kept = central(right_answers.in_format(asked.case, asked.plan.plan.model, deployed))
    return figure(say("{precision}, {kept} of quality kept", precision=precision, kept=share(kept)))


def _loaded(asked: Asked) -> Answer:
    chosen, held = asked.plan.plan.deployment, asked.deployed
    if chosen.mode == "edge":
        return figure(
            say(
                "loaded on all devices, waiting or not: {energy} to hold them",
                energy=asked.told(Resource.DEVICE, indicator="energy", phases=("standing",)),
            )
        )
    if "replicas_min" not in held:
        return because(NO_MACHINE.get(chosen.mode, say("the provider keeps the model loaded")))
    least = held["replicas_min"]
    stays = (
        counted(least, say("one replica stays loaded"), say("{count} replicas stay loaded"))
        if least
        else say("released when idle: nothing stays loaded")
    )
    case, plan = asked.case.centre, asked.plan.plan
    sized = hosts.fleet(case, *plan.early) if chosen.mode == "maap" else None
    if sized is None:
        return figure(stays)
    warm = capacity.reloading(case, plan.model.main, sized)
    return figure(
        say(
            "{stays}; loading again takes {time} and {energy}, which pays where a gap exceeds {limit}; "
            "requests come every {gap}",
            stays=stays,
            time=amount(warm.seconds, "s"),
            energy=amount(warm.kwh, "kWh"),
            limit=amount(warm.limit_min * capacity.SECONDS_PER_MINUTE, "s"),
            gap=amount(warm.gap_min * capacity.SECONDS_PER_MINUTE, "s"),
        )
    )


def _caching(asked: Asked) -> Answer:
    chosen, case = asked.plan.plan.deployment, asked.case
    if chosen.cache != "none":
        cache, hits = value_words(chosen.cache), share(central(caches.hit_rate(case, chosen)))
        return figure(say("{cache}: {hits} of requests are answered from it", cache=cache, hits=hits))
    if not central(case.workload.repeat_share):
        return because(say("no question comes back"))
    offered = {option.key: option for option in asked.step("deployment").options}
    cached = [with_cache(chosen, kind) for kind in caches.CACHES]
    beside = [offered[one.key] for one in cached if one.key in offered]
    if not beside:
        return because(say("no cache is offered in front of this way to run it"))
    open_to = [_with_cache(asked, option) for option in beside if option.eligible]
    return figure(min(open_to)[1] if open_to else _no_cache(asked, beside))


def _with_cache(asked: Asked, option: Option) -> tuple[float, str]:
    """What a year of the plan takes more with a cache that is open to it [kWh], and all that in words."""
    case, plan, cached = asked.case.centre, asked.plan.plan, option.plan.deployment
    there, here = (billing.bill(case, one).year for one in (replace(plan, deployment=cached), plan))
    kwh, usd = (central(there[name]) - central(here[name]) for name in ("energy", "cost"))
    told = say(
        "no cache; with one ({cache}) {energy} and {cost} a year, and {wrong} of requests answered wrongly",
        cache=caches.TITLES[cached.cache],
        energy=more_or_less(kwh, "kWh"),
        cost=more_or_less(usd, "USD"),
        wrong=share(central(caches.wrong_share(case, plan.model, plan.improvement, cached))),
    )
    return kwh, told


def _no_cache(asked: Asked, beside: list[Option]) -> str:
    """The rule that stops the cache which is nearest to saving energy."""
    case = asked.case

    def short(option: Option) -> float:
        early = option.plan.early
        return cache_gates.break_even(case, *early) - central(caches.hit_rate(case, early[2]))

    nearest = min(beside, key=short)
    stop = next(gate for gate in nearest.gates if not gate.passed)
    return say(
        "no cache; one ({cache}) is ruled out: {expected}, found {found}",
        cache=caches.TITLES[nearest.plan.deployment.cache],
        expected=stop.expected,
        found=stop.found,
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
    able = [one for one in managed.able(asked.case, asked.plan.plan) if one.eligible]
    here = say(
        "{name} at {grams} g/kWh",
        name=place_name(asked.case, deployment.where),
        grams=number(central(where.location)),
    )
    if not able:
        return figure(say("{here}; no single region that can run it passes every rule", here=here))
    return figure(
        say(
            "{here}; of {regions} regions {passing} can run it and pass every rule, in time for the users "
            "too, the cleanest {best} at {fewest}",
            here=here,
            regions=len(ranked(asked.case)),
            passing=len(able),
            best=able[0].title,
            fewest=number(able[0].location),
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
            allowed=first.title,
            grams=number(first.location),
            cleanest=least.title,
            fewest=number(least.location),
        )
    )


def _moving(asked: Asked) -> Answer:
    case, plan = asked.case.centre, asked.plan.plan
    if plan.deployment.mode == "edge":
        return because(say("it runs on devices where they stand"))
    found = managed.able(case, plan)
    if not found or not found[0].eligible:
        return because(say("no region passes every rule"))
    gain = places.gain(case, demand(case, *plan.early), found)
    return figure(
        say(
            "the cleanest region of each hour has {dynamic} g for a kWh used, the best single one, {best}, "
            "{static}: moving by the hour saves {share} more",
            dynamic=numeral(gain.dynamic, ",.1f"),
            best=gain.best,
            static=numeral(gain.static, ",.1f"),
            share=numeral(gain.share, ".1%"),
        )
    )


def _scaling(asked: Asked) -> Answer:
    mode, held = asked.plan.plan.deployment.mode, asked.deployed
    if "replicas" in held:
        least, most = held["replicas_min"], held["replicas"]
        if least == most:
            one, several = say("one replica at any load"), say("{count} replicas at any load")
            return figure(counted(most, one, several))
        return figure(say("from {least} to {most} replicas by load", least=least, most=most))
    if "ptu" in held:
        return figure(
            say(
                "{ptu} units held, {utilisation} of them used",
                ptu=number(held["ptu"]),
                utilisation=share(held["utilisation"]),
            )
        )
    if mode == "edge":
        return figure(say("{devices}: held by number, nothing scales with load", devices=_devices(asked)))
    return because(NO_MACHINE.get(mode, say("the provider scales; what is not called burns nothing")))


def _clean_hours(asked: Asked) -> Answer:
    waits = asked.case.given.workload.deferrable_share
    if not waits:
        return because(say("nothing may wait"))
    when = TIMED[asked.plan.plan.operation.timing]
    return figure(say("{waits} may wait; jobs run {when}", waits=share(waits), when=when))


def _balance(asked: Asked) -> Answer:
    scope = asked.plan.plan.deployment.scope
    if scope == "device":
        return because(say("each device answers where it stands"))
    if scope == "regional":
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
    "A36": _region, "A37": _moving, "A46": _scaling, "A47": _clean_hours, "A48": redundancy,
    "A49": _balance, "B21": _pooled, "B22": _platform, "B24": _units, "B25": _caching, "B26": _empty,
}  # fmt: skip
