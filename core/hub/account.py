"""Who is signed in on the Hub, and what they may do there."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.errors import HubError, StudioError
from core.hub import failures
from core.hub.identity import Identity, current
from core.hub.rights import Rights, rights_of
from core.hub.types import Account
from core.said import Said, said

FRESH_SECONDS = 3.0
"""So long an answer of the Hub is believed: a page asks several times while it is drawn."""
PATIENCE_SECONDS = 3.0


@dataclass(frozen=True)
class _Heard:
    """What came of a question, and when (on the monotonic clock)."""

    found: Account | StudioError
    at: float


_heard: dict[str, _Heard] = {}
_lock = threading.Lock()


def account() -> Account | None:
    """Who is signed in, as the Hub says; None where there is no token at all.

    Raises ``HubError`` within about three seconds where the Hub cannot be reached, or does not accept the token.
    """
    asker = current()
    token = token_of(asker)
    if not token:
        return None
    key = f"{asker.kind} {Identity('token', token).key}"
    with _lock:
        known = _heard.get(key)
    if known is None or time.monotonic() - known.at > FRESH_SECONDS:
        known = _Heard(_ask(asker, token), time.monotonic())
        with _lock:
            for old in [old for old, heard in _heard.items() if known.at - heard.at > FRESH_SECONDS]:
                del _heard[old]
            _heard[key] = known
    if isinstance(known.found, StudioError):
        raise known.found
    return known.found


def token_of(asker: Identity) -> str:
    """What proves who they are; empty for nobody, and on a machine where nobody has logged in."""
    if asker.kind != "machine":
        return asker.secret
    from huggingface_hub import get_token

    return get_token() or ""


def _ask(asker: Identity, token: str) -> Account | StudioError:
    from core.data.hub.network import is_reachable

    if asker.expires is not None and asker.expires < time.time():
        return HubError(said("Your sign-in on the Hugging Face Hub has ended."), said("Sign in again."))
    if not is_reachable():
        return failures.offline()
    try:
        return _account_of(asker, _whoami(token))
    except Exception as exc:
        cause = f"{type(exc).__name__}: {exc}"
        if getattr(getattr(exc, "response", None), "status_code", None) in (401, 403):
            title, advice = _AGAIN[asker.kind]
            return HubError(title, advice, cause=cause)
        return failures.explained(exc, said("your account"))


_AGAIN: dict[str, tuple[Said, Said]] = {
    "machine": (
        said(
            "The Hugging Face Hub does not accept the token that is saved on this machine: it may have expired or been "
            "deleted."
        ),
        said(
            "Log in again with `hf auth login` (or change HF_TOKEN), or make a new one on "
            "huggingface.co/settings/tokens and paste it on the page “Hub account”."
        ),
    ),
    "token": (
        said("The Hugging Face Hub does not accept the token that was pasted: it may have expired or been deleted."),
        said("Make a new one on huggingface.co/settings/tokens and paste it on the page “Hub account”."),
    ),
    "oauth": (
        said("The Hugging Face Hub does not accept the token of your login: it may have expired or been deleted."),
        said("Sign out, then sign in again."),
    ),
}


def _whoami(token: str) -> dict[str, Any]:
    """The Hub's own words. The client's ``whoami`` would wait for an answer without an end."""
    from huggingface_hub import constants, get_session, hf_raise_for_status
    from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]

    headers = build_hf_headers(token=token)
    answer = get_session().get(f"{constants.ENDPOINT}/api/whoami-v2", headers=headers, timeout=PATIENCE_SECONDS)
    hf_raise_for_status(answer)
    found: dict[str, Any] = answer.json()
    return found


def _account_of(asker: Identity, heard: Mapping[str, Any]) -> Account:
    name = str(heard["name"])
    auth = heard.get("auth") or {}
    rights: Rights = rights_of(name, heard.get("orgs") or [], auth, asker.scope)
    return Account(
        name=name,
        full_name=str(heard.get("fullname") or name),
        kind=asker.kind,
        orgs=rights.orgs,
        can_write=rights.can_write,
        rights=rights.words,
        until=asker.expires or _moment(auth.get("expiresAt")) or _moment(_inner(auth).get("expiresAt")),
        only_repos=rights.repos,
        under_own_name=rights.under_own_name,
    )


def _inner(auth: Mapping[str, Any]) -> Mapping[str, Any]:
    return auth.get("accessToken") or {}


def _moment(text: Any) -> float | None:
    """Seconds since the epoch, from ``2026-12-31T23:59:59.000Z``."""
    try:
        return datetime.fromisoformat(str(text)).timestamp() if text else None
    except ValueError:
        return None
