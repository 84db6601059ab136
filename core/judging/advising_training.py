"""Advice that follows from how the training went: too short, too long, or with texts that were cut."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.evaluation.verdicts import percent
from core.judging.advising import Item, again
from core.said import Figures, said, together

_STILL_FALLING = 0.02
"""The loss of the last check is so much under that of the one before, as a share of it."""
_ROSE = 0.05
_MANY_CUT = 0.1
_READ = 2_000
"""So many of the judged texts are cut into tokens to see how long they are."""

History = Sequence[Mapping[str, Any]]


def of_length(history: History, metric: str, greater_is_better: bool, is_best: bool) -> Item | None:
    """Longer, where the validation loss was still falling at the end; shorter, where it rose long before.

    ``history`` is the Trainer's ``log_history``; ``metric`` is the main one: while it still gets better, nobody is told
    to stop earlier. ``is_best`` says whether the best version was kept, and not the last.
    """
    checks = [entry for entry in history if entry.get("eval_loss") is not None]
    losses = [float(entry["eval_loss"]) for entry in checks]
    if len(losses) < 2:
        return None
    least = losses.index(min(losses))
    if least == len(losses) - 1:
        return _longer(losses)
    kept = checks[least]
    if losses[-1] < (1 + _ROSE) * losses[least] or _is_better(checks[-1], kept, f"eval_{metric}", greater_is_better):
        return None
    then, last = _learned(history, kept["step"]), _learned(history, checks[-1]["step"])
    if then is None or last is None or last >= then:
        return None
    return again(
        together(
            said(
                "Train for about {epochs}, no longer: after that, the loss on the validation part rose ({least} to "
                "{end}) while that on the training rows fell ({then} to {last}): it learned them by heart.",
                epochs=_epochs(kept["epoch"]),
                least=Figures(f"{losses[least]:.3g}"),
                end=Figures(f"{losses[-1]:.3g}"),
                then=Figures(f"{then:.3g}"),
                last=Figures(f"{last:.3g}"),
            ),
            said(
                "The best version was kept, so this saves time."
                if is_best
                else "The last version was kept, not the best."
            ),
        )
    )


def _longer(losses: Sequence[float]) -> Item | None:
    if losses[-1] > (1 - _STILL_FALLING) * losses[-2]:
        return None
    return again(
        said(
            "Train longer: the loss on the validation part was still falling at the end ({before} to {last} between "
            "the last two checks). Try twice as many epochs.",
            before=Figures(f"{losses[-2]:.3g}"),
            last=Figures(f"{losses[-1]:.3g}"),
        )
    )


def _is_better(last: Mapping[str, Any], kept: Mapping[str, Any], name: str, greater_is_better: bool) -> bool:
    if last.get(name) is None or kept.get(name) is None or name == "eval_loss":
        return False
    return bool(last[name] > kept[name]) if greater_is_better else bool(last[name] < kept[name])


def _learned(history: History, step: int) -> float | None:
    """The training loss that was last noted up to a step."""
    noted = [float(entry["loss"]) for entry in history if entry.get("loss") is not None and entry["step"] <= step]
    return noted[-1] if noted else None


def _epochs(epochs: float) -> str:
    count = round(epochs, 1)
    return said("1 epoch") if count == 1 else said("{number} epochs", number=Figures(f"{count:g}"))


def of_cuts(texts: Sequence[str], tokenizer: Any, max_length: int, reads_pieces: bool) -> Item | None:
    """Where many of the judged texts are longer than what the model reads of them.

    ``reads_pieces``: long texts are read in pieces, so nothing is lost.
    """
    if tokenizer is None or reads_pieces or not texts:
        return None
    some = list(texts[:: max(1, len(texts) // _READ)])[:_READ]
    try:
        lengths = [len(ids) for ids in tokenizer(some, truncation=False, verbose=False)["input_ids"]]
    except TypeError:  # a tokenizer that is asked otherwise
        return None
    share = sum(length > max_length for length in lengths) / len(lengths)
    if share < _MANY_CUT:
        return None
    longest = sorted(lengths)[int(0.95 * (len(lengths) - 1))]
    return again(
        said(
            "Let the model read whole texts: {share} of the judged ones are longer than {limit} tokens, and what goes "
            "beyond was not read. With {longest} tokens nineteen of twenty would fit, if the model to start from reads "
            "so many; else have long texts read in pieces, where the task offers it.",
            share=percent(share),
            limit=max_length,
            longest=longest,
        )
    )
