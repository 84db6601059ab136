"""Dropout whose chance is drawn faster on a CPU: four numbers of 16 bits from each draw of 64.

PyTorch draws a number for each value, one after the other: a seventh of a training step goes there. Here the share that
is dropped is the wished one to 1/65536. The draws follow from PyTorch's seed, so that a run can be done again, and
taken up where it was.

Imported in workers only: it needs torch at import.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch  # noqa: TID253  (imported in workers only)
from torch import nn  # noqa: TID253

from core.models.fast_linear import is_faster, product

LARGE = 256 * 256
"""Numbers of a head that are worth a product of their own."""
LEAST = 8192
"""Values: of fewer, a new generator takes longer than it saves."""
_LEVELS = 65536


def is_fast(like: torch.Tensor, share: float) -> bool:
    """Whether dropping this share of such values is drawn here: in 16 bits the factor would be too coarse."""
    is_plain = like.device.type == "cpu" and like.dtype == torch.float32 and not torch.is_autocast_enabled("cpu")
    return is_plain and 0 < share < 1


def kept(shape: tuple[int, ...], share: float) -> torch.Tensor:
    """True by chance for all but ``share`` of the values, of this shape."""
    count = int(np.prod(shape))
    if count < LEAST:
        return torch.empty(shape, dtype=torch.bool).bernoulli_(1 - share)
    return _drawn(_chance(), count).ge(_from(share)).view(shape)


def _ones(chance: np.random.PCG64 | None, like: torch.Tensor, share: float) -> torch.Tensor:
    """1 by chance for all but ``share`` of values like these, else 0: without going by way of true and false."""
    if chance is None:
        return torch.empty_like(like).bernoulli_(1 - share)
    return torch.ge(_drawn(chance, like.numel()).view(like.shape), _from(share), out=torch.empty_like(like))


def _chance() -> np.random.PCG64:
    return np.random.PCG64(int(torch.randint(2**63 - 1, ()).item()))


def _drawn(chance: np.random.PCG64, count: int) -> torch.Tensor:
    """So many numbers of 16 bits."""
    return torch.from_numpy(chance.random_raw(-(-count // 4)).view(np.int16)[:count])


def _from(share: float) -> int:
    """The least of those numbers with which a value is kept."""
    return round(share * _LEVELS) - _LEVELS // 2


class _Drop(torch.autograd.Function):
    """Values times 0, by chance, or times what makes up for that."""

    @staticmethod
    def forward(ctx: Any, values: torch.Tensor, share: float) -> torch.Tensor:
        mask = kept(tuple(values.shape), share)
        ctx.save_for_backward(mask)
        ctx.scale = 1 / (1 - share)
        return _times(mask, values, ctx.scale)

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[Any, ...]:
        (mask,) = ctx.saved_tensors
        return _times(mask, gradients[0], ctx.scale), None


def _times(mask: torch.Tensor, values: torch.Tensor, scale: float) -> torch.Tensor:
    """Values times ``scale`` where the mask is true, else 0. Bytes become numbers faster than truths do."""
    return mask.view(torch.int8).to(values.dtype).mul_(scale).mul_(values)


class FastDropout(nn.Dropout):
    """``nn.Dropout`` with this way to draw; elsewhere, and while nothing is learned, the same in all."""

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        if self.training and is_fast(values, self.p) and not self.inplace:
            dropped: torch.Tensor = _Drop.apply(values, self.p)
            return dropped
        return super().forward(values)


def quicken(model: nn.Module) -> int:
    """Let each ``nn.Dropout`` of a model draw so; returns how many there are. ``slow_down`` undoes it."""
    found = [module for module in model.modules() if type(module) is nn.Dropout]
    for module in found:
        module.__class__ = FastDropout
    return len(found)


def slow_down(model: nn.Module) -> None:
    """Undo ``quicken``."""
    for module in model.modules():
        if isinstance(module, FastDropout):
            module.__class__ = nn.Dropout


class _Attend(torch.autograd.Function):
    """softmax(q kᵀ · scale) with dropout, times v; what the backward pass needs is kept once."""

    @staticmethod
    def forward(
        ctx: Any,
        query: torch.Tensor,
        key: torch.Tensor,
        value: torch.Tensor,
        mask: torch.Tensor | None,
        share: float,
        scale: float,
    ) -> torch.Tensor:
        query, key, value = ((query * scale).contiguous(), key.contiguous(), value.contiguous())
        unseen = None if mask is None else _unseen(mask, query.dtype)
        weights = query.new_empty(*query.shape[:-1], key.shape[-2])
        dropped = torch.empty_like(weights)
        mixed = query.new_empty(*query.shape[:-1], value.shape[-1])
        chance = _chance() if weights.numel() >= LEAST else None
        for one in _chunks(weights, unseen):
            scores = _matmul(query[one], key[one].transpose(-1, -2))
            if unseen is not None:
                scores.add_(unseen)
            torch.softmax(scores, -1, out=weights[one])
            torch.mul(weights[one], _ones(chance, scores, share), out=dropped[one])
            mixed[one] = _matmul(dropped[one], value[one])
        mixed.mul_(1 / (1 - share))
        ctx.save_for_backward(query, key, value, weights, dropped, mixed)
        ctx.scales = scale, 1 / (1 - share)
        return mixed

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[Any, ...]:
        query, key, value, weights, dropped, mixed = ctx.saved_tensors
        scale, made_up = ctx.scales
        # With w the weights and d those after dropout, the gradient of a score is d·g - w·(sum over the row of d·g),
        # and that sum is the gradient times what came out (Dao et al. 2022, arXiv:2205.14135, appendix B.2).
        row = (gradients[0] * mixed).sum(-1, keepdim=True)
        gradient = (gradients[0] * made_up).contiguous()
        to_query, to_key, to_value = (torch.empty_like(one) for one in (query, key, value))
        for one in _chunks(weights):
            to_value[one] = _matmul(dropped[one].transpose(-1, -2), gradient[one])
            scores = _matmul(gradient[one], value[one].transpose(-1, -2))
            scores.mul_(dropped[one]).addcmul_(weights[one], row[one], value=-1)
            to_query[one] = _matmul(scores, key[one])
            to_key[one] = _matmul(scores.transpose(-1, -2), query[one])
        return to_query.mul_(scale), to_key, to_value, None, None, None


def _unseen(mask: torch.Tensor, kind: torch.dtype) -> torch.Tensor:
    """What is added to the score of a token that is not seen: as good as minus infinity."""
    return torch.zeros(mask.shape, dtype=kind).masked_fill_(~mask, torch.finfo(kind).min)


def _chunks(weights: torch.Tensor, unseen: torch.Tensor | None = None) -> Iterator[Any]:
    """Parts of the weights, of shape (texts, heads, tokens, tokens), that are computed one after the other: all at
    once, or of long texts each head by itself, which stays close to the processor.
    """
    is_alike = unseen is None or unseen.dim() == 2
    if weights[0, 0].numel() < LARGE or weights.dtype != torch.float32 or not (is_alike and is_faster()):
        yield ...
        return
    yield from itertools.product(range(weights.shape[0]), range(weights.shape[1]))


def _matmul(one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    return product(one, other.t()) if one.dim() == 2 else torch.matmul(one, other)


def attend(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    mask: torch.Tensor | None,
    share: float,
    scale: float | None,
) -> torch.Tensor:
    """Attention with dropout of ``share``; all of shape (rows, heads, tokens, size). A token sees those for which the
    boolean ``mask`` is true.
    """
    mixed: torch.Tensor = _Attend.apply(query, key, value, mask, share, scale or query.shape[-1] ** -0.5)
    return mixed
