"""A run that learns from a stream: through a real worker and a Hub over real HTTP, disturbed and undisturbed alike."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.making import BAD, GOOD, THINGS
from tests.small_hub import SmallHub, asking, demo

pytestmark = pytest.mark.slow

NAME = "bench/stream"
ROWS = 1200
BEGIN = f"""
import os, time
from core import events, runs
from core.errors import StudioError
from core.studio import Studio
studio = Studio().open()

def draft(checkpoint, max_steps=60, **more):
    return {{
        "task": "text-classification",
        "data": {{"source": "hf://datasets/{NAME}", "streaming": {{"max_steps": max_steps, "shuffle_buffer": 200,
                 "evaluation_rows": 60}}, **more}},
        "model": {{"checkpoint": checkpoint}},
        "training": {{"per_device_train_batch_size": 8, "max_length": 32, "learning_rate": 3e-3,
                     "eval_strategy": "steps", "eval_steps": 20, "early_stopping_patience": 0}},
    }}

def wait(run, act=lambda run: None):
    deadline = time.monotonic() + 600
    while not run.state.is_over:
        assert time.monotonic() < deadline, run.log_path.read_text()
        act(run)
        time.sleep(0.05)
    return str(run.state)

def happened(run, kind):
    return [event for event in events.read(run.events_path)[0] if isinstance(event, kind)]

def losses(run):
    return {{event.step: [event.loss, event.grad_norm] for event in happened(run, events.Stepped)}}
"""


@pytest.fixture
def hub(small_hub: SmallHub) -> SmallHub:
    """Two files of reviews; some texts are empty."""
    rows = []
    for number in range(ROWS):
        words, label = (GOOD, 1) if number % 2 else (BAD, 0)
        text = f"the {THINGS[number % 10]} was {words[number % 6]} and {words[(number // 6) % 6]}, no {number}"
        rows.append({"text": "" if number % 50 == 49 else text, "label": label})
    files = {
        f"data/train-0000{part}-of-00002.parquet": demo.parquet(some, {"label": ("bad", "good")}, group=200)
        for part, some in enumerate((rows[:600], rows[600:]))
    }
    small_hub.add(NAME, files, lfs=True)
    return small_hub


@pytest.fixture
def ask(hub: SmallHub, tmp_path: Path) -> Callable[..., Any]:
    return lambda code, **more: asking.ask(hub, tmp_path / "huggingface", BEGIN + code, **more)


def test_a_stream_is_learned_from_stopped_taken_up_judged_and_tried(ask: Callable[..., Any], tiny_bert: Path) -> None:
    found = ask(f"""
config, reasons = studio.complete(draft({str(tiny_bert)!r}))
before = studio.checkup(config)
estimate = studio.estimate(config)
whole, parted = (runs.find(studio.start(config)) for _ in range(2))
states = [wait(whole)]

def stop(run):
    if not run.stop_path.exists() and any(step >= 25 for step in losses(run)):
        run.stop_path.touch()

states.append(wait(parted, stop))
stopped = happened(parted, events.Stopped)[-1].step
studio.again(parted.id)
states.append(wait(parted))
report, other = whole.report, parted.report
answer = dict(
    states=states, stopped=stopped, first=losses(whole), second=losses(parted), report=report, other=other,
    steps=estimate.steps, findings=[one.code for one in before.findings], revision=config.data.revision,
    label=studio.predict(whole.id, {{"text": "the soup was great and kind"}}),
    sections=[one.help for one in studio.report_sections(whole.id) if one.title == "Rows of the stream"],
    planned=[happened(whole, events.Planned)[0].total_steps, happened(whole, events.Planned)[0].num_train_epochs],
    noticed=[one.title for one in happened(whole, events.Noticed)],
)
""")
    assert found["states"] == ["finished", "stopped", "finished"], found
    assert found["steps"] == 60 and found["planned"] == [60, 0] and "first-rows" in found["findings"]
    assert len(found["revision"]) == 40
    assert 25 <= found["stopped"] < 60
    assert found["second"] == found["first"], "a run that was taken up learns what an undisturbed one does"
    report = found["report"]
    assert report["metrics"]["test"]["f1_macro"] > 0.9 and found["label"]["label"] == "good"
    assert report["rows"]["test"] == report["rows"]["validation"] == 60
    assert report["rows"]["train"] == report["stream"]["learned"] == 480 == found["other"]["stream"]["learned"]
    assert report["stream"] == found["other"]["stream"]
    assert any("learned from 480 rows of a stream" in words for words in found["sections"])


def test_a_network_that_fails_in_the_middle_costs_nothing_that_was_learned(
    ask: Callable[..., Any], hub: SmallHub, tiny_bert: Path
) -> None:
    begun = ask(f"""
config, _ = studio.complete(draft({str(tiny_bert)!r}, max_steps=90))
studio.close()
answer = config.model_dump(mode="json")
""")
    hub.fail("train-00001", 403)  # the client itself tries others again for half a minute, each time it is asked
    failed = ask(f"""
from core.config import validate
run = runs.find(studio.start(validate({begun!r})))
answer = [run.id, wait(run), happened(run, events.Failed)[0].title, happened(run, events.Failed)[0].advice,
          max(losses(run)), [one.title for one in happened(run, events.Noticed)]]
""")
    run, state, title, advice, reached, noticed = failed
    assert state == "failed" and "could not be taken up again" in title and "take the run up again" in advice
    assert 50 < reached < 90 and noticed.count("The stream broke off, and is taken up again.") == 3
    hub.heal()
    state, resumed, steps, learned = ask(f"""
studio.again({run!r})
run = runs.find({run!r})
answer = [wait(run), happened(run, events.Started)[-1].resumed_from_step, sorted(losses(run)),
          run.report["stream"]["learned"]]
""")
    assert state == "finished" and resumed >= reached and learned == 90 * 8
    assert steps == list(range(1, 91)), "no step was made twice or left out"
