"""Models that write one text from another: built, fed, and what they write measured against what was wanted.

The texts that the decoder reads while it learns are made by each model from the labels, in its own way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.models import blocks, heads
from core.models.causal import IGNORED, padded, token_scores
from core.models.types import Built
from core.prediction.generation import evenly, generate_batch
from core.said import said

_AUTO = "AutoModelForSeq2SeqLM"
WRITTEN = 200
"""Of a whole part of the table, at most this many texts are written to measure a model."""


@dataclass(frozen=True)
class Written:
    """What became of one row: the summed loss of its wanted text over so many tokens, and the text that the model
    wrote, or None where it was only scored."""

    nll: float
    tokens: int
    text: str | None


def build(folder: str, tokenizer: Any) -> Built:
    """The checkpoint with a row in its embeddings for every token. Raises ``CheckpointError``."""
    return heads.build_for_words(_AUTO, folder, tokenizer, what=said("write one text from another"))


def load(folder: str) -> Any:
    """A trained model. Raises ``CheckpointError``."""
    return heads.load(_AUTO, folder)


def encode_sources(tokenizer: Any, sources: Sequence[str], prefix: str, max_length: int) -> dict[str, list[Any]]:
    """Texts to read, each after ``prefix``, cut at ``max_length`` tokens."""
    found = tokenizer([prefix + source for source in sources], truncation=True, max_length=max_length)
    return {"input_ids": found["input_ids"]}


def encode_targets(tokenizer: Any, targets: Sequence[str], max_length: int) -> list[list[int]]:
    """Texts to write, cut at ``max_length`` tokens, each with its end."""
    longest = min(max_length, tokenizer.model_max_length)
    found: list[list[int]] = tokenizer(text_target=list(targets), truncation=True, max_length=longest)["input_ids"]
    return found


def chosen(rows: int) -> list[bool]:
    """Which of so many rows are written out when a model is measured: at most ``WRITTEN``, spread evenly."""
    places = set(evenly(rows, WRITTEN))
    return [row in places for row in range(rows)]


def with_written(table: Any, context: Any) -> Any:
    """A ``Task.judged_rows``: all rows, with ``written``, whether each is one of the ``chosen``."""
    import pyarrow as pa

    return table.append_column("written", pa.array(chosen(table.num_rows), pa.bool_()))


def collator(tokenizer: Any) -> Callable[[list[dict[str, Any]]], dict[str, Any]]:
    """A function from encoded pieces to tensors, padded to the longest text; labels are padded with ``IGNORED``."""

    def collate(pieces: list[dict[str, Any]]) -> dict[str, Any]:
        import torch

        read = [piece["input_ids"] for piece in pieces]
        filled: dict[str, Any] = {
            "input_ids": padded(read, tokenizer.pad_token_id),
            "attention_mask": padded([[1] * len(ids) for ids in read], 0),
        }
        if "labels" in pieces[0]:
            filled["labels"] = padded([piece["labels"] for piece in pieces], IGNORED)
        if "written" in pieces[0]:
            filled["written"] = [piece["written"] for piece in pieces]
        return {name: torch.tensor(rows) for name, rows in filled.items()}

    return collate


def measure(model: Any, tokenizer: Any, batch: Mapping[str, Any], max_new_tokens: int, num_beams: int) -> list[Written]:
    """How the wanted texts of a batch are scored, and those that the model writes itself where ``written`` says so."""
    read = {name: batch[name] for name in ("input_ids", "attention_mask")}
    scores = [
        score
        for part in blocks.parted(model, {**read, "labels": batch["labels"]}, batch["labels"].shape[1])
        for score in token_scores(model(**part).logits, part["labels"])
    ]
    texts: list[str | None] = [None] * len(scores)
    if "written" in batch and batch["written"].any():
        places = batch["written"].nonzero()[:, 0]
        asked = {name: tensor[places] for name, tensor in read.items()}
        for place, text in zip(
            places.tolist(), generate_batch(model, tokenizer, asked, max_new_tokens, num_beams), strict=True
        ):
            texts[place] = text
    return [Written(score.nll, score.tokens, text) for score, text in zip(scores, texts, strict=True)]
