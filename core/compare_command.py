"""The command ``compare``: what differs between two runs, or between files of settings."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.config import RunConfig
    from core.studio import Studio

_WIDEST = 48
"""Letters of a value that are printed."""


def add(parser: ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("first", metavar="RUN|FILE", help="a run, or a run.yaml")
    parser.add_argument("second", metavar="RUN|FILE", help="what it is compared with")


def compare(studio: Studio, options: Namespace) -> int:
    """Print the differences. Returns 0 whether there are any or not."""
    from core.comparing import differences

    found = differences(_config(studio, options.first), _config(studio, options.second))
    if options.json:
        print(json.dumps([asdict(one) for one in found], ensure_ascii=False))
        return 0
    if not found:
        print("No setting differs.")
        return 0
    width = max(len(one.path) for one in found)
    values = max(len(_short(one.first)) for one in found)
    for one in found:
        print(f"{one.path:{width}}  {_short(one.first):{values}}  {_short(one.second)}")
    return 0


def _config(studio: Studio, name: str) -> RunConfig:
    """Raises ``StudioError`` where there is neither such a run nor such a file, or the file says what cannot be."""
    from core.config import load, validate

    return validate(load(Path(name))) if name.endswith((".yaml", ".yml")) else studio.config(name)


def _short(words: str) -> str:
    line = " ".join(words.split())
    return line if len(line) <= _WIDEST else f"{line[: _WIDEST - 1]}…"
