"""What a token allows, in words, from what the Hub says of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.said import enumerated, said

WRITE, READ = "repo.write", "repo.content.read"
"""Permissions of fine-grained tokens."""
MAY_WRITE = {"admin", "write", "contributor"}
"""Roles in an organisation."""
_SHOWN = 5


@dataclass(frozen=True)
class Rights:
    """``orgs`` are those under whose name they may publish; ``repos`` single repositories that they may write to."""

    words: str
    can_write: bool = False
    orgs: tuple[str, ...] = ()
    repos: tuple[str, ...] = ()
    under_own_name: bool = True


def rights_of(name: str, orgs: Sequence[Mapping[str, Any]], auth: Mapping[str, Any], scope: str = "") -> Rights:
    """What ``whoami-v2`` says of somebody's organisations and token. ``scope`` is that of an OAuth login."""
    token = auth.get("accessToken") or {}
    role = token.get("role")
    theirs = tuple(str(org["name"]) for org in orgs if org.get("roleInOrg", "write") in MAY_WRITE)
    if auth.get("type") == "oauth" or scope:
        return _of_login(set(scope.split()), theirs)
    if role == "fineGrained":
        return _of_fine_grained(name, theirs, token.get("fineGrained") or {})
    if role == "read":
        return Rights(said("may read only"))
    return Rights(said("may read and write"), True, theirs)


def _of_login(scopes: set[str], orgs: tuple[str, ...]) -> Rights:
    if "manage-repos" in scopes:
        return Rights(said("may read and write, and make new repositories"), True, orgs)
    if "write-repos" in scopes:
        return Rights(said("may read, and write to repositories that exist already"), True, orgs)
    if "contribute-repos" in scopes:
        return Rights(said("may make new repositories, and write to those"), True, orgs)
    return Rights(said("may read only" if "read-repos" in scopes else "may read what is public"))


def _of_fine_grained(name: str, orgs: tuple[str, ...], told: Mapping[str, Any]) -> Rights:
    writable, readable = _named(told, WRITE), _named(told, READ)
    people = [one for kind, one in writable if kind in ("user", "org")]
    repos = tuple(one for kind, one in writable if kind not in ("user", "org"))
    seen = [one for kind, one in readable if (kind, one) not in writable]
    allowed = [
        said("may write to all repositories of {names}", names=_some(people)) if people else "",
        said("may write to these repositories: {names}", names=_some(repos)) if repos else "",
        said("may read what is private of {names}", names=_some(seen)) if seen else "",
        said("may read gated repositories") if told.get("canReadGatedRepos") else "",
    ]
    words = _one_by_one(filter(None, allowed)) or said("may read what is public")
    may_write = tuple(one for one in orgs if one in people)
    return Rights(words, bool(writable), may_write, repos, under_own_name=name in people)


def _named(told: Mapping[str, Any], permission: str) -> list[tuple[str, str]]:
    """(kind, name) of all that a fine-grained token has this permission for."""
    scoped: Iterable[Mapping[str, Any]] = told.get("scoped") or []
    entities = [one.get("entity") or {} for one in scoped if permission in (one.get("permissions") or [])]
    return [(str(entity.get("type", "")), str(entity.get("name", ""))) for entity in entities if entity.get("name")]


def _some(names: Sequence[str]) -> str:
    shown = enumerated(*names[:_SHOWN])
    more = len(names) - _SHOWN
    return said("{names} and {count} more", names=shown, count=more) if more > 0 else shown


def _one_by_one(pieces: Iterable[str]) -> str:
    told = ""
    for piece in pieces:
        told = said("{first}; {next}", first=told, next=piece) if told else piece
    return told
