"""A model that was kept as an adapter alone: a folder without weights of its own, and a note of what they lie upon.

Such a folder has everything else that a model's folder has, an adapter as peft writes it, and ``adapter_base.json``.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from core import home
from core.errors import CheckpointError
from core.models.weights import pickled_files, weight_files
from core.said import said, together

NOTE, ADAPTER = "adapter_base.json", "adapter_model.safetensors"
_LOOKED_AT = 1 << 20
"""Bytes at each end of a weights file by which it is told from another."""


@dataclass(frozen=True)
class Base:
    """The model that an adapter was made for: as it stands in a config, and what tells its weights from others."""

    checkpoint: str
    revision: str | None
    weights: str


def is_adapted(folder: Path) -> bool:
    return (folder / NOTE).is_file()


def note_base(folder: Path, checkpoint: str, revision: str | None, base: Path) -> None:
    """Note in ``folder`` that its adapter lies upon the checkpoint whose files are in ``base``."""
    if base.parent.name == "snapshots":
        # As the Hub's client names its folders: the version that is meant, also when a newer one comes.
        revision = base.name
    record = {"version": 1, **asdict(Base(checkpoint, revision, _mark(base)))}
    (folder / NOTE).write_text(json.dumps(record, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def base_of(folder: Path) -> Base:
    """What an adapter lies upon. Raises ``CheckpointError`` where the note of it cannot be read."""
    try:
        record = json.loads((folder / NOTE).read_text(encoding="utf-8"))
        return Base(record["checkpoint"], record["revision"], record["weights"])
    except (OSError, ValueError, KeyError, TypeError) as exc:
        raise CheckpointError(
            said(
                "{file} in {folder} is damaged, so it is not known what model its adapter belongs to.",
                file=NOTE,
                folder=folder,
            ),
            said("Copy the folder again."),
            cause=str(exc),
        ) from exc


def base_folder(folder: Path) -> Path:
    """The checkpoint that the adapter in ``folder`` was made for, downloaded where that is needed.

    Raises ``CheckpointError`` where it is gone, or has other weights by now.
    """
    from core.models.checkpoints import resolve

    noted = base_of(folder)
    try:
        found = resolve(_now(noted.checkpoint), noted.revision)
    except CheckpointError as exc:
        raise CheckpointError(
            said(
                "This model is an adapter, and the model that it was made for is not there: {reason}", reason=exc.title
            ),
            together(said("Put it back."), exc.advice),
            cause=exc.cause,
        ) from exc
    if _mark(found) != noted.weights:
        raise CheckpointError(
            said("This model is an adapter, and the model that it was made for has changed since."),
            said(
                "Put the weights back that were in {folder} when it was trained: on others it would answer wrongly.",
                folder=found,
            ),
        )
    return found


def _now(checkpoint: str) -> str:
    """It, or where it is by now if it lay in the home folder and has moved with that."""
    return str(home.found(Path(checkpoint))) if checkpoint.startswith("/") else checkpoint


def public_name(checkpoint: str) -> str:
    """What a checkpoint is called on the Hub; its folder, where it came from one."""
    from core.models.checkpoints import describe

    try:
        known = describe(checkpoint)
    except CheckpointError:  # it is gone, and was a folder
        return checkpoint
    return known.hub_id or known.id


def _mark(base: Path) -> str:
    """Tells weights from others by their sizes and by what stands at both ends of each file."""
    digest = hashlib.sha256()
    for file in weight_files(base) or pickled_files(base) or [base / ADAPTER]:
        size = file.stat().st_size
        with open(file, "rb") as stream:
            digest.update(f"{file.name} {size}".encode())
            digest.update(stream.read(_LOOKED_AT))
            stream.seek(max(0, size - _LOOKED_AT))
            digest.update(stream.read(_LOOKED_AT))
    return digest.hexdigest()
