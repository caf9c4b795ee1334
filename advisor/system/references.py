"""Names a scenario uses that only the catalogue can vouch for: models, regions, coefficients."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from advisor.catalogue import Catalogue
from advisor.catalogue.translations import calls_itself
from advisor.core.bounds import MOST, Bounds
from advisor.core.errors import DataError, Fault, ScenarioError, nearest
from advisor.core.files import Place
from advisor.core.saying import say
from advisor.core.units import conversion
from advisor.scenario import Scenario
from advisor.scenario.fields import STEP_NAMES, StepName
from advisor.scenario.io import Finding
from advisor.scenario.validation import place_of
from advisor.system import choices

BY_MODEL: tuple[Place, ...] = (
    ("quality", "scores"),
    ("constraints", "provenance"),
    ("constraints", "security_scan"),
    ("measurements", "wh_per_request"),
    ("measurements", "running_batch"),
)
# rows that a scenario brings along: where they stand, and the table they join
OWN_ROWS = {"own_models": "models", "own_machines": "machines"}
LANGUAGE_CODE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
OWN_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")
BY_NAME: tuple[Place, ...] = (*BY_MODEL, ("measurements", "round_trip_ms"))
# what may stand where a model is named: those that write, and those that only read
MODEL_TABLES = ("models", "encoders", "embedders")
# a test of searching without any model, which is an option of its own
SEARCH_ONLY = "retrieval"
# and one of small workers under a large planner, on whole tasks of an agent
TEAM_ONLY = "team"
# what the scenario says of today, a field a step
TODAY = ("model", "technique", "deployment", "storage", "operations")
# residency codes that are no country: no rule, the member states, the EU Data Boundary
RESIDENCY_AREAS = ("ANY", "EU", "EUDB")


def check_names(scenario: Scenario, catalogue: Catalogue) -> None:
    """Raise ScenarioError listing every name of the scenario that the catalogue lacks."""
    data = scenario.model_dump(exclude={"notes", "owners"})
    findings = [*name_findings(data, catalogue), *_pilot_findings(scenario, catalogue)]
    faults = [Fault(place_of(place), expected, found, close) for place, expected, found, close in findings]
    if faults:
        summary = (
            say("{name} uses one name the catalogue does not know.", name=scenario.name)
            if len(faults) == 1
            else say(
                "{name} uses {count} names the catalogue does not know.",
                name=scenario.name, count=len(faults),
            )
        )  # fmt: skip
        raise ScenarioError(summary, faults)


def name_findings(data: Mapping[str, Any], catalogue: Catalogue) -> Iterator[Finding]:
    """Every unknown name in a scenario's plain data, which need not be valid otherwise."""
    for place, expected, valid in _names(data, catalogue):
        name = _at(data, place) if place[:2] not in BY_NAME else place[-1]
        if not isinstance(name, str):
            continue
        lawful = place[-1] == "residency"
        if (name.strip().upper() if lawful else name) not in valid:
            close = _area if lawful else _region if valid == catalogue.keys("regions") else None
            yield place, expected, repr(name), close(name, catalogue) if close else nearest(name, valid)
    for section, table in OWN_ROWS.items():
        for name in _mapping(data, (section,)):
            taken = name in catalogue.keys(table) and not catalogue.row(table, name).get("own")
            if taken or not OWN_NAME.fullmatch(str(name)):
                expected = say("a name of small letters, digits, dots and dashes that no row has")
                yield (section, name), expected, repr(name), None
    yield from _languages(data, catalogue)
    for name, own in _mapping(data, ("overrides",)).items():
        yield from _override(str(name), own, catalogue)


def _pilot_findings(scenario: Scenario, catalogue: Catalogue) -> Iterator[Finding]:
    valid = [*_models(catalogue), *scenario.own_models, SEARCH_ONLY]
    for model in sorted({row.model for row in scenario.pilot} - set(valid)):
        place = ("measurements", "pilot_log", model)
        yield place, say("a model of the catalogue"), repr(model), nearest(model, valid)


