"""Tokens by which programs of one person come in: only a hash of each is kept, with its name and its end.

One looks like ``tsm_IDENTIFIER_SECRET``. It leads into its owner's home and nowhere else, and never to what
administrators may do.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, get_args

from core.errors import ConfigError, Missing
from core.people import audit, kept
from core.people.types import Kind, Person
from core.said import said

FILE = "tokens.json"
MOST = 20
"""So many can one person have at once."""
LONGEST_NAME = 60
DAYS = (30, 90, 365, None)
"""For how long one may be good; None is until it is ended."""
_DAY = 86400.0
_NOTED_EVERY = 60.0
"""Seconds between two notes of when a token was last used: not each request writes a file."""
_FORM = re.compile(r"tsm_([0-9a-f]{12})_([\w-]{43})")


@dataclass(frozen=True)
class Token:
    """What is known of one. The moments are seconds since 1970."""

    id: str
    name: str
    owner: Person
    made: float
    until: float | None
    used: float | None
    """When it was last used; None where it never was."""


def looks_like_one(text: str) -> bool:
    """Whether this has the form of a token of ours, right or wrong."""
    return text.startswith("tsm_")


def make(owner: Person, name: str, days: int | None) -> tuple[Token, str]:
    """A new token, and what to show of it this once. Raises ``ConfigError`` for a name or an end that cannot be."""
    named = " ".join(name.split())
    if not 0 < len(named) <= LONGEST_NAME or not named.isprintable():
        raise ConfigError(
            said("A token has a name of 1 to {longest} letters.", longest=LONGEST_NAME),
            said("Say what it is for: “night script on my laptop”."),
        )
    if days not in DAYS:
        raise ConfigError(said("A token cannot be good for so long."), said("Choose 30, 90 or 365 days, or no end."))
    if len(of(owner)) >= MOST:
        raise ConfigError(
            said("You have {most} tokens already.", most=MOST), said("End one that no program uses any more.")
        )
    token_id, secret, now = secrets.token_hex(6), secrets.token_urlsafe(32), time.time()
    record = {
        "hash": _mark(secret),
        "name": named,
        "owner": owner.name,
        "kind": owner.kind,
        "key": owner.key,
        "made": now,
        "until": None if days is None else now + days * _DAY,
    }
    kept.change(FILE, lambda all_: all_.update({token_id: record}))
    audit.note("token made", named)
    return _token(token_id, record), f"tsm_{token_id}_{secret}"


def of(owner: Person) -> list[Token]:
    """Somebody's tokens, the newest first; those that have come to their end are left out."""
    now = time.time()
    mine = [_token(one, record) for one, record in kept.read(FILE).items() if record["key"] == owner.key]
    return sorted((one for one in mine if not _is_over(one, now)), key=lambda one: one.made, reverse=True)


def end(owner: Person, token_id: str) -> None:
    """Have it open nothing any more. Raises ``Missing`` where this person has no such token."""
    found = next((one for one in of(owner) if one.id == token_id), None)
    if found is None:
        raise Missing(said("There is no such token."), said("It may have been ended already, or have come to its end."))
    kept.change(FILE, lambda all_: all_.pop(token_id, None))
    audit.note("token ended", found.name)


def find(shown: str, clock: Callable[[], float] = time.time) -> Token | None:
    """The token that a program shows; None for what is none, or none any more. It takes as long in either case."""
    form = _FORM.fullmatch(shown)
    record = kept.read(FILE).get(form[1]) if form else None
    is_right = hmac.compare_digest(_mark(form[2] if form else ""), record["hash"] if record else _mark("nobody's"))
    if form is None or record is None or not is_right:
        return None
    token, now = _token(form[1], record), clock()
    if _is_over(token, now):
        return None
    if now - (token.used or 0.0) > _NOTED_EVERY:
        kept.change(FILE, lambda all_: all_[token.id].update(used=now) if token.id in all_ else None)
    return token


def _is_over(token: Token, now: float) -> bool:
    return token.until is not None and token.until <= now


def _token(token_id: str, record: dict[str, Any]) -> Token:
    kind: Kind = record["kind"] if record["kind"] in get_args(Kind) else "password"
    owner = Person(record["key"], record["owner"], kind)
    return Token(token_id, record["name"], owner, record["made"], record["until"], record.get("used"))


def _mark(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
