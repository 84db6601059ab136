"""The part of the one door about keeping runs on the Hub, and bringing them back."""

from __future__ import annotations

from core import runs
from core.errands import ERRANDS, Errand
from core.errors import RunError
from core.keeping.types import Kept, KeptRuns
from core.people import audit
from core.publishing.types import Published
from core.said import said

_BACK = "bring-back"


class KeepingRoom:
    """What may be asked about runs in a private repository of whoever asks. A failure never touches a run."""

    def keep(self, run_id: str) -> None:
        """Begin to keep a run that is over; ``keeping`` says how far it is. Raises ``HubError`` or ``RunError``."""
        from core.keeping import record

        run = runs.find(run_id)
        if not run.state.is_over:
            raise RunError(said("This run is not over yet."), said("Keep it when it is through."))
        record.keep(run)

    def keeping(self, run_id: str) -> Errand | None:
        """How far that is; None where it was not begun since the app was started."""
        from core.keeping import record

        return record.told(runs.find(run_id))

    def kept(self, run_id: str) -> Published | None:
        """Where a run is kept, as the Hub has confirmed; None where it never was."""
        from core.keeping import record

        return record.kept(runs.find(run_id))

    def kept_runs(self) -> KeptRuns:
        """Which runs are kept. Raises ``HubError`` where nobody is signed in, or the Hub does not answer."""
        from core.keeping.asking import ask

        found = ask("list")
        return KeptRuns(**{**found, "runs": tuple(Kept(**one) for one in found["runs"])})

    def bring_back(self, run_id: str) -> None:
        """Begin to bring a kept run back; ``bringing_back`` says how far it is. Raises ``HubError`` or ``RunError``."""
        from core.keeping.asking import ask
        from core.publishing.publications import need_somebody

        if not runs.is_id(run_id):
            title = said("{name} is not the id of a run.", name=repr(run_id))
            raise RunError(title, said("Choose one of those that are kept."))
        need_somebody()
        ERRANDS.begin(run_id, _BACK, lambda progress: ask("bring-back", run_id, progress))
        audit.note("run brought back", run_id)

    def bringing_back(self, run_id: str) -> Errand | None:
        """How far that is; None where it was not begun since the app was started."""
        return ERRANDS.told(run_id, _BACK)

    def keep_all(self, on: bool) -> None:
        """Keep each run that gets through from now on, or no more. Raises ``HubError`` where nobody is signed in."""
        from core.keeping.automatic import AUTOMATIC

        AUTOMATIC.turn_on() if on else AUTOMATIC.turn_off()

    def keeps_all(self) -> bool:
        """Whether it does."""
        from core.keeping.automatic import AUTOMATIC

        return AUTOMATIC.is_on()
