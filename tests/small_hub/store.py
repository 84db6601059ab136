"""What a small Hub keeps: repositories with their commits, and the people who may see them."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import yaml

from tests.small_hub.models import MODEL_TAGS, Model, described_by

Kind = Literal["models", "datasets", "spaces"]


@dataclass(frozen=True)
class Beginning:
    """The beginning of a file that is said to have ``size`` bytes: for weights of which only the header is read."""

    content: bytes
    size: int


Content = bytes | str | Path | Beginning
_TAGS = {
    "language": "language:",
    "license": "license:",
    "task_categories": "task_categories:",
    "task_ids": "task_ids:",
    "size_categories": "size_categories:",
    "tags": "",
    "library_name": "",
    "pipeline_tag": "",
}
_BORN = datetime(2025, 1, 2, 3, 4, 5, 678000, UTC)


@dataclass(frozen=True)
class Blob:
    """The content of a file. ``oid`` is git's name for it; ``is_lfs`` says that it is kept outside of git."""

    oid: str
    sha256: str
    size: int
    place: Path
    is_lfs: bool = False


@dataclass(frozen=True)
class Commit:
    sha: str
    title: str
    author: str
    date: datetime
    files: Mapping[str, Blob]
    parent: Commit | None = None


@dataclass
class Discussion:
    """A discussion; a pull request when it has a ``base``, the branch that it would change."""

    num: int
    title: str
    author: str
    base: str = ""
    status: str = "open"
    merged: str = ""
    comments: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class User:
    name: str
    token: str
    orgs: tuple[str, ...] = ()
    role: str = "write"
    auth: dict[str, Any] = field(default_factory=dict)
    """What ``whoami-v2`` says of the token, where that is more than its role."""
    org_roles: dict[str, str] = field(default_factory=dict)
    """Of the organisations in which they may not write."""

    def owns(self, repo: Repo) -> bool:
        return repo.id.partition("/")[0] in (self.name, *self.orgs)


@dataclass
class Repo:
    kind: Kind
    id: str
    private: bool = False
    gated: str = ""
    """``auto`` or ``manual``; empty when it is open."""
    downloads: int = 0
    likes: int = 0
    sdk: str = ""
    """Of a Space."""
    created: datetime = _BORN
    branches: dict[str, Commit] = field(default_factory=dict)
    tags: dict[str, Commit] = field(default_factory=dict)
    discussions: list[Discussion] = field(default_factory=list)
    accepted: set[str] = field(default_factory=set)
    """Names of those who accepted its terms."""

    def commit_of(self, revision: str) -> Commit | None:
        """The commit of a branch, a tag, or the beginning of a hash (7 digits or more)."""
        named = self.branches.get(revision) or self.tags.get(revision)
        if named is not None or len(revision) < 7:
            return named
        return next((commit for commit in self.history() if commit.sha.startswith(revision)), None)

    def history(self, revision: str = "") -> list[Commit]:
        """All commits that can be reached, or those of one branch, the newest first."""
        heads = [self.branches[revision]] if revision else [*self.branches.values(), *self.tags.values()]
        found: dict[str, Commit] = {}
        for head in heads:
            one: Commit | None = head
            while one is not None:
                found[one.sha] = one
                one = one.parent
        return sorted(found.values(), key=lambda commit: commit.date, reverse=True)

    @property
    def card(self) -> dict[str, Any]:
        """The YAML head of its README; empty without one."""
        readme = self.branches["main"].files.get("README.md")
        text = readme.place.read_text(encoding="utf-8") if readme else ""
        if not text.startswith("---\n"):
            return {}
        head = yaml.safe_load(text[4:].partition("\n---")[0])
        return head if isinstance(head, dict) else {}

    def labels(self) -> list[str]:
        """What the Hub calls tags: made of the head of the README and, of a model, of its files."""
        found = described_by(self.card, MODEL_TAGS if self.kind == "models" else _TAGS)
        if self.kind == "models":
            found = list(dict.fromkeys([*found, *Model(self.branches["main"].files, self.card).tags]))
        return [*found, "region:us"]


class Store:
    """All repositories and people of one small Hub; contents lie in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.repos: dict[tuple[Kind, str], Repo] = {}
        self.aliases: dict[tuple[Kind, str], str] = {}
        self.users: dict[str, User] = {}
        """By token."""
        self.opens_everything = False
        """Whatever is asked for, new repositories are seen by everybody."""
        self._clock = itertools.count(1)
        (folder / "blobs").mkdir(parents=True, exist_ok=True)

    def repo(self, kind: Kind, id: str) -> Repo | None:
        return self.repos.get((kind, id))

    def create(self, kind: Kind, id: str, *, author: str = "", **facts: Any) -> Repo:
        """A new repository with a first, empty commit, as the Hub makes it."""
        repo = Repo(kind, id, created=self._now(), **facts)
        self.repos[kind, id] = repo
        self.commit(repo, {".gitattributes": self.keep(b"*.bin filter=lfs\n")}, title="initial commit", author=author)
        return repo

    def commit(
        self, repo: Repo, changes: Mapping[str, Blob | None], *, branch: str = "main", title: str = "", author: str = ""
    ) -> Commit:
        """Add or replace files, and delete those that are None; returns the new head of the branch."""
        parent = repo.branches.get(branch) or repo.branches.get("main")
        files = {**(parent.files if parent else {}), **changes}
        kept = {path: blob for path, blob in sorted(files.items()) if blob is not None}
        date = self._now()
        facts = f"{repo.kind} {repo.id} {branch} {date} {title} {[(path, blob.oid) for path, blob in kept.items()]}"
        sha = hashlib.sha1(facts.encode()).hexdigest()
        made = Commit(sha, title or "Add files", author or repo.id.partition("/")[0], date, kept, parent)
        repo.branches[branch] = made
        return made

    def keep(self, content: Content, *, is_lfs: bool = False) -> Blob:
        """Keep a file's content: bytes, text, or what a file on this machine holds."""
        said = content.size if isinstance(content, Beginning) else None
        content = content.content if isinstance(content, Beginning) else content
        data = content.read_bytes() if isinstance(content, Path) else content
        data = data.encode() if isinstance(data, str) else data
        sha256 = hashlib.sha256(data).hexdigest()
        place = self.folder / "blobs" / sha256
        if not place.exists():
            place.write_bytes(data)
        oid = hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
        return Blob(oid, sha256, said or len(data), place, is_lfs)

    def _now(self) -> datetime:
        """A clock that goes on by a second each time it is read: the order of things is sure."""
        return _BORN + timedelta(seconds=next(self._clock))


def stamp(date: datetime) -> str:
    """A date as the Hub writes it: ``2025-01-02T03:04:05.678Z``."""
    return date.strftime("%Y-%m-%dT%H:%M:%S.") + f"{date.microsecond // 1000:03}Z"
