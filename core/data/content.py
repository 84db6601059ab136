"""What a file holds, as a short name: equal bytes, equal name."""

from __future__ import annotations

import hashlib
import json
import time
from pathlib import Path

from core import home
from core.runs import write_atomically

_SETTLED_NS = 100_000_000


def content_hash(path: Path) -> str:
    """A hash of the file's bytes, 32 hex digits (BLAKE2b). An unchanged file is not read twice.

    Unchanged means: same path, size and time of change. A file changed a moment ago is not remembered, since a second
    change within the clock's grain would go unseen.
    """
    path = path.resolve()
    found = path.stat()
    now = {"path": str(path), "size": found.st_size, "mtime_ns": found.st_mtime_ns}
    note = _notes_dir() / f"{hashlib.blake2b(str(path).encode(), digest_size=16).hexdigest()}.json"
    try:
        known = json.loads(note.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        known = {}
    if {key: known.get(key) for key in now} == now:
        return str(known["hash"])
    with open(path, "rb") as file:
        digest = hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()
    if time.time_ns() - found.st_mtime_ns > _SETTLED_NS:
        write_atomically(note, json.dumps({**now, "hash": digest}))
    return digest


def _notes_dir() -> Path:
    path = home.cache_dir() / "hashes"
    path.mkdir(exist_ok=True)
    return path
