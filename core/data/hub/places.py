"""Where things of the Hub are kept in the home folder, and what may be called a dataset there."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from core import home
from core.data.origins import Origin
from core.errors import DataError
from core.said import said

_NAME = re.compile(r"[\w.-]+(/[\w.-]+)?")
_COMMIT = re.compile(r"[0-9a-f]{40}")


def repo_of(origin: Origin) -> str:
    """``owner/name``. Raises ``DataError`` when this cannot be the name of a dataset, or for a visitor of a demo, for
    whom nothing is fetched.
    """
    if home.is_visitors():
        title = said("A demo takes nothing from the Hugging Face Hub.")
        raise DataError(title, said("Upload a small table, or choose a sample."))
    repo = origin.repo.strip("/")
    if _NAME.fullmatch(repo) is None or ".." in repo:
        raise DataError(
            said("{source} does not name a dataset of the Hugging Face Hub.", source=repr(origin.source)),
            said("It looks like hf://datasets/stanfordnlp/imdb: the owner, a slash, and the name."),
        )
    return repo


def is_commit(revision: str | None) -> bool:
    return revision is not None and _COMMIT.fullmatch(revision) is not None


def folder_of(repo: str) -> Path:
    """What is remembered of a dataset, and its files while they are fetched."""
    folder = home.cache_dir() / "hub" / repo.replace("/", "--")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def table_folder(origin: Origin) -> Path:
    """The folder of a split's table. ``origin`` is settled: its revision is a commit."""
    return home.cache_dir() / "tables" / f"{table_digest(origin)}-hub-1"


def table_digest(origin: Origin) -> str:
    """A short name for what the table of a settled origin holds."""
    facts = [repo_of(origin), origin.revision or "", origin.subset or "", origin.split or ""]
    facts += [f"first {origin.head}"] if origin.head else []
    return hashlib.blake2b("\n".join(facts).encode(), digest_size=16).hexdigest()


def title_of_split(origin: Origin) -> str:
    """What to call the table of a settled origin on screen: ``nyu-mll/glue (mrpc, train)``."""
    named = [name for name in (origin.subset, origin.split) if name and name != "default"]
    return f"{origin.repo} ({', '.join(named)})" if named else origin.repo
