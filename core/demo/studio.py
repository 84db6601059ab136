"""The one door as visitors of a demo find it: small trainings, finished models to try, everything else closed.

What is open stands in ``core.demo.opened``.
"""

from __future__ import annotations

import functools
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from core import ceilings, home, runs
from core.config import RunConfig, put, validate
from core.demo import bounds, keeping, shown
from core.demo.opened import LENT, OPEN
from core.demo.sweeper import Sweeper
from core.errors import PredictionError, RunError
from core.people.types import NOBODY
from core.runs import Run, State
from core.said import Figures, said, said_many, together
from core.said_times import about
from core.studio import Studio
from core.suggest import Suggestion
from core.summaries import RunSummary

HOUR = 3600.0
AT_ONCE = 4
"""Questions that are answered at the same moment, whoever asks them."""
PATIENCE = 30.0
"""Seconds for which a question waits for its turn."""
EPOCHS = "training.num_train_epochs"
LENGTH = "training.max_length"


class DemoStudio(Studio):
    """``open`` begins to look after what visitors leave, too. ``clock`` says the time, in seconds since the epoch."""

    is_demo = True

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        super().__init__()
        self._clock = clock
        self._begun: dict[Path, list[float]] = {}
        """When each visitor's trainings of the last hour were started."""
        self._starting = threading.Lock()
        self._questions = threading.BoundedSemaphore(AT_ONCE)
        self.sweeper = Sweeper(self.forget, clock)

    def open(self, only: str | None = None) -> DemoStudio:
        """Remove what earlier visitors have left, then begin."""
        keeping.remove_everybodys(self.forget)
        super().open(only)
        self.sweeper.start()
        return self

    def close(self) -> None:
        """End, and remove what visitors have left."""
        self.sweeper.close()
        super().close()
        keeping.remove_everybodys(self.forget)

    def forget(self, run: Run) -> None:
        """End what answers for a run that is removed."""
        self._predictors.forget(run)
        self._askers.forget(run)
        self._begun.pop(home.whose(run.path), None)

    # What is made

    def complete(self, draft: Mapping[str, Any]) -> tuple[RunConfig, list[Suggestion]]:
        """The same, with suggestions that a demo has room for."""
        config, reasons = super().complete(draft)
        given = draft.get("training") or {}
        most = ceilings.most("tokens")
        if config.training.max_length > most and "max_length" not in given:
            config = _with(config, LENGTH, most)
            reasons = _said(reasons, Suggestion(LENGTH, most, said("A demo reads no more of a text.")))
        if "num_train_epochs" not in given and not self.checkup(config).blocks:
            config, reasons = self._with_fewer_epochs(config, reasons)
        return config, reasons

    def _with_fewer_epochs(self, config: RunConfig, reasons: list[Suggestion]) -> tuple[RunConfig, list[Suggestion]]:
        seconds, epochs = self.estimate(config).seconds, config.training.num_train_epochs
        room = 60.0 * ceilings.most("minutes") * 0.8
        fewer = float(max(1, int(epochs * room / max(1.0, seconds))))
        if fewer >= epochs:
            return config, reasons
        minutes = Figures(ceilings.in_words("minutes"))
        why = said("A training of a demo takes {minutes} minutes at the most.", minutes=minutes)
        return _with(config, EPOCHS, fewer), _said(reasons, Suggestion(EPOCHS, fewer, why))

    def start(self, config: RunConfig, agreed: float | None = None) -> str:
        """Begin a training. Raises ``StudioError`` where a bound of the demo is crossed, with what to do instead."""
        self._need_home()
        bounds.need_allowed(config, self.checkpoints(config.task))
        place = home.home()
        with self._starting:
            self._need_turn(place)
            parts = self.parts(config)
            rows = sum(part.num_rows for part in (parts.train, parts.validation, parts.test))
            bounds.need_small(rows, self.estimate(config), keeping.used(place))
            run_id = super().start(config, agreed)
            self._begun.setdefault(place, []).append(self._clock())
        return run_id

    def keep_upload(self, path: Path) -> str:
        """Keep a table that a visitor has brought."""
        self._need_home()
        bounds.need_disk(keeping.used(home.home()), path.stat().st_size, "This file")
        return _renewed(super().keep_upload(path))

    def keep_paste(self, text: str) -> str:
        """Keep a table that a visitor has pasted."""
        self._need_home()
        bounds.need_disk(keeping.used(home.home()), len(text.encode("utf-8", "replace")), "This table")
        return _renewed(super().keep_paste(text))

    def restore(self, run_id: str) -> None:
        """Bring a run back from the trash; one that waited goes on waiting where it is the only one."""
        with self._starting:
            folder = home.trash_dir() / run_id
            if runs.is_id(run_id) and folder.is_dir() and Run(folder).state is State.QUEUED:
                self._need_none_going()
            super().restore(run_id)

    def _need_home(self) -> None:
        if home.home().name == NOBODY:
            raise RunError(
                said(
                    "{most} visitors keep something here at this moment, which is the most.",
                    most=ceilings.in_words("visitors"),
                ),
                together(ceilings.CEILINGS["visitors"].instead, bounds.instead()),
            )

    def _need_none_going(self) -> None:
        if any(not run.state.is_over for run in runs.all_runs()):
            raise RunError(
                said("You have a training that waits or goes on, and a demo gives each visitor one at a time."),
                said("Wait for its end, or stop it."),
            )

    def _need_turn(self, place: Path) -> None:
        self._need_none_going()
        now, most = self._clock(), ceilings.most("trainings")
        begun = self._begun[place] = [at for at in self._begun.get(place, []) if now - at < HOUR]
        if len(begun) >= most:
            left = about(begun[-most] + HOUR - now)  # no time of day: visitors live elsewhere
            raise RunError(
                said_many(
                    int(most),
                    "You have started {count} training within an hour, which is all that a demo gives.",
                    "You have started {count} trainings within an hour, as many as a demo gives.",
                ),
                together(said("Come back in {left}.", left=left), bounds.instead()),
            )

    # What is asked

    def shown(self) -> list[RunSummary]:
        """The finished runs that all visitors may try."""
        with home.living_in(shown.place()):
            return [super(DemoStudio, self).summary(run.id) for run in shown.runs()]

    def is_shown(self, run_id: str) -> bool:
        """Whether this is one of them."""
        return shown.is_shown(run_id)

    def answers(self, run_id: str, inputs: Sequence[Mapping[str, str]]) -> list[dict[str, Any]]:
        """One answer for each input."""
        _need_short(inputs)
        with self._turn():
            return super().answers(run_id, inputs)

    def predict(self, run_id: str, inputs: Mapping[str, str], untrained: bool = False) -> dict[str, Any]:
        """The model's answer to one input."""
        _need_short([inputs])
        with self._turn():
            return super().predict(run_id, inputs, untrained)

    def write(
        self, run_id: str, inputs: Mapping[str, str], knobs: Mapping[str, Any], untrained: bool = False
    ) -> Iterator[dict[str, Any]]:
        """The same as it grows."""
        _need_short([inputs])
        return self._in_turn(super().write(run_id, inputs, knobs, untrained))

    def why(self, run_id: str, inputs: Mapping[str, str], target: str = "") -> dict[str, Any]:
        """Which words pulled the answer which way."""
        _need_short([inputs])
        with self._turn():
            return super().why(run_id, inputs, target)

    def why_no_neighbours(self, run_id: str) -> str:
        """Why no nearest training examples can be shown."""
        return together(said("A demo does not look through training examples."), bounds.instead())

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._questions.acquire(timeout=PATIENCE):
            raise PredictionError(said("Many people ask at this moment."), said("Ask again in a few seconds."))
        try:
            yield
        finally:
            self._questions.release()

    def _in_turn(self, answers: Any) -> Iterator[dict[str, Any]]:
        with self._turn(), closing(answers):
            yield from answers


