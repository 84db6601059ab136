"""Going on with a text: what the model is given of it, and what it writes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from core.models import blocks, causal
from core.prediction.generation import Knobs, answer_room, evenly, generate_batch, room, stream

SAMPLES = 6
SAMPLE_TOKENS = 40
_LONGEST_BEGINNING = 32
_SHORTEST_TEXT = 8
"""Tokens: half of a shorter text is no beginning to go on from."""


def prompts(texts: Sequence[str | None], tokenizer: Any, limit: int) -> dict[str, list[Any]]:
    """The last ``limit`` tokens of each text, with what a text begins with before them, and ``row`` (from 0)."""
    # A blank at the end would be a token of its own, after which words hardly ever come.
    plain = [(text or "").rstrip() for text in texts]
    mark = blocks.separator(tokenizer)
    lead = [] if mark is None else [mark]
    ids = [[*lead, *tokens][-limit:] for tokens in blocks.token_ids(tokenizer, plain)]
    return {"input_ids": ids, "row": list(range(len(ids)))}


def growing(model: Any, text: str, tokenizer: Any, knobs: Knobs) -> Iterator[str]:
    """How ``text`` goes on, each time it has grown. A long text loses its beginning, so that there is room to write."""
    most = room(model, 0)
    limit = len(text) + 2 if most is None else most - answer_room(most, knobs.max_new_tokens)
    ids = prompts([text], tokenizer, limit)["input_ids"]
    return stream(model, tokenizer, causal.collator(tokenizer)([{"input_ids": ids[0]}]), knobs)


def samples(model: Any, texts: Any, rows: Any, tokenizer: Any) -> list[dict[str, Any]]:
    """A few of the texts (pyarrow strings), spread evenly over them: the beginning (``question``), how the model goes
    on (``answer``), how the text does (``reference``), and its ``row``."""
    known = blocks.token_ids(tokenizer, texts.to_pylist())
    fitting = [place for place, ids in enumerate(known) if len(ids) >= _SHORTEST_TEXT]
    chosen = [fitting[place] for place in evenly(len(fitting), SAMPLES)]
    if not chosen:
        return []
    halves = [_halves(known[place]) for place in chosen]
    mark = blocks.separator(tokenizer)
    lead = [] if mark is None else [mark]
    batch = causal.collator(tokenizer)([{"input_ids": [*lead, *beginning]} for beginning, _ in halves])
    model.eval()
    written = generate_batch(model, tokenizer, batch, SAMPLE_TOKENS)
    return [
        {
            "question": tokenizer.decode(beginning),
            "answer": answer,
            "reference": tokenizer.decode(end).strip(),
            "row": rows[place].as_py(),
        }
        for place, (beginning, end), answer in zip(chosen, halves, written, strict=True)
    ]


def _halves(ids: list[int]) -> tuple[list[int], list[int]]:
    cut = min(_LONGEST_BEGINNING, len(ids) // 2)
    return ids[:cut], ids[cut : cut + SAMPLE_TOKENS]
