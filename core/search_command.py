"""The commands ``search``, ``searches`` and ``search-show``: better settings, looked for from a terminal."""

from __future__ import annotations

import json
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import ConfigError

if TYPE_CHECKING:
    from core.search.config import SearchConfig
    from core.search.table import SearchView, TrialLine
    from core.studio import Studio

LOOK_EVERY = 0.5
LOG = "log"
EXAMPLE = "--over training.learning_rate=1e-5..1e-4:log"
RISK = (
    "The best of several tries looks a little better on the validation part than it is: it was chosen by that. "
    "The mark that counts is the one on the test part."
)


def add(command: Callable[..., ArgumentParser], permitting: Callable[[ArgumentParser], ArgumentParser]) -> None:
    """The three commands, with their arguments."""
    sub = permitting(command("search", search, "Look for better settings: several runs, of which the best is named."))
    sub.add_argument("what", metavar="SEARCH.YAML|RUN|SEARCH", help="a search.yaml, a run to look around, or a search")
    words = "a setting and what it may become: LOW..HIGH, LOW..HIGH:log, or A,B,C; without any, what is worth a search"
    sub.add_argument("--over", action="append", default=[], metavar="KEY.PATH=RANGE", help=words)
    sub.add_argument("--trials", type=int, help="runs at the most (8 where no time is given)")
    sub.add_argument("--minutes", type=float, help="no trial begins after so long")
    sub.add_argument("--sampler", choices=("tpe", "random", "grid"), help="the way of searching (default: tpe)")
    sub.add_argument("--no-pruning", action="store_true", help="let poor trials run to their end too")
    sub.add_argument("--seed", type=int, help="the start of all chance")

    command("searches", searches, "All searches for better settings, newest first.")

    sub = command("search-show", show, "One search: its trials, the best of them, and its settings.")
    sub.add_argument("search")
    sub.add_argument("--write", type=Path, metavar="RUN.YAML", help="write the best settings, to train with")


def search(studio: Studio, options: Namespace) -> int:
    """Search to the end. An interrupt stops the search and its trial; the same command with the id goes on."""
    if _is_search(studio, options.what):
        search_id = options.what
        studio.go_on_search(search_id)
    else:
        search_id = studio.search(_wanted(studio, options))
    studio.open(only=search_id)
    try:
        view = _follow(studio, search_id, quiet=options.json)
    except KeyboardInterrupt:
        studio.stop_search(search_id)
        if not options.json:
            print(f"Stopping. Go on with: python -m core.cli search {search_id}", flush=True)
        view = _follow(studio, search_id, quiet=True)
    if options.json:
        print(_as_json(view), flush=True)
    else:
        _summary(view)
    return 0 if view.state == "finished" else 3 if view.state == "stopped" else 1


def searches(studio: Studio, options: Namespace) -> int:
    """Every search, newest first."""
    found = studio.searches()
    if options.json:
        print(json.dumps([asdict(view) for view in found], ensure_ascii=False, default=str))
        return 0
    if not found:
        print(f"No searches yet. Start one with: python -m core.cli search RUN {EXAMPLE}")
    for view in found:
        print(f"{view.id:32} {view.state:10} {_count(view):16} {view.task}  {view.name}")
    return 0


def show(studio: Studio, options: Namespace) -> int:
    """One search: its trials, the best one, and its settings."""
    view = studio.search_view(options.search)
    if options.write:
        options.write.write_text(studio.best_config(options.search).to_yaml(), encoding="utf-8")
    if options.json:
        print(_as_json(view))
        return 0
    from core.figures import duration

    print(f"{view.name} ({view.id})\n{view.task} · {view.state} · {_count(view)} · {duration(view.seconds)} of work")
    for trial in view.trials:
        print(_line(view, trial))
    _summary(view)
    return 0


def _is_search(studio: Studio, what: str) -> bool:
    return any(view.id == what for view in studio.searches())


