"""How scripts count items and sum up losses, as text: the same as ``core.training.losses``."""

from __future__ import annotations

from core.script.types import ScriptFacts
from core.usage.code import Source, filled, parts

SMOOTHING = "label_smoothing_factor"
"""The setting that these losses take account of."""
NEEDS = "from torch.nn.functional import cross_entropy"
"""What they may need, for ``ScriptParts.modules``; an import that nothing names is left out of a script."""

BY_ROWS = '''
def count_items(batch):
    """What the loss is a mean over: rows."""
    return len(batch["labels"])


def total_loss(model, batch):
    """The sum of the losses of a batch, and the model's outputs."""
    outputs = model(**batch)
    return outputs.loss * count_items(batch), outputs
'''
_SMOOTH_ROWS = '''
def count_items(batch):
    """What the loss is a mean over: rows."""
    return len(batch["labels"])


def total_loss(model, batch):
    """The sum of the losses of a batch, with smoothed labels, and the model's outputs."""
    outputs = model(**{name: values for name, values in batch.items() if name != "labels"})
    total = cross_entropy(outputs.logits, batch["labels"], reduction="sum", label_smoothing=SMOOTHING)
    return total, outputs
'''
_BY_TOKENS = '''
def count_items(batch):
    """What the loss is a mean over: $what."""
    return batch["labels"]$shift.ne(-100).sum().item()


def total_loss(model, batch):
    """The sum of the losses of a batch, and the model's outputs."""
    outputs, items = model(**batch), count_items(batch)
    # A batch without a label has a mean of nothing, which is no number.
    return outputs.loss * items if items else outputs.logits.sum() * 0.0, outputs
'''
_SMOOTH_TOKENS = '''
def count_items(batch):
    """What the loss is a mean over: $what."""
    return batch["labels"]$shift.ne(-100).sum().item()


def total_loss(model, batch):
    """The sum of the losses of a batch, with smoothed labels, and the model's outputs."""
    inputs = {name: values for name, values in batch.items() if name != "labels"}$decoder
    outputs = model(**inputs)
    logits, labels = outputs.logits$before.flatten(0, -2), batch["labels"]$shift.flatten()
    return cross_entropy(logits, labels, reduction="sum", label_smoothing=SMOOTHING), outputs
'''
_WHAT = {False: "tokens with a label", True: "tokens that are guessed from those before them"}
_SHIFT = {False: "", True: "[..., 1:]"}
_WHY = "So much of each label is shared out evenly over all possible answers: https://arxiv.org/abs/1512.00567"
_DECODER = """
    inputs["decoder_input_ids"] = model.prepare_decoder_input_ids_from_labels(labels=batch["labels"])"""


def by_classes(facts: ScriptFacts) -> str:
    """``count_items`` and ``total_loss`` of models that say one class of a row, and what goes with smoothed labels."""
    return with_plain(_SMOOTH_ROWS, BY_ROWS) if facts.label_smoothing else BY_ROWS


def with_plain(learned: str, plain: str) -> str:
    """Functions to learn by, and ``count_plain`` and ``plain_loss``, by which it is judged all the same."""
    plain = plain.replace("count_items", "count_plain").replace("total_loss", "plain_loss")
    return parts(learned, plain.replace("of a batch, and", "of a batch as they are judged, and"))


def has_plain(functions: str) -> bool:
    """Whether these are ``with_plain``."""
    return "def plain_loss" in functions


def plain_tokens(*, shifted: bool = False) -> str:
    """``by_tokens`` without smoothed labels."""
    return filled(_BY_TOKENS, what=Source(_WHAT[shifted]), shift=Source(_SHIFT[shifted]))


def by_tokens(facts: ScriptFacts, *, shifted: bool = False) -> str:
    """Those of models that say something of each token; ``shifted``: of the next one."""
    plain = plain_tokens(shifted=shifted)
    if not facts.label_smoothing:
        return plain
    has_decoder = hasattr(facts.model, "prepare_decoder_input_ids_from_labels")
    smooth = filled(
        _SMOOTH_TOKENS,
        what=Source(_WHAT[shifted]),
        shift=Source(_SHIFT[shifted]),
        before=Source("[..., :-1, :]" if shifted else ""),
        decoder=Source(_DECODER if has_decoder else ""),
    )
    return with_plain(smooth, plain)


def smoothing(facts: ScriptFacts) -> dict[str, tuple[float, str]]:
    """The constant that these functions name where labels are smoothed."""
    return {"SMOOTHING": (facts.label_smoothing, _WHY)} if facts.label_smoothing else {}
