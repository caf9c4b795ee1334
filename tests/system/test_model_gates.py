"""The rules of the model choice, in their documented order, each with what would bring a model back."""

from __future__ import annotations

import pytest
from settings import case_of, fallen, model_of

from advisor.catalogue import open_catalogue
from advisor.system.case import Case
from advisor.system.gates import Gate
from advisor.system.model_gates import gates
from advisor.system.plan import ModelSetting

ORDER = ["task", "agent_work", "language", "cost", "context", "provenance", "security_scan", "deployment",
         "retirement", "licence", "open_weights", "device"]  # fmt: skip
BERT = model_of("bert-base", kind="encoder")


def rule(case: Case, model: ModelSetting, name: str) -> Gate:
    return next(one for one in gates(case, model) if one.rule == name)


def test_gates_come_in_the_documented_order() -> None:
    case = case_of(workload={"languages": ["de"]}, constraints={"open_weights": True})
    for key in open_catalogue(offline=True).keys("models"):
        places = [ORDER.index(one.rule) for one in gates(case, model_of(key))]
        assert places == sorted(places)


def test_an_unknown_scan_fails_what_is_hosted_and_says_what_would_pass() -> None:
    case = case_of()
    found = rule(case, model_of("qwen3-8b"), "security_scan")
    assert not found.passed
    assert "scan" in found.remedy
    assert "constraints.security_scan.qwen3-8b" in found.remedy
    # managed models answer for their own weights
    assert "security_scan" not in fallen(gates(case, model_of("gpt-5.4-nano")))


def test_evidence_brings_it_back_and_a_no_takes_a_managed_one_out() -> None:
    case = case_of(constraints={"security_scan": {"qwen3-8b": "yes", "gpt-5.4-nano": "no"}})
    assert "security_scan" not in fallen(gates(case, model_of("qwen3-8b")))
    assert "security_scan" in fallen(gates(case, model_of("gpt-5.4-nano")))


def test_a_model_speaks_the_languages_that_its_card_names() -> None:
    """Llama 3.2 names eight, and Japanese is not among them; a test of one's own goes before its card."""
    wanted = {"workload": {"languages": ["en", "de", "ja"]}}
    found = rule(case_of(**wanted), model_of("llama-3.2-1b"), "language")
    assert not found.passed
    assert found.found == "8 languages, none of them ja"
    assert rule(case_of(**wanted), model_of("phi-4-mini"), "language").passed
    german = case_of(workload={"languages": ["en", "de"]})
    assert rule(german, model_of("llama-3.2-1b"), "language").passed
    tested = case_of(**wanted, quality={"scores": {"llama-3.2-1b": {"score": 0.8, "samples": 200}}})
    assert rule(tested, model_of("llama-3.2-1b"), "language").passed


def test_the_languages_that_a_card_names_are_as_many_as_it_counts() -> None:
    catalogue = open_catalogue(offline=True)
    rows = [catalogue.row("models", key) for key in catalogue.keys("models")]
    for row in rows:
        if "speaks" in row:  # two ways to write Norwegian are one
            assert len(set(row["speaks"]) - {"nb"}) == row["languages"]


def test_open_weights_needed() -> None:
    case = case_of(constraints={"open_weights": True})
    assert "open_weights" in fallen(gates(case, model_of("gpt-5.4-nano")))
    assert "open_weights" not in fallen(gates(case, model_of("llama-3.1-8b")))


def test_the_longest_request_must_fit_the_context() -> None:
    case = case_of(quality={"context_max_tokens": 900_000})
    assert "context" in fallen(gates(case, model_of("llama-3.3-70b")))


def test_a_licence_without_commercial_use_rules_out() -> None:
    catalogue, case = open_catalogue(offline=True), case_of()
    for key in catalogue.keys("models"):
        lawful = catalogue.row("models", key)["licence_commercial"] is True
        assert ("licence" in fallen(gates(case, model_of(key)))) is not lawful


