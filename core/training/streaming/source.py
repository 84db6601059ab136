"""The rows of a stream in blocks, whatever the network does: a connection that breaks is taken up a few times."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from core.data.hub.failures import explained
from core.data.hub.reading import Blocks
from core.errors import StudioError, TrainingError
from core.said import said, together

PAUSES = (1.0, 3.0, 10.0)
"""Seconds before each further try."""


class StreamBroken(TrainingError):
    """No more rows came, however often they were asked for."""


@dataclass(frozen=True)
class Source:
    """``blocks`` from any state on. ``notice`` hears of each try that failed, in words."""

    blocks: Blocks
    notice: Callable[[str, str], None]

    def after(self, state: dict[str, Any] | None) -> Iterator[tuple[Any, dict[str, Any]]]:
        """(a ``pyarrow.Table``, the state after it). Raises ``StreamBroken``."""
        tries = 0
        while True:
            try:
                for table, after in self.blocks.after(state):
                    state, tries = after, 0
                    yield table, after
                return
            except Exception as exc:
                error = explained(exc, self.blocks.place.repo, self.blocks.place.revision)
                if tries == len(PAUSES):
                    raise _broken(error) from exc
                self.notice(said("The stream broke off, and is taken up again."), error.title)
                time.sleep(PAUSES[tries])
                tries += 1


def _broken(error: StudioError) -> StreamBroken:
    return StreamBroken(
        together(said("The stream broke off and could not be taken up again."), error.title),
        said(
            "What was learned so far is kept. Once the Hub can be reached, take the run up again: it goes on with the "
            "rows that come next."
        ),
        cause=error.cause or error.advice,
    )
