"""Tokenizers as tasks need them: loaded with plain words on failure, and with a padding token."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.errors import CheckpointError
from core.models.types import Note


def load_tokenizer(folder: str | Path) -> Any:
    """The tokenizer of a checkpoint. Raises ``CheckpointError``."""
    from transformers import AutoTokenizer

    try:
        return AutoTokenizer.from_pretrained(folder, trust_remote_code=False, local_files_only=True)
    except (OSError, ValueError) as exc:
        raise CheckpointError(
            "The checkpoint's tokenizer cannot be read.",
            "Its folder should hold tokenizer.json (or vocab files) beside config.json. Copy or download it again.",
            cause=str(exc),
        ) from exc


def with_padding(tokenizer: Any) -> tuple[Any, tuple[Note, ...]]:
    """The tokenizer with a padding token: its own, else its end token, else a new one, which widens the vocabulary."""
    if tokenizer.pad_token is not None:
        return tokenizer, ()
    if tokenizer.eos_token is not None:
        tokenizer.pad_token = tokenizer.eos_token
        return tokenizer, (Note("The model has no padding token, so its end token fills up shorter texts."),)
    tokenizer.add_special_tokens({"pad_token": "<pad>"})
    return tokenizer, (Note("The model has no padding token, so one was added to its vocabulary."),)
