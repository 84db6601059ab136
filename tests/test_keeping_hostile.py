"""A run that is brought back may have been changed in its repository by anybody: then nothing comes back."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from pathlib import Path
from typing import Any

import pytest

from core import home as homes
from core import runs
from core.errors import HubError, StudioError
from core.keeping import contents
from core.keeping.fetching import BRINGING, need_sound
from core.people.types import person
from core.runs import Run
from core.studio import Studio
from tests.keeping import REPO, bring_back, hub, left_behind, studio
from tests.publishing import trained
from tests.small_hub import SmallHub

__all__ = ["hub", "studio"]
"""Fixtures."""


def note_with(files: dict[str, bytes], run_id: str, **more: Any) -> bytes:
    """A note that fits these files, as somebody writes it who wants them to be taken."""
    noted = [
        {"name": name, "size": len(text), "sha256": hashlib.sha256(text).hexdigest()} for name, text in files.items()
    ]
    return json.dumps({"version": 1, "run": run_id, "created": time.time() - 9, "files": noted, **more}).encode()


def put(hub: SmallHub, run_id: str, files: dict[str, bytes], note: bytes | None = None) -> None:
    """Let the repository hold this run."""
    under = f"runs/{run_id}/"
    note = note_with(files, run_id) if note is None else note
    content = {f"{under}{name}": text for name, text in files.items()} | {f"{under}kept.json": note}
    hub.add(REPO, content, kind="models", author="anna", private=True)


@pytest.fixture
def whole() -> dict[str, bytes]:
    """The files of a run that could be brought back; it is not here."""
    run = trained(1_000)
    noted = contents.items_of(run)[:-1]
    start = contents.place_of(run.id)
    files = {item.name.removeprefix(start): Path(str(item.content)).read_bytes() for item in noted}
    shutil.rmtree(run.path)
    return files


def refused(hub: SmallHub, studio: Studio, token: str, run_id: str) -> str:
    done = bring_back(studio, run_id, token)
    assert done.state == "failed", done
    assert left_behind() == [], "nothing of it is left"
    return f"{done.title} {done.advice}"


ID = "2026-11-22-brave-otter"


def test_what_was_changed_there_is_refused(hub: SmallHub, studio: Studio, whole: dict[str, bytes]) -> None:
    token = hub.user("anna")
    put(hub, ID, whole)
    assert bring_back(studio, ID, token).state == "done", "as it is, it comes back"
    shutil.rmtree(homes.runs_dir() / ID)

    def changed(expected: str, note: bytes | None = None, **files: bytes | None) -> None:
        hub.store.repos.pop(("models", REPO))
        now = {**whole, **{name.replace("__", "/").replace("_DOT_", "."): text for name, text in files.items()}}
        put(hub, ID, {name: text for name, text in now.items() if text is not None}, note)
        assert expected in refused(hub, studio, token, ID), expected

    true_note = note_with(whole, ID)
    changed("report.json was changed", true_note, report_DOT_json=whole["report.json"][:-2] + b" }")
    changed("has another size", true_note, report_DOT_json=b"{}")
    changed("is missing there", true_note, report_DOT_json=None)
    changed("cannot be read", b"no json")
    for note in (note_with(whole, "2026-11-22-calm-lynx"), note_with(whole, ID, more=1), b" " * 4_000_001):
        with pytest.raises(HubError, match="cannot be read"):
            contents.read_note(note, ID)
    with pytest.raises(HubError, match="the note of its files is wrong"):
        contents.read_note(note_with({"report.json": b""}, ID), ID)


@pytest.mark.parametrize(
    "name",
    [
        "again",
        "worker.lock",
        "stop",
        "train.py",
        "model/weights.bin",
        "model/tool.py",
        "model/deep/er.json",
        "checkpoints/checkpoint-1/optimizer.pt",
        "../../../x.json",
        "/etc/passwd",
        "model/../../x.json",
        "model/.hidden.json",
        "model/a\nb.json",
    ],
)
def test_what_steers_a_run_hides_code_or_leads_elsewhere_is_never_kept(name: str) -> None:
    assert not contents.is_kept(name)
    with pytest.raises(HubError, match="never kept"):
        contents.read_note(note_with({"config.yaml": b"", name: b""}, ID), ID)


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("model/extra.json", b"\x80\x02}q\x00.", "can hide code"),
        ("model/other.safetensors", b"\x80\x02}q\x00.", "not a whole safetensors file"),
        ("events.jsonl", b"", "not a run that is over"),
        ("config.yaml", b"task: [unclosed", "cannot be read"),
        ("config.yaml", b"task: text-classification\nsurprise: 1\n", "Field required"),
    ],
)
def test_a_folder_that_could_do_harm_is_refused_even_with_a_note_that_fits(
    name: str, text: bytes, expected: str, whole: dict[str, bytes], tmp_path: Path
) -> None:
    files = {**whole, name: text}
    for one, content in files.items():
        (tmp_path / ID / one).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / ID / one).write_bytes(content)
    note = contents.read_note(note_with(files, ID), ID)
    with pytest.raises(StudioError) as caught:
        need_sound(Run(tmp_path / ID), note)
    assert expected in f"{caught.value.title} {caught.value.advice} {caught.value.cause}"


def test_in_a_team_a_run_that_names_files_of_others_is_refused(
    hub: SmallHub, studio: Studio, whole: dict[str, bytes], tmp_path: Path
) -> None:
    token, others = hub.user("anna"), tmp_path / "home" / "people" / "ben-1" / "uploads"
    others.mkdir(parents=True)
    (others / "secret.csv").write_text("text,label\n", encoding="utf-8")
    config = whole["config.yaml"].replace(b"sample/reviews", str(others / "secret.csv").encode())
    assert config != whole["config.yaml"]
    put(hub, ID, {**whole, "config.yaml": config})
    with homes.living_in(homes.of_person(person("Anna").key)):
        assert "does not lie among your own files" in refused(hub, studio, token, ID)
    assert not list((tmp_path / "home").glob("runs/*"))


def test_a_download_that_breaks_off_leaves_nothing_and_goes_well_the_next_time(
    hub: SmallHub, studio: Studio, whole: dict[str, bytes]
) -> None:
    token = hub.user("anna")
    put(hub, ID, whole)
    hub.fail("/resolve/", 403)
    assert "may not be read" in refused(hub, studio, token, ID)
    hub.heal()
    assert bring_back(studio, ID, token).state == "done"


def test_what_an_app_left_that_was_ended_is_cleared_away(
    hub: SmallHub, studio: Studio, whole: dict[str, bytes]
) -> None:
    old, young = homes.runs_dir() / f"{BRINGING}old", homes.runs_dir() / f"{BRINGING}young"
    for place in (old, young):
        place.mkdir()
    os.utime(old, (1, 1))
    put(hub, ID, whole)
    assert bring_back(studio, ID, hub.user("anna")).state == "done"
    assert not old.exists() and young.exists() and [run.id for run in runs.all_runs()] == [ID]
