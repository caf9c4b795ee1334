"""The ways to give a model what it lacks, by key: their names, and what each one does."""

from __future__ import annotations

TITLES = {
    "prompt": "Prompt engineering",
    "few_shot": "Few-shot prompt",
    "compression": "Prompt compression",
    "rag_keyword": "RAG, keyword search",
    "rag_vector": "RAG, vector search",
    "rag_hybrid": "RAG, hybrid search",
    "rag_rerank": "RAG, hybrid search and reranking",
    "rag_hyde": "RAG, vector search on an imagined answer (HyDE)",
    "lora": "Fine-tuning (LoRA)",
    "qlora": "Fine-tuning (QLoRA, 4-bit base)",
    "full": "Full fine-tuning",
    "rag_lora": "RAG and LoRA",
}
# for what does not generate: training a classifier, or a way to search
CLASSIFIER = "train_classifier"
SEARCHES = {
    "search_keyword": "Keyword search",
    "search_vector": "Vector search",
    "search_hybrid": "Hybrid search",
    "search_rerank": "Hybrid search and reranking",
}
TUNED = ("lora", "qlora", "full", "rag_lora")
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
}
# what the large one of two models does while the small one is tuned
UNTUNED = {"lora": "prompt", "qlora": "prompt", "full": "prompt", "rag_lora": "rag_hybrid"}


def title(technique: str) -> str:
    """The name of a technique."""
    if technique == CLASSIFIER:
        return "Train the classifier on your examples"
    return TITLES.get(technique) or SEARCHES[technique]


def retrieves(technique: str) -> bool:
    """Whether a technique searches the documents."""
    return technique.startswith(("rag_", "search_"))


def search_mode(technique: str) -> str:
    """How a technique searches: keyword, vector, hybrid, rerank or hyde."""
    return "hybrid" if technique == "rag_lora" else technique.removeprefix("rag_").removeprefix("search_")
