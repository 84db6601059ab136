"""The commands for those who look after a team: who may sign in with a password."""

from __future__ import annotations

import getpass
import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import ConfigError
from core.people.listed import ADMIN, People, need_name

if TYPE_CHECKING:
    from core.studio import Studio


def add(command: Callable[..., ArgumentParser]) -> None:
    """The command; ``command(name, function, words)`` makes one."""
    sub = command("people", people, "Who may sign in with a password where Tunesmith was started with --mode team.")
    sub.add_argument("what", choices=["add", "remove", "list"], help="add somebody (or give them another password)")
    sub.add_argument("name", nargs="?", help="letters and digits; '.', '-', '_' and '@' may stand inside")
    sub.add_argument("--people", type=Path, required=True, metavar="FILE", help="the password file; made if missing")
    sub.add_argument("--admin", action="store_true", help="they may look after everybody's runs")


def people(studio: Studio, options: Namespace) -> int:
    """Let somebody sign in, or not any more, or say who may."""
    listed = People(options.people.expanduser())
    if options.what == "list":
        return _list(listed, options.json)
    if not options.name:
        raise ConfigError("Whose name?", f"Write: people {options.what} NAME --people {options.people}")
    if options.what == "add":
        need_name(options.name)
        listed.add(options.name, _typed(options.name), options.admin)
    else:
        listed.remove(options.name)
    words = "may sign in" if options.what == "add" else "may sign in no more; their runs stay"
    print(json.dumps({"name": options.name, options.what: True}) if options.json else f"{options.name} {words}.")
    return 0


def _list(listed: People, as_json: bool) -> int:
    found = [entry.person for entry in listed.entries().values()]
    if as_json:
        print(json.dumps([{"name": one.name, ADMIN: one.is_admin} for one in found], ensure_ascii=False))
    else:
        print("\n".join(f"{one.name}{' (admin)' if one.is_admin else ''}" for one in found) or "Nobody yet.")
    return 0


def _typed(name: str) -> str:
    """A password, asked for twice without showing it; once, from the input, where nobody sits in front of it."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass.getpass(f"Password for {name}: ")
    if getpass.getpass("The same again: ") != password:
        raise ConfigError("The two passwords differ.", "Nothing was changed; try again.")
    return password
