"""Text to text: tables that are recognised, rows that are refused, and models of two kinds that learn to rewrite."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import torch

from core import events, runs
from core.config import validate
from core.data.preview import preview
from core.data.types import Column, Examples, Finding, Preview
from core.errors import PredictionError
from core.evaluation import rewriting
from core.models import blocks, seq2seq
from core.models.seq2seq import Written
from core.prediction.inference import ROWS_AT_A_TIME, run_model, slices
from core.prediction.predictor import Predictor
from core.tasks import TASKS
from core.tasks.base import Context, Piece
from tests.making import write_csv

pytestmark = pytest.mark.filterwarnings("ignore:Version v4.12.0:FutureWarning")

TASK = TASKS["sequence-to-sequence"]
ROWS = 1000
FREE = ("What is it like in May?", "Where do I find the key to the cellar?")


def column(name: str, kind: Any = "text", examples: tuple[str, ...] = FREE, fields: tuple[str, ...] = ()) -> Column:
    return Column(name, kind, 0, ROWS if kind == "text" else 4, examples, sum(map(len, examples)) / 2, 90, fields)


def guessed(*columns: Column) -> tuple[Any, float]:
    found = TASK.guess(Preview("t", "t", "csv", ROWS, 0, columns, ()))
    return (found.columns, found.score) if found else ({}, 0.0)


class TestGuess:
    @pytest.mark.parametrize(
        ("names", "source", "target"),
        [
            (("source", "target"), "source", "target"),
            (("en", "fr"), "en", "fr"),
            (("text_en", "text_de"), "text_en", "text_de"),
            (("id", "article", "summary"), "article", "summary"),
            (("text", "corrected"), "text", "corrected"),
            (("Input", "Output"), "Input", "Output"),
            (("question", "answer"), "question", "answer"),
        ],
    )
    def test_pairs_by_their_names(self, names: tuple[str, ...], source: str, target: str) -> None:
        found, score = guessed(*(column(name) for name in names))
        assert found == {"source": source, "target": target} and score >= 0.6

    def test_two_texts_are_possible_for_want_of_better(self) -> None:
        found, score = guessed(column("first thing"), column("second thing"))
        assert found == {"source": "first thing", "target": "second thing"} and score < 0.3

    @pytest.mark.parametrize(
        "columns",
        [
            [column("text"), column("label", "category", ("good", "bad"))],
            [column("source"), column("target", "category", ("good", "bad"))],
            [column("question"), column("answer"), column("context")],
            [column("question"), column("answers", "list", fields=("text", "answer_start"))],
            [column("text"), column("score", "number", ("1.5", "2"))],
            [column("text")],
            [column("text_a"), column("text_b"), column("label", "category", ("yes", "no"))],
        ],
    )
    def test_other_tables_are_left_to_others(self, columns: list[Column]) -> None:
        assert guessed(*columns) == ({}, 0.0)

    def test_the_sample_is_recognised(self) -> None:
        found = TASK.guess(preview("sample/corrections"))
        assert found and found.columns == {"source": "text", "target": "corrected"} and len(found.reasons) == 2


def examples(source: list[Any], target: list[Any], **options: Any) -> Examples:
    return TASK.examples(pa.table({"s": source, "t": target}), {"source": "s", "target": "t"}, TASK.options(**options))


def by_code(found: Examples) -> dict[str, Finding]:
    return {finding.code: finding for finding in found.findings}


class TestExamples:
    def test_rows_without_a_text_are_left_out_and_named(self) -> None:
        found = examples([" a b ", "", "c", "d"], ["x", "y", None, "d"])
        assert found.table.to_pylist() == [
            {"source": "a b", "target": "x", "row": 1},
            {"source": "d", "target": "d", "row": 4},
        ]
        codes = {code: finding.rows for code, finding in by_code(found).items()}
        assert codes == {"empty-source": (2,), "empty-target": (3,), "equal-texts": (4,)}

    def test_copies_and_sources_with_several_targets(self) -> None:
        found = by_code(examples(["a", "a", "b", "b"], ["1", "1", "2", "3"]))
        assert found["duplicates"].rows == (2,) and found["several-answers"].rows == (3, 4)

    def test_targets_that_will_be_cut_are_counted(self) -> None:
        found = by_code(examples(["a", "b"], ["short", "word " * 40], max_target_length=30))["long-target"]
        assert found.rows == (2,) and found.severity == "warning" and "50 %" in found.title and "Raise" in found.fix
        assert "long-target" not in by_code(examples(["a"], ["word " * 40], max_target_length=64))
        assert by_code(examples(["a"], ["字" * 400], max_target_length=64))["long-target"].count == 1

    def test_nothing_to_learn_is_an_error(self) -> None:
        assert by_code(examples([""], ["x"]))["no-rows"].severity == "error"
        assert TASK.examples(pa.table({"s": ["x"]}), {"source": "s"}, TASK.options()).errors

    def test_what_is_said_of_a_model_before_the_start(self, tiny_t5: Path, tiny_encoder_decoder: Path) -> None:
        (note,) = TASK.remarks(None, None, TASK.options())
        assert "not on this machine" in note.title and "folder" in note.detail
        assert "words before each text" in TASK.remarks(tiny_t5, None, TASK.options())[0].title
        assert TASK.remarks(tiny_t5, None, TASK.options(source_prefix="fix: ")) == ()
        assert TASK.remarks(tiny_encoder_decoder, None, TASK.options()) == ()


def context(folder: Path, **options: Any) -> Context:
    tokenizer, _ = TASK.load_tokenizer(str(folder), None)
    return Context(tokenizer, examples(["a"], ["b"]).target, 32, TASK.options(max_target_length=16, **options))


PAIRS: dict[str, list[Any]] = {
    "source": ["the soup was cold", "bad phone", "a"],
    "target": ["warm soup", "great phone, the battery", "b"],
}
JUDGED = {**PAIRS, "written": [True] * 3}


class TestEncode:
    def test_a_prefix_and_the_limits(self, tiny_t5: Path) -> None:
        one = context(tiny_t5, source_prefix="the film: ")
        found = TASK.encode({"source": ["soup", "soup " * 90], "target": ["bread", "bread " * 90]}, one, "train")
        assert one.tokenizer.decode(found["input_ids"][0], skip_special_tokens=True).startswith("the film")
        assert (
            [len(ids) <= 32 for ids in found["input_ids"]] == [len(ids) <= 16 for ids in found["labels"]] == [True] * 2
        )
        end = one.tokenizer.eos_token_id
        assert all(ids[-1] == end for ids in (*found["input_ids"], *found["labels"]))
        assert "written" not in found
        assert set(TASK.encode({"source": ["x"]}, one, "predict")) == {"input_ids"}

    def test_of_a_whole_part_at_most_some_rows_are_written_out(self, tiny_t5: Path) -> None:
        one, rows = context(tiny_t5), ROWS_AT_A_TIME + 10
        table = TASK.judged_rows(pa.table({"source": ["a"] * rows, "target": ["b"] * rows}), one)
        written = [
            mark for _, part in slices(table.to_pydict()) for mark in TASK.encode(part, one, "evaluate")["written"]
        ]
        assert len(written) == rows and sum(written) == seq2seq.WRITTEN
        assert sum(written[: rows // 2]) == seq2seq.WRITTEN / 2
        without = context(tiny_t5, predict_with_generate=False)
        assert "written" not in TASK.encode(table.slice(0, 3).to_pydict(), without, "evaluate")
        assert seq2seq.chosen(3) == [True] * 3 and seq2seq.chosen(0) == []


@pytest.fixture(params=["tiny_t5", "tiny_encoder_decoder"])
def folder(request: pytest.FixtureRequest) -> Path:
    return request.getfixturevalue(request.param)


class TestForward:
    def test_padding_changes_nothing_and_the_loss_is_the_models_own(self, folder: Path) -> None:
        one = context(folder)
        model = TASK.build_model(str(folder), one).model.eval()
        encoded = TASK.encode(JUDGED, one, "evaluate")
        pieces = [{name: values[place] for name, values in encoded.items()} for place in range(3)]
        with torch.inference_mode():
            together = self.forward(model, pieces, one)
            alone = [self.forward(model, [piece], one).outputs[0] for piece in pieces]
            batch = TASK.collator(one, "train")(
                [{k: v for k, v in piece.items() if k != "written"} for piece in pieces]
            )
            scored = TASK.loss(model, batch)
        assert together.total == pytest.approx(float(scored.total), rel=1e-5) and together.items == int(scored.items)
        for found, single in zip(together.outputs, alone, strict=True):
            assert found.nll == pytest.approx(single.nll, rel=1e-4) and found.tokens == single.tokens
            assert found.text == single.text
        outputs = TASK.finish([[Piece({}, output)] for output in together.outputs], one)
        table = pa.table({**PAIRS, "row": [1, 2, 3]})
        assert set(TASK.metrics_of(outputs, table, one)) == {metric.name for metric in TASK.metrics}
        assert TASK.judge(outputs, table, one)["loss"] == pytest.approx(together.total / together.items)

    def test_logits_of_a_few_texts_at_a_time_say_the_same(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        one = context(folder, predict_with_generate=False)
        model = TASK.build_model(str(folder), one).model
        asked: list[int] = []
        model.register_forward_pre_hook(lambda _, args, given: asked.append(len(given["labels"])), with_kwargs=True)
        whole = run_model(model, TASK, one, PAIRS, "evaluate")
        monkeypatch.setattr(blocks, "_LOGITS_AT_ONCE", 1)
        parted = run_model(model, TASK, one, PAIRS, "evaluate")
        assert asked == [3, 1, 1, 1]
        assert [found.tokens for found in parted.rows] == [found.tokens for found in whole.rows]
        assert [found.nll for found in parted.rows] == pytest.approx([found.nll for found in whole.rows], rel=1e-5)

    @pytest.mark.parametrize("source", [None, "", "  "])
    def test_nothing_to_start_from_is_said(self, tiny_t5: Path, source: str | None) -> None:
        one = context(tiny_t5)
        model = TASK.build_model(str(tiny_t5), one).model
        with pytest.raises(PredictionError, match="no text"):
            list(TASK.write(model, {"source": source}, one, TASK.knobs()))

    def forward(self, model: Any, pieces: list[dict[str, Any]], one: Context) -> Any:
        return TASK.forward(model, TASK.collator(one, "evaluate")(pieces), one, "evaluate", TASK.loss)

    def test_without_writing_only_the_loss_is_measured(self, tiny_t5: Path) -> None:
        one = context(tiny_t5, predict_with_generate=False)
        model = TASK.build_model(str(tiny_t5), one).model.eval()
        encoded = TASK.encode(JUDGED, one, "evaluate")
        with torch.inference_mode():
            forwarded = self.forward(model, [{k: v[n] for k, v in encoded.items()} for n in range(3)], one)
        table = pa.table({**PAIRS, "row": [1, 2, 3]})
        assert set(TASK.metrics_of(forwarded.outputs, table, one)) == {"loss"}
        found = TASK.judge(forwarded.outputs, table, one)
        report = {"metrics": {"test": found}, "baselines": TASK.baselines(None, table, one, forwarded.outputs, found)}
        assert "No text was written" in TASK.verdict(report)
        assert [section.kind for section in TASK.sections(report)] == ["scores"]
        assert TASK.comparable(forwarded.outputs, table, one) == ([], [])


def outputs(*texts: str | None) -> list[Written]:
    return [Written(2.0, 2, text) for text in texts]


class TestReport:
    sources = ("a cat", "two dog", "the house", "one mouse")
    targets = ("a cat", "two dogs", "the houses", "one mouse")

    def report(self, *texts: str | None) -> dict[str, Any]:
        rows = range(1, 5)
        found = rewriting.judge(outputs(*texts), self.targets, self.sources, rows)
        before = rewriting.judge(outputs(*(text and "zzz" for text in texts)), self.targets, self.sources, rows)
        others = rewriting.baselines(outputs(*texts), self.targets, self.sources, rows, before)
        mistakes = rewriting.mistakes(outputs(*texts), self.targets, self.sources, rows)
        return {"metrics": {"test": found}, "baselines": others, "mistakes": mistakes}

    def test_answers_stand_beside_those_before_training(self) -> None:
        report = self.report("a cat", "two dogs", "xx", None)
        assert report["metrics"]["test"]["rows"] == 4 and report["metrics"]["test"]["written"] == 3
        assert report["metrics"]["test"]["exact_match"] == pytest.approx(2 / 3)
        assert report["baselines"]["copy"]["exact_match"] == pytest.approx(1 / 3)
        (worst,) = report["mistakes"]
        assert (worst["row"], worst["answer"], worst["target"]) == (3, "xx", "the houses")
        side = next(section for section in TASK.sections(report) if section.kind == "samples")
        assert side.content["rows"][0] == ["the house", "zzz", "xx", "the houses"]
        scores = next(section for section in TASK.sections(report) if section.kind == "scores")
        assert {"ROUGE-1", "ROUGE-2", "ROUGE-L"} <= {row["label"] for row in scores.content["rows"]}
        verdict = TASK.verdict(report)
        assert "3 of the 4 examples" in verdict and "just copying the source" in verdict and "cannot tell" in verdict

    def test_a_bad_model_is_called_bad(self) -> None:
        rows = range(1, 61)
        sources, bad = [f"sentence {n} of some length" for n in rows], outputs(*["zz"] * 60)
        found = rewriting.judge(bad, sources, sources, list(rows))
        others = rewriting.baselines(bad, sources, sources, list(rows), None)
        verdict = TASK.verdict({"metrics": {"test": found}, "baselines": others})
        assert "none of them is right" in verdict and "clearly worse than just copying the source (100; " in verdict
        tested = others["copy"]["comparison"]["difference"]
        assert f"taken text by text, {-tested:.1f} points less on average" in verdict and tested < 0
        silent = rewriting.judge(outputs(*[""] * 60), sources, sources, list(rows))
        assert "wrote nothing at all for 60 examples" in TASK.verdict({"metrics": {"test": silent}})
        assert "nothing can be said" in TASK.verdict({"metrics": {"test": {"rows": 0}}})
        assert "also chose the best version" in TASK.verdict({"metrics": {"validation": found}})


@pytest.fixture
def _own_termination() -> Iterator[None]:
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.mark.slow
def test_a_tiny_model_learns_to_rewrite(folder: Path, tmp_path: Path, _own_termination: None) -> None:
    words = {"cold": "warm", "dull": "good", "bad": "great", "late": "early"}
    rows = [
        (f"the {thing} was {bad} {n}", good)
        for n in range(6)
        for thing in ("soup", "film", "box")
        for bad, good in words.items()
    ]
    source = write_csv(tmp_path / "t.csv", ["source", "target"], rows)
    run = runs.create(
        validate(
            {
                "task": TASK.id,
                "data": {"source": str(source), "columns": {"source": "source", "target": "target"}},
                "model": {"checkpoint": str(folder)},
                "training": {
                    "num_train_epochs": 30,
                    "learning_rate": 1e-2 if "t5" in folder.name else 3e-3,
                    "max_length": 32,
                    "eval_strategy": "steps",
                    "eval_steps": 120,
                    "per_device_train_batch_size": 8,
                },
                "options": {"max_target_length": 8},
            }
        )
    )
    from core.training import job

    log = events.EventLog(run.events_path)
    try:
        job.train(run, log)
    finally:
        log.close()
    report = run.report
    assert report and report["metrics"]["test"]["exact_match"] > 0.8, report["metrics"]["test"]
    assert report["baselines"]["before"]["comparison"]["clearly"] == "better"
    predictor = Predictor(run)
    assert predictor.answers({"source": ["the film was late 3"]}) == [{"text": "early"}]
    for knobs in ({}, {"num_beams": 2}):
        assert list(predictor.write({"source": "the box was cold 2"}, knobs))[-1]["text"].strip() == "warm"
    from transformers import AutoModelForSeq2SeqLM

    _, loading = AutoModelForSeq2SeqLM.from_pretrained(run.model_path, output_loading_info=True)
    assert not loading["missing_keys"]
