"""How long data is kept: as stated, and as the law allows."""

from __future__ import annotations

from collections.abc import Iterator

from advisor.core.saying import numeral, say
from advisor.scenario.data_fields import DataSet
from advisor.system.case import Case


def stated_days(case: Case, data: DataSet) -> float:
    """How long a data set is kept by what the scenario says [day].

    Without end where it answers requests, or is working data whose retention nobody has set: such data
    lives as long as the workload.
    """
    role = case.catalogue.row("storage_roles", data.role)
    untouched = bool(role["lasting"]) and "retention_days" not in data.model_fields_set
    return float("inf") if role["online"] or untouched else data.retention_days


def lawful_days(data: DataSet, stated: float) -> float:
    """The lawful time nearest to the stated one [day]."""
    low, high = data.legal_min_days or 0.0, data.legal_max_days or float("inf")
    return min(max(stated, low), high)


def oldest_days(stock: float, arrivals: float, stated: float) -> float:
    """How old the oldest of a stock [GB] is [day]: it came as new data does [GB/day], and is kept as stated.

    0 where nothing new arrives: nothing then tells how old it is, and it is taken to be new.
    """
    return min(stock / arrivals, stated) if arrivals else 0.0


def against_the_law(case: Case) -> Iterator[str]:
    """Each data set that is to be kept for less or more than the law says: both fields, and what is done."""
    for data in case.given.data_sets:
        stated = stated_days(case, data)
        lawful = lawful_days(data, stated)
        if lawful != stated < float("inf"):
            yield say(
                "{name}: retention_days is {stated}, {field} is {lawful}; the plan keeps it {lawful} days",
                name=data.name,
                field="legal_min_days" if stated < lawful else "legal_max_days",
                stated=numeral(stated, ",g"),
                lawful=numeral(lawful, ",g"),
            )
