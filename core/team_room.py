"""The part of the one door about several people: what each may use."""

from __future__ import annotations

from core import home
from core.people import quotas
from core.people.quotas import Use


class TeamRoom:
    """What may be asked about oneself among others."""

    def my_uses(self) -> list[Use]:
        """What whoever asks now uses of each limit of theirs; nothing where one person has the app."""
        return quotas.uses(home.home())
