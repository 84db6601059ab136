"""Models that give each word a tag: built from a checkpoint, fed in batches, and what they say put together again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from core.data.tagging import iob2
from core.data.types import Target
from core.errors import CheckpointError
from core.evaluation.classification import require_numbers
from core.evaluation.entities import OUTSIDE, Entity, entities, is_plain
from core.models import heads, tokenizers
from core.models.types import Built, Note
from core.said import said
from core.schema import Setting, Settings
from core.training.losses import IGNORED

if TYPE_CHECKING:
    from core.tasks.base import Context, Forwarded, Piece, Purpose

AUTO = "AutoModelForTokenClassification"


class Reading(Settings):
    """How words and long texts are read."""

    label_all_tokens: Annotated[
        bool,
        Setting(
            "Learn from every part of a word",
            "A model cuts rare words into parts. Usually only the first part of a word learns the word's tag. Turn it "
            "on if other programs will use the model and they read it part by part.",
            level="advanced",
        ),
    ] = False
    stride: Annotated[
        int,
        Setting(
            "Overlap of long texts",
            "Texts longer than the maximum length are read in pieces that share this many tokens, so that each word is "
            "read with what stands around it.",
            level="expert",
            unit="tokens",
        ),
    ] = Field(32, ge=0, le=4096)


@dataclass(frozen=True)
class Sentence:
    """What a model says of one row: the number of each word's tag, and its probability, both of shape (words,).

    ``text``, ``tokens`` and ``bounds`` are there for answers only.
    """

    numbers: Any
    chances: Any
    text: str = ""
    tokens: Sequence[str] = ()
    bounds: Sequence[Sequence[int]] = ()


# --- Models ----------------------------------------------------------------------------------------------------------


def load_tokenizer(folder: str, options: Any) -> tuple[Any, tuple[Note, ...]]:
    """The checkpoint's tokenizer, with a padding token. Raises ``CheckpointError``."""
    tokenizer = tokenizers.load_tokenizer(folder)
    if not tokenizer.is_fast:
        raise CheckpointError(
            said("This model's tokenizer does not say which tokens belong to which word."),
            said("Choose a checkpoint that holds tokenizer.json."),
        )
    return tokenizers.with_padding(tokenizer)


def build(folder: str, context: Context) -> Built:
    """The checkpoint's body with an answer layer of one output a tag. Raises ``CheckpointError``."""
    labels = dict(enumerate(context.target.labels))
    built = heads.build(
        AUTO,
        folder,
        what=said("mark words in texts"),
        num_labels=len(labels),
        id2label=labels,
        label2id={label: number for number, label in labels.items()},
    )
    resized = heads.resize(built.model, context.tokenizer)
    return Built(built.model, (*built.notes, *([resized] if resized else [])))


def load(folder: str) -> Any:
    """A trained model as it was kept. Raises ``CheckpointError``."""
    return heads.load(AUTO, folder)


def remarks(folder: Path | None, target: Target, options: Any) -> tuple[Note, ...]:
    """What becomes of the checkpoint's answer layer, from its config alone."""
    if folder is None or not target.labels:
        return ()
    from core.models.checkpoints import read_config

    config = read_config(folder)
    old = [str(label) for label in (config.get("id2label") or {}).values()]
    is_tagger = any(name.endswith("ForTokenClassification") for name in config.get("architectures") or ())
    if is_tagger and set(old) == set(target.labels):
        return (Note(said("The checkpoint already knows these tags: training goes on from what it knows.")),)
    tags = len(target.labels)
    title = (
        said(
            "The model gets a new answer layer for {tags} tags in place of its own for {old} other tags; the language "
            "knowledge is kept.",
            tags=tags,
            old=len(old),
        )
        if is_tagger
        else said("The model gets a new answer layer for {tags} tags; the language knowledge is kept.", tags=tags)
    )
    if is_plain(target.labels):
        return (Note(title),)
    types = len({label[2:] for label in target.labels if label != OUTSIDE})
    where = (
        said("It learns where each of the {types} types begins and where it goes on.", types=types)
        if types > 1
        else said("It learns where what is marked begins and where it goes on.")
    )
    return (Note(title, where),)


# --- Batches ---------------------------------------------------------------------------------------------------------


def collator(tokenizer: Any, purpose: Purpose) -> Callable[[list[dict[str, Any]]], Mapping[str, Any]]:
    """Pads each batch to its longest piece. ``asked`` is left out in training, where the model would get it."""
    import torch
    from transformers import DataCollatorForTokenClassification

    plain = DataCollatorForTokenClassification(tokenizer, label_pad_token_id=IGNORED)

    def collate(pieces: list[dict[str, Any]]) -> Mapping[str, Any]:
        batch = dict(plain([{name: value for name, value in piece.items() if name != "asked"} for piece in pieces]))
        if purpose != "train":
            width = batch["input_ids"].shape[1]
            batch["asked"] = torch.tensor([_padded(piece["asked"], width, tokenizer) for piece in pieces])
        return batch

    return collate


def _padded(values: list[int], width: int, tokenizer: Any) -> list[int]:
    rest = [0] * (width - len(values))
    return [*rest, *values] if tokenizer.padding_side == "left" else [*values, *rest]


