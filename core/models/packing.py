"""Texts without padding: inside a model, the words of a batch are laid end to end in one row, and nothing else is.

What is around the model sees batches as ever: hooks at its body take the padding away before the first layer and put
it back after the last, so every answer layer and every loss works unchanged. A model that writes on from a text gets
rows instead (``row_of``), for its answer layer costs as much as the rest. Whether a model allows all that is tried: see
``agrees``.
"""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from core.models.causal import IGNORED
from core.models.first_token import last_layer

TOLERANCE, COARSE = 1e-5, 2e-3
"""How far answers without padding may be from those with it, as a share of the largest: in 32 bits, in products that
leave out some digits. In 16 bits more.
"""
_BY_TOKEN = ("input_ids", "token_type_ids")
_ASIDE = ("attention_mask", "position_ids")


@dataclass
class Packed:
    """A model whose body works on rows without padding while it is trained."""

    model: Any
    offset: int
    """Position of a text's first token: a few kinds of models do not begin at 0."""
    _before: str
    _hooks: list[Any]
    is_on: bool = False
    """Also while nothing is learned: to try it."""
    last: Any = None
    """The last layer, where it computes nothing but first tokens: see ``core.models.first_token``."""
    _batch: Any = None
    _only_first: bool = False

    def read_first(self, layer: Any) -> None:
        """Let ``layer``, the last one, compute nothing but the first token of each text."""
        self.last = layer
        layer.forward = self._first(layer)

    def _first(self, layer: Any) -> Callable[..., Any]:
        from core.models.first_token import of_firsts

        def forward(hidden_states: Any, *args: Any, **named: Any) -> Any:
            if not self._only_first:
                return type(layer).forward(layer, hidden_states, *args, **named)
            return of_firsts(layer, hidden_states, self._batch.layout)

        return forward

    def undo(self) -> None:
        """Make the model as it was."""
        from core.models.packing_attention import within

        within(None)
        if self.last is not None:
            vars(self.last).pop("forward", None)  # the class's own comes to light again
        for hook in self._hooks:
            hook.remove()
        _attend_by(self.model, self._before)

    @contextmanager
    def on(self) -> Iterator[None]:
        """Without padding, whether or not it learns."""
        self.is_on = True
        try:
            yield
        finally:
            self.is_on = False

    def enter(self, body: Any, args: tuple[Any, ...], named: dict[str, Any]) -> Any:
        """Before the body: the padding goes."""
        from core.models.packing_attention import NAME, within

        within(None)
        self._batch, self._only_first = None, False
        # Whoever gave the model another attention since has it work with padding.
        if not (body.training or self.is_on) or body.config._attn_implementation != NAME:
            return None
        bound = inspect.signature(body.forward).bind_partial(*args, **named)
        inputs = {**bound.arguments, **bound.arguments.get("kwargs", {})}
        inputs.pop("kwargs", None)
        mask = inputs.get("attention_mask")
        if mask is None:
            within(_layout_of_row(inputs))
        if mask is None or mask.ndim != 2 or inputs.get("input_ids") is None:
            return None
        batch = _Batch(inputs["attention_mask"])
        self._batch = batch
        all_states = inputs.get("output_hidden_states") or body.config.output_hidden_states
        self._only_first = self.last is not None and "forward" in vars(self.last) and not all_states
        within(batch.layout)
        packed = {name: value for name, value in inputs.items() if name not in _ASIDE}
        for name in _BY_TOKEN:
            if packed.get(name) is not None:
                packed[name] = batch.row(packed[name])
        if "position_ids" in inspect.signature(body.forward).parameters:
            packed["position_ids"] = batch.positions() + self.offset
        return (), packed

    def leave(self, module: Any, args: tuple[Any, ...], output: Any) -> Any:
        """After the last layer: the padding is back."""
        batch = self._batch
        if batch is None:
            return None
        put_back = batch.of_texts if self._only_first else batch.padded
        if hasattr(output, "last_hidden_state"):
            output["last_hidden_state"] = put_back(output[0])
            return output
        return (put_back(output[0]), *output[1:]) if isinstance(output, tuple) else put_back(output)


class _Batch:
    """Where the tokens of a padded batch stand in a row: the longest text first."""

    def __init__(self, attention_mask: Any) -> None:
        import torch

        from core.models.packing_attention import Layout

        is_real = attention_mask.ne(0)
        self._shape = tuple(is_real.shape)
        lengths = is_real.sum(1)
        order = lengths.argsort(descending=True, stable=True)
        self._order, self._lengths = order, lengths[order]
        self.layout = Layout(tuple(self._lengths.tolist()))
        rows, columns = is_real[order].nonzero(as_tuple=True)
        self._places = order[rows] * self._shape[1] + columns
        starts = torch.cumsum(self._lengths, 0) - self._lengths
        self._starts = torch.repeat_interleave(starts, self._lengths)

    def row(self, by_token: Any) -> Any:
        """What stands beside the tokens, of shape (texts, width), as one row of shape (1, tokens)."""
        return by_token.expand(self._shape).flatten()[self._places][None]

    def positions(self) -> Any:
        import torch

        return (torch.arange(len(self._places), device=self._places.device) - self._starts)[None]

    def padded(self, row: Any) -> Any:
        """States of shape (1, tokens, size) as (texts, width, size), 0 where padding is."""
        texts, width = self._shape
        wide = row.new_zeros(texts * width, row.shape[-1])
        return wide.index_copy(0, self._places, row[0]).view(texts, width, -1)

    def of_texts(self, row: Any) -> Any:
        """States of shape (1, texts, size), one for each text in the order of the row, as (texts, 1, size)."""
        return row[0][self._order.argsort()][:, None]


