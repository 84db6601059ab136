"""Prepared pieces, kept so that the same texts are not cut into tokens twice: one Arrow file for each set of them.

A file's name is a hash of all that its pieces depend on: the rows themselves, the tokenizer's files, the task with its
options and target, and the program that encodes. Files are written aside and renamed when whole. Whoever uses one
holds a shared lock on it; what nobody holds is deleted, longest unused first, where the cache grows too large.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any

from core import home
from core.tasks import OWN
from core.tasks.base import Context, Purpose, Task

MOST_BYTES = 10_000_000_000
SHARE_OF_DISK = 0.1
"""Of what would be free without the cache: it never takes more than this or ``MOST_BYTES``."""
_STALE_SECONDS = 24 * 3600
_WEIGHTS = {".safetensors", ".bin", ".pt", ".pth", ".gguf", ".h5", ".msgpack", ".onnx", ".ot"}


class TokenCache:
    """The prepared pieces of one run, whose model starts from ``folder``. Those that were asked for are held until this
    process ends, or ``close``.
    """

    def __init__(self, folder: Path) -> None:
        self._tokenizer = _files_hash(folder)
        self._held: list[IO[bytes]] = []

    def pieces(self, task: Task, table: Any, context: Context, purpose: Purpose, make: Callable[[Path], None]) -> Any:
        """A memory-mapped ``datasets.Dataset`` of the pieces of ``table``.

        ``make`` writes them to the Arrow file that it is given, where they are not.
        """
        path = _folder() / f"{self._key(task, table, context, purpose)}.arrow"
        if self._hold(path):
            os.utime(path)
            return _opened(path)
        sweep()
        draft = path.with_name(f".{path.stem}.{os.getpid()}.draft")
        try:
            make(draft)
            # Held before it has its name: no sweep gets in between.
            self._held.append(_locked(draft))
            os.replace(draft, path)
        finally:
            draft.unlink(missing_ok=True)
        return _opened(path)

    def close(self) -> None:
        """Let go of all pieces."""
        for file in self._held:
            file.close()
        self._held.clear()

    def _hold(self, path: Path) -> bool:
        """Whether the file is there; if so, it stays."""
        try:
            file = _locked(path)
            if os.fstat(file.fileno()).st_ino != path.stat().st_ino:
                raise FileNotFoundError  # swept away between opening and locking, and made anew
        except FileNotFoundError:
            return False
        self._held.append(file)
        return True

    def _key(self, task: Task, table: Any, context: Context, purpose: Purpose) -> str:
        facts = [
            _program_hash(),
            self._tokenizer,
            task.id,
            purpose,
            context.max_length,
            context.options.model_dump_json(),
            asdict(context.target),
            context.learned,
            # Only training may leave anything to chance.
            context.seed if purpose == "train" else None,
        ]
        return f"{hashlib.blake2b(repr(facts).encode(), digest_size=12).hexdigest()}-{rows_hash(table)}"


def is_kept(task: Task) -> bool:
    """Whether pieces of a task may be kept: the program of a task that somebody brought may change unseen."""
    return any(task is own for own in OWN)


def rows_hash(table: Any) -> str:
    """A hash of what a ``pyarrow.Table`` holds, about a gigabyte a second; its names and types included."""
    import pyarrow as pa

    digest = hashlib.blake2b(digest_size=12)

    class Sink:
        closed = False

        def write(self, block: Any) -> int:
            digest.update(block)
            return len(block)

        def flush(self) -> None: ...

        def close(self) -> None: ...

    schema = table.schema.remove_metadata()
    with pa.ipc.new_stream(pa.PythonFile(Sink(), mode="w"), schema) as writer:
        for batch in table.replace_schema_metadata(None).to_batches(max_chunksize=65536):
            writer.write_batch(batch)
    return digest.hexdigest()


def sweep() -> None:
    """Delete what is longest unused, as far as the cache is too large, and what killed workers left half written."""
    folder = _folder()
    now = time.time()
    for draft in folder.glob(".*.draft"):
        with suppress(FileNotFoundError):
            if now - draft.stat().st_mtime > _STALE_SECONDS:
                draft.unlink()
    found = []
    for path in folder.glob("*.arrow"):
        with suppress(FileNotFoundError):
            status = path.stat()
            found.append((status.st_mtime, status.st_size, path))
    taken = sum(size for _, size, _ in found)
    most = min(MOST_BYTES, SHARE_OF_DISK * (shutil.disk_usage(folder).free + taken))
    for _, size, path in sorted(found):
        if taken <= most:
            return
        if _delete_unless_held(path):
            taken -= size


def _delete_unless_held(path: Path) -> bool:
    try:
        with open(path, "rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()
    except FileNotFoundError:
        return True
    except BlockingIOError:
        return False
    return True


def _locked(path: Path) -> IO[bytes]:
    """The file, open, and held against a sweep. Such a lock belongs to what was opened, so reading it does no harm."""
    file = open(path, "rb")  # noqa: SIM115  (held until the process ends)
    fcntl.flock(file, fcntl.LOCK_SH)
    return file


def _opened(path: Path) -> Any:
    from datasets import Dataset
    from datasets.table import MemoryMappedTable

    # Named by us: the library would hash the whole table for a name that is never looked up.
    return Dataset(MemoryMappedTable.from_file(str(path)), fingerprint=path.stem)


def _folder() -> Path:
    folder = home.cache_dir() / "tokens"
    folder.mkdir(exist_ok=True)
    return folder


def _files_hash(folder: Path) -> str:
    """A hash of all files of a checkpoint but its weights: what a tokenizer is loaded from goes by many names."""
    digest = hashlib.blake2b(digest_size=12)
    for path in sorted(folder.iterdir()):
        if path.is_file() and path.suffix not in _WEIGHTS:
            digest.update(f"{path.name}\n{path.stat().st_size}\n".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


@cache
def _program_hash() -> str:
    """A hash of the program that makes pieces of rows, and of the libraries that it stands on."""
    here = Path(__file__).resolve().parent.parent
    digest = hashlib.blake2b(digest_size=12)
    for library in ("transformers", "tokenizers", "datasets"):
        digest.update(version(library).encode())
    for folder in ("models", "prediction", "tasks", "training"):
        for path in sorted((here / folder).rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()
