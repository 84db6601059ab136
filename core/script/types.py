"""What a script is written from: what is fixed for a run, and what a task says of itself in Python."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.data.types import Target


@dataclass(frozen=True)
class ScriptFacts:
    """What is fixed for a run and a task's part of the script may depend on."""

    target: Target
    max_length: int
    """Tokens, cut to what the checkpoint can read."""
    options: Any
    """The run's ``Task.options``."""
    columns: tuple[str, ...]
    """Those of the rows, as ``Task.examples`` gives them."""
    folder: Path
    """Of the checkpoint to start from: small files are looked into."""
    auto_class: str
    tokenizer: Any
    model: Any
    """As it was built for the run, before it has learned anything; without its adapter."""
    label_smoothing: float = 0.0
    dropouts: Mapping[str, float] = field(default_factory=dict)
    """As its config calls them, where they are not those that the checkpoint comes with."""


@dataclass(frozen=True, kw_only=True)
class ScriptParts:
    """A task's part of a script, as Python.

    The frame (``core.script.frame``) sets CHECKPOINT, OUTPUT, SEED, MAX_LENGTH and ``tokenizer`` before it. It wants
    the functions ``encode(rows)`` (some rows of a part, by column, as pieces: a function for ``Dataset.map``),
    ``count_items(batch)`` and ``total_loss(model, batch)``; where a model is judged by another loss than it learns by,
    also ``count_plain`` and ``plain_loss``.
    """

    functions: str
    model: str
    """Statements that make ``model`` of CHECKPOINT, indented by nothing; chance has been set right before them."""
    collator: str
    """An expression: how pieces become a batch."""
    transformers: tuple[str, ...] = ()
    """Names that it takes from transformers, beside those of the frame."""
    modules: tuple[str, ...] = ()
    """Whole import statements beside ``import torch``, such as ``import zlib``."""
    constants: Mapping[str, tuple[Any, str]] | None = None
    """Name -> (plain data, why it is there or an empty text)."""
    tokenizer: str = ""
    """Statements after ``tokenizer`` is there."""
    encode: str = "encode"
    """The function that encodes rows to learn from, and below, those of the other two parts."""
    encode_to_judge: str = "encode"
    before_saving: str = ""
    """Statements once ``model`` is trained and judged."""
    callbacks: tuple[str, ...] = ()
    """Expressions that may name ``collator``."""
    metrics: tuple[str, ...] = ()
    """What its function ``compute_metrics`` gives; without any there is no such function, and the loss decides."""
    expressed: tuple[str, ...] = ()
    """The settings that it takes account of at any of their values, by name: options, and what the loss needs. Others
    are said to be left out where they are not as by default."""
    leaves_out: tuple[str, ...] = ()
    """What else it leaves out, each a phrase: ``pieces of long texts (texts are cut)``."""
