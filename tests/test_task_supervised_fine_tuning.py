"""Chat and instructions: tables that are recognised, rows that are refused, and a tiny model that learns to answer."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from core import events, runs
from core.config import validate
from core.data.preview import preview
from core.data.types import Column, Examples, Finding, Preview
from core.errors import DataError
from core.models import blocks, causal
from core.prediction.inference import run_model
from core.prediction.predictor import Predictor
from core.tasks import TASKS
from core.tasks.base import Context, Piece
from tests.making import write_csv

TASK = TASKS["supervised-fine-tuning"]
ROWS = 1000
FREE = ("What is it like in May?", "Where do I find the key to the cellar?")


def column(name: str, kind: Any = "text", examples: tuple[str, ...] = FREE, fields: tuple[str, ...] = ()) -> Column:
    return Column(name, kind, 0, ROWS, examples, 30.0, 90, fields)


def guessed(*columns: Column) -> tuple[Any, float]:
    found = TASK.guess(Preview("t", "t", "csv", ROWS, 0, columns, ()))
    return (found.columns, found.score) if found else ({}, 0.0)


class TestGuess:
    @pytest.mark.parametrize(
        ("columns", "expected", "score"),
        [
            ([column("chat", "list", fields=("role", "content"))], {"messages": "chat"}, 0.9),
            ([column("id"), column("talk", "list", fields=("from", "value"))], {"messages": "talk"}, 0.9),
            ([column("dialog", examples=('[{"role": "user", "content": "hi…',) * 3)], {"messages": "dialog"}, 0.9),
            ([column("dialog", examples=("[{'from': 'human', 'value': 'hi…",) * 3)], {"messages": "dialog"}, 0.9),
            ([column("text", examples=("<|im_start|>user\nhi<|im_end|>",))], {"messages": "text"}, 0.9),
            (
                [column("instruction"), column("input"), column("output")],
                {"instruction": "instruction", "input": "input", "output": "output"},
                0.9,
            ),
            ([column("Instruction"), column("Response")], {"instruction": "Instruction", "output": "Response"}, 0.9),
            ([column("prompt"), column("completion")], {"prompt": "prompt", "response": "completion"}, 0.8),
            ([column("user"), column("assistant")], {"prompt": "user", "response": "assistant"}, 0.8),
        ],
    )
    def test_forms_and_names(self, columns: list[Column], expected: dict[str, str], score: float) -> None:
        found, sure = guessed(*columns)
        assert found == expected and sure >= score

    @pytest.mark.parametrize(
        "columns",
        [
            [column("text"), column("label", "category", ("good", "bad"))],
            [column("question"), column("context"), column("answers", "list", fields=("text", "answer_start"))],
            [column("prompt"), column("response", "category", ("yes", "no"))],
            [column("tokens", "list", fields=("string",)), column("tags", "list", fields=("string",))],
            [column("source"), column("target")],
            [column("question"), column("answer")],
        ],
    )
    def test_other_tables_are_left_to_others(self, columns: list[Column]) -> None:
        assert guessed(*columns) == ({}, 0.0)

    def test_the_sample_and_a_file_are_recognised(self, tmp_path: Path) -> None:
        found = TASK.guess(preview("sample/shop_chat"))
        assert found and found.columns == {"messages": "messages"}
        path = write_csv(
            tmp_path / "t.csv", ["prompt", "response"], [(f"ask {n} now", f"answer {n}") for n in range(9)]
        )
        found = TASK.guess(preview(str(path)))
        assert found and found.columns == {"prompt": "prompt", "response": "response"} and len(found.reasons) == 2


def examples(columns: dict[str, str], **values: list[Any]) -> Examples:
    return TASK.examples(pa.table(values), columns, TASK.options())


def by_code(found: Examples) -> dict[str, Finding]:
    return {finding.code: finding for finding in found.findings}


class TestExamples:
    def test_prompts_and_responses(self) -> None:
        found = examples({"prompt": "p", "response": "r"}, p=[" Hi ", "", "Why?", "x"], r=["Hello", "a", None, "y"])
        assert found.table.to_pylist() == [
            {"messages": _asked("Hi"), "answer": "Hello", "text": "Hi\nHello", "row": 1},
            {"messages": _asked("x"), "answer": "y", "text": "x\ny", "row": 4},
        ]
        assert {code: finding.rows for code, finding in by_code(found).items()} == {
            "empty-prompt": (2,),
            "empty-response": (3,),
        }

    def test_an_input_stands_below_its_instruction(self) -> None:
        columns = {"instruction": "i", "input": "x", "output": "o"}
        found = examples(columns, i=["Add", "Say hi", ""], x=["1 and 2", None, "3"], o=["3", "hi", "4"])
        assert found.table["messages"].to_pylist() == [_asked("Add\n\n1 and 2"), _asked("Say hi")]
        assert by_code(found)["empty-instruction"].rows == (3,)

    def test_whole_conversations_and_their_problems(self) -> None:
        good = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]
        tool = [*good, {"role": "tool", "content": "3"}]
        found = examples({"messages": "m"}, m=[good, tool, good[:1], [*good, good[0]], [good[0], *good]])
        assert found.table["row"].to_pylist() == [1, 4, 5]
        codes = by_code(found)
        assert {code: codes[code].rows for code in ("unknown-role", "no-answer", "cut-ending", "merged-turns")} == {
            "unknown-role": (2,),
            "no-answer": (3,),
            "cut-ending": (4,),
            "merged-turns": (5,),
        }
        assert all(codes[code].fix for code in ("unknown-role", "no-answer"))

    def test_copies_and_questions_with_several_answers(self) -> None:
        found = by_code(examples({"prompt": "p", "response": "r"}, p=["a", "a", "b", "b"], r=["1", "1", "1", "2"]))
        assert found["duplicates"].rows == (2,) and found["several-answers"].rows == (3, 4)

    def test_nothing_to_learn_is_an_error(self) -> None:
        assert by_code(examples({"messages": "m"}, m=["x", "y"]))["no-rows"].severity == "error"
        assert by_code(examples({"prompt": "p"}, p=["x"]))["no-column"].severity == "error"
        assert [role.name for role in TASK.lacking({"instruction": "i"})] == ["output"]

    def test_many_rows_take_seconds(self) -> None:
        import time

        texts = [f"question number {row}" for row in range(100_000)]
        began = time.monotonic()
        found = examples({"prompt": "p", "response": "r"}, p=texts, r=texts)
        assert found.table.num_rows == 100_000 and time.monotonic() - began < 10

    def test_questions_come_in_the_same_forms(self) -> None:
        table = pa.table({"p": ["Hi", "", "x"]})
        found = TASK.questions(table, {"prompt": "p"})
        assert (found.columns["messages"][0], list(found.usable)) == (_asked("Hi"), [0, 2])
        asked = TASK.questions(pa.table({"messages": [_asked("Hi"), None]}), {"messages": "messages"})
        assert asked.columns["messages"][0] == _asked("Hi") and list(asked.usable) == [0]


def _asked(*said: str) -> str:
    return json.dumps([{"role": "user", "content": text} for text in said], ensure_ascii=False)


class TestEncode:
    def context(self, folder: Path, **options: Any) -> Context:
        tokenizer, _ = TASK.load_tokenizer(str(folder), None)
        return Context(
            tokenizer, examples({"prompt": "p", "response": "r"}, p=["a"], r=["b"]).target, 64, TASK.options(**options)
        )

    def test_only_the_answer_has_labels(self, tiny_chat: Path) -> None:
        context = self.context(tiny_chat, system_prompt="be kind")
        found = TASK.encode({"messages": [_asked("Hi 你好")], "answer": ["warm bread 👋"]}, context, "train")
        (ids,), (labels,) = found["input_ids"], found["labels"]
        assert (
            context.tokenizer.decode(ids) == "<|system|>be kind<end><|user|>Hi 你好<end><|assistant|>warm bread 👋<end>"
        )
        assert context.tokenizer.decode([label for label in labels if label >= 0]) == "warm bread 👋<end>"

    def test_to_answer_it_ends_with_a_prompt(self, tiny_chat: Path) -> None:
        context = self.context(tiny_chat)
        found = TASK.encode({"messages": [_asked("Hi")]}, context, "predict")
        assert "labels" not in found and context.tokenizer.decode(found["input_ids"][0]).endswith("<|assistant|>")

    def test_scores_are_of_the_answers_tokens(self, tiny_chat: Path) -> None:
        import torch

        context = self.context(tiny_chat)
        model = TASK.build_model(str(tiny_chat), context).model.eval()
        rows = {"messages": [_asked("Hi"), _asked("a much longer question")], "answer": ["yes", "no, never"]}
        found = TASK.encode(rows, context, "evaluate")
        batch = TASK.collator(context, "evaluate")([{k: v[n] for k, v in found.items()} for n in range(2)])
        with torch.inference_mode():
            forwarded = TASK.forward(model, batch, context, "evaluate", TASK.loss)
            scored = TASK.loss(model, batch)
        assert forwarded.items == int(scored.items) and forwarded.total == pytest.approx(float(scored.total), rel=1e-5)
        outputs = TASK.finish([[Piece({}, output)] for output in forwarded.outputs], context)
        assert TASK.metrics_of(outputs, None, context)["loss"] == pytest.approx(forwarded.total / forwarded.items)
        guessed, right = TASK.comparable(outputs, None, context)
        assert len(guessed) == len(right) == forwarded.items
        assert TASK.metrics_of(outputs, None, context)["token_accuracy"] == pytest.approx(np.mean(guessed == right))

    def test_a_model_without_a_form_for_conversations_is_remarked(self, tiny_llama: Path, tiny_chat: Path) -> None:
        (note,) = TASK.remarks(tiny_llama, None, TASK.options())
        assert "ChatML" in note.title and not TASK.remarks(tiny_chat, None, TASK.options())
        assert TASK.remarks(None, None, TASK.options()) == ()


STRICT = (
    "{% for message in messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('Roles must alternate') }}{% endif %}<|{{ message['role'] }}|>{{ message['content'] }}<end>"
    "{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
GREETED = json.dumps([{"role": "assistant", "content": "Welcome"}, {"role": "user", "content": "Hi"}])


class TestRefused:
    """A form that wants the user first, and conversations that begin with the assistant."""

    def test_they_get_no_answer_and_the_others_do(self, tiny_chat: Path) -> None:
        context = TestEncode().context(tiny_chat, max_new_tokens=3)
        context.tokenizer.chat_template = STRICT
        model = TASK.build_model(str(tiny_chat), context).model.eval()
        outputs = run_model(model, TASK, context, {"messages": [GREETED, _asked("warm bread")]}, "predict").rows
        assert [len(row) for row in outputs] == [0, 1]
        assert TASK.answers(outputs, context) == [{"text": ""}, {"text": outputs[1][0]}]
        assert TASK.answers(run_model(model, TASK, context, {"messages": [GREETED]}, "predict").rows, context) == [
            {"text": ""}
        ]

    def test_samples_are_of_those_that_can_be_asked(self, tiny_chat: Path) -> None:
        context = TestEncode().context(tiny_chat)
        context.tokenizer.chat_template = STRICT
        model = TASK.build_model(str(tiny_chat), context).model
        table = pa.table(
            {"messages": [GREETED, _asked("a"), GREETED, _asked("b")], "answer": list("wxyz"), "row": [4, 5, 6, 7]}
        )
        found = TASK.samples(model, table, context)
        assert [(record["row"], record["reference"]) for record in found] == [(5, "x"), (7, "z")]
        assert TASK.samples(model, table.slice(0, 1), context) == []


class TestJudged:
    def test_of_many_conversations_some_are_judged_and_it_is_said(self, tiny_chat: Path) -> None:
        context = TestEncode().context(tiny_chat)
        said = "what a dull film, slow and far too long"
        table = examples({"prompt": "p", "response": "r"}, p=[f"{said} {n}" for n in range(9000)], r=["no"] * 9000)
        chosen = TASK.judged_rows(table.table, context)
        assert blocks.rows_before(chosen) == 9000 and 500 < chosen.num_rows < 5000
        outputs = [[causal.TokenScores(2.0, 2, 1, 2, *np.zeros((4, 2), int))]] * chosen.num_rows
        found = TASK.judge(outputs, chosen, context)
        verdict = TASK.verdict({"metrics": {"test": found}})
        assert f"Of 9,000 conversations kept aside, {chosen.num_rows:,} spread evenly over them were judged" in verdict
        whole = table.table.slice(0, 9)
        assert TASK.judged_rows(whole, context) is whole and "of_rows" not in TASK.judge(outputs[:9], whole, context)

    def test_logits_of_a_few_conversations_at_a_time_say_the_same(
        self, tiny_chat: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        context = TestEncode().context(tiny_chat)
        model = TASK.build_model(str(tiny_chat), context).model.eval()
        rows = {"messages": [_asked("Hi"), _asked("a longer question")], "answer": ["yes", "no, never"]}
        whole = run_model(model, TASK, context, rows, "evaluate")
        asked: list[int] = []
        model.register_forward_pre_hook(lambda _, args, given: asked.append(len(given["input_ids"])), with_kwargs=True)
        monkeypatch.setattr(blocks, "_LOGITS_AT_ONCE", 1)
        assert run_model(model, TASK, context, rows, "evaluate").loss == pytest.approx(whole.loss, rel=1e-5)
        assert asked == [1, 1]


REPORT = {
    "metrics": {
        "test": {"rows": 40, "tokens": 400, "loss": 1.0, "perplexity": 2.7, "token_accuracy": 0.6, "top5": 0.8}
    },
    "baselines": {
        "before": {"rows": 40, "perplexity": 9.1, "token_accuracy": 0.4, "comparison": {"clearly": "better"}},
    },
}


@pytest.mark.parametrize(("clearly", "words"), [("better", "clearly fits"), ("worse", "worse"), ("", "not clearly")])
def test_the_verdict_is_true(clearly: str, words: str) -> None:
    before = {**REPORT["baselines"]["before"], "comparison": {"clearly": clearly}}
    verdict = TASK.verdict({**REPORT, "baselines": {"before": before}})
    assert words in verdict and "60 %" in verdict and "before training: 40 %" in verdict
    few = {"metrics": {"test": {**REPORT["metrics"]["test"], "rows": 4}}}
    assert "cannot tell" in TASK.verdict(few) and "before" not in TASK.verdict(few)
    assert "nothing can be said" in TASK.verdict({"metrics": {}})


@pytest.fixture
def _own_termination() -> Iterator[None]:
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.mark.slow
def test_a_tiny_model_learns_to_answer(tiny_chat: Path, tmp_path: Path, _own_termination: None) -> None:
    answers = {"bread": "warm", "soup": "cold", "film": "dull", "phone": "great"}
    rows = [(f"how is the {thing}, my number {n} friend", word) for n in range(20) for thing, word in answers.items()]
    source = write_csv(tmp_path / "t.csv", ["prompt", "response"], rows)
    run = runs.create(
        validate(
            {
                "task": TASK.id,
                "data": {"source": str(source), "columns": {"prompt": "prompt", "response": "response"}},
                "model": {"checkpoint": str(tiny_chat)},
                "training": {"num_train_epochs": 25, "learning_rate": 5e-3, "max_length": 64},
                "options": {"max_new_tokens": 8},
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
    assert report and report["metrics"]["test"]["token_accuracy"] > 0.9
    before = report["baselines"]["before"]
    assert before["comparison"]["clearly"] == "better" and "_nll" not in before
    section = next(section for section in TASK.sections(report) if section.kind == "samples")
    assert [column["label"] for column in section.content["columns"]] == [
        "Question",
        "Before training",
        "After training",
        "In the table",
    ]
    assert sum(row[2] == row[3] for row in section.content["rows"]) >= 4
    assert all(row[1] != row[3] for row in section.content["rows"])
    assert all(json.loads(example["messages"]) for example in report["examples"])

    predictor = Predictor(run)
    written = list(predictor.write({"messages": _asked("how is the soup, my number 3 friend")}, {"temperature": 0}))
    assert written[-1] == {"text": "cold"}
    assert (
        list(predictor.write({"messages": "how is the bread, my number 7 friend"}, {"temperature": 0}))[-1]["text"]
        == "warm"
    )
    with pytest.raises(DataError, match="Nobody has asked"):
        list(predictor.write({"messages": ""}, {}))
    table = TASK.questions(pa.table({"p": ["how is the film, my number 2 friend"]}), {"prompt": "p"})
    assert TASK.answer_columns(predictor.answers(table.columns)) == {"reply": ["dull"]}
    assert list(Predictor(run, untrained=True).write({"messages": "how is the soup"}, {"max_new_tokens": 3}))
