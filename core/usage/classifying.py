"""Example code for models that say one thing of a whole text, or of a pair: a class, several labels, a number.

Each function makes a ``Task.snippet`` or a ``Task.serving``; ``pipeline`` is the name of transformers' own way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from core.models.long_texts import Way
from core.usage import long_texts
from core.usage.code import Source, filled, parts
from core.usage.types import Usage

Says = Literal["label", "labels", "number"]

_USUAL_THRESHOLD = 0.5
_TEXTS = ("text", "text_pair")
_EXAMPLE = "Write your text here."

# --- Texts that are cut: by a pipeline -------------------------------------------------------------------------------

_APPLIED: Mapping[Says, str] = {"label": "softmax", "labels": "sigmoid", "number": "none"}
"""What transformers calls the way from the model's output to what people see."""
_PIPELINE = """
from transformers import pipeline

classify = pipeline($pipeline, model=$place)
"""
_ASKED = "found = classify($asked, top_k=None, function_to_apply=$applied, truncation=True, max_length=$length)"
_PRINTED: Mapping[Says, str] = {
    "label": """
for answer in found:
    print(f"{answer['score']:.6f}  {answer['label']}")
""",
    "labels": """
thresholds = $thresholds
for answer in found:
    if answer["score"] >= thresholds[answer["label"]]:
        print(f"{answer['score']:.6f}  {answer['label']}")
""",
    "number": """
print(found[0]["score"])
""",
}
_SCORES = '''
def answer($names):
    """The probability of each label."""
    $found
    return {one["label"]: one["score"] for one in found}
'''
_NUMBER = '''
def answer($names):
    """The number, in the units that it was learned in."""
    $found
    return found[0]["score"]
'''

# --- Long texts that are read in another way: by hand ----------------------------------------------------------------

_MODEL = """
import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained($place)
model = AutoModelForSequenceClassification.from_pretrained($place).eval()
"""
_SCORES_OF_PIECES = '''
@torch.inference_mode()
def answer($names):
    """The probability of each label. Of several pieces, the mean counts."""
    logits = torch.stack([model(**piece).logits[0].float() for piece in pieces($names)]).mean(0)
    return {model.config.id2label[place]: score for place, score in enumerate(logits.$applied.tolist())}
'''
_NUMBER_OF_PIECES = '''
@torch.inference_mode()
def answer($names):
    """The number, in the units that it was learned in. Of several pieces, the mean counts."""
    return torch.stack([model(**piece).logits[0, 0].float() for piece in pieces($names)]).mean().item()
'''
_OF_PIECES: Mapping[Says, tuple[str, str]] = {
    "label": (_SCORES_OF_PIECES, "softmax(-1)"),
    "labels": (_SCORES_OF_PIECES, "sigmoid()"),
    "number": (_NUMBER_OF_PIECES, ""),
}
_PRINTED_OF_PIECES: Mapping[Says, str] = {
    "label": """
for label, score in sorted(answer($asked).items(), key=lambda one: -one[1]):
    print(f"{score:.6f}  {label}")
""",
    "labels": """
thresholds = $thresholds
for label, score in sorted(answer($asked).items(), key=lambda one: -one[1]):
    if score >= thresholds[label]:
        print(f"{score:.6f}  {label}")
""",
    "number": """
print(answer($asked))
""",
}
_THRESHOLDS = '''
THRESHOLDS = $thresholds
"""A label is given from this probability on."""
'''


def snippet(says: Says, pipeline: str) -> Callable[[Usage], str]:
    """A ``Task.snippet``: it prints each class or given label with its probability, or the number."""

    def made(usage: Usage) -> str:
        texts = _example(usage)
        thresholds = Source(filled("$it", it=_thresholds(usage)))
        if _way(usage) != "cut":
            asked = Source(", ".join(filled("$it", it=text) for text in texts.values()))
            return parts(_by_hand(says, usage), filled(_PRINTED_OF_PIECES[says], asked=asked, thresholds=thresholds))
        asked = Source(filled("$it", it=texts if len(texts) > 1 else texts["text"]))
        lines = (
            filled(_PIPELINE, pipeline=pipeline, place=usage.place),
            f"text = {asked}",
            _found(says, usage, Source("text")),
            filled(_PRINTED[says], thresholds=thresholds),
        )
        return "\n".join(lines) + "\n"

    return made


def serving(says: Says, pipeline: str) -> Callable[[Usage], str]:
    """A ``Task.serving``: the probability of each class or label as a dict, or the number as a float.

    For several labels there is ``THRESHOLDS`` too: label to the probability from which on it is given.
    """

    def made(usage: Usage) -> str:
        limits = filled(_THRESHOLDS, thresholds=_thresholds(usage)) if says == "labels" else ""
        if _way(usage) != "cut":
            return parts(_by_hand(says, usage), limits)
        names = tuple(_example(usage))
        asked = Source(f'{{"text": {names[0]}, "text_pair": {names[1]}}}' if len(names) > 1 else names[0])
        code = filled(
            _NUMBER if says == "number" else _SCORES,
            names=Source(", ".join(names)),
            found=_found(says, usage, asked),
        )
        return parts(filled(_PIPELINE, pipeline=pipeline, place=usage.place), code, limits)

    return made


def _found(says: Says, usage: Usage, asked: Source) -> Source:
    return Source(filled(_ASKED, asked=asked, applied=_APPLIED[says], length=usage.manual.max_length))


def _by_hand(says: Says, usage: Usage) -> str:
    code, applied = _OF_PIECES[says]
    names = Source(", ".join(_example(usage)))
    return parts(
        filled(_MODEL, place=usage.place),
        long_texts.pieces(_way(usage), usage.manual.max_length),
        filled(code, names=names, applied=Source(applied)),
    )


def _way(usage: Usage) -> Way:
    way: Way = usage.manual.options.get("long_texts", "cut")
    return way


def _example(usage: Usage) -> dict[str, str]:
    """``text``, and ``text_pair`` where the model learned from pairs."""
    texts = {name: usage.example[name] for name in _TEXTS if name in usage.example}
    return texts if "text" in texts else {"text": _EXAMPLE}


def _thresholds(usage: Usage) -> dict[str, float]:
    labels = usage.manual.target.labels
    learned = usage.manual.learned.get("thresholds") or [_USUAL_THRESHOLD] * len(labels)
    return dict(zip(labels, learned, strict=True))
