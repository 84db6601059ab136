"""Memory by method, words without a token, and what licences ask: figures that can be counted by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core import machine
from core.adapter_config import AdapterConfig
from core.models import memory
from core.models.licences import about_licence
from core.models.starters import starter_folder
from core.models.types import Checkpoint
from core.models.unknown_words import unknown_share

SEVEN_B = Checkpoint(
    "x", "x", "", None, parameters=7_000_000_000, hidden_size=4096, layers=32, vocab_size=32_000, max_length=4096
)


@pytest.mark.parametrize("gpu", [0, 48_000_000_000])
def test_methods_differ_in_what_is_kept_of_each_number(gpu: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "has_gpu", lambda: gpu > 0)
    monkeypatch.setattr(machine, "gpu_memory_free", lambda: gpu or None)
    monkeypatch.setattr(machine, "memory_available", lambda: 24_000_000_000)
    full, lora, qlora = memory.methods(SEVEN_B, 1, 128, writes=True)
    around = memory.PROCESS_BYTES + memory.activation_bytes(SEVEN_B, 1, 128) + 3 * 4 * 128 * 32_000
    assert full.memory_bytes == 16 * 7_000_000_000 + around
    beside = 16 * 32 * 16 * (4 * 2 + 3 * 5) * 4096
    assert lora.memory_bytes == 4 * 7_000_000_000 + beside + around
    # Merged at its end, the model is there in full.
    assert qlora.memory_bytes == 4 * 7_000_000_000 + memory.PROCESS_BYTES
    held = AdapterConfig(method="lora", quantization="4bit")
    names, parameters = 32_000 * 4096, 7e9
    long = memory.needed_bytes(SEVEN_B, held, 64, 128, writes=True)
    around += memory.activation_bytes(SEVEN_B, 63, 128) + 63 * 3 * 4 * 128 * 32_000
    assert long == pytest.approx(4 * names + 4.127 / 8 * (parameters - names) + beside + around, abs=1)
    assert (full.fits, lora.fits, qlora.fits) == (False, gpu > 0, gpu > 0)
    larger = memory.needed_bytes(SEVEN_B, AdapterConfig(method="lora", r=32), 1, 128, writes=True)
    assert larger - lora.memory_bytes == beside
    vectors = memory.needed_bytes(SEVEN_B, AdapterConfig(method="ia3"), 1, 128, writes=True)
    assert vectors < lora.memory_bytes


def test_a_machine_without_a_gpu_has_no_memory_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "has_gpu", lambda: False)
    assert machine.gpu_memory_free() is None
    assert memory.available_bytes() == pytest.approx(machine.memory_available(), rel=0.2)


def test_a_driver_that_cannot_be_asked_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_library(name: str) -> None:
        raise OSError(name)

    monkeypatch.setattr(machine, "has_gpu", lambda: True)
    monkeypatch.setattr("ctypes.CDLL", no_library)
    assert machine.gpu_memory_free() is None


class TestUnknownWords:
    def test_chinese_is_unknown_to_an_english_tokenizer_sign_by_sign(self) -> None:
        file = starter_folder() / "tokenizer.json"
        assert unknown_share(file, ["the film was a quiet delight", "warm bread, good soup 🙂"]) == 0
        assert unknown_share(file, ["这部电影从头到尾都让人很安静很愉快"]) == pytest.approx(0.62, abs=0.2)
        mixed = unknown_share(file, ["the film 愉"])
        assert mixed in (0, pytest.approx(1 / 3))

    @pytest.mark.parametrize(("fixture", "share"), [("tiny_llama", 0.0), ("tiny_t5", 1.0)])
    def test_bytes_know_every_word(self, fixture: str, share: float, request: pytest.FixtureRequest) -> None:
        file = request.getfixturevalue(fixture) / "tokenizer.json"
        assert unknown_share(file, ["愉快", "漢字"]) == share
        assert unknown_share(file, ["the film was a quiet delight"]) == 0

    def test_what_has_no_words_or_cannot_be_read_says_nothing(self, tmp_path: Path, tiny_t5: Path) -> None:
        assert unknown_share(tiny_t5 / "tokenizer.json", ["", "... !"]) is None
        (tmp_path / "tokenizer.json").write_text(json.dumps({"model": {"type": "WordPiece", "unk_token": "?"}}))
        assert unknown_share(tmp_path / "tokenizer.json", ["words"]) is None


@pytest.mark.parametrize(
    ("licence", "name", "code"),
    [
        ("apache-2.0", "", None),
        ("mit", "", None),
        ("cc-by-sa-4.0", "", None),
        ("cc-by-nc-4.0", "", "not-commercial"),
        ("cc-by-nc-sa-3.0", "", "not-commercial"),
        ("other", "fair-noncommercial-research-license", "not-commercial"),
        ("llama3.1", "", "own-licence"),
        ("gemma", "", "own-licence"),
        ("other", "", "own-licence"),
        ("other", "tongyi-qianwen", "own-licence"),
        ("bigscience-openrail-m", "", "own-licence"),
        ("", "", "no-licence"),
        ("unknown", "", "no-licence"),
    ],
)
def test_what_licences_ask(licence: str, name: str, code: str | None) -> None:
    found = about_licence(licence, name, "https://huggingface.co/a/b")
    assert (found.code if found else None) == code
    assert found is None or not found.blocks
