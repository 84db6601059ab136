"""The command ``labels``: which labels of a run's rows are probably wrong."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from dataclasses import asdict
from typing import TYPE_CHECKING

from core import figures

if TYPE_CHECKING:
    from core.labels.types import Label, Way
    from core.studio import Studio

TOP = 20
_WIDEST = 70
"""Letters of a text that are printed."""


def add(parser: ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("run")
    parser.add_argument(
        "--top", type=int, default=TOP, help=f"how many rows are printed, the most doubtful first ({TOP})"
    )
    parser.add_argument("--again", action="store_true", help="look for them anew, even where that was done before")
    parser.add_argument(
        "--thorough",
        action="store_true",
        help="also train the model three more times, each time without the rows that it judges; takes longer",
    )


def labels(studio: Studio, options: Namespace) -> int:
    """Find them where that was not done yet, and print the first. Returns 0 whether there are any or not."""
    view = studio.labels_view(options.run)
    wanted: Way = "thorough" if options.thorough else "quick"
    is_less = view.found is not None and view.found.way == "quick" and options.thorough
    if view.found is None or options.again or is_less:
        _check(studio, options, wanted, view.thorough_seconds if options.thorough else view.seconds)
        view = studio.labels_view(options.run)
    assert view.found is not None
    rows = studio.suspects(options.run, 0, max(0, options.top))
    if options.json:
        print(json.dumps({**asdict(view.found), "suspects": [asdict(row) for row in rows]}, ensure_ascii=False))
        return 0
    found = view.found
    print(f"{found.wrong:,} of {found.rows:,} labels are estimated to be wrong. The most doubtful rows:")
    for row in rows:
        text = " · ".join(" ".join(value.split()) for value in row.texts.values() if value)
        text = text if len(text) <= _WIDEST else f"{text[: _WIDEST - 1]}…"
        print(f"{row.file} {row.row:>6}  {row.part:10}  {_words(row.label)} ({row.probability:.0%})", end="")
        print(f" -> {_words(row.suggested)} ({row.suggested_probability:.0%})  {text}")
    print(f"Decide on them on the page /labels?run={options.run}")
    return 0


def _check(studio: Studio, options: Namespace, way: Way, seconds: float | None) -> None:
    """Look for them. How long that will take, and how far it is, goes where it spoils no JSON."""
    from tqdm import tqdm

    if not options.json and seconds is not None:
        print(f"Checking the labels takes {figures.about(seconds)}.", file=sys.stderr, flush=True)
    with tqdm(total=100, unit="%", disable=options.json or not sys.stderr.isatty(), leave=False) as bar:

        def told(share: float, words: str) -> None:
            bar.set_postfix_str(words, refresh=False)
            bar.update(int(100 * share) - bar.n)

        studio.check_labels(options.run, told, way)


def _words(label: Label) -> str:
    return label if isinstance(label, str) else ", ".join(label) or "(none)"
