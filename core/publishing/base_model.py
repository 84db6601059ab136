"""The model that a run started from, as a card tells of it: from its files on this machine, never from the network."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.config import ModelConfig
from core.errors import CheckpointError
from core.models import hub
from core.models.checkpoints import describe
from core.models.types import Checkpoint
from core.publishing.licences import LICENCES

HUB_PAGE = "https://huggingface.co/"
_BIBTEX = re.compile(r"```\w*[ \t]*\n\s*(@\w+\s*\{.{20,3000}?)\s*\n```", re.DOTALL)
_LICENCE_NAME = re.compile(r"[\w.+ -]{1,60}")


@dataclass(frozen=True)
class Base:
    """What is known of it; empty where nothing is."""

    name: str
    """What to call it: a Hub id, or the name of its folder."""
    hub_id: str = ""
    """``owner/name``; empty where it came from a folder."""
    revision: str = ""
    licence: str = ""
    """An id of ``LICENCES``, or ``other``."""
    licence_name: str = ""
    """Of an ``other`` licence."""
    licence_link: str = ""
    languages: tuple[str, ...] = ()
    """English names."""
    citation: str = ""
    """BibTeX, as its own card has it."""

    @property
    def page(self) -> str:
        """Its address; empty where it came from a folder."""
        return f"{HUB_PAGE}{self.hub_id}" if self.hub_id else ""


def base_of(model: ModelConfig) -> Base:
    """The start of a run. Of a folder that is gone, its name is left."""
    try:
        known = describe(model.checkpoint)
    except CheckpointError:
        return Base(_folder_name(model.checkpoint))
    on_hub = known.hub_id or (model.checkpoint if _is_id(model.checkpoint) else "")
    card, text = _card_of(known)
    licence, name, link = _licence(known, card)
    citations = _BIBTEX.findall(text)
    return Base(
        name=on_hub or _folder_name(model.checkpoint),
        hub_id=on_hub,
        revision=model.revision or "",
        licence=licence,
        licence_name=name,
        licence_link=link,
        languages=known.languages,
        citation=citations[0] if citations else "",
    )


def _is_id(checkpoint: str) -> bool:
    return hub.looks_like_id(checkpoint) and not Path(checkpoint).expanduser().is_dir()


def _folder_name(checkpoint: str) -> str:
    """The last part alone: where a folder lies is nobody's business."""
    return re.split(r"[\\/]", checkpoint.rstrip("\\/"))[-1] or "a model of its own"


def _card_of(known: Checkpoint) -> tuple[dict[str, Any], str]:
    """The head and the text of the card that lies beside the model; empty where none can be read."""
    import yaml
    from huggingface_hub import ModelCard

    readme = Path(known.path) / "README.md" if known.path else None
    if readme is None or not readme.is_file():
        return {}, ""
    try:
        card = ModelCard(readme.read_text(encoding="utf-8", errors="replace"), ignore_metadata_errors=True)
    except (ValueError, TypeError, yaml.YAMLError):
        return {}, ""
    return dict(vars(card.data)), card.text


def _licence(known: Checkpoint, card: dict[str, Any]) -> tuple[str, str, str]:
    """(id, name, link); the last two of a licence that has no id."""
    said = card.get("license") or known.licence
    found = str(said[0] if isinstance(said, list) and len(said) == 1 else said).lower()
    if found in LICENCES:
        return found, "", ""
    if not known.licence:
        return "", "", ""
    name = str(card.get("license_name") or known.licence)
    link = str(card.get("license_link") or "")
    return (
        "other",
        name if _LICENCE_NAME.fullmatch(name) else "its own licence",
        link if re.fullmatch(r"https://[^\s()<>]+", link) else "",
    )
