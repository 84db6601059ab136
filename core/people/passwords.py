"""Passwords as they are kept: what scrypt makes of them, from which nobody can tell them."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import threading
import unicodedata

N, R, P = 2**15, 8, 1
"""scrypt's cost: 32 MB and about a tenth of a second, so that a stolen file is of little use."""
_MEMORY = 80 * 1024 * 1024
_SALT_BYTES, _HASH_BYTES = 16, 32
_AT_ONCE = threading.BoundedSemaphore(2)
"""More than so many at the same time would take the memory and the cores of those who work."""
FEWEST, MOST = 8, 200
"""Characters of a password."""


def hashed(password: str) -> str:
    """``scrypt$N$R$P$SALT$HASH`` of a password, with a salt of its own."""
    salt = secrets.token_bytes(_SALT_BYTES)
    return "$".join(["scrypt", str(N), str(R), str(P), _text(salt), _text(_scrypt(password, salt, N, R, P))])


def fits(password: str, kept: str) -> bool:
    """Whether this is the password of which ``kept`` was made. What is no hash fits nothing; it takes as long."""
    parsed = _parsed(kept) or _parsed(NOBODYS)
    assert parsed is not None
    cost, salt, wanted = parsed
    is_same = hmac.compare_digest(_scrypt(password, salt, *cost), wanted)
    return is_same and _parsed(kept) is not None


def is_hash(kept: str) -> bool:
    """Whether ``fits`` can read it."""
    return _parsed(kept) is not None


def _scrypt(password: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    typed = unicodedata.normalize("NFC", password[:MOST]).encode()
    with _AT_ONCE:
        return hashlib.scrypt(typed, salt=salt, n=n, r=r, p=p, maxmem=_MEMORY, dklen=_HASH_BYTES)


def _parsed(kept: str) -> tuple[tuple[int, int, int], bytes, bytes] | None:
    """(cost, salt, hash); None for what is no hash, or costs more than this machine should spend."""
    try:
        kind, n, r, p, salt, wanted = kept.split("$")
        cost = int(n), int(r), int(p)
        found = cost, base64.b64decode(salt, validate=True), base64.b64decode(wanted, validate=True)
    except (ValueError, binascii.Error):
        return None
    is_sound = kind == "scrypt" and len(found[2]) == _HASH_BYTES and 128 * cost[0] * cost[1] * cost[2] < _MEMORY
    return found if is_sound and cost[0] > 1 and not cost[0] & (cost[0] - 1) and min(cost) > 0 else None


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


NOBODYS = "$".join(["scrypt", str(N), str(R), str(P), _text(bytes(_SALT_BYTES)), _text(bytes(_HASH_BYTES))])
"""No password makes it. A name that nobody has is looked at for as long as one that somebody has."""
