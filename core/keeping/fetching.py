"""Kept runs: which there are, and bringing one back, whole or not at all, and never over one that is there.

A run is put together beside the others under a name that is none of a run, and looked through there; only then it gets
its own name. What is in the repository counts as brought by anybody: see ``core.keeping.contents``.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core import ceilings, home, runs
from core.errors import HubError, RunError, StudioError
from core.hub.failures import explained, page_of
from core.keeping.contents import FOLDER, LONGEST_NOTE, NOTE, KeptNote, damaged, place_of, read_note, sha256
from core.keeping.sending import repository_of_asker
from core.keeping.types import Kept, KeptRuns
from core.models import adapted
from core.people.confines import confined, need_own
from core.publishing import checked
from core.publishing.patience import Patience
from core.publishing.place import Place, Repository, There
from core.publishing.push import Tell
from core.publishing.types import Item
from core.runs import Run, State
from core.said import said

BRINGING = ".bringing-"
_STALE_SECONDS = 86_400.0
_PLACE = re.compile(rf"{FOLDER}/([^/]+)/{re.escape(NOTE)}")


def kept_runs(patience: Patience) -> KeptRuns:
    """Which runs are kept. Raises ``HubError`` where nobody is signed in, or the Hub does not answer."""
    wanted = repository_of_asker()
    try:
        place = patience.through(Repository(wanted).look, lambda words: None)
    except Exception as exc:
        raise explained(exc, wanted.repo) from exc
    if place is None:
        return KeptRuns(wanted.repo)
    found = (match[1] for name in place.files if (match := _PLACE.fullmatch(name)))
    ids = sorted((run_id for run_id in found if runs.is_id(run_id)), reverse=True)
    kept = tuple(Kept(one, sum(file.size for file in _under(place, one).values()), _is_here(one)) for one in ids)
    return KeptRuns(wanted.repo, kept, is_there=True, is_public=not place.private, page=page_of(wanted.repo))


def bring_back(run_id: str, tell: Tell, patience: Patience) -> dict[str, Any]:
    """Have a kept run among the runs again. Raises ``StudioError`` with what to do; then nothing was changed."""
    if not runs.is_id(run_id):
        title = said("{name} is not the id of a run.", name=repr(run_id))
        raise RunError(title, said("Choose one of those that are kept."))
    _need_absent(run_id)
    _sweep()
    tell("preparing", said("Asking the Hub"), 0, 0)
    wanted = repository_of_asker()
    repository = Repository(wanted)

    def say(words: str) -> None:
        tell("preparing", words, 0, 0)

    try:
        place = patience.through(repository.look, say)
        if place is None or f"{place_of(run_id)}{NOTE}" not in place.files:
            title = said("{run} is not kept in {repo}.", run=run_id, repo=wanted.repo)
            raise HubError(title, said("Look at what is kept there."))
        with tempfile.TemporaryDirectory(dir=home.runs_dir(), prefix=BRINGING) as name:
            fetch = _Fetch(repository, place.commit, Path(name), patience, say)
            note = _note(fetch, place, run_id)
            _fetch_all(fetch, note, tell)
            found = Path(name, FOLDER, run_id)
            need_sound(Run(found), note)
            _need_absent(run_id)
            os.rename(found, home.runs_dir() / run_id)
    except StudioError:
        raise
    except Exception as exc:
        raise explained(exc, wanted.repo) from exc
    return {"run": run_id}


@dataclass(frozen=True)
class _Fetch:
    """Fetching files of one commit into a folder, where they lie under their names in the repository."""

    repository: Repository
    commit: str
    folder: Path
    patience: Patience
    say: Any

    def file(self, name: str) -> Path:
        from huggingface_hub import hf_hub_download

        facts = self.repository.facts
        fetched = self.patience.through(
            lambda: hf_hub_download(**facts, filename=name, revision=self.commit, local_dir=self.folder), self.say
        )
        return Path(str(fetched))


def _note(fetch: _Fetch, place: Place, run_id: str) -> KeptNote:
    """What belongs to the run, once it is sure that the repository holds that and nothing else of it."""
    under = _under(place, run_id)
    if under[NOTE].size > LONGEST_NOTE:
        raise damaged(run_id, said("the note of its files is too long"))
    note = read_note(fetch.file(f"{place_of(run_id)}{NOTE}").read_bytes(), run_id)
    noted = {file.name: file.size for file in note.files}
    there = {name: file.size for name, file in under.items() if name != NOTE}
    if noted != there:
        (name, *_) = sorted(set(noted.items()) ^ set(there.items()))
        raise damaged(run_id, said("{file} is missing there, has another size, or was added", file=name[0]))
    ceilings.need_room(home.runs_dir(), sum(noted.values()), "This run")
    return note


def _fetch_all(fetch: _Fetch, note: KeptNote, tell: Tell) -> None:
    total, done = sum(file.size for file in note.files), 0
    for file in note.files:
        tell("uploading", said("Fetching {file}", file=file.name), done, total)
        path = fetch.file(f"{place_of(note.run)}{file.name}")
        if path.is_symlink() or path.stat().st_size != file.size or sha256(path) != file.sha256:
            raise damaged(note.run, said("{file} was changed", file=file.name))
        done += file.size


def need_sound(run: Run, note: KeptNote) -> None:
    """Raise ``StudioError`` where this folder is not that of a run that is over, or could do harm as one.

    A run without events would wait in the queue and be started.
    """
    checked.check([Item(file.name, run.path / file.name) for file in note.files], places=[])
    (run.path / f"{NOTE}").unlink(missing_ok=True)
    confined(run.config)
    if not run.state.is_over or run.state is State.UNREADABLE or not run.events_path.exists():
        raise damaged(note.run, said("it is not a run that is over"))
    if adapted.is_adapted(run.model_path):
        need_own(adapted.base_of(run.model_path).checkpoint)
    os.utime(run.path / "config.yaml", (note.created, min(note.created, time.time())))


def _under(place: Place, run_id: str) -> Mapping[str, There]:
    start = place_of(run_id)
    return {name.removeprefix(start): file for name, file in place.files.items() if name.startswith(start)}


def _is_here(run_id: str) -> bool:
    return (home.runs_dir() / run_id).exists() or (home.trash_dir() / run_id).exists()


def _need_absent(run_id: str) -> None:
    if _is_here(run_id):
        advice = said("Look among the runs and in the trash; nothing was changed.")
        raise RunError(said("{run} is here already.", run=run_id), advice)


def _sweep() -> None:
    """Remove what an app that was ended in the middle has left."""
    for path in home.runs_dir().glob(f"{BRINGING}*"):
        if path.stat().st_mtime < time.time() - _STALE_SECONDS:
            shutil.rmtree(path, ignore_errors=True)