def row_of(batch: Mapping[str, Any]) -> dict[str, Any]:
    """A padded batch of texts to write on from as one row of shape (1, tokens), the longest text first.

    The first token of each is not learned: what stands before it is another text.
    """
    places = _Batch(batch["attention_mask"])
    found = {name: places.row(batch[name]) for name in ("input_ids", "labels") if name in batch}
    found["position_ids"] = places.positions()
    if "labels" in found:
        found["labels"] = found["labels"].masked_fill(found["position_ids"] == 0, IGNORED)
    return found


def _layout_of_row(inputs: Mapping[str, Any]) -> Any:
    """How a row is laid out that came so: its positions begin anew with each text. None for any other batch."""
    from core.models.packing_attention import Layout

    positions = inputs.get("position_ids")
    if positions is None or positions.shape[0] != 1:
        return None
    starts = [*positions[0].eq(0).nonzero()[:, 0].tolist(), positions.shape[1]]
    lengths = tuple(end - start for start, end in pairwise(starts))
    return Layout(lengths) if starts[0] == 0 and max(lengths) == lengths[0] else None


def pack(
    model: Any, batch: Mapping[str, Any], as_row: bool, precision: Callable[[], Any] = nullcontext
) -> Packed | None:
    """Let the model work without padding while it is trained, if it then says the same of ``batch``, a padded one
    without labels; None, and the model as it was, where it does not.

    ``as_row``: the padding is to be taken away outside: see ``row_of``. ``precision`` makes what it is computed in.
    """
    if not fits(model):
        return None
    last = None if as_row else last_layer(model)
    begins = {0, *([model.config.pad_token_id + 1] if isinstance(model.config.pad_token_id, int) else [])}
    for offset, layer in itertools.product(sorted(begins), dict.fromkeys((last, None))):
        packed = _hooked(model, offset)
        if layer is not None:
            packed.read_first(layer)
        with precision():
            is_same = agrees(packed, batch, as_row)
        if is_same:
            return packed
        packed.undo()
    return None


def fits(model: Any) -> bool:
    """Whether it can be tried: the model's attention can be exchanged, and is the usual one."""
    from core.models.packing_attention import NAME

    can_change = getattr(model, "_can_set_attn_implementation", None)
    has_body = getattr(model, "base_model", model) is not model
    is_usual = getattr(model.config, "_attn_implementation", None) in ("sdpa", NAME)
    return bool(has_body and is_usual and can_change and can_change() and not model.config.is_encoder_decoder)


def quicken(model: Any) -> None:
    """Let all dropout of a model that is trained on a CPU be drawn faster, and its matrices be multiplied faster."""
    import torch

    from core.models import fast_dropout, fast_linear
    from core.models.packing_attention import NAME

    fast_dropout.quicken(model)
    # What is to be repeated to the last digit goes by no stopwatch.
    if not torch.are_deterministic_algorithms_enabled() and fast_linear.is_faster():
        fast_linear.quicken(model)
    if fits(model):
        _attend_by(model, NAME)


def _hooked(model: Any, offset: int) -> Packed:
    from core.models.packing_attention import NAME

    body = model.base_model
    packed = Packed(model, offset, model.config._attn_implementation, [])
    # A layer that sums a text up by its first token stands between the last layer and the end of the body.
    last = body.encoder if getattr(body, "pooler", None) is not None and hasattr(body, "encoder") else body
    packed._hooks += [
        body.register_forward_pre_hook(packed.enter, with_kwargs=True),
        last.register_forward_hook(packed.leave),
    ]
    _attend_by(model, NAME)
    return packed


def _attend_by(model: Any, name: str) -> None:
    """Of what a model is made of, each part may have a config of its own."""
    from transformers import PreTrainedModel

    for module in model.modules():
        if isinstance(module, PreTrainedModel):
            module.config._attn_implementation = name


def agrees(packed: Packed, batch: Mapping[str, Any], as_row: bool) -> bool:
    """Whether the model says the same without padding as with it, in every place that is a word."""
    import torch

    model, was_training = packed.model, packed.model.training
    places = _Batch(batch["attention_mask"])
    model.eval()
    try:
        with torch.inference_mode():
            wanted = _answers(model(**batch))
            with packed.on():
                found = _answers(model(**row_of(batch), use_cache=False) if as_row else model(**batch))
        pairs = zip(wanted, found, strict=True)
        return all(_are_alike(one, places.padded(other) if as_row else other, batch) for one, other in pairs)
    except (RuntimeError, TypeError, ValueError, IndexError, AttributeError, KeyError):
        # What a model does with rows that it was not made for is its own; then it has them with padding.
        return False
    finally:
        model.train(was_training)


def _answers(output: Any) -> list[Any]:
    return [value for name, value in output.items() if name.endswith("logits")]


def _are_alike(wanted: Any, found: Any, batch: Mapping[str, Any]) -> bool:
    import torch

    is_real = batch["attention_mask"].ne(0)
    if wanted.shape[:2] == is_real.shape:
        wanted, found = wanted[is_real], found[is_real]
    is_coarse = wanted.is_cuda and torch.backends.cuda.matmul.allow_tf32
    tolerance = max(COARSE if is_coarse else TOLERANCE, 8 * torch.finfo(wanted.dtype).eps)
    return bool((wanted - found).abs().max() <= tolerance * wanted.abs().max())