def _models(catalogue: Catalogue) -> list[str]:
    return [name for table in MODEL_TABLES for name in catalogue.keys(table)]


def _names(data: Mapping[str, Any], catalogue: Catalogue) -> Iterator[tuple[Place, str, Collection[str]]]:
    """Each place that holds a name, what belongs there, and the names that are valid."""
    models = list(dict.fromkeys([*_models(catalogue), *map(str, _mapping(data, ("own_models",)))]))
    for name in _mapping(data, ("own_models",)):
        if _at(data, ("own_models", name, "like")) is not None:
            yield ("own_models", name, "like"), say("a model of the catalogue"), catalogue.keys("models")
    for name in _mapping(data, ("own_machines",)):
        yield ("own_machines", name, "gpu"), say("a GPU of the catalogue"), catalogue.keys("gpus")
    regions = catalogue.keys("regions")
    for name in _mapping(data, ("own_machines",)):
        if _at(data, ("own_machines", name, "region")) is not None:
            yield ("own_machines", name, "region"), say("an Azure region of the catalogue"), regions
    countries = {str(catalogue.row("regions", key).get("country")) for key in regions}
    areas = [*RESIDENCY_AREAS, *sorted(countries)]
    for section in BY_MODEL:
        valid = [*models, SEARCH_ONLY, TEAM_ONLY] if section == ("quality", "scores") else models
        for name in _mapping(data, section):
            yield (*section, name), say("a model of the catalogue"), valid
    yield ("constraints", "home_region"), say("an Azure region of the catalogue"), regions
    for key in ("users_near", "regions_allowed"):
        given = _at(data, ("constraints", key))
        for index in range(len(given) if isinstance(given, list) else 0):
            yield ("constraints", key, index), say("an Azure region of the catalogue"), regions
    writers = [*catalogue.keys("models"), *map(str, _mapping(data, ("own_models",)))]
    given = _at(data, ("constraints", "models_compared"))
    for index in range(len(given) if isinstance(given, list) else 0):
        yield ("constraints", "models_compared", index), say("a model of the catalogue that writes"), writers
    yield ("knowledge", "teacher"), say("a model of the catalogue that writes"), writers
    for name in _mapping(data, ("measurements", "round_trip_ms")):
        yield ("measurements", "round_trip_ms", name), say("an Azure region of the catalogue"), regions
    residency = say("any, EU, EUDB or a country with an Azure region, such as DE")
    yield ("constraints", "residency"), residency, areas
    sets = _at(data, ("data_sets",))
    for index in range(len(sets) if isinstance(sets, list) else 0):
        yield ("data_sets", index, "residency"), residency, areas
    yield ("constraints", "device", "kind"), say("a device of the catalogue"), catalogue.keys("devices")
    yield from _options(data, catalogue)


def _options(data: Mapping[str, Any], catalogue: Catalogue) -> Iterator[tuple[Place, str, Collection[str]]]:
    """Each place that names an option of a step, and what can be one."""
    of_today: tuple[tuple[Place, StepName], ...] = tuple(zip(map(_of_today, TODAY), STEP_NAMES, strict=True))
    recorded: list[tuple[Place, StepName]] = [(("decisions", step, "choice"), step) for step in STEP_NAMES]
    for place, step in (*recorded, *of_today):
        named = _at(data, place)
        if isinstance(named, str):
            expected = say("the key of an option, as plan.json names it")
            yield place, expected, choices.keys(step, named, catalogue, data)


def _of_today(field: str) -> Place:
    return ("today", field)


def _languages(data: Mapping[str, Any], catalogue: Catalogue) -> Iterator[Finding]:
    """Languages that are no codes; a code that the catalogue does not know is one with little text."""
    given, names = _at(data, ("workload", "languages")), dict[str, str]()
    for index, one in enumerate(given if isinstance(given, list) else ()):
        if isinstance(one, str) and not LANGUAGE_CODE.fullmatch(one):
            names = names or _language_names(catalogue)
            close = nearest(one.lower(), names)
            expected = say("the code of a language, such as en or pt-BR")
            yield ("workload", "languages", index), expected, repr(one), names[close] if close else None


