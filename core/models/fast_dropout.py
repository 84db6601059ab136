"""Dropout whose chance is drawn faster on a CPU: four numbers of 16 bits from each draw of 64.

PyTorch draws a number for each value, one after the other: a seventh of a training step goes there. Here the share that
is dropped is the wished one to 1/65536. The draws follow from PyTorch's seed, so that a run can be done again, and
taken up where it was.

Imported in workers only: it needs torch at import.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch  # noqa: TID253  (imported in workers only)
from torch import nn  # noqa: TID253

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
    seed = int(torch.randint(2**63 - 1, ()).item())
    drawn = np.random.PCG64(seed).random_raw(-(-count // 4)).view(np.int16)[:count]
    return torch.from_numpy(drawn).ge(round(share * _LEVELS) - _LEVELS // 2).view(shape)


class _Drop(torch.autograd.Function):
    """Values times 0, by chance, or times what makes up for that."""

    @staticmethod
    def forward(ctx: Any, values: torch.Tensor, share: float) -> torch.Tensor:
        mask = kept(tuple(values.shape), share)
        ctx.save_for_backward(mask)
        ctx.scale = 1 / (1 - share)
        return values * mask.to(values.dtype).mul_(ctx.scale)

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[Any, ...]:
        (mask,) = ctx.saved_tensors
        return gradients[0] * mask.to(gradients[0].dtype).mul_(ctx.scale), None


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
        scores = torch.matmul(query, key.transpose(-1, -2)).mul_(scale)
        if mask is not None:
            scores.masked_fill_(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(-1)
        dropped = kept(tuple(weights.shape), share).to(weights.dtype).mul_(1 / (1 - share)).mul_(weights)
        mixed = torch.matmul(dropped, value)
        ctx.save_for_backward(query, key, value, weights, dropped, mixed)
        ctx.scale = scale
        return mixed

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[Any, ...]:
        query, key, value, weights, dropped, mixed = ctx.saved_tensors
        to_value = torch.matmul(dropped.transpose(-1, -2), gradients[0])
        # With w the weights and d those after dropout, the gradient of a score is d·g - w·(sum over the row of d·g),
        # and that sum is the gradient times what came out (Dao et al. 2022, arXiv:2205.14135, appendix B.2).
        row = (gradients[0] * mixed).sum(-1, keepdim=True)
        scores = torch.matmul(gradients[0], value.transpose(-1, -2)).mul_(dropped).addcmul_(weights, row, value=-1)
        scores.mul_(ctx.scale)
        to_query = torch.matmul(scores, key)
        to_key = torch.matmul(scores.transpose(-1, -2), query)
        return to_query, to_key, to_value, None, None, None


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
