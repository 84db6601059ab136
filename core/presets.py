"""Presets: a few settings changed at once, each for a reason that is said. A preset is its changes and nothing more."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.config import RunConfig
from core.said import Figures, said
from core.suggest import Suggestion, adapter_rate

if TYPE_CHECKING:
    from core.studio import Studio

Values = Mapping[str, Any]
"""Dotted path to value."""

EPOCHS = "training.num_train_epochs"
BATCH = "training.per_device_train_batch_size"
ACCUMULATION = "training.gradient_accumulation_steps"
LENGTH = "training.max_length"
RATE = "training.learning_rate"
PATIENCE = "training.early_stopping_patience"
EVALUATION = "training.eval_strategy"
CHECKPOINTING = "training.activation_checkpointing"
ADAPTER = "adapter.method"
TOUCHED = (EPOCHS, BATCH, ACCUMULATION, LENGTH, RATE, PATIENCE, EVALUATION, CHECKPOINTING, ADAPTER)
"""What presets change. "Balanced" leaves alone what none of the others would have touched."""

SMALL_BATCH = 4
SHORT = 64
GENTLE_RATE = 2e-5
LARGE_MODEL = 300_000_000
"""Parameters from which on an adapter saves more than it costs."""


@dataclass(frozen=True)
class Facts:
    """What a preset may look at: the data, the model and the machine."""

    rows: int
    """To learn from."""
    lengths: tuple[int, ...]
    """Token counts of a sample of the texts."""
    parameters: int
    has_gpu: bool
    is_stream: bool = False


@dataclass(frozen=True)
class Preset:
    """``changes`` gives what it would set, from the values that stand, the suggested ones, and the facts."""

    id: str
    title: str
    words: str
    changes: Callable[[Values, Values, Facts], Iterator[Suggestion]]


def facts(studio: Studio, config: RunConfig) -> Facts:
    """What presets look at. Raises ``StudioError`` where table or model cannot be read."""
    from core import machine

    return Facts(
        rows=studio.parts(config).train.num_rows,
        lengths=tuple(studio.token_lengths(config)),
        parameters=studio.describe(config.model.checkpoint).parameters or 0,
        has_gpu=machine.has_gpu(),
        is_stream=config.data.streaming is not None,
    )


def changes(preset: str, values: Values, suggested: Values, found: Facts) -> list[Suggestion]:
    """What a preset changes of ``values``: settings that there are, and that are not so already."""
    return [
        one
        for one in PRESETS[preset].changes(values, suggested, found)
        if one.path in values and values[one.path] != one.value
    ]


def _quick(values: Values, suggested: Values, found: Facts) -> Iterator[Suggestion]:
    if not found.is_stream:
        few = found.rows < 300
        reason = (
            said("{rows} examples are few: three readings show something.", rows=found.rows)
            if few
            else said("One reading shows whether it learns at all.")
        )
        yield Suggestion(EPOCHS, 3.0 if few else 1.0, reason)
        yield Suggestion(EVALUATION, "epoch", said("Checks take time from learning: one is enough here."))
    if int(values.get(LENGTH) or SHORT) > SHORT:
        which, share = _cut(found, SHORT)
        yield Suggestion(LENGTH, SHORT, said(_FASTER[which], share=share))


def _balanced(values: Values, suggested: Values, found: Facts) -> Iterator[Suggestion]:
    for path in TOUCHED:
        if path in suggested:
            yield Suggestion(path, suggested[path], said("This is what suits most data like yours."))


def _best(values: Values, suggested: Values, found: Facts) -> Iterator[Suggestion]:
    epochs = float(suggested.get(EPOCHS) or 3)
    if not found.is_stream:
        longer = min(20.0, 2 * epochs)
        why = said("Twice the readings; early stopping ends it once nothing gets better.")
        yield Suggestion(EPOCHS, longer, why)
    yield Suggestion(PATIENCE, 5, said("More patience: what seems to stand still may get better yet."))
    if values.get(ADAPTER, "none") == "none" and float(values.get(RATE) or 0) > GENTLE_RATE:
        why = said("Smaller corrections over more readings forget less of what it knew.")
        yield Suggestion(RATE, GENTLE_RATE, why)
    needed = _needed(found)
    if needed > int(values.get(LENGTH) or 0) and (found.has_gpu or needed <= 512):
        yield Suggestion(LENGTH, needed, said("So long that 99 % of your texts are read whole, where the model can."))


def _small(values: Values, suggested: Values, found: Facts) -> Iterator[Suggestion]:
    batch, times = int(values.get(BATCH) or 1), int(values.get(ACCUMULATION) or 1)
    if batch > SMALL_BATCH:
        together = batch * times
        yield Suggestion(BATCH, SMALL_BATCH, said("Memory grows with the batch."))
        why = said(
            "Several small batches make one correction, from {examples} examples as before.",
            examples=Figures(together),
        )
        yield Suggestion(ACCUMULATION, -(-together // SMALL_BATCH), why)
    why = said("What lies between the layers is worked out again instead of being kept.")
    yield Suggestion(CHECKPOINTING, True, why)
    if found.parameters >= LARGE_MODEL:
        why = said("All of a model this size takes four times its own room to train.")
        yield Suggestion(ADAPTER, "lora", why)
        rate = adapter_rate("lora")
        if rate and float(values.get(RATE) or 0) < rate.value:
            yield rate
    if int(values.get(LENGTH) or SHORT) > 2 * SHORT:
        which, share = _cut(found, 2 * SHORT)
        yield Suggestion(LENGTH, 2 * SHORT, said(_LEANER[which], share=share))


_FASTER = {
    "unknown": "Half as long is twice as fast or more; longer texts are cut.",
    "some": "Half as long is twice as fast or more; {share}% of your texts are longer and will be cut.",
    "none": "Half as long is twice as fast or more; none of your texts is longer.",
}
_LEANER = {
    "unknown": "Memory grows with the length; longer texts are cut.",
    "some": "Memory grows with the length; {share}% of your texts are longer and will be cut.",
    "none": "Memory grows with the length; none of your texts is longer.",
}
"""By which texts are cut."""


def _cut(found: Facts, length: int) -> tuple[str, Figures]:
    """(which texts are cut, how many of a hundred)."""
    share = sum(one > length for one in found.lengths) / max(1, len(found.lengths))
    return ("some" if share else "none") if found.lengths else "unknown", Figures(f"{100 * share:.0f}")


def _needed(found: Facts, at_least: Sequence[int] = (32, 64, 128, 256, 512, 1024)) -> int:
    if not found.lengths:
        return 0
    longest = sorted(found.lengths)[min(len(found.lengths) - 1, int(0.99 * len(found.lengths)))]
    return next((length for length in at_least if length >= longest), at_least[-1])


PRESETS = {
    one.id: one
    for one in (
        Preset("quick", said("Quick look"), said("A first idea in the shortest time"), _quick),
        Preset("balanced", said("Balanced"), said("What is suggested for data like yours"), _balanced),
        Preset("best", said("Best quality"), said("Learns longer and more gently"), _best),
        Preset("small", said("Small memory"), said("For a machine with little room"), _small),
    )
}
"""By id, in the order in which they are offered."""
