"""What is known of people and models on the Hub: plain records, safe to show and to send."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.hub.identity import Kind
from core.models.types import Family

Access = Literal["open", "gated", "private"]


@dataclass(frozen=True)
class Account:
    """Who is signed in on the Hub."""

    name: str
    full_name: str
    kind: Kind
    orgs: tuple[str, ...] = ()
    """Names of organisations under which they may publish."""
    can_write: bool = False
    rights: str = ""
    """In words: ``may read and write``, ``may read only``, ``may write to these repositories: …``."""
    until: float | None = None
    """Seconds since the epoch; None where the Hub does not say that it ends."""
    only_repos: tuple[str, ...] = ()
    """Repositories beside those of ``owners`` to which a fine-grained token may write; they exist already."""
    under_own_name: bool = True
    """Whether one who may write may do so under their own name; fine-grained tokens may leave that out."""

    @property
    def owners(self) -> tuple[str, ...]:
        """The names that a repository of theirs may begin with."""
        own = (self.name,) if self.under_own_name else ()
        return (*own, *self.orgs) if self.can_write else ()


@dataclass(frozen=True)
class HubModel:
    """One line of a search for models."""

    id: str
    """``owner/name``."""
    access: Access
    downloads: int
    likes: int
    parameters: int | None = None
    """From the headers of its safetensors, as the Hub counts them."""
    model_type: str = ""
    """As in its ``config.json``."""
    languages: tuple[str, ...] = ()
    licence: str = ""
    """As the Hub has it: ``apache-2.0``."""
    updated: str = ""
    """ISO date."""


@dataclass(frozen=True)
class Method:
    """One way of training a model, and the memory it takes on this machine."""

    name: Literal["full", "lora", "qlora"]
    title: str
    """In words: ``all of its numbers``, ``LoRA: a small part beside it``, …"""
    memory_bytes: int
    fits: bool
    needs_gpu: bool = False


@dataclass(frozen=True)
class Warned:
    """Something about a model that a person should weigh before choosing it. ``blocks``: no run can start from it."""

    code: str
    title: str
    detail: str
    blocks: bool = False


@dataclass(frozen=True)
class ModelFacts:
    """A model of the Hub before it is downloaded, from its ``config.json`` and the headers of its weights alone.

    Sizes in bytes, lengths in tokens, times in seconds; None where it cannot be known.
    """

    about: HubModel
    commit: str
    architecture: str
    family: Family | None
    disk_bytes: int | None
    """What will be downloaded."""
    max_length: int | None
    hidden_size: int | None
    layers: int | None
    vocab_size: int | None
    methods: tuple[Method, ...] = ()
    epoch_seconds: float | None = None
    """About how long reading all examples once takes on this machine; None without a table."""
    unknown_share: float | None = None
    """Of the user's own rows: the share of words that its tokenizer has no token for, 0 to 1."""
    warnings: tuple[Warned, ...] = ()
    access_help: str = ""
    """What to do to get at a gated or private one; empty when it is open to whoever asks."""


@dataclass(frozen=True)
class Recommendation:
    """A checkpoint that suits, and why."""

    checkpoint: str
    title: str
    reason: str
    """One sentence."""
    needs_network: bool
