"""What is kept of a run, and the note of it that travels along: which files, how large, with which hash.

What comes back is taken for as untrusted as any folder that somebody brings: a file has a name and an ending that are
kept at all, and nothing else is looked at.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.errors import HubError, RunError
from core.publishing.package import TAKEN
from core.publishing.types import Item
from core.runs import Run
from core.said import said

NOTE = "kept.json"
FOLDER = "runs"
REPOSITORY = "tunesmith-runs"
LONGEST_NOTE = 4_000_000
"""Bytes."""
_OWN = ("config.yaml", "events.jsonl", "report.json", "before.json", "name.txt", "probe.json", "labels.jsonl")
_MODELS = ("model", "adapter")
_JUDGED = re.compile(r"judgements/[a-z0-9][a-z0-9-]{0,60}\.(parquet|json)")
_MADE = re.compile(rf"({'|'.join(_MODELS)})/([A-Za-z0-9][\w.-]{{0,120}})")
_PIECE = 1 << 20


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class KeptFile(_Frozen):
    """One file of a run, named as in its folder."""

    name: str = Field(max_length=200)
    size: int = Field(ge=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class KeptNote(_Frozen):
    """``kept.json``: what belongs to a kept run."""

    version: Literal[1] = 1
    run: str = Field(max_length=100)
    created: float
    """Seconds since the epoch."""
    files: tuple[KeptFile, ...] = Field(max_length=10_000)


def is_kept(name: str) -> bool:
    """Whether a file of this name belongs to what is kept: nothing that steers a run, and nothing that hides code."""
    made = _MADE.fullmatch(name)
    return name in _OWN or _JUDGED.fullmatch(name) is not None or bool(made and Path(made[2]).suffix in TAKEN)


def place_of(run_id: str) -> str:
    """Where a run lies in the repository, with a slash at its end."""
    return f"{FOLDER}/{run_id}/"


def items_of(run: Run) -> list[Item]:
    """All that goes up of a run, with the note of it. Raises ``RunError`` where the run still goes on."""
    if not run.state.is_over:
        raise RunError(said("This run is not over yet."), said("Keep it when it is through."))
    under = place_of(run.id)
    files = [(path.relative_to(run.path).as_posix(), path) for path in _files(run)]
    noted = tuple(KeptFile(name=name, size=path.stat().st_size, sha256=sha256(path)) for name, path in files)
    note = KeptNote(run=run.id, created=run.created, files=noted)
    items = [Item(under + name, path) for name, path in files]
    return [*items, Item(f"{under}{NOTE}", note.model_dump_json(indent=1).encode())]


def read_note(text: bytes, run_id: str) -> KeptNote:
    """The note of this run. Raises ``HubError`` where it is none, or names what is never kept."""
    try:
        note = KeptNote.model_validate_json(text) if len(text) <= LONGEST_NOTE else None
    except ValidationError:
        note = None
    if note is None or note.run != run_id or not 0 < note.created <= time.time() + 86_400:
        raise damaged(run_id, said("the note of its files cannot be read"))
    names = [file.name for file in note.files]
    strange = [name for name in names if not is_kept(name)]
    if strange:
        raise damaged(run_id, said("it holds {file}, which is never kept", file=repr(strange[0])))
    if len(set(names)) != len(names) or "config.yaml" not in names:
        raise damaged(run_id, said("the note of its files is wrong"))
    return note


def damaged(run_id: str, why: str) -> HubError:
    """What to say of a kept run that is not as it went up."""
    advice = said("Nothing was brought back. Look at its folder in the repository; an older commit there may be whole.")
    return HubError(said("{run} is not as it was kept: {reason}.", run=run_id, reason=why), advice)


def sha256(path: Path) -> str:
    """The hash of a file."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()


def _files(run: Run) -> Iterator[Path]:
    for folder in (run.path, *(run.path / name for name in (*_MODELS, "judgements"))):
        if folder.is_dir() and not folder.is_symlink():
            yield from (path for path in sorted(folder.iterdir()) if _belongs(run, path))


def _belongs(run: Run, path: Path) -> bool:
    return path.is_file() and is_kept(path.relative_to(run.path).as_posix())
