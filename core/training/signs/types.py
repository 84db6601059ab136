"""What a sign is, what it has to know of a run, and when it is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

LONG = 5
"""Quiet observations after which a sign that was told may be told again, in units of the evidence that it needs."""


@dataclass(frozen=True)
class Sign:
    """What to tell: ``code`` for programs; a plain title, advice with numbers, and the change of config that helps."""

    code: str
    title: str
    advice: str
    remedy: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """What the signs need to know of a run. ``usual_rates``: between which learning rates such a run mostly learns."""

    total_steps: int
    learning_rate: float
    num_train_epochs: float = 0.0
    """0 where it is not known, as in a stream."""
    usual_rates: tuple[float, float] = (1e-5, 1e-4)
    warmup_steps: int = 0
    greater_is_better: bool = True
    keeps_best: bool = True
    """Whether the best model is kept, whatever comes after it."""
    max_grad_norm: float = 1.0
    batch_size: int = 1
    num_workers: int | None = None
    """None where more of them would not help."""


class Told:
    """Lets a sign through once, and again only after it was gone for long."""

    def __init__(self, already: tuple[str, ...] = ()) -> None:
        self._quiet = dict.fromkeys(already, 0)

    def pick(self, code: str, sign: Sign | None, enough: int) -> Iterator[Sign]:
        """``sign`` is what is to be seen now; ``enough`` is how many observations it rests on."""
        quiet = self._quiet.get(code)
        if sign is None:
            if quiet is not None:
                self._quiet[code] = quiet + 1
            return
        self._quiet[code] = 0
        if quiet is None or quiet >= LONG * enough:
            yield sign


def rounded(rate: float) -> float:
    """A learning rate with one digit that counts."""
    return float(f"{rate:.1g}")
