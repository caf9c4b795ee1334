"""Where published figures disagree, and how much of the result hangs on each."""

from __future__ import annotations

import numpy as np

from advisor.core.draws import Array, ensemble_of
from advisor.core.exhibits import Table
from advisor.core.saying import say
from advisor.decide.option import Option
from advisor.steps.data_storage.today_and_proposed import year_of
from advisor.system.case import Case

# what the sources of storage disagree on; the notes of the coefficients say how
CONTESTED = (
    ("storage.hdd.power", "Wh/TB/h", say("hard disks: energy")),
    ("storage.ssd.power", "Wh/TB/h", say("flash: energy")),
    ("storage.hdd.embodied", say("kg/TB/year"), say("hard disks: manufacture")),
    ("storage.ssd.embodied", say("kg/TB/year"), say("flash: manufacture")),
    ("network.between_regions", "kWh/GB", say("network between regions, average")),
    ("network.internet", "kWh/GB", say("network to users, average")),
    ("network.marginal", "kWh/GB", say("network, one byte more")),
)


def table(case: Case, choice: Option) -> Table:
    """Each contested figure with its range, and how closely the carbon follows it."""
    carbon = ensemble_of(year_of(case, choice.plan)["carbon"])
    rows: list[tuple[str | float | None, ...]] = []
    for name, unit, label in CONTESTED:
        found = case.catalogue.coefficient(name).to(unit)
        drawn = ensemble_of(case.draw(name, unit))
        rows.append((label, found.low, found.central, found.high, unit, _follows(drawn, carbon), found.note))
    return Table(
        "storage_disagreements",
        say("Where sources disagree"),
        (
            say("Figure"),
            say("Low"),
            say("Central"),
            say("High"),
            say("Unit"),
            say("Correlation with this plan's carbon"),
            say("Why"),
        ),
        tuple(rows),
        note=say("A copy a terabyte. The marginal figure is shown, never used for a saving."),
    )


def _follows(drawn: Array, carbon: Array) -> float:
    """Correlation of ranks between a figure and a result [-1 to 1]."""
    if np.ptp(drawn) == 0 or np.ptp(carbon) == 0:
        return 0.0
    first, second = (np.argsort(np.argsort(values)) for values in (drawn, carbon))
    return float(np.corrcoef(first, second)[0, 1])
