"""What can be changed on a small Hub: repositories, their files, discussions."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from tests.small_hub.http import Reply, Request, refusal
from tests.small_hub.store import Blob, Commit, Discussion, Kind, Repo, Store, User

DATE = "2025-01-02T03:04:05.678Z"


def create(store: Store, user: User, request: Request, base: str) -> Reply:
    """A new repository; 409 when there is one of that name."""
    kind, id = _named(request, user)
    data = request.data()
    if id.split("/")[0] not in (user.name, *user.orgs) or user.role != "write":
        return refusal(403, "", "You don't have the rights to create a repository under this namespace")
    url = f"{base}/{'' if kind == 'models' else kind + '/'}{id}"
    if store.repo(kind, id) is not None:
        return Reply(409, {"error": f"You already created this {kind[:-1]} repo", "url": url})
    private = (data.get("visibility") == "private" or bool(data.get("private"))) and not store.opens_everything
    store.create(kind, id, author=user.name, private=private, sdk=data.get("sdk", ""))
    return Reply(body={"url": url, "name": id, "id": f"id-{id}"})


def delete(store: Store, user: User, request: Request) -> Reply:
    """Delete a repository of one's own."""
    kind, id = _named(request, user)
    repo = store.repo(kind, id)
    if repo is None:
        return refusal(404, "RepoNotFound", "Repository not found")
    if not user.owns(repo):
        return refusal(403, "", "You don't have the rights to delete this repository")
    del store.repos[kind, id]
    return Reply()


def settings(repo: Repo, request: Request) -> Reply:
    """Make a repository private, public or gated."""
    data = request.data()
    if "visibility" in data or "private" in data:
        repo.private = data.get("visibility") == "private" or bool(data.get("private"))
    if "gated" in data:
        repo.gated = data["gated"] or ""
    return Reply(body={"private": repo.private, "gated": repo.gated or False})


def preupload(request: Request, lfs_above: int | None) -> Reply:
    """How each file is to be sent: in the commit itself, or as LFS where it is larger than ``lfs_above`` bytes."""
    files = request.data()["files"]
    return Reply(
        body={
            "files": [
                {
                    "path": one["path"],
                    "uploadMode": "lfs" if lfs_above is not None and one["size"] > lfs_above else "regular",
                    "shouldIgnore": False,
                }
                for one in files
            ]
        }
    )


def lfs_batch(store: Store, request: Request, base: str) -> Reply:
    """Where files may be put that a commit will name."""
    objects = []
    for one in request.data()["objects"]:
        record: dict[str, Any] = {"oid": one["oid"], "size": one["size"]}
        if not (store.folder / "blobs" / one["oid"]).exists():
            record["actions"] = {"upload": {"href": f"{base}/lfs/{one['oid']}", "header": {}}}
        objects.append(record)
    return Reply(body={"transfer": "basic", "objects": objects})


def lfs_put(store: Store, oid: str, request: Request) -> Reply:
    """Keep what was put, if it is what its name says."""
    if hashlib.sha256(request.body).hexdigest() != oid:
        return refusal(400, "", "The content does not have the hash that it was announced with")
    store.keep(request.body)
    return Reply()


def commit(store: Store, repo: Repo, branch: str, user: User, request: Request, base: str) -> Reply:
    """A commit, a JSON record a line: a header, then files that come or go."""
    lines = [json.loads(line) for line in request.body.splitlines() if line.strip()]
    header: dict[str, Any] = next((line["value"] for line in lines if line["key"] == "header"), {})
    parent = repo.commit_of(header.get("parentCommit") or branch)
    head = repo.branches.get(branch)
    if parent is None or head is None:
        return refusal(404, "RevisionNotFound", f"Invalid rev id: {branch}")
    if header.get("parentCommit") and parent.sha != head.sha:
        return refusal(412, "", "A commit has happened since. Please refresh and try again.")
    changes = _changes(store, head, [line for line in lines if line["key"] != "header"])
    if isinstance(changes, Reply):
        return changes
    title = header.get("summary", "")
    if request.one("create_pr") != "1":
        made = store.commit(repo, changes, branch=branch, title=title, author=user.name)
        return Reply(body=_committed(repo, made, base))
    talk = propose(store, repo, changes, title=title, author=user.name, base=branch)
    made = repo.branches[f"refs/pr/{talk.num}"]
    url = f"{base}/{'' if repo.kind == 'models' else repo.kind + '/'}{repo.id}/discussions/{talk.num}"
    return Reply(body={**_committed(repo, made, base), "pullRequestUrl": url})


def propose(
    store: Store, repo: Repo, changes: Mapping[str, Blob | None], *, title: str, author: str, base: str = "main"
) -> Discussion:
    """A pull request with one commit; its branch is ``refs/pr/<num>``."""
    talk = Discussion(len(repo.discussions) + 1, title, author, base)
    repo.discussions.append(talk)
    branch = f"refs/pr/{talk.num}"
    repo.branches[branch] = repo.branches[base]
    store.commit(repo, changes, branch=branch, title=title, author=author)
    return talk


