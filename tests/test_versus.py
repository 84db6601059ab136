"""Runs beside each other: which rows count, what is said of them, and that every number is the library's."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from scipy.stats import binomtest
from sklearn.metrics import f1_score, root_mean_squared_error

from core import cli, events, home, runs
from core.errors import RunError
from core.evaluation.rows import classed, pointed, tags, written
from core.judging import kept
from core.studio import Studio
from core.versus import marks, set_marks, text_marks, verdicts
from core.versus.aligned import FOR_ANOTHER, lacking
from core.versus.curves import curves
from tests import shelf
from tests.making import run_with, started, stepped
from tests.versus_making import judged, rows

MANY = range(1, 401)


@pytest.fixture
def studio() -> Any:
    door = Studio()
    yield door
    door.close()


def test_marks_of_classes_are_those_of_the_libraries() -> None:
    first, other = (pa.table(rows(MANY, right, seed)) for right, seed in ((0.7, 1), (0.85, 2)))
    truth, mine, theirs = (np.array(one.to_pylist()) for one in (first["truth"], first["answer"], other["answer"]))
    only_mine, only_theirs = (
        int(((mine == truth) & (theirs != truth)).sum()),
        int(((mine != truth) & (theirs == truth)).sum()),
    )

    right, f1 = marks.classes(first, other)

    assert right.first == (mine == truth).mean() and right.other == (theirs == truth).mean()
    assert right.p_value == binomtest(only_theirs, only_mine + only_theirs, 0.5).pvalue
    assert right.way == "mcnemar" and right.clearly == "better"
    drawn = np.random.default_rng(9).integers(0, 400, (4000, 400))
    gained = (theirs == truth).astype(float) - (mine == truth)
    low, high = np.quantile(gained[drawn].mean(1), [0.025, 0.975])
    assert right.low == pytest.approx(low, abs=0.01) and right.high == pytest.approx(high, abs=0.01)
    assert f1.first == pytest.approx(f1_score(truth, mine, average="macro"))
    assert f1.other == pytest.approx(f1_score(truth, theirs, average="macro"))
    assert f1.difference == pytest.approx(f1.other - f1.first) and f1.p_value < 0.01


def test_numbers_are_compared_by_their_distance_and_less_is_better() -> None:
    random = np.random.default_rng(3)
    truth = random.normal(size=200)
    tables = [
        pa.table({"truth": truth, "answer": truth + random.normal(size=200) * wide, "error": np.ones(200)})
        for wide in (1.0, 0.3)
    ]

    rmse, mae = marks.numbers(*tables)

    assert rmse.first == pytest.approx(root_mean_squared_error(truth, tables[0]["answer"].to_numpy()))
    assert rmse.clearly == mae.clearly == "better" and rmse.difference < 0
    back = marks.numbers(tables[1], tables[0])[0]
    assert back.clearly == "worse"
    assert marks.by_error(tables[0], tables[1])[0].p_value == 1


def test_several_p_values_are_corrected_as_holm_does() -> None:
    assert verdicts.holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert verdicts.holm([0.5, 0.001]) == [0.5, 0.002]
    assert verdicts.chance(0.0031).startswith("p = 0.003") and "3 of 1,000" in verdicts.chance(0.0031)
    assert "fewer than 1 of 1,000" in verdicts.chance(1e-9)


def test_the_same_rows_give_a_verdict_whichever_order_they_were_kept_in(studio: Studio) -> None:
    first = judged(home.home(), "A", rows(MANY, 0.7, 1))
    other = judged(home.home(), "B", rows([*reversed(MANY)], 0.85, 2), training__learning_rate=1e-4)
    third = judged(home.home(), "C", rows(MANY, 0.7, 5))

    two = studio.versus([first.id, other.id])

    assert two.same.kind == "same" and two.same.rows == 400
    assert two.verdict.startswith("“B” is better than “A”: ") and "more right answers (between" in two.verdict
    assert two.settings[0].label == "Learning rate" and two.settings[0].values == ("0.00005", "0.0001")
    mine, theirs = (kept.read(run, "test").to_pandas().set_index("row")["error"].sort_index() for run in (first, other))
    assert (two.against[0].better, two.against[0].worse) == (int((theirs < mine).sum()), int((theirs > mine).sum()))
    page = studio.changed_rows([first.id, other.id], other.id, "worse", start=1, count=3)
    assert page.total == two.against[0].worse and len(page.rows) == 3
    assert all(row.first == row.truth != row.other and row.texts["Text"] == f"row {row.row}" for row in page.rows)
    assert "“A” is better than" not in studio.versus([other.id, first.id]).verdict

    three = studio.versus([first.id, other.id, third.id])
    assert (
        "Better than “A”: “B”." in three.verdict and "Not to be told apart from “A” on 400 rows: “C”." in three.verdict
    )
    alone = studio.versus([first.id, third.id]).against[0].marks[0].p_value
    assert three.against[1].marks[0].p_value == pytest.approx(min(1, alone))
    with pytest.raises(RunError):
        studio.versus([first.id, first.id])


def test_mended_labels_count_by_the_newer_truth_and_few_rows_settle_nothing(studio: Studio) -> None:
    first = judged(home.home(), "A", rows(range(1, 41), 1.0))
    mended = rows(range(1, 39), 1.0, truths={3: "good", 4: "so so"})
    other = judged(home.home(), "B", mended)

    found = studio.versus([first.id, other.id])

    assert found.same.kind == "shared" and found.same.rows == 38 and found.same.mended == 2
    assert "38 of up to 40" in found.same.reasons[0]
    mark = found.against[0].marks[0]
    assert (mark.first, mark.other) == (36 / 38, 1.0)
    assert found.verdict.startswith("Cannot tell “B” and “A” apart on 38 rows.") and "rows to show it" in found.verdict


def test_other_rows_are_said_and_count_once_both_were_asked(studio: Studio, capsys: pytest.CaptureFixture[str]) -> None:
    first = judged(home.home(), "A", rows(range(1, 101), 0.6, 1))
    other = judged(home.home(), "B", rows(range(96, 200), 0.9, 2), data__split__seed=7)

    before = studio.versus([first.id, other.id])

    assert before.same.kind == "other" and before.same.can_judge and not before.against
    assert before.verdict.startswith("They were not judged on the same rows.") and "seed of the split" in before.verdict
    assert before.settings[0].label == "Split: seed"
    assert "Only 5 of the rows" in before.verdict
    assert cli.main(["compare", first.id, other.id]) == 0
    assert "each on its own test rows" in capsys.readouterr().out
    kept.write(first, f"{FOR_ANOTHER}{other.id}", pa.table(rows(range(120, 200), 0.6, 3)))
    kept.write(other, f"{FOR_ANOTHER}{first.id}", pa.table(rows(range(1, 21), 0.9, 4)))
    for run, seed in ((first, 6), (other, 7)):
        kept.write(run, "june", pa.table(rows(range(500, 510), 1.0, seed)))
        told = {"judged": {"run": "", "part": "", "is_checked": True, "known": 0, "known_left_out": False}}
        (run.path / "judgements" / "june.json").write_text(json.dumps(told), encoding="utf-8")
    kept.write(first, "validation", pa.table(rows([150, 151], 1.0)))
    after = studio.versus([first.id, other.id])
    assert after.same.kind == "judged" and after.same.rows == 5 + 78 + 20 + 10
    assert after.against[0].clearly == "better" and lacking([first, other]) == []
    assert cli.main(["compare", "--json", first.id, other.id]) == 0
    assert json.loads(capsys.readouterr().out)["versus"]["against"][0]["clearly"] == "better"


def test_what_is_missing_is_said(studio: Studio) -> None:
    old, new = judged(home.home(), "old", None), judged(home.home(), "new", rows(MANY, 0.7))
    going = run_with(started())
    going.rename("going")

    assert "“old” were not kept" in studio.versus([old.id, new.id]).verdict
    found = studio.versus([new.id, going.id])
    assert "“going” has not been judged" in found.verdict and not found.same.can_judge
    assert {one.metric for one in found.marks} >= {"accuracy", "f1_macro"}
    with pytest.raises(RunError, match="no model"):
        studio.judge_on_same_rows([new.id, going.id])


def test_curves_are_bounded_without_what_a_restart_made_void() -> None:
    many = [*shelf.training(2000, every=2), started(resumed_from_step=1500), stepped(1502, 9.0)]
    run = run_with(*many)

    drawn = {one.name: one for one in curves(run)}

    loss = drawn["training_loss"].points
    assert 100 < len(loss) <= 400 and loss[-1][:2] == (1502, 9.0)
    step, value, epoch, seconds, examples, tokens = drawn["f1_macro"].points[1]
    assert (step, epoch, seconds, examples, tokens) == (100, 1.0, 100.0, 1000, 12_000) and value == pytest.approx(
        0.88 - 0.4 * np.exp(-1.25)
    )
    assert max(point[0] or 0 for point in drawn["loss"].points) == 1500
    assert isinstance(events.last(run.events_path), events.Stepped) and runs.find(run.id) == run


def test_what_each_task_keeps_is_compared_by_its_own_marks() -> None:
    labels, truth = ["a", "b"], np.array([[1, 0], [1, 1], [0, 0], [0, 1]] * 20, dtype=bool)
    said = [
        np.array(one * 20, dtype=bool) for one in ([[1, 0], [0, 1], [0, 1], [0, 1]], [[1, 0], [1, 1], [0, 0], [1, 1]])
    ]
    names = [[label for label, has in zip(labels, row, strict=True) if has] for row in truth]
    found = [classed.of_labels(np.full(truth.shape, 0.5), truth, own, labels) for own in said]
    micro, whole = set_marks.labels(*(pa.table({"labels": names, **one}) for one in found))
    for got, own in zip((micro.first, micro.other), said, strict=True):
        assert got == pytest.approx(f1_score(truth, own, average="micro"))
    assert (whole.first, whole.other, whole.clearly) == (0.5, 0.75, "better")

    words, wanted = [["in", "old", "York"]] * 30, [["O", "B-CITY", "I-CITY"], ["O", "O", "B-DAY"]] * 15
    half = [["O", "O", "B-CITY"], ["O", "O", "B-DAY"]] * 15
    marked = [tags.columns(own, [[0.9] * 3] * 30, words, wanted, False) for own in (half, wanted)]
    f1, right = set_marks.entities(*(pa.table({"tags": wanted, **one}) for one in marked))
    assert (f1.first, f1.other, f1.clearly, right.other) == (0.5, 1.0, "better", 1.0)

    asked = pa.table({"question": ["who came"] * 30, "context": ["Ann came"] * 30, "answers": [["Ann"]] * 30})
    records = [[{"answer": one, "score": 0.5, "start": 0, "end": 3}] * 30 for one in ("came", "Ann")]
    answered = [pa.table(pointed.columns(own, asked)) for own in records]
    assert [(one.first, one.other, one.clearly) for one in text_marks.answers(*answered)] == [(0, 1, "better")] * 2
    outputs = [[SimpleNamespace(text=one, nll=1.0, tokens=2)] * 30 for one in ("xyz", "Ann")]
    texts = [pa.table(written.columns(own, ["Ann"] * 30, ["?"] * 30)) for own in outputs]
    assert [(one.other, one.clearly) for one in text_marks.written(*texts)] == [(1, "better")] * 2

    tokens = np.full(50, 4)
    guessed = [pa.table({"nll": tokens * loss, "right": [2] * 50, "tokens": tokens}) for loss in (1.0, 0.5)]
    assert text_marks.guessed(*guessed)[0].other == pytest.approx(np.exp(0.5))
    assert text_marks.guessed(guessed[0], pa.table({"nll": tokens, "right": tokens, "tokens": tokens + 1})) == []
