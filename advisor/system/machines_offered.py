"""Which machines of one's own are worth comparing for a model, and where they stand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from advisor.estimate import hosting
from advisor.system.case import Case, remembered
from advisor.system.fleet import Fleet, fleets, release_s, replicas_for, worth_comparing
from advisor.system.hosts import barred, closed, fleet
from advisor.system.plan import DeploymentSetting, ImprovementSetting, ModelSetting
from advisor.system.premises import kept_in
from advisor.system.regions import ranked, region_used
from advisor.system.sites import is_own, stands_in, times

CARRIED = 4  # machines compared as options; the rest stand in a table


@remembered
def alternatives(
    case: Case, model: ModelSetting, improvement: ImprovementSetting
) -> tuple[DeploymentSetting, ...]:
    """The machines worth comparing, in the cleanest region that passes and at home, always on or to zero.

    Those of the scenario's own stand where they are.
    """
    clean, *others = regions_worth_it(case)
    if model.kind == "retrieval":
        return (DeploymentSetting("search", region=region_used(case)),)
    if model.kind == "encoder":
        if f"encoders.{model.main}.params" not in case:
            return ()
        places = (clean, *others)
        return (
            *(DeploymentSetting("processors", region=region) for region in places),
            *(DeploymentSetting("container", region=region) for region in places),
            DeploymentSetting("container", region=clean, to_zero=True),
        )
    ruled_out = barred(case, model) is not None or closed(case, model.main)
    sized = () if ruled_out else fleets(case, model, improvement, DeploymentSetting("maap", region=clean))
    brought = () if ruled_out else tuple(_brought(case, model, improvement, clean))
    if not sized:  # one stands for all and shows the rule
        return brought or (DeploymentSetting("maap", region=clean),)
    if kept_in(case):  # what is rented is stopped: one shows the rule
        outside = [_setting(one, clean) for one in sized if not is_own(case, one.machine)]
        return (*_brought(case, model, improvement), *outside[:1])
    kept = worth_comparing(sized, CARRIED)
    first = kept[0]
    always = [_setting(one, clean) for one in kept]
    zero = _setting(first, clean, to_zero=True)
    # a machine that hardly ever finds nothing to do needs no closer look
    least = case.central("deployment.to_zero_spares", "ratio")
    quiet = hosting.cold_share(first.demand.rate, release_s(case)).max() > least
    released = fleet(case, model, improvement, zero) if quiet else None
    if released is not None and released.hours < (1.0 - least) * first.hours:
        always.append(zero)
    always += [_setting(one, clean) for one in _apart(case, model, improvement, clean, kept)]
    rented = next((one for one in kept if not is_own(case, one.machine)), None)
    at_home = [_setting(rented, region) for region in others] if rented else []
    return (*always, *at_home, *brought)


def _brought(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, besides: str | None = None
) -> Iterator[DeploymentSetting]:
    """Machines of the scenario's own that stand in other regions than ``besides``, where they are."""
    stood = {stands_in(case, key) for key in case.catalogue.keys("machines")} - {None, besides}
    for region in sorted(map(str, stood)):
        there = fleets(case, model, improvement, DeploymentSetting("maap", region=region))
        own = [one for one in there if is_own(case, one.machine)]
        yield from (_setting(one, region) for one in (worth_comparing(own, CARRIED) if own else ()))


def _setting(sized: Fleet, region: str, to_zero: bool = False) -> DeploymentSetting:
    return DeploymentSetting(
        "maap", region=region, machine=sized.machine, precision=sized.precision, to_zero=to_zero,
        apart=sized.read_batch > 0,
    )  # fmt: skip


def _apart(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, region: str, together: Sequence[Fleet]
) -> Iterator[Fleet]:
    """Prompts read by a pool of their own, where no fleet that does both beats it on every count."""
    least = replicas_for(case, np.ones(1))[0] * times(case)
    if together[0].replicas.max() / together[0].copies < 2.0 * least:
        return  # two pools, each with its spare, are never fewer
    wanted = DeploymentSetting("maap", region=region, apart=True)
    sized = [one for one in fleets(case, model, improvement, wanted) if one.batch]
    figures = [(one.energy_kwh, one.usd, one.gpu_hours) for one in together if one.batch]
    for one in sized[:1]:
        mine = (one.energy_kwh, one.usd, one.gpu_hours)
        if not any(all(a <= b for a, b in zip(theirs, mine, strict=True)) for theirs in figures):
            yield one


def stands_for(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> tuple[DeploymentSetting, ...]:
    """The machines that one setting stands for where a rule closes them; nothing where none is large enough.

    Any other setting stands for itself.
    """
    if deployment.mode != "maap" or deployment.machine is not None or barred(case, model) is not None:
        return (deployment,)
    sized = fleets(case, model, improvement, deployment)
    kept = worth_comparing(sized, CARRIED) if sized else ()
    return tuple(_setting(one, str(deployment.region)) for one in kept)


def regions_worth_it(case: Case) -> tuple[str, ...]:
    """The cleanest region that passes, and the home region where it is another."""
    first, home = ranked(case)[0].key, case.scenario.constraints.home_region
    return (first,) if first == home else (first, home)
