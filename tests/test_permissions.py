"""What only the person who starts the app may allow: weights that can hide code, and programs that models bring."""

from __future__ import annotations

import json
import os
import pickle
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core import cli, permissions, spares
from core.config import RunConfig, validate
from core.errors import CheckpointError, ConfigError
from core.models import hub, programs
from core.models.checkpoints import describe, resolve
from core.permissions import VARIABLE
from core.schema import rows
from tests.making import PROJECT, config
from tests.small_hub import SmallHub
from tests.small_hub.asking import ask

PROGRAM = """
import os
from pathlib import Path

from transformers import BertConfig, BertForSequenceClassification

with open(os.environ["MARKER"], "a") as marker:
    marker.write("imported\\n")


class OwnConfig(BertConfig):
    model_type = "strange"


class OwnModel(BertForSequenceClassification):
    config_class = OwnConfig
"""
TRY = """
from core.errors import StudioError
from core.models import heads, programs
from core.models.checkpoints import resolve
from core.models.tokenizers import load_tokenizer

AUTO = "AutoModelForSequenceClassification"


def tried(name):
    try:
        folder = resolve(name)
        built = heads.build(AUTO, str(folder), what="sort")
        built.model.save_pretrained(f"{HOME}/{name}")
        load_tokenizer(folder).save_pretrained(f"{HOME}/{name}")
        again = heads.load(AUTO, f"{HOME}/{name}")
        return [type(again).__name__, folder.name, sorted(file.name for file in folder.iterdir())]
    except StudioError as error:
        return [str(error)]


answer = {name: tried(name) for name in NAMES}
"""


@pytest.fixture(autouse=True)
def nothing_is_allowed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv(VARIABLE, "")
    yield


