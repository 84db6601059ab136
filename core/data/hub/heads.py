"""The first rows of splits as tables in the cache, for datasets that are learned from as a stream."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from core import home
from core.data.arrow_files import portion
from core.data.hub.client import ask
from core.data.hub.network import need_network
from core.data.hub.places import repo_of, table_folder
from core.data.origins import Origin
from core.data.tables import put_in_place
from core.data.types import Progress

COLUMNS = "columns.json"
"""Beside the table: the columns' own names, before they were tidied."""


def read_heads(places: Sequence[Origin], progress: Progress | None = None) -> None:
    """Read the heads of settled origins as streams, and keep them. Raises ``DataError`` when that cannot be done."""
    width = 1 / max(1, len(places))
    for number, place in enumerate(places):
        _read(place, portion(progress, number * width, (number + 1) * width))


def columns_of_head(folder: Path) -> list[str]:
    """The columns' own names, in the order of the table in a folder."""
    names: list[str] = json.loads((folder / COLUMNS).read_text(encoding="utf-8"))
    return names


def _read(place: Origin, progress: Progress) -> None:
    repo = repo_of(place)
    need_network(repo)
    tables = home.cache_dir() / "tables"
    tables.mkdir(exist_ok=True)
    draft = Path(tempfile.mkdtemp(dir=tables, prefix=".", suffix=".draft"))
    try:
        question = {
            "do": "head",
            "repo": repo,
            "commit": place.revision,
            "subset": place.subset,
            "split": place.split,
            "rows": place.head,
            "folder": str(draft),
        }
        record = ask(question, repo, progress)
        (draft / "meta.json").write_text(json.dumps(record), encoding="utf-8")
        put_in_place(draft, table_folder(place))
    finally:
        shutil.rmtree(draft, ignore_errors=True)
