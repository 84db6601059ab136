"""Linear layers whose matrix products are oneDNN's, on a CPU where those are much faster than PyTorch's own.

PyTorch has MKL multiply matrices of 32 bits, which leaves half the width of the vector units of other makers than Intel
unused; oneDNN, which comes with PyTorch too, writes its own code for whatever is there. Both compute in 32 bits: what
comes out differs as sums in another order do. Whether it pays is measured, not known by name: see ``is_faster``.

Imported in workers only: it needs torch at import.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache
from statistics import median
from typing import Any

import torch  # noqa: TID253  (imported in workers only)
from torch import nn  # noqa: TID253
from torch.autograd.function import once_differentiable  # noqa: TID253
from torch.nn import functional  # noqa: TID253

LEAST = 1 << 22
"""Multiplications: of fewer, the call takes longer than it saves."""
WORTH = 1.3
"""So many times as fast it has to be: far from what chance makes of a measurement, for a training that is taken up
again has to decide alike."""
_TRIED = (256, 384, 1536)
"""Rows, width before and width after of the product that is measured."""
_TIMES = 15
_ROUNDING = 1e-4


def product(values: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None = None) -> torch.Tensor:
    """``values @ weight.T + bias`` as oneDNN computes it. Both have to be contiguous, or the transposed of what is: of
    other strides it takes a way that is a thousand times as slow.
    """
    found: torch.Tensor = torch.ops.mkldnn._linear_pointwise(values, weight, bias, "none", [], "")
    return found


@cache
def is_faster() -> bool:
    """Whether oneDNN is here, says the same, and is much faster; measured once a process. Leaves chance as it was."""
    rows, before, after = _TRIED
    threads = torch.get_num_threads()
    chance = torch.Generator().manual_seed(0)
    values, weight = (torch.randn(size, before, generator=chance) for size in (rows, after))
    try:
        torch.set_num_threads(1)
        found, wanted = product(values, weight), functional.linear(values, weight)
        if (found - wanted).abs().max() > _ROUNDING * wanted.abs().max():
            return False
        ways: tuple[Callable[..., Any], ...] = (functional.linear, product)
        pairs = [[_seconds(way, values, weight) for way in ways] for _ in range(_TIMES)]
    except (RuntimeError, AttributeError, NotImplementedError):
        return False
    finally:
        torch.set_num_threads(threads)
    # Of pairs side by side, so that whatever else the machine does falls on both alike.
    return median(usual / own for usual, own in pairs) > WORTH


def _seconds(way: Callable[..., Any], *given: torch.Tensor) -> float:
    began = time.thread_time()
    way(*given)
    return time.thread_time() - began


class _Linear(torch.autograd.Function):
    """All three products of a linear layer: what comes out, and the gradients of what goes in and of the weights."""

    @staticmethod
    def forward(ctx: Any, values: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None) -> torch.Tensor:
        values = values.contiguous()
        ctx.save_for_backward(values, weight)
        return product(values, weight, bias)

    @staticmethod
    @once_differentiable  # type: ignore[untyped-decorator]
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        values, weight = ctx.saved_tensors
        of_values, of_weight, of_bias = ctx.needs_input_grad
        gradient = gradient.contiguous()
        rows = gradient.flatten(0, -2)
        return (
            product(gradient, weight.t()) if of_values else None,
            product(rows.t(), values.flatten(0, -2).t()) if of_weight else None,
            rows.sum(0) if of_bias else None,
        )


class FastLinear(nn.Linear):
    """``nn.Linear`` with these products, where there is much to multiply in 32 bits."""

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        if not _is_meant_for(values, self.weight):
            return super().forward(values)
        found: torch.Tensor = _Linear.apply(values, self.weight, self.bias)
        return found


def _is_meant_for(values: torch.Tensor, weight: torch.Tensor) -> bool:
    is_plain = all(one.device.type == "cpu" and one.dtype == torch.float32 for one in (values, weight))
    is_much = values.dim() > 1 and values.numel() * weight.shape[0] >= LEAST
    return is_plain and is_much and weight.is_contiguous() and not _is_watched()


def _is_watched() -> bool:
    """Whether something else computes it with fewer digits, or writes down what is computed."""
    return torch.is_autocast_enabled("cpu") or torch.compiler.is_compiling() or torch.jit.is_tracing()


def quicken(model: nn.Module) -> int:
    """Let each ``nn.Linear`` of a model compute so; returns how many there are. ``slow_down`` undoes it."""
    found = [module for module in model.modules() if type(module) is nn.Linear]
    for module in found:
        module.__class__ = FastLinear
    return len(found)


def slow_down(model: nn.Module) -> nn.Module:
    """Undo ``quicken``; returns the model."""
    for module in model.modules():
        if isinstance(module, FastLinear):
            module.__class__ = nn.Linear
    return model
