"""Models that write on from a text: built, fed, and asked how likely they hold the right tokens."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.models import heads
from core.models.types import Built

IGNORED = -100
"""The label of a token that is read but not learned."""

_AUTO = "AutoModelForCausalLM"


@dataclass(frozen=True)
class TokenScores:
    """How the tokens of one piece were guessed: the summed negative log-likelihood in nats, how many there were, how
    often the right one was the first or among the first five. ``guessed`` and ``wanted`` are token ids, ``losses`` the
    negative log-likelihood of each, ``places`` where it stands among the piece's labels, from 0: arrays of shape
    (tokens,).
    """

    nll: float
    tokens: int
    top1: int
    top5: int
    guessed: Any
    wanted: Any
    losses: Any
    places: Any


def build(folder: str, tokenizer: Any, what: str) -> Built:
    """The checkpoint with a row in its embeddings for every token, and the ends of texts that the tokenizer has.

    ``what`` completes "cannot …". Raises ``CheckpointError``.
    """
    built = heads.build_for_words(_AUTO, folder, tokenizer, what=what)
    end_with(built.model, [tokenizer.eos_token_id])
    return built


def load(folder: str) -> Any:
    """A trained model. Raises ``CheckpointError``."""
    return heads.load(_AUTO, folder)


def end_with(model: Any, tokens: Sequence[int | None]) -> None:
    """Let a text that is written end at these tokens too; kept with the model."""
    ends = model.generation_config.eos_token_id
    known = ends if isinstance(ends, list) else [ends]
    found = list(dict.fromkeys(token for token in (*known, *tokens) if token is not None))
    if found:
        model.generation_config.eos_token_id = found if len(found) > 1 else found[0]


def collator(tokenizer: Any) -> Callable[[list[dict[str, Any]]], dict[str, Any]]:
    """A function from encoded pieces to tensors padded to the longest piece, with an ``attention_mask``.

    Labels are padded with ``IGNORED``; pieces without labels give a batch without.
    """
    pad = tokenizer.pad_token_id or 0

    def collate(pieces: list[dict[str, Any]]) -> dict[str, Any]:
        import torch

        filled = {
            "input_ids": padded([piece["input_ids"] for piece in pieces], pad),
            "attention_mask": padded([[1] * len(piece["input_ids"]) for piece in pieces], 0),
        }
        if "labels" in pieces[0]:
            filled["labels"] = padded([piece["labels"] for piece in pieces], IGNORED)
        return {name: torch.tensor(rows) for name, rows in filled.items()}

    return collate


def padded(rows: Sequence[Sequence[int]], filler: int) -> list[list[int]]:
    """All rows as long as the longest, with ``filler`` at their ends."""
    longest = max(len(row) for row in rows)
    return [[*row, *[filler] * (longest - len(row))] for row in rows]


def next_token_scores(model: Any, batch: Mapping[str, Any]) -> list[TokenScores]:
    """How the model guesses each labelled token of each piece from the tokens before it."""
    # Without labels: the model's own loss would hold the scores of all tokens a second time.
    logits = model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).logits
    return token_scores(logits[:, :-1], batch["labels"][:, 1:])


def token_scores(logits: Any, labels: Any) -> list[TokenScores]:
    """Scores of pieces whose ``labels`` of shape (pieces, tokens) are guessed by the ``logits`` in the same places."""
    return [_scores(*row) for row in zip(logits, labels, strict=True)]


def _scores(logits: Any, labels: Any) -> TokenScores:
    import numpy as np

    known = labels.ne(IGNORED)
    wanted, chances = labels[known], logits[known].float().log_softmax(-1)
    if not len(wanted):
        nothing = np.zeros(0, dtype=np.int32)
        return TokenScores(0.0, 0, 0, 0, nothing, nothing, nothing.astype(np.float32), nothing)
    best = chances.topk(min(5, chances.shape[-1]), dim=-1).indices
    hits = best.eq(wanted[:, None])
    # Summed on the CPU: Apple's GPUs have no numbers of 64 bits.
    losses = -chances.gather(1, wanted[:, None])[:, 0].cpu()
    first, right, places = (ids.cpu().numpy().astype(np.int32) for ids in (best[:, 0], wanted, known.nonzero()[:, 0]))
    hit = (int(hits[:, 0].sum()), int(hits.sum()))
    return TokenScores(float(losses.double().sum()), len(wanted), *hit, first, right, losses.numpy(), places)


def row_sums(rows: Sequence[Sequence[TokenScores]]) -> dict[str, Any]:
    """``nll``, ``tokens``, ``top1`` and ``top5`` of each row, of shape (rows,): the sums over its pieces."""
    import numpy as np

    names = ("nll", "tokens", "top1", "top5")
    table = np.array([[sum(getattr(piece, name) for piece in row) for name in names] for row in rows], dtype=float)
    return dict(zip(names, table.reshape(len(rows), len(names)).T, strict=True))


def guesses(rows: Sequence[Sequence[TokenScores]]) -> tuple[Any, Any]:
    """(guessed token ids, right token ids) of all rows, one after the other."""
    import numpy as np

    pieces = [piece for row in rows for piece in row]
    nothing = np.zeros(0, dtype=np.int32)
    return (
        np.concatenate([nothing, *(piece.guessed for piece in pieces)]),
        np.concatenate([nothing, *(piece.wanted for piece in pieces)]),
    )
