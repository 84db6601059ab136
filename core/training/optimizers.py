"""Learning rates by part of the model: smaller ones for deeper layers, one of its own for the answer layer.

The optimizer stays the one that the Trainer makes, with its groups for weight decay; here those are split by rate.
Schedules raise and lower each group's own rate alike, and a checkpoint holds the groups as they stand.

Source: Howard & Ruder (2018), "Universal Language Model Fine-tuning", arXiv:1801.06146, section 3.2 (rates by layer).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from core.models.anatomy import Anatomy, anatomy_of
from core.models.types import Note
from core.said import Figures, said


@dataclass(frozen=True)
class Rates:
    """``learning_rate`` is that of the topmost layer; each one below has ``layer_decay`` times that of the one above,
    and the embeddings have the smallest. ``head``: the rate of the answer layer, None for the same as the topmost.
    """

    learning_rate: float
    layer_decay: float = 1.0
    head: float | None = None

    @property
    def are_alike(self) -> bool:
        return self.layer_decay == 1 and self.head in (None, self.learning_rate)

    def by_parameter(self, anatomy: Anatomy) -> dict[int, float]:
        """The rate of each parameter, by its ``id``."""
        return {id(parameter): rate for parameter, rate in self._pairs(anatomy)}

    def _pairs(self, anatomy: Anatomy) -> Iterator[tuple[Any, float]]:
        top = self.learning_rate
        for stack in anatomy.stacks:
            for depth, layer in enumerate(reversed(stack)):
                yield from ((parameter, top * self.layer_decay**depth) for parameter in layer)
        yield from ((parameter, top * self.layer_decay**anatomy.layers) for parameter in anatomy.embeddings)
        yield from ((parameter, top) for parameter in anatomy.rest)
        yield from ((parameter, top if self.head is None else self.head) for parameter in anatomy.head)


def split_by_rate(optimizer: Any, model: Any, rates: Rates) -> None:
    """Split the groups of a new ``torch.optim.Optimizer`` so that all parameters of a group have one rate.

    A parameter of none of the parts, such as one that an adapter adds to the whole, keeps the rate of its group. The
    group with the rate that a person has set comes first: it is the one that the Trainer logs.
    """
    wanted = rates.by_parameter(anatomy_of(model))
    split: dict[tuple[int, float], dict[str, Any]] = {}
    for number, group in enumerate(optimizer.param_groups):
        for parameter in group["params"]:
            rate = wanted.get(id(parameter), group["lr"])
            made = split.setdefault((number, rate), {**group, "params": [], "lr": rate})
            made["params"].append(parameter)
    optimizer.param_groups = []
    for group in sorted(split.values(), key=lambda group: group["lr"] != rates.learning_rate):
        optimizer.add_param_group(group)


def about(model: Any, rates: Rates) -> Iterator[Note]:
    """What the rates come to in this model, for people."""
    if rates.are_alike:
        return
    anatomy = anatomy_of(model)
    if rates.layer_decay != 1:
        least = rates.learning_rate * rates.layer_decay**anatomy.layers
        yield Note(
            said(
                "The {layers} layers learn at different rates: {top} at the top, {least} in the embeddings.",
                layers=anatomy.layers,
                top=Figures(f"{rates.learning_rate:.2g}"),
                least=Figures(f"{least:.2g}"),
            ),
            said("Each layer has {decay} times the rate of the one above it.", decay=Figures(f"{rates.layer_decay:g}")),
        )
    if rates.head is not None and not anatomy.head:
        yield Note(
            said("The learning rate of the answer layer is not used: this model has no answer layer of its own."),
            said("It names words by its embeddings, which learn at the rate of the model."),
            "warning",
        )
    elif rates.head is not None:
        yield Note(
            said(
                "The answer layer learns at {head}, the model below it at {rate}.",
                head=Figures(f"{rates.head:.2g}"),
                rate=Figures(f"{rates.learning_rate:.2g}"),
            )
        )
