"""What is known of a checkpoint before any weight is loaded."""

from __future__ import annotations

from dataclasses import dataclass


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
    needs_network: bool = False
