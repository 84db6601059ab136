"""Run the benchmarks named on the command line, or all that take minutes.

Run as: ``python -m tests.bench [NAME ...] [--pairs N] [--quick] [--data FOLDER] [--out FILE.json]``
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.bench.options import Options

RACES = ("train", "predict", "overhead", "memory", "roofline", "peers")
APP = ("tick", "start", "pages", "report")
LONG = ("quality",)
"""Only where it is named: it takes an hour or so."""


def main(given: list[str] | None = None) -> int:
    asked = _parser().parse_args(given)
    options = Options(
        pairs=1 if asked.quick and asked.pairs is None else asked.pairs or 5,
        steps=asked.steps or (1 if asked.quick else 2),
        threads=asked.threads,
        quick=asked.quick,
        data=asked.data,
        sets=tuple(asked.sets),
        paddings=tuple(asked.paddings),
    )
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="tunesmith-bench-", ignore_cleanup_errors=True) as home:
        os.environ["TUNESMITH_HOME"] = home
        from tests.bench import machine, table

        figures["machine"] = machine.described(options)
        for name in asked.names or (*RACES, *APP):
            print(f"measuring: {name}", file=sys.stderr, flush=True)
            folder = Path(home) / "bench" / name
            folder.mkdir(parents=True)
            bench = importlib.import_module(f"tests.bench.{name}")
            given = () if name in APP else (folder, options)
            more = {"earlier": figures.get("train")} if name == "roofline" else {}
            figures[name] = bench.measure(*given, **more)
            if asked.out:  # what is measured so far is kept, whatever comes next
                asked.out.write_text(json.dumps(figures, indent=1), encoding="utf-8")
        print(table.in_words(figures))
    if not asked.out:
        print(json.dumps(figures))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", choices=[*RACES, *APP, *LONG, []])
    parser.add_argument("--pairs", type=int, help="pairs of each claim (5)")
    parser.add_argument("--steps", type=int, help="steps of a block (2)")
    parser.add_argument("--threads", type=int, default=1, help="threads of each contender (1)")
    parser.add_argument(
        "--quick", action="store_true", help="one pair of one step: whether it runs, no figures to quote"
    )
    parser.add_argument("--data", type=Path, help="a folder of real texts; without it the shipped samples are used")
    parser.add_argument("--sets", nargs="*", default=[], help="of train: long-256 long-512 short documents (all)")
    parser.add_argument("--paddings", nargs="*", default=[], help="of ours: choices of training.padding (all)")
    parser.add_argument("--out", type=Path, help="a file for the figures as JSON")
    return parser


if __name__ == "__main__":
    sys.exit(main())
