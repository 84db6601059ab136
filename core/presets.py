"""Presets: a few settings changed at once, each for a reason that is said. A preset is its changes and nothing more."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.config import RunConfig
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
        reason = f"{found.rows:,} examples are few: three readings show something." if few else ""
        yield Suggestion(EPOCHS, 3.0 if few else 1.0, reason or "One reading shows whether it learns at all.")
        yield Suggestion(EVALUATION, "epoch", "Checks take time from learning: one is enough here.")
    if int(values.get(LENGTH) or SHORT) > SHORT:
        yield Suggestion(LENGTH, SHORT, f"Half as long is twice as fast or more; {_cut(found, SHORT)}.")


def _balanced(values: Values, suggested: Values, found: Facts) -> Iterator[Suggestion]:
    for path in TOUCHED:
        if path in suggested:
            yield Suggestion(path, suggested[path], "This is what suits most data like yours.")


def _best(values: Values, suggested: Values, found: Facts) -> Iterator[Suggestion]:
    epochs = float(suggested.get(EPOCHS) or 3)
    if not found.is_stream:
        longer = min(20.0, 2 * epochs)
        yield Suggestion(EPOCHS, longer, "Twice the readings; early stopping ends it once nothing gets better.")
    yield Suggestion(PATIENCE, 5, "More patience: what seems to stand still may get better yet.")
    if values.get(ADAPTER, "none") == "none" and float(values.get(RATE) or 0) > GENTLE_RATE:
        yield Suggestion(RATE, GENTLE_RATE, "Smaller corrections over more readings forget less of what it knew.")
    needed = _needed(found)
    if needed > int(values.get(LENGTH) or 0) and (found.has_gpu or needed <= 512):
        yield Suggestion(LENGTH, needed, "So long that 99 % of your texts are read whole, where the model can.")


def _small(values: Values, suggested: Values, found: Facts) -> Iterator[Suggestion]:
    batch, times = int(values.get(BATCH) or 1), int(values.get(ACCUMULATION) or 1)
    if batch > SMALL_BATCH:
        together = batch * times
        yield Suggestion(BATCH, SMALL_BATCH, "Memory grows with the batch.")
        why = f"Several small batches make one correction, from {together} examples as before."
        yield Suggestion(ACCUMULATION, -(-together // SMALL_BATCH), why)
    yield Suggestion(CHECKPOINTING, True, "What lies between the layers is worked out again instead of being kept.")
    if found.parameters >= LARGE_MODEL:
        yield Suggestion(ADAPTER, "lora", "All of a model this size takes four times its own room to train.")
        rate = adapter_rate("lora")
        if rate and float(values.get(RATE) or 0) < rate.value:
            yield rate
    if int(values.get(LENGTH) or SHORT) > 2 * SHORT:
        yield Suggestion(LENGTH, 2 * SHORT, f"Memory grows with the length; {_cut(found, 2 * SHORT)}.")


def _cut(found: Facts, length: int) -> str:
    if not found.lengths:
        return "longer texts are cut"
    share = sum(one > length for one in found.lengths) / len(found.lengths)
    return f"{share:.0%} of your texts are longer and will be cut" if share else "none of your texts is longer"


def _needed(found: Facts, at_least: Sequence[int] = (32, 64, 128, 256, 512, 1024)) -> int:
    if not found.lengths:
        return 0
    longest = sorted(found.lengths)[min(len(found.lengths) - 1, int(0.99 * len(found.lengths)))]
    return next((length for length in at_least if length >= longest), at_least[-1])


PRESETS = {
    one.id: one
    for one in (
        Preset("quick", "Quick look", "A first idea in the shortest time", _quick),
        Preset("balanced", "Balanced", "What is suggested for data like yours", _balanced),
        Preset("best", "Best quality", "Learns longer and more gently", _best),
        Preset("small", "Small memory", "For a machine with little room", _small),
    )
}
"""By id, in the order in which they are offered."""
