"""The password file of a team: one line a person, ``NAME HASH`` or ``NAME HASH admin``.

It is read anew when it changes, so that whoever is taken out of it is out at once. Only its owner may read it.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from core.errors import ConfigError
from core.people import passwords
from core.people.types import Person, folded, person

ADMIN = "admin"
_NAME = re.compile(r"[^\W_](?:[\w.@-]{0,62}[\w])?")
_HEAD = "# Who may sign in to Tunesmith. Lines are made by: python -m core.cli people add NAME --people THIS_FILE\n"


@dataclass(frozen=True)
class Entry:
    """A line of the file."""

    person: Person
    kept: str
    """What was made of the password."""


class People:
    """Who may sign in with a password."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._read_at: tuple[int, int] = (-1, -1)
        self._entries: Mapping[str, Entry] = {}

    def check(self, name: str, password: str) -> Person | None:
        """Who has this name and this password; None where nobody has. It takes as long in either case."""
        entry = self.entries().get(folded(name))
        is_right = passwords.fits(password, entry.kept if entry else "")
        return entry.person if entry and is_right else None

    def find(self, name: str) -> Entry | None:
        """Who has this name now; None where nobody has, or nobody any more."""
        return self.entries().get(folded(name))

    def entries(self) -> Mapping[str, Entry]:
        """By their folded names. Raises ``ConfigError`` where the file cannot be read or a line is none."""
        try:
            status = self.path.stat()
            if (status.st_mtime_ns, status.st_size) != self._read_at:
                lines = self.path.read_text(encoding="utf-8").splitlines()
                self._entries = dict(filter(None, map(self._entry, range(1, len(lines) + 1), lines)))
                self._read_at = status.st_mtime_ns, status.st_size
        except (OSError, UnicodeDecodeError) as exc:
            raise ConfigError(
                f"The file of people {self.path} cannot be read.",
                f"Make it with: python -m core.cli people add NAME --people {self.path}",
                cause=f"{type(exc).__name__}: {exc}",
            ) from exc
        return self._entries

    def add(self, name: str, password: str, is_admin: bool = False) -> Person:
        """Let somebody sign in, or give them another password. Raises ``ConfigError`` for a name or a password that
        cannot be.
        """
        need_name(name)
        if not passwords.FEWEST <= len(password) <= passwords.MOST:
            raise ConfigError(
                f"A password has {passwords.FEWEST} to {passwords.MOST} characters.", "Several words are a good one."
            )
        entry = Entry(person(name, is_admin=is_admin), passwords.hashed(password))
        others = self.entries() if self.path.exists() else {}
        self._write({**others, folded(name): entry})
        return entry.person

    def remove(self, name: str) -> None:
        """Let somebody sign in no more. Their runs stay where they are. Raises ``ConfigError`` where nobody has that
        name.
        """
        others = dict(self.entries())
        if others.pop(folded(name), None) is None:
            raise ConfigError(f"Nobody is called {name}.", "List the names with: python -m core.cli people list")
        self._write(others)

    def _entry(self, number: int, line: str) -> tuple[str, Entry] | None:
        words = line.split()
        if not words or line.startswith("#"):
            return None
        name, kept, *more = [*words, ""] if len(words) == 1 else words
        if not _NAME.fullmatch(name) or not passwords.is_hash(kept) or more not in ([], [ADMIN]):
            raise ConfigError(
                f"Line {number} of {self.path} is not a person.",
                "It is a name, what `people add` of the command line made of a password, and perhaps the word admin.",
            )
        return folded(name), Entry(person(name, is_admin=bool(more)), kept)

    def _write(self, entries: Mapping[str, Entry]) -> None:
        """Whole or not at all, and never readable by anybody else, not even while it is written."""
        lines = [" ".join([one.person.name, one.kept, *[ADMIN][: one.person.is_admin]]) for one in entries.values()]
        draft = self.path.with_name(f".{self.path.name}.{os.getpid()}.draft")
        with contextlib.suppress(FileNotFoundError):
            draft.unlink()
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(_HEAD + "".join(f"{line}\n" for line in lines))
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, self.path)


def need_name(name: str) -> None:
    """Raises ``ConfigError`` for what cannot be a name."""
    if not _NAME.fullmatch(name):
        raise ConfigError(
            f"{name!r} cannot be a name here.", "Take letters and digits; '.', '-', '_' and '@' may stand inside."
        )
