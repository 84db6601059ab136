"""What a small Hub tells: searches, descriptions, trees, files."""

from __future__ import annotations

import urllib.parse
from typing import Any

from tests.small_hub.http import Reply, Request, refusal
from tests.small_hub.models import Model
from tests.small_hub.store import Blob, Commit, Kind, Repo, Store, User, stamp

_SORTED_BY = {
    "downloads": lambda repo: repo.downloads,
    "likes": lambda repo: repo.likes,
    "trendingScore": lambda repo: repo.likes,
    "lastModified": lambda repo: repo.branches["main"].date,
    "createdAt": lambda repo: repo.created,
}
_PAGE = 100
_NOT_LISTED = ("siblings", "usedStorage", "cardData", "config", "safetensors")
"""What a search leaves out unless it is asked for."""


def whoami(user: User | None) -> Reply:
    if user is None:
        return refusal(401, "", "Invalid credentials in Authorization header")
    orgs = [
        {"type": "org", "name": name, "fullname": name, "roleInOrg": user.org_roles.get(name, "write")}
        for name in user.orgs
    ]
    token = {"displayName": "test", "role": user.role, "createdAt": "2025-01-02T03:04:05.678Z"}
    return Reply(
        body={
            "type": "user",
            "id": f"id-{user.name}",
            "name": user.name,
            "fullname": user.name.title(),
            "email": f"{user.name}@example.com",
            "isPro": False,
            "avatarUrl": "",
            "orgs": orgs,
            "auth": user.auth or {"type": "access_token", "accessToken": token},
        }
    )


def listing(store: Store, kind: Kind, request: Request, user: User | None, base: str) -> Reply:
    """A page of a search, with a ``Link`` to the next one."""
    words = [word.lower() for text in request.query.get("search", []) for word in text.split()]
    wanted = {*request.query.get("filter", []), *request.query.get("pipeline_tag", [])}
    author = request.one("author")
    found = [
        repo
        for (its, _), repo in store.repos.items()
        if its == kind
        and (not repo.private or (user is not None and user.owns(repo)))
        and all(word in repo.id.lower() for word in words)
        and wanted <= set(repo.labels())
        and (not author or repo.id.split("/")[0].lower() == author.lower())
        and (not request.one("gated") or (request.one("gated").lower() == "true") == bool(repo.gated))
        and (not request.one("num_parameters") or _model(repo).has_size(request.one("num_parameters")))
    ]
    found.sort(key=_SORTED_BY[request.one("sort") or "trendingScore"], reverse=request.one("direction") != "1")
    start, size = int(request.one("cursor", "0")), min(_PAGE, int(request.one("limit", str(_PAGE))))
    page = [about(repo, repo.branches["main"], request, listed=True) for repo in found[start : start + size]]
    headers = {}
    if start + size < len(found):
        query = urllib.parse.urlencode({**request.query, "cursor": start + size}, doseq=True)
        headers["Link"] = f'<{base}{request.path}?{query}>; rel="next"'
    return Reply(body=page, headers=headers)


def about(repo: Repo, commit: Commit, request: Request, listed: bool = False) -> dict[str, Any]:
    """A repository as the Hub describes it: with ``expand``, its id and what was asked for, nothing else."""
    blobs = request.one("blobs").lower() in ("true", "1")
    card = repo.card
    every: dict[str, Any] = {
        "author": repo.id.partition("/")[0],
        "sha": commit.sha,
        "lastModified": stamp(repo.branches["main"].date),
        "createdAt": stamp(repo.created),
        "private": repo.private,
        "gated": repo.gated or False,
        "disabled": False,
        "downloads": repo.downloads,
        "downloadsAllTime": 10 * repo.downloads,
        "likes": repo.likes,
        "trendingScore": repo.likes,
        "tags": repo.labels(),
        "description": str(card.get("pretty_name", "")),
        "citation": None,
        "cardData": card,
        "siblings": [_sibling(path, blob, blobs) for path, blob in commit.files.items()],
        "usedStorage": sum(blob.size for blob in commit.files.values()),
    }
    if repo.kind == "models":
        every |= {"modelId": repo.id, **Model(commit.files, card).facts}
    if repo.kind == "spaces":
        every |= {"sdk": repo.sdk, "runtime": {"stage": "RUNNING", "hardware": None}}
    expand = request.query.get("expand") or request.query.get("expand[]")
    if expand:
        shown = {name: value for name, value in every.items() if name in expand}
    elif listed and request.one("full").lower() not in ("true", "1"):
        shown = {name: value for name, value in every.items() if name not in _NOT_LISTED}
    else:
        shown = every
    return {"_id": f"id-{repo.id}", "id": repo.id, **shown}


