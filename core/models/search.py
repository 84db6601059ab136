"""Searching the Hub for models that a run of a task can start from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from core.data.check.language_names import NAMES
from core.data.hub.network import is_reachable
from core.hub.failures import explained, offline
from core.hub.identity import to_send
from core.hub.patience import within
from core.hub.types import Access, HubModel
from core.models.families import family_of
from core.models.fitting import fit
from core.models.programs import needs_program
from core.permissions import allows
from core.tasks import TASKS
from core.tasks.base import Task

PATIENCE_SECONDS = 10.0
_SHOWN = [
    "author", "config", "downloads", "gated", "lastModified", "likes", "pipeline_tag", "private", "safetensors", "tags",
]  # fmt: skip
_AS_IT_MUST_BE = ["transformers", "safetensors"]
_ASKED_FOR_EACH, _FEWEST, _MOST = 6, 60, 200
"""Of what the Hub names, not all suits the task: more is asked for than is wanted, within bounds."""
_OTHER_SENSES = re.compile(r"audio|image|speech|video|visual|any-to-any|document|table|robotics|reinforcement|voice")
"""In the Hub's word for what a model does: it reads more, or other things, than text."""
_WHOLE_NUMBERS = ("I64", "I32", "BOOL")
"""Positions and masks, which are no parameters."""


def search_models(
    query: str = "",
    *,
    task: str,
    author: str = "",
    language: str = "",
    licence: str = "",
    size: str = "",
    limit: int = 20,
) -> list[HubModel]:
    """Models that a run of this task can start from, the most downloaded first. ``owner/`` at the start of a query is
    their author. Without a name and an author, only those that were made for this kind of work.

    Raises ``HubError`` when the Hub cannot be reached, refuses, or takes longer than ten seconds.
    """
    if not is_reachable():
        raise offline()
    words, wanted = query.strip(), TASKS[task]
    owner, slash, name = words.partition("/")
    if slash and not author:
        author, words = owner.strip(), name.strip()
    narrowed = [*_AS_IT_MUST_BE, *([language] if language else []), *([f"license:{licence}"] if licence else [])]
    try:
        found = within(
            PATIENCE_SECONDS, lambda: _asked(words, author.strip(), narrowed, size, _FEWEST + _ASKED_FOR_EACH * limit)
        )
    except Exception as exc:
        raise explained(exc, "the list of models") from exc
    anything = bool(words or author)
    return [one_of(info) for info in found if _suits(wanted, info, anything)][:limit]


def one_of(info: Any) -> HubModel:
    """A ``ModelInfo`` of the Hub's client as a line of a search."""
    tags = info.tags or []
    access: Access = "private" if info.private else "gated" if info.gated else "open"
    return HubModel(
        id=info.id,
        access=access,
        downloads=info.downloads or 0,
        likes=info.likes or 0,
        parameters=parameters_of(info.safetensors.parameters) if info.safetensors else None,
        model_type=str((info.config or {}).get("model_type") or ""),
        languages=tuple(tag for tag in tags if tag in NAMES or tag == "multilingual"),
        licence=next((tag.partition(":")[2] for tag in tags if tag.startswith("license:")), ""),
        updated=info.last_modified.date().isoformat() if info.last_modified else "",
    )


def parameters_of(counted: Mapping[Any, int]) -> int:
    """Parameters, from how many numbers there are of each form."""
    return sum(count for form, count in counted.items() if form not in _WHOLE_NUMBERS)


def _asked(words: str, author: str, narrowed: list[str], size: str, most: int) -> list[Any]:
    from huggingface_hub import HfApi

    return list(
        HfApi().list_models(
            search=words or None,
            author=author or None,
            filter=narrowed,
            num_parameters=size or None,
            sort="downloads",
            limit=min(_MOST, most),
            expand=_SHOWN,  # type: ignore[arg-type]
            token=to_send(),
        )
    )


def _suits(task: Task, info: Any, anything: bool) -> bool:
    config = info.config or {}
    if _OTHER_SENSES.search(info.pipeline_tag or ""):
        return False
    if not allows("remote-code") if needs_program(config) else family_of(config) is None:
        return False
    if config.get("quantization_config") or "gguf" in (info.tags or []):
        return False
    return fit(task, config) in (("fits", "other-family") if anything else ("fits",))
