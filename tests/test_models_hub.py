"""Downloading from a Hub: a small one on this machine that answers as the real one does."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from core.errors import CheckpointError
from core.models import hub
from tests.small_hub import SmallHub


@pytest.fixture(params=["somebody"])
def endpoint(request: pytest.FixtureRequest, tiny_bert: Path, small_hub: SmallHub) -> str:
    """``owner/unsafe`` has an open pull request with safe weights by whom the parameter names."""
    tiny = {path.name: path for path in tiny_bert.iterdir() if path.is_file()}
    unsafe: dict[str, str | bytes] = {"config.json": '{"model_type": "bert"}', "pytorch_model.bin": b"pickle"}
    small_hub.add("owner/tiny", tiny, kind="models")
    small_hub.add("owner/unsafe", unsafe, kind="models")
    small_hub.add("owner/closed", tiny, kind="models", gated="manual")
    small_hub.propose("owner/unsafe", tiny, "somebody")
    if request.param != "somebody":
        small_hub.propose("owner/unsafe", tiny, request.param)
    return small_hub.url


def ask(endpoint: str, *names: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """``resolve`` each name in a process of its own: the address of the Hub is read when its library is imported."""
    monkeypatch.setenv("HF_ENDPOINT", endpoint)
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    monkeypatch.setenv("HF_HUB_DISABLE_XET", "1")
    code = (
        "import sys\nfrom core.models.checkpoints import describe, resolve\nfrom core.errors import CheckpointError\n"
        "for name in sys.argv[1:]:\n"
        "    try: print(resolve(name), describe(name).needs_network, describe(name).parameters)\n"
        "    except CheckpointError as exc: print(exc)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, *names], check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout.splitlines()


def test_a_checkpoint_is_downloaded_and_kept(endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("owner/tiny", "owner/unsafe", "owner/closed", "owner/nothing")
    tiny, unsafe, closed, nothing = ask(endpoint, *names, monkeypatch=monkeypatch)
    folder = Path(tiny.split(" ")[0])
    assert tiny.split(" ")[1] == "False" and int(tiny.split(" ")[2]) > 0
    assert folder.is_relative_to(tmp_path) and (folder / "model.safetensors").is_file()
    assert "only as pytorch_model.bin" in unsafe
    assert "accepted its terms" in closed
    assert "There is no model owner/nothing" in nothing
    (again,) = ask("http://127.0.0.1:9", "owner/tiny", monkeypatch=monkeypatch)
    assert again == tiny


@pytest.mark.parametrize("endpoint", ["SFconvertbot"], indirect=True)
def test_weights_that_hugging_face_has_made_safe_are_taken(
    endpoint: str, small_hub: SmallHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    (found,) = ask(endpoint, "owner/unsafe", monkeypatch=monkeypatch)
    folder = Path(found.split(" ")[0])
    proposed = small_hub.repo("owner/unsafe", "models").branches["refs/pr/2"]
    assert folder.name == proposed.sha and not (folder / "pytorch_model.bin").exists()
    assert found.split(" ")[1] == "False"
    (again,) = ask("http://127.0.0.1:9", "owner/unsafe", monkeypatch=monkeypatch)
    assert again == found


def test_a_dead_network_is_noticed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    (said,) = ask("http://127.0.0.1:9", "owner/tiny", monkeypatch=monkeypatch)
    assert "cannot be reached" in said and "starter model" in said


def test_a_name_server_that_does_not_answer_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = threading.Event()

    def never(*_: object) -> None:
        gone.wait(120)
        raise OSError

    monkeypatch.setattr("huggingface_hub.is_offline_mode", lambda: False)
    monkeypatch.setattr("socket.create_connection", never)
    began = time.monotonic()
    assert not hub.reachable(timeout=0.2)
    assert time.monotonic() - began < 60
    gone.set()


def test_offline_by_choice_is_offline() -> None:
    assert not hub.reachable()
    with pytest.raises(CheckpointError, match="cannot be reached"):
        hub.download("owner/tiny")