def tree(repo: Repo, commit: Commit, folder: str, request: Request, base: str) -> Reply:
    """What lies in a folder, page by page."""
    inside = f"{folder.strip('/')}/" if folder.strip("/") else ""
    entries: dict[str, dict[str, Any]] = {}
    recursive = request.one("recursive").lower() in ("true", "1")
    for path, blob in commit.files.items():
        if not path.startswith(inside):
            continue
        parts = path.removeprefix(inside).split("/")
        for depth in range(1, len(parts) if recursive else min(2, len(parts))):
            name = inside + "/".join(parts[:depth])
            entries[name] = {"type": "directory", "oid": "0" * 40, "size": 0, "path": name}
        if recursive or len(parts) == 1:
            entries[path] = entry(path, blob)
    if inside and not entries:
        return refusal(404, "EntryNotFound", f"{folder} does not exist on {commit.sha}")
    start, size = int(request.one("cursor", "0")), int(request.one("limit", "1000"))
    page = [_dated(one, commit, request) for one in list(entries.values())[start : start + size]]
    headers = {}
    if start + size < len(entries):
        query = urllib.parse.urlencode({**request.query, "cursor": start + size}, doseq=True)
        headers["Link"] = f'<{base}{request.path}?{query}>; rel="next"'
    return Reply(body=page, headers=headers)


def paths_info(commit: Commit, request: Request) -> Reply:
    """What some paths are; those that do not exist are left out."""
    found: list[dict[str, Any]] = []
    for path in request.data().get("paths", []):
        if path in commit.files:
            found.append(_dated(entry(path, commit.files[path]), commit, request))
        elif any(name.startswith(f"{path}/") for name in commit.files):
            found.append({"type": "directory", "oid": "0" * 40, "size": 0, "path": path})
    return Reply(body=found)


def entry(path: str, blob: Blob) -> dict[str, Any]:
    """A file as trees list it."""
    record: dict[str, Any] = {"type": "file", "oid": blob.oid, "size": blob.size, "path": path}
    if blob.is_lfs:
        record["lfs"] = {"oid": blob.sha256, "sha256": blob.sha256, "size": blob.size, "pointerSize": 134}
    return record


def file(repo: Repo, commit: Commit, path: str) -> Reply:
    """A file itself. Its hash is its ETag: git's, or SHA-256 where it is kept outside of git."""
    blob = commit.files.get(path)
    headers = {"X-Repo-Commit": commit.sha}
    if blob is None:
        missing = refusal(404, "EntryNotFound", "Entry not found")
        return Reply(404, missing.body, missing.headers | headers)
    headers["ETag"] = f'"{blob.sha256 if blob.is_lfs else blob.oid}"'
    if blob.is_lfs:
        headers |= {"X-Linked-ETag": headers["ETag"], "X-Linked-Size": str(blob.size)}
    return Reply(200, blob.place, headers)


def refs(repo: Repo, request: Request) -> Reply:
    """Branches, tags and, when asked for, pull requests."""

    def listed(named: dict[str, Commit], under: str) -> list[dict[str, str]]:
        return [{"name": name, "ref": f"{under}{name}", "targetCommit": one.sha} for name, one in named.items()]

    branches = {name: one for name, one in repo.branches.items() if not name.startswith("refs/")}
    proposed = {name: one for name, one in repo.branches.items() if name.startswith("refs/pr/")}
    body = {"branches": listed(branches, "refs/heads/"), "converts": [], "tags": listed(repo.tags, "refs/tags/")}
    if request.one("include_prs"):
        body["pullRequests"] = listed(proposed, "")
    return Reply(body=body)


def commits(repo: Repo, revision: str) -> Reply:
    """The history of a branch, the newest first."""
    found = repo.history(revision if revision in repo.branches else "")
    return Reply(
        body=[
            {
                "id": one.sha,
                "title": one.title,
                "message": "",
                "authors": [{"user": one.author}],
                "date": stamp(one.date),
            }
            for one in found
        ]
    )


def _model(repo: Repo) -> Model:
    return Model(repo.branches["main"].files, repo.card)


def _sibling(path: str, blob: Blob, blobs: bool) -> dict[str, Any]:
    if not blobs:
        return {"rfilename": path}
    lfs = {"lfs": {"size": blob.size, "sha256": blob.sha256, "pointerSize": 134}} if blob.is_lfs else {}
    return {"rfilename": path, "size": blob.size, "blobId": blob.oid, **lfs}


def _dated(record: dict[str, Any], commit: Commit, request: Request) -> dict[str, Any]:
    asked = request.one("expand") or str(request.data().get("expand", [""])[0] if request.body else "")
    if asked.lower() not in ("true", "1"):
        return record
    last = {"id": commit.sha, "title": commit.title, "date": stamp(commit.date)}
    return {**record, "lastCommit": last, "securityFileStatus": {"status": "safe"}}
