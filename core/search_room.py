"""The part of the one door about searches for better settings."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from core import runs
from core.config import HubConfig, NotifyConfig, OriginConfig, RunConfig
from core.errors import RunError, StudioError
from core.estimate import Estimate
from core.hub.identity import MACHINE, current
from core.orders import Kept
from core.runs import State
from core.said import said
from core.search import searches as folders
from core.search.config import SearchConfig, Span
from core.search.past import past_of
from core.search.table import SearchView, view
from core.spares import Spares

if TYPE_CHECKING:
    from core.search.driver import Driver


class SearchRoom:
    """What may be asked about searches. The trials of one are ordinary runs, in the one queue."""

    _driver: Driver | None = None
    _spares: Spares

    @abstractmethod
    def start(self, config: RunConfig) -> str:
        """See ``Studio.start``."""

    @abstractmethod
    def stop(self, run_id: str, kept: Kept = "best") -> None:
        """See ``Studio.stop``."""

    @abstractmethod
    def again(self, run_id: str) -> None:
        """See ``Studio.again``."""

    @abstractmethod
    def estimate(self, config: RunConfig) -> Estimate:
        """See ``Studio.estimate``."""

    def ready_for_next(self) -> None:
        """The next trial is about to begin: have a worker ready, where there is memory for another one."""
        if self._driver:
            self._spares.warm()

    def drive_searches(self, only: str | None = None) -> None:
        """Begin to drive the searches of this home, those of an earlier life included; or the one named ``only``."""
        from core.search.driver import Driver

        self._driver = Driver(self, only)
        self._driver.start()

    def leave_searches(self) -> None:
        """Stop driving them. What runs goes on."""
        if self._driver:
            self._driver.close()

    def search_ranges(self, run_id: str) -> tuple[list[Span], int]:
        """First ranges for what may be searched around a run, and how many of them, from the first, are proposed."""
        from core.search.space import offered, proposed

        config = runs.find(run_id).config
        return offered(config), len(proposed(config))

    def trial_cost(self, run_id: str) -> tuple[float | None, int | None]:
        """(seconds, bytes that stay on the disk) of one trial around a run: what it took itself, else an estimate; None
        where that is not known.
        """
        run = runs.find(run_id)
        past = past_of(run_id)
        if run.state is State.FINISHED and past is not None:
            return past.seconds, sum(file.stat().st_size for file in run.model_path.rglob("*") if file.is_file())
        try:
            found = self.estimate(run.config)
        except StudioError:
            return None, None
        return found.seconds, found.kept_bytes

    def search(self, config: SearchConfig) -> str:
        """Begin a search. Returns its id. Its trials ask the Hub as whoever asks now."""
        asker = current()
        search = folders.create(config, "" if asker == MACHINE else asker.kind)
        if self._driver:
            self._driver.wake(search, asker)
        return search.id

    def searches(self) -> list[SearchView]:
        """Every search, newest first."""
        return [view(search) for search in folders.all_searches()]

    def search_view(self, search_id: str) -> SearchView:
        """One search with its trials, as it is now."""
        return view(folders.find(search_id))

    def stop_search(self, search_id: str) -> None:
        """Begin no more trials, and stop those that go on. It can go on later."""
        folders.find(search_id).stop_path.touch()
        self._look_at_searches()

    def go_on_search(self, search_id: str) -> None:
        """Let a search that was stopped go on."""
        folders.find(search_id).stop_path.unlink(missing_ok=True)
        self._look_at_searches()

    def best_config(self, search_id: str) -> RunConfig:
        """The settings of the best finished trial, for a run of its own. Raises ``RunError`` while there is none."""
        found = view(folders.find(search_id))
        best = next((trial for trial in found.trials if trial.number == found.best), None)
        if best is None:
            raise RunError(said("No trial of this search has finished yet."), said("Wait for the first one."))
        if best.run is None:
            raise RunError(said("The run of the best trial was deleted."), said("Bring it back from the trash."))
        base = folders.find(search_id).config.base
        plain = {"origin": OriginConfig(), "hub": HubConfig(), "notify": NotifyConfig(), "name": base.name}
        return runs.find(best.run).config.model_copy(update=plain)

    def delete_search(self, search_id: str) -> None:
        """Delete a search for good; its runs stay. Raises ``RunError`` while a trial goes on."""
        search = folders.find(search_id)
        if view(search).state in ("running", "stopping"):
            raise RunError(said("This search still goes on."), said("Stop it first, then delete it."))
        folders.delete(search)

    def _look_at_searches(self) -> None:
        if self._driver:
            self._driver.wake()
