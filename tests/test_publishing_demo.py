"""The demo of a model: files that Python and the Hub take, and pages that are really started and asked."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib import metadata
from pathlib import Path
from typing import Any, get_args

import pytest

from core.errors import HubError
from core.prediction.predictor import Predictor
from core.publishing.checked import check
from core.publishing.demo import WHAT, as_markdown, demo_items, first_sentence
from core.publishing.demo_page import OUTPUTS
from core.runs import Run
from core.tasks import TASKS
from core.tasks.base import Kind
from tests import ports
from tests.making import run_with
from tests.small_hub import SmallHub
from tests.small_hub.asking import ask
from tests.untrained import HOSTILE, rows_with, run_of

REPO, CHAT_REPO, SECRET = "nora/box_of-models", "nora/talker", "Zanzibar"
"""Where models stand, and a word that stands in the table alone."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, tiny_bert: Path, tiny_llama: Path, tiny_t5: Path) -> dict[str, Run]:
    """A run of every task, from a table with a word of its own."""
    folder = tmp_path_factory.mktemp("demos")
    (folder / "home").mkdir()
    start = {"encoder": tiny_bert, "decoder": tiny_llama, "seq2seq": tiny_t5}
    named = rows_with("text-classification", {"delivery": HOSTILE})
    rows = {"text-classification": [{**row, "text": f"{row['text']} {SECRET}"} for row in named]}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TUNESMITH_HOME", str(folder / "home"))
        return {name: run_of(task, start[task.family], folder, rows=rows.get(name, ())) for name, task in TASKS.items()}


def files_of(run: Run, repo: str = REPO) -> dict[str, str]:
    found = {}
    for item in demo_items(run, repo):
        assert isinstance(item.content, bytes)
        found[item.name] = item.content.decode()
    return found


def put(run: Run, repo: str, folder: Path) -> None:
    """The demo's files on the disk."""
    folder.mkdir()
    for name, text in files_of(run, repo).items():
        (folder / name).write_text(text, encoding="utf-8")


# --- What stands in it -----------------------------------------------------------------------------------------------


def test_every_kind_of_answer_can_be_drawn() -> None:
    assert set(OUTPUTS) | {"chat"} == set(WHAT) == set(get_args(Kind))
    # The Hub takes no longer descriptions.
    assert all(len(f"A model that {words}") <= 60 for words in WHAT.values())


@pytest.mark.slow
@pytest.mark.parametrize("name", TASKS)
def test_its_files_are_python_and_tell_nothing_of_the_table(made: dict[str, Run], name: str) -> None:
    check(demo_items(made[name], REPO))
    files = files_of(made[name])
    assert list(files) == ["README.md", "requirements.txt", "app.py", "model.py"]
    for program in ("app.py", "model.py"):
        compile(files[program], program, "exec")
    assert SECRET not in str(files) and str(made[name].path) not in str(files)
    assert "core." not in files["model.py"] and REPO in files["model.py"]
    assert f"transformers=={metadata.version('transformers')}" in files["requirements.txt"].splitlines()


@pytest.mark.slow
def test_a_kind_that_no_task_has_yet_is_drawn_too(made: dict[str, Run], monkeypatch: pytest.MonkeyPatch) -> None:
    run = made["text-classification"]
    monkeypatch.setitem(TASKS, run.config.task, replace(TASKS[run.config.task], output="image"))
    assert "gr.Image" in files_of(run)["app.py"]
    compile(files_of(run)["app.py"], "app.py", "exec")


@pytest.mark.slow
def test_the_hub_takes_its_head(made: dict[str, Run], small_hub: SmallHub, tmp_path: Path) -> None:
    readme = files_of(made["text-classification"])["README.md"]
    code = f"""
        from huggingface_hub import SpaceCard
        card = SpaceCard({readme!r})
        card.validate(repo_type="space")
        answer = card.data.to_dict()
    """
    head = ask(small_hub, tmp_path / "hf", code)
    assert head["sdk"] == "gradio" and head["sdk_version"] == metadata.version("gradio")
    assert (head["app_file"], head["models"], head["title"]) == ("app.py", [REPO], "box_of-models")


def test_words_of_a_table_are_no_markdown() -> None:
    text = as_markdown("Always `<img src=x>` or [this](http://x) *is* right.")
    assert text == r"Always “\<img src=x\>” or \[this\]\(http&#58;//x\) \*is\* right."
    assert as_markdown("www.x.org, a@b.c: 1.") == "www&#46;x.org, a&#64;b.c: 1."
    assert (
        first_sentence("Right 75.5 % of the time, i.e. often. And `no` more.")
        == "Right 75.5 % of the time, i.e. often."
    )
    assert first_sentence("One only") == "One only"


def test_without_a_model_there_is_no_demo(home: Path) -> None:
    with pytest.raises(HubError, match="no model"):
        demo_items(run_with(), REPO)


# --- Really started --------------------------------------------------------------------------------------------------


@contextmanager
def started(folder: Path, **variables: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """``python app.py`` as a Space does it, with the address that it will listen at."""
    port = ports.free()
    process = subprocess.Popen(
        [sys.executable, "app.py"],
        cwd=folder,
        env=os.environ | {"GRADIO_SERVER_PORT": str(port)} | variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield f"http://127.0.0.1:{port}", process
    finally:
        process.kill()
        process.communicate()


def client_of(url: str, process: subprocess.Popen[str]) -> Any:
    """A client of a demo, once it answers."""
    from gradio_client import Client

    until = time.monotonic() + 240
    while time.monotonic() < until and process.poll() is None:
        try:
            urllib.request.urlopen(f"{url}/config", timeout=5).close()
            return Client(url, verbose=False, analytics_enabled=False)
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.2)
    process.kill()
    raise AssertionError(f"the demo did not start: {process.communicate()[0]}")


@pytest.mark.slow
def test_it_loads_a_private_model_and_says_what_the_playground_says(
    made: dict[str, Run], small_hub: SmallHub, tmp_path: Path
) -> None:
    token = small_hub.user("nora")
    sorting, talking = made["text-classification"], made["supervised-fine-tuning"]
    expected = Predictor(sorting).answers({"text": ["The zip broke."]})[0]
    reply = list(Predictor(talking).write({"messages": "Do you open?"}, {}))[-1]["text"]
    for run, repo in ((sorting, REPO), (talking, CHAT_REPO)):
        small_hub.add(repo, {path.name: path for path in run.model_path.iterdir()}, kind="models", private=True)
        put(run, repo, tmp_path / Path(repo).name)
    able, unable = (small_hub.environment(tmp_path / f"hf{name}", name) for name in (token, ""))
    sorts, talks = (tmp_path / Path(repo).name for repo in (REPO, CHAT_REPO))
    with started(sorts, **unable) as (_, refused), started(sorts, **able) as first, started(talks, **able) as second:
        found = client_of(*first).predict("The zip broke.", api_name="/answer")
        assert found["label"] == expected["label"]
        scores = {one["label"]: one["confidence"] for one in found["confidences"]}
        assert HOSTILE in scores and scores == pytest.approx(expected["scores"], abs=1e-5)
        assert client_of(*second).predict("Do you open?", api_name="/answer") == reply
        said, _ = refused.communicate(timeout=240)
        assert f"The model {REPO} cannot be loaded. If it is private, add a token" in said
        assert refused.returncode == 1
