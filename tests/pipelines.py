"""What transformers' own pipelines say of a trained model, beside what the playground says of the same question."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest


def label_alike(pipe: Any, question: Mapping[str, Any], answer: Any) -> None:
    scores = {found["label"]: found["score"] for found in pipe(_pair(question), top_k=None)}
    assert max(scores, key=scores.__getitem__) == answer["label"]
    assert scores == pytest.approx(answer["scores"], abs=1e-4)


def labels_alike(pipe: Any, question: Mapping[str, Any], answer: Any) -> None:
    scores = {found["label"]: found["score"] for found in pipe(_pair(question), top_k=None)}
    assert scores == pytest.approx(answer["scores"], abs=1e-4)


def number_alike(pipe: Any, question: Mapping[str, Any], answer: Any) -> None:
    (found,) = pipe(_pair(question), top_k=None, function_to_apply="none")
    assert found["score"] == pytest.approx(answer["number"], rel=1e-4, abs=1e-4)


def fills_alike(pipe: Any, question: Mapping[str, Any], answer: Any) -> None:
    (text,) = question.values()
    found = pipe(text.replace("___", pipe.tokenizer.mask_token), top_k=1)
    assert found[0]["token_str"].strip().removeprefix("##") == answer["masks"][0][0]["token"].removeprefix("##")
    assert found[0]["score"] == pytest.approx(answer["masks"][0][0]["score"], abs=1e-4)


def spans_alike(pipe: Any, question: Mapping[str, Any], answer: Any) -> None:
    (text,) = question.values()
    found = pipe(text, aggregation_strategy="first")
    assert [one["entity_group"] for one in found] == [span["label"] for span in answer["spans"]]


def _pair(question: Mapping[str, Any]) -> Any:
    """One text, or two that are read together, as pipelines take them."""
    texts = [text for text in question.values() if text]
    return texts[0] if len(texts) == 1 else dict(zip(("text", "text_pair"), texts, strict=True))


SAID_ALIKE: Mapping[str, Callable[[Any, Mapping[str, Any], Any], None]] = {
    "label": label_alike,
    "labels": labels_alike,
    "number": number_alike,
    "fills": fills_alike,
    "spans": spans_alike,
}
"""By the kind of answer: the plain pipeline and the playground say the same."""