def test_a_retired_service_without_weights_is_gone_and_one_with_weights_is_not() -> None:
    """GPT-5.4 retires on 2027-09-02 and has no weights to host."""
    case = case_of(timing={"start": "2027-09-02"})
    found = rule(case, model_of("gpt-5.4"), "retirement")
    assert not found.passed
    assert "2027-09-02" in found.found
    assert all(one.rule != "retirement" for one in gates(case, model_of("phi-4")))


def test_of_two_models_the_first_that_fails_stands_for_its_rule() -> None:
    case = case_of(constraints={"security_scan": {"gpt-5.4-nano": "no"}})
    pair = gates(case, model_of("gpt-5.4-nano", "gpt-5.4", kind="cascade"))
    assert fallen(pair) == {"security_scan"}
    assert len({one.rule for one in pair}) == len(pair)


@pytest.mark.parametrize(("model", "fits"), [("phi-4-mini", True), ("llama-3.3-70b", False)])
def test_the_device_never_gets_what_does_not_fit(model: str, fits: bool) -> None:
    case = case_of(constraints={"device": {"kind": "laptop_npu"}})
    assert ("device" not in fallen(gates(case, model_of(model)))) is fits


def test_without_a_network_and_without_a_device_nothing_generative_passes() -> None:
    found = rule(case_of(constraints={"offline": True}), model_of("phi-4-mini"), "device")
    assert not found.passed
    assert "constraints.device.kind" in found.remedy


def test_two_models_are_none_for_a_device() -> None:
    case = case_of(constraints={"device": {"kind": "laptop_npu"}})
    assert "device" in fallen(gates(case, model_of("gemma-3-1b", "phi-4-mini", kind="router")))


def test_a_classifier_needs_a_task_that_ends_in_a_label() -> None:
    assert "task" in fallen(gates(case_of(task="chat"), BERT))
    assert not fallen(gates(case_of(task="classify"), BERT))


def test_search_alone_needs_documents_and_a_question() -> None:
    search = model_of("text-embedding-3-small", kind="retrieval")
    assert not fallen(gates(case_of(task="rag_qa"), search))
    assert fallen(gates(case_of(task="chat", knowledge={"documents": 0}), search)) == {"task", "documents"}


def test_one_vector_of_a_text_marks_no_passage() -> None:
    """A head on an embedding tells a label; encoders that read word by word mark fields, too."""
    for task, embedder, reader in (
        ("classify", True, True),
        ("extract", False, True),
        ("chat", False, False),
    ):
        case = case_of(task=task, knowledge={"gap": "none", "examples": 5000})
        passed = [
            "task" not in fallen(gates(case, model_of(key, kind="encoder")))
            for key in ("text-embedding-3-small", "bert-base")
        ]
        assert passed == [embedder, reader], task


AGENT = {"calls_per_task": 20, "growth_tokens": 1000}


def test_what_reads_or_searches_does_no_agents_work() -> None:
    """A classifier calls no tools: of a task of many calls it is not the alternative it is of one answer."""
    search = model_of("text-embedding-3-small", kind="retrieval")
    for task, plain in (("extract", BERT), ("classify", BERT), ("rag_qa", search)):
        assert "task" not in fallen(gates(case_of(task=task), plain))
        found = rule(case_of(task=task, agent=AGENT), plain, "task")
        assert not found.passed
        assert not found.to_be_had
        assert "many calls" in found.found


def test_an_agent_takes_a_model_made_for_agents_or_tested_as_one() -> None:
    alone, working = case_of(task="extract"), case_of(task="extract", agent=AGENT)
    assert "agent_work" not in {one.rule for one in gates(alone, model_of("gpt-5.4-nano"))}
    assert rule(working, model_of("gpt-5.4-mini"), "agent_work").passed
    found = rule(working, model_of("gpt-5.4-nano"), "agent_work")
    assert not found.passed
    assert "quality.scores.gpt-5.4-nano" in found.remedy
    tested = case_of(
        task="extract", agent=AGENT, quality={"scores": {"gpt-5.4-nano": {"score": 0.8, "samples": 200}}}
    )
    assert rule(tested, model_of("gpt-5.4-nano"), "agent_work").passed
