"""The command ``push``: a trained model goes to the Hugging Face Hub, as whoever is logged in on this machine."""

from __future__ import annotations

import json
import sys
import time
from argparse import ArgumentParser, Namespace
from dataclasses import asdict
from typing import TYPE_CHECKING, get_args

from core.errors import ConfigError, HubError
from core.publishing.types import Extra, Publication, Published, Publishing

if TYPE_CHECKING:
    from core.studio import Studio

_LOOK_SECONDS = 0.1
_DEMO = "-demo"
"""What is put behind a model's name to name its demo."""


def add(parser: ArgumentParser) -> None:
    """The arguments of the command. A token is none of them: every process of the machine can read those."""
    parser.add_argument("run")
    parser.add_argument("repo", metavar="OWNER/NAME", help="where it goes; made when it is not there")
    seen = parser.add_mutually_exclusive_group()
    seen.add_argument("--private", action="store_true", help="only you and those you invite see a new one (default)")
    seen.add_argument("--public", action="store_true", help="everybody sees a new one")
    parser.add_argument("--pr", action="store_true", help="propose it as a pull request instead of changing anything")
    version = "the best model, or that of the newest checkpoint, which was not judged"
    parser.add_argument("--version", choices=("best", "last"), default="best", help=version)
    extras = ", ".join(get_args(Extra))
    parser.add_argument("--include", default="", metavar="WHAT,…", help=f"what goes along: {extras}")
    parser.add_argument("--message", default="", help="of the commit")
    parser.add_argument("--demo", action="store_true", help=f"a Space OWNER/NAME{_DEMO}, too, in which to try it")


def push(studio: Studio, options: Namespace) -> int:
    """Returns 0 only after the Hub has confirmed everything."""
    for wanted in _wanted(options):
        made, words = _follow(studio, options.run, wanted, quiet=options.json)
        if options.json:
            print(json.dumps(asdict(made)), flush=True)
        else:
            what = "A pull request is open" if made.as_pull_request else "Published"
            print(f"{what}{' (private)' if made.private else ''}: {made.url}")
            if more := words.removeprefix("Published").strip(" ."):
                print(f"{more}.")
    return 0


def _wanted(options: Namespace) -> list[Publishing]:
    if options.demo and options.pr:
        raise ConfigError("--demo and --pr do not go together.", "A demo needs the model to be there: leave one out.")
    include = tuple(name for name in options.include.split(",") if name)
    unknown = [name for name in include if name not in get_args(Extra)]
    if unknown:
        raise ConfigError(f"There is nothing called {unknown[0]} to include.", f"It is {' or '.join(get_args(Extra))}.")
    private = not options.public
    model = Publishing(
        repo=options.repo,
        private=private,
        as_pull_request=options.pr,
        version=options.version,
        include=include,
        message=options.message,
    )
    demo = Publishing(repo=options.repo + _DEMO, private=private, demo_of=options.repo)
    return [model, demo] if options.demo else [model]


def _follow(studio: Studio, run_id: str, wanted: Publishing, quiet: bool) -> tuple[Published, str]:
    """Publish, and show how far it is; what there is to say at the end. Ending the command ends it.

    Raises ``HubError`` when it fails.
    """
    from tqdm import tqdm

    studio.publish(run_id, wanted)
    shown = {"unit": "B", "unit_scale": True, "unit_divisor": 1000, "leave": False}
    try:
        with tqdm(total=0, disable=quiet or not sys.stderr.isatty(), **shown) as bar:
            while not (now := _now(studio, run_id)).is_over:
                bar.total = now.total_bytes
                bar.set_description_str(now.words, refresh=False)
                bar.update(now.done_bytes - bar.n)
                time.sleep(_LOOK_SECONDS)
    except KeyboardInterrupt:
        studio.cancel_publication(run_id)
        print(_now(studio, run_id).words, file=sys.stderr)
        raise
    if now.result is None:
        raise HubError(now.title, now.advice, cause=now.cause)
    return now.result, now.words


def _now(studio: Studio, run_id: str) -> Publication:
    found = studio.publication(run_id)
    assert found is not None
    return found
