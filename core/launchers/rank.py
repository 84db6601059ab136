"""One of several processes that train a run together. The first holds the run's lock and writes its events.

Started by torch's elastic launcher, which says in the environment how many there are and which this is.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
import traceback
from pathlib import Path
from typing import Any

from core import events, locks, notifying
from core.errors import TrainingError, explain
from core.hub.askers import told
from core.hub.identity import Identity, become
from core.launchers import failing
from core.redaction import redacted
from core.runs import Run
from core.said import said
from core.worker import EXIT_FAILED, EXIT_LEFT, EXIT_OK, EXIT_TAKEN, POLITENESS, RESERVE_BYTES, detach, warm_up

_PR_SET_PDEATHSIG = 1
LONGEST_ORDER = 1 << 20


def main() -> int:
    die_with(int(os.environ["TUNESMITH_HEAD"]))
    os.nice(POLITENESS)
    # All processes have the same file here, so none may move its place in it.
    order = json.loads(os.pread(0, LONGEST_ORDER, 0))
    run = Run(Path(order["run"]))
    detach(run.log_path)
    warm_up()
    become(Identity.of(order.get("identity")))
    return train(run, order["processes"], order["since"])


def die_with(parent: int) -> None:
    """Be killed when the launcher goes, however it goes: nobody else would end this process then."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it went before that was asked for
        sys.exit(EXIT_FAILED)


def train(run: Run, processes: int, since: int) -> int:
    """As ``core.worker.train``, as one of so many ``processes``; this life's events begin at byte ``since``."""
    from core.training import asking, checkpoints, job, ranks

    leads = ranks.leads()
    lock = locks.acquire(run.lock_path) if leads else None
    if leads and (lock is None or not run.is_wanted):
        return EXIT_TAKEN
    log: Any = ranks.Silent()
    reserve = run.path / ".reserve"
    if leads:
        run.again_path.unlink(missing_ok=True)
        log = events.EventLog(run.events_path)
        reserve.write_bytes(bytes(RESERVE_BYTES))
    try:
        _check(processes, ranks.count())
        ranks.join()
        job.train(run, log)
    except asking.Left:  # nothing has ended: whoever sees the workers go tells of it
        return EXIT_LEFT
    except Exception as exc:
        if leads:
            checkpoints.clear_drafts(run.checkpoints_path)
            reserve.unlink(missing_ok=True)
        elif failing.ending(run, since):  # the first has come to its end, and did not wait
            return EXIT_OK
        failing.note(run, ranks.number(), told(explain(exc)))
        print(redacted(traceback.format_exc()), file=sys.stderr)
        return EXIT_FAILED
    finally:
        if leads:
            reserve.unlink(missing_ok=True)
        log.close()
    if leads:
        notifying.tell(run)
    return EXIT_OK


def _check(wanted: int, found: int) -> None:
    """A launcher that starts fewer than it was asked for says nothing of it."""
    if wanted != found:
        raise TrainingError(
            said("{found} of {wanted} processes were started.", found=found, wanted=wanted),
            said(
                "Another version of accelerate or torch may start them otherwise: install Tunesmith's packages again."
            ),
        )


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    # What the libraries still hold open for the others is not waited for.
    os._exit(code)
