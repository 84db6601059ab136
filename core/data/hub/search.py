"""Searching the Hub for datasets."""

from __future__ import annotations

from typing import Any

from core.data.hub.failures import explained
from core.data.hub.network import need_network
from core.data.hub.types import Access, HubDataset
from core.hub.identity import to_send

_SHOWN = ["author", "downloads", "gated", "lastModified", "likes", "private", "tags"]
_PREFIXES = {"task_categories": "tasks", "language": "languages", "size_categories": "size", "license": "licence"}


def search_datasets(
    query: str = "", *, author: str = "", task: str = "", language: str = "", size: str = "", limit: int = 20
) -> list[HubDataset]:
    """Datasets whose name or author fits, the most downloaded first. ``owner/`` at the start of a query is its author.

    Raises ``DataError`` when the Hub cannot be reached.
    """
    from huggingface_hub import HfApi

    need_network()
    words = query.strip()
    owner, slash, name = words.partition("/")
    if slash and not author:
        author, words = owner.strip(), name.strip()
    try:
        found = HfApi().list_datasets(
            search=words or None,
            author=author.strip() or None,
            task_categories=task or None,
            language=language or None,
            size_categories=size or None,
            sort="downloads",
            limit=limit,
            expand=_SHOWN,  # type: ignore[arg-type]
            token=to_send(),
        )
        return [one_of(info) for info in found]
    except Exception as exc:
        raise explained(exc, "the list of datasets") from exc


def one_of(info: Any) -> HubDataset:
    """A ``DatasetInfo`` of the Hub's client as a line of a search."""
    tags: dict[str, list[str]] = {name: [] for name in _PREFIXES.values()}
    for tag in info.tags or []:
        prefix, _, value = tag.partition(":")
        if prefix in _PREFIXES and value:
            tags[_PREFIXES[prefix]].append(value)
    access: Access = "private" if info.private else "gated" if info.gated else "open"
    return HubDataset(
        id=info.id,
        author=info.author or info.id.rpartition("/")[0],
        access=access,
        downloads=info.downloads or 0,
        likes=info.likes or 0,
        tasks=tuple(tags["tasks"]),
        languages=tuple(tags["languages"]),
        size=next(iter(tags["size"]), ""),
        licence=next(iter(tags["licence"]), ""),
        updated=info.last_modified.date().isoformat() if info.last_modified else "",
    )
