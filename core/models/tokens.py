"""How long texts are for a checkpoint, in its own tokens, from its tokenizer file alone."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from core.models.types import Checkpoint

SAMPLE = 1000
TOKENS_A_WORD = 1.4
"""Used where the checkpoint's tokenizer is not on this machine: a usual figure for English."""
SEPARATORS = 2
LONGEST_TEXT_READ = 20_000
"""Characters: of a longer text, the tokens are counted up to here, and the rest is taken to have as many each."""


def sample_lengths(checkpoint: Checkpoint, table: Any, roles: list[str]) -> list[int]:
    """Token counts of up to a thousand rows, drawn evenly by a fixed seed; pairs of texts count together.

    ``table`` is a pyarrow table with one column of texts for each of ``roles``.
    """
    rows = range(table.num_rows)
    chosen = sorted(random.Random(0).sample(rows, SAMPLE)) if len(rows) > SAMPLE else list(rows)
    sample = table.select([role for role in roles if role in table.column_names]).take(chosen)
    whole = [" ".join(parts) for parts in zip(*(column.to_pylist() for column in sample.columns), strict=True)]
    extra = SEPARATORS + max(0, sample.num_columns - 1)
    counts = _counted(checkpoint, [text[:LONGEST_TEXT_READ] for text in whole], extra)
    return [round(count * max(1.0, len(text) / LONGEST_TEXT_READ)) for count, text in zip(counts, whole, strict=True)]


def _counted(checkpoint: Checkpoint, texts: list[str], extra: int) -> list[int]:
    file = Path(checkpoint.path or "") / "tokenizer.json"
    if not checkpoint.path or not file.is_file():
        return [round(len(text.split()) * TOKENS_A_WORD) + extra for text in texts]
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(file))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    encodings = tokenizer.encode_batch_fast(texts, add_special_tokens=False)
    return [len(encoding.ids) + extra for encoding in encodings]
