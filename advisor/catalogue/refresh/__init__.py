"""``advisor refresh``: live values into the user's own cache, never over what is shipped.

Each source stands alone: one that fails is told of and the value at hand stays. Keys come
from the environment only: ``ELECTRICITY_MAPS_TOKEN``, ``WATTTIME_USER`` with
``WATTTIME_PASSWORD``, ``CARBON_AWARE_SDK_URL`` with ``CARBON_AWARE_SDK_SIGNAL`` (average or
marginal). ``ADVISOR_GRID_REGIONS`` narrows ``refresh grid`` to the regions it lists.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import date

from advisor import catalogue as catalogues
from advisor.catalogue import Catalogue, open_catalogue, refreshed
from advisor.catalogue.refresh import grid, prices
from advisor.core.errors import Fault, SourceUnavailableError, unknown
from advisor.core.files import write_atomic
from advisor.core.saying import say
from advisor.core.wording import listed

Fetch = Callable[[Catalogue, date], refreshed.Fetched]


def refresh(what: str, today: date | None = None) -> str:
    """Fetch ``prices`` or ``grid`` and say what came of it, a line each source.

    Raises SourceUnavailableError, listing every fault, when no source gave anything.
    """
    on = today or date.today()  # noqa: DTZ011  the day on the user's own calendar
    if what == "prices":
        return run(price_fetches(), on)
    if what == "grid":
        fetches, skipped = grid_fetches(regions(open_catalogue(offline=True)))
        return run(fetches, on, skipped)
    raise unknown(say("thing to refresh"), what, ("prices", "grid"))


def run(fetches: Sequence[Fetch], today: date, skipped: Sequence[Fault] = ()) -> str:
    """Run each fetch and keep what it gives; see :func:`refresh`."""
    shipped = open_catalogue(offline=True)
    lines: list[str] = []
    faults: list[Fault] = []
    for fetch in fetches:
        try:
            fetched = fetch(shipped, today)
        except SourceUnavailableError as error:
            faults.extend(error.faults)
            lines.extend(f"kept what there was: {fault}" for fault in error.faults)
            continue
        path = refreshed.folder() / f"{fetched.source.key}.json"
        write_atomic(path, refreshed.dump(fetched))
        lines.append(f"{fetched.source.title}: {len(fetched.coefficients)} figures, kept in {path}")
    catalogues.reopen()
    if len(faults) == len(lines):
        raise SourceUnavailableError(
            say("Nothing could be refreshed; the values at hand stay."), [*faults, *skipped]
        )
    return "\n".join([*lines, *(f"not asked: {fault}" for fault in skipped)])


def price_fetches() -> list[Fetch]:
    """Token prices, then prices of machines, storage, search and provisioned throughput."""
    tokens, services = (prices.api(what) for what in ("tokens", "services"))
    return [
        lambda catalogue, today: prices.token_prices(tokens, catalogue, today),
        lambda catalogue, today: prices.service_prices(services, catalogue, today),
    ]


def regions(catalogue: Catalogue) -> list[str]:
    """Regions to fetch grid figures for: those asked for, else all that are open."""
    asked = [name.strip() for name in os.environ.get("ADVISOR_GRID_REGIONS", "").split(",") if name.strip()]
    for name in asked:
        catalogue.row("regions", name)
    return asked or [
        key for key in catalogue.keys("regions") if catalogue.row("regions", key)["status"] == "open"
    ]


def grid_fetches(wanted: Sequence[str]) -> tuple[list[Fetch], list[Fault]]:
    """The sources a key is set for, and a fault for each that lacks one."""
    environment = os.environ
    fetches: list[Fetch] = []
    skipped: list[Fault] = []
    token = environment.get("ELECTRICITY_MAPS_TOKEN")
    if token:
        maps = grid.electricity_maps(token)
        fetches.append(lambda catalogue, today: grid.from_electricity_maps(maps, catalogue, wanted, today))
    else:
        skipped.append(_no_key("Electricity Maps", "ELECTRICITY_MAPS_TOKEN"))
        if any(region in wanted for region in grid.UK_REGIONS):  # operational only: for want of life cycle
            uk = grid.uk_carbon_intensity()
            fetches.append(lambda catalogue, today: grid.from_uk(uk, catalogue, wanted, today))
    user, password = environment.get("WATTTIME_USER"), environment.get("WATTTIME_PASSWORD")
    if user and password:
        login = grid.watttime(user, password)
        fetches.append(lambda catalogue, today: grid.from_watttime(login, catalogue, wanted, today))
    else:
        skipped.append(_no_key("WattTime", listed(("WATTTIME_USER", "WATTTIME_PASSWORD"))))
    url, signal = environment.get("CARBON_AWARE_SDK_URL"), environment.get("CARBON_AWARE_SDK_SIGNAL", "")
    if url:
        sdk = grid.carbon_aware_sdk(url)
        fetches.append(lambda catalogue, today: grid.from_carbon_aware(sdk, catalogue, wanted, today, signal))
    else:
        skipped.append(_no_key("Carbon Aware SDK", "CARBON_AWARE_SDK_URL"))
    return fetches, skipped


def _no_key(name: str, variable: str) -> Fault:
    return Fault(name, say("{variable} in the environment", variable=variable), say("none"))
