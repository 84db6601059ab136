"""Run the benchmarks named on the command line, or all but the last of these."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
import tempfile
import traceback
from pathlib import Path
from typing import Any, get_args

from core.config import TrainingConfig
from tests.bench.options import SETS, Options

RACES = {
    "train": "training against the stock script, step by step",
    "predict": "answers to a table against Trainer.predict and pipeline",
    "overhead": "events, callbacks and supervision as a share of a step",
    "memory": "the most memory that a whole run holds",
    "roofline": "how much faster could any way be on this machine",
    "peers": "other programs on the same job, where they are installed",
}
APP = {
    "tick": "a live tick of a short and of a very long run",
    "start": "from the click to the first step, cold and warm",
    "answer": "the playground's answer",
    "pages": "pages while a run trains",
    "crowd": "twenty people at once while a run trains",
    "report": "a report on 100,000 rows in a browser",
}
LONG = {"quality": "whether what is faster is as good (a quarter of an hour; only where it is named)"}
BENCHES = {**RACES, **APP, **LONG}


def main(given: list[str] | None = None) -> int:
    """Exit code 1 where a benchmark failed: the others are measured all the same."""
    parser = _parser()
    asked = parser.parse_args(given)
    try:
        options = _options(asked)
    except ValueError as exc:
        parser.error(str(exc))
    figures: dict[str, Any] = {}
    failed = []
    with tempfile.TemporaryDirectory(prefix="tunesmith-bench-", ignore_cleanup_errors=True) as home:
        os.environ["TUNESMITH_HOME"] = home
        from tests.bench import machine, table

        figures["machine"] = machine.described(options)
        print(f"figures are kept in {asked.out} after each", file=sys.stderr, flush=True)
        for name in asked.names or (*RACES, *APP):
            print(f"measuring: {name}", file=sys.stderr, flush=True)
            try:
                figures[name] = _measured(name, Path(home), options, figures)
            except Exception:  # the others can still be measured, and the exit code tells of it
                traceback.print_exc()
                failed.append(name)
            # What is measured so far is kept, whatever comes next.
            asked.out.write_text(json.dumps(figures, indent=1), encoding="utf-8")
        print(table.in_words(figures))
    print(f"\nAll figures: {asked.out}")
    if failed:
        print(f"Could not be measured (why stands above): {', '.join(failed)}")
    return 1 if failed else 0


def _measured(name: str, home: Path, options: Options, figures: dict[str, Any]) -> Any:
    bench = importlib.import_module(f"tests.bench.{name}")
    if name in APP:
        return bench.measure()
    folder = home / "bench" / name
    folder.mkdir(parents=True, exist_ok=True)
    more = {"earlier": figures.get("train")} if name == "roofline" else {}
    return bench.measure(folder, options, **more)


def _options(asked: argparse.Namespace) -> Options:
    """Raises ``ValueError`` for what cannot be measured."""
    if unknown := [name for name in asked.names if name not in BENCHES]:
        raise ValueError(f"there is no benchmark {unknown[0]!r}: take of {', '.join(BENCHES)}")
    if asked.data is not None and not asked.data.is_dir():
        raise ValueError(f"--data: there is no folder {asked.data}")
    return Options(
        pairs=1 if asked.quick and asked.pairs is None else 5 if asked.pairs is None else asked.pairs,
        steps=(1 if asked.quick else 2) if asked.steps is None else asked.steps,
        threads=asked.threads,
        quick=asked.quick,
        data=asked.data,
        sets=tuple(asked.sets),
        paddings=tuple(asked.paddings),
        seeds=asked.seeds,
        out=asked.out,
    )


def _parser() -> argparse.ArgumentParser:
    words = "\n".join(f"  {name:<10} {what}" for name, what in BENCHES.items())
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench",
        description=f"{__doc__}\n\n{words}\n\nHow it is measured, and figures: docs/speed.md.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="which; before any option that takes several")
    parser.add_argument("--pairs", type=int, help="pairs of each claim (5)")
    parser.add_argument("--steps", type=int, help="steps of a block (2)")
    parser.add_argument("--threads", type=int, default=1, help="threads of each contender (1)")
    parser.add_argument(
        "--quick", action="store_true", help="one pair of one step: whether it runs, no figures to quote"
    )
    parser.add_argument("--data", type=Path, help="a folder of real texts; without it the shipped samples are used")
    parser.add_argument(
        "--sets", nargs="+", default=[], choices=SETS, help="of train, memory and roofline (all; memory: long-256)"
    )
    ways = [way for way in get_args(TrainingConfig.model_fields["padding"].annotation) if way != "packed"]
    parser.add_argument("--paddings", nargs="+", default=[], choices=ways, help="of ours: layouts of batches (all)")
    parser.add_argument("--seeds", type=int, default=3, help="of quality (3)")
    out = Path(tempfile.gettempdir()) / f"tunesmith-bench-{os.getpid()}.json"
    parser.add_argument(
        "--out", type=Path, default=out, help="a file for the figures as JSON (one in the temporary folder)"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
