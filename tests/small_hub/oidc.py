"""Signing in on a small Hub as OAuth and OpenID Connect have it, with nobody to click: whoever is named says yes."""

from __future__ import annotations

import json
import secrets
import time
import urllib.parse
from dataclasses import dataclass, field
from typing import Any

from tests.small_hub.http import Reply, Request, refusal
from tests.small_hub.store import Store, User

LASTS = 8 * 3600
"""Seconds that a login lasts."""


@dataclass
class Logins:
    """``user`` is who sits before the login page; ``codes`` are those given out: (nonce, scope, client) by code."""

    user: User | None = None
    codes: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    _key: Any = None

    def answer(self, store: Store, request: Request, base: str) -> Reply | None:
        """The reply to a request of a login; None when it is about something else."""
        match request.path:
            case "/.well-known/openid-configuration":
                return Reply(body=_configuration(base))
            case "/oauth/authorize":
                return self._authorize(request)
            case "/oauth/token":
                return self._token(store, request, base)
            case "/oauth/jwks":
                return Reply(body={"keys": [self.key.as_dict(private=False)]})
            case "/oauth/userinfo":
                return self._userinfo(store, request, base)
        return None

    @property
    def key(self) -> Any:
        from joserfc.jwk import RSAKey

        self._key = self._key or RSAKey.generate_key(2048, {"kid": "small"})
        return self._key

    def _authorize(self, request: Request) -> Reply:
        """Back to where the visitor came from, with a code."""
        code = secrets.token_hex(8)
        self.codes[code] = request.one("nonce"), request.one("scope"), request.one("client_id")
        query = urllib.parse.urlencode({"code": code, "state": request.one("state")})
        target = request.one("redirect_uri")
        return Reply(302, b"", {"Location": f"{target}{'&' if '?' in target else '?'}{query}"})

    def _token(self, store: Store, request: Request, base: str) -> Reply:
        from joserfc import jwt

        (code,) = request.data()["code"]
        if self.user is None or code not in self.codes:
            return refusal(400, "", "invalid_grant")
        nonce, scope, client = self.codes.pop(code)
        token = f"hf_oauth_{secrets.token_hex(16)}"
        ends = int(time.time()) + LASTS
        auth = {"type": "oauth", "expiresAt": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(ends))}
        name = self.user.name
        store.users[token] = User(name, token, self.user.orgs, "write" if "write-repos" in scope else "read", auth)
        claims = {
            "iss": base,
            "aud": client,
            "exp": ends,
            "iat": int(time.time()),
            "nonce": nonce,
            **_claims(name, base),
        }
        signed = jwt.encode({"alg": "RS256", "kid": "small"}, claims, self.key)
        found = {"access_token": token, "token_type": "bearer", "expires_in": LASTS, "id_token": signed, "scope": scope}
        return Reply(body=json.dumps(found).encode(), headers={"Content-Type": "application/json"})

    def _userinfo(self, store: Store, request: Request, base: str) -> Reply:
        user = store.users.get(request.headers.get("authorization", "").removeprefix("Bearer "))
        return Reply(body=_claims(user.name, base)) if user else refusal(401, "", "invalid_token")


def _claims(name: str, base: str) -> dict[str, Any]:
    return {
        "sub": f"id-{name}",
        "name": name.title(),
        "preferred_username": name,
        "profile": f"{base}/{name}",
        "picture": f"{base}/{name}.png",
    }


def _configuration(base: str) -> dict[str, Any]:
    return {
        "issuer": base,
        "authorization_endpoint": f"{base}/oauth/authorize",
        "token_endpoint": f"{base}/oauth/token",
        "userinfo_endpoint": f"{base}/oauth/userinfo",
        "jwks_uri": f"{base}/oauth/jwks",
        "scopes_supported": ["openid", "profile", "read-repos", "write-repos", "manage-repos"],
        "response_types_supported": ["code"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic"],
    }
