"""A finished run's model judged on other rows: of a file, of another part, of another run."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core import cli, runs
from core.config import validate
from core.errands import Errand
from core.errors import DataError, RunError
from core.judging import kept, made
from core.judging.what import What, named, what_of
from core.judging.words import said_of, sections_of
from core.runs import Run
from core.studio import Studio
from core.tasks import TASKS
from tests.judgements import report_of
from tests.making import reviews, write_csv
from tests.trying import give_model

ROWS = reviews(160)
NEW = [(f"a {word} thing, number {number}", label)
       for number, (word, label) in enumerate([("good", "good"), ("rude", "bad"), ("kind", "good")] * 16)]  # fmt: skip
Judge = Callable[..., dict[str, Any]]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return write_csv(tmp_path / "reviews.csv", ("text", "label"), ROWS)


@pytest.fixture
def run(table: Path, tiny_bert: Path) -> Run:
    return run_on(table, tiny_bert)


def run_on(table: Path, checkpoint: Path, name: str = "") -> Run:
    """A run with a model that gives either answer to half of the texts."""
    import numpy as np
    from safetensors.numpy import load_file, save_file

    from core.prediction.predictor import Predictor

    columns = {"text": "text", "label": "label"}
    draft = {"task": "text-classification", "name": name, "data": {"source": str(table), "columns": columns}}
    found = runs.create(validate({**draft, "model": {"checkpoint": str(checkpoint)}, "training": {"max_length": 32}}))
    give_model(found, checkpoint, "")
    logits = Predictor(found).outputs({"text": [text for text, _ in NEW]}, "predict")
    weights = load_file(found.model_path / "model.safetensors")
    weights["classifier.bias"] = -np.median(logits - logits.mean(1, keepdims=True), 0).astype("float32")
    save_file(weights, found.model_path / "model.safetensors", metadata={"format": "pt"})
    return found


@pytest.fixture
def judge(run: Run) -> Judge:
    """Judge as the worker does, in this process."""
    from core.judging.on_demand import judge
    from core.prediction.predictor import Predictor

    predictor = Predictor(run)

    def do(name: str, **what: Any) -> dict[str, Any]:
        judge(predictor, {"run": run.id, "name": name, "what": what}, lambda done, total: None)
        return made.report(run, name)

    return do


def june(folder: Path, *more: tuple[str, str]) -> str:
    return str(write_csv(folder / "reviews June.csv", ("text", "label"), [*NEW, *more]))


def test_its_numbers_are_those_of_the_kept_rows(judge: Judge, run: Run, tmp_path: Path) -> None:
    from sklearn.metrics import accuracy_score, f1_score

    found = judge("june", file=june(tmp_path))

    rows = kept.read(run, "june")
    truth, answer = (
        rows["label"].to_pylist(),
        rows["answer" if "answer" in rows.column_names else "prediction"].to_pylist(),
    )
    assert len(set(answer)) == 2, "it says now this, now that"
    marks = found["metrics"]["test"]
    assert marks["accuracy"] == pytest.approx(accuracy_score(truth, answer))
    assert found["prefixed"]["june_f1_macro"] == pytest.approx(f1_score(truth, answer, average="macro"))
    assert set(found["prefixed"]) == {f"june_{metric.name}" for metric in TASKS[run.config.task].metrics}
    assert rows["row"].to_pylist() == list(range(1, len(NEW) + 1))
    assert found["baselines"]["tfidf_logistic_regression"]["rows"] == len(NEW)
    assert f"{len(NEW)} " in found["verdict"] and "examples of `reviews June.csv`" in found["verdict"]


def test_rows_that_it_learned_from_are_said_or_left_out(judge: Judge, tmp_path: Path, run: Run) -> None:
    learned = {text: label for text, label in ROWS}
    train = [row["text"] for row in kept_texts(judge, run)]
    file = june(tmp_path, *((f"  {text.upper()} ", learned[text]) for text in train[:3]))

    said = judge("said", file=file)
    clean = judge("clean", file=file, without_known=True)

    assert said["judged"]["known"] == 3 == clean["judged"]["known"]
    assert (said["judged"]["rows"], clean["judged"]["rows"]) == (len(NEW) + 3, len(NEW))
    assert said["verdict"].count("in the training rows too") == 1 and "left out" not in said["verdict"]
    assert ["Of these, learned from by this model", 3] in made.section(said).content["rows"]
    assert "3 rows that it learned from were left out." in clean["verdict"]


def kept_texts(judge: Judge, run: Run) -> list[dict[str, Any]]:
    found = judge("train", part="train")
    assert found["baselines"] == {} and "how well it remembers" in found["verdict"]
    texts: list[dict[str, Any]] = kept.read(run, "train").to_pylist()
    assert len(texts) == 128
    return texts


def test_labels_that_it_does_not_know_are_put_aside(judge: Judge, tmp_path: Path, run: Run) -> None:
    file = june(tmp_path, ("neither this nor that", "unsure"), ("", "good"), ("nor this", "unsure"))

    found = judge("june", file=file)

    assert found["judged"]["strange"] == {"unsure": 2}
    assert found["judged"]["rows"] == len(NEW) and found["judged"]["read"] == len(NEW) + 3
    assert dict(found["judged"]["aside"]) == {"nothing in `text`": 1, "with a label that the model does not know": 2}
    assert "2 rows could not be judged: the model does not know `unsure`." in found["verdict"]


def test_columns_are_found_by_their_names_their_roles_or_their_looks(judge: Judge, tmp_path: Path) -> None:
    other = write_csv(tmp_path / "other.csv", ("what they said", "verdict"), NEW)
    named_so = judge("said", file=str(other), columns={"text": "what they said", "label": "verdict"})
    guessed = judge("guessed", file=str(other))
    assert named_so["judged"]["rows"] == guessed["judged"]["rows"] == len(NEW)
    assert named_so["metrics"] == guessed["metrics"]

    lone = write_csv(tmp_path / "lone.csv", ("text",), [(text,) for text, _ in NEW])
    with pytest.raises(DataError, match=r"no column for: Label\. Call it .* `label`"):
        judge("lone", file=str(lone))


def test_another_run_s_test_rows_are_judged_without_those_it_learned_from(
    judge: Judge, tmp_path: Path, tiny_bert: Path, run: Run
) -> None:
    table = write_csv(tmp_path / "more.csv", ("text", "label"), [*ROWS[:80], *NEW, *NEW])
    other = run_on(table, tiny_bert, "more rows")
    theirs = _test_texts(other)

    found = judge("theirs", run=other.id)

    train = {row["text"] for row in kept_texts(judge, run)}
    judged = kept.read(run, "theirs")["text"].to_pylist()
    assert judged == [text for text in theirs if text not in train]
    assert found["judged"]["known"] == len(theirs) - len(judged) > 0
    assert "of the test part of “more rows”" in found["verdict"]


def _test_texts(run: Run) -> list[str]:
    from core.data.parts import load_parts

    texts: list[str] = load_parts(run.config).test["text"].to_pylist()
    return texts


def test_names_are_made_of_what_is_judged_and_never_taken_twice(run: Run) -> None:
    what = What(file="/data/Reviews (June).csv")
    assert named(run, "", what) == "reviews-june"
    assert named(run, "After the mending!", what) == "after-the-mending"
    (run.path / kept.FOLDER).mkdir()
    for taken in ("reviews-june.parquet", "reviews-june-2.json", "test.parquet"):
        (run.path / kept.FOLDER / taken).touch()
    assert named(run, "", what) == "reviews-june-3"
    assert named(run, "", what_of({})) == "test-2"
    for wrong in ({"part": "all"}, {"run": "2026-11-22-brave-otter"}, {"row": 3}):
        with pytest.raises(RunError):
            what_of(wrong)


@pytest.mark.parametrize("task", list(TASKS.values()), ids=list(TASKS))
def test_no_report_speaks_of_a_test_part_where_a_file_was_judged(task: Any) -> None:
    report = report_of(task)

    words = said_of(report["verdict"], "`june.csv`")
    sections = sections_of(task.sections(report), "`june.csv`", "june")

    for said in (words, *(f"{section.title} {section.help}" for section in sections)):
        assert not {"kept aside", "test part", "test examples"} & {
            said[place : place + 13].strip() for place in range(len(said))
        }
        assert "test part" not in said and "kept aside" not in said and " test " not in said
    assert "`june.csv`" in words
    assert all(section.content["judgement"] == "june" for section in sections)


@pytest.mark.slow
def test_a_person_has_a_file_judged_on_the_command_line(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, studio = june(tmp_path), Studio()
    assert cli.main(["judge", run.id, file, "--name", "By hand", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["report"] == studio.judgement(run.id, "by-hand")
    assert Path(printed["rows"]) == studio.judged_file(run.id, "by-hand")
    (line,) = studio.later_judgements(run.id)
    assert (line.name, line.title, line.rows) == ("by-hand", "reviews June.csv", len(NEW))
    titles = [section.title for section in studio.judgement_sections(run.id, "by-hand")]
    assert titles[:2] == ["Scores", "What was judged"]

    studio.delete_judgement(run.id, "by-hand")
    assert kept.names(run) == [] and studio.later_judgements(run.id) == []
    with pytest.raises(RunError):
        studio.judgement(run.id, "by-hand")


def test_what_cannot_be_judged_is_said_before_a_model_is_loaded(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["judge", run.id, str(tmp_path / "gone.csv")]) == 1
    assert "There is no file" in capsys.readouterr().err
    assert cli.main(["judge", run.id, "--part", "test", "--column", "text=words"]) == 2
    (run.model_path / "config.json").unlink()
    assert cli.main(["judge", run.id]) == 1
    assert "no model to judge" in capsys.readouterr().err


@pytest.mark.slow
def test_who_cancels_need_not_wait_for_a_model_to_load(run: Run) -> None:
    studio = Studio()
    try:
        assert studio.begin_judging(run.id, {"part": "train"}) == "train"
        wait_for(studio, run, lambda errand: ("file", run.path, False) in studio._predictors._children)
        assert (told := studio.errand(run.id, "judge")) and (told.state, told.words) == ("going", "Loading the model")
        with pytest.raises(RunError, match="done already"):
            studio.begin_judging(run.id, {})
        studio.cancel_errand(run.id, "judge")
        wait_for(studio, run, lambda errand: errand.state == "cancelled")
        assert studio.later_judgements(run.id) == []
    finally:
        studio.close()


def wait_for(studio: Studio, run: Run, holds: Callable[[Errand], bool]) -> Errand:
    deadline = time.monotonic() + 120
    while not holds(errand := studio.errand(run.id, "judge") or Errand()):
        assert time.monotonic() < deadline and errand.state != "failed", errand
        time.sleep(0.02)
    return errand
