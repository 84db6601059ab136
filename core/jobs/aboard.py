"""What runs on the rented machine: it makes an ordinary run's folder of the parcel, starts the ordinary training on it,
prints each event as it is written, hears what is asked of the run, and sends what was made into the private repository.

Run as: ``python -m core.jobs.aboard PARCEL``, started by ``core.jobs.boot``. The token is taken out of the environment
before anything else is started.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from core import events, orders
from core.events import Kept
from core.hub.identity import Identity
from core.jobs import results
from core.jobs.lines import marked, whole_lines
from core.jobs.parcel import CONFIG, PREFIX
from core.publishing.patience import Patience
from core.redaction import redacted
from core.runs import Run, write_atomically

TICK = 0.3
HEAD = "core.launchers.head"
"""What trains: the same that starts several processes on any machine, for it may have several GPUs."""
ORDERS = "orders"
_LONGEST_MARGIN = 600.0
"""Seconds before the end in which a run stops by itself, so that its model is judged and comes back."""


def main() -> int:
    token = os.environ.pop("HF_TOKEN")
    parcel = Path(sys.argv[1])
    os.environ["TUNESMITH_HOME"] = str(parcel.parent / "home")
    run = unpack(parcel)
    trip = Trip(run, os.environ["TUNESMITH_REPO"], token)
    began, limit = float(os.environ["TUNESMITH_BEGAN"]), float(os.environ["TUNESMITH_SECONDS"])
    trip.go(began + limit - min(_LONGEST_MARGIN, limit / 5), float(os.environ.get("TUNESMITH_LOOK", "10")))
    trip.send_back()
    return 0 if isinstance(events.last(run.events_path), events.ENDINGS) else 1


def unpack(parcel: Path) -> Run:
    """The run's folder, with what its config names where it lies here."""
    plain = yaml.safe_load((parcel / CONFIG).read_text(encoding="utf-8"))
    for section, name in (("data", "source"), ("model", "checkpoint")):
        named = plain[section][name]
        if named.startswith(PREFIX):
            plain[section][name] = str(parcel / named.removeprefix(PREFIX))
    folder = Path(os.environ["TUNESMITH_HOME"]) / "runs" / "2000-01-01-rented-machine"
    folder.mkdir(parents=True)
    write_atomically(folder / CONFIG, yaml.safe_dump(plain, sort_keys=False, allow_unicode=True))
    return Run(folder)


@dataclass
class Trip:
    """One run on this machine."""

    run: Run
    repo: str
    token: str = field(repr=False)
    _events: int = 0
    """How many were printed, and below, how many bytes of them and of the log."""
    _offset: int = 0
    _logged: int = 0
    _heard: tuple[str, ...] = ()

    @property
    def facts(self) -> dict[str, Any]:
        return {"repo_id": self.repo, "repo_type": "dataset", "token": self.token}

    def go(self, stop_at: float, look_every: float) -> None:
        """Train to the end, or until shortly before the machine is taken away."""
        command = [sys.executable, "-m", HEAD, str(self.run.path), "0"]
        with open(self.run.log_path, "ab") as log:  # what it prints is told with the secrets taken out
            head = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=log)
        assert head.stdin is not None
        with head.stdin as pipe:
            identity = Identity("token", self.token).as_record()
            pipe.write(json.dumps({"devices": [], "identity": identity}).encode() + b"\n")
        asked_at = time.monotonic()
        while head.poll() is None:
            self.tell()
            if time.time() > stop_at and not self.run.stop_path.exists():
                print("The time limit is near: the run stops and keeps its best model.", flush=True)
                orders.stop(self.run, "best")
            if time.monotonic() - asked_at >= look_every:
                self.hear()
                asked_at = time.monotonic()
            time.sleep(TICK)
        self.tell()

    def tell(self) -> None:
        """Print what is new: events as marked lines, the technical log as it is."""
        block, self._offset = events.read_lines(self.run.events_path, self._offset)
        for line in whole_lines(block.decode("utf-8", "replace")):
            for piece in marked(self._events, line):
                print(piece, flush=True)
            self._events += 1
        block, self._logged = events.read_lines(self.run.log_path, self._logged)
        for line in redacted(block.decode("utf-8", "replace")).splitlines():
            print(line, flush=True)

    def hear(self) -> None:
        """Take what was asked of the run since: files that were put into the repository."""
        from huggingface_hub import HfApi
        from huggingface_hub.errors import EntryNotFoundError

        try:
            listed = list(HfApi().list_repo_tree(path_in_repo=ORDERS, **self.facts))
        except EntryNotFoundError:
            return
        except Exception as exc:  # it is asked again in a moment
            print(f"The Hub could not be asked for orders: {redacted(str(exc))}", flush=True)
            return
        for name in sorted({entry.path for entry in listed} - set(self._heard)):
            self._heard = (*self._heard, name)
            what, _, kept = Path(name).name.partition("-")
            if what == "stop":
                orders.stop(self.run, _kept(kept))
            elif what in orders.NOW:
                (self.run.path / what).touch()

    def send_back(self) -> None:
        """Put what was made into the repository, in one commit."""
        from huggingface_hub import CommitOperationAdd, HfApi

        found = list(results.made(self.run))
        named = [(f"results/{name}", str(path)) for name, path in found]
        operations = [CommitOperationAdd(results.MANIFEST, results.manifest(found))]
        operations += [CommitOperationAdd(name, path) for name, path in named]
        print("What was made is being sent to the repository of this run.", flush=True)
        Patience(tries=8).through(
            lambda: HfApi().create_commit(**self.facts, operations=operations, commit_message="What the run has made"),
            lambda words: print(words, flush=True),
        )


def _kept(said: str) -> Kept:
    return "last" if said == "last" else "nothing" if said == "nothing" else "best"


if __name__ == "__main__":
    sys.exit(main())
