"""The way of one publication: look, send the large files one by one, one commit, and a look whether all is there."""

from __future__ import annotations

import hashlib
import io
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from core.errors import HubError, StudioError
from core.hub.failures import explained, is_passing, offline, page_of, status_of
from core.models import hub
from core.publishing import checked, package
from core.publishing.checked import private_places
from core.publishing.patience import Patience
from core.publishing.place import OTHER_CARD, Place, Repository, There, fitted, need_rights, outdated, token
from core.publishing.types import Item, Published, Publishing, Stage
from core.runs import Run
from core.said import said, said_many, together

T = TypeVar("T")
Tell = Callable[[Stage, str, int, int], None]
"""(stage, words, bytes that are at the Hub, bytes in all)."""
_TOGETHER = 1_000_000
"""Bytes: files up to this size are sent in one go."""


class Counted(io.BufferedReader):
    """A file that says how far it was read: ``heard`` gets the place in it, in bytes."""

    def __init__(self, path: Path, heard: Callable[[int], None]) -> None:
        super().__init__(io.FileIO(path))
        self._heard = heard

    def read(self, size: int | None = -1, /) -> bytes:
        piece = super().read(size)
        self._heard(self.tell())
        return piece


@dataclass
class _Sent:
    """A file on its way. ``operation`` is the client's own record of it."""

    item: Item
    operation: Any

    def is_there(self, files: dict[str, There]) -> bool:
        """Whether exactly this content stands under its name."""
        there = files.get(self.item.name)
        if there is None or there.size != self.item.size:
            return False
        if there.sha256:
            return bool(there.sha256 == self.operation.upload_info.sha256.hex())
        return there.git_sha1 == git_sha1(self.item)


@dataclass(frozen=True)
class Parcel:
    """What goes up, and how it lies beside what is there."""

    items: Callable[[Callable[[str], None]], list[Item]]
    """Puts the files together, saying what it does."""
    fitted: Callable[[list[Item], Place], list[Item]]
    """The files as they go beside what is there. Raises ``HubError`` where they must not."""
    outdated: Callable[[Place, Iterable[str]], list[str]]
    """Files to delete, once these names are sent."""
    title: str
    """Of the commit."""
    shown: bool = True
    """Whether it is for others, who learn no place of this machine."""


def push(run: Run, wanted: Publishing, tell: Tell, patience: Patience) -> Published:
    """Publish, and return only after the Hub has shown that all files are there as they were sent.

    Raises ``StudioError`` with what to do; whatever happens, nothing on this machine is changed.
    """
    parcel = Parcel(
        items=lambda say: package.items_of(run, wanted, lambda _, words: say(words)),
        fitted=lambda items, place: fitted(items, place, wanted.kind),
        outdated=outdated,
        title=package.title_of(run, wanted),
    )
    return send(parcel, wanted, tell, patience)


def send(parcel: Parcel, wanted: Publishing, tell: Tell, patience: Patience) -> Published:
    """The same for anything that goes to the Hub."""
    return _Push(parcel, wanted, tell, patience).go()


