"""What a machine costs in a region, beside the price that is listed: in most regions it is dearer."""

from __future__ import annotations

from advisor.core.draws import Array
from advisor.system.case import Case

MACHINES, OLD = "machines", "t4"  # the oldest cards have a ratio of their own


def dearer(case: Case, price: str, region: str) -> Array:
    """Price of a machine in a region over the one that ``price`` names [ratio].

    One's own figure is what is paid wherever it is. Managed compute, by the GPU, is sold globally alone, at
    one price.
    """
    table, _, key = price.removesuffix(".price").partition(".")
    if table != MACHINES or case.is_own(price):
        return case.full(1.0)
    kind = OLD if case.catalogue.row(MACHINES, key)["gpu"] == OLD else "newer"
    here = f"machine_regions.{region}.{kind}"
    return case.full(case.draw(here if here in case else "deployment.machine_elsewhere", "ratio"))
