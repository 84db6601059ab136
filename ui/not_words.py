"""What the code says that is no word: names, code and examples, which are the same in every language."""

from __future__ import annotations

OF_SETTINGS = (
    "1-sqrt", "AdEMAMix", "Adagrad", "AdamW", "DeepSpeed", "DoRA", "Gloo", "Lion", "MPI", "NCCL", "RMSprop", "SGD",
    "TensorBoard", "Trackio", "Weights & Biases", "aot_eager", "cudagraphs", "eager", "inductor", "max-autotune",
    "max-autotune-no-cudagraphs", "reduce-overhead", "rsLoRA",
)  # fmt: skip
"""Choices and labels that are names: of optimizers, compilers, shapes, programs."""
NOT_WORDS = frozenset(
    {
        "Tunesmith",
        "FacebookAI",
        "HF_TOKEN",
        "distilbert",
        "distilbert/distilbert-base-uncased",
        "glue",
        "hf auth login",
        "hf auth logout",
        "huggingface.co/settings/tokens",
        "main",
        "python -m core.cli train run.yaml",
        "stanfordnlp",
        "/home/me/reviews.csv",
        "text\tlabel\nThe room was clean and quiet.\tgood\nWe waited an hour for soup.\tbad",
        "{words} · Tunesmith",
        *OF_SETTINGS,
    }
)
"""Names, code and examples, which are the same everywhere."""
