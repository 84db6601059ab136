"""Programs that come with some checkpoints and have to be run to use them (``trust_remote_code``).

One is run only where whoever started the app allows it (``core.permissions``), only where the library has no program
of its own for that kind of model, and only as it lies in the folder of the checkpoint, which is one version of it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.errors import CheckpointError
from core.models.families import is_known
from core.models.types import Note
from core.permissions import allows
from core.runs import write_atomically
from core.said import said

CONFIG, TOKENIZER = "config.json", "tokenizer_config.json"
_PIN = "program.json"
_PINNED_BY = "snapshots"
"""The folder in which the Hub's clients keep one folder for each commit."""


def needs_program(config: Mapping[str, Any]) -> bool:
    """Whether a checkpoint with this ``config.json`` is of a kind that only its own program can run."""
    return bool(config.get("auto_map")) and not is_known(config)


def check_program(folder: Path | str) -> None:
    """Raises ``CheckpointError`` where a checkpoint needs a program that may not be run."""
    if not needs_program(_read(folder, CONFIG)):
        return
    if not allows("remote-code"):
        raise CheckpointError(
            said(
                "{folder} needs a program of its own, which could do anything on this machine, so it is not run.",
                folder=folder,
            ),
            said(
                "Choose another model. If you trust its author, and it is you who starts Tunesmith, start it with "
                "--allow remote-code."
            ),
        )
    if elsewhere := _elsewhere(folder):
        raise CheckpointError(
            said("{folder} needs a program that is kept elsewhere, in {place}.", folder=folder, place=elsewhere),
            said("That program can change at any time, so it is not run. Choose a model that brings its own."),
        )


def may_run(folder: Path | str) -> bool:
    """Whether the program in a checkpoint's folder is needed, and allowed."""
    return allows("remote-code") and needs_program(_read(folder, CONFIG)) and not _elsewhere(folder)


def trusting(folder: Path | str) -> dict[str, bool]:
    """What every ``from_pretrained`` of a config, a tokenizer or a model in this folder is given."""
    return {"trust_remote_code": may_run(folder)}


def about(checkpoint: str, folder: Path | None) -> tuple[Note, ...]:
    """Whose program will be run, to be said before; nothing where none is."""
    if folder is None or not may_run(folder):
        return ()
    owner = checkpoint.partition("/")[0]
    words = (
        said(
            "It was written by {owner}, in version {version}, and can do on this machine whatever you can. Whoever "
            "started Tunesmith allows it.",
            owner=owner,
            version=commit_of(folder)[:12],
        )
        if commit_of(folder)
        else said(
            "It was written in {folder}, and can do on this machine whatever you can. Whoever started Tunesmith "
            "allows it.",
            folder=folder,
        )
    )
    return (Note(said("A program that comes with {model} is run.", model=checkpoint), words, "warning"),)


def commit_of(folder: Path) -> str:
    """The commit that a downloaded checkpoint's folder holds; empty for other folders."""
    return folder.name if folder.parent.name == _PINNED_BY else ""


def pin(run: Path, checkpoint: str, folder: Path) -> None:
    """Note in a run's folder which version of a program it began with: it is never taken up with another."""
    if may_run(folder) and commit_of(folder):
        write_atomically(run / _PIN, json.dumps({"checkpoint": checkpoint, "commit": commit_of(folder)}))


def pinned(run: Path, checkpoint: str) -> str | None:
    """The commit that ``pin`` noted for this checkpoint, or None."""
    try:
        noted = json.loads((run / _PIN).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return str(noted["commit"]) if noted["checkpoint"] == checkpoint else None


def _elsewhere(folder: Path | str) -> str:
    """Another repository, of no certain version, in which a checkpoint looks for its program; empty as a rule."""
    values = [value for name in (CONFIG, TOKENIZER) for value in (_read(folder, name).get("auto_map") or {}).values()]
    named = [name for value in values for name in (value if isinstance(value, list) else [value])]
    return next((str(name).partition("--")[0] for name in named if "--" in str(name)), "")


def _read(folder: Path | str, name: str) -> dict[str, Any]:
    try:
        config = json.loads((Path(folder) / name).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}  # whoever reads it for its content says what is wrong
    return config if isinstance(config, dict) else {}
