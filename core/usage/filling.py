"""Example code for models that name the words in gaps."""

from __future__ import annotations

import re
from collections.abc import Callable

from core.models.gaps import MARK, SIGN
from core.usage.code import filled, parts
from core.usage.types import Usage

_EXAMPLE = f"Write your text with a {SIGN} here."

_PIPELINE = """
from transformers import pipeline

fill = pipeline($pipeline, model=$place)
text = $text.replace("___", fill.tokenizer.mask_token)
found = fill(text, top_k=5, tokenizer_kwargs={"truncation": True, "max_length": $length})
"""
_ONE_GAP = """
for word in found:
    if word["token"] not in fill.tokenizer.all_special_ids:
        print(f"{word['score']:.6f}  {word['token_str']}")
"""
_MORE_GAPS = """
for number, gap in enumerate(found, start=1):
    for word in gap:
        if word["token"] not in fill.tokenizer.all_special_ids:
            print(f"{number}: {word['score']:.6f}  {word['token_str']}")
"""
_MODEL = r"""
import re

import torch
from transformers import AutoModelForMaskedLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained($place)
model = AutoModelForMaskedLM.from_pretrained($place).eval()
GAP = re.compile($mark, re.IGNORECASE)
"""
_READ = '''
@torch.inference_mode()
def gaps(text):
    """For each gap (___ or [MASK]) the likeliest words with their probabilities. Long texts are read in pieces."""
    ids = tokenizer(GAP.sub(lambda _: tokenizer.mask_token, text), add_special_tokens=False, verbose=False)["input_ids"]
    frame = tokenizer("a", return_special_tokens_mask=True)
    inner = [place for place, special in enumerate(frame["special_tokens_mask"]) if not special]
    before, after = frame["input_ids"][: inner[0]], frame["input_ids"][inner[-1] + 1 :]
    room = $length - len(before) - len(after)
    count = -(-len(ids) // room)
    ends = [round(number * len(ids) / count) for number in range(count + 1)] if count else []
    found = []
    for start, end in zip(ends, ends[1:]):
        piece = torch.tensor([[*before, *ids[start:end], *after]])
        if tokenizer.mask_token_id not in piece:
            continue
        chances = model(input_ids=piece).logits[piece == tokenizer.mask_token_id].float().softmax(-1)
        chances[:, tokenizer.all_special_ids] = 0
        best = chances.topk(5)
        found += [
            [(tokenizer.decode([token]).strip().removeprefix("##"), score) for token, score in zip(tokens, scores)]
            for tokens, scores in zip(best.indices.tolist(), best.values.tolist())
        ]
    return found
'''
_ANSWER = '''
def answer(text):
    """The text with the likeliest word in each gap, and below the words that fit into each."""
    found = gaps(text)
    if not found:
        return "There is no gap in this text. Write ___ (three underscores) where a word is missing."
    best = iter([words[0][0] for words in found])
    lines = [GAP.sub(lambda _: next(best, "___"), text), ""]
    for number, words in enumerate(found, start=1):
        name = f"Gap {number}" if len(found) > 1 else "The gap"
        lines.append(f"{name}: " + ", ".join(f"{word} ({score:.1%})" for word, score in words))
    return "\\n".join(lines)
'''


def snippet(pipeline: str) -> Callable[[Usage], str]:
    """A ``Task.snippet``: it prints the five likeliest words for each gap."""

    def made(usage: Usage) -> str:
        text = re.sub(MARK, SIGN, usage.example.get("gapped") or _EXAMPLE, flags=re.IGNORECASE)
        begin = filled(_PIPELINE, pipeline=pipeline, place=usage.place, text=text, length=usage.manual.max_length)
        printed = _ONE_GAP if text.count(SIGN) < 2 else _MORE_GAPS
        return f"{begin}\n{filled(printed)}\n"

    return made


def serving(usage: Usage) -> str:
    """A ``Task.serving``: a few lines of text with the best words for each gap."""
    return parts(filled(_MODEL, place=usage.place, mark=MARK), filled(_READ, length=usage.manual.max_length), _ANSWER)
