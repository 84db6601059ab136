"""Example code for models that mark words in texts: by a pipeline where it reads as we do, else by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.evaluation.entities import OUTSIDE, is_plain
from core.usage.code import Source, filled, parts
from core.usage.types import Usage

_EXAMPLE = "Write your text here."

# --- By a pipeline ---------------------------------------------------------------------------------------------------

_PIPELINE = """
from transformers import pipeline

find = pipeline($pipeline, model=$place, aggregation_strategy="first", stride=$stride)
find.tokenizer.model_max_length = $length
for found in find($text):
    print(f"{found['score']:.6f}  {found['entity_group']}  {found['start']}-{found['end']}  {found['word']}")
"""

# --- By hand: words, windows, tags, spans ----------------------------------------------------------------------------

_MODEL = r"""
import re
import unicodedata
from bisect import bisect_right

import torch
from transformers import AutoModelForTokenClassification, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained($place)
model = AutoModelForTokenClassification.from_pretrained($place).eval()
ALONE = re.compile($alone)
"""
_ALONE = "[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u0e01-\u0e30\u0e32\u0e33\u0e40-\u0e46"
_ALONE += "\u0e81-\u0eb0\u0eb2\u0eb3\u0ec0-\u0ec6\u1000-\u102a\u1780-\u17b3\U00020000-\U0003134f]"
"""Letters of writing without blanks between words, as in ``core.data.marking``."""
_WORDS = r'''
def words(text):
    """Where each word begins and stops: letters and digits together, any other sign alone, Chinese letters too."""
    found, goes_on = [], None
    for place, sign in enumerate(text):
        is_mark = unicodedata.category(sign)[0] == "M" or sign in "\u200c\u200d"
        kind = "letter" if re.match(r"\w", sign) and not ALONE.match(sign) else "alone" if ALONE.match(sign) else None
        if goes_on and (is_mark or kind == goes_on == "letter"):
            found[-1] = (found[-1][0], place + 1)
            continue
        if not sign.isspace():
            found.append((place, place + 1))
        goes_on = kind
    return found
'''
_READ = '''
@torch.inference_mode()
def tagged(text):
    """The words of the text, their tags and how sure these are. A long text is read in windows that overlap, and each
    word where most is seen around it; its first token counts."""
    bounds, best = words(text), {}
    windows = tokenizer(
        text,
        truncation=True,
        max_length=$length,
        stride=$stride,
        return_overflowing_tokens=True,
        return_offsets_mapping=True,
        return_special_tokens_mask=True,
    )
    inputs = [name for name in tokenizer.model_input_names if name in windows]
    for window, special in enumerate(windows["special_tokens_mask"]):
        scores = model(**{name: torch.tensor([windows[name][window]]) for name in inputs}).logits[0].float().softmax(-1)
        tokens = [place for place, is_special in enumerate(special) if not is_special]
        offsets = [windows["offset_mapping"][window][place] for place in tokens]
        ends, taken = [end for _, end in offsets], None
        first, last = window == 0, window == len(windows["input_ids"]) - 1
        for number, (begin, stop) in enumerate(bounds):
            token = bisect_right(ends, begin)
            if token == len(tokens) or token == taken or offsets[token][0] >= stop:
                continue
            if not first and offsets[token][0] > begin:
                continue
            taken = token
            around = min(len(tokens) if first else token, len(tokens) if last else len(tokens) - 1 - token)
            if number not in best or around > best[number][0]:
                score, tag = scores[tokens[token]].max(-1)
                best[number] = (around, model.config.id2label[int(tag)], float(score))
    tags, chances = [], []
    for number in range(len(bounds)):
        before = (tags[-1], chances[-1]) if tags else ($usual, 0.0)
        tag, chance = best[number][1:] if number in best else (FOLLOWS.get(before[0], before[0]), before[1])
        tags.append(tag)
        chances.append(chance)
    return bounds, tags, chances
'''
_ENTITIES = '''
FOLLOWS = $follows
KINDS = {"B": "B", "I": "I", "E": "E", "S": "S", "L": "E", "U": "S", "M": "I"}


def runs(tags):
    """Which words belong together, as (label, first word, word after the last): B- begins, I- goes on."""
    found, before, label_before = [], "O", ""
    for place, tag in enumerate(tags):
        if tag == "O":
            before, label_before = "O", ""
            continue
        is_known = tag[0] in KINDS and tag[1:2] in ("-", "")
        kind, label = (KINDS[tag[0]], tag[2:] or "_") if is_known else ("I", tag)
        if before in "OES" or kind in "BS" or label != label_before:
            found.append((label, place, place + 1))
        else:
            found[-1] = (label, found[-1][1], place + 1)
        before, label_before = kind, label
    return found
'''
_PLAIN = '''
FOLLOWS = {}


def runs(tags):
    """Which words belong together, as (label, first word, word after the last)."""
    found = []
    for place, tag in enumerate(tags):
        if $joined and found and found[-1][0] == tag and found[-1][2] == place:
            found[-1] = (tag, found[-1][1], place + 1)
        elif tag != "O":
            found.append((tag, place, place + 1))
    return found
'''
_ANSWER = '''
def answer(text):
    """The text, and what is marked in it."""
    bounds, tags, chances = tagged(text)
    marked = [
        {"entity": label, "start": bounds[a][0], "end": bounds[b - 1][1], "score": sum(chances[a:b]) / (b - a)}
        for label, a, b in runs(tags)
    ]
    return {"text": text, "entities": marked}
'''
_PRINTED = """
text = $text
for found in answer(text)["entities"]:
    start, end = found["start"], found["end"]
    print(f"{found['score']:.6f}  {found['entity']}  {start}-{end}  {text[start:end]}")
