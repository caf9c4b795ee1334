"""The catalogue as it is kept to start fast: the same figures, or none."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from advisor.catalogue import DATA, Catalogue, compiled, open_catalogue
from advisor.catalogue.translations import language
from advisor.core.saying import Text, here, say, speaking

MARK = "mark"


@pytest.fixture
def catalogue() -> Catalogue:
    return open_catalogue(offline=True)


@pytest.fixture
def cache(tmp_path: Path, catalogue: Catalogue) -> Path:
    parts = (catalogue.coefficients, catalogue.tables, catalogue.series, catalogue.sources)
    compiled.keep(tmp_path, MARK, parts)  # type: ignore[arg-type]
    return tmp_path


def test_what_is_kept_is_what_was_read(cache: Path, catalogue: Catalogue) -> None:
    known = compiled.load(cache, MARK)
    assert known is not None
    coefficients, tables, series, sources = known
    assert list(coefficients) == list(catalogue.coefficients)
    assert dict(coefficients) == dict(catalogue.coefficients)
    assert (tables, series, sources) == (catalogue.tables, catalogue.series, catalogue.sources)


def test_a_figure_is_made_once_and_a_missing_one_is_missing(cache: Path) -> None:
    known = compiled.load(cache, MARK)
    assert known is not None
    name = "regions.swedencentral.pue"
    assert known[0][name] is known[0][name]
    assert known[0].get("regions.atlantis.pue") is None
    assert (name in known[0], "regions.atlantis.pue" in known[0]) == (True, False)


@pytest.mark.parametrize(
    ("whole", "broken"),
    [("{", "["), ('"coefficients"', '"figures"'), ('"stated": [[', '"stated": [], "more": [[')],
)
def test_a_file_that_is_not_as_it_was_kept_is_left_aside(cache: Path, whole: str, broken: str) -> None:
    (path,) = cache.glob("*.json")
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(whole, broken, 1), encoding="utf-8")
    assert path.read_text(encoding="utf-8") != text
    assert compiled.load(cache, MARK) is None


def test_another_release_of_a_package_is_another_catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    before = compiled.fingerprint(DATA)
    assert before == compiled.fingerprint(DATA)
    found = Path.glob

    def later(folder: Path, pattern: str) -> list[Path]:
        return [
            path.with_name(path.name.replace("ecologits-", "ecologits-9")) for path in found(folder, pattern)
        ]

    monkeypatch.setattr(Path, "glob", later)
    assert compiled.fingerprint(DATA) != before


def test_a_package_without_a_folder_of_metadata_is_asked_for_its_version(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(compiled.sys, "path", [])
    monkeypatch.setattr("importlib.metadata.version", lambda name: f"1 of {name}")
    before = compiled.fingerprint(DATA)
    monkeypatch.setattr("importlib.metadata.version", lambda name: f"2 of {name}")
    assert compiled.fingerprint(DATA) != before


def test_the_newest_few_are_kept(tmp_path: Path, catalogue: Catalogue) -> None:
    parts = (catalogue.coefficients, catalogue.tables, catalogue.series, catalogue.sources)
    for number in range(compiled.FEW + 2):
        compiled.keep(tmp_path, str(number), parts)  # type: ignore[arg-type]
        for path in tmp_path.glob(f"*-{number}.json"):
            os.utime(path, (number, number))
    assert {path.name for path in tmp_path.iterdir()} == {
        f"catalogue-{number}.json" for number in range(2, compiled.FEW + 2)
    }


def test_texts_of_the_catalogue_are_told_as_before(cache: Path, catalogue: Catalogue) -> None:
    known = compiled.load(cache, MARK)
    assert known is not None
    coefficients, _, _, sources = known
    noted = [name for name, one in catalogue.coefficients.items() if one.note]
    with speaking(language("de")):
        meters = {here(coefficients[name].note) for name in noted}
        assert meters == {here(catalogue.coefficients[name].note) for name in noted}
        assert any(note.startswith("Zähler „") for note in meters)
        assert here(sources["override"].title) == "Ihr eigener Wert, im Szenario angegeben"


def test_prose_of_tables_is_text_for_people(tmp_path: Path, catalogue: Catalogue) -> None:
    rows = {"one": {"title": say("a title"), "key": "a title"}, "two": {"title": "", "key": "b"}}
    compiled.keep(tmp_path, MARK, ({}, {"things": rows}, catalogue.series, catalogue.sources))
    known = compiled.load(tmp_path, MARK)
    assert known is not None
    kept = known[1]["things"]
    assert kept == rows
    assert [isinstance(kept["one"][name], Text) for name in ("title", "key")] == [True, False]


def test_sources_that_are_described_are_told_as_before(cache: Path, catalogue: Catalogue) -> None:
    known = compiled.load(cache, MARK)
    assert known is not None
    for key, source in catalogue.sources.items():
        kept = known[3][key]
        assert [type(one) for one in (kept.title, kept.publisher)] == [
            type(one) for one in (source.title, source.publisher)
        ], key
    with speaking(language("de")):
        assert here(known[3]["assumption"].title).startswith("Eine Annahme dieses Projekts")
