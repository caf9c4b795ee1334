"""The shipped templates are complete, explained, and add up."""

from __future__ import annotations

from pathlib import Path

import pytest

from advisor.catalogue import DATA, Catalogue
from advisor.catalogue.translations import language
from advisor.core.saying import here, speaking
from advisor.scenario import Scenario, load_scenario, save_scenario, scenario_yaml, untouched, with_values
from advisor.scenario.io import paths
from advisor.scenario.saving import SCHEMA_LINE
from advisor.system.references import check_names

FOLDER = DATA / "scenarios"
NAMES = [
    "claims_intake",
    "claims_triage",
    "code_assistant",
    "coding_agent",
    "contact_centre",
    "factory_edge",
    "legal_qa",
    "market_commentary",
    "nightly_reports",
    "product_descriptions",
    "public_sector",
    "speech_notes",
]
# what a template leaves to those who use it, and what explains itself
UNEXPLAINED = {
    "schema_version", "name", "description", "data_sets", "notes", "owners", "overrides", "decisions",
}  # fmt: skip
TOKENS_PER_PIECE = 500  # how the templates cut documents for an index
BYTES_PER_TOKEN = 4
GB = 1e9


@pytest.fixture(scope="module", params=NAMES)
def template(request: pytest.FixtureRequest) -> Scenario:
    return load_scenario(FOLDER / f"{request.param}.yaml")