def _with(config: RunConfig, path: str, value: Any) -> RunConfig:
    data = config.model_dump()
    put(data, path, value)
    return validate(data)


def _said(reasons: Sequence[Suggestion], newest: Suggestion) -> list[Suggestion]:
    return [*(one for one in reasons if one.path != newest.path), newest]


def _renewed(kept: str) -> str:
    """The same file brought again counts as new: it is kept as long as one."""
    os.utime(Path(kept).parent)
    return kept


def _need_short(inputs: Sequence[Mapping[str, str]]) -> None:
    letters = sum(len(text) for one in inputs for text in one.values())
    if letters > ceilings.most("letters"):
        raise PredictionError(
            said(
                "This question has {letters} letters, and a demo takes {most}.",
                letters=letters,
                most=ceilings.in_words("letters"),
            ),
            together(ceilings.CEILINGS["letters"].instead, bounds.instead()),
        )


def _closed(name: str) -> Callable[..., Any]:
    def refuse(self: DemoStudio, *args: Any, **more: Any) -> Any:
        raise RunError(said("This is not part of the demo."), bounds.instead())

    refuse.__name__ = name
    return refuse


def _lent(method: Callable[..., Any]) -> Callable[..., Any]:
    """The same, in the home of the runs that are shown where one of these is asked about."""

    @functools.wraps(method)
    def call(self: DemoStudio, *args: Any, **more: Any) -> Any:
        run_id = args[0] if args else more.get("run_id", "")
        if not isinstance(run_id, str) or not shown.is_shown(run_id) or _has_own(run_id):
            return method(self, *args, **more)
        with home.living_in(shown.place()):
            return method(self, *args, **more)

    return call


def _has_own(run_id: str) -> bool:
    return (home.runs_dir() / run_id / "config.yaml").is_file()


for _name in (name for name in dir(Studio) if not name.startswith("_") and callable(getattr(Studio, name))):
    if _name in LENT:
        setattr(DemoStudio, _name, _lent(getattr(DemoStudio, _name)))
    elif _name not in OPEN:
        setattr(DemoStudio, _name, _closed(_name))
