"""What the app asks of the process that keeps runs: as whoever asks now, in their home."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Literal

from core import children
from core.data.types import Progress
from core.errors import HubError
from core.hub.identity import current
from core.publishing.patience import Patience
from core.publishing.publications import QUIET, SHORT_OF_MEMORY, need_somebody
from core.said import restored, said
from core.spares import environment

PATIENCE = Patience()
LOOKING = Patience(tries=2, silence=15.0)
"""For a page that waits."""


def ask(
    do: Literal["list", "keep", "bring-back"], run: str = "", progress: Progress = lambda share, words: None
) -> Mapping[str, Any]:
    """What came of it. ``run`` is its folder where it is to be kept, its id where it is to be brought back.

    Raises ``HubError`` with what to do. An exception raised by ``progress`` ends the process, in the middle of a file
    too; what has arrived at the Hub is not sent a second time.
    """
    need_somebody()
    patience = LOOKING if do == "list" else PATIENCE
    job = {"do": do, "run": run, "patience": asdict(patience), "identity": current().as_record()}
    process = children.start("core.keeping.child", {**environment(), **QUIET})
    try:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(json.dumps(job) + "\n")
        process.stdin.flush()
        for line in process.stdout:
            reply = restored(json.loads(line))
            if "tell" in reply:
                _, words, done, total = reply["tell"]
                progress(done / total if total else 0.0, words)
            elif "error" in reply:
                raise HubError(**restored(reply["error"]))
            else:
                found: Mapping[str, Any] = reply["done"]
                return found
    except (OSError, ValueError) as exc:
        raise _broken_off(repr(exc)) from exc
    finally:
        children.end(process)
    raise _broken_off("its pipe was closed")


def _broken_off(cause: str) -> HubError:
    title = said("The process that asks the Hub ended before it was through.")
    return HubError(title, SHORT_OF_MEMORY, cause=cause)
