"""The command ``judge``: a trained model on other rows than those that were kept aside for it."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from core.data.types import Part
from core.errors import ConfigError

if TYPE_CHECKING:
    from core.studio import Studio


def add(parser: ArgumentParser) -> None:
    """Its arguments."""
    from core.data.accepted import ACCEPTED

    parser.add_argument("run")
    rows = parser.add_mutually_exclusive_group()
    rows.add_argument("file", nargs="?", help=f"rows with their right answers: {ACCEPTED}")
    rows.add_argument("--part", choices=get_args(Part), help="a part of the run's own data (default: test)")
    rows.add_argument("--run", dest="other", metavar="OTHER", help="the test part of another run")
    parser.add_argument("--name", default="", help="what the judgement is called; made up without it")
    parser.add_argument(
        "--column", action="append", default=[], metavar="ROLE=COLUMN", help="which column of the file plays a role"
    )
    words = "leave out rows that the model learned from (with --run they always are)"
    parser.add_argument("--without-known", action="store_true", default=None, help=words)


def judge(studio: Studio, options: Namespace) -> int:
    """Judge, and print what came of it. Returns 0 when that is done."""
    from tqdm import tqdm

    with tqdm(total=100, unit="%", disable=options.json or not sys.stderr.isatty(), leave=False) as bar:
        found = studio.judge(
            options.run,
            _what(options),
            options.name,
            lambda share, words: bar.update(int(100 * share) - bar.n),
        )
    if options.json:
        whole = studio.judgement(options.run, found["name"])
        rows = studio.judged_file(options.run, found["name"])
        print(json.dumps({"name": found["name"], "rows": str(rows), "report": whole}, ensure_ascii=False))
        return 0
    print(found["verdict"])
    for name, value in found["metrics"].items():
        print(f"  {name:32} {value:.4f}")
    print(f"\nThe judged rows: {studio.judged_file(options.run, found['name'])}")
    return 0


def _what(options: Namespace) -> dict[str, Any]:
    what: dict[str, Any] = {"without_known": options.without_known}
    if options.column and not options.file:
        raise ConfigError("--column says what the columns of a file are.", "Name the file too.")
    if options.file:
        is_path = Path(options.file).exists()
        file = str(Path(options.file).absolute()) if is_path else options.file
        return {**what, "file": file, "columns": _columns(options.column)}
    return {**what, "part": options.part or "test", "run": options.other or ""}


def _columns(pairs: Sequence[str]) -> dict[str, Any]:
    from core.cli import columns

    return dict(columns(pairs))
