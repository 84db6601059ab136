"""Downloading the files of a dataset: taken up where the last try ended, checked by their hashes."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from core.data.hub.failures import broken, explained, is_passing
from core.data.types import Progress
from core.hub.identity import to_send
from core.said import Figures, said

_TRIES = 5
"""In a row without a byte of progress."""
_TIMEOUT_SECONDS = 20.0
_ASKED_AT_ONCE = 200


@dataclass(frozen=True)
class File:
    """A file of a dataset: its place as the library ``datasets`` writes it, and what it must be (bytes, hash).

    ``sha256`` is empty where only git's own hash, ``oid``, is known.
    """

    place: str
    name: str
    size: int
    oid: str
    sha256: str


def files_of(repo: str, commit: str, places: Sequence[str]) -> list[File]:
    """What the Hub tells of the files at ``places``; addresses elsewhere are left out."""
    from huggingface_hub import HfApi

    start = f"hf://datasets/{repo}@{commit}/"
    names = {place.removeprefix(start): place for place in places if place.startswith(start)}
    asked = list(names)
    found: list[Any] = []
    api = HfApi(token=to_send())
    for first in range(0, len(asked), _ASKED_AT_ONCE):
        some = asked[first : first + _ASKED_AT_ONCE]
        found += _again(partial(api.get_paths_info, repo, some, revision=commit, repo_type="dataset"))
    return [File(names[one.path], one.path, one.size, one.blob_id, one.lfs.sha256 if one.lfs else "") for one in found]


def download(repo: str, commit: str, files: Sequence[File], folder: Path, progress: Progress) -> dict[str, str]:
    """Place -> local path of each file. Those that are in the Hub client's own cache are taken from there."""
    from huggingface_hub import try_to_load_from_cache

    total = sum(file.size for file in files) or 1
    meter = _Meter(total, progress)
    local: dict[str, str] = {}
    for file in files:
        kept = try_to_load_from_cache(repo, file.name, revision=commit, repo_type="dataset")
        if isinstance(kept, str) and Path(kept).stat().st_size == file.size:
            meter.add(file.size)
            local[file.place] = kept
            continue
        target = folder / file.name
        target.parent.mkdir(parents=True, exist_ok=True)
        _bring(repo, commit, file, target, meter)
        local[file.place] = str(target)
    return local


def size_of(folder: Path) -> int:
    """Bytes of the files in a folder, half ones included."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def in_words(size: float) -> str:
    """Bytes for people: ``3.4 GB``."""
    for unit, one in (("GB", 1e9), ("MB", 1e6)):
        if size >= one:
            return f"{size / one:.1f} {unit}"
    return f"{size / 1e3:.0f} kB"


def _again(ask: Callable[[], list[Any]]) -> list[Any]:
    """The answer to a question; a few more tries where the Hub is busy or the connection broke."""
    for failed in range(1, _TRIES):
        try:
            return ask()
        except Exception as exc:
            if not is_passing(exc):
                raise
            time.sleep(_pause(exc, failed))
    return ask()


def _bring(repo: str, commit: str, file: File, target: Path, meter: _Meter) -> None:
    """Download one file; one that comes with the wrong bytes is asked for once more."""
    if target.is_file() and target.stat().st_size == file.size:
        meter.add(file.size)
        return
    part = target.with_name(f"{target.name}.part")
    for _ in range(2):
        before = meter.done
        _fill(repo, commit, file, part, meter)
        if _is_right(part, file):
            os.replace(part, target)
            return
        part.unlink()
        meter.done = before
    raise broken(repo, file.name, "its bytes are not those that the Hub announces")


def _fill(repo: str, commit: str, file: File, part: Path, meter: _Meter) -> None:
    """Add to a half file until it is whole. Gives up after some tries that brought nothing."""
    failed = 0
    meter.add(min(file.size, part.stat().st_size) if part.exists() else 0)
    while (here := part.stat().st_size if part.exists() else 0) < file.size or not part.exists():
        try:
            _ask(repo, commit, file, part, here, meter.add)
        except Exception as exc:
            if not is_passing(exc):
                raise explained(exc, repo, commit) from exc
            after = part.stat().st_size if part.exists() else 0
            failed = 0 if after > here else failed + 1
            if failed >= _TRIES:
                raise explained(exc, repo, commit) from exc
            time.sleep(_pause(exc, failed))


def _ask(repo: str, commit: str, file: File, part: Path, start: int, on_bytes: Callable[[int], None]) -> None:
    """One request for the rest of a file, written as it comes."""
    from huggingface_hub import get_session, hf_hub_url, hf_raise_for_status
    from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]

    url = hf_hub_url(repo, file.name, repo_type="dataset", revision=commit)
    headers = build_hf_headers(token=to_send()) | {"Accept-Encoding": "identity"}
    headers |= {"Range": f"bytes={start}-"} if start else {}
    with get_session().stream("GET", url, headers=headers, timeout=_TIMEOUT_SECONDS) as answer:
        hf_raise_for_status(answer)
        begins = start if answer.status_code == 206 else 0
        on_bytes(begins - start)  # a server that knows no ranges sends it all again
        with open(part, "r+b" if part.exists() else "wb") as out:
            out.truncate(begins)
            out.seek(begins)
            for piece in answer.iter_raw():
                out.write(piece)
                out.flush()
                on_bytes(len(piece))


def _pause(exc: BaseException, failed: int) -> float:
    """Seconds to wait before another try: what the Hub asks for, or longer each time."""
    asked = getattr(getattr(exc, "response", None), "headers", {}).get("Retry-After", "")
    return min(60.0, float(asked)) if asked.isdigit() else 0.3 * 2.0**failed


def _is_right(part: Path, file: File) -> bool:
    if part.stat().st_size != file.size:
        return False
    digest = hashlib.sha256() if file.sha256 else hashlib.sha1(b"blob %d\0" % file.size, usedforsecurity=False)
    with open(part, "rb") as data:
        while piece := data.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest() == (file.sha256 or file.oid)


class _Meter:
    """Counts bytes, and tells how long the rest will take at the present pace."""

    def __init__(self, total: int, progress: Progress) -> None:
        self.done = 0
        self._total, self._progress = total, progress
        self._began, self._first = time.monotonic(), -1

    def add(self, size: int) -> None:
        self.done += size
        if self._first < 0:
            self._first = self.done
        self._progress(self.done / self._total, self._words())

    def _words(self) -> str:
        sizes = {"size": Figures(in_words(self.done)), "total": Figures(in_words(self._total))}
        seconds, came = time.monotonic() - self._began, self.done - self._first
        if seconds < 1 or came <= 0 or self.done >= self._total:
            return said("Downloading: {size} of {total}", **sizes)
        left = seconds * (self._total - self.done) / came
        if left > 90:
            minutes = Figures(f"{left / 60:.0f}")
            return said("Downloading: {size} of {total}, about {minutes} min left", minutes=minutes, **sizes)
        whole = Figures(f"{max(1, left):.0f}")
        return said("Downloading: {size} of {total}, about {seconds} s left", seconds=whole, **sizes)
