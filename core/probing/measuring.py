"""The probe in a run: measured where it pays, kept for the next one, taken up by this one, and said.

Called in workers only. Whatever goes wrong here is said in a warning, and the run goes on as it would have without.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from core import capabilities, events
from core.errors import explain
from core.models.checkpoints import describe
from core.probing import kept, taking
from core.probing.foretelling import Foretold, foretold
from core.probing.found import Probed
from core.probing.probe import Wish, probe
from core.runs import write_atomically
from core.said import Figures, said, together
from core.said_times import about
from core.training.batching.order import size_of
from core.training.shop import Workshop
from core.training.steps import epochs_in_all

if TYPE_CHECKING:
    from collections.abc import Sequence

SHORT_RUN_SECONDS = 20.0
"""A training that is over so soon is not measured: it would gain less than measuring takes."""
EASY_OPERATIONS = 1e11
"""Floating-point operations that any machine is through with in that time: not even one step is tried then."""
LENGTHS_LOOKED_AT = 4000
NAME = "probe.json"
"""In a run's folder: what it goes by, which stays the same when it is taken up again."""


@dataclass(frozen=True)
class Measured:
    """A run as it goes on, and what its training will take; None where that was not measured."""

    shop: Workshop
    told: Foretold | None = None


def measure(shop: Workshop, trainer: Any) -> Measured:
    """Find what the training will take, now or from what was found before, and let the trainer go on in the fastest
    way. Raises nothing but what a person asks for: a stop.
    """
    if shop.config.training.probe == "no" or not _can_be_measured(shop, trainer):
        return Measured(shop)
    try:
        return _measured(shop, trainer)
    except Exception as exc:
        shop.notice(
            said("How fast this machine computes could not be measured."),
            together(said("The training goes on in the usual way."), explain(exc).title),
            "warning",
        )
        return Measured(shop)


def _can_be_measured(shop: Workshop, trainer: Any) -> bool:
    """Not a stream, whose examples come once; not one of several processes, which would have to agree; not what is over
    soon on any machine.
    """
    training = shop.config.training
    several = trainer.args.world_size > 1 or training.fsdp or training.deepspeed
    if shop.config.data.streaming is not None or several or training.torch_compile:
        return False
    pieces = trainer.train_dataset
    size = sum(one.numel() for one in trainer.model.parameters())
    longest = len(pieces) * training.max_length * epochs_in_all(training, *size_of(pieces))
    return 6 * size * longest > EASY_OPERATIONS


def _measured(shop: Workshop, trainer: Any) -> Measured:
    checkpoint, lengths = describe(shop.config.model.checkpoint), _lengths(trainer.train_dataset)
    before, found = _own(shop), kept.known(shop.config, checkpoint)
    is_new = found is None or not kept.holds(found, max(lengths))
    if is_new:
        found = probe(trainer, _wish(shop, trainer, lengths))
    if found is None:
        return Measured(shop)
    if is_new:
        kept.keep(shop.config, checkpoint, found)
    # What changes last digits stays as it was where a run is taken up again.
    own = found if before is None else replace(before, way=replace(before.way, threads=found.way.threads))
    write_atomically(shop.run.path / NAME, json.dumps(own.as_record(), indent=1, allow_nan=False))
    goes = shop
    if kept.chooses(shop.config.training):
        taking.take(trainer, own)
        goes = taking.told(shop, own.way)
    told = foretold(found, goes.config.training, lengths, len(trainer.train_dataset), len(trainer.eval_dataset))
    told = told.at(found.share if is_new else 1.0)
    _say(shop, told, own, found.took if is_new else None)
    return Measured(goes, told)


def with_time(planned: events.Planned, told: Foretold | None, step: int) -> events.Planned:
    """The plan with the seconds that are still to come after ``step``."""
    if told is None:
        return planned
    return replace(planned, seconds=round(told.training_s * (1 - step / planned.total_steps), 2))


def _own(shop: Workshop) -> Probed | None:
    """What the run has gone by until now; None where it has not begun."""
    try:
        return Probed.of(json.loads((shop.run.path / NAME).read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _say(shop: Workshop, told: Foretold, found: Probed, took: float | None) -> None:
    time = about(told.epoch_s)
    title = said("An epoch takes {time}; measured earlier.", time=time)
    if took is not None:
        title = said(
            "An epoch takes {time}; measured on this machine in {took} seconds.", time=time, took=Figures(f"{took:.1f}")
        )
    way = taking.in_words(found.way) if kept.chooses(shop.config.training) else ""
    fastest = others = ""
    if way and found.times > 1:
        fastest = said(
            "This machine computes fastest with {way}: measured {times} times as fast.",
            way=way,
            times=Figures(f"{found.times:.1f}"),
        )
    elif way:
        fastest = said("This machine computes fastest with {way}.", way=way)
    if took and found.share < kept.ENOUGH_SHARE:
        others = said("Other programs compute on it as well, which is counted in.")
    shop.notice(title, together(fastest, others))


def _wish(shop: Workshop, trainer: Any, lengths: Sequence[int]) -> Wish:
    training = shop.config.training
    pieces, tokens = size_of(trainer.train_dataset)
    return Wish(
        lengths=lengths,
        rows=training.per_device_train_batch_size,
        tokens=epochs_in_all(training, pieces, tokens) * pieces * sum(lengths) / len(lengths),
        shortest=SHORT_RUN_SECONDS,
        chooses=kept.chooses(training),
        precisions=_precisions(shop, trainer),
        attentions=training.padding == "split",
    )


def _precisions(shop: Workshop, trainer: Any) -> tuple[str, ...]:
    """Other ways to keep numbers that this machine has units for; none where somebody has chosen one."""
    training = shop.config.training
    if training.bf16 or training.fp16 or training.tf32 or shop.config.adapter.is_quantized:
        return ()
    found = ["bf16"] if not capabilities.missing("bf16") else []
    if trainer.args.device.type == "cuda" and not capabilities.missing("ampere"):
        found.insert(0, "tf32")
    return tuple(found)


def _lengths(pieces: Any) -> list[int]:
    """Tokens of a sample of the pieces, drawn evenly by a fixed seed."""
    import pyarrow.compute as pc

    found: list[int] = pc.list_value_length(pieces.data.column("input_ids")).to_pylist()
    return random.Random(0).sample(found, LENGTHS_LOOKED_AT) if len(found) > LENGTHS_LOOKED_AT else found
