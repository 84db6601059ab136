"""How long texts are for a checkpoint, in its own tokens, from its tokenizer file alone."""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Any

from core.models.types import Checkpoint

SAMPLE = 1000
TOKENS_A_WORD = 1.4
"""Used where the checkpoint's tokenizer is not on this machine: a usual figure for English."""
SEPARATORS = 2
_DENSE = re.compile(r"[\u2e80-\ua4cf\uac00-\ud7ff\uf900-\ufaff]")
"""Signs of Chinese, Japanese and Korean."""
LONGEST_TEXT_READ = 20_000
"""Characters: of a longer text, the tokens are counted up to here, and the rest is taken to have as many each."""


def sample_lengths(checkpoint: Checkpoint, table: Any, roles: list[str]) -> list[int]:
    """Token counts of up to a thousand rows, drawn evenly by a fixed seed; pairs of texts count together.

    ``table`` is a pyarrow table with one column of texts for each of ``roles``.
    """
    whole = sample_texts(table, roles)
    extra = SEPARATORS + max(0, sum(role in table.column_names for role in roles) - 1)
    counts = _counted(checkpoint, [text[:LONGEST_TEXT_READ] for text in whole], extra)
    return [round(count * max(1.0, len(text) / LONGEST_TEXT_READ)) for count, text in zip(counts, whole, strict=True)]


def sample_texts(table: Any, roles: list[str], most: int = SAMPLE) -> list[str]:
    """The texts of up to ``most`` rows, drawn evenly by a fixed seed; those of several columns stand together."""
    rows = range(table.num_rows)
    chosen = sorted(random.Random(0).sample(rows, most)) if len(rows) > most else list(rows)
    sample = table.select([role for role in roles if role in table.column_names]).take(chosen)
    return [" ".join(parts) for parts in zip(*(column.to_pylist() for column in sample.columns), strict=True)]


def _counted(checkpoint: Checkpoint, texts: list[str], extra: int) -> list[int]:
    file = _tokenizer_of(checkpoint)
    if file is None:
        return [round(_words(text) * TOKENS_A_WORD) + extra for text in texts]
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(file))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    encodings = tokenizer.encode_batch_fast(texts, add_special_tokens=False)
    return [len(encoding.ids) + extra for encoding in encodings]


def _tokenizer_of(checkpoint: Checkpoint) -> Path | None:
    """The file of its tokenizer: in its folder, or fetched alone when the Hub was asked about it."""
    if checkpoint.path:
        file = Path(checkpoint.path) / "tokenizer.json"
        return file if file.is_file() else None
    from core.models.asking import tokenizer_here
    from core.models.told import remembered

    known = remembered(checkpoint.id) if checkpoint.needs_network else None
    return tokenizer_here(known) if known else None


def _words(text: str) -> int:
    """Words between spaces; of scripts without spaces, each sign counts."""
    dense = len(_DENSE.findall(text))
    return len(_DENSE.sub(" ", text).split()) + dense if dense else len(text.split())
