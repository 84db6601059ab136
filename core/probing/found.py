"""What a probe has found: what computing takes, in seconds and bytes, and the fastest way to compute."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from math import log2
from typing import Any, Literal

from core.training.batching.planning import Cost

Laid = Literal["whole", "parts", "packed"]
"""Batches as they come, in parts of like length, or end to end without padding."""
FINEST_CALL, FINEST_PAIR = 1.0, 2.0**-20
"""The least that a part, and a pair of tokens, is taken to cost in tokens."""


@dataclass(frozen=True)
class Way:
    """How to compute: what was fastest among what nobody has set. None where that was not compared."""

    threads: int | None = None
    attention: str | None = None
    precision: str | None = None
    """``bf16`` or ``tf32``."""


@dataclass(frozen=True)
class Memory:
    """Bytes at the highest: ``fixed`` with weights, gradients and the optimizer's notes, the rest by what is computed
    at once.
    """

    fixed: float
    token: float
    pair: float


@dataclass(frozen=True)
class Probed:
    """Seconds of a training on one machine, of one kind of model, in one way."""

    cost: Cost
    """Of a part of a batch, forward and backward."""
    correction: float
    """Of the optimizer, for each correction."""
    row: float
    """Of fetching one example and putting it into its batch."""
    forward: float
    """What answering takes, as a share of what learning does."""
    widest: int
    """Tokens of the longest text that was tried."""
    took: float
    """Seconds that the probe itself took."""
    share: float = 1.0
    """Of the time that it was given, how much the processor gave to it: less where others computed as well."""
    way: Way = field(default_factory=Way)
    times: float = 1.0
    """How many times as fast that way was as the usual one."""
    memory: Memory | None = None
    written: float = 0.0
    """Tokens that are written for each one that is read, by a model that writes one text from another."""

    laid: Laid = "parts"
    packed_tokens: int | None = None
    """At once, of texts that lie end to end; None for as many as fit."""

    @property
    def cutting(self) -> Cost:
        """What batches are cut by: the cost in tokens, rounded to powers of two. Two probes never find quite the same,
        and a batch that is cut in another way gives a training that differs in its last digits.
        """
        token = self.cost.token or 1e-12
        call, pair = max(self.cost.call / token, FINEST_CALL), max(self.cost.pair / token, FINEST_PAIR)
        return Cost(
            _rounded(call), 1.0, _rounded(pair), _rounded(self.cost.written / token) if self.cost.written else 0.0
        )

    def as_record(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self)

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Probed:
        """From ``as_record``. Raises ``TypeError``, ``KeyError`` or ``ValueError`` where it is none."""
        known = {one.name: record[one.name] for one in fields(cls)}
        memory = known["memory"]
        return cls(
            **{
                **known,
                "cost": Cost(**known["cost"]),
                "way": Way(**known["way"]),
                "memory": None if memory is None else Memory(**memory),
            }
        )


def _rounded(value: float) -> float:
    return float(2.0 ** round(log2(value)))
