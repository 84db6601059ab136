"""Watching a run from a terminal: its events as lines, its steps as a bar."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

from core import events, runs
from core.errors import RunError
from core.runs import State

if TYPE_CHECKING:
    from core.studio import Studio

LOOK_EVERY = 0.5
EXIT_CODES = {State.FINISHED: 0, State.FAILED: 1, State.INTERRUPTED: 1, State.STOPPED: 3}


def follow(studio: Studio, run_id: str, since: int = 0, as_json: bool = False) -> int:
    """Print what happens until the run is over. Returns 0 only when it finished; 3 when it was stopped.

    The first interrupt from the keyboard asks the run to stop and waits; the second leaves it to itself.
    """
    run = runs.find(run_id)
    screen = Screen(as_json)
    screen.say(f"run {run_id}, in {run.path}")
    asked_to_stop = said_place = False
    offset = since
    while True:
        try:
            if not run.path.is_dir():
                raise RunError("The run was deleted.", "Bring it back from the trash on the page of all runs.")
            state = run.state
            if state is State.QUEUED and not said_place and studio.is_busy():
                said_place = True
                screen.say(_why_it_waits(studio))
            news, offset = events.read(run.events_path, offset)
            for event in news:
                screen.show(event)
            if state.is_over and not news:
                break
            time.sleep(LOOK_EVERY)
        except KeyboardInterrupt:
            if asked_to_stop:
                screen.say("Left the run to itself.")
                return 130
            asked_to_stop = True
            if not run.state.is_over:
                studio.stop(run_id)
            screen.say(
                "Stopping after the present step and keeping the best model. Press Ctrl-C again to leave it to itself."
            )
    screen.close()
    if state is State.INTERRUPTED:
        screen.say(f"The training process was killed. Take it up again with: python -m core.cli again {run_id}")
    return EXIT_CODES[state]


def _why_it_waits(studio: Studio) -> str:
    resting = [line for line in studio.runs() if line.paused]
    if resting:
        return f"This run waits: {resting[0].name} ({resting[0].id}) is paused and keeps its device."
    return "Another run goes on; this one waits for it."


class Screen:
    """A terminal: lines, and a bar while steps go by. With ``as_json`` events go to standard output as they are."""

    def __init__(self, as_json: bool) -> None:
        self._as_json = as_json
        self._bar: Any = None

    def say(self, words: str) -> None:
        if self._bar is not None:
            self._bar.write(words, file=sys.stderr if self._as_json else sys.stdout)
        else:
            print(words, file=sys.stderr if self._as_json else sys.stdout, flush=True)

    def show(self, event: events.Event) -> None:
        """Print an event as a JSON line, as words, or as progress of the bar."""
        if self._as_json:
            print(events.encode(event), end="", flush=True)
            return
        match event:
            case events.Planned():
                self._open_bar(event.total_steps)
            case events.Stepped():
                self._advance(event)
            case events.Failed():
                self.close()
                print(*filter(None, (event.title, event.advice, event.cause)), sep="\n", file=sys.stderr)
            case _:
                if words := in_words(event):
                    self.say(words)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def _open_bar(self, total: int) -> None:
        from tqdm import tqdm

        self._bar = tqdm(total=total, unit="step", disable=not sys.stderr.isatty(), dynamic_ncols=True)

    def _advance(self, event: events.Stepped) -> None:
        if self._bar is not None:
            self._bar.update(event.step - self._bar.n)
            self._bar.set_postfix(loss="–" if event.loss is None else f"{event.loss:.4f}")


def in_words(event: events.Event) -> str:
    """One line for a person, or nothing for what only a machine reads."""
    match event:
        case events.Phase():
            return event.words
        case events.Noticed():
            return f"{'warning: ' if event.level == 'warning' else ''}{event.title} {event.detail}".rstrip()
        case events.Evaluated():
            numbers = "  ".join(f"{name} {value:.4f}" for name, value in event.metrics.items() if value is not None)
            return f"step {event.step}: {numbers}{'  (best so far)' if event.is_best else ''}"
        case events.Judged():
            return f"\n{event.verdict}"
        case events.Finished():
            early = ", early, since nothing got better" if event.stopped_early else ""
            return f"Finished in {event.train_runtime_s:.0f} s{early}."
        case events.Stopped():
            return f"Stopped at step {event.step}{_model_kept(event)}."
        case events.Paused():
            return f"Paused after step {event.step}."
        case events.Continued():
            return f"Goes on after a pause of {event.paused_s:.0f} s."
    return ""


def _model_kept(event: events.Stopped) -> str:
    if not event.has_model:
        return ""
    return ", with the model as it was" if event.kept == "last" else ", with the best model so far"
