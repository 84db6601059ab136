"""Somebody who uses an app together with others."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

Mode = Literal["local", "team", "demo"]
"""One person in front of their own machine; several who sign in, each with things of their own; or visitors, who need
not sign in, and whose things are removed after a while."""
Kind = Literal["password", "hub", "visitor"]
"""Signed in with a password, or through the Hugging Face Hub; or not signed in at all."""

NOBODY = "nobody"
"""The home of what is done for nobody in particular: nothing is ever put there."""
_LETTERS = 24


@dataclass(frozen=True)
class Person:
    """``key`` is safe as a folder's name, and no two people have the same."""

    key: str
    name: str
    kind: Kind = "password"
    is_admin: bool = False


def person(name: str, kind: Kind = "password", is_admin: bool = False) -> Person:
    """The person of this name. Capitals make no other person; whoever has that name on the Hub is another one."""
    same = folded(name)
    mark = hashlib.blake2b(f"{kind}:{same}".encode(), digest_size=6).hexdigest()
    readable = re.sub(r"[^a-z0-9]+", "-", same).strip("-")[:_LETTERS].rstrip("-")
    return Person(f"{readable or kind}-{mark}", name, kind, is_admin)


def folded(name: str) -> str:
    """The same for all ways to write a name."""
    return unicodedata.normalize("NFC", name).casefold()
