"""The lines of stored data: keeping it, moving it into place, sending it, taking it in."""

from __future__ import annotations

from collections.abc import Iterator

from advisor.core.draws import Array
from advisor.core.footprint import Footprint
from advisor.core.saying import say
from advisor.system.bill import Line, Lines, Phase, Resource
from advisor.system.bill import lines as charging
from advisor.system.case import Case, remembered
from advisor.system.plan import DeploymentSetting, ImprovementSetting, ModelSetting, StorageSetting
from advisor.system.premises import ground
from advisor.system.storage import ingestion
from advisor.system.storage.book import ENTERED, HELD, SENT, Amounts
from advisor.system.storage.policies import placements
from advisor.system.storage.schedules import Placement, amounts


@remembered
def lines(
    case: Case,
    model: ModelSetting,
    improvement: ImprovementSetting,
    deployment: DeploymentSetting,
    storage: StorageSetting,
) -> Lines:
    """All lines of the data a plan keeps."""
    placed = placements(case, model, improvement, deployment, storage)
    kept = tuple(line for one in placed for line in placement_lines(case, one))
    return kept + ingestion.lines(case, model, improvement, deployment)


@charging
def placement_lines(case: Case, placed: Placement) -> Iterator[Line]:
    """One data set: put into place once, kept month by month, and what of it is sent between regions."""
    book, shrink = placed.book(case), placed.shrink(case)
    once, monthly = amounts(case, placed)

    def line(resource: Resource, phase: Phase, what: str, gb: Array, taken: Footprint) -> Line:
        quantity = case.full(gb)
        unit = "GB" if phase == "once" or resource is Resource.TRANSFER else say("GB-month")
        where = ground(case, placed.region)
        return Line(resource, "data_storage", phase, what, where, quantity, unit, taken)

    def gb(used: Amounts, uses: slice) -> Array:
        return case.full(used.squeezable[uses].sum() * shrink + used.plain[uses].sum())

    begun, kept = once.without(SENT), monthly.without(SENT)
    if begun.any:
        what = say("putting {name} in place", name=placed.name)
        yield line(Resource.STORED_DATA, "once", what, gb(once, ENTERED), book.take(begun, shrink))
    if kept.any:
        yield line(Resource.STORED_DATA, "standing", placed.name, gb(monthly, HELD), book.take(kept, shrink))
    phases: tuple[tuple[Phase, Amounts], ...] = (("once", once), ("standing", monthly))
    for phase, used in phases:
        sent = used.only(SENT)
        if sent.any:
            what = say("sending {name} between regions", name=placed.name)
            yield line(Resource.TRANSFER, phase, what, gb(sent, SENT), book.take(sent, shrink))
