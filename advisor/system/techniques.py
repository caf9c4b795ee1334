"""The ways to give a model what it lacks, by key: their names, and what each one does."""

from __future__ import annotations

from advisor.core.saying import say

TITLES = {
    "prompt": say("Prompt engineering"),
    "few_shot": say("Few-shot prompt"),
    "compression": say("Prompt compression"),
    "rag_keyword": say("RAG, keyword search"),
    "rag_vector": say("RAG, vector search"),
    "rag_hybrid": say("RAG, hybrid search"),
    "rag_rerank": say("RAG, hybrid search and reranking"),
    "rag_hyde": say("RAG, vector search on an imagined answer (HyDE)"),
    "lora": say("Fine-tuning (LoRA)"),
    "qlora": say("Fine-tuning (QLoRA, 4-bit base)"),
    "full": say("Full fine-tuning"),
    "rag_lora": say("RAG and LoRA"),
    "distill": say("Distillation: tuned on a larger model's answers"),
}
# what the usual technique can be told to do besides, as a technique of its own: BASE_LEVER
LEVERS = {
    "short": say("answers kept short by limits and stop rules"),
    "schema": say("answers held to a schema"),
    "ordered": say("what repeats put first"),
    "low_effort": say("at low reasoning effort"),
    "high_effort": say("at high reasoning effort"),
    "fewer_steps": say("fewer, larger steps"),
    "compacted": say("its history summarised"),
}
AGENTIC = ("fewer_steps", "compacted")  # levers on how an agent works at a task
BASES = ("prompt", "few_shot", "rag_hybrid")
LEVERED = {f"{base}_{lever}": (base, lever) for base in BASES for lever in LEVERS}
# what a worker under a planner does, given part of the history: no option by itself
WORKERS = {base: f"{base}_worker" for base in BASES}
LEVERED |= {key: (base, "worker") for base, key in WORKERS.items()}
EFFORTS = {"low_effort": "low", "high_effort": "high"}  # the reasoning effort that a lever asks for
# for what does not generate: training a classifier, or a way to search
CLASSIFIER = "train_classifier"
SEARCHES = {
    "search_keyword": say("Keyword search"),
    "search_vector": say("Vector search"),
    "search_hybrid": say("Hybrid search"),
    "search_rerank": say("Hybrid search and reranking"),
}
TUNED = ("lora", "qlora", "full", "rag_lora", "distill")
# technique: (how facts are supplied, how the form is shown); "none" where it does neither
COVERAGE = {
    "prompt": ("none", "none"),
    "few_shot": ("none", "examples"),
    "compression": ("none", "none"),
    "rag_keyword": ("keyword", "none"),
    "rag_vector": ("vector", "none"),
    "rag_hybrid": ("hybrid", "none"),
    "rag_rerank": ("rerank", "none"),
    "rag_hyde": ("hyde", "none"),
    "lora": ("tuned", "tuned"),
    "qlora": ("tuned", "tuned"),
    "full": ("tuned", "tuned"),
    "rag_lora": ("hybrid", "tuned"),
    "distill": ("tuned", "tuned"),
}
# what the large one of two models does while the small one is tuned
UNTUNED = {
    "lora": "prompt", "qlora": "prompt", "full": "prompt", "rag_lora": "rag_hybrid", "distill": "prompt",
}  # fmt: skip


def base(technique: str) -> str:
    """The technique itself, without what it is told to do besides."""
    return LEVERED[technique][0] if technique in LEVERED else technique


def lever(technique: str) -> str:
    """What a technique is told to do besides; empty for one that stands for itself."""
    return LEVERED[technique][1] if technique in LEVERED else ""


def effort(technique: str) -> str:
    """The reasoning effort that a technique asks for; empty where it leaves that to the scenario."""
    return EFFORTS.get(lever(technique), "")


def title(technique: str) -> str:
    """The name of a technique."""
    if technique == CLASSIFIER:
        return say("Train the classifier on your examples")
    if technique in LEVERED:
        plain, besides = LEVERED[technique]
        return say("{technique}, {besides}", technique=TITLES[plain], besides=LEVERS[besides])
    return TITLES.get(technique) or SEARCHES[technique]


def retrieves(technique: str) -> bool:
    """Whether a technique searches the documents."""
    return technique.startswith(("rag_", "search_"))


def unsearched(technique: str) -> str | None:
    """The same technique with nothing looked up; None where nothing is left without a search."""
    if technique.startswith("search_"):
        return None
    if technique in LEVERED and retrieves(technique):
        return f"prompt_{lever(technique)}"
    return {"rag_lora": "lora"}.get(technique, "prompt") if retrieves(technique) else technique


def search_mode(technique: str) -> str:
    """How a technique searches: keyword, vector, hybrid, rerank or hyde."""
    if technique == "rag_lora":
        return "hybrid"
    return base(technique).removeprefix("rag_").removeprefix("search_")
