"""The fields of a scenario that describe what a model lacks, and the ways to give it that."""

from typing import Annotated, Literal

from advisor.scenario.kinds import Evidence, Name, Section
from advisor.scenario.kinds import titled as _f

Technique = Literal[
    "prompt", "few_shot", "compression", "rag_keyword", "rag_vector", "rag_hybrid", "rag_rerank", "rag_hyde",
    "lora", "qlora", "full", "rag_lora", "distill",
    "prompt_short", "prompt_schema", "prompt_ordered", "prompt_low_effort", "prompt_high_effort",
    "prompt_fewer_steps", "prompt_compacted",
    "few_shot_short", "few_shot_schema", "few_shot_ordered", "few_shot_low_effort", "few_shot_high_effort",
    "few_shot_fewer_steps", "few_shot_compacted",
    "rag_hybrid_short", "rag_hybrid_schema", "rag_hybrid_ordered", "rag_hybrid_low_effort",
    "rag_hybrid_high_effort", "rag_hybrid_fewer_steps", "rag_hybrid_compacted",
]  # fmt: skip


class Knowledge(Section):
    """What the answers must know that a model does not."""

    gap: Annotated[Literal["none", "facts", "format", "both"], _f("What the model lacks")] = "facts"
    changes_every_days: Annotated[
        float | None, _f("Knowledge changes every", "day", ge=0.001, le=36_500, description="Empty: never.")
    ] = 30
    needs_citations: Annotated[bool, _f("Answers must cite their source")] = False
    context_tokens_added: Annotated[float, _f("Context added by retrieval", "tok", ge=0, le=1e6)] = 2_000
    prompt_tokens_tuning_removes: Annotated[
        float, _f("Prompt tokens that tuning makes unnecessary", "tok", ge=0, le=1e6)
    ] = 500
    documents: Annotated[float, _f("Documents", "item", ge=0, le=1e10)] = 10_000
    tokens_per_document: Annotated[float, _f("Tokens per document", "tok", ge=1, le=1e7)] = 1_500
    index_bits: Annotated[
        Literal[1, 8, 16, 32] | None,
        _f("Bits per dimension of the index", "bit", description="Empty: as the embedding model gives them."),
    ] = None
    examples: Annotated[int, _f("Good examples available", "item", ge=0, le=100_000_000)] = 500
    tokens_per_example: Annotated[float, _f("Tokens per example", "tok", ge=1, le=1e6)] = 500
    examples_licensed: Annotated[Evidence, _f("Examples may be used for training")] = "yes"
    epochs: Annotated[float, _f("Passes over the examples", "item", ge=0.01, le=100)] = 3
    tuning_runs: Annotated[
        float, _f("Tuning runs, failed and sweep runs included", "item", ge=1, le=10_000)
    ] = 10
    retrains_per_year: Annotated[float, _f("Retrainings per year", "item", ge=0, le=1000)] = 2
    teacher: Annotated[
        Name | None,
        _f(
            "Model whose answers a smaller one learns",
            description="Empty: the service whose answers are accepted most.",
        ),
    ] = None
    teacher_answers_licensed: Annotated[Evidence, _f("Its terms allow training on its answers")] = "unknown"
    compressor_params: Annotated[
        float | None,
        _f("Size of a prompt compressor", "Bparam", ge=1e-3, le=1000, description="Empty: an encoder's."),
    ] = None
    hosting: Annotated[Literal["serverless", "dedicated"], _f("Where tuned weights run")] = "serverless"
