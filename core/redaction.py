"""Secrets taken out of text before anybody reads or keeps it."""

from __future__ import annotations

import re

HIDDEN = "[hidden]"
_SECRETS = re.compile(
    r"\bhf_[A-Za-z0-9_]{8,}"  # the Hub's access tokens, and those of its OAuth
    r"|\b(?:api_org|hf_oauth)_[\w.-]{8,}"
    r"|\btsm_[0-9a-f]{12}_[\w-]{8,}"  # our own, for programs
    r"|(?<=[Bb]earer )[\w.~+/=-]{8,}"
    r"|\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*"  # JSON web tokens
)


def redacted(text: str) -> str:
    """The text with everything that looks like an access token replaced."""
    clean = _SECRETS.sub(HIDDEN, text)
    return text if clean == text else clean  # a sentence that was said can still be said in other languages
