"""The licences of all packages that are pinned, as ``docs/licences.md`` lists them: from what each says of itself.

Run as: ``python -m core.licence_list requirements.lock requirements-dev.lock > docs/licences.md``
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

_PIN = re.compile(r"([\w.-]+)==([\w.]+)")
_LONGEST = 70
"""Characters of a licence's name; what is longer is its whole text."""
_IN_TEXT = (
    ("Apache License", "Apache-2.0"),
    ("MIT License", "MIT"),
    ("Permission is hereby granted, free of charge", "MIT"),
    ("Redistribution and use in source and binary forms", "BSD"),
    ("PYTHON SOFTWARE FOUNDATION LICENSE", "PSF-2.0"),
    ("Mozilla Public License Version 2.0", "MPL-2.0"),
    ("GNU LESSER GENERAL PUBLIC", "LGPL"),
    ("GNU AFFERO GENERAL PUBLIC", "AGPL"),
    ("GNU GENERAL PUBLIC", "GPL"),
)
UNKNOWN = "not said"
BINDING = re.compile(r"\bA?GPL|Affero|(?<!Lesser )General Public|SSPL|BUSL|Commons Clause|Non-?Commercial|\bNC\b", re.I)
"""Licences under which using or passing on a package may bind what is made with it. Each needs a note below."""
NOTES: Mapping[str, str] = {}
"""Package -> why such a one may be used all the same."""


@dataclass(frozen=True)
class Licensed:
    """A pinned package, and the name of its licence."""

    name: str
    version: str
    licence: str


def pinned(lock: Path) -> Iterator[tuple[str, str]]:
    """(package, version) of each line of a lock file."""
    for line in lock.read_text(encoding="utf-8").splitlines():
        if match := _PIN.match(line):
            yield match[1], match[2]


def licensed(locks: Sequence[Path]) -> list[Licensed]:
    """What is pinned there, by name. A package that is not installed has a licence that is ``UNKNOWN``."""
    found = [Licensed(name, version, licence_of(name)) for lock in locks for name, version in pinned(lock)]
    return sorted(found, key=lambda one: one.name.lower())


def licence_of(package: str) -> str:
    """The short name of an installed package's licence, from its metadata, else from its licence's text."""
    try:
        about = metadata.distribution(package)
    except metadata.PackageNotFoundError:
        return UNKNOWN
    told = _said(about, "License-Expression")
    kinds = about.metadata.get_all("Classifier") or []
    classes = [kind.rpartition(" :: ")[2] for kind in kinds if kind.startswith("License :: ") and kind.count("::") > 1]
    text = _said(about, "License").strip()
    short = text if "\n" not in text and len(text) <= _LONGEST else ""
    return told or " or ".join(classes) or short or _named_in(text) or _named_in(_text_of(about)) or UNKNOWN


def _said(about: metadata.Distribution, field: str) -> str:
    return next(iter(about.metadata.get_all(field) or ()), "")


def _text_of(about: metadata.Distribution) -> str:
    files = [file for file in about.files or () if re.match(r"(licen[cs]e|copying)", file.name, re.I)]
    return "\n".join(file.read_text(encoding="utf-8") for file in files if Path(str(file.locate())).is_file())


def _named_in(text: str) -> str:
    return next((name for words, name in _IN_TEXT if words.lower() in text.lower()), "")


def page(locks: Sequence[Path]) -> str:
    """``docs/licences.md``."""
    lines = [
        "# Licences",
        "",
        "Tunesmith stands under the licence in [LICENSE](../LICENSE). It is built from these packages, each under its",
        "own; the names are those that the packages give themselves. Written by `make docs`.",
        "",
        "| Package | Version | Licence |",
        "| --- | --- | --- |",
    ]
    lines += [f"| {one.name} | {one.version} | {_cell(one)} |" for one in licensed(locks)]
    return "\n".join([*lines, ""])


def _cell(one: Licensed) -> str:
    note = NOTES.get(one.name.lower(), "")
    return f"{one.licence.replace('|', '/')}{f' ({note})' if note else ''}"


if __name__ == "__main__":
    sys.stdout.write(page([Path(name) for name in sys.argv[1:]]))
