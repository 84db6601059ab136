"""How people come into the app: which mode it was started in, who may sign in, and who is behind a request."""

from __future__ import annotations

import contextlib
import ipaddress
import os
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers
from starlette.types import Scope

from core import ceilings
from core.people import tokens
from core.people.acting import Actor
from core.people.listed import People
from core.people.pace import Pace
from core.people.sessions import Sessions
from core.people.slowing import FREE_OF_ADDRESS, Slowing
from core.people.tokens import Token
from core.people.types import Mode, Person, person
from core.people.visits import Visits
from core.space import has_login, is_space
from ui.signing import is_encrypted, logged_in

FOR_AN_ADDRESS = 5
"""Many people may share an address: it has so many times the pace of one of them."""
STRANGERS_COST = 10
"""Requests that one of somebody unknown counts as: without a cookie each of them is somebody new."""
SESSION = "tunesmith_session"
PERSON = "tunesmith.person"
"""Where a request carries who is behind it."""


@dataclass(frozen=True)
class Entry:
    """``people`` is the password file, where there is one; beside or instead of it the Hub's own login, on a Space.

    In a demo nobody signs in: ``visits`` knows who comes again.
    """

    mode: Mode
    people: People | None = None
    sessions: Sessions = field(default_factory=Sessions)
    visits: Visits = field(default_factory=Visits)
    by_name: Slowing = field(default_factory=Slowing)
    by_address: Slowing = field(default_factory=lambda: Slowing(FREE_OF_ADDRESS))
    by_program: Slowing = field(default_factory=lambda: Slowing(FREE_OF_ADDRESS))
    """Wrong tokens, by the address that shows them."""
    pace: Pace = field(default_factory=lambda: Pace(lambda: ceilings.most("pace")))
    pace_of_addresses: Pace = field(default_factory=lambda: Pace(lambda: FOR_AN_ADDRESS * ceilings.most("pace")))

    def who(self, scope: Scope) -> Person | None:
        """Who is behind a request; None where nobody is signed in."""
        shown = cookie(scope, SESSION)
        found = self.sessions.of(shown) if shown else None
        if found is not None and found.kind == "password":
            entry = self.people.find(found.name) if self.people else None
            return entry.person if entry else None  # whoever was taken out of the file is out
        if found is not None:
            return found
        name = logged_in(scope) if self.mode == "team" and has_login() else ""
        return person(name, "hub") if name else None

    def wait(self, scope: Scope, person: Person | None) -> float:
        """Seconds until whoever asks may ask; 0 where they may ask now, which is then counted."""
        if person is None:
            return self.pace_of_addresses.take(address(scope), STRANGERS_COST)
        wait = self.pace.take(person.key)
        if person.kind == "visitor":  # anybody can be as many of them as they like
            wait = max(wait, self.pace_of_addresses.take(address(scope)))
        return wait

    def program(self, shown: str) -> Token | None:
        """The token that a program shows, where its owner may still come in."""
        found = tokens.find(shown)
        if found is None or found.owner.kind == "hub":
            return found
        return found if self.people and self.people.find(found.owner.name) else None


def bearer(scope: Scope) -> str:
    """The token of ours that a program shows; empty where it shows none."""
    kind, _, shown = Headers(scope=scope).get("authorization", "").partition(" ")
    return shown.strip() if kind.lower() == "bearer" and tokens.looks_like_one(shown.strip()) else ""


def actor(scope: Scope, name: str, program: str = "") -> Actor:
    """Somebody, with the address that they come from, for the log of what was done."""
    return Actor(name, address(scope), program)


def cookie(scope: Scope, name: str) -> str:
    """What a browser shows under this name; empty where it shows nothing."""
    try:
        found = SimpleCookie(Headers(scope=scope).get("cookie", "")).get(name)
    except CookieError:
        return ""
    return found.value if found is not None else ""


def keep(scope: Scope, name: str, value: str, seconds: int | None = None) -> str:
    """A ``Set-Cookie`` that no script can read and no page of another site sends; it ends with the browser unless
    ``seconds`` are given, at once where they are 0.
    """
    is_safe = is_encrypted(scope["scheme"], Headers(scope=scope))
    # The Hub shows a Space inside of its own page, where Lax is not sent, and nothing that is not kept for it alone.
    is_framed = is_space() and is_safe
    site = "None; Partitioned" if is_framed else "Lax"
    ends = "" if seconds is None else f"; Max-Age={seconds}"
    return f"{name}={value}; Path=/; HttpOnly; SameSite={site}{'; Secure' if is_safe else ''}{ends}"


def below(scope: Scope, path: str) -> str:
    """An address of the app as a link on the page that was asked for, so that it leads there behind any proxy too."""
    return "../" * (inside(scope).count("/") - 1) + "./" + path.removeprefix("/")


def inside(scope: Scope) -> str:
    """The path of a request without the prefix."""
    return str(scope["path"]).removeprefix(scope.get("root_path", "")) or "/"


def address(scope: Scope) -> str:
    """From where a request comes, as far as this machine sees it; on a Space, as far as the Hub's proxies say."""
    client = scope.get("client")
    seen = str(client[0]) if client else ""
    return (_forwarded(Headers(scope=scope).get("x-forwarded-for", "")) or seen) if is_space() else seen


def _forwarded(told: str) -> str:
    """The last address of the public internet that proxies have seen. What stands before it anybody can make up."""
    for one in reversed(told.split(",")):
        with contextlib.suppress(ValueError):
            if ipaddress.ip_address(one.strip()).is_global:
                return one.strip()
    return ""


def needs_people(mode: Mode, people: People | None) -> bool:
    """Whether nobody could sign in."""
    return mode == "team" and people is None and not has_login()


def is_hosted() -> bool:
    """Whether the Hub runs the app."""
    return bool(os.environ.get("SPACE_ID")) and is_space()
