"""Ports to listen on, for programs that are told theirs before they listen."""

from __future__ import annotations

import secrets
import socket

LOWEST, HIGHEST = 10_000, 32_000
"""Below those that the system gives to connections, which may take one in the seconds until a program listens."""


def free() -> int:
    """One that nobody listens on."""
    while True:
        port = LOWEST + secrets.randbelow(HIGHEST - LOWEST)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
