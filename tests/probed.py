"""What a probe might have found of a small encoder, for tests of what rests on it."""

from __future__ import annotations

from core.probing.found import Memory, Probed
from core.training.batching.planning import Cost

COST = Cost(call=0.03, token=8e-4, pair=9e-7)
FOUND = Probed(COST, correction=0.02, row=5e-4, forward=0.25, widest=64, took=2.0, memory=Memory(1e9, 2e5, 300.0))
