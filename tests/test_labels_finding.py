"""Labels that were swapped on purpose are found, decided upon, and mended."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core import cli, runs
from core.config import RunConfig, validate
from core.data.leakage import text_keys
from core.data.parts import load_parts
from core.data.types import Target
from core.errors import RunError
from core.labels import decisions, doubting, kept, mended, read_once
from core.labels.finding import all_rows, beginning, find, ranking
from core.labels.folds import FOLDS, folds
from core.labels.signs import words
from core.labels.types import Signs
from core.runs import Run
from core.studio import Studio
from core.tasks import TASKS
from core.tasks.base import Context
from tests.making import reviews, write_csv

SWAPPED = 20


def counted(examples: pa.Table) -> Signs:
    """The words of the texts alone, as without any model."""
    return Signs([words(examples["text"].to_pylist())], text_keys(examples, ["text"]))


def swapped(rows: int = 400) -> tuple[pa.Table, np.ndarray]:
    """Little reviews, and which of them have the wrong label."""
    table, wrong = reviews(rows), np.zeros(rows, dtype=bool)
    wrong[np.random.default_rng(0).choice(rows, SWAPPED, replace=False)] = True
    other = {"good": "bad", "bad": "good"}
    labels = [other[label] if is_wrong else label for (_, label), is_wrong in zip(table, wrong, strict=True)]
    return pa.table({"text": [text for text, _ in table], "label": labels}), wrong


def test_swapped_classes_are_ranked_first_by_words_alone() -> None:
    examples, wrong = swapped()
    calls: list[int] = []
    found = doubting.one_label(counted(examples), examples, Target(("bad", "good")), 0, lambda: calls.append(1))
    first = np.argsort(found.quality)[: int(0.07 * len(wrong))]
    assert wrong[first].sum() >= 0.7 * SWAPPED and len(calls) == FOLDS
    assert 0.7 * SWAPPED <= found.wrong.sum() <= 1.5 * SWAPPED and found.wrong[first].mean() > 0.5
    assert found.given == examples["label"].to_pylist() and all(
        a != b for a, b in zip(found.given, found.suggested, strict=True)
    )
    assert np.allclose(found.probability + found.suggested_probability, 1)
    # cleanlab's self-confidence is the probability of the row's own label.
    assert np.allclose(found.quality, found.probability)


def test_swapped_labels_of_rows_with_several_are_ranked_first() -> None:
    examples, wrong = swapped()
    given = [[label, "any"] if number % 3 else [label] for number, label in enumerate(examples["label"].to_pylist())]
    table = pa.table({"text": examples["text"], "labels": pa.array(given, pa.large_list(pa.large_string()))})
    found = doubting.several_labels(counted(table), table, Target(("any", "bad", "good")), 0, lambda: None)
    first = np.argsort(found.quality)[: int(0.07 * len(wrong))]
    assert wrong[first].sum() >= 0.7 * SWAPPED
    truth = ["good" if number % 2 else "bad" for number in range(len(wrong))]
    places = np.flatnonzero(wrong).tolist()
    right = [{"good", "bad"} & set(found.suggested[place]) == {truth[place]} for place in places]
    assert np.mean(right) > 0.7
    assert sorted(found.given[1]) == sorted(given[1])


def test_nobody_judges_a_copy_of_what_was_learned() -> None:
    keys = np.repeat(np.arange(40), 3)
    fold = folds(np.r_[np.zeros(90, dtype=int), np.ones(30, dtype=int)], keys, seed=1)
    assert all(len(set(fold[keys == key])) == 1 for key in range(40)) and set(fold) == set(range(FOLDS))
    assert [(fold[90:] == number).sum() for number in range(FOLDS)] == [6] * FOLDS

    texts = [text for text, _ in reviews(100)] + ["one more text"] * 9
    examples = pa.table({"text": texts, "label": ["bad", "good"] * 50 + ["rare"] * 9})
    found = doubting.one_label(counted(examples), examples, Target(("bad", "good", "rare")), 0, lambda: None)
    assert (
        np.isnan(found.quality[100:]).all() and not np.isnan(found.quality[:100]).any() and not found.wrong[100:].any()
    )


@pytest.fixture
def run(tmp_path: Path, home: Path) -> Run:
    """A run on little reviews of which every twelfth has the wrong label, with a made-up ranking."""
    examples, _ = swapped(120)
    source = write_csv(
        tmp_path / "reviews.csv", examples.column_names, zip(*examples.to_pydict().values(), strict=True)
    )
    made = run_of(source)
    rows = all_rows(load_parts(made.config), made.config.data.split)
    found = doubting.one_label(counted(rows), rows, Target(("bad", "good")), 0, lambda: None)
    kept.write(made, ranking(rows, found, ["text"]))
    return made


def run_of(source: Path, **more: Any) -> Run:
    columns = {"text": "text", "label": "label"}
    data = {"source": str(source), "columns": columns, "split": {"validation": 0.15, "test": 0.15}}
    return runs.create(validate({"task": "text-classification", "name": "reviews", "data": data, **more}))


def test_decisions_are_taken_back_and_become_the_settings_of_a_mended_run(run: Run) -> None:
    rows = kept.suspects(run, 0, 200)
    assert [row.place for row in rows] == list(range(120)) and kept.found(run).rows == 120
    assert sorted(row.quality or 0 for row in rows) == [row.quality for row in rows]
    with pytest.raises(RunError, match="Nothing is changed"):
        mended.mended(run)
    first, second, third, fourth = rows[:4]
    decisions.decide(run, first.key, f"change:{first.suggested}")
    decisions.decide(run, second.key, "keep")
    decisions.decide(run, third.key, "drop")
    decisions.decide(run, fourth.key, "drop")
    assert decisions.undo(run) == fourth.key and decisions.undo(run, second.key) == second.key
    with open(decisions.path_of(run), "a", encoding="utf-8") as file:
        file.write('{"key": "half a li')
    decisions.decide(run, third.key, "drop")
    assert [(one.key, one.do) for one in decisions.read(run).decisions] == [(first.key, "change"), (third.key, "drop")]
    for what, title in (
        ("change:strange", "No row has"),
        (f"change:{first.label}", "already"),
        ("burn", "no decision"),
    ):
        with pytest.raises(RunError, match=title):
            decisions.decide(run, first.key, what)
    with pytest.raises(RunError, match="no such row"):
        decisions.decide(run, "source-0", "keep")

    config = mended.mended(run)
    assert config.origin.model_dump(include={"kind", "run"}) == {"kind": "mended", "run": run.id}
    assert [step.words for step in config.data.steps] == ["Mends 1 label and takes out 1 row"]
    assert config.name == "reviews, mended labels" and config.training == run.config.training
    again = all_rows(load_parts(config), config.data.split).to_pylist()
    assert {(row["part"], row["row"]) for row in again} == {(row.part, row.row) for row in rows if row is not third}
    assert next(row["label"] for row in again if row["row"] == first.row) == first.suggested


def test_the_command_prints_the_most_doubtful_rows(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["labels", run.id, "--top", "2", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["rows"] == 120 and [row["place"] for row in told["suspects"]] == [0, 1]
    assert cli.main(["labels", run.id, "--top", "1"]) == 0
    assert f"{told['wrong']} of 120 labels are estimated to be wrong" in capsys.readouterr().out
    assert cli.main(["labels", run.id, "--again"]) == 1 and "no model yet" in capsys.readouterr().err


def test_the_door_finds_and_trains_and_says_where_it_cannot(run: Run, home: Path) -> None:
    door = Studio()
    view = door.labels_view(run.id)
    assert "no model yet" in view.why_not and view.found is not None and sorted(view.labels) == ["bad", "good"]
    with pytest.raises(RunError, match="cannot be checked"):
        door.find_suspects(run.id)
    key = door.suspects(run.id, 0, 1)[0].key
    door.decide(run.id, key, "drop")
    trained = door.train_mended(run.id)
    assert door.labels_view(run.id).decided.trained == (trained,) and door.config(trained).origin.run == run.id
    assert door.undecide(run.id) == key and list(door.suspects_of(run.id, [key, "test-9"])) == [key]
    door.close()
    for task in TASKS.values():
        if task.doubts is None:
            other = SimpleNamespace(config=SimpleNamespace(task=task.id))
            assert f"“{task.title}”" in mended.why_not(other)  # type: ignore[arg-type]


def test_rows_are_read_by_the_model_that_a_run_began_with(tiny_bert: Path, tmp_path: Path, home: Path) -> None:
    examples, wrong = swapped(200)
    source = write_csv(tmp_path / "some.csv", examples.column_names, zip(*examples.to_pydict().values(), strict=True))
    first = run_of(source, model={"checkpoint": str(tiny_bert)})
    first.model_path.mkdir()
    (first.model_path / "config.json").write_text("{}", encoding="utf-8")
    run = run_of(source, model={"checkpoint": str(first.model_path)})  # a model that learned from the same rows
    assert beginning(run) == tiny_bert

    told: list[tuple[Any, ...]] = []
    details = {"folder": str(run.path), "way": "quick"}
    reply = find(predictor(run.config, tiny_bert), details, lambda *far: told.append(far))
    reading = [far for far in told if str(far[2]).endswith("texts read")]
    assert reading == sorted(reading) and reading[-1] == (700, 1000, "200 of 200 texts read")
    assert len(told) == len(reading) + 2 * FOLDS, "then a word a model"
    assert sorted(told) == told and told[-1][0] < 1000
    assert reply["rows"] == 200 and reply["wrong"] == kept.found(run).wrong and reply["unjudged"] == 0
    hit = sum(wrong[row.row - 1] for row in kept.suspects(run, 0, 30))
    assert hit >= 10 and json.dumps(reply)
    assert pq.read_schema(kept.path_of(run)).names == [
        *("file", "row", "part", "text", "label", "suggested", "quality", "probability"),
        *("suggested_probability", "is_issue"),
    ]
    # What was read is kept: a second time begins with the weighing, and ranks alike.
    told.clear()
    first_rows = kept.read(run)
    find(predictor(run.config, tiny_bert), details, lambda *far: told.append(far))
    assert len(told) == 2 * FOLDS and kept.read(run).equals(first_rows)
    assert read_once.once(run, "other texts", lambda: np.ones((2, 3))).tolist() == [[1.0] * 3] * 2


def predictor(config: RunConfig, folder: Path) -> Any:
    """What a worker has loaded, as far as labels need it."""
    task = TASKS[config.task]
    tokenizer, _ = task.load_tokenizer(str(folder), config.options)
    context = Context(tokenizer, load_parts(config).target, 32, config.options)
    return SimpleNamespace(task=task, context=context, config=config)
