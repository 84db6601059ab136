"""What the library ``datasets`` is asked for, in a process of its own: contents, a sample of rows, whole splits."""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import core.data.hub.download as downloads
from core import locks
from core.data import arrow_files
from core.data.arrow_files import portion
from core.data.hub.failures import explained
from core.data.hub.leftovers import sweep
from core.data.hub.staying import stay_inside
from core.data.hub.stream import Stream, stream_of
from core.data.types import Progress
from core.errors import DataError
from core.hub.identity import Identity, current, to_send
from core.said import Figures, said

_MOST_LOOKED_AT = 100
"""Subsets whose splits are looked up."""
_WAIT_SECONDS = 6 * 3600
_DOWNLOAD_SHARE = 0.7


def contents(repo: str, commit: str, progress: Progress) -> dict[str, Any]:
    """Subsets and splits, in the form of ``Contents``."""
    from datasets import get_dataset_config_names, get_dataset_default_config_name

    stay_inside()
    names = get_dataset_config_names(repo, revision=commit, token=to_send())
    default = get_dataset_default_config_name(repo, revision=commit, token=to_send()) if len(names) > 1 else names[0]
    subsets = []
    for place, name in enumerate(names[:_MOST_LOOKED_AT]):
        progress(place / len(names), said("Looking at what it holds"))
        builder = builder_of(repo, commit, name)
        told = builder.info.splits or {}
        splits = []
        for split in _files(builder):
            known = told.get(split)
            rows, size = (known.num_examples or None, known.num_bytes or None) if known else (None, None)
            splits.append({"name": split, "rows": rows, "bytes": size})
        subsets.append({"name": name, "splits": splits, "download_bytes": builder.info.download_size})
    return {"subsets": subsets, "default": default or ""}


def sample(
    repo: str, commit: str, subset: str, split: str, rows: int, target: str, progress: Progress
) -> dict[str, Any]:
    """Write the first rows of a split to the Arrow file ``target``, read as a stream."""
    stream = stream_of(builder_of(repo, commit, subset), split)
    schema, batches = stream.opened(rows)
    arrow_files.write(Path(target), schema, batches)
    return {"findings": [finding.as_record() for finding in stream.findings()], "names": stream.names}


def fetch(
    repo: str,
    commit: str,
    subset: str,
    splits: Mapping[str, str],
    folder: str,
    tables: Sequence[str],
    progress: Progress,
) -> list[dict[str, Any]] | None:
    """Download what ``splits`` (name -> an empty folder) are made of into ``folder``, and write each as a table.

    Files that are there from an earlier try are not downloaded again. One process at a time works on a folder; None
    when another has given all ``tables`` their places meanwhile.
    """
    place, wanted = Path(folder), [Path(table) for table in tables]
    place.mkdir(parents=True, exist_ok=True)
    lock, has_waited = _turn(place, repo, progress)
    try:
        sweep(spared=place)
        if has_waited and _come(wanted):
            return None
        records = _fetch(repo, commit, subset, splits, place, wanted[0].parent, progress)
        for child in place.iterdir():
            if child.is_dir():
                shutil.rmtree(child)
        return records
    finally:
        lock.close()


def _turn(place: Path, repo: str, progress: Progress) -> tuple[Any, bool]:
    """The lock of a folder, once whoever has it is through, and whether that took a while."""
    deadline = time.monotonic() + _WAIT_SECONDS
    has_waited = False
    while time.monotonic() < deadline:
        lock = locks.acquire(place / "lock", timeout=0.5)
        if lock is not None:
            return lock, has_waited
        has_waited = True
        progress(0.0, said("Waiting: it is being fetched elsewhere"))
    title = said("{repo} is being fetched by another process that does not come to an end.", repo=repo)
    raise DataError(title, said("End that one first."))


def _come(tables: Sequence[Path]) -> bool:
    """Whether all tables are in their places within a moment: the other process gave up its lock just before that."""
    for _ in range(20):
        if all((table / "meta.json").exists() for table in tables):
            return True
        time.sleep(0.1)
    return False