def test_there_are_the_twelve() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.yaml")) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_editors_find_the_schema_and_readers_a_summary(name: str) -> None:
    text = (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
    assert text.startswith(SCHEMA_LINE)
    assert text.splitlines()[1].startswith("# ")


def test_every_field_is_filled(template: Scenario) -> None:
    assert untouched(template) == []
    assert template.description
    assert "fictitious" in template.description


def test_every_number_is_explained(template: Scenario) -> None:
    unexplained = [path for path in paths(Scenario) if path not in (*template.notes, *UNEXPLAINED)]
    unexplained += [
        f"data_sets[{index}]"
        for index in range(len(template.data_sets))
        if f"data_sets[{index}]" not in template.notes
    ]
    assert unexplained == []
    assert all(note.endswith((".", "?")) for note in template.notes.values())


def test_notes_and_owners_belong_to_something(template: Scenario) -> None:
    known = {*paths(Scenario), *(f"data_sets[{index}]" for index in range(len(template.data_sets)))}
    assert set(template.notes) <= known
    assert set(template.owners) <= known
    assert "workload.requests_per_day" in template.owners
    assert "quality.floor" in template.owners


def test_nothing_is_decided_yet(template: Scenario) -> None:
    assert template.decisions == {}
    assert template.overrides == {}


def test_the_catalogue_knows_every_name(template: Scenario, catalogue: Catalogue) -> None:
    check_names(template, catalogue)
    limits = template.constraints
    for region in {limits.home_region, *limits.users_near, *limits.regions_allowed}:
        assert catalogue.row("regions", region)["status"] == "open", region


def test_measured_models_may_be_used(template: Scenario, catalogue: Catalogue) -> None:
    """A test of a model the constraints rule out, or that fails the floor, would be a waste."""
    for model, score in template.quality.scores.items():
        assert score.samples >= 100
        if model in catalogue.keys("encoders"):  # they only read, and anyone may hold them
            continue
        row = catalogue.row("models", model)
        assert row["open_weights"] or not template.constraints.open_weights, model
        assert "edge" in row["deployments"] or not template.constraints.offline, model
    assert any(score.score >= template.quality.floor for score in template.quality.scores.values())


def test_requests_fit_the_context(template: Scenario) -> None:
    longest = template.quality.context_max_tokens
    work, knowledge = template.workload, template.knowledge
    history = 0.0
    if template.agent is not None:  # the last call of a task reads what all others added
        history = (template.agent.calls_per_task - 1) * template.agent.growth_tokens
    assert work.input_tokens + history + knowledge.context_tokens_added + work.output_tokens <= longest
    assert knowledge.prompt_tokens_tuning_removes < work.input_tokens


def test_indexes_are_as_large_as_their_vectors(template: Scenario) -> None:
    for data_set in template.data_sets:
        if data_set.role == "index":
            size = data_set.vectors * data_set.dimensions * data_set.vector_bits / 8 / GB
            assert data_set.size_gb == pytest.approx(size, rel=0.01)
            pieces = template.knowledge.documents * template.knowledge.tokens_per_document / TOKENS_PER_PIECE
            assert data_set.vectors == pytest.approx(pieces, rel=0.01)


def test_an_index_stands_where_documents_do(template: Scenario) -> None:
    has_index = any(data_set.role == "index" for data_set in template.data_sets)
    assert has_index == (template.knowledge.documents > 0)


def test_logs_grow_with_the_requests(template: Scenario) -> None:
    work = template.workload
    tokens = work.input_tokens + work.output_tokens
    if template.agent is not None:  # of a task's calls, what is new in each is kept once
        tokens = work.input_tokens + template.agent.calls_per_task * template.agent.growth_tokens
    grown = work.requests_per_day * tokens * BYTES_PER_TOKEN * 30 / GB
    logs = [data_set for data_set in template.data_sets if data_set.name == "Request logs"]
    assert len(logs) == 1
    assert logs[0].growth_gb_per_month == pytest.approx(grown, rel=0.01)


def test_examples_are_as_large_as_their_tokens(template: Scenario) -> None:
    knowledge = template.knowledge
    for data_set in template.data_sets:
        if data_set.role == "training":
            size = knowledge.examples * knowledge.tokens_per_example * BYTES_PER_TOKEN / GB
            assert data_set.size_gb == pytest.approx(size, rel=0.02)


def test_data_is_kept_as_long_as_the_law_says(template: Scenario) -> None:
    for data_set in template.data_sets:
        assert (data_set.legal_min_days or 0) <= data_set.retention_days, data_set.name
        assert data_set.retention_days <= (data_set.legal_max_days or data_set.retention_days), data_set.name
        ages = [reads.from_day for reads in data_set.reads]
        assert ages == sorted(ages)
        assert ages[0] == 0
        # nothing is kept that is older than it may become
        kept = data_set.growth_gb_per_month * data_set.retention_days / 30.4
        if data_set.role == "logs":
            assert data_set.size_gb <= kept * 1.05, data_set.name


def test_deadlines_are_dates_of_this_plan(template: Scenario) -> None:
    assert template.timing.deadlines
    for due in template.timing.deadlines.values():
        assert abs((due - template.timing.start).days) <= 365 * template.timing.horizon_years


def test_a_template_survives_saving(template: Scenario, tmp_path: Path) -> None:
    save_scenario(template, tmp_path / "it.yaml")
    assert load_scenario(tmp_path / "it.yaml") == template


def test_the_customers_differ() -> None:
    templates = {name: load_scenario(FOLDER / f"{name}.yaml") for name in NAMES}
    priorities = {tuple(found.priorities.model_dump().values()) for found in templates.values()}
    assert len(priorities) >= 8
    assert len({found.task for found in templates.values()}) == 7
    assert {found.operations.volatility for found in templates.values()} == {"stable", "moderate", "volatile"}
    assert {found.constraints.residency for found in templates.values()} == {"any", "EU", "EUDB", "US"}
    assert len({found.workload.profile for found in templates.values()}) == 4
    assert [name for name, found in templates.items() if found.constraints.offline] == ["factory_edge"]
    assert [name for name, found in templates.items() if found.operations.survive_region_loss] == [
        "public_sector"
    ]
    assert templates["nightly_reports"].workload.deferrable_share == 1
    assert len(templates["product_descriptions"].workload.languages) == 20


def test_what_a_template_writes_is_told_and_what_people_change_stays() -> None:
    given = load_scenario(FOLDER / "contact_centre.yaml")
    mine = with_values(
        given, {"name": "Unser Helpdesk", "data_sets[0].name": "Tariffs", "owners.task": "Ada"}
    )
    with speaking(language("de")):
        assert here(given.description).startswith("Nordlicht Energie (fiktiv) verkauft Strom")
        assert [here(one.name) for one in given.data_sets[:2]] == [
            "Hilfeseiten und Tarifblätter",
            "Vektorindex",
        ]
        assert here(next(iter(given.timing.deadlines))) == "Pilotbetrieb endet"
        assert here(given.notes["workload.profile"]) == "Haushalte schreiben nach der Arbeit."
        assert here(given.owners["priorities.carbon"]) == "Leitung Nachhaltigkeit"
        assert [here(one) for one in (mine.name, mine.data_sets[0].name, mine.owners["task"])] == [
            "Unser Helpdesk", "Tariffs", "Ada",
        ]  # fmt: skip
        assert here(mine.data_sets[1].name) == "Vektorindex"
        german = scenario_yaml(mine)
    assert german == scenario_yaml(mine)  # a file is the same in every language
    assert "name: Vector index" in german