def forward(model: Any, batch: Mapping[str, Any], context: Context, purpose: Purpose, loss: Any) -> Forwarded:
    """Of each piece the tag numbers and their probabilities where words are ``asked`` for; the loss with labels."""
    from core.tasks.base import Forwarded

    inputs = {name: tensor for name, tensor in batch.items() if name != "asked"}
    scored = loss(model, inputs) if "labels" in inputs else None
    logits = (scored.output if scored else model(**inputs)).logits
    chances, numbers = logits.float().softmax(-1).max(-1)
    chances, numbers, asked = (tensor.cpu().numpy() for tensor in (chances, numbers, batch["asked"].bool()))
    outputs = [(one[here], other[here]) for one, other, here in zip(numbers, chances, asked, strict=True)]
    return Forwarded(outputs, float(scored.total), int(scored.items)) if scored else Forwarded(outputs)


def finish(pieces: list[list[Piece]], context: Context) -> list[Sentence]:
    """The pieces of each row as a ``Sentence``.

    A word that has no token of its own (it shares one with the word before, or is made of signs that the model does not
    know) goes on as the word before.
    """
    import numpy as np

    labels = context.target.labels
    number = {label: place for place, label in enumerate(labels)}
    plain = is_plain(labels)
    follows = [
        place if plain or tag == OUTSIDE else number.get(f"I-{tag[2:]}", place) for place, tag in enumerate(labels)
    ]
    counts = context.target.counts or (0,)
    usual = number.get(OUTSIDE, int(np.argmax(counts)))
    found = []
    for row in pieces:
        length = row[0].extra["length"]
        numbers, chances = np.full(length, -1), np.zeros(length)
        for piece in row:
            words = np.asarray(piece.extra["words"], dtype=int)
            numbers[words], chances[words] = piece.output
        for word in np.flatnonzero(numbers < 0):
            numbers[word] = follows[numbers[word - 1]] if word else usual
            chances[word] = chances[word - 1] if word else 0.0
        found.append(Sentence(numbers, chances, *(row[0].extra.get("sentence") or ())))
    return found


def combine(outputs: Sequence[Sequence[Sentence]], method: str) -> list[Sentence]:
    """What several models say of the same rows, put together word by word: the tag with the most votes, or with the
    most probability given to it, which is known of each model's first choice only.
    """
    import numpy as np

    from core.evaluation.together import TIE

    found = []
    for told in zip(*outputs, strict=True):
        tags = 1 + max((int(one.numbers.max()) for one in told if len(one.numbers)), default=0)
        weights = np.zeros((len(told[0].numbers), tags))
        for one in told:
            chances = one.chances if method == "probabilities" else 1 + TIE * one.chances
            weights[np.arange(len(one.numbers)), one.numbers] += chances
        numbers = weights.argmax(axis=-1) if len(weights) else told[0].numbers
        share = weights.max(axis=-1, initial=0.0) / len(told)
        found.append(replace(told[0], numbers=numbers, chances=np.minimum(share, 1.0)))
    return found


# --- Answers ---------------------------------------------------------------------------------------------------------


def tags_of(sentences: Sequence[Sentence], target: Target) -> list[list[str]]:
    """The tags of each row as the model said them."""
    return [[target.labels[number] for number in sentence.numbers] for sentence in sentences]


def answers(sentences: Sequence[Sentence], target: Target) -> list[dict[str, Any]]:
    """One record a row: ``text``, ``spans`` (in characters of it), ``tokens`` and ``tags``.

    Something that goes on with nothing begins there, as seqeval reads it. The score of a span is the mean over its
    words.
    """
    plain = is_plain(target.labels)
    records = []
    for sentence, tags in zip(sentences, tags_of(sentences, target), strict=True):
        require_numbers(sentence.chances)
        found = runs(tags, target) if plain else entities(tags)
        records.append(
            {
                "text": sentence.text,
                "spans": [_span(sentence, entity) for entity in found],
                "tokens": list(sentence.tokens),
                "tags": tags if plain else iob2(found, len(tags)),
            }
        )
    return records


def runs(tags: Sequence[str], target: Target) -> list[Entity]:
    """Tags without prefixes as spans: where there is an outside, words with one tag beside each other are one."""
    joined = OUTSIDE in target.labels
    found: list[Entity] = []
    for place, tag in enumerate(tags):
        if joined and found and found[-1][0] == tag and found[-1][2] == place:
            found[-1] = (tag, found[-1][1], place + 1)
        elif tag != OUTSIDE:
            found.append((tag, place, place + 1))
    return found


def _span(sentence: Sentence, entity: Entity) -> dict[str, Any]:
    kind, begin, stop = entity
    return {
        "start": int(sentence.bounds[begin][0]),
        "end": int(sentence.bounds[stop - 1][1]),
        "label": kind,
        "score": float(sentence.chances[begin:stop].mean()),
    }


def answer_columns(found: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """``tags``, one a word, and ``entities``: what was found, as what, and where."""
    return {
        "tags": [record["tags"] for record in found],
        "entities": [
            [
                {
                    "text": record["text"][span["start"] : span["end"]],
                    "label": span["label"],
                    "start": span["start"],
                    "end": span["end"],
                }
                for span in record["spans"]
            ]
            for record in found
        ],
    }
