"""What a file holds, as a short name: equal bytes, equal name."""

from __future__ import annotations

import hashlib
import json
import os
import re
import time
from pathlib import Path, PurePosixPath

from core import home
from core.data.types import Progress
from core.errors import DataError
from core.runs import write_atomically
from core.said import said

MOST_FILES = 200_000
"""In one folder or archive."""
_SETTLED_NS = 100_000_000
_BLOCK = 1 << 22


def content_hash(path: Path, progress: Progress | None = None) -> str:
    """A hash of a file's bytes, 32 hex digits (BLAKE2b). An unchanged file is not read twice.

    Unchanged means: same path, size and time of change. A file changed a moment ago is not remembered, since a second
    change within the clock's grain would go unseen. Of a folder, the names, sizes and times of change of its files are
    taken instead of their bytes.
    """
    path = path.resolve()
    if path.is_dir():
        return _folder_hash(path)
    found = path.stat()
    now = {"path": str(path), "size": found.st_size, "mtime_ns": found.st_mtime_ns}
    note = _notes_dir() / f"{hashlib.blake2b(str(path).encode(), digest_size=16).hexdigest()}.json"
    try:
        known = json.loads(note.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        known = {}
    if {key: known.get(key) for key in now} == now:
        return str(known["hash"])
    hashed = hashlib.blake2b(digest_size=16)
    with open(path, "rb") as file:
        while block := file.read(_BLOCK):
            hashed.update(block)
            if progress is not None and file.tell() < found.st_size:
                progress(file.tell() / found.st_size, said("Looking whether this file is known"))
    digest = hashed.hexdigest()
    if time.time_ns() - found.st_mtime_ns > _SETTLED_NS:
        write_atomically(note, json.dumps({**now, "hash": digest}))
    return digest


def last_change(path: Path) -> int:
    """When a file, or anything in a folder, last changed: nanoseconds since the epoch."""
    changed = path.stat().st_mtime_ns
    if path.is_dir():
        changed = max([changed, *(one.stat().st_mtime_ns for one in files_in(path))])
    return changed


def size_of(path: Path) -> int:
    """The bytes of a file, or of all files in a folder."""
    return sum(one.stat().st_size for one in files_in(path)) if path.is_dir() else path.stat().st_size


def files_in(folder: Path) -> list[Path]:
    """All files in a folder and the folders in it, in the order in which a person counts: 2 before 10.

    What systems leave behind is passed over, and so are links to folders. Raises ``DataError`` when there are more
    files than anybody means to learn from.
    """
    found: list[Path] = []
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not is_noise(PurePosixPath(name))]
        found += [Path(place, name) for name in names if not is_noise(PurePosixPath(name))]
        if len(found) > MOST_FILES:
            raise DataError(
                said("{folder} holds more than {most} files.", folder=folder, most=MOST_FILES),
                said("Name a smaller folder, or put the texts into one table, as CSV or JSONL."),
            )
    return sorted((path for path in found if path.is_file()), key=lambda path: _counting(path.relative_to(folder)))


def is_noise(name: PurePosixPath) -> bool:
    """Whether a file is one that systems leave behind: hidden ones, ``__MACOSX``, ``Thumbs.db``."""
    return any(part.startswith(".") or part in ("__MACOSX", "Thumbs.db", "desktop.ini") for part in name.parts)


def _counting(path: Path) -> tuple[tuple[tuple[int, int, str], ...], ...]:
    return tuple(
        tuple((0, int(piece), "") if piece.isdecimal() else (1, 0, piece) for piece in re.split(r"(\d+)", part))
        for part in path.parts
    )


def _folder_hash(folder: Path) -> str:
    hashed = hashlib.blake2b(str(folder).encode("utf-8", "surrogateescape"), digest_size=16)
    for path in files_in(folder):
        found = path.stat()
        name = str(path.relative_to(folder)).encode("utf-8", "surrogateescape")
        hashed.update(b"%s\0%d\0%d\0" % (name, found.st_size, found.st_mtime_ns))
    return hashed.hexdigest()


def _notes_dir() -> Path:
    path = home.cache_dir() / "hashes"
    path.mkdir(exist_ok=True)
    return path
