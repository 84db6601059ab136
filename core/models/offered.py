"""Which checkpoints are offered for which kind of work, the best first choice first; ``core.models`` knows the rest."""

from __future__ import annotations

ENCODERS = (
    "starter/minilm",
    "distilbert/distilbert-base-uncased",
    "FacebookAI/roberta-base",
    "answerdotai/ModernBERT-base",
    "google-bert/bert-base-multilingual-cased",
    "FacebookAI/xlm-roberta-base",
)
"""They read a text whole: for classes, scores, names in texts, answers in texts, hidden words."""

WRITERS = (
    "starter/smollm2",
    "openai-community/gpt2",
    "HuggingFaceTB/SmolLM2-360M-Instruct",
    "Qwen/Qwen2.5-0.5B-Instruct",
)
"""They write on from a text."""

TRANSLATORS = ("google-t5/t5-small", "google/mt5-small", "facebook/bart-base", "Helsinki-NLP/opus-mt-en-de")
"""They write one text from another."""