@pytest.fixture(scope="module")
def foreign(tiny_bert: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folders of models: ``old`` has its weights in the old form, ``worse`` a program among them, ``strange`` brings a
    program, ``lent`` one from elsewhere.
    """
    import torch
    from safetensors.torch import load_file

    folder = tmp_path_factory.mktemp("foreign")
    for name in ("old", "worse", "strange", "lent"):
        shutil.copytree(tiny_bert, folder / name)
    torch.save(load_file(tiny_bert / "model.safetensors"), folder / "old" / "pytorch_model.bin")
    (folder / "worse" / "pytorch_model.bin").write_bytes(pickle.dumps({"weight": _Harmful()}))
    for name in ("old", "worse"):
        (folder / name / "model.safetensors").unlink()
    for name, at in (("strange", ""), ("lent", "somebody/programs--")):
        record = json.loads((folder / name / "config.json").read_text())
        auto = {"AutoConfig": f"{at}own.OwnConfig", "AutoModelForSequenceClassification": f"{at}own.OwnModel"}
        (folder / name / "config.json").write_text(json.dumps(record | {"model_type": "strange", "auto_map": auto}))
        (folder / name / "own.py").write_text(PROGRAM)
    return folder


class _Harmful:
    def __reduce__(self) -> Any:
        return os.system, ('echo harmed >> "$MARKER"',)


@pytest.mark.slow
def test_models_of_the_hub_are_refused_until_they_are_allowed(
    foreign: Path, small_hub: SmallHub, tmp_path: Path
) -> None:
    names = [f"owner/{name}" for name in ("old", "worse", "strange", "lent")]
    commits = {}
    for name in names:
        files = {file.name: file for file in (foreign / name.removeprefix("owner/")).iterdir()}
        commits[name] = small_hub.add(name, dict(files), kind="models")
    marker = tmp_path / "marker"
    code = TRY.replace("NAMES", repr(names)).replace("{HOME}", str(tmp_path))
    env = {"MARKER": str(marker), "HF_MODULES_CACHE": str(tmp_path / "modules")}

    refused = ask(small_hub, tmp_path / "hf", code, **env)
    assert "only as pytorch_model.bin" in refused["owner/old"][0] and "--allow bin" in refused["owner/old"][0]
    assert "only as pytorch_model.bin" in refused["owner/worse"][0]
    for name in ("owner/strange", "owner/lent"):
        assert "needs a program of its own" in refused[name][0] and "--allow remote-code" in refused[name][0]
    assert not marker.exists() and not list((tmp_path / "hf").rglob("*.py"))
    assert not list((tmp_path / "hf").rglob("*.bin"))

    taken = ask(small_hub, tmp_path / "hf", code, **env, **{VARIABLE: "bin,remote-code"})
    assert taken["owner/old"][0] == "BertForSequenceClassification" and "pytorch_model.bin" in taken["owner/old"][2]
    assert taken["owner/strange"][:2] == ["OwnModel", commits["owner/strange"]]
    assert "imported" in marker.read_text() and "harmed" not in marker.read_text()
    assert "more than numbers" in taken["owner/worse"][0]
    assert "kept elsewhere, in somebody/programs" in taken["owner/lent"][0]

    # A model that was trained from such a one needs the program too: here nobody allows it any more.
    marker.unlink()
    kept = tmp_path / "owner" / "strange"
    load = f"from core.models import heads\nanswer = ''\ntry: heads.load({AUTO!r}, {str(kept)!r})\n"
    said = ask(small_hub, tmp_path / "hf", f"{load}except Exception as error: answer = str(error)", **env)
    assert "needs a program of its own" in said and not marker.exists()


AUTO = "AutoModelForSequenceClassification"


def test_folders_are_refused_until_they_are_allowed(foreign: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, words in (("old", "only as pytorch_model.bin"), ("strange", "needs a program of its own")):
        for look in (resolve, describe):
            with pytest.raises(CheckpointError, match=words):
                look(str(foreign / name))
    monkeypatch.setenv(VARIABLE, "bin")
    assert resolve(str(foreign / "old")) == foreign / "old"
    known = describe(str(foreign / "old"))
    assert known.parameters is None and (known.disk_bytes or 0) > (foreign / "old" / "pytorch_model.bin").stat().st_size
    with pytest.raises(CheckpointError, match="needs a program of its own"):
        resolve(str(foreign / "strange"))
    monkeypatch.setenv(VARIABLE, "remote-code")
    assert resolve(str(foreign / "strange")) == foreign / "strange"


def test_safe_weights_are_preferred_where_both_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ["config.json", "model.safetensors", "pytorch_model.bin", "own.py", "tokenizer.json"]
    assert hub.taken_among(names) == ["model.safetensors", "config.json", "tokenizer.json"]
    parts = ["pytorch_model.bin.index.json", "pytorch_model-00001-of-00001.bin"]
    assert hub.weights_among(parts) == []
    monkeypatch.setenv(VARIABLE, "bin,remote-code")
    assert hub.taken_among(names) == ["model.safetensors", "config.json", "own.py", "tokenizer.json"]
    assert hub.weights_among(parts) == ["pytorch_model-00001-of-00001.bin"]


def test_whose_program_is_run_is_said_and_its_version_stays(
    foreign: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = "0123456789abcdef" * 2
    folder = shutil.copytree(foreign / "strange", tmp_path / "snapshots" / commit)
    assert programs.about("owner/strange", folder) == ()
    programs.pin(tmp_path, "owner/strange", folder)
    assert programs.pinned(tmp_path, "owner/strange") is None
    monkeypatch.setenv(VARIABLE, "remote-code")
    (said,) = programs.about("owner/strange", folder)
    assert said.level == "warning" and "by owner" in said.detail and commit[:12] in said.detail
    programs.pin(tmp_path, "owner/strange", folder)
    assert programs.pinned(tmp_path, "owner/strange") == commit
    assert programs.pinned(tmp_path, "owner/another") is None


def test_flags_allow_and_processes_inherit_it(monkeypatch: pytest.MonkeyPatch) -> None:
    import app

    options = app.parser().parse_args(["--allow", "bin", "--allow", "remote-code"])
    assert options.allow == ["bin", "remote-code"]
    with pytest.raises(SystemExit):
        app.parser().parse_args(["--allow", "everything"])
    options = cli.make_parser().parse_args(["train", "run.yaml", "--allow", "bin"])
    permissions.allow(*options.allow)
    assert permissions.allows("bin") and not permissions.allows("remote-code")
    assert spares.environment()[VARIABLE] == "bin"


def test_no_config_and_no_page_can_allow_it() -> None:
    plain = config().model_dump(mode="json")
    for section, field in (("model", "trust_remote_code"), ("model", "allow"), ("hub", "allow"), ("training", "allow")):
        with pytest.raises(ConfigError, match="Extra inputs"):
            validate({**plain, section: {**plain[section], field: True}})
    with pytest.raises(ConfigError):
        validate({**plain, "allow": ["bin"]})
    assert not [row.path for row in rows(RunConfig) if "allow" in row.path or "trust" in row.path]
    setters = [
        path.name for path in (PROJECT / "ui").rglob("*.py") if "core.permissions" in path.read_text(encoding="utf-8")
    ]
    assert setters == []
