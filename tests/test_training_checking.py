"""What a check on the validation part says, and what it may not cost."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core import events, runs
from core.config import RunConfig, validate
from core.errors import TrainingError
from core.runs import Run, State
from tests.making import config, reviews, write_csv

pytestmark = pytest.mark.slow


def moody(predictions: Any, references: Any) -> float:
    """A metric of one's own that cannot be computed."""
    raise ZeroDivisionError("nothing to divide by")


def share_right(predictions: Any, references: Any) -> float:
    return float((predictions == references).mean())


@pytest.fixture(autouse=True)
def _own_termination() -> Iterator[None]:
    """A run takes over the termination signal of its process; here that is the tests' own."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


def trained(wanted: RunConfig) -> Run:
    from core.training import job

    run = runs.create(wanted)
    log = events.EventLog(run.events_path)
    try:
        job.train(run, log)
    finally:
        log.close()
    return run


def test_a_metric_of_ones_own_that_fails_is_told_once_and_does_not_cost_the_run(
    tmp_path: Path, tiny_bert: Path
) -> None:
    table = write_csv(tmp_path / "reviews.csv", ("text", "label"), reviews(60))
    settings = config(table, tiny_bert, num_train_epochs=3, early_stopping_patience=0).model_dump(mode="json")
    own = [f"{__name__}:moody", f"{__name__}:share_right"]
    run = trained(validate({**settings, "custom": {"metrics": own}}))
    assert run.state is State.FINISHED and run.report is not None
    happened, _ = events.read(run.events_path)
    told = [event.title for event in happened if isinstance(event, events.Noticed) and "moody" in event.title]
    assert told == ["moody could not be computed at a check.", "moody could not be computed."]
    checks = [event.metrics for event in happened if isinstance(event, events.Evaluated)]
    assert len(checks) == 3 and all("share_right" in found and "moody" not in found for found in checks)
    assert set(run.report["metrics"]["test"]["extra"]) == {"share_right"}


def test_a_validation_part_that_cannot_be_scored_is_said_in_words(tmp_path: Path, tiny_bert: Path) -> None:
    """Texts of nothing but signs between texts have no word that could be hidden."""
    signs = [f"{'[SEP] ' * times}" for times in range(2, 6)]
    parts = {"train": [text for text, _ in reviews(40)], "validation": signs, "test": ["warm bread", "a dull film"]}
    rows = [(text, part) for part, texts in parts.items() for text in texts]
    wanted = {
        "task": "masked-language-modeling",
        "data": {
            "source": str(write_csv(tmp_path / "texts.csv", ("text", "part"), rows)),
            "columns": {"text": "text"},
            "split": {"column": "part", "train": "train", "validation": "validation", "test": "test"},
        },
        "model": {"checkpoint": str(tiny_bert)},
        "training": {"num_train_epochs": 1, "max_length": 64},
    }
    with pytest.raises(TrainingError, match="validation part gives no") as caught:
        trained(validate(wanted))
    assert "more or other rows for validation" in caught.value.advice
