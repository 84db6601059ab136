"""What is known of a checkpoint before any weight is loaded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Family = Literal["encoder", "decoder", "seq2seq"]
"""What a language model does: reads a text whole, writes on from a text, or writes one text from another."""


@dataclass(frozen=True)
class Checkpoint:
    """A model to start from. Sizes are in bytes, ``max_length`` in tokens; None where it is not known."""

    id: str
    """What stands in a config: ``starter/minilm``, a folder, or a Hub id."""
    title: str
    summary: str
    path: str | None
    """Its folder on this machine, or None when it would be downloaded."""
    architecture: str = ""
    parameters: int | None = None
    languages: tuple[str, ...] = ()
    licence: str = ""
    disk_bytes: int | None = None
    max_length: int | None = None
    hidden_size: int | None = None
    layers: int | None = None
    vocab_size: int | None = None
    needs_network: bool = False
    family: Family | None = None
    """None where it is not known yet."""
    hub_id: str = ""
    """Where it came from on the Hub, of a checkpoint that is not called by its id there."""
    install: str = ""
    """How to install it and what that costs, where it has to be installed first; such a checkpoint has no path yet."""


@dataclass(frozen=True)
class Note:
    """Something that was done to a model so that it suits its task, in words for people."""

    title: str
    detail: str = ""
    level: Literal["info", "warning"] = "info"


@dataclass(frozen=True)
class Built:
    """A ``PreTrainedModel`` ready to train, and what had to be done to it."""

    model: Any
    notes: tuple[Note, ...] = ()
