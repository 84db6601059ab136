"""A Hub dataset goes all the way: what a draft leaves out is filled in, checked by the command line, run offline."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.small_hub import SmallHub, asking, demo


@pytest.fixture
def hub(small_hub: SmallHub) -> SmallHub:
    small_hub.add(demo.GLUE, demo.glue())
    small_hub.add(demo.FILMS, demo.films())
    small_hub.alias("glue", demo.GLUE)
    return small_hub


def cli(hub: SmallHub, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "core.cli", *arguments],
        cwd=asking.ROOT,
        env=os.environ | hub.environment(folder),
        capture_output=True,
        text=True,
        check=False,
    )


def completed(hub: SmallHub, folder: Path, *drafts: dict[str, Any]) -> list[Any]:
    """Of each draft the data of its config, its name and the reasons."""
    code = f"""
from core.completion import complete
from core.errors import StudioError
from core.studio import Studio
answer = []
for data in json.loads({json.dumps(drafts)!r}):
    try:
        config, reasons = complete(Studio(), {{"data": data}})
        answer.append([config.data.model_dump(mode="json"), config.name, {{one.path: one.reason for one in reasons}}])
    except StudioError as exc:
        answer.append(str(exc))
"""
    found: list[Any] = asking.ask(hub, folder, code)
    return found


def test_a_dataset_is_checked_by_its_name_alone(hub: SmallHub, tmp_path: Path) -> None:
    several = cli(hub, tmp_path / "hf", "check", "hf://datasets/nyu-mll/glue")
    assert several.returncode == 1 and "--subset): mrpc, sst2, mnli" in several.stderr
    done = cli(hub, tmp_path / "hf", "check", "hf://datasets/nyu-mll/glue", "--subset", "mrpc")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("nyu-mll/glue (mrpc, train): 120 rows, 4 columns\n")
    assert "split.validation: validation" in done.stdout and "`test` has no answers in `label`" in done.stdout
    assert done.stdout.endswith("This table can be learned from.\n")
    hub.stop()
    again = cli(hub, tmp_path / "hf", "check", "hf://datasets/nyu-mll/glue", "--subset", "mrpc", "--json")
    assert again.returncode == 0 and json.loads(again.stdout)["labels"] == {"not_equivalent": 80, "equivalent": 80}


def test_what_a_draft_leaves_out_is_filled_in(hub: SmallHub, tmp_path: Path) -> None:
    source = {"source": "hf://datasets/nyu-mll/glue"}
    matched, own, films, old, bad = completed(
        hub,
        tmp_path / "hf",
        {**source, "subset": "mnli"},
        {**source, "subset": "sst2", "split": {"validation": 0.2, "test": "validation"}},
        {"source": "hf://datasets/stanfordnlp/imdb", "revision": "main"},
        {"source": "hf://datasets/glue", "subset": "mrpc"},
        {**source, "subset": "sst2", "split": {"train": "trian"}},
    )
    data, name, reasons = matched
    commit = hub.repo(demo.GLUE).branches["main"].sha
    assert name == "glue mnli" and data["revision"] == commit
    assert (data["split"]["train"], data["split"]["validation"]) == ("train", "validation_matched")
    assert data["split"]["test"] == 0.2 and "kept secret" in reasons["data.split.test"]
    assert own[0]["split"] | {"train": "train", "validation": 0.2, "test": "validation"} == own[0]["split"]
    data, name, _ = films
    assert name == "imdb" and data["revision"] == hub.repo(demo.FILMS).branches["main"].sha
    assert (data["split"]["train"], data["split"]["test"]) == ("train", "test")
    assert isinstance(data["split"]["validation"], float)
    assert old[0]["source"] == "hf://datasets/nyu-mll/glue"
    assert "has no split 'trian'" in bad and "train, validation, test" in bad


def test_a_run_keeps_its_commit_and_needs_no_network(hub: SmallHub, tmp_path: Path) -> None:
    code = """
from core.completion import absolute
from core.config import validate
from core.data.joined import data_hash, last_change
from core.data.parts import load_parts
from core.studio import Studio
plain = {"task": "text-classification", "data": {"source": "hf://datasets/nyu-mll/glue", "subset": "sst2",
         "columns": {"text": "sentence", "label": "label"}, "split": {"train": "train", "validation": "validation"}}}
config = absolute(validate(plain))
parts = load_parts(config)
answer = [config.data.revision, parts.train.num_rows, parts.validation.num_rows, list(parts.target.labels),
          data_hash(config.data), last_change(config.data), Studio().checkup(config).parts.test]
"""
    first = asking.ask(hub, tmp_path / "hf", code)
    assert first[0] == hub.repo(demo.GLUE).branches["main"].sha
    assert sorted(first[3]) == ["negative", "positive"] and first[2] == 40
    hub.stop()
    assert asking.ask(hub, tmp_path / "hf", code) == first