def branch(repo: Repo, name: str, request: Request) -> Reply:
    """Make or delete a branch."""
    if request.method == "DELETE":
        if repo.branches.pop(name, None) is None:
            return refusal(404, "RevisionNotFound", f"Invalid rev id: {name}")
        return Reply()
    if name in repo.branches:
        return refusal(409, "", "Reference already exists")
    start = repo.commit_of(request.data().get("startingPoint") or "main")
    if start is None:
        return refusal(404, "RevisionNotFound", "Invalid rev id")
    repo.branches[name] = start
    return Reply()


def tag(repo: Repo, name: str, request: Request) -> Reply:
    """Tag a revision, or delete a tag."""
    if request.method == "DELETE":
        return Reply() if repo.tags.pop(name, None) else refusal(404, "RevisionNotFound", f"Invalid rev id: {name}")
    start = repo.commit_of(name)
    if start is None:
        return refusal(404, "RevisionNotFound", f"Invalid rev id: {name}")
    repo.tags[request.data()["tag"]] = start
    return Reply()


def discussions(repo: Repo, request: Request) -> Reply:
    """All discussions, or those of an author, a kind, a status."""
    wanted = request.one("type", "all")
    found = [
        record(repo, talk)
        for talk in repo.discussions
        if request.one("author") in ("", talk.author)
        and request.one("status", "all") in ("all", "open" if talk.status in ("open", "draft") else "closed")
        and (wanted == "all" or bool(talk.base) == (wanted == "pull_request"))
    ]
    return Reply(body={"discussions": found, "count": len(found), "start": 0})


def talk(store: Store, repo: Repo, num: int, action: str, user: User | None, request: Request) -> Reply:
    """One discussion, or what is done to it: a comment, another status, a merge."""
    one = next((talk for talk in repo.discussions if talk.num == num), None)
    if one is None:
        return refusal(404, "", "Discussion not found")
    data = request.data() if request.body else {}
    author = user.name if user else ""
    if action == "comment":
        one.comments.append((author, data["comment"]))
    elif action == "status":
        one.status = data["status"]
    elif action == "merge":
        made = store.commit(repo, dict(repo.branches[f"refs/pr/{num}"].files), branch=one.base, author=author)
        one.status, one.merged = "merged", made.sha
    changes = {"base": one.base, "mergeCommitId": one.merged or None} if one.base else {}
    events = [_event(place, who, text) for place, (who, text) in enumerate(one.comments)]
    details = {**record(repo, one), "changes": changes, "filesWithConflicts": [], "diff": "", "events": events}
    return Reply(body={**details, "newMessage": events[-1]} if action == "comment" else details)


def start_talk(repo: Repo, user: User, request: Request) -> Reply:
    """A new discussion or an empty pull request."""
    data = request.data()
    one = Discussion(len(repo.discussions) + 1, data["title"], user.name, "main" if data.get("pullRequest") else "")
    one.comments.append((user.name, data.get("description") or ""))
    if one.base:
        one.status = "draft"
        repo.branches[f"refs/pr/{one.num}"] = repo.branches["main"]
    repo.discussions.append(one)
    return Reply(body={"num": one.num, "url": ""})


def record(repo: Repo, talk: Discussion) -> dict[str, Any]:
    """A discussion as lists show it."""
    return {
        "title": talk.title,
        "num": talk.num,
        "author": {"name": talk.author},
        "createdAt": DATE,
        "status": talk.status,
        "repo": {"name": repo.id, "type": repo.kind[:-1]},
        "isPullRequest": bool(talk.base),
    }


def _event(place: int, author: str, text: str) -> dict[str, Any]:
    data = {"edited": False, "hidden": False, "latest": {"raw": text, "html": "", "updatedAt": DATE}}
    return {"id": str(place), "author": {"name": author}, "createdAt": DATE, "type": "comment", "data": data}


def _changes(store: Store, head: Commit, lines: list[dict[str, Any]]) -> dict[str, Blob | None] | Reply:
    changes: dict[str, Blob | None] = {}
    for line in lines:
        key, value = line["key"], line["value"]
        path = value["path"]
        if key == "file":
            content = base64.b64decode(value["content"]) if value.get("encoding") == "base64" else value["content"]
            changes[path] = store.keep(content)
        elif key == "lfsFile":
            place = store.folder / "blobs" / value["oid"]
            if not place.exists():
                return refusal(400, "", f"The file {path} was never put")
            changes[path] = store.keep(place, is_lfs=True)
        elif key == "deletedFile":
            changes[path] = None
        elif key == "deletedFolder":
            changes |= {name: None for name in head.files if name.startswith(path.rstrip("/") + "/")}
        else:
            return refusal(400, "", f"This small Hub does not know {key}")
    return changes


def _committed(repo: Repo, made: Commit, base: str) -> dict[str, Any]:
    prefix = "" if repo.kind == "models" else f"{repo.kind}/"
    url = f"{base}/{prefix}{repo.id}/commit/{made.sha}"
    return {"success": True, "commitOid": made.sha, "commitUrl": url, "hookOutput": ""}


def _named(request: Request, user: User) -> tuple[Kind, str]:
    data = request.data()
    kinds: dict[str, Kind] = {"model": "models", "dataset": "datasets", "space": "spaces"}
    return kinds[data.get("type") or "model"], f"{data.get('organization') or user.name}/{data['name']}"
