"""From a search on the Hub to a model there that answers as ours does: real HTTP, unmodified clients, one person."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from tests.leaks import where
from tests.making import reviews
from tests.small_hub import SmallHub
from tests.small_hub.asking import ROOT, ask

pytestmark = pytest.mark.slow

WALK = """
import json, sys, time
from core.config import validate
from core.hub.identity import Identity, asking_as
from core.publishing.types import Publishing
from core.studio import Studio

secret = sys.stdin.readline().strip()
studio = Studio().open()
with asking_as(Identity("token", secret)):
    data = studio.search_datasets("mood")[0]
    source = f"hf://datasets/{data.id}"
    task = "text-classification"
    model = studio.search_models("tiny", task=task)[0]
    facts = studio.model_facts(model.id, draft={"task": task, "data": {"source": source}})
    config, _ = studio.complete({
        "task": task,
        "data": {"source": source, "columns": {"text": "review", "label": "sentiment"}},
        "model": {"checkpoint": model.id},
        "training": {"num_train_epochs": 2, "learning_rate": 0.01, "max_length": 32},
    })
    run = studio.start(config)
    while not studio.summary(run).state.is_over:
        time.sleep(0.1)
    happened = studio.live(run)["events"]
    studio.publish(run, Publishing("anna/moods"))
    while not studio.publication(run).is_over:
        time.sleep(0.05)
    texts = ["the film was dull", "a kind waiter and warm bread", "no"]
    said = [studio.predict(run, {"text": text}) for text in texts]
end = studio.publication(run)
failed = [event for event in happened if event["kind"] == "failed"]
print("\\n" + json.dumps({
    "data": [data.id, data.access], "model": [model.id, model.access], "help": facts.access_help,
    "state": studio.summary(run).state, "failed": failed, "stage": end.stage, "words": [end.title, end.advice],
    "published": [vars(one) for one in studio.published(run)], "said": said, "texts": texts,
}))
studio.close()
"""
FRESH = """
from transformers import AutoConfig, pipeline
said = pipeline("text-classification", "anna/moods", top_k=None)({texts!r})
scores = [{{one["label"]: one["score"] for one in found}} for found in said]
answer = [scores, AutoConfig.from_pretrained("anna/moods").id2label]
"""


def walk(hub: SmallHub, home: Path, token: str) -> dict[str, Any]:
    """All of it in a process of its own, which hears the token over its input."""
    environment = os.environ | hub.environment(home / "huggingface")
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(WALK)],
        cwd=ROOT,
        env=environment,
        input=f"{token}\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert token not in done.stdout + done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_a_model_goes_round_and_nobody_sees_the_token(
    small_hub: SmallHub, tiny_bert: Path, tmp_path: Path, home: Path
) -> None:
    token = small_hub.user("anna")
    rows = "\n".join(["review,sentiment", *(f'"{text}",{label}' for text, label in reviews(120))])
    small_hub.add("anna/mood", {"train.csv": rows + "\n"}, private=True)
    files = {path.name: path for path in tiny_bert.iterdir()}
    card = "---\nlicense: mit\nlanguage: en\nlibrary_name: transformers\n---\n# Tiny\n"
    small_hub.add("acme/tiny-reader", {**files, "README.md": card}, kind="models", gated="auto")
    small_hub.repo("acme/tiny-reader", "models").accepted.add("anna")

    found = walk(small_hub, home, token)

    assert found["data"] == ["anna/mood", "private"] and found["model"] == ["acme/tiny-reader", "gated"]
    assert found["help"] == "" and found["failed"] == []
    assert [found["state"], found["stage"]] == ["finished", "done"], found["words"]
    assert [one["repo"] for one in found["published"]] == ["anna/moods"]
    there = small_hub.repo("anna/moods", "models")
    assert there.private and found["published"][0]["commit"] == there.branches["main"].sha
    scores, names = ask(small_hub, tmp_path / "fresh", FRESH.format(texts=found["texts"]), token=token)
    assert sorted(names.values()) == ["bad", "good"]
    for theirs, ours in zip(scores, found["said"], strict=True):
        assert theirs == pytest.approx(ours["scores"], abs=1e-5)

    assert where(token, [home, tmp_path / "huggingface"]) == []
    sent = [blob.place.read_bytes() for commit in there.history() for blob in commit.files.values()]
    assert not [content for content in sent if token.encode() in content or str(home).encode() in content]
    assert not [request.path for request in small_hub.requests if token in request.path + str(request.query)]