def _fetch(
    repo: str, commit: str, subset: str, splits: Mapping[str, str], place: Path, disk: Path, progress: Progress
) -> list[dict[str, Any]]:
    builder = builder_of(repo, commit, subset)
    wanted = {split: _files(builder)[split] for split in splits}
    files = downloads.files_of(repo, commit, [path for paths in wanted.values() for path in paths])
    _check_disk(builder, splits, files, place, disk, repo)
    local = downloads.download(repo, commit, files, place / "files", portion(progress, 0.0, _DOWNLOAD_SHARE))
    records = []
    width = (1 - _DOWNLOAD_SHARE) / len(splits)
    for number, (split, target) in enumerate(splits.items()):
        share = _DOWNLOAD_SHARE + number * width
        own = _with_files(builder, split, [local.get(path, path) for path in wanted[split]])
        size = sum(file.size for file in files if file.place in wanted[split])
        records.append(_write(stream_of(own, split), Path(target), size, portion(progress, share, share + width)))
    return records


def _write(stream: Stream, target: Path, size: int, progress: Progress) -> dict[str, Any]:
    """The table of a split, as ``core.data.tables`` keeps it; returns its record."""
    total = stream.rows or 0

    def on_rows(rows: int) -> None:
        progress(rows / total if total else 0.5, said("Reading the rows: {rows}", rows=rows))

    schema, batches = stream.opened()
    rows = arrow_files.write(target / "table.arrow", schema, batches, on_rows)
    if not rows:
        title = said("The split {split} has no rows.", split=stream.split)
        raise DataError(title, said("Choose another split, or another dataset."))
    return {
        "format": "hub",
        "bytes": size,
        "rows": rows,
        "encoding": "",
        "delimiter": "",
        "findings": [finding.as_record() for finding in stream.findings()],
        "skipped": [],
        "arrow_bytes": (target / "table.arrow").stat().st_size,
    }


def _check_disk(
    builder: Any, splits: Mapping[str, str], files: Sequence[downloads.File], place: Path, disk: Path, repo: str
) -> None:
    """Raise when the disk has no room for what is still to come, and for the tables made of it."""
    coming = sum(file.size for file in files) - downloads.size_of(place)
    told = [(builder.info.splits or {}).get(split) for split in splits]
    known = sum(split.num_bytes or 0 for split in told if split is not None)
    needed, free = max(0, coming) + max(known, sum(file.size for file in files)), shutil.disk_usage(disk).free
    if needed > free:
        raise DataError(
            said(
                "The disk has too little room for {repo}: about {needed} are needed, {free} are free.",
                repo=repo,
                needed=Figures(downloads.in_words(needed)),
                free=Figures(downloads.in_words(free)),
            ),
            said("Free space, choose a smaller subset or split, or learn from it as a stream, which keeps nothing."),
        )


def _with_files(builder: Any, split: str, paths: list[str]) -> Any:
    """A builder of the same kind that reads one split from these places."""
    import copy

    from datasets.data_files import DataFilesDict, DataFilesList

    own = copy.copy(builder)
    own.config = copy.copy(builder.config)
    own.config.data_files = DataFilesDict({split: DataFilesList(paths, [])})
    own.info = builder.info.copy()
    return own


def builder_of(repo: str, commit: str, subset: str) -> Any:
    """What makes the tables of a subset, and asks for them as whoever asks now. Raises ``DataError``, explained."""
    return _builder_of(repo, commit, subset, current())


@lru_cache(maxsize=64)
def _builder_of(repo: str, commit: str, subset: str, asker: Identity) -> Any:
    from datasets import load_dataset_builder

    stay_inside()
    try:
        return load_dataset_builder(repo, subset, revision=commit, token=asker.to_send())
    except Exception as exc:
        raise explained(exc, repo, commit) from exc


def _files(builder: Any) -> dict[str, list[str]]:
    """Split -> the places of its files, as ``hf://datasets/owner/name@commit/path`` or another address."""
    return {str(split): [str(path) for path in paths] for split, paths in (builder.config.data_files or {}).items()}
