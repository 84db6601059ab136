"""The command ``script``: a run taken away as a program of its own."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.studio import Studio


def add(parser: ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("run")
    words = "the folder to write into; a new one here, called like the run, without it"
    parser.add_argument("--output", type=Path, metavar="FOLDER", help=words)


def script(studio: Studio, options: Namespace) -> int:
    """Write the run's program with all that it needs, and say how to start it."""
    folder = options.output or Path(f"{options.run}-script")
    files = studio.write_script(options.run, folder)
    if options.json:
        print(json.dumps({"folder": str(folder), "files": [path.name for path in files]}))
    else:
        print(f"{folder} holds {', '.join(path.name for path in files)}.")
        print(f"Start it there: pip install -r requirements.txt && python {files[0].name}")
    return 0
