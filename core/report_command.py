"""The command ``report``: a run's report, to be read here or taken away as one page or as JSON."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import RunError

if TYPE_CHECKING:
    from core.studio import Studio


def add(parser: ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("run")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write it as one page that needs nothing else")


def report(studio: Studio, options: Namespace) -> int:
    """Write the page, print the JSON, or print the verdict and what the report has. Raises ``RunError`` without one."""
    if options.html:
        pieces = studio.report_html(options.run)
        _write(options.html, pieces)
        print(options.html, file=sys.stderr if options.json else sys.stdout)
    if options.json:
        print(studio.report_data(options.run).decode())
    elif not options.html:
        found = studio.report(options.run)
        if found is None:
            raise RunError("This run has no report yet.", "It is written when the run has been judged.")
        print(f"{found['verdict']}\n")
        for section in studio.report_sections(options.run):
            print(f"  {section.title}")
        print("\nAll of it: --html report.html, or --json.")
    return 0


def _write(path: Path, pieces: Iterator[bytes]) -> None:
    """Whole or not at all. Raises ``RunError`` where the file cannot be written."""
    draft = path.with_name(f".{path.name}.draft")
    try:
        with draft.open("wb") as file:
            file.writelines(pieces)
        draft.replace(path)
    except OSError as exc:
        raise RunError(f"{path} cannot be written.", "Choose another place.", cause=str(exc)) from exc
    finally:
        draft.unlink(missing_ok=True)