"""


def snippet(pipeline: str) -> Callable[[Usage], str]:
    """A ``Task.snippet``: it prints what is marked, with its probability and its place."""

    def made(usage: Usage) -> str:
        text = usage.example.get("text") or _EXAMPLE
        if not _reads_words(usage):
            return parts(serving(usage), filled(_PRINTED, text=text))
        length, stride = usage.manual.max_length, _stride(usage)
        return filled(_PIPELINE, pipeline=pipeline, place=usage.place, text=text, length=length, stride=stride) + "\n"

    return made


def serving(usage: Usage) -> str:
    """A ``Task.serving``: the text with its ``entities``, as Gradio highlights them."""
    labels, counts = usage.manual.target.labels, usage.manual.target.counts
    common = labels[counts.index(max(counts))] if counts else labels[0]
    usual = OUTSIDE if OUTSIDE in labels else common
    if is_plain(labels):
        grouping = filled(_PLAIN, joined=OUTSIDE in labels)
    else:
        known = {label: f"I-{label[2:]}" for label in labels if label != OUTSIDE and f"I-{label[2:]}" in labels}
        grouping = filled(_ENTITIES, follows=known)
    return parts(
        filled(_MODEL, place=usage.place, alone=Source(f'"{_escaped(_ALONE)}"')),
        _WORDS,
        filled(_READ, length=usage.manual.max_length, stride=_stride(usage), usual=usual),
        grouping,
        _ANSWER,
    )


def _stride(usage: Usage) -> int:
    wanted: int = usage.manual.options.get("stride", 32)
    return max(0, min(wanted, (usage.manual.max_length - _SPECIAL) // 2))


_SPECIAL = 2
"""Tokens that frame a text."""


def _reads_words(usage: Usage) -> bool:
    """Whether a pipeline finds the same words as we do: it does with WordPiece and tags in IOB2 form."""
    labels = usage.manual.target.labels
    if is_plain(labels) or any(label != OUTSIDE and label[:2] not in ("B-", "I-") for label in labels):
        return False
    try:
        words: dict[str, Any] = json.loads((_folder(usage) / "tokenizer.json").read_text(encoding="utf-8"))["model"]
    except FileNotFoundError:
        return False
    return bool(words.get("continuing_subword_prefix"))


def _folder(usage: Usage) -> Path:
    return usage.folder or Path(usage.place)


def _escaped(text: str) -> str:
    r"""With ``\u3040`` for each sign that is not ASCII."""
    return text.encode("unicode_escape").decode("ascii")
