"""Who a visitor of a demo is, without a login: a random name, signed, so that nobody can make one up.

Nothing is kept of it: the name says all, and it counts for as long as the app runs.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets

from core.people.types import Person

_SHOWN = re.compile(r"([\w-]{32})\.([\w-]{43})")


class Visits:
    """``secret`` is drawn anew with each start: by then what visitors had is removed."""

    def __init__(self, secret: bytes | None = None) -> None:
        self._secret = secret or secrets.token_bytes(32)

    def begin(self) -> str:
        """Somebody new is there. Returns what their browser is to show from now on."""
        name = secrets.token_urlsafe(24)
        return f"{name}.{self._mark(name)}"

    def of(self, shown: str) -> Person | None:
        """Who this is; None where it was not signed here."""
        found = _SHOWN.fullmatch(shown)
        if found is None or not hmac.compare_digest(found[2], self._mark(found[1])):
            return None
        # The folder's name tells nobody what the browser shows.
        key = hashlib.blake2b(found[1].encode(), digest_size=16, person=b"visitor").hexdigest()
        return Person(f"visitor-{key}", "", "visitor")

    def _mark(self, name: str) -> str:
        made = hmac.digest(self._secret, name.encode(), "sha256")
        return base64.urlsafe_b64encode(made).rstrip(b"=").decode()
