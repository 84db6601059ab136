"""Optuna, and nothing else: what was tried, what to try next, whether a trial falls behind. One writer a journal.

Imported inside functions only: Optuna takes a third of a second.
"""

from __future__ import annotations

import logging
import statistics
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.storages.journal._file import BaseJournalFileLock
from optuna.trial import FrozenTrial, TrialState

from core.search.config import SearchConfig, Span
from core.search.space import beginning, grid
from core.search.tried import Tried
from core.tasks import TASKS

optuna.logging.set_verbosity(optuna.logging.ERROR)
logging.getLogger("optuna").setLevel(logging.ERROR)

NAME = "search"
MOST_AT_RANDOM = 10
"""Trials by chance, before there is something to learn from; of a short search a third."""
FEWEST_TO_COMPARE = 2
"""Finished trials that a trial must be compared with before it can fall behind."""


class _Ours(BaseJournalFileLock):
    """The driver of a search holds a lock of its own, which the system frees however it dies. Optuna's own one would
    make the next driver wait for half a minute after a kill.
    """

    def acquire(self) -> bool:
        return True

    def release(self) -> None:
        return None


class FallsBehind(optuna.pruners.BasePruner):
    """Whether the best check of a trial is worse than the median of the finished ones' best at the same progress."""

    def prune(self, study: optuna.Study, trial: FrozenTrial) -> bool:
        """Optuna's question: it is asked after each report."""
        progress = trial.last_step
        if progress is None:
            return False
        best = max if study.direction == optuna.study.StudyDirection.MAXIMIZE else min
        finished = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
        so_far = [_until(one, progress) for one in finished]
        others = [best(values) for values in so_far if values]
        if len(others) < FEWEST_TO_COMPARE:
            return False
        mine, middle = best(_until(trial, progress)), statistics.median(others)
        return best(mine, middle) != mine


def _until(trial: FrozenTrial, progress: int) -> list[float]:
    return [value for step, value in trial.intermediate_values.items() if step <= progress]


class Study:
    """The journal of one search, opened to be written: by the driver alone."""

    def __init__(self, path: Path, config: SearchConfig) -> None:
        _drop_a_cut_line(path)
        self._config = config
        self.metric = TASKS[config.base.task].main_metric
        self._distributions = {span.path: _distribution(span) for span in config.space}
        self._storage = JournalStorage(JournalFileBackend(str(path), _Ours()))
        self._study = optuna.create_study(
            storage=self._storage,
            study_name=NAME,
            direction=_direction(config),
            load_if_exists=True,
            pruner=FallsBehind(),
        )

    def tried(self) -> list[Tried]:
        """Every trial, oldest first."""
        return [_plain(trial) for trial in self._study.get_trials(deepcopy=False)]

    def ask(self) -> Tried | None:
        """What to try next; None when a grid has been tried whole.

        It depends on the journal alone, so that a search which was killed goes on as it would have.
        """
        trials = self._study.get_trials(deepcopy=False)
        number = len(trials)
        if not any(trial.state is TrialState.WAITING for trial in trials):
            if self._config.sampler == "grid":
                tried = [trial.params for trial in trials if not trial.user_attrs.get("void")]
                left = [point for point in grid(self._config.space, self._config.seed) if point not in tried]
                if not left:
                    return None
                self._study.enqueue_trial(left[0])
            elif number == 0 and (first := beginning(self._config.base, self._config.space)):
                self._study.enqueue_trial(first)
        self._study.sampler = self._sampler(number)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what it says to programmers, nothing is for a log of ours
            trial = self._study.ask(self._distributions)
        return _plain(self._study.get_trials(deepcopy=False)[trial.number])

    def is_whole(self, trial: Tried) -> bool:
        """Whether all its values are known: a driver may be killed while it asks."""
        return set(trial.params) == set(self._distributions)

    def note(self, number: int, name: str, value: Any) -> None:
        """Write down something about a trial."""
        self._storage.set_trial_user_attr(self._trial_id(number), name, value)

    def report(self, number: int, progress: int, value: float) -> None:
        """A check of a trial that runs."""
        self._storage.set_trial_intermediate_value(self._trial_id(number), progress, value)

    def falls_behind(self, number: int) -> bool:
        """Whether a trial should be ended, going by its reports so far."""
        return self._study.pruner.prune(self._study, self._study.get_trials(deepcopy=False)[number])

    def best(self, values: Sequence[float]) -> float:
        """The best of several checks."""
        return max(values) if self._study.direction == optuna.study.StudyDirection.MAXIMIZE else min(values)

    def complete(self, number: int, value: float) -> None:
        self._study.tell(number, value)

    def prune(self, number: int) -> None:
        self._study.tell(number, state=TrialState.PRUNED)

    def fail(self, number: int, reason: str, void: bool = False) -> None:
        """The trial came to nothing; ``void``: that says nothing about its settings."""
        self.note(number, "reason", reason)
        if void:
            self.note(number, "void", True)
        self._study.tell(number, state=TrialState.FAIL)

    def _trial_id(self, number: int) -> int:
        return self._study.get_trials(deepcopy=False)[number]._trial_id

    def _sampler(self, number: int) -> optuna.samplers.BaseSampler:
        seed = self._config.seed + number
        if self._config.sampler != "tpe":
            return optuna.samplers.RandomSampler(seed=seed)
        trials = self._config.n_trials or 3 * MOST_AT_RANDOM
        return optuna.samplers.TPESampler(n_startup_trials=max(2, min(MOST_AT_RANDOM, trials // 3)), seed=seed)


def read(path: Path) -> list[Tried]:
    """The trials in a journal, for those who only look; a line that is half written waits."""
    if not path.is_file():
        return []
    storage = JournalStorage(JournalFileBackend(str(path), _Ours()))
    studies = storage.get_all_studies()
    return [_plain(trial) for study in studies for trial in storage.get_all_trials(study._study_id, deepcopy=False)]


def _plain(trial: FrozenTrial) -> Tried:
    value = trial.value if trial.state in (TrialState.COMPLETE, TrialState.PRUNED) else None
    return Tried(
        number=trial.number,
        state=trial.state.name.lower(),
        params=dict(trial.params),
        value=value,
        reported=dict(trial.intermediate_values),
        fixed="fixed_params" in trial.system_attrs,
        notes=dict(trial.user_attrs),
    )


def _distribution(span: Span) -> BaseDistribution:
    if span.kind == "choice" or span.low is None or span.high is None:
        return CategoricalDistribution(span.choices)
    if span.kind == "int":
        return IntDistribution(int(span.low), int(span.high), log=span.log)
    return FloatDistribution(span.low, span.high, log=span.log)


def _direction(config: SearchConfig) -> Literal["maximize", "minimize"]:
    task = TASKS[config.base.task]
    metric = next(metric for metric in task.metrics if metric.name == task.main_metric)
    return "maximize" if metric.greater_is_better else "minimize"


def _drop_a_cut_line(path: Path) -> None:
    """A power cut may leave half a line at the end; what is appended to it would be lost with it."""
    if not path.is_file():
        return
    with open(path, "r+b") as file:
        written = file.read()
        if not written.endswith(b"\n"):
            file.truncate(written.rfind(b"\n") + 1)
