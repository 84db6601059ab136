"""The ways in which several models answer as one."""

from __future__ import annotations

from typing import Literal

Method = Literal["probabilities", "votes", "weights"]
"""Averaged probabilities, votes, or one model with the averaged weights."""
