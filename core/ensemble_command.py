"""Ensembles on the command line: ``ensemble RUN RUN [RUN ...] [--method votes]``."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, get_args

from core.ensembles.types import Method

if TYPE_CHECKING:
    from core.studio import Studio

METHODS = get_args(Method)


def add(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    parser.add_argument("runs", nargs="+", metavar="RUN", help="finished runs of one task, on the same rows")
    parser.add_argument("--method", choices=METHODS, default=METHODS[0], help="how they answer together")


def ensemble(studio: Studio, options: argparse.Namespace) -> int:
    """Judge finished runs as one model. Returns 0 when that is done."""
    from core.following import follow

    studio.warm_up()
    run_id = studio.ensemble(options.runs, options.method)
    studio.open(only=run_id)
    return follow(studio, run_id, as_json=options.json)
