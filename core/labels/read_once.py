"""What the starting model makes of the texts of a run, kept in the run's folder, so that they are read but once.

``labels_vectors.npz`` holds ``vectors`` as float16, a row for each text, and ``of``: a hash of all that they follow
from. Another table, another starting model or another length of texts makes another hash, and they are made anew.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.runs import Run

if TYPE_CHECKING:
    import numpy as np

    from core.tasks.base import Context


def path_of(run: Run) -> Path:
    """Where they are, once the texts were read."""
    return run.path / "labels_vectors.npz"


def once(run: Run, of: str, read: Callable[[], np.ndarray]) -> np.ndarray:
    """The vectors that are kept under the hash ``of``; else those that ``read`` makes, which are kept from then on.

    Both are rounded alike, so that a ranking does not change where it is made again.
    """
    import numpy as np

    kept = _kept(run, of)
    if kept is None:
        kept = read().astype(np.float16)
        _write(run, of, kept)
    return kept.astype(np.float32)


def hash_of(folder: Path, context: Context, texts: Mapping[str, Sequence[Any]]) -> str:
    """A hash of the starting model in ``folder`` (its files' names, sizes and times), how texts are cut, and texts."""
    found = hashlib.sha256()
    files = [(file.name, file.stat().st_size, file.stat().st_mtime_ns) for file in sorted(folder.iterdir())]
    found.update(json.dumps([str(folder), files, context.max_length, str(context.options)]).encode())
    for name, column in texts.items():
        found.update(json.dumps([name, list(column)]).encode())
    return found.hexdigest()


def _kept(run: Run, of: str) -> np.ndarray | None:
    import zipfile

    import numpy as np

    try:
        with np.load(path_of(run), allow_pickle=False) as file:
            found: np.ndarray | None = file["vectors"] if str(file["of"]) == of else None
            return found
    except (OSError, KeyError, ValueError, zipfile.BadZipFile):  # none there, or one that is broken: made anew
        return None


def _write(run: Run, of: str, vectors: np.ndarray) -> None:
    import numpy as np

    path = path_of(run)
    draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
    try:
        with open(draft, "wb") as file:
            np.savez(file, vectors=vectors, of=np.asarray(of))
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)
