"""What to do next follows from the numbers of a report, and from nothing else."""

from __future__ import annotations

import dataclasses
import shutil
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from core import events, runs
from core.config import validate
from core.evaluation.intervals import wilson
from core.evaluation.types import Section
from core.judging import advising, advising_training, kept, readings
from core.judging.readings import advice
from core.studio import Studio
from core.tasks import TASKS
from core.training import job
from tests.making import config, reviews, write_csv


def words_of(item: dict[str, str] | None) -> str:
    assert item is not None
    assert set(item) == {"words", "link", "label"} and bool(item["link"]) == bool(item["label"])
    return item["words"]


def classes(**recalls: tuple[float, int]) -> dict[str, Any]:
    return {"per_class": {label: {"recall": recall, "support": rows} for label, (recall, rows) in recalls.items()}}


class TestMarks:
    def test_rows_are_asked_for_where_a_class_had_few_and_is_found_seldom(self) -> None:
        found = classes(ham=(0.95, 100), spam=(0.9, 100), offer=(0.3, 20))
        (item,) = advising.of_classes(found, {"ham": 400, "spam": 380, "offer": 14})
        assert words_of(item).startswith("Collect more examples of `offer`: it had 14 to learn from")
        assert item["link"] == "./new?from={run}"
        assert list(advising.of_classes(found, {"ham": 400, "spam": 380, "offer": 390})) == []
        assert list(advising.of_classes(classes(ham=(0.9, 100), offer=(0.8, 5)), {"ham": 400, "offer": 14})) == []

    def test_labels_are_to_be_looked_at_where_two_classes_are_mixed_up(self) -> None:
        found = classes(a=(0.7, 40), b=(0.9, 40)) | {"confusions": [{"truth": "a", "answer": "b", "count": 12}]}
        item = advising.of_mix_ups(found)
        assert "12 of the 40 test examples of `a` were taken for `b`" in words_of(item)
        assert item and item["link"] == "./labels?run={run}"
        found["confusions"][0]["count"] = 4
        assert advising.of_mix_ups(found) is None

    @pytest.mark.parametrize(("right", "rows"), [(16, 20), (50, 100), (99, 110)])
    def test_the_rows_it_would_take_make_the_interval_narrow(self, right: int, rows: int) -> None:
        def reach(count: int) -> float:
            low, high = wilson(round(right / rows * count), count)
            return (high - low) / 2

        needed = advising.narrow_from(right, rows)
        assert reach(needed) <= 0.05 and min(reach(needed - 1), reach(needed - 2)) > 0.049
        found = {"rows": rows, "accuracy": right / rows, "intervals": {"accuracy": list(wilson(right, rows))}}
        assert f"with {rows}, the true value lies anywhere" in words_of(advising.of_size(found, "accuracy"))
        assert advising.of_size(found | {"intervals": {"accuracy": [0.81, 0.89]}}, "accuracy") is None

    def test_a_model_that_learned_nothing_gets_things_to_check(self) -> None:
        nothing = {"most_frequent": {"comparison": {"clearly": ""}}, "counting": {"comparison": {"clearly": "worse"}}}
        assert "Check that the right columns" in words_of(advising.of_learning({"rows": 100}, nothing, []))
        flat = [{"loss": 0.69, "step": 1}, {"loss": 0.68, "step": 9}]
        assert "hardly fell (0.69 to 0.68)" in words_of(advising.of_learning({"rows": 100}, nothing, flat))
        assert advising.of_learning({"rows": 20}, nothing, []) is None, "so few cannot tell"
        assert not advising.has_learned({"rows": 100}, nothing) and advising.has_learned({"rows": 20}, nothing)
        half = nothing | {"most_frequent": {"comparison": {"clearly": "better"}}}
        assert "A simpler way to answer is clearly better" in words_of(advising.of_learning({"rows": 100}, half, []))
        assert advising.of_learning({"rows": 100}, {"a": {"comparison": {"clearly": "better"}}}, []) is None

    def test_probabilities_that_promise_too_much_are_told(self) -> None:
        error = np.array([0.0, 0.0, 0.0, 1.0] * 25)
        table = pa.table({"probability": np.full(100, 0.98), "error": error})
        assert "98 % on average, and 75 % of them are right" in words_of(advising.of_sureness(table))
        assert advising.of_sureness(pa.table({"probability": np.full(100, 0.77), "error": error})) is None
        assert advising.of_sureness(pa.table({"error": error})) is None