class _Push:
    def __init__(self, parcel: Parcel, wanted: Publishing, tell: Tell, patience: Patience) -> None:
        self.parcel, self.wanted, self.patience, self._tell = parcel, wanted, patience, tell
        self.stage: Stage = "preparing"
        self.done = self.total = 0
        self.place: Place | None = None
        self.is_empty = False
        """Of a repository that was made for this: whether it is sure that nothing is in it yet."""

    def go(self) -> Published:
        try:
            return self._publish()
        except Exception as exc:
            error = explained(exc, self.wanted.repo, "writing")
            raise (_still_empty(error, self.wanted) if self.is_empty else error) from exc

    def _publish(self) -> Published:
        self.say(said("Putting the files together"))
        items = self.parcel.items(self.say)
        checked.check(items, [token()], private_places() if self.parcel.shown else [])
        self.say(said("Asking the Hub"))
        if not hub.reachable():
            raise offline("writing")
        repository = Repository(self.wanted)
        self.place = self._place(repository)
        self.is_empty = self.place.is_new
        sent = self._read(self.parcel.fitted(items, self.place))
        old = self.parcel.outdated(self.place, (one.item.name for one in sent))
        if not old and _all_there(sent, self.place.files):
            self.done = self.total
            self.say(said("Nothing had to be sent: all of it is there already."))
            return self._published(repository, self.place.commit)
        self._upload(repository, sent)
        self.stage = "committing"
        made, request = self._commit(repository, sent, old)
        self.is_empty = False
        self.say(said("Looking whether everything is there"))
        self._verify(repository, sent, request or made)
        if any(one.item.name == OTHER_CARD for one in sent):
            self.say(said("Published. The README.md that was there is kept; the card is {file}.", file=OTHER_CARD))
        else:
            self.say(said("Published"))
        return self._published(repository, made, request)

    def say(self, words: str) -> None:
        self._tell(self.stage, words, self.done, self.total)

    def through(self, ask: Callable[[], T]) -> T:
        return self.patience.through(ask, self.say)

    # The repository

    def _place(self, repository: Repository) -> Place:
        name, rights = self.through(repository.rights)
        found = self.through(repository.look)
        need_rights(self.wanted, name, rights, found)
        if found is not None:
            return found
        if self.wanted.as_pull_request:
            advice = said("Leave the pull request out: a new repository needs none. Or check the spelling of its name.")
            raise HubError(said("There is no {repo} yet to propose a change of.", repo=self.wanted.repo), advice)
        self.say(said("Making {repo}", repo=self.wanted.repo))
        self.through(repository.make)
        made = self.through(repository.look)
        if made is None:
            title = said("{repo} was made, but the Hub does not show it.", repo=self.wanted.repo)
            raise HubError(title, said("Try again in a minute."))
        is_new = not [file for file in made.files if not file.startswith(".")]
        return replace(made, is_new=is_new)

    # The files

    def _read(self, items: Sequence[Item]) -> list[_Sent]:
        """The client reads each file once, for its hash. None stays open: there may be more than a process may open."""
        from huggingface_hub import CommitOperationAdd

        sent = []
        for item in items:
            self.say(said("Reading {file}", file=item.name))
            sent.append(_Sent(item, CommitOperationAdd(item.name, item.content)))
        self.total = sum(item.size for item in items)
        return sent

    def _upload(self, repository: Repository, sent: Sequence[_Sent]) -> None:
        """Large files go one by one; what the Hub has already is not sent again."""
        self.stage = "uploading"
        small = [one for one in sent if one.item.size <= _TOGETHER]
        if small:
            words = said_many(len(small), "Sending one small file", "Sending {count} small files")
            self._send(repository, small, words)
        for one in sorted((one for one in sent if one.item.size > _TOGETHER), key=lambda one: one.item.size):
            self._send_counted(repository, one)

    def _send_counted(self, repository: Repository, one: _Sent) -> None:
        """One large file, byte by byte told."""
        before, content = self.done, one.operation.path_or_fileobj
        words = said("Sending {file}", file=one.item.name)
        if not isinstance(one.item.content, Path):
            return self._send(repository, [one], words)

        def heard(place: int) -> None:
            self.done = before + place
            self.say(words)

        with Counted(one.item.content, heard) as file:
            one.operation.path_or_fileobj = file
            try:
                self._send(repository, [one], words)
            finally:
                one.operation.path_or_fileobj = content

    def _send(self, repository: Repository, batch: Sequence[_Sent], words: str) -> None:
        before = self.done
        self.say(words)

        def attempt() -> None:
            for one in batch:
                if isinstance(one.operation.path_or_fileobj, Counted):
                    one.operation.path_or_fileobj.seek(0)  # a try that was cut left it where it was
            repository.api.preupload_lfs_files(
                **repository.facts,
                additions=[one.operation for one in batch],
                create_pr=self.wanted.as_pull_request,
                free_memory=False,
                num_threads=1,
            )

        self.through(attempt)
        self.done = before + sum(one.item.size for one in batch)

    # The commit

    def _commit(self, repository: Repository, sent: Sequence[_Sent], old: Sequence[str]) -> tuple[str, str]:
        """(the commit, the revision of the pull request or nothing). One commit is made, however often it is tried."""
        from huggingface_hub import CommitOperationDelete

        assert self.place is not None
        place = self.place

        def attempt() -> tuple[str, str]:
            self.say(said("Putting everything in its place, in one step"))
            try:
                made = repository.api.create_commit(
                    **repository.facts,
                    operations=[one.operation for one in sent] + [CommitOperationDelete(name) for name in old],
                    commit_message=self.parcel.title,
                    parent_commit=place.commit,
                    create_pr=self.wanted.as_pull_request,
                )
            except Exception as exc:
                if status_of(exc) != 412 and not (is_passing(exc) and status_of(exc) != 429):
                    raise
                found = self._made_already(repository, sent, exc)
                if found is None:
                    raise
                return found
            return str(made.oid), str(made.pr_revision or "")

        already = self._proposed(repository, sent) if self.wanted.as_pull_request else None
        return already or self.through(attempt)

    def _made_already(self, repository: Repository, sent: Sequence[_Sent], lost: Exception) -> tuple[str, str] | None:
        """A commit of ours whose answer was lost."""
        try:
            if self.wanted.as_pull_request:
                return self._proposed(repository, sent)
            now = self.through(repository.look)
        except Exception as exc:
            self.is_empty = False
            advice = said("Look at its page, or simply try again: what is there is not made twice.")
            title = said(
                "The connection broke off at the last step. Whether {repo} is complete is not known.",
                repo=self.wanted.repo,
            )
            raise HubError(title, advice, cause=f"{lost}; {exc}") from exc
        assert self.place is not None
        if now is None or now.commit == self.place.commit or not _all_there(sent, now.files):
            return None
        return now.commit, ""

    def _proposed(self, repository: Repository, sent: Sequence[_Sent]) -> tuple[str, str] | None:
        """An open pull request of exactly these files."""
        asked = {"discussion_type": "pull_request", "discussion_status": "open"}

        def find() -> tuple[str, str] | None:
            for one in repository.api.get_repo_discussions(**repository.facts, **asked):  # type: ignore[arg-type]
                if one.title == self.parcel.title and _all_there(
                    sent, repository.files(revision := f"refs/pr/{one.num}")
                ):
                    return str(repository.api.repo_info(**repository.facts, revision=revision).sha), revision
            return None

        return self.through(find)

    def _verify(self, repository: Repository, sent: Sequence[_Sent], revision: str) -> None:
        files = self.through(lambda: repository.files(revision))
        wrong = [one.item.name for one in sent if not one.is_there(files)]
        if wrong:
            raise HubError(
                said("{repo} does not hold {file} as it was sent.", repo=self.wanted.repo, file=wrong[0]),
                said("Look at its page, and whether a .gitignore there leaves files out; then try again."),
                cause=f"missing or different: {', '.join(wrong)}",
            )

    def _published(self, repository: Repository, commit: str, request: str = "") -> Published:
        assert self.place is not None
        page = page_of(self.wanted.repo, "spaces" if self.wanted.kind == "space" else "models")
        return Published(
            repo=self.wanted.repo,
            kind=self.wanted.kind,
            url=f"{page}/discussions/{request.rpartition('/')[2]}" if request else page,
            commit=commit,
            private=self.place.private,
            as_pull_request=bool(request),
            when=time.time(),
        )


def git_sha1(item: Item) -> str:
    """Git's name for a content."""
    digest = hashlib.sha1(b"blob %d\0" % item.size)
    if isinstance(item.content, bytes):
        digest.update(item.content)
        return digest.hexdigest()
    with open(item.content, "rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()


def _all_there(sent: Sequence[_Sent], files: dict[str, There]) -> bool:
    return all(one.is_there(files) for one in sent)


def _still_empty(error: StudioError, wanted: Publishing) -> StudioError:
    words = (
        said("The new repository {repo} (private) is there and still empty.", repo=wanted.repo)
        if wanted.private
        else said("The new repository {repo} (public) is there and still empty.", repo=wanted.repo)
    )
    return HubError(error.title, together(error.advice, words), cause=error.cause)
