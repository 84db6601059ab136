"""What the Hub has told of a model at a commit: kept as small JSON, so that it is known without a network too.

Facts, warnings and estimates rest on it alone. A private model that was asked for with somebody's own token is not
kept: others may use this machine, too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from core.hub.identity import current
from core.hub.types import HubModel
from core.models import access, configs
from core.models.cards import in_words, licence_in_words
from core.models.families import family_of
from core.models.types import Checkpoint
from core.runs import write_atomically
from core.said import said

_MAIN = "main"


@dataclass(frozen=True)
class Told:
    """A model as it stood at ``commit`` when the Hub was asked (``seen``, seconds since the epoch)."""

    about: HubModel
    commit: str
    seen: float
    files: Mapping[str, int | None]
    """Names in its top folder -> bytes."""
    taken: tuple[str, ...] = ()
    """Those that a run downloads; empty where it has no weights that may be read."""
    config: Mapping[str, Any] = field(default_factory=dict)
    """``config.json``, or the little that the Hub shows of it to those without access."""
    tokenizer_config: Mapping[str, Any] = field(default_factory=dict)
    """Of ``tokenizer_config.json``, what is needed."""
    base_model: str = ""
    access_help: str = ""
    licence_name: str = ""
    """Where the licence is ``other``: what its author calls it."""
    fresh: bool = True
    """Asked for now, not remembered."""

    @property
    def disk_bytes(self) -> int | None:
        sizes = [self.files.get(name) for name in self.taken]
        return sum(size or 0 for size in sizes) if sizes and None not in sizes else None

    def as_checkpoint(self) -> Checkpoint:
        """The same as a checkpoint that is not on this machine."""
        name = configs.architecture(self.config)
        return Checkpoint(
            id=self.about.id,
            title=self.about.id,
            summary=(
                said("A {kind} model of the Hugging Face Hub.", kind=name)
                if name
                else said("From the Hugging Face Hub.")
            ),
            path=None,
            architecture=name,
            parameters=self.about.parameters,
            languages=in_words(self.about.languages),
            licence=licence_in_words(self.about.licence, self.licence_name),
            disk_bytes=self.disk_bytes,
            max_length=configs.max_length(self.config, self.tokenizer_config),
            hidden_size=configs.hidden_size(self.config),
            layers=configs.layers(self.config),
            vocab_size=configs.vocab_size(self.config),
            needs_network=True,
            family=family_of(self.config),
        )


def remember(told: Told, repo: str, revision: str | None) -> None:
    """Keep it, under the name and the revision that were asked for."""
    if told.about.access == "private" and current().kind != "machine":
        return
    folder = access.folder_of(repo)
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(folder / f"{told.commit}.json", json.dumps(asdict(told)))
    if revision != told.commit:
        known = _read(folder / "revisions.json") | {revision or _MAIN: told.commit}
        write_atomically(folder / "revisions.json", json.dumps(known))


def remembered(repo: str, revision: str | None = None) -> Told | None:
    """What was last told of a model at a branch, a tag or a commit; None where it was never asked for, and for whoever
    may not see it.
    """
    if not access.may_see(repo):
        return None
    folder = access.folder_of(repo)
    commit = _read(folder / "revisions.json").get(revision or _MAIN, revision or "")
    record = _read(folder / f"{commit}.json") if commit and "/" not in commit else {}
    if not record:
        return None
    about = {**record["about"], "languages": tuple(record["about"]["languages"])}
    kept = {**record, "about": HubModel(**about), "taken": tuple(record["taken"])}
    return replace(Told(**kept), fresh=False)


def _read(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
