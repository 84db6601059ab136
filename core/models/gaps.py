"""Texts with gaps, as people write them, and what a model puts into them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from core.errors import PredictionError
from core.models import framed_texts, masking
from core.said import said

MARK = r"\[MASK\]|<mask>|_{3,}"
"""What people write for a gap, in any case of letters; both ``re`` and pyarrow read it."""
SIGN = "___"
KEPT = 20
"""Guesses a gap."""

_MARK = re.compile(MARK, re.IGNORECASE)
_CONTINUED = "##"
"""Before a token that is not the beginning of its word, in WordPiece vocabularies."""
_BLANK = "▁"
"""A blank in SentencePiece vocabularies; most tokenizers take it out themselves."""

Fill = Mapping[str, Any]


def encode(texts: Sequence[str | None], tokenizer: Any, max_length: int) -> dict[str, list[Any]]:
    """Pieces of the texts that have gaps, with ``gapped``, the text with one kind of mark, and ``row`` (from 0).

    Raises ``PredictionError`` for a text without a gap.
    """
    marked = [_MARK.sub(SIGN, text or "") for text in texts]
    if any(SIGN not in text for text in marked):
        raise PredictionError(
            said("There is no gap in this text."),
            said(
                "Write {sign} (three underscores) or [MASK] where a word is missing, as in: The lamp was {sign} again.",
                sign=SIGN,
            ),
        )
    ready = [text.replace(SIGN, tokenizer.mask_token) for text in marked]
    found = framed_texts.encode(ready, tokenizer, max_length, judged=False)
    mask = tokenizer.mask_token_id
    kept = [place for place, ids in enumerate(found["input_ids"]) if mask in ids]
    pieces = {name: [values[place] for place in kept] for name, values in found.items()}
    return {**pieces, "gapped": [marked[row] for row in pieces["row"]]}


def fills(model: Any, batch: Mapping[str, Any], tokenizer: Any) -> list[list[list[Fill]]]:
    """For each piece, for each gap, the likeliest tokens that are no special ones: ``{"token", "score"}``."""
    places = batch["input_ids"].eq(tokenizer.mask_token_id)
    chances = masking.logits_at(model, batch, places).float().softmax(-1)
    chances[:, tokenizer.all_special_ids] = 0
    scores, ids = chances.topk(min(KEPT, chances.shape[-1]), dim=-1)
    found: list[list[Fill]] = [
        [{"token": clean(tokenizer, token), "score": score} for token, score in zip(*gap, strict=True)]
        for gap in zip(ids.tolist(), scores.tolist(), strict=True)
    ]
    gaps = iter(found)
    return [[next(gaps) for _ in range(size)] for size in places.sum(1).tolist()]


def clean(tokenizer: Any, token: int) -> str:
    """A token as people write it: without the marks of its vocabulary."""
    text: str = tokenizer.decode([token]).replace(_BLANK, " ").strip()
    return text.removeprefix(_CONTINUED) or text


def record(text: str, masks: Sequence[Sequence[Fill]]) -> dict[str, Any]:
    """``masks``, ``text`` with its gaps, and ``filled`` with the best token in each."""
    best = iter([mask[0]["token"] if mask else "" for mask in masks])
    filled = _MARK.sub(lambda _: next(best, SIGN), text)
    return {"masks": [list(mask) for mask in masks], "text": text, "filled": filled}


def invented(texts: Any) -> Any:
    """Beginnings of texts (pyarrow strings) with their fourth word as a gap, to try a model with.

    Texts of fewer words have theirs at the end.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    short = pc.utf8_slice_codeunits(texts, 0, 300)
    with_gap = pc.replace_substring_regex(short, r"^((?:\S+\s+){3})\w+", rf"\1{SIGN}", max_replacements=1)
    sign, blank = pa.scalar(SIGN, short.type), pa.scalar(" ", short.type)
    return pc.if_else(pc.match_substring(with_gap, SIGN), with_gap, pc.binary_join_element_wise(short, sign, blank))
