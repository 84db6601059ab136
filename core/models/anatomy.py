"""The parts of a text model, found alike in all kinds: embeddings, layers one above the other, answer layer.

Heavy functions: they are handed a model that torch has loaded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

POOLER = "pooler"
"""It sums up a text for the answer layer, is often new like that one, and counts as a part of it."""


@dataclass(frozen=True)
class Anatomy:
    """Where each parameter of a model stands. All tuples hold parameters, without any twice."""

    embeddings: tuple[Any, ...]
    stacks: tuple[tuple[tuple[Any, ...], ...], ...]
    """The parameters of each layer, lowest first; one stack, or two where an encoder is followed by a decoder."""
    rest: tuple[Any, ...]
    """What stands above the layers but belongs to the body, such as the last normalisation."""
    head: tuple[Any, ...]
    """What answers. Empty where the embeddings are used for that again, as in most models that write."""

    @property
    def layers(self) -> int:
        """How many layers the highest stack has."""
        return max((len(stack) for stack in self.stacks), default=0)

    @property
    def body(self) -> Iterator[Any]:
        yield from self.embeddings
        for stack in self.stacks:
            for layer in stack:
                yield from layer
        yield from self.rest


def anatomy_of(model: Any) -> Anatomy:
    """The parts of a ``PreTrainedModel``, or of one within the adapters of peft. Frozen parameters are there too."""
    plain = plain_model(model)
    taken: set[int] = set()

    def fresh(parameters: Any) -> tuple[Any, ...]:
        found = {id(parameter): parameter for parameter in parameters if id(parameter) not in taken}
        taken.update(found)
        return tuple(found.values())

    lists = _stacks(plain)
    stacks = tuple(tuple(fresh(layer.parameters()) for layer in stack) for stack in lists)
    # What the embeddings are used for twice is theirs; so they come before the head, which may share them.
    embeddings = fresh(_embeddings(plain, lists))
    head = fresh(_head(plain))
    return Anatomy(embeddings, stacks, fresh(plain.parameters()), head)


def plain_model(model: Any) -> Any:
    """The model of transformers itself, where adapters were put around it."""
    return model.get_base_model() if hasattr(model, "peft_config") and hasattr(model, "get_base_model") else model


def _stacks(model: Any) -> list[Any]:
    """The lists of layers: the longest one of each half of a model that reads and then writes, of others the longest.

    Lists within a layer, such as the experts of a mixture, are not looked at.
    """
    from torch.nn import ModuleList

    body = model.base_model
    halves = [half for half in (getattr(body, name, None) for name in ("encoder", "decoder")) if half is not None]
    is_two = bool(getattr(model.config, "is_encoder_decoder", False)) and len(halves) == 2
    found = []
    for half in halves if is_two else [body]:
        outer: dict[str, Any] = {}
        for name, module in half.named_modules():
            is_list = isinstance(module, ModuleList) and any(True for _ in module.parameters())
            if is_list and not any(name.startswith(f"{above}.") for above in outer):
                outer[name] = module
        found += [max(outer.values(), key=len)] if outer else []
    return found


def _embeddings(model: Any, stacks: list[Any]) -> Iterator[Any]:
    """All embeddings of the body, and what stands before its first layer beside them."""
    from torch.nn import Embedding

    body = model.base_model
    for module in body.modules():
        if isinstance(module, Embedding):
            yield from module.parameters()
    first = next((id(parameter) for stack in stacks for parameter in stack.parameters()), None)
    before: list[Any] = []
    for parameter in body.parameters():
        if id(parameter) == first:
            yield from before
            return
        before.append(parameter)


def _head(model: Any) -> Iterator[Any]:
    """What stands outside the body. A model that is its own body answers with the layer that names words."""
    body = model.base_model
    if body is model:
        output = model.get_output_embeddings()
        yield from output.parameters() if output is not None else ()
        return
    within = {id(parameter) for name, parameter in body.named_parameters() if f".{POOLER}." not in f".{name}"}
    yield from (parameter for parameter in model.parameters() if id(parameter) not in within)
