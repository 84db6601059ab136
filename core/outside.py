"""Addresses outside: what somebody's settings make this machine send to goes to the public web, not into the house.

Whoever may start a run could otherwise reach through it what only this machine can: a router's page, a database, the
address at which a rented machine keeps its keys. The name is looked up once, what came of it is checked, and the
connection goes to just that: a name that means another place a moment later (DNS rebinding) changes nothing.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import socket
import urllib.request
from typing import Any
from urllib.parse import urlsplit

from core.permissions import Permission, allows

_NEVER = tuple(
    ipaddress.ip_network(net)
    for net in ("169.254.0.0/16", "fe80::/10", "fd00:ec2::254/128", "100.100.100.200/32", "192.0.0.192/32")
)
"""Where rented machines keep their keys, and neighbours without an address of their own."""
INSIDE: Permission = "inside"


class Inside(OSError):
    """The address is not of the public web."""


def address_of(host: str, port: int) -> tuple[str, int]:
    """Where to connect to for this name. Raises ``Inside`` where that may not be, ``OSError`` where it is nowhere."""
    found = [str(place[0]) for *_, place in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    for one in found:
        need_outside(one)
    return found[0], port


def need_outside(address: str) -> None:
    """Raise ``Inside`` for an address of this machine or its network (unless that was allowed), of machines' keys, or
    of nothing that can be connected to.
    """
    place = ipaddress.ip_address(address.partition("%")[0])
    place = getattr(place, "ipv4_mapped", None) or getattr(place, "sixtofour", None) or place
    if any(place in net for net in _NEVER if net.version == place.version):
        raise Inside("it is an address at which machines keep their keys")
    if place.is_multicast or place.is_unspecified or (place.is_reserved and not place.is_loopback):
        raise Inside("nobody can be told at this address")
    if not place.is_global and not allows(INSIDE):
        raise Inside("it is an address of this machine or its network; start Tunesmith with --allow inside for that")


def need_allowed(address: str) -> None:
    """Raise ``Inside`` where a web address names a place by its number, or this machine, and that may not be told."""
    name = urlsplit(address).hostname or ""
    if name == "localhost" or name.endswith(".localhost"):
        name = "127.0.0.1"
    with contextlib.suppress(ValueError):
        need_outside(str(ipaddress.ip_address(name)))


class _Connection(http.client.HTTPConnection):
    def connect(self) -> None:
        self.sock = socket.create_connection(address_of(self.host, self.port), self.timeout)


class _SafeConnection(http.client.HTTPSConnection):
    def connect(self) -> None:
        raw = socket.create_connection(address_of(self.host, self.port), self.timeout)
        self.sock = self._context.wrap_socket(raw, server_hostname=self.host)  # type: ignore[attr-defined]


class _Http(urllib.request.HTTPHandler):
    def http_open(self, req: urllib.request.Request) -> Any:
        return self.do_open(_Connection, req)


class _Https(urllib.request.HTTPSHandler):
    def https_open(self, req: urllib.request.Request) -> Any:
        return self.do_open(_SafeConnection, req)


class _Straight(urllib.request.HTTPRedirectHandler):
    """An address that sends elsewhere is not followed: nobody has looked at where that is."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


def opener() -> urllib.request.OpenerDirector:
    """Opens addresses of the public web. No proxy is used, which would look the name up once more, unless addresses
    inside are allowed anyhow.
    """
    proxies = urllib.request.ProxyHandler(None if allows(INSIDE) else {})
    return urllib.request.build_opener(proxies, _Http, _Https, _Straight)
