"""What is shipped: enough of it, whole, and consistent with the packages it draws on."""

from __future__ import annotations

import ast
import json
import re
from fnmatch import fnmatch
from importlib import metadata, resources
from pathlib import Path

import pytest
import yaml

from advisor import catalogue as catalogues
from advisor.catalogue import DATA, Catalogue, open_catalogue
from advisor.core.draws import central
from advisor.core.errors import UnknownNameError
from advisor.core.evidence import Confidence
from advisor.core.units import dimension
from advisor.scenario import parse_scenario
from advisor.system.case import Case
from advisor.system.footprints import hardware

PACKAGE = Path(catalogues.__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def shipped() -> Catalogue:
    return open_catalogue(offline=True)


@pytest.mark.parametrize(
    ("table", "least"),
    [("models", 60), ("regions", 45), ("gpus", 10), ("machines", 12), ("ptu", 25), ("grids", 200)],
)
def test_there_is_enough(table: str, least: int, shipped: Catalogue) -> None:
    assert len(shipped.keys(table)) >= least


def test_every_figure_has_range_source_date_and_confidence(shipped: Catalogue) -> None:
    for found in shipped.coefficients.values():
        assert found.low <= found.central <= found.high
        assert found.sources
        assert set(found.sources) <= set(shipped.sources)
        assert found.checked.year >= 2020
        if found.confidence is Confidence.ASSUMED and found.low < found.high:
            assert found.note or found.valid, f"{found.name} is assumed and does not say why"


NEEDED = {
    "regions": ("pue", "wue", "average_intensity", "market_renewable_share", "upstream_water", "adpe",
                "country_intensity", "zone_intensity"),
    "models": ("total_params", "arena_text", "context_tokens"),
    "gpus": ("tdp", "idle", "loaded_idle", "memory", "bandwidth", "bf16", "embodied", "adpe", "mass"),
    "machines": ("gpu_count", "memory", "price"),
    "ptu": ("global_minimum", "global_increment", "tpm_per_ptu", "output_ratio"),
    "grids": ("average_intensity", "upstream_water", "adpe"),
}  # fmt: skip


@pytest.mark.parametrize("table", NEEDED)
def test_rows_are_whole(table: str, shipped: Catalogue) -> None:
    missing = [
        f"{table}.{key}.{column}"
        for key in shipped.keys(table)
        for column in NEEDED[table]
        if f"{table}.{key}.{column}" not in shipped
    ]
    assert missing == []


def test_rows_name_rows_that_exist(shipped: Catalogue) -> None:
    for machine in shipped.keys("machines"):
        assert shipped.row("machines", machine)["gpu"] in shipped.keys("gpus")
    for region in shipped.keys("regions"):
        row = shipped.row("regions", region)
        assert row["iso3"] in shipped.keys("grids")
        if row["shape_zone"]:
            assert f"shape.{row['shape_zone']}.DJF" in shipped.series
    for region in shipped.keys("ptu_regions"):
        assert region in shipped.keys("regions")
    for model in shipped.keys("tuning"):
        assert model in shipped.keys("models")


def test_shapes_average_to_one_over_the_year(shipped: Catalogue) -> None:
    for zone in shipped.keys("shapes"):
        days = {"DJF": 90, "MAM": 92, "JJA": 92, "SON": 91}
        runs = {season: shipped.series[f"shape.{zone}.{season}"].values for season in days}
        assert all(len(run) == 24 for run in runs.values())
        mean = sum(sum(runs[season]) / 24 * count for season, count in days.items()) / 365
        assert mean == pytest.approx(1.0, abs=0.03)


def test_where_sources_disagree_the_range_spans_them_and_the_note_names_them(shipped: Catalogue) -> None:
    spans = {
        "gpus.h100_sxm.embodied": (164, 273, 575),
        "host.power_per_gpu": (150, 250),
        "network.internet": (0.0065, 0.059),
        "regions.northeurope.average_intensity": (352, 301, 270.8),
        "regions.spaincentral.pue": (1.12, 1.16),
    }
    for name, values in spans.items():
        found = shipped.coefficient(name)
        assert found.low <= min(values), name
        assert found.high >= max(values), name
        assert len(found.sources) > 1, name
        assert found.note, name


def test_electricity_maps_figures_stand_in_files_of_their_own_with_the_licence() -> None:
    for path in DATA.glob("*.yaml"):
        text = re.sub(r"[\s#]+", " ", path.read_text())
        cites = re.search(r"[\[ ]electricity_maps(_hourly)?[,\] ]", text) and not path.name.startswith(
            "sources"
        )
        assert bool(cites) == ("LICENSE-electricity-maps.md" in text and "Open Database License" in text), (
            path.name
        )
    assert "Open Database License" in (DATA / "LICENSE-electricity-maps.md").read_text()


def test_the_readme_of_the_data_names_every_file() -> None:
    named = re.findall(r"`([\w*.-]+)`", (DATA / "README.md").read_text())
    files = [path.name for path in DATA.glob("*.yaml")]
    assert [name for name in files if not any(fnmatch(name, pattern) for pattern in named)] == []


# columns that code names by two of their parts, as f"{tier}_{what}"
COMPOSED = ("storage_listed", "storage_operations")


def test_no_table_has_a_column_or_attribute_that_nothing_reads() -> None:
    """Its name stands in a text or is an attribute somewhere, or half of it beside a part that is put in."""
    said: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                said.update(re.findall(r"\w+", node.value))
            elif isinstance(node, ast.Attribute):
                said.add(node.attr)
    unread = []
    for path in DATA.glob("*.yaml"):
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
        if found.get("table") in COMPOSED:
            continue
        for name in (*found.get("columns", ()), *found.get("attributes", ())):
            head, _, tail = name.rpartition("_")
            if name not in said and not (head and {f"{head}_", f"_{tail}"} & said):
                unread.append(f"{path.name}: {name}")
    assert unread == []


def test_sizes_of_models_and_their_sources_come_from_the_package(shipped: Catalogue) -> None:
    text = resources.files("ecologits").joinpath("data", "models.json").read_text()
    entry = next(entry for entry in json.loads(text)["models"] if entry["name"] == "openai/gpt-oss-120b")
    found = shipped.coefficient("models.gpt-oss-120b.active_params")
    assert found.central == entry["architecture"]["parameters"]["active"]
    assert entry["sources"][0] in found.note
    assert metadata.version("ecologits") in shipped.sources["ecologits"].title
    guessed = shipped.coefficient("models.gpt-4o.active_params")
    assert (guessed.low, guessed.high, guessed.confidence) == (44, 132, Confidence.ASSUMED)
    # the geometric mean of 44 and 132
    assert guessed.central == pytest.approx(76.2102, abs=1e-4)


def test_ids_of_packages_are_found_there(shipped: Catalogue) -> None:
    for model in shipped.keys("models"):
        row = shipped.row("models", model)
        prices = {
            name.rsplit(".", 2)[1] for name in shipped.coefficients if name.startswith(f"prices.{model}.")
        }
        if row["azure_price_id"]:
            assert "global" in prices, f"{model}: no meter called {row['azure_price_id']}"
        if row["list_price_id"]:
            assert "list" in prices or model == "gemma-4-31b", (
                f"{model}: nothing called {row['list_price_id']}"
            )
        if row["ecologits_id"]:
            assert "ecologits" in shipped.coefficient(f"models.{model}.total_params").sources, model


def test_the_world_s_water_default_is_marked(shipped: Catalogue) -> None:
    assert shipped.row("regions", "qatarcentral")["world_default_water"]
    assert not shipped.row("regions", "westeurope")["world_default_water"]
    assert "world default" in shipped.coefficient("regions.qatarcentral.upstream_water").note
    assert sum(shipped.row("grids", key)["world_default_water"] for key in shipped.keys("grids")) == 165


def test_corrected_prices_replace_the_package_s(shipped: Catalogue) -> None:
    corrected = {name: spec["value"] for name, spec in yaml.safe_load(
        (DATA / "price_corrections.yaml").read_text())["coefficients"].items()}  # fmt: skip
    for name, value in corrected.items():
        assert shipped.coefficient(name).central == value
    stale = [
        name for name in shipped.coefficients if name.startswith("prices.gpt-5.6-") and name not in corrected
    ]
    assert all(".list." in name for name in stale)


def test_an_unknown_name_is_told_with_the_nearest(shipped: Catalogue) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'westeurope'"):
        shipped.row("regions", "westeuropa")
    with pytest.raises(UnknownNameError, match=r"network\.between_regions"):
        shipped.coefficient("network.between_region")


def asked() -> list[tuple[str, str, str]]:
    """(where, pattern of a name, unit) of every figure the code asks a case for by a name it spells out."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and len(node.args) == 2:
                name, unit = node.args
                if node.func.attr in {"draw", "central"} and isinstance(unit, ast.Constant):
                    pattern = spelled(name)
                    if pattern:
                        found.append((f"{path.name}:{node.lineno}", pattern, str(unit.value)))
    return found


def spelled(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return re.escape(str(node.value))
    if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
        parts = (re.escape(str(p.value)) if isinstance(p, ast.Constant) else r"[\w.-]+" for p in node.values)
        return "".join(parts)
    return ""


def test_the_code_asks_for_figures_that_exist_in_units_that_fit(shipped: Catalogue) -> None:
    wrong = []
    for where, pattern, unit in asked():
        names = [name for name in shipped.coefficients if re.fullmatch(pattern, name)]
        if not names:
            wrong.append(f"{where}: nothing is called {pattern}")
        if pattern.endswith("+"):
            continue  # the last part varies, and the unit with it
        wrong += [
            f"{where}: {name} is in {shipped.coefficient(name).unit}, not {unit}"
            for name in names
            if dimension(shipped.coefficient(name).unit) != dimension(unit)
        ]
    assert wrong == []


def test_a_small_card_carries_the_share_of_a_plainer_server(shipped: Catalogue) -> None:
    case = Case(parse_scenario({"name": "Cards", "task": "chat"}), shipped, size=0)
    life = case.draw("hardware.lifetime", "s") * case.draw("hardware.utilisation", "ratio")
    # 50 kg and a quarter of 5,700 / 8 kg against 200 kg and the whole eighth
    assert central(hardware(case, "t4", life)["embodied"]) == pytest.approx(50 + 712.5 / 4)
    assert central(hardware(case, "a100_80_sxm", life)["embodied"]) == pytest.approx(912.5)
