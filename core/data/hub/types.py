"""What is known of a dataset of the Hub: plain records, safe to show and to send."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Access = Literal["open", "gated", "private"]


@dataclass(frozen=True)
class HubDataset:
    """One line of a search."""

    id: str
    """``owner/name``."""
    author: str
    access: Access
    downloads: int
    likes: int
    tasks: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    size: str = ""
    """As the Hub says it: ``10K<n<100K``; empty when it does not."""
    licence: str = ""
    updated: str = ""
    """ISO date; empty when unknown."""


@dataclass(frozen=True)
class HubSplit:
    """A part of a dataset. Rows and bytes are None where the dataset does not say."""

    name: str
    rows: int | None = None
    bytes: int | None = None


@dataclass(frozen=True)
class HubSubset:
    """What ``datasets`` calls a config: one of the tables of a dataset."""

    name: str
    splits: tuple[HubSplit, ...]
    download_bytes: int | None = None


@dataclass(frozen=True)
class HubCard:
    """A dataset in full: what its author says of it, and what can be taken from it."""

    about: HubDataset
    commit: str
    """The full commit hash that the revision stands for."""
    readme: str
    """Markdown by somebody else, without its YAML head."""
    subsets: tuple[HubSubset, ...]
    default_subset: str
    citation: str = ""
    access_help: str = ""
    """What to do to get at a gated or private one; empty when it is open to whoever asks."""
