"""The part of the one door about several people: what each may use, and what administrators look after."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from itertools import islice

from core import home
from core.people import audit, looking_after, quotas
from core.people.looking_after import Going, Room, Somebody
from core.people.quotas import Use


class TeamRoom:
    """What may be asked about oneself among others; and, by administrators alone, about everybody: whoever offers that
    has to know that it is one who asks.
    """

    def my_uses(self) -> list[Use]:
        """What whoever asks now uses of each limit of theirs; nothing where one person has the app."""
        return quotas.uses(home.home())

    def everybody(self) -> list[Somebody]:
        """Who uses what."""
        return looking_after.people()

    def everyones_going(self) -> list[Going]:
        """The runs of all that go on or wait."""
        return looking_after.going()

    def room(self) -> Room:
        """What the disk has."""
        return looking_after.room()

    def stop_of(self, key: str, run_id: str) -> None:
        """Ask somebody's run to stop."""
        looking_after.stop(key, run_id)
        self._look_now()

    def to_front(self, key: str, run_id: str) -> None:
        """Have somebody's run begin before all others that wait."""
        looking_after.to_front(key, run_id)
        self._look_now()

    def give(self, key: str, name: str, text: str) -> None:
        """Give somebody another limit; an empty text gives back what all have."""
        looking_after.give(key, name, text)
        self._look_now()

    def clean(self, what: str, key: str = "") -> int:
        """Remove trashes, or what is old and can be made again: of somebody, or of all. The bytes of that."""
        return looking_after.clean(what, key)

    def done(self, before: int | None = None, who: str = "", kind: str = "") -> Iterator[audit.Line]:
        """What was done, the newest first."""
        return audit.lines(before, who, kind)

    def done_page(self, before: int | None, who: str, kind: str, most: int) -> list[audit.Line]:
        """So many records of that."""
        return list(islice(self.done(before, who, kind), most))

    @abstractmethod
    def _look_now(self) -> None:
        """See ``Studio._look_now``."""
