"""The command ``compare``: which of two runs is better, and what differs between their settings, or those of files."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from core.figures import mark, plural

if TYPE_CHECKING:
    from core.comparing import Difference
    from core.config import RunConfig
    from core.studio import Studio
    from core.versus.types import Versus

_WIDEST = 48
"""Letters of a value that are printed."""


def add(parser: ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("first", metavar="RUN|FILE", help="a run, or a run.yaml")
    parser.add_argument("second", metavar="RUN|FILE", help="what it is compared with")


def compare(studio: Studio, options: Namespace) -> int:
    """Print the verdict on two runs, their marks, and the settings that differ. Returns 0 whatever they are.

    ``--json``: ``{"settings": [{"path", "label", "first", "second"}], "versus": ...}``, the last as ``Studio.versus``
    gives it, and None where a file of settings is among the two.
    """
    from core.comparing import differences

    found = differences(_config(studio, options.first), _config(studio, options.second))
    both = options.first != options.second and not _is_file(options.first) and not _is_file(options.second)
    versus = studio.versus([options.first, options.second]) if both else None
    if options.json:
        told = {"settings": [asdict(one) for one in found], "versus": asdict(versus) if versus else None}
        print(json.dumps(told, ensure_ascii=False))
        return 0
    if versus:
        _print_marks(versus)
    _print_settings(found)
    return 0


def _print_marks(versus: Versus) -> None:
    """The verdict, then the marks on the rows in common, else those of the reports, which are of different rows."""
    from core.versus.types import Mark

    for reason in versus.same.reasons if versus.against else ():
        print(reason)
    print(versus.verdict)
    marks = versus.against[0].marks if versus.against else versus.marks
    if marks:
        rows = f"on the same {plural(versus.same.rows, 'row')}" if versus.against else "each on its own test rows"
        print(f"\nMarks, {rows}:")
    width = max((len(one.label) for one in marks), default=0)
    for one in marks:
        values = one.values if isinstance(one, Mark) else (one.first, one.other)
        print(f"{one.label:{width}}  " + "  ".join(f"{mark(value, one.style):>9}" for value in values))
    print("\nSettings that differ:")


def _print_settings(found: Sequence[Difference]) -> None:
    if not found:
        print("No setting differs.")
        return
    width = max(len(one.path) for one in found)
    values = max(len(_short(one.first)) for one in found)
    for one in found:
        print(f"{one.path:{width}}  {_short(one.first):{values}}  {_short(one.second)}")


def _is_file(name: str) -> bool:
    return name.endswith((".yaml", ".yml"))


def _config(studio: Studio, name: str) -> RunConfig:
    """Raises ``StudioError`` where there is neither such a run nor such a file, or the file says what cannot be."""
    from core.config import load, validate

    return validate(load(Path(name))) if _is_file(name) else studio.config(name)


def _short(words: str) -> str:
    line = " ".join(words.split())
    return line if len(line) <= _WIDEST else f"{line[: _WIDEST - 1]}…"
