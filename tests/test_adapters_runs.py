"""Runs that train an adapter: taken up again, merged, kept alone, opened, and gone on from."""

from __future__ import annotations

import contextlib
import io
import json
import signal
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core import events, runs
from core.config import RunConfig, validate
from core.data.preview import preview
from core.errors import CheckpointError, HubError
from core.models import adapted
from core.models.checkpoints import describe
from core.prediction.predictor import Predictor
from core.publishing.package import available, items_of
from core.publishing.types import Publishing
from core.publishing.zipped import zipped
from core.runs import Run, State
from core.tasks import TASKS
from core.usage.snippets import snippets
from tests.test_task_contract import Stopping, losses

TASK = TASKS["text-regression"]
"""The one that changes its model after training."""


@pytest.fixture(autouse=True)
def _own_termination() -> Iterator[None]:
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.fixture
def config(tmp_path: Path, tiny_model: Callable[[str], Path]) -> Callable[..., RunConfig]:
    source = tmp_path / "table.jsonl"
    parts = ("train", "train", "validation", "test")
    rows = [{**row, "part": part} for part in parts for row in TASK.sample_rows]
    source.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    guess = TASK.guess(preview(str(source)))
    assert guess is not None
    columns = guess.columns

    def made(checkpoint: Path | str = "", **adapter: Any) -> RunConfig:
        split = {"column": "part", "train": "train", "validation": "validation", "test": "test"}
        return validate(
            {
                "task": TASK.id,
                "data": {"source": str(source), "columns": columns, "split": split},
                "model": {"checkpoint": str(checkpoint or tiny_model(TASK.family))},
                "training": {
                    "num_train_epochs": 2,
                    "per_device_train_batch_size": 8,
                    "learning_rate": 1e-2,
                    "early_stopping_patience": 0,
                },
                "adapter": adapter,
            }
        )

    return made


def trained(config: RunConfig, stop_at: int | None = None) -> Run:
    run = runs.create(config)
    train(run, events.EventLog(run.events_path) if stop_at is None else Stopping(run, stop_at))
    return run


def train(run: Run, log: events.EventLog) -> None:
    from core.training import job

    try:
        job.train(run, log)
    finally:
        log.close()


def answers(run: Run) -> list[float]:
    texts = [str(row["text"]) for row in TASK.sample_rows]
    return [answer["number"] for answer in Predictor(run).answers({"text": texts, "text_pair": [None] * len(texts)})]


def titles(run: Run) -> str:
    return " ".join(one.title for one in events.read(run.events_path)[0] if isinstance(one, events.Noticed))


def test_an_adapter_that_is_kept_alone_is_opened_published_and_gone_on_from(
    config: Callable[..., RunConfig], tmp_path: Path
) -> None:
    import torch
    from peft import PeftModel
    from transformers import AutoModelForSequenceClassification

    whole = trained(config(method="lora", save="merged"))
    alone = trained(config(method="lora", save="adapter"))
    assert whole.state is alone.state is State.FINISHED and losses(whole) == losses(alone)
    assert "numbers" in titles(alone) and "are trained" in titles(alone)
    assert (alone.path / "train.py").is_file()
    names = {path.name for path in alone.model_path.iterdir()}
    assert "model.safetensors" not in names and {"adapter_model.safetensors", "tunesmith.json"} <= names
    assert (whole.model_path / "model.safetensors").is_file() and not (whole.path / "adapter").exists()
    assert answers(alone) == pytest.approx(answers(whole), abs=1e-4)
    assert (alone.report or {})["metrics"] == (whole.report or {})["metrics"]

    base = AutoModelForSequenceClassification.from_pretrained(alone.config.model.checkpoint, num_labels=1)
    peft = PeftModel.from_pretrained(base, alone.path / "adapter").eval()
    ids = torch.tensor([[2, 5, 7, 3]])
    with torch.no_grad():
        said = peft(input_ids=ids).logits
        assert said == pytest.approx(TASK.load_model(str(alone.model_path))(input_ids=ids).logits, abs=1e-4)

    is_published_as_an_adapter(alone, tmp_path)
    assert describe(str(alone.model_path)).family == "encoder"
    longer = trained(config(alone.model_path, method="none"))
    assert longer.state is State.FINISHED and "kept" in titles(longer)
    stale = alone.model_path / adapted.NOTE
    stale.write_text(stale.read_text(encoding="utf-8").replace('"weights": "', '"weights": "0'), encoding="utf-8")
    with pytest.raises(CheckpointError, match="has changed since"):
        TASK.load_model(str(alone.model_path))


def is_published_as_an_adapter(run: Run, place: Path) -> None:
    """What goes up is what peft opens, and the example code of its card says what the run's model says."""
    items = {item.name: item for item in items_of(run, Publishing("somebody/small"))}
    assert adapted.NOTE not in items and {"adapter_config.json", "adapter_model.safetensors"} <= items.keys()
    told = items["adapter_config.json"].content
    assert isinstance(told, bytes) and str(Path(run.config.model.checkpoint).parent).encode() not in told
    card = items["README.md"].content
    assert isinstance(card, bytes) and b"library_name: peft" in card and b"PeftModel.from_pretrained" in card
    assert not {"adapter", "last"} & set(available(run))
    packed = zipfile.ZipFile(io.BytesIO(b"".join(zipped(run))))
    assert b"peft==" in packed.read(f"{run.id}/requirements.txt")
    with pytest.raises(HubError, match="adapter alone"):
        items_of(run, Publishing("somebody/demo", demo_of="somebody/small"))
    (snippet,) = snippets(run)
    heard = io.StringIO()
    with contextlib.chdir(place), contextlib.redirect_stdout(heard):
        exec(compile(snippet.code, "example", "exec"), {})
    asked = (run.report or {})["examples"][0]
    (answer,) = Predictor(run).answers({role: [text] for role, text in asked.items()})
    assert float(heard.getvalue()) == pytest.approx(answer["number"], abs=1e-3)


def test_a_run_that_is_taken_up_again_goes_the_same_way(config: Callable[..., RunConfig]) -> None:
    wanted = config(method="lora", use_dora=True, save="both")
    straight = trained(wanted)
    stopped = trained(wanted, stop_at=2)
    assert stopped.state is State.STOPPED and stopped.has_model
    (checkpoint,) = list(stopped.checkpoints_path.glob("checkpoint-*"))[:1]
    assert not (checkpoint / "model.safetensors").exists() and (checkpoint / "adapter_config.json").is_file()
    stopped.stop_path.unlink()
    stopped.again_path.touch()
    train(stopped, events.EventLog(stopped.events_path))
    assert losses(stopped) == losses(straight)
    assert answers(stopped) == answers(straight)
    assert "adapter" in available(straight)
    both = {item.name for item in items_of(straight, Publishing("somebody/both", include=("adapter",)))}
    assert {"model.safetensors", "adapter/adapter_model.safetensors", "adapter/adapter_config.json"} <= both


def test_a_model_that_was_held_in_8_bits_is_kept_in_full(config: Callable[..., RunConfig]) -> None:
    pytest.importorskip("bitsandbytes")
    run = trained(config(method="lora", quantization="8bit"))
    assert run.state is State.FINISHED and "held in 8 bits" in titles(run)
    kept = json.loads((run.model_path / "config.json").read_text(encoding="utf-8"))
    assert "quantization_config" not in kept
    model = TASK.load_model(str(run.model_path))
    assert {str(value.dtype) for value in model.parameters()} == {"torch.float32"}
