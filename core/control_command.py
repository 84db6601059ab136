"""The commands that steer a run that goes on, or go on from one that is over."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from typing import TYPE_CHECKING, get_args

from core.events import Kept

if TYPE_CHECKING:
    from core.studio import Studio

_KEPT = {
    "best": "The run will stop after its present step and keep its best model.",
    "last": "The run will stop after its present step and keep the model as it is then.",
    "nothing": "The run is cancelled. It ends at once and keeps nothing.",
}


def add(command: Callable[..., ArgumentParser], permitting: Callable[[ArgumentParser], ArgumentParser]) -> None:
    """The commands; ``command(name, function, words)`` makes one, ``permitting`` gives it ``--allow``."""
    sub = command("stop", stop, "Stop a run and keep its best model so far.")
    sub.add_argument("run")
    words = "its best model, the model as it is now, or nothing (default: best)"
    sub.add_argument("--keep", choices=get_args(Kept), default="best", help=words)

    command("pause", pause, "Let a run rest after its present step. It keeps its memory.").add_argument("run")
    command("continue", go_on, "End the pause of a run.").add_argument("run")
    command("evaluate", evaluate, "Have a run check its progress after the present step.").add_argument("run")
    command("save", save, "Have a run write a checkpoint after the present step.").add_argument("run")

    sub = permitting(command("retry", retry, "Start a failed run anew, with the change that its failure names."))
    sub.add_argument("run")
    sub = permitting(command("longer", longer, "Let a finished run learn for more epochs, as a new run."))
    sub.add_argument("run")
    sub.add_argument("epochs", type=float)

    sub = command("move", move, "Give a run that waits another place in the queue.")
    sub.add_argument("run")
    sub.add_argument("place", type=int, help="1 is next")


def stop(studio: Studio, options: Namespace) -> int:
    studio.stop(options.run, options.keep)
    return _say(options, _KEPT[options.keep], stopping=True, kept=options.keep)


def pause(studio: Studio, options: Namespace) -> int:
    studio.pause(options.run)
    return _say(options, "The run will rest after its present step. It keeps its memory and its device.", pausing=True)


def go_on(studio: Studio, options: Namespace) -> int:
    studio.go_on(options.run)
    return _say(options, "The run goes on.", pausing=False)


def evaluate(studio: Studio, options: Namespace) -> int:
    studio.ask_now(options.run, "evaluate")
    return _say(options, "The run will check its progress after the present step.", asked="evaluate")


def save(studio: Studio, options: Namespace) -> int:
    studio.ask_now(options.run, "save")
    return _say(options, "The run will write a checkpoint after the present step.", asked="save")


def retry(studio: Studio, options: Namespace) -> int:
    return _follow(studio, studio.retry(options.run), options)


def longer(studio: Studio, options: Namespace) -> int:
    return _follow(studio, studio.longer(options.run, options.epochs), options)


def move(studio: Studio, options: Namespace) -> int:
    studio.move(options.run, options.place)
    place = studio.summary(options.run).place
    return _say(options, f"The run is number {place} of those that wait.", place=place)


def _follow(studio: Studio, run_id: str, options: Namespace) -> int:
    from core.following import follow

    studio.open(only=run_id)
    return follow(studio, run_id, as_json=options.json)


def _say(options: Namespace, words: str, **facts: object) -> int:
    print(json.dumps({"run": options.run, **facts}) if options.json else words)
    return 0
