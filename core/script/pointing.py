"""Scripts of models that point at the answer in a text."""

from __future__ import annotations

from core.models.extractive import FRAME
from core.script import models
from core.script.losses import NEEDS
from core.script.types import ScriptFacts, ScriptParts
from core.usage.code import filled, parts

_ENCODE = '''
def encode(rows):
    """Questions and texts as tokens. A long text is read in windows that overlap.

    ``labels`` are the first and the last token of the answer; both are the token that stands for no answer where a
    window does not hold all of it. ``possible`` marks the tokens where an answer can be.
    """
    ends = tokenizer(
        rows["question"], add_special_tokens=False, truncation=True, max_length=$most, return_offsets_mapping=True
    )["offset_mapping"]
    # The text needs its room, so a question is cut.
    questions = [text[: end[-1][1]] if len(end) >= $most else text for text, end in zip(rows["question"], ends)]
    read = tokenizer(
        questions,
        rows["context"],
        truncation="only_second",
        max_length=MAX_LENGTH,
        stride=$stride,
        return_overflowing_tokens=True,
        return_offsets_mapping=True,
    )
    pieces = {name: read[name] for name in tokenizer.model_input_names if name in read}
    pieces |= {"possible": [], "labels": []}
    for window, row in enumerate(read["overflow_to_sample_mapping"]):
        ids, inside = read["input_ids"][window], read.sequence_ids(window)
        nowhere = ids.index(tokenizer.cls_token_id) if tokenizer.cls_token_id in ids else 0
        pieces["possible"].append([int(part == 1 or place == nowhere) for place, part in enumerate(inside)])
        places = [place for place, part in enumerate(inside) if part == 1]
        offsets = [read["offset_mapping"][window][place] for place in places]
        found = answer_in(offsets, rows["answers"][row], rows["starts"][row])
        pieces["labels"].append([places[place] for place in found] if found else [nowhere, nowhere])
    return pieces


def answer_in(offsets, answers, starts):
    """The numbers of the first and the last token of the first answer; None where they do not hold all of it."""
    if not answers or not offsets or offsets[0][0] > starts[0] or offsets[-1][1] < starts[0] + len(answers[0]):
        return None
    first = bisect_right([end for _, end in offsets], starts[0])
    last = bisect_left([begin for begin, _ in offsets], starts[0] + len(answers[0])) - 1
    return (first, last) if first <= last else None
'''
_COLLATE = '''
def collate(pieces):
    """Pads windows to the longest; places of answers move with what is put before a text."""
    own = ("possible", "labels")
    batch = tokenizer.pad(
        [{name: values for name, values in piece.items() if name not in own} for piece in pieces], return_tensors="pt"
    )
    width, is_left = batch["input_ids"].shape[1], tokenizer.padding_side == "left"
    batch["possible"] = torch.zeros_like(batch["input_ids"])
    batch["labels"] = torch.tensor([piece["labels"] for piece in pieces])
    for row, piece in enumerate(pieces):
        start = width - len(piece["possible"]) if is_left else 0
        batch["possible"][row, start : start + len(piece["possible"])] = torch.tensor(piece["possible"])
        batch["labels"][row] += start
    return batch
'''
_LOSS = '''
def count_items(batch):
    """What the loss is a mean over: windows."""
    return len(batch["labels"])


def total_loss(model, batch):
    """The cross entropy of where the answer begins and ends, of all windows together, and the model's outputs.

    It is over the places where an answer can be. The models' own loss counts padding among them, so that it changes
    with the width of a batch.
    """
    outputs = model(**{name: values for name, values in batch.items() if name not in ("possible", "labels")})
    total = 0.0
    for logits, places in zip((outputs.start_logits, outputs.end_logits), batch["labels"].unbind(1)):
        logits = logits.masked_fill(batch["possible"] == 0, torch.finfo(torch.float32).min)
        total += cross_entropy(logits, places, reduction="sum") / 2
    return total, outputs
'''


def script(facts: ScriptFacts) -> ScriptParts:
    """For a ``Task.script``."""
    room = facts.max_length - FRAME
    stride = max(0, min(facts.options.doc_stride, facts.max_length // 3, room - room // 2 - 1))
    return ScriptParts(
        functions=parts(filled(_ENCODE, most=max(1, room // 2), stride=stride), _COLLATE, _LOSS),
        tokenizer=models.PADDED,
        model=models.loaded(facts, num_labels=2),
        collator="collate",
        transformers=(facts.auto_class,),
        modules=(
            "from bisect import bisect_left, bisect_right",
            NEEDS,
        ),
        expressed=("doc_stride", "max_answer_length", "n_best_size"),
    )