class TestTraining:
    def history(self, *checks: float, metric: float = 0.0) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for epoch, loss in enumerate(checks, 1):
            found.append({"loss": 1 / epoch, "epoch": epoch, "step": 10 * epoch})
            found.append({"eval_loss": loss, "eval_f1": metric * epoch, "epoch": epoch, "step": 10 * epoch})
        return found

    def test_longer_where_the_loss_was_still_falling(self) -> None:
        said = words_of(advising_training.of_length(self.history(0.9, 0.7, 0.5), "f1", True, True))
        assert said.startswith("Train longer") and "(0.7 to 0.5 between the last two checks)" in said
        assert advising_training.of_length(self.history(0.9, 0.5, 0.499), "f1", True, True) is None
        assert advising_training.of_length((), "f1", True, True) is None

    def test_shorter_where_it_learned_by_heart(self) -> None:
        said = words_of(advising_training.of_length(self.history(0.9, 0.5, 0.6, 0.7), "f1", True, False))
        assert said.startswith("Train for about 2 epochs, no longer")
        assert "rose (0.5 to 0.7) while that on the training rows fell (0.5 to 0.25)" in said
        # The main metric still got better, so nobody is sent home early.
        assert advising_training.of_length(self.history(0.9, 0.5, 0.7, metric=0.1), "f1", True, True) is None

    def test_texts_that_were_cut_are_told(self) -> None:
        def tokenizer(texts: list[str], **_: Any) -> dict[str, Any]:
            return {"input_ids": [text.split() for text in texts]}

        texts = ["a b c"] * 6 + ["a " * 50] * 4
        said = words_of(advising_training.of_cuts(texts, tokenizer, 10, False))
        assert "40 % of the judged ones are longer than 10 tokens" in said and "With 50 tokens" in said
        assert advising_training.of_cuts(texts, tokenizer, 10, True) is None
        assert advising_training.of_cuts(texts, tokenizer, 64, False) is None


def test_links_lead_to_the_run() -> None:
    report = {"advice": {"items": [advising.again("Train longer."), advising.item("Look.")]}}
    scores = Section("scores", "Scores", "", {})
    _, section = readings.with_sections(report, [scores], "2026-a b")
    assert [item["link"] for item in section.content["items"]] == ["./new?from=2026-a%20b", ""]
    assert advice.sections({"advice": {"items": []}}) == []


@pytest.mark.slow
def test_a_trained_model_is_told_where_it_fails(tmp_path: Path, tiny_bert: Path, home: Path) -> None:
    """One product has random labels, and some test rows were learned from: both stand in the report, which says so."""
    random = np.random.default_rng(0)
    rows = []
    for text, label in reviews(540):
        product = str(random.choice(["lamp", "chair", "clock", "kettle"]))
        rows.append((text, str(random.choice(["bad", "good"])) if product == "kettle" else label, product))
    train, test = rows[:300], [*rows[300:], *rows[:12]]
    header = ("text", "label", "product")
    write_csv(tmp_path / "test.csv", header, test)
    source = write_csv(tmp_path / "train.csv", header, train)
    # As a model of sentence embeddings says of itself; then it is also judged as it is before training.
    folder = shutil.copytree(tiny_bert, tmp_path / "sentences")
    (folder / "modules.json").write_text('[{"type": "sentence_transformers.models.Pooling", "path": "pooling"}]')
    (folder / "pooling").mkdir()
    (folder / "pooling" / "config.json").write_text('{"pooling_mode_mean_tokens": true}')
    wanted = config(source, folder, num_train_epochs=5, learning_rate=3e-3).model_dump(mode="json")
    wanted["data"]["split"]["test"] = "test.csv"
    run = runs.create(validate(wanted))
    log = events.EventLog(run.events_path)
    before = signal.getsignal(signal.SIGTERM)
    try:
        job.train(run, log)
    finally:
        signal.signal(signal.SIGTERM, before)
        log.close()
    report = run.report
    assert report is not None
    first = report["slices"]["found"][0]
    assert first["words"] == "“product” is “kettle”", report["slices"]
    judged = kept.page(run, "test", [("row", "in", first["opens"])], count=200)
    error = np.array([row["error"] for row in judged.rows])
    assert judged.total == first["rows"] and error.mean() == pytest.approx(first["rate"])
    copied = report["overlap"]["copied"]
    assert 6 <= copied <= 12, "a few of those that were repeated were drawn for the validation part"
    assert f"{copied} of the 252 examples were in the training rows too" in report["verdict"]
    sections = Studio().report_sections(run.id)
    assert sections[0].content["columns"][-1]["label"] == "Without training"
    assert report["baselines"]["zero_shot"]["comparison"]["clearly"] == "better"
    assert "the model to start from without any training" in report["verdict"]
    titles = [section.title for section in sections]
    assert titles[1:4] == ["Examples it may have known", "Where it fails", "What to do next"]
    assert report["advice"]["items"][0]["words"].startswith(
        f"Keep what is judged out of what is learned: {copied} copies"
    )


def test_of_a_model_that_answers_one_class_alone_no_part_is_advised_on() -> None:
    found = {"rows": 20, "answered": 1, "per_class": {"good": {}, "bad": {}}}
    assert not advising.has_learned(found, {})
    assert advising.has_learned(found | {"answered": 2}, {})


def test_a_model_without_a_fault_is_not_sent_to_learn_longer() -> None:
    main = TASKS["text-classification"].metrics[0]
    assert advice.is_faultless({main.name: 1.0}, main)
    assert not advice.is_faultless({main.name: 0.999}, main)
    assert not advice.is_faultless({main.name: 1.0}, dataclasses.replace(main, style="number")), "of no share"
