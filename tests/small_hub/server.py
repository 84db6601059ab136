"""A small Hugging Face Hub on this machine, real HTTP, for the unmodified clients: point ``HF_ENDPOINT`` at its url."""

from __future__ import annotations

import re
import secrets
import shutil
import tempfile
import threading
import urllib.parse
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.small_hub import cards, reading, writing
from tests.small_hub.http import Handler, Reply, Request, Server, Trouble, refusal
from tests.small_hub.jobs import Jobs
from tests.small_hub.oidc import Logins
from tests.small_hub.store import Content, Kind, Repo, Store, User

_REPO = r"(?P<id>[^/]+/[^/]+)"
_API = re.compile(rf"/api/(?P<kind>models|datasets|spaces)/{_REPO}(?:/(?P<action>[^/]+)(?:/(?P<rest>.*))?)?")
_FILE = re.compile(rf"/(?:(?P<kind>datasets|spaces)/)?{_REPO}/(?:resolve|raw)/(?P<revision>[^/]+)/(?P<path>.+)")
_LFS = re.compile(rf"/(?:(?P<kind>datasets|spaces)/)?{_REPO}\.git/info/lfs/objects/batch")
_WRITES = {"settings", "branch", "tag"}


class SmallHub:
    """Answers on loopback from ``start`` to ``stop``, or inside a ``with``. State lies in a folder of its own.

    ``requests`` are all that came; ``lfs_above`` makes files that are larger (bytes) go the way of LFS.
    """

    def __init__(self, folder: Path | None = None, port: int = 0) -> None:
        self._own = None if folder else Path(tempfile.mkdtemp(prefix="small-hub-"))
        self.store = Store(folder or self._own or Path())
        self.requests: list[Request] = []
        self.lfs_above: int | None = None
        self.logins = Logins()
        self.jobs = Jobs(self.store.folder / "jobs")
        self._troubles: list[Trouble] = []
        self._port = port
        self._server: Server | None = None

    # What is in it

    def add(
        self,
        id: str,
        files: Mapping[str, Content],
        *,
        kind: Kind = "datasets",
        branch: str = "main",
        author: str = "",
        lfs: bool = False,
        **facts: Any,
    ) -> str:
        """Commit files to a repository, which is made when it is not there; returns the commit's hash.

        ``facts`` are those of ``Repo``: private, gated, downloads, likes.
        """
        repo = self.store.repo(kind, id) or self.store.create(kind, id, author=author)
        for name, value in facts.items():
            setattr(repo, name, value)
        kept = {path: self.store.keep(content, is_lfs=lfs) for path, content in files.items()}
        return self.store.commit(repo, kept, branch=branch, author=author).sha

    def propose(self, id: str, files: Mapping[str, Content], author: str, kind: Kind = "models") -> int:
        """Open a pull request; returns its number. Its branch is ``refs/pr/<number>``."""
        kept = {path: self.store.keep(content) for path, content in files.items()}
        return writing.propose(self.store, self.repo(id, kind), kept, title="A proposal", author=author).num

    def repo(self, id: str, kind: Kind = "datasets") -> Repo:
        return self.store.repos[kind, id]

    def user(self, name: str, orgs: tuple[str, ...] = (), role: str = "write", **facts: Any) -> str:
        """Somebody with an account; returns their token. ``facts`` are those of ``User``: auth, org_roles."""
        token = f"hf_{secrets.token_hex(16)}"
        self.store.users[token] = User(name, token, orgs, role, **facts)
        return token

    def expire(self, token: str) -> None:
        """Accept a token no more."""
        del self.store.users[token]

    def alias(self, old: str, new: str, kind: Kind = "datasets") -> None:
        """An old name, without an owner, that leads to the new one."""
        self.store.aliases[kind, old] = new

    # What goes wrong with it

    def fail(self, where: str, status: int, *, times: int = 1_000_000, method: str = "", **headers: str) -> None:
        """Answer a status to requests whose path matches; ``Retry_After="1"`` becomes a header."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self._troubles.append(Trouble(where, method, times, status=status, headers=named))

    def cut(self, where: str, after: int, *, times: int = 1) -> None:
        """End the connection in the middle of a file, after so many bytes of an answer."""
        self._troubles.append(Trouble(where, "GET", times, cut_after=after))

    def cut_upload(self, where: str, after: int, *, times: int = 1) -> None:
        """End the connection in the middle of what a client sends, after so many bytes of it."""
        self._troubles.append(Trouble(where, times=times, heard=after))

    def lose_answer(self, where: str, *, method: str = "POST", times: int = 1) -> None:
        """Do what is asked, and end the connection without an answer."""
        self._troubles.append(Trouble(where, method, times, mute=True))

    def slow(self, where: str, *, wait: float = 0.0, pace: int = 0, times: int = 1_000_000) -> None:
        """Wait seconds before an answer, or let so many bytes a second pass."""
        self._troubles.append(Trouble(where, times=times, wait=wait, pace=pace))

    def heal(self) -> None:
        """Nothing goes wrong any more."""
        self._troubles.clear()

    # Its life

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def is_up(self) -> bool:
        return self._server is not None

    def start(self) -> Self:
        """Answer from now on; after a ``stop``, at the same address."""
        handler = type("Handler", (Handler,), {"answer": self._answer, "trouble": self._trouble})
        self._server = Server(self._port, handler)
        self._port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def stop(self) -> None:
        """Nobody answers any more, as with a network that is down."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self.jobs.close()
        self.stop()
        if self._own is not None:
            shutil.rmtree(self._own, ignore_errors=True)

    def environment(self, folder: Path, token: str = "") -> dict[str, str]:
        """What a client's process needs in its environment. ``folder`` becomes its HF_HOME."""
        return {
            "HF_ENDPOINT": self.url,
            "HF_HOME": str(folder),
            "HF_HUB_OFFLINE": "0",
            "HF_DATASETS_OFFLINE": "0",
            "HF_UPDATE_DOWNLOAD_COUNTS": "0",
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "HF_HUB_DISABLE_PROGRESS_BARS": "1",
            "NO_PROXY": "*",
        } | ({"HF_TOKEN": token} if token else {})

    def paths(self, method: str = "") -> list[str]:
        """The paths that were asked for so far."""
        return [one.path for one in self.requests if method in ("", one.method)]

    # Answers

    def _trouble(self, request: Request, target: str) -> Trouble | None:
        return next((one for one in self._troubles if one.takes(request, target)), None)

    def _answer(self, request: Request) -> Reply:
        self.requests.append(request)
        login = self.logins.answer(self.store, request, self.url)
        if login is not None:
            return login
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        user = self.store.users.get(token)
        if token and user is None:
            return refusal(401, "", "Invalid credentials in Authorization header")
        rented = self.jobs.answer(request, user, self.url)
        return rented or self._moved(request) or self._general(request, user) or self._of_a_repo(request, user)

    def _moved(self, request: Request) -> Reply | None:
        for (kind, old), new in self.store.aliases.items():
            for prefix in (f"/api/{kind}/{old}", f"/{'' if kind == 'models' else kind + '/'}{old}"):
                if request.path == prefix or request.path.startswith(f"{prefix}/"):
                    place = prefix.removesuffix(old) + new + request.path.removeprefix(prefix)
                    query = urllib.parse.urlencode(request.query, doseq=True)
                    return Reply(307, {}, {"Location": place + (f"?{query}" if query else "")})
        return None

    def _general(self, request: Request, user: User | None) -> Reply | None:
        """What is not about one repository."""
        path = request.path
        if path in ("/api/models", "/api/datasets", "/api/spaces"):
            kind: Kind = path.rpartition("/")[2]  # type: ignore[assignment]
            return reading.listing(self.store, kind, request, user, self.url)
        if path == "/api/whoami-v2":
            return reading.whoami(user)
        if path == "/api/validate-yaml":
            return cards.validated(request)
        if path.startswith("/lfs/"):
            return writing.lfs_put(self.store, path.removeprefix("/lfs/"), request)
        if not path.startswith("/api/repos/"):
            return None
        if user is None:
            return refusal(401, "", "Invalid username or password.")
        if path.endswith("/create"):
            return writing.create(self.store, user, request, self.url)
        return writing.delete(self.store, user, request)

    def _of_a_repo(self, request: Request, user: User | None) -> Reply:
        found = _API.fullmatch(request.path) or _LFS.fullmatch(request.path) or _FILE.fullmatch(request.path)
        kind: Kind = (found and found["kind"]) or "models"  # type: ignore[assignment]
        repo = self.store.repo(kind, urllib.parse.unquote(found["id"])) if found else None
        if found is None or repo is None or (repo.private and not (user and user.owns(repo))):
            return refusal(404 if user else 401, "RepoNotFound", "Repository not found")
        if found.re is _FILE:
            return self._file(repo, found, user)
        if found.re is _LFS:
            return writing.lfs_batch(self.store, request, self.url)
        rest = urllib.parse.unquote(found["rest"] or "")
        return self._action(repo, found["action"] or "", found["rest"] or "", rest, request, user)

    def _file(self, repo: Repo, found: re.Match[str], user: User | None) -> Reply:
        refused = _gate(repo, user)
        if refused is not None:
            return refused
        revision, path = (urllib.parse.unquote(found[name]) for name in ("revision", "path"))
        commit = repo.commit_of(revision)
        return reading.file(repo, commit, path) if commit else _no_revision(revision)

    def _action(self, repo: Repo, action: str, quoted: str, rest: str, request: Request, user: User | None) -> Reply:
        """What an address under ``/api`` asks of a repository. In ``quoted``, a revision is one part of the path."""
        if action == "auth-check":
            return _gate(repo, user) or Reply()
        if action == "refs":
            return reading.refs(repo, request)
        if action == "discussions":
            return self._talk(repo, rest, request, user)
        if action in _WRITES or action in ("commit", "preupload"):
            return self._write(repo, action, rest, request, user)
        revision, _, path = quoted.partition("/")
        revision, path = urllib.parse.unquote(revision) or "main", urllib.parse.unquote(path)
        commit = repo.commit_of(revision)
        if commit is None:
            return _no_revision(revision)
        if action in ("", "revision"):
            return Reply(body=reading.about(repo, commit, request))
        if action == "tree":
            return reading.tree(repo, commit, path, request, self.url)
        if action == "paths-info":
            return reading.paths_info(commit, request)
        if action == "commits":
            return reading.commits(repo, revision)
        return refusal(404, "", "Sorry, we can't find the page you are looking for.")

    def _talk(self, repo: Repo, rest: str, request: Request, user: User | None) -> Reply:
        if request.method == "POST" and user is None:
            return refusal(401, "", "Invalid username or password.")
        if not rest:
            return (
                writing.start_talk(repo, user, request)
                if user and request.method == "POST"
                else (writing.discussions(repo, request))
            )
        num, _, action = rest.partition("/")
        return writing.talk(self.store, repo, int(num), action, user, request)

    def _write(self, repo: Repo, action: str, rest: str, request: Request, user: User | None) -> Reply:
        if user is None:
            return refusal(401, "", "Invalid username or password.")
        proposes = request.one("create_pr") == "1"
        if user.role != "write" or not (user.owns(repo) or proposes):
            return refusal(403, "", "Forbidden: you must be the owner of this repository, or use a token with write")
        if action == "preupload":
            return writing.preupload(request, self.lfs_above)
        if action == "commit":
            return writing.commit(self.store, repo, rest, user, request, self.url)
        if action == "settings":
            return writing.settings(repo, request)
        return (writing.branch if action == "branch" else writing.tag)(repo, rest, request)


def _gate(repo: Repo, user: User | None) -> Reply | None:
    if not repo.gated or (user is not None and (user.owns(repo) or user.name in repo.accepted)):
        return None
    words = f"Access to {repo.kind[:-1]} {repo.id} is restricted."
    return refusal(403 if user else 401, "GatedRepo", words)


def _no_revision(revision: str) -> Reply:
    return refusal(404, "RevisionNotFound", f"Invalid rev id: {revision}")
