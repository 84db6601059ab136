"""What goes along with a run to a rented machine: its config, its table, its model where that is a folder, and
Tunesmith's own program. Nothing else of this machine.

In the config that goes along, what lies in the parcel is named by ``parcel:`` and its place in it.
"""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from core.config import RunConfig
from core.data.joined import named_files
from core.data.sources import resolve
from core.data_config import HUB
from core.errors import DataError
from core.models import smollm2
from core.publishing.checked import PICKLED
from core.runs import Run
from core.said import said
from core.spares import PROJECT

CONFIG, PROGRAM, PREFIX = "config.yaml", "program.zip", "parcel:"
_SPLITS = {1: "validation", 2: "test"}
_PROGRAM = ("core", "assets", "requirements.lock")
_NOT_NEEDED = ("static", "__pycache__")


@dataclass(frozen=True)
class Piece:
    """One file of the parcel. ``content``: what is in it, or where it lies on this machine."""

    name: str
    content: bytes | Path

    @property
    def size(self) -> int:
        return len(self.content) if isinstance(self.content, bytes) else self.content.stat().st_size


def pack(run: Run) -> list[Piece]:
    """All that goes along. Raises ``StudioError`` where something of it is missing."""
    plain: dict[str, Any] = run.config.model_dump(mode="json")
    # Who is told, and on which machine it runs, is settled here.
    for section in ("notify", "job", "hub", "origin"):
        plain.pop(section)
    pieces = [*_tables(run.config, plain), *_model(run.config, plain)]
    config = yaml.safe_dump(plain, sort_keys=False, allow_unicode=True).encode()
    return [Piece(CONFIG, config), *pieces, Piece(PROGRAM, program())]


_FILE, _MODEL, *_ALWAYS = ALONG = (
    "the file {name}, as it is, with all of its columns",
    "the model in {name}",
    "the settings of this run",
    "Tunesmith’s own program",
)


def in_words(config: RunConfig) -> list[tuple[str, str]]:
    """The same for people, before anything is sent: words of ``ALONG``, and the name that fills their gap."""
    told = [(_FILE, name) for name in _names(config)]
    folder = _model_folder(config)
    told += [(_MODEL, folder.name)] if folder else []
    return [*told, *((words, "") for words in _ALWAYS)]


def _names(config: RunConfig) -> list[str]:
    own = config.data.source.startswith((HUB, "sample/"))
    return [] if own else [resolve(origin.source).name for _, origin in named_files(config.data)]


def _tables(config: RunConfig, plain: dict[str, Any]) -> Iterator[Piece]:
    if config.data.source.startswith((HUB, "sample/")):
        return  # the machine has those, or fetches them itself
    for number, (role, origin) in enumerate(named_files(config.data)):
        place = resolve(origin.source)
        name = f"data/{number}/{place.name}"
        if role in _SPLITS:
            # Those are named from where the source lies.
            plain["data"]["split"][_SPLITS[role]] = f"../{number}/{place.name}"
        else:
            plain["data"]["source"] = f"{PREFIX}{name}"
        yield from _files(place, name)


def _model(config: RunConfig, plain: dict[str, Any]) -> Iterator[Piece]:
    folder = _model_folder(config)
    if folder is None:
        return
    plain["model"]["checkpoint"] = f"{PREFIX}model"
    for piece in _files(folder, "model"):
        if Path(piece.name).suffix not in PICKLED:
            yield piece


def _model_folder(config: RunConfig) -> Path | None:
    """Where the model lies that has to go along; None where the machine has it, or fetches it itself."""
    if config.model.checkpoint == smollm2.ID:
        return smollm2.folder()
    folder = Path(config.model.checkpoint).expanduser()
    return folder if folder.is_absolute() and folder.is_dir() else None


def _files(place: Path, name: str) -> Iterator[Piece]:
    """A file, or all files of a folder; a link is nobody's to follow from elsewhere."""
    if place.is_file():
        yield Piece(name, place)
        return
    for folder, _, files in os.walk(place):
        for file in sorted(files):
            path = Path(folder) / file
            if path.is_symlink():
                title = said("{file} is a link to another place.", file=path.name)
                raise DataError(title, said("Put the file itself into the folder."))
            yield Piece(f"{name}/{path.relative_to(place).as_posix()}", path)


def program() -> bytes:
    """Tunesmith's core, its samples and its pinned packages as one archive, the same each time."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(_program_files()):
            about = zipfile.ZipInfo(path.relative_to(PROJECT).as_posix(), (1980, 1, 1, 0, 0, 0))
            about.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(about, path.read_bytes())
    return packed.getvalue()


def _program_files() -> Iterator[Path]:
    for name in _PROGRAM:
        place = PROJECT / name
        if place.is_file():
            yield place
            continue
        for path in place.rglob("*"):
            if path.is_file() and not set(_NOT_NEEDED) & set(path.relative_to(PROJECT).parts):
                yield path
