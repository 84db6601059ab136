"""A token that was pasted opens private data and a gated model in every process of ours, and stands nowhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.leaks import where
from tests.small_hub import SmallHub, demo
from tests.small_hub.asking import ROOT

pytestmark = pytest.mark.slow
MODEL = "acme/gated-tiny"
BEGIN = f"""
import json, os, sys, time
from pathlib import Path
from core import runs
from core.errors import StudioError
from core.hub.identity import MACHINE, NOBODY, Identity, asking_as
from core.studio import Studio
from tests.leaks import where

secret, other = sys.stdin.readline().split()
anna, ben = Identity("token", secret), Identity("token", other)
PLACES = [Path(os.environ["TUNESMITH_HOME"]), Path(os.environ["HF_HOME"])]
DRAFT = {{
    "task": "text-classification",
    "data": {{"source": "hf://datasets/{demo.PRIVATE}"}},
    "model": {{"checkpoint": "{MODEL}"}},
    "training": {{"num_train_epochs": 1, "max_length": 32}},
}}

def trying(do):
    try:
        return do()
    except StudioError as exc:
        return exc.title

def name_of(studio, source="hf://datasets/{demo.PRIVATE}"):
    return studio.preview(source).title
"""


@pytest.fixture
def hub(small_hub: SmallHub, tiny_bert: Path) -> SmallHub:
    demo.fill(small_hub, 100)
    files = {file.name: file for file in tiny_bert.iterdir() if file.is_file()}
    small_hub.add(MODEL, files, kind="models", gated="auto")
    small_hub.repo(MODEL, "models").accepted.add("anna")
    return small_hub


def run(hub: SmallHub, tmp_path: Path, home: Path, code: str, machine: str = "") -> tuple[dict[str, Any], str]:
    """What ``code`` leaves in ``answer``, and Anna's token. She and Ben come in over standard input."""
    tokens = [hub.user(name) for name in ("anna", "ben")]
    done = subprocess.run(
        [sys.executable, "-c", f"{BEGIN}{code}\nprint('\\n' + json.dumps(answer, default=str))"],
        cwd=ROOT,
        env=os.environ | hub.environment(tmp_path / "huggingface", machine) | {"TUNESMITH_HOME": str(home)},
        input=" ".join(tokens) + "\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert tokens[0] not in done.stdout + done.stderr
    return json.loads(done.stdout.splitlines()[-1]), tokens[0]


def test_private_data_on_this_machine_is_shown_to_those_who_may_see_it_alone(
    hub: SmallHub, tmp_path: Path, home: Path
) -> None:
    machine = hub.user("machine")

    found, token = run(
        hub,
        tmp_path,
        home,
        """
studio = Studio()
with asking_as(NOBODY):
    answer = {"before": trying(lambda: name_of(studio))}
with asking_as(anna):
    config, _ = studio.complete(DRAFT)
    answer |= {"anna": name_of(studio), "rows": studio.parts(config).train.num_rows}
    answer["check"] = [news.done == news.total for news in studio.check(config)][-1]
    answer["seen"] = [one.id for one in studio.search_datasets("diary")]
for name, who in {"ben": ben, "nobody": NOBODY, "machine": MACHINE}.items():
    with asking_as(who):
        answer[name] = [trying(lambda: name_of(studio)), trying(lambda: studio.parts(config).train.num_rows),
                        trying(lambda: [str(news) for news in studio.check(config)]),
                        [one.id for one in studio.search_datasets("diary")]]
answer["where"] = where(secret, PLACES)
""",
        machine,
    )

    title = f"There is no dataset {demo.PRIVATE} on the Hugging Face Hub, or it is private."
    assert found["before"] == title
    assert found["anna"] == f"{demo.PRIVATE} (train)" and found["rows"] > 10 and found["check"]
    assert found["seen"] == [demo.PRIVATE]
    for name in ("ben", "nobody", "machine"):
        assert found[name] == [title, title, title, []], name
    assert found["where"] == []
    assert where(token, [home, tmp_path / "huggingface"]) == []
    assert f"Bearer {machine}" in {request.headers.get("authorization") for request in hub.requests}


def test_a_run_is_trained_with_a_pasted_token_which_is_found_nowhere(hub: SmallHub, tmp_path: Path, home: Path) -> None:
    machine = hub.user("machine")

    found, token = run(
        hub,
        tmp_path,
        home,
        """
def wait(run):
    leaks = []
    while not run.state.is_over:
        leaks += where(secret, []) if run.state is runs.State.RUNNING else []
        time.sleep(0.5)
    last = json.loads(run.events_path.read_text().splitlines()[-1])
    return {"state": run.state, "title": last.get("title"), "advice": last.get("advice"), "leaks": leaks}

with asking_as(anna):
    config, _ = Studio().complete(DRAFT)
    run = runs.find(Studio().start(config))
studio = Studio().open()  # as after a restart: nobody remembers the token
answer = {"restarted": wait(run)}
with asking_as(anna):
    studio.again(run.id)
    answer["again"] = wait(run)
answer["where"] = where(secret, PLACES)
answer["asker"] = run.asker_path.read_text()
studio.close()
""",
        machine,
    )

    assert found["restarted"]["state"] == "failed"
    assert "token that this run was started with is gone" in found["restarted"]["title"]
    assert "Sign in" in found["restarted"]["advice"]
    assert found["again"]["state"] == "finished", found["again"]
    assert found["again"]["leaks"] == [] and found["where"] == []
    assert found["asker"] == "token"
    assert where(token, [home, tmp_path / "huggingface"]) == []
    closed = [request for request in hub.requests if MODEL in request.path or demo.PRIVATE in request.path]
    assert f"Bearer {machine}" not in {request.headers.get("authorization") for request in closed}
