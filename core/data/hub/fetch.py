"""Fetching splits into the cache of tables: downloaded and written in a process of its own, put in place when whole."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from core import home
from core.data.arrow_files import portion
from core.data.hub.client import ask
from core.data.hub.network import need_network
from core.data.hub.places import folder_of, repo_of, table_folder
from core.data.origins import Origin
from core.data.tables import put_in_place
from core.data.types import Progress


def fetch_settled(places: Sequence[Origin], progress: Progress | None = None) -> None:
    """Fetch splits of one dataset at one commit. Whoever raises in ``progress`` ends it; the files so far are kept.

    Raises ``DataError`` when the Hub cannot be reached, refuses, or sends what cannot be read.
    """
    repo = repo_of(places[0])
    need_network(repo)
    by_subset = [list(group) for _, group in groupby(places, key=lambda place: place.subset)]
    for number, group in enumerate(by_subset):
        _fetch(repo, group, portion(progress, number / len(by_subset), (number + 1) / len(by_subset)))


def _fetch(repo: str, places: Sequence[Origin], progress: Progress) -> None:
    tables = home.cache_dir() / "tables"
    tables.mkdir(exist_ok=True)
    draft = Path(tempfile.mkdtemp(dir=tables, prefix=".", suffix=".draft"))
    try:
        drafts = {str(place.split): draft / str(number) for number, place in enumerate(places)}
        for target in drafts.values():
            target.mkdir()
        question = {
            "do": "fetch",
            "repo": repo,
            "commit": places[0].revision,
            "subset": places[0].subset,
            "splits": {split: str(target) for split, target in drafts.items()},
            "folder": str(folder_of(repo) / str(places[0].revision)),
            "tables": [str(table_folder(place)) for place in places],
        }
        records = ask(question, repo, progress)
        if records is None:  # whoever fetched them at the same time was first
            return
        for place, record, target in zip(places, records, drafts.values(), strict=True):
            (target / "meta.json").write_text(json.dumps(record), encoding="utf-8")
            put_in_place(target, table_folder(place))
    finally:
        shutil.rmtree(draft, ignore_errors=True)
