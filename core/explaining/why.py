"""Which words of a text moved a model's answer, and which way: integrated gradients over the input embeddings.

Sundararajan, Taly and Yan (2017), "Axiomatic Attribution for Deep Networks", arXiv:1703.01365, by way of ``captum``.
Each word is compared with no word at all (the mask token, or the padding). The pulls of all words add up to the
difference between what the model says of the text and what it says of the text without any words; how far they do is
measured, and told where it is not exact. A job of prediction workers (see ``core.prediction.jobs``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.errors import PredictionError
from core.explaining import places
from core.prediction.inference import encode
from core.prediction.predictor import Predictor
from core.said import said

STEPS = (32, 128)
"""Places between no words and all words at which the model is asked; more where that was too coarse."""
TOKENS_AT_ONCE = 2048
EXACT = 0.05
"""Figures that add up to within this share of themselves are good enough."""
INPUTS = ("input_ids", "attention_mask", "token_type_ids")


@dataclass(frozen=True)
class Asked:
    """A text or a pair as the model reads it: ``pieces`` are columns of model inputs, one value a piece."""

    texts: tuple[str, ...]
    pieces: Mapping[str, Sequence[Any]]

    def names(self) -> list[str]:
        return [name for name in INPUTS if name in self.pieces]


def why(predictor: Predictor, details: Mapping[str, Any], progress: Callable[[int, int], None]) -> dict[str, Any]:
    """``details``: ``{"inputs": {role: text}, "target": class or empty for the one that is answered}``.

    Returns ``{"target", "targets", "answered", "value", "without", "texts": [{"label", "text", "words": [[start, end,
    pull or None where it was not read]]}], "piece", "pieces", "missing", "is_exact"}``: ``value`` is what is explained,
    ``without`` the same with no words, ``missing`` the share of the pulls that does not add up (few: ``is_exact``).
    """
    task, context = predictor.task, predictor.context
    if task.explained is None:
        raise PredictionError(said("It cannot be told which words moved an answer of this kind."), WHERE)
    inputs: Mapping[str, str] = details["inputs"]
    pieces = encode(task, context, {role: [text] for role, text in inputs.items()}, "predict")
    asked = Asked(tuple(inputs.values()), pieces)
    names = list(context.target.labels) if task.output in ("label", "labels") else [""]
    logits = [_said(predictor, asked, place) for place in range(len(pieces["input_ids"]))]
    answered = _answered(task.explained, logits, len(names))
    number = names.index(details["target"]) if details.get("target") in names else answered
    values = [float(task.explained(one, number)[0]) for one in logits]
    piece = max(range(len(values)), key=values.__getitem__)
    progress(1, 2)
    pulls, without, missing = _pulls(predictor, asked, piece, number)
    labels = [role.label for role in task.asked if role.name in inputs]
    return {
        "target": names[number],
        "targets": names,
        "answered": names[answered],
        "value": values[piece],
        "without": without,
        "texts": _by_word(predictor.context.tokenizer, asked, piece, pulls, labels),
        "piece": piece,
        "pieces": len(values),
        "missing": missing,
        "is_exact": missing <= EXACT,
    }


WHERE = said("This works for models that sort a text into classes, give it labels, or answer with a number.")


def _batch(predictor: Predictor, asked: Asked, piece: int) -> dict[str, Any]:
    import torch

    return {
        name: torch.tensor([list(asked.pieces[name][piece])], device=predictor.model.device) for name in asked.names()
    }


def _said(predictor: Predictor, asked: Asked, piece: int) -> Any:
    """The model's logits for one piece, of shape (1, ...)."""
    import torch

    with torch.no_grad():
        return predictor.model(**_batch(predictor, asked, piece)).logits.float()


def _answered(explained: Callable[[Any, int], Any], logits: Sequence[Any], count: int) -> int:
    mean = sum(logits[1:], start=logits[0]) / len(logits)
    return max(range(count), key=lambda number: float(explained(mean, number)[0]))


def _pulls(predictor: Predictor, asked: Asked, piece: int, number: int) -> tuple[list[float], float, float]:
    """(the pull of each token, what is explained without words, the share of the pulls that does not add up)."""
    import torch
    from captum.attr import LayerIntegratedGradients

    model, explained = predictor.model, predictor.task.explained
    assert explained is not None, "asked before"
    batch = _batch(predictor, asked, piece)
    ids, others = batch.pop("input_ids"), batch
    nothing = _without_words(predictor.context.tokenizer, ids)

    def forward(tokens: Any, *values: Any) -> Any:
        given = dict(zip(others, values, strict=True))
        return explained(model(input_ids=tokens, **given).logits.float(), number)

    with torch.no_grad():
        without = float(forward(nothing, *others.values())[0])
    method = LayerIntegratedGradients(forward, model.get_input_embeddings())
    for steps in STEPS:
        found, delta = method.attribute(
            ids,
            baselines=nothing,
            additional_forward_args=tuple(others.values()),
            n_steps=steps,
            internal_batch_size=max(1, TOKENS_AT_ONCE // ids.shape[1]),
            return_convergence_delta=True,
        )
        pulls = found.sum(-1)[0].detach().float()
        missing = abs(float(delta[0])) / max(float(pulls.abs().sum()), 1e-9)
        if missing <= EXACT:
            break
    return pulls.tolist(), without, missing


def _without_words(tokenizer: Any, ids: Any) -> Any:
    """The same tokens with every word made nothing; what stands around the texts stays."""
    nothing = next(
        one for one in (tokenizer.mask_token_id, tokenizer.pad_token_id, tokenizer.unk_token_id, 0) if one is not None
    )
    special = set(tokenizer.all_special_ids) - {tokenizer.unk_token_id, tokenizer.mask_token_id}
    empty = ids.clone()
    empty[0] = empty.new_tensor([token if token in special else nothing for token in ids[0].tolist()])
    return empty


def _by_word(
    tokenizer: Any, asked: Asked, piece: int, pulls: Sequence[float], labels: Sequence[str]
) -> list[dict[str, Any]]:
    """Each text with its words; a word's pull is the sum over its tokens."""
    found = places.tokens(tokenizer, asked.texts, list(asked.pieces["input_ids"][piece]))
    spans = [places.words(text) for text in asked.texts]
    sums: list[dict[int, float]] = [{} for _ in asked.texts]
    for token, pull in zip(found, pulls, strict=True):
        if token is not None and (word := places.word_of(spans[token.text], token)) is not None:
            sums[token.text][word] = sums[token.text].get(word, 0.0) + pull
    return [
        {
            "label": label,
            "text": text,
            "words": [[start, end, sums[number].get(word)] for word, (start, end) in enumerate(spans[number])],
        }
        for number, (label, text) in enumerate(zip(labels, asked.texts, strict=True))
    ]
