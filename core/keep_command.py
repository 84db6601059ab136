"""The commands ``keep``, ``kept`` and ``bring-back``: runs in a private repository of whoever is logged in here."""

from __future__ import annotations

import json
import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from core import figures
from core.errands import Errand
from core.errors import HubError

if TYPE_CHECKING:
    from core.studio import Studio

_LOOK_SECONDS = 0.1


def add(command: Callable[..., ArgumentParser]) -> None:
    """The three commands."""
    words = "Keep a run that is over in a private repository of yours, NAME/tunesmith-runs."
    command("keep", keep, words).add_argument("run")
    command("kept", kept, "Which runs are kept there.")
    command("bring-back", bring_back, "Have a kept run among the runs again.").add_argument("run")


def keep(studio: Studio, options: Namespace) -> int:
    """Returns 0 only after the Hub has confirmed everything."""
    studio.keep(options.run)
    made = _follow(lambda: studio.keeping(options.run), quiet=options.json)
    print(json.dumps(dict(made)) if options.json else f"Kept (private): {made['url']}")
    return 0


def kept(studio: Studio, options: Namespace) -> int:
    """What is kept, one run a line."""
    found = studio.kept_runs()
    if options.json:
        print(json.dumps(asdict(found)))
        return 0
    for one in found.runs:
        print(f"{one.run}  {figures.size(one.size)}{'  (is here)' if one.is_here else ''}")
    if not found.runs:
        print(f"Nothing is kept in {found.repo}.")
    return 0


def bring_back(studio: Studio, options: Namespace) -> int:
    """Returns 0 only when the run is there, whole."""
    studio.bring_back(options.run)
    _follow(lambda: studio.bringing_back(options.run), quiet=options.json)
    print(json.dumps({"run": options.run}) if options.json else f"Brought back: {options.run}")
    return 0


def _follow(told: Callable[[], Errand | None], quiet: bool) -> Mapping[str, Any]:
    """What came of it, and meanwhile how far it is. Raises ``HubError`` when it fails."""
    said = ""
    while (now := told()) is not None and now.state == "going":
        if now.words != said and not quiet:
            print(now.words, file=sys.stderr)
        said = now.words
        time.sleep(_LOOK_SECONDS)
    if now is None or now.state != "done":
        raise HubError(now.title if now else "It was not begun.", now.advice if now else "Try again.")
    return now.result
