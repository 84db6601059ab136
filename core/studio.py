"""The one door. Everything that a page, the command line or an API may ask is a method here.

The app's process calls these; none of them imports torch, transformers or datasets. Failures are ``StudioError``s.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from core import home, launchers, live, orders, queue, run_list, runs
from core.answers_room import AnswersRoom
from core.comparing_room import ComparingRoom
from core.config import RunConfig
from core.control_room import ControlRoom
from core.data.types import Checkup, Finding, Guess, News, Parts, Preview, Progress, Sample
from core.data_room import DataRoom
from core.ensemble_room import EnsembleRoom
from core.errors import CheckpointError, RunError
from core.estimate import Estimate
from core.explaining_room import ExplainingRoom
from core.figures import plural
from core.hub.askers import Askers
from core.hub_room import HubRoom
from core.job_room import JobRoom
from core.judging_room import JudgingRoom
from core.keeping_room import KeepingRoom
from core.kept_lines import lines_of
from core.labels_room import LabelsRoom
from core.models.types import Checkpoint, Note
from core.orders import Kept
from core.people import audit, disk
from core.people.confines import confined
from core.prediction.client import Predictors
from core.programs_room import ProgramsRoom
from core.publish_room import PublishRoom
from core.queue_room import QueueRoom
from core.report_room import ReportRoom
from core.run_list import RunPage
from core.runs import State
from core.said import said
from core.search_room import SearchRoom
from core.sharing_room import SharingRoom
from core.spares import Spares
from core.suggest import Suggestion
from core.summaries import RunSummary, line_of, with_places
from core.supervisor import Supervisor
from core.tasks import TASKS
from core.tasks.base import Section
from core.team_room import TeamRoom

__all__ = [
    "Checkpoint",
    "Checkup",
    "Estimate",
    "Finding",
    "Guess",
    "News",
    "Note",
    "Parts",
    "Preview",
    "Progress",
    "RunSummary",
    "Sample",
    "Section",
    "State",
    "Studio",
    "Suggestion",
]


class Studio(
    DataRoom,
    AnswersRoom,
    HubRoom,
    PublishRoom,
    KeepingRoom,
    ControlRoom,
    EnsembleRoom,
    SearchRoom,
    ReportRoom,
    JudgingRoom,
    LabelsRoom,
    ComparingRoom,
    ExplainingRoom,
    ProgramsRoom,
    QueueRoom,
    SharingRoom,
    TeamRoom,
    JobRoom,
):
    """Data, models, runs and predictions, behind one door.

    ``open`` starts the background thread that drives training; without it the studio only reads, and queues.
    """

    is_demo = False
    """Whether those who ask are visitors of a demo: see ``core.demo.studio``."""

    def shown(self) -> list[RunSummary]:
        """The finished runs that all visitors of a demo may try."""
        return []

    def is_shown(self, run_id: str) -> bool:
        """Whether this is one of them."""
        return False

    def __init__(self) -> None:
        self._spares = Spares()
        self._predictors = Predictors(self._spares)
        self._askers = Askers()
        self._supervisor: Supervisor | None = None

    def open(self, only: str | None = None) -> Studio:
        """Begin to drive queued runs and searches, those of an earlier life included; or ``only`` one of them."""
        self._supervisor = Supervisor(self._spares, only, self._askers)
        self._supervisor.start()
        self.drive_searches(only)
        return self

    def close(self) -> None:
        """End what only serves this app. Training goes on."""
        self.leave_searches()
        if self._supervisor:
            self._supervisor.close()
        self._predictors.close()
        self._spares.close()

    def warm_up(self) -> None:
        """Somebody is about to train or to try a model: have a worker ready, if a device is free for it."""
        if free := queue.free_devices():
            self._spares.warm(free[0])

    def _look_now(self) -> None:
        if self._supervisor:
            self._supervisor.wake()

    # Models

    def checkpoints(self, task: str) -> list[Checkpoint]:
        """What to start from, for a task: starters that need no network first."""
        from core.models.checkpoints import starters

        return starters(TASKS[task].starters)

    def describe(self, checkpoint: str) -> Checkpoint:
        """What is known of a checkpoint. Raises ``CheckpointError`` when it is missing or broken."""
        from core.models.checkpoints import describe

        return describe(checkpoint)

    def install(self, checkpoint: str, progress: Callable[[str], None] = lambda line: None) -> None:
        """Install a starter whose ``Checkpoint.install`` says that it has to be; ``progress`` hears what goes on.

        Raises ``StudioError`` when that fails.
        """
        from core.models import smollm2

        if checkpoint != smollm2.ID:
            title = said("{model} is nothing to install.", model=checkpoint)
            raise CheckpointError(title, said("It can be chosen as it is."))
        smollm2.install(progress)

    # Settings

    def complete(self, draft: Mapping[str, Any]) -> tuple[RunConfig, list[Suggestion]]:
        """Fill what a draft leaves out with what suits the data; returns the reasons too."""
        from core.completion import complete

        return complete(self, draft)

    def estimate(self, config: RunConfig) -> Estimate:
        """Time, memory and disk that a run will take."""
        from core.estimate import estimate, finished_runs
        from core.models.checkpoints import readable_length
        from core.probing import kept

        parts, lengths = self.parts(config), self.token_lengths(config)
        checkpoint = self.describe(config.model.checkpoint)
        limit = readable_length(checkpoint, config.training.max_length)
        task = TASKS[config.task]
        pieces = task.features(lengths, limit, config.options)
        rows = round(parts.train.num_rows * len(pieces) / max(1, len(lengths)))
        finished, writes = finished_runs(runs.all_runs()), task.family != "encoder"
        most = config.data.streaming.max_steps if config.data.streaming else None
        return estimate(
            config.training,
            checkpoint,
            rows,
            pieces,
            finished,
            writes=writes,
            max_steps=most,
            publishes=config.hub.holds_a_checkpoint,
            adapter=config.adapter,
            found=kept.known(config, checkpoint),
            checked=parts.validation.num_rows,
            judged=parts.validation.num_rows + parts.test.num_rows,
        )

    def token_lengths(self, config: RunConfig) -> list[int]:
        """Token counts of a sample of the training texts."""
        from core.models.tokens import sample_lengths

        columns = list(TASKS[config.task].read_columns)
        return sample_lengths(self.describe(config.model.checkpoint), self.parts(config).train, columns)

    def remarks(self, config: RunConfig) -> list[Note]:
        """What will be done to the model and to long texts, to be said before the start."""
        from core.remarks import remarks

        return remarks(self, config)

    # Runs

    def start(self, config: RunConfig, agreed: float | None = None) -> str:
        """Make the run's folder and queue it. Returns its id. It asks the Hub as whoever asks now. ``agreed``: what
        somebody has agreed to pay at the most (US dollars), for a run on a rented machine.

        Raises ``ConfigError`` where this machine lacks what a setting takes, ``StudioError`` where there is no room,
        ``RunError`` where it would cost more than was agreed to.
        """
        from core.completion import absolute, refuse_lacking
        from core.jobs import agreement

        refuse_lacking(config)
        agreement.need(config, agreed)
        wanted = confined(absolute(config))
        with self._askers.lock:
            queue.need_place(launchers.devices_of(config))  # here, so that many at once are counted
            run = runs.create(wanted)
            self._askers.remember(run)
            cost = ""
            if agreed is not None and config.job.is_rented:
                agreement.give(run, agreed)
                cost = f"on a rented machine, for ${agreed:.2f} at the most"
        audit.note("run started", run.id, cost)
        self._look_now()
        self._reckon(run)
        return run.id

    def runs(self) -> list[RunSummary]:
        """Every run, newest first."""
        return with_places(lines_of(runs.all_runs()))

    def runs_page(self, number: int = 1, words: str = "") -> RunPage:
        """A page of the list of the runs in which all ``words`` are found."""
        return run_list.page(number, words)

    def summary(self, run_id: str) -> RunSummary:
        """One run's line in the list, with its place while it waits."""
        line = line_of(runs.find(run_id))
        if line.state is not State.QUEUED:
            return line
        place, standing = self._place(run_id)
        return replace(line, place=place, standing=standing)

    def config(self, run_id: str) -> RunConfig:
        return runs.find(run_id).config

    def folder(self, run_id: str) -> Path:
        """Where a run's files are."""
        return runs.find(run_id).path

    def live(self, run_id: str, since: int = 0) -> dict[str, Any]:
        """What is new since byte ``since``; see ``core.live``."""
        answer = live.tick(runs.find(run_id), since)
        if answer["state"] == State.QUEUED:
            answer["place"], answer["standing"] = self._place(run_id)
        return answer

    def model_folder(self, run_id: str) -> Path:
        """The model that a run has made. Raises ``RunError`` where it has none."""
        run = runs.find(run_id)
        if not run.has_model:
            raise RunError(said("This run has no model."), said("Choose one that has finished."))
        return run.model_path

    def log(self, run_id: str) -> str:
        """The technical log: what the worker and its libraries printed."""
        path = runs.find(run_id).log_path
        is_own = path.is_file() and not path.is_symlink()  # a copied run's folder may hold links to anything
        return path.read_text(encoding="utf-8", errors="replace") if is_own else ""

    def stop(self, run_id: str, kept: Kept = "best") -> None:
        """Ask a run to stop and keep its best model so far, its last, or nothing; one that waits leaves the queue."""
        run = runs.find(run_id)
        if run.state.is_over:
            raise RunError(said("This run is already over."), said("There is nothing to stop."))
        run.again_path.unlink(missing_ok=True)
        orders.stop(run, kept)
        if not run.rented_path.exists():
            self._askers.forget(run)
        audit.note("run stopped", run_id, f"keeps {kept}")

    def again(self, run_id: str) -> None:
        """Take up a run that was interrupted, stopped or failed, from its last complete checkpoint if it has one.

        It asks the Hub as whoever asks now.
        """
        run = runs.find(run_id)
        if run.state not in (State.INTERRUPTED, State.STOPPED, State.FAILED):
            advice = said("It is going on or has finished; use it again as a new run.")
            raise RunError(said("This run cannot be started again."), advice)
        if run.config.job.is_rented:
            advice = said("Use the run again as a new one: there you see what it costs, and agree to it.")
            raise RunError(said("What it has learned on the rented machine so far went with it."), advice)
        queue.need_place(launchers.for_start(run)[1])
        self._predictors.forget(run)
        orders.forget(run)
        with self._askers.lock:
            self._askers.remember(run)
            run.again_path.touch()
        audit.note("run taken up again", run_id)
        self._look_now()

    def rename(self, run_id: str, name: str) -> None:
        """Give a run another name; an empty one brings back the name in its config."""
        runs.find(run_id).rename(name)

    def delete(self, run_id: str) -> None:
        """Move a run to the trash."""
        run = runs.find(run_id)
        self._predictors.forget(run)
        runs.move_to_trash(run)
        self._askers.forget(run)
        audit.note("run deleted", run_id)

    def trash(self) -> list[RunSummary]:
        """What was deleted and can be brought back, newest first."""
        return lines_of(runs.trashed())

    def trash_top(self, also: Sequence[str] = ()) -> tuple[list[RunSummary], int]:
        """The newest runs in the trash and those named in ``also``; and how many there are."""
        return run_list.trash(also)

    def restore(self, run_id: str) -> None:
        """Bring a run back from the trash."""
        runs.restore(run_id)
        self._look_now()

    def empty_trash(self) -> int:
        """Delete for good what is in the trash. Returns how many runs that were."""
        gone = runs.empty_trash()
        disk.forget(home.home())
        audit.note("trash emptied", detail=plural(gone, "run"))
        return gone
