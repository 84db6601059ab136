"""Scripts of models that give each word of a text a tag."""

from __future__ import annotations

from core.evaluation.entities import is_plain
from core.script import imbalance, models
from core.script.losses import NEEDS, by_tokens, plain_tokens, smoothing
from core.script.types import ScriptFacts, ScriptParts
from core.usage.code import filled, parts

_COLLATOR = "DataCollatorForTokenClassification"
_ENCODE = '''
def encode(rows):
    """Texts as tokens; the first token of each word has its tag, all others have none.

    Long texts are read in pieces that overlap. A word counts in the piece where most is seen around it.
    """
    read = tokenizer(
        rows["text"],
        truncation=True,
        max_length=MAX_LENGTH,
        stride=$stride,
        return_overflowing_tokens=True,
        return_offsets_mapping=True,
        return_special_tokens_mask=True,
    )
    owners = read["overflow_to_sample_mapping"]
    labels = [[-100] * len(ids) for ids in read["input_ids"]]
    best = [{} for _ in rows["text"]]
    for piece, row in enumerate(owners):
        inner = [place for place, special in enumerate(read["special_tokens_mask"][piece]) if not special]
        offsets = [read["offset_mapping"][piece][place] for place in inner]
        ends = [end for _, end in offsets]
        first, last = piece == 0 or owners[piece - 1] != row, owners[piece + 1 : piece + 2] != [row]
        before = None
        for word, (begin, stop) in enumerate(words_in(rows["text"][row], rows["tokens"][row])):
            token = min(bisect_right(ends, begin), len(inner) - 1)
            # The word is not in this piece, or it begins before it, or it shares its token with the word before.
            if not inner or offsets[token][0] >= stop or offsets[token][1] <= begin:
                continue
            if token == before or not (first or offsets[token][0] <= begin):
                continue
            before = token
            around = min(len(inner) if first else token, len(inner) if last else len(inner) - 1 - token)
            if word not in best[row] or around > best[row][word][0]:
                best[row][word] = around, piece, inner[token]
    for row, words in enumerate(best):
        for word, (_, piece, place) in words.items():
            labels[piece][place] = LABELS.index(rows["tags"][row][word])
    pieces = {name: read[name] for name in tokenizer.model_input_names if name in read} | {"labels": labels}
    # A later piece in which no word counts teaches nothing.
    begins = [piece == 0 or owners[piece - 1] != row for piece, row in enumerate(owners)]
    kept = [piece for piece, is_first in enumerate(begins) if is_first or max(labels[piece]) >= 0]
    return {name: [values[piece] for piece in kept] for name, values in pieces.items()}


def words_in(text, words):
    """Where words stand in their text, in characters; one that does not stand there takes no room."""
    reached = 0
    for word in words:
        start = text.find(word, reached)
        start, reached = (reached, reached) if start < 0 else (start, start + len(word))
        yield start, reached
'''
_ENTITIES = '''
def marked(tags):
    """What is marked by tags such as B-CITY, I-CITY and O, as (label, first place, place after the last)."""
    found, before, begun = set(), "O", 0
    for place, tag in enumerate([*tags, "O"]):
        goes_on = tag[:2] == "I-" and before != "O" and tag[2:] == before[2:]
        if before != "O" and not goes_on:
            found.add((before[2:], begun, place))
        if not goes_on:
            begun = place
        before = tag
    return found
'''
_PLAIN = '''
def marked(tags):
    """Every word that has a tag, as (tag, place)."""
    return {(tag, place) for place, tag in enumerate(tags) if tag != "O"}
'''
_METRICS = '''
def compute_metrics(predicted):
    """F1 of what is marked: it has to be whole, in its place, and under the right label."""
    logits = predicted.predictions[0] if isinstance(predicted.predictions, tuple) else predicted.predictions
    right, given, true = 0, 0, 0
    for answers, labels in zip(logits.argmax(-1), predicted.label_ids):
        here = labels != -100
        said, wanted = (marked([LABELS[number] for number in numbers[here]]) for numbers in (answers, labels))
        right, given, true = right + len(said & wanted), given + len(said), true + len(wanted)
    return {"f1_micro": 2 * right / (given + true) if given + true else 0.0}
'''


def script(facts: ScriptFacts) -> ScriptParts:
    """For a ``Task.script``."""
    constants, loss = imbalance.class_loss(facts, by_tokens(facts), plain_tokens())
    labels = list(facts.target.labels)
    room = facts.max_length - facts.tokenizer.num_special_tokens_to_add(pair=False)
    return ScriptParts(
        functions=parts(
            filled(_ENCODE, stride=max(0, min(facts.options.stride, room // 2))),
            loss,
            _PLAIN if is_plain(labels) else _ENTITIES,
            _METRICS,
        ),
        constants={"LABELS": (labels, ""), **constants, **smoothing(facts)},
        tokenizer=models.PADDED,
        model=models.for_labels(facts),
        collator=f"{_COLLATOR}(tokenizer)",
        transformers=(facts.auto_class, _COLLATOR),
        modules=("from bisect import bisect_right", NEEDS),
        metrics=("f1_micro",),
        expressed=("stride", *imbalance.EXPRESSED),
    )