def _language_names(catalogue: Catalogue) -> dict[str, str]:
    """Codes by what a language is called, in English and by itself: else Deutsch is nearest to Dutch."""
    keys = catalogue.keys("languages")
    english = {str(catalogue.row("languages", key)["name"]).lower(): key for key in keys}
    return {calls_itself(key).lower(): key for key in keys} | english


def _region(name: str, catalogue: Catalogue) -> str | None:
    """The Azure region of what was written in place of one: its title, or the town where it stands."""
    said = dict[str, list[str]]()
    for key in catalogue.keys("regions"):
        row = catalogue.row("regions", key)
        for one in dict.fromkeys((key, str(row["name"]).lower(), str(row.get("location")).lower())):
            said.setdefault(one, []).append(key)
    close = nearest(name.strip().lower(), (one for one, keys in said.items() if len(keys) == 1))
    return said[close][0] if close else None


def _area(name: str, catalogue: Catalogue) -> str | None:
    """The code of what was written in place of one: the name of a country, or another code of it."""
    codes, said = {"european union": "EU", "europe": "EU", "eu data boundary": "EUDB"}, dict[str, set[str]]()
    for row in (catalogue.row("regions", key) for key in catalogue.keys("regions")):
        for column in ("geography", "residency", "iso3", "country"):
            said.setdefault(str(row.get(column)).lower(), set()).add(str(row["country"]))
    codes |= {one: next(iter(countries)) for one, countries in said.items() if len(countries) == 1}
    close = nearest(name.strip().lower(), codes)
    return codes[close] if close else None


def _near_figure(name: str, catalogue: Catalogue) -> str | None:
    """The coefficient whose name is near part by part: table, row and column; None where one part is not."""
    table, row, column = _parts(name)
    near = [(one, _parts(one)) for one in catalogue.coefficients]
    for place, part in enumerate((table, row, column)):
        close = nearest(part, dict.fromkeys(parts[place] for _, parts in near)) if part else ""
        near = [(one, parts) for one, parts in near if parts[place] == close]
    return near[0][0] if near else None


def _parts(name: str) -> tuple[str, str, str]:
    """Table, row and column of a coefficient's name; a row may hold dots, and be missing."""
    table, _, rest = name.partition(".")
    row, _, column = rest.rpartition(".")
    return table, row, column


def _override(name: str, own: Any, catalogue: Catalogue) -> Iterator[Finding]:
    if name not in catalogue:
        expected = say("the name of a coefficient, as `advisor evidence` lists them")
        yield ("overrides", name), expected, repr(name), _near_figure(name, catalogue)
        return
    shipped = catalogue.coefficients[name]
    given = own if isinstance(own, Mapping) else {}
    unit, factor, bounds = given.get("unit"), 1.0, catalogue.bounds(name)
    try:
        factor = conversion(unit, shipped.unit) if isinstance(unit, str) else 1.0
    except DataError:
        wanted = say("a unit that converts to {unit}", unit=shipped.unit)
        yield ("overrides", name, "unit"), wanted, repr(unit), None
        bounds = Bounds(0.0, MOST)  # below nothing in any unit
    for key in ("low", "central", "high"):
        value = given.get(key)
        # what is no finite number is told by the field itself
        if not isinstance(value, int | float) or isinstance(value, bool) or not abs(value) <= MOST:
            continue
        if not bounds.hold(value * factor):
            expected = say("{bounds} {unit}", bounds=str(bounds), unit=shipped.unit)
            yield ("overrides", name, key), expected, f"{value!r} {unit or ''}".strip(), None


def _at(data: Any, place: Place) -> Any:
    """What stands at ``place`` of plain data; None where there is nothing."""
    for part in place:
        if isinstance(data, Mapping):
            data = data.get(part)
        elif isinstance(data, list) and isinstance(part, int):
            data = data[part]
        else:
            return None
    return data


def _mapping(data: Mapping[str, Any], place: Place) -> Mapping[Any, Any]:
    found = _at(data, place)
    return found if isinstance(found, Mapping) else {}
