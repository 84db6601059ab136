"""Scripts of models that name words which are hidden in texts."""

from __future__ import annotations

from core.models.blocks import PIECES_JUDGED
from core.models.masking import JUDGED_SHARE
from core.script import models
from core.script.losses import NEEDS, SMOOTHING, smoothing, with_plain
from core.script.types import ScriptFacts, ScriptParts
from core.script.writing import PADDED
from core.usage.code import Source, filled, parts

_WHY_SHARE = "Of the words or parts of words of a text."
_FRAME = '''
def frame():
    """The special tokens that stand before a text, and those that stand after it."""
    whole = tokenizer("a", return_special_tokens_mask=True)
    inner = [place for place, special in enumerate(whole["special_tokens_mask"]) if not special]
    return whole["input_ids"][: inner[0]], whole["input_ids"][inner[-1] + 1 :]
'''
_EACH = '''
def encode(rows, most=None):
    """Texts as tokens; a long one as several pieces of like length, ``most`` of them at the most."""
    before, after = frame()
    room, pieces = MAX_LENGTH - len(before) - len(after), []
    for ids in tokenizer(rows["text"], add_special_tokens=False)["input_ids"]:
        count = -(-len(ids) // room)
        ends = [round(number * len(ids) / max(1, count)) for number in range(count + 1)]
        pieces += [[*before, *ids[start:end], *after] for start, end in list(zip(ends, ends[1:]))[:most]]
    return {"input_ids": pieces}
'''
_JOINED = '''
def encode_together(rows):
    """All texts one after the other, in pieces that are full."""
    before, after = frame()
    room, ids = MAX_LENGTH - len(before) - len(after), []
    for text in tokenizer(rows["text"], add_special_tokens=False)["input_ids"]:
        ids += [*(after[-1:] if ids else []), *text]
    return {"input_ids": [[*before, *ids[start : start + room], *after] for start in range(0, len(ids), room)]}
'''
_HIDE = '''
def encode_to_judge(rows):
    """The same with words hidden once and for all, so that what is measured can be compared."""
    pieces = encode(rows, most=$most)["input_ids"]
    ids, labels = zip(*(hide(piece, $share, [0]) for piece in pieces))
    return {"input_ids": list(ids), "labels": list(labels)}


def hide(piece, share, seeds, judged=True):
    """(tokens with some of them hidden, labels: the true token where one is hidden).

    What is hidden follows from the seeds and the tokens alone. To learn from, one in ten of the chosen tokens becomes
    another one, and one in ten stays as it is (https://arxiv.org/abs/1810.04805).
    """
    ids = np.asarray(piece, dtype=np.int64)
    random = np.random.default_rng([*seeds, zlib.crc32(ids.tobytes())])
    free = np.flatnonzero(~np.isin(ids, tokenizer.all_special_ids))
    chosen = np.sort(random.permutation(free)[: max(1, round(share * len(free)))])
    labels, read = np.full(len(ids), -100), ids.copy()
    labels[chosen] = ids[chosen]
    luck = np.zeros(len(chosen)) if judged else random.random(len(chosen))
    read[chosen[luck < 0.8]] = tokenizer.mask_token_id
    other = chosen[(luck >= 0.8) & (luck < 0.9)]
    read[other] = random.choice(np.setdiff1d(np.arange(len(tokenizer)), tokenizer.all_special_ids), len(other))
    return read.tolist(), labels.tolist()


class Hiding:
    """Makes a batch, and hides other words in each epoch."""

    epoch = 0

    def __call__(self, pieces):
        hidden = [
            (piece["input_ids"], piece["labels"])
            if "labels" in piece
            else hide(piece["input_ids"], HIDDEN_SHARE, [SEED, self.epoch], judged=False)
            for piece in pieces
        ]
        ids, labels = zip(*hidden)
        return {
            "input_ids": padded(ids, tokenizer.pad_token_id or 0),
            "attention_mask": padded([[1] * len(one) for one in ids], 0),
            "labels": padded(labels, -100),
        }


class EpochTeller(TrainerCallback):
    """Tells a collator which epoch it is."""

    def __init__(self, collator):
        self.collator = collator

    def on_epoch_begin(self, args, state, control, **kwargs):
        self.collator.epoch = int((state.epoch or 0.0) + 1e-6)  # 2.9999999 is the end of the third
'''
_LOSS = '''
def count_items(batch):
    """What the loss is a mean over: hidden tokens."""
    return batch["labels"].ne(-100).sum().item()


def total_loss(model, batch):
    """The sum of the losses of a batch, and the model's outputs."""
    outputs = model(**{name: values for name, values in batch.items() if name != "labels"})
    places = batch["labels"].ne(-100)
    total = cross_entropy(outputs.logits[places], batch["labels"][places], reduction="sum"$smoothing)
    return total, outputs
'''


def script(facts: ScriptFacts) -> ScriptParts:
    """For a ``Task.script``."""
    options = facts.options
    loss = filled(_LOSS, smoothing=Source(""))
    if facts.label_smoothing:
        loss = with_plain(filled(_LOSS, smoothing=Source(", label_smoothing=SMOOTHING")), loss)
    return ScriptParts(
        functions=parts(
            _FRAME,
            _EACH,
            _JOINED if options.group_texts else "",
            filled(_HIDE, most=PIECES_JUDGED, share=JUDGED_SHARE),
            PADDED,
            loss,
        ),
        constants={"HIDDEN_SHARE": (options.mlm_probability, _WHY_SHARE), **smoothing(facts)},
        model=models.loaded(facts),
        collator="Hiding()",
        transformers=(facts.auto_class, "TrainerCallback"),
        modules=("import zlib", "import numpy as np", NEEDS),
        encode="encode_together" if options.group_texts else "encode",
        encode_to_judge="encode_to_judge",
        callbacks=("EpochTeller(collator)",),
        expressed=("mlm_probability", "group_texts", SMOOTHING),
    )
