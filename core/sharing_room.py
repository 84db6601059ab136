"""The part of the one door about letting others read a run."""

from __future__ import annotations

from core import home, runs
from core.errors import RunError
from core.people import audit, residents, sharing
from core.said import said


class SharingRoom:
    """What may be asked about links, where several people use one app."""

    def may_share(self) -> bool:
        """Whether whoever asks now can make links: somebody who is known by name, among others."""
        return residents.owner(home.home()) is not None

    def is_shared(self, run_id: str) -> bool:
        """Whether there is a link to this run."""
        return sharing.is_shared(runs.find(run_id))

    def share(self, run_id: str) -> str:
        """Make a link to a run, by which anybody may read its page: what stands in it. An older link ends.

        Raises ``RunError`` where nobody could come by it.
        """
        run = runs.find(run_id)
        if not self.may_share():
            raise RunError(
                said("This run cannot be shared by a link."),
                said("Links are made by people who have signed in to a shared app."),
            )
        token = sharing.share(run)
        audit.note("link made", run_id)
        return token

    def withdraw(self, run_id: str) -> None:
        """End the link to a run."""
        sharing.withdraw(runs.find(run_id))
        audit.note("link withdrawn", run_id)