def _wanted(studio: Studio, options: Namespace) -> SearchConfig:
    from core.search.config import BEGINNING, checked, load

    given = {
        "n_trials": BEGINNING if options.trials is None and options.minutes is None else options.trials,
        "minutes": options.minutes,
        "sampler": options.sampler or "tpe",
        "pruning": not options.no_pruning,
        "seed": options.seed or 0,
    }
    spans = [_span(text) for text in options.over]
    if not options.what.endswith((".yaml", ".yml")):
        ranges, proposed = studio.search_ranges(options.what)
        base = studio.config(options.what).model_dump(mode="json")
        first = [span.model_dump(mode="json") for span in ranges[:proposed]]
        return checked({"base": base, "origin": options.what, "space": spans or first, **given})
    config = load(Path(options.what)).model_dump(mode="json")
    named = {"n_trials": options.trials, "minutes": options.minutes, "sampler": options.sampler, "seed": options.seed}
    changes: dict[str, Any] = {name: value for name, value in named.items() if value is not None}
    if options.no_pruning:
        changes["pruning"] = False
    if spans:
        changes["space"] = spans
    return checked(config | changes)


def _span(text: str) -> dict[str, Any]:
    """A span as data, from ``training.learning_rate=1e-5..1e-4:log`` or ``adapter.r=8,16,32``."""
    from core.config import read_value

    path, given, what = text.partition("=")
    if not given:
        raise ConfigError(f"--over {text} has no '='.", f"Write it as {EXAMPLE}.")
    ends, _, way = what.partition(":")
    low, is_range, high = ends.partition("..")
    if not is_range:
        return {"path": path.strip(), "kind": "choice", "choices": [read_value(one.strip()) for one in what.split(",")]}
    if way not in ("", LOG):
        raise ConfigError(f"--over {text}: {way} is no way to search.", f"Write it as {EXAMPLE}.")
    numbers = [read_value(low), read_value(high)]
    if not all(isinstance(number, int | float) for number in numbers):
        raise ConfigError(f"--over {text}: the ends have to be numbers.", f"Write it as {EXAMPLE}.")
    kind = "int" if all(isinstance(number, int) for number in numbers) else "float"
    return {"path": path.strip(), "kind": kind, "low": numbers[0], "high": numbers[1], "log": way == LOG}


def _follow(studio: Studio, search_id: str, quiet: bool) -> SearchView:
    """Say what becomes of each trial, until the search is over."""
    said: dict[int, str] = {}
    if not quiet:
        print(f"search {search_id}", flush=True)
    while True:
        view = studio.search_view(search_id)
        for trial in view.trials:
            if not quiet and said.get(trial.number) != trial.state:
                said[trial.number] = trial.state
                print(_line(view, trial), flush=True)
        if view.state not in ("running", "stopping"):
            return view
        time.sleep(LOOK_EVERY)


def _line(view: SearchView, trial: TrialLine) -> str:
    values = "  ".join(f"{column.label} {words}" for column, words in zip(view.columns, trial.words, strict=True))
    mark = "" if trial.value is None else f"{trial.value:.4f}"
    return f"trial {trial.number:<3} {trial.state:9} {mark:8} {values}  {trial.run or ''} {trial.reason}".rstrip()


def _summary(view: SearchView) -> None:
    best = next((trial for trial in view.trials if trial.number == view.best), None)
    if view.problem:
        print(f"The trials fail: {view.problem}")
    if best is None or view.metric is None:
        print("No trial has finished.")
        return
    on_test = "" if view.test is None else f", {view.test:.4f} on the test part"
    on_validation = f"{view.metric.label} {best.value:.4f} on the validation part"
    whose = f"run {best.run}" if best.run else "its run was deleted"
    print(f"\nBest: trial {best.number}, {whose}: {on_validation}{on_test}.")
    print(RISK)
    if best.run:
        print(f"Its settings: python -m core.cli search-show {view.id} --write run.yaml")


def _count(view: SearchView) -> str:
    return f"{view.counted} of {view.n_trials} trials" if view.n_trials else f"{view.counted} trials"


def _as_json(view: SearchView) -> str:
    return json.dumps(asdict(view), ensure_ascii=False, default=str)
