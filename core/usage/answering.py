"""Example code for models that point at the answer in a text. transformers 5 has no pipeline for them."""

from __future__ import annotations

from core.usage.code import Source, filled, parts
from core.usage.types import Usage

_EXAMPLE = {"question": "Write your question here?", "context": "Write the text that may hold the answer here."}
_FRAME = 4
"""Special tokens around a question and a text, at most; as in ``core.models.extractive``."""

_MODEL = """
import torch
from transformers import AutoModelForQuestionAnswering, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained($place)
model = AutoModelForQuestionAnswering.from_pretrained($place).eval()
"""
_FIND = '''
@torch.inference_mode()
def find(question, text):
    """Where in the text the answer begins and stops, and its probability$or_none.
    Long texts are read in windows that overlap."""
    ends = tokenizer(
        question, add_special_tokens=False, truncation=True, max_length=$most, return_offsets_mapping=True
    )["offset_mapping"]
    question = question[: ends[-1][1]] if len(ends) >= $most else question
    windows = tokenizer(
        question,
        text,
        truncation="only_second",
        max_length=$length,
        stride=$stride,
        return_overflowing_tokens=True,
        return_offsets_mapping=True,
    )
    inputs, silence, found = [name for name in tokenizer.model_input_names if name in windows], float("inf"), {}
    for window, ids in enumerate(windows["input_ids"]):
        output = model(**{name: torch.tensor([windows[name][window]]) for name in inputs})
        starts, stops = output.start_logits[0].float(), output.end_logits[0].float()
        nowhere = ids.index(tokenizer.cls_token_id) if tokenizer.cls_token_id in ids else 0
        silence = min(silence, float(starts[nowhere] + stops[nowhere]))
        inside = [place for place, part in enumerate(windows.sequence_ids(window)) if part == 1]
        scores = starts[inside][:, None] + stops[inside]
        possible = torch.ones_like(scores).triu().tril($apart).bool()
        best = scores.masked_fill(~possible, -torch.inf).flatten().topk(min($candidates, int(possible.sum())))
        for score, place in zip(best.values.tolist(), best.indices.tolist()):
            first, last = (windows["offset_mapping"][window][inside[one]] for one in divmod(place, len(inside)))
            piece = text[first[0] : last[1]]
            begin, stop = first[0] + len(piece) - len(piece.lstrip()), last[1] - len(piece) + len(piece.rstrip())
            if begin < stop:
                found[begin, stop] = max(score, found.get((begin, stop), score))
    order = sorted(found, key=lambda span: (-found[span], span))[:$candidates]
$choice
'''
_ALWAYS = """    chances = torch.tensor([found[span] for span in order]).softmax(-1).tolist()
    return (*order[0], chances[0]) if order else None"""
_PERHAPS = """    chances = torch.tensor([silence, *(found[span] for span in order)]).softmax(-1).tolist()
    # How much likelier no answer must be than the best one to be given: what was best in training.
    return (*order[0], chances[1]) if order and silence - found[order[0]] <= $threshold else None"""
_ANSWER = '''
def answer(question, context):
    """The text, with the answer marked in it."""
    found = find(question, context)
    if found is None:
        return {"text": "There is no answer in this text.", "entities": []}
    start, end, chance = found
    return {"text": context, "entities": [{"entity": "answer", "start": start, "end": end, "score": chance}]}
'''
_PRINTED = """
question, text = $question, $text
found = find(question, text)
print(f"{found[2]:.6f}  {text[found[0]:found[1]]}" if found else "There is no answer in this text.")
"""


def snippet(usage: Usage) -> str:
    """A ``Task.snippet``: it prints the answer and its probability, or that there is none."""
    question, text = (usage.example.get(name) or words for name, words in _EXAMPLE.items())
    return parts(*_finding(usage), filled(_PRINTED, question=question, text=text))


def serving(usage: Usage) -> str:
    """A ``Task.serving``: the text with the answer as its only one of ``entities``, as Gradio highlights them."""
    return parts(*_finding(usage), _ANSWER)


def _finding(usage: Usage) -> tuple[str, str]:
    from core.data.answer_findings import UNANSWERED

    manual, options = usage.manual, usage.manual.options
    may_be_silent = UNANSWERED in manual.target.labels
    threshold = manual.learned.get("null_score_diff_threshold", 0.0)
    room = manual.max_length - _FRAME
    code = filled(
        _FIND,
        most=max(1, room // 2),
        length=manual.max_length,
        stride=max(0, min(options.get("doc_stride", 128), manual.max_length // 3, room - room // 2 - 1)),
        apart=options.get("max_answer_length", 30) - 1,
        candidates=options.get("n_best_size", 20),
        or_none=Source("; None where it has none" if may_be_silent else ""),
        choice=Source(filled(_PERHAPS, threshold=threshold) if may_be_silent else _ALWAYS),
    )
    return filled(_MODEL, place=usage.place), code
