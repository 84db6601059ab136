"""What every task keeps, whichever it is: each test here runs over all of them, with tiny real models."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from core import events, runs
from core.config import RunConfig, validate
from core.data import to_watch
from core.data.parts import load_parts
from core.data.preview import preview
from core.data.tables import open_table
from core.prediction.files import predict_file
from core.prediction.predictor import Predictor
from core.runs import Run, State
from core.tasks import TASKS
from core.tasks.base import Task
from tests.kept_rows import judged_rows_are_kept
from tests.pipelines import SAID_ALIKE

EPOCHS, BATCH, LENGTH = 4, 8, 64
PARTS = {"train": 8, "validation": 2, "test": 2}
"""How often the sample rows stand in each part."""
PIPELINES = {
    "ForSequenceClassification": "text-classification",
    "ForTokenClassification": "token-classification",
    "ForMaskedLM": "fill-mask",
    "ForCausalLM": "text-generation",
}
"""transformers 5 has no pipeline for the other answer layers: those are loaded by their Auto class."""


@pytest.fixture(params=sorted(TASKS))
def task(request: pytest.FixtureRequest) -> Task:
    return TASKS[request.param]


@pytest.fixture(autouse=True)
def _own_termination() -> Iterator[None]:
    """A run takes over the termination signal of its process; here that is the tests' own."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.fixture
def source(task: Task, tmp_path: Path) -> Path:
    """The task's sample rows, several times over, with a column that says which part each is for."""
    path = tmp_path / "table.jsonl"
    rows = [{**row, "part": part} for part, times in PARTS.items() for _ in range(times) for row in task.sample_rows]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def config(task: Task, source: Path, tiny_model: Callable[[str], Path]) -> RunConfig:
    guess = task.guess(preview(str(source)))
    assert guess is not None, "the task does not know its own sample rows"
    wanted = validate(
        {
            "task": task.id,
            "data": {
                "source": str(source),
                "columns": guess.columns,
                "split": {"column": "part", "train": "train", "validation": "validation", "test": "test"},
            },
            "model": {"checkpoint": str(tiny_model(task.family))},
            "training": {
                "num_train_epochs": EPOCHS,
                "per_device_train_batch_size": BATCH,
                "max_length": LENGTH,
                "learning_rate": 3e-3,
                "early_stopping_patience": 0,
            },
        }
    )
    watched = to_watch.sentences(task, wanted.data.columns, load_parts(wanted).validation)
    return validate({**wanted.model_dump(mode="json"), "watch": {"sentences": watched}})


class Stopping(events.EventLog):
    """A log that asks its run to stop at a step."""

    def __init__(self, run: Run, step: int) -> None:
        super().__init__(run.events_path)
        self._run, self._step = run, step

    def append(self, event: events.Event) -> None:
        super().append(event)
        if isinstance(event, events.Stepped) and event.step == self._step:
            self._run.stop_path.touch()


def trained(config: RunConfig, stop_at: int | None = None) -> Run:
    """A new run, trained in this process."""
    run = runs.create(config)
    train(run, events.EventLog(run.events_path) if stop_at is None else Stopping(run, stop_at))
    return run


def train(run: Run, log: events.EventLog) -> None:
    from core.training import job

    try:
        job.train(run, log)
    finally:
        log.close()


def losses(run: Run) -> dict[int, float | None]:
    found, _ = events.read(run.events_path)
    return {event.step: event.loss for event in found if isinstance(event, events.Stepped)}


def parameters(model: Any) -> dict[str, Any]:
    return {name: value.detach().clone() for name, value in model.named_parameters() if value.requires_grad}


# --- Before training -------------------------------------------------------------------------------------------------


def test_it_knows_its_own_sample_rows(task: Task, config: RunConfig) -> None:
    assert not task.lacking(config.data.columns)
    found = task.examples(open_table(config.data.source).table, config.data.columns, config.options)
    assert not found.errors
    assert found.table.num_rows == len(task.sample_rows) * sum(PARTS.values())
    assert set(task.kept_together) & set(found.table.column_names)
    assert task.main_metric == "loss" or task.main_metric in {metric.name for metric in task.metrics}


def test_rows_it_cannot_use_are_named_and_the_others_stay(task: Task, source: Path) -> None:
    import pyarrow as pa

    good = open_table(str(source)).table
    columns = task.guess(preview(str(source))).columns  # type: ignore[union-attr]
    empty = pa.Table.from_pylist([dict.fromkeys(good.column_names)], schema=good.schema)
    found = task.examples(pa.concat_tables([good, empty]), columns, task.options())
    assert found.table.num_rows == good.num_rows
    about = [finding for finding in found.findings if good.num_rows + 1 in finding.rows]
    assert about, "nothing is said of the empty row"
    assert all(finding.title and finding.meaning for finding in about)


def test_a_table_without_a_usable_row_is_refused_in_words(task: Task, source: Path) -> None:
    import pyarrow as pa

    good = open_table(str(source)).table
    columns = task.guess(preview(str(source))).columns  # type: ignore[union-attr]
    nothing = pa.Table.from_pylist([dict.fromkeys(good.column_names)] * 3, schema=good.schema)
    found = task.examples(nothing, columns, task.options())
    assert found.errors and all(finding.title for finding in found.errors)
    assert task.examples(good, {}, task.options()).errors


# --- Training --------------------------------------------------------------------------------------------------------


def one_step(config: RunConfig, batch: int, accumulate: int, monkeypatch: pytest.MonkeyPatch) -> events.Stepped:
    """The first optimizer step of a run, made of ``accumulate`` micro-batches; no dropout, no warm-up."""
    import torch

    from core.training import arguments, learning

    original = arguments.training_arguments

    def changed(*args: Any, **kwargs: Any) -> Any:
        found = original(*args, **kwargs)
        found.per_device_train_batch_size, found.gradient_accumulation_steps = batch, accumulate
        found.max_steps, found.logging_steps = 1, 1
        found.eval_strategy = found.save_strategy = "no"
        found.load_best_model_at_end = False
        return found

    build = learning.build_trainer

    def built(*args: Any, **kwargs: Any) -> Any:
        trainer, reporter = build(*args, **kwargs)
        for module in trainer.model.modules():
            if isinstance(module, torch.nn.Dropout):
                module.p = 0.0
            elif isinstance(getattr(module, "dropout", None), float):  # T5's attention drops out by itself
                module.dropout = 0.0
        return trainer, reporter

    with monkeypatch.context() as patch:
        patch.setattr(arguments, "training_arguments", changed)
        patch.setattr(learning, "build_trainer", built)
        run = trained(config)
    found, _ = events.read(run.events_path)
    return next(event for event in found if isinstance(event, events.Stepped))


@pytest.mark.slow
def test_micro_batches_add_up_to_one_batch(task: Task, config: RunConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = one_step(config, BATCH, 1, monkeypatch)
    parts = one_step(config, BATCH // 4, 4, monkeypatch)
    assert parts.loss == pytest.approx(whole.loss, rel=1e-4)
    assert parts.grad_norm == pytest.approx(whole.grad_norm, rel=1e-3)


@pytest.mark.slow
def test_it_learns_is_kept_answers_and_can_be_taken_up_again(task: Task, config: RunConfig, tmp_path: Path) -> None:
    run = trained(config)
    assert run.state is State.FINISHED and run.report is not None
    curve = [loss for loss in losses(run).values() if loss is not None]
    assert sum(curve[-5:]) / 5 < 0.95 * sum(curve[:5]) / 5, "the loss did not fall"
    every_parameter_moved(task, config, run)
    watched_sentences_are_answered(task, run)
    report_is_whole(task, run)
    card_is_whole(task, run)
    answers_agree(task, run, tmp_path)
    loads_by_itself(task, run)
    stopped = trained(config, stop_at=len(curve) // 2)
    assert stopped.state is State.STOPPED and stopped.has_model
    stopped.stop_path.unlink()
    stopped.again_path.touch()
    train(stopped, events.EventLog(stopped.events_path))
    assert losses(stopped) == losses(run), "taken up again, it went another way"


def watched_sentences_are_answered(task: Task, run: Run) -> None:
    happened, _ = events.read(run.events_path)
    looks = [event for event in happened if isinstance(event, events.Watched)]
    assert [look.step for look in looks] == [
        0,
        *(event.step for event in happened if isinstance(event, events.Evaluated) and event.step),
    ]
    assert len(run.config.watch.sentences) == len(looks[0].answers) > 0
    assert all(answer.keys() >= {"said"} for look in looks for answer in look.answers)
    assert len({json.dumps(look.answers) for look in looks}) > 1, "learning changes nothing of what it says"


def every_parameter_moved(task: Task, config: RunConfig, run: Run) -> None:
    from transformers import set_seed

    from core.data.parts import load_parts
    from core.tasks.base import Context

    tokenizer, _ = task.load_tokenizer(config.model.checkpoint, config.options)
    context = Context(tokenizer, load_parts(config).target, LENGTH, config.options, config.training.seed)
    set_seed(config.training.seed)
    before = parameters(task.build_model(config.model.checkpoint, context).model)
    after = parameters(task.load_model(str(run.model_path)))
    assert before.keys() == after.keys()
    assert [name for name, value in before.items() if value.equal(after[name])] == []


def report_is_whole(task: Task, run: Run) -> None:
    report: Mapping[str, Any] = run.report or {}
    test = report["metrics"]["test"]
    assert {metric.name for metric in task.metrics} - {"loss"} <= set(test)
    assert test["rows"] == report["rows"]["test"] > 0
    assert report["baselines"] and all(name for name in report["baselines"])
    assert report["verdict"].endswith(".")
    sections = task.sections(report)
    assert "scores" in {section.kind for section in sections}
    assert all(section.title and section.help for section in sections)
    live = [event for event in events.read(run.events_path)[0] if isinstance(event, events.Evaluated)]
    assert len(live) == EPOCHS
    assert {metric.name for metric in task.metrics} <= set(live[0].metrics)
    judged_rows_are_kept(run, sections)


def card_is_whole(task: Task, run: Run) -> None:
    """The model card of a real run says its verdict's first words, its main figures, and no place of this machine."""
    from core.publishing.card import card_of
    from tests.carded import head_of

    text = card_of(run, "somebody/a-model")
    results = head_of(text).eval_results
    assert {result.metric_name for result in results} >= {task.metrics[0].label}
    assert "> **How good it is.** " in text and str(run.path.parent) not in text


def answers_agree(task: Task, run: Run, tmp_path: Path) -> None:
    """One by one and together; and a table of any rows comes back with all of them."""
    from core.tasks.base import Questions

    predictor = Predictor(run)
    columns = {role: column for role, column in run.config.data.columns.items() if task.role(role).is_input}
    table = asked(task, open_table(run.config.data.source).table.slice(0, len(task.sample_rows)), columns)
    questions: Questions = task.questions(table, columns)
    assert list(questions.usable) == list(range(table.num_rows))
    together = predictor.answers(questions.columns)
    one_by_one = [
        predictor.answers({role: [values[row]] for role, values in questions.columns.items()})[0]
        for row in range(table.num_rows)
    ]
    assert len(together) == table.num_rows
    for one, other in zip(together, one_by_one, strict=True):
        assert one.keys() == other.keys()
        assert shape_of(one, task) == shape_of(other, task)
    source = tmp_path / "asked.jsonl"
    rows = [*table.to_pylist(), dict.fromkeys(table.column_names)]
    source.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    reply = predict_file(predictor, str(source), tmp_path / "answered.jsonl", lambda done, total: None)
    assert (reply["rows"], reply["skipped"]) == (len(rows), 1)
    assert reply["columns"]


def asked(task: Task, table: Any, columns: Mapping[str, Any]) -> Any:
    """The sample rows as people ask them: a task that fills gaps is given some."""
    if task.output != "fills":
        return table
    (name,) = columns.values()
    texts = [f"{text} ___" for text in table.column(name).to_pylist()]
    return table.set_column(table.column_names.index(name), name, [texts])


def shape_of(answer: Any, task: Task) -> Any:
    """An answer without its figures: float error between one row and a batch is no difference.

    In a text that is written on, it may choose the other of two words that are as likely; what follows then differs.
    """
    if isinstance(answer, Mapping):
        return {key: shape_of(value, task) for key, value in sorted(answer.items())}
    if isinstance(answer, list):
        return [shape_of(value, task) for value in answer]
    if isinstance(answer, str) and task.write is not None:
        return answer[:5]
    return round(answer, 3) if isinstance(answer, float) else answer


def loads_by_itself(task: Task, run: Run) -> None:
    """The folder of the model needs nothing of ours, and says the same without it."""
    import transformers

    (name,) = json.loads((run.model_path / "config.json").read_text(encoding="utf-8"))["architectures"]
    kind = next((pipeline for head, pipeline in PIPELINES.items() if name.endswith(head)), None)
    if kind is None:
        _, loading = getattr(transformers, name).from_pretrained(run.model_path, output_loading_info=True)
        assert not loading["missing_keys"] and not loading["unexpected_keys"]
        transformers.AutoTokenizer.from_pretrained(run.model_path)
        return
    pipe = transformers.pipeline(kind, model=str(run.model_path), device="cpu")
    check = SAID_ALIKE.get(task.output)
    if check is None:
        assert pipe("a text")[0]["generated_text"].startswith("a text")
        return
    columns = {role: column for role, column in run.config.data.columns.items() if task.role(role).is_input}
    table = asked(task, open_table(run.config.data.source).table.slice(0, len(task.sample_rows)), columns)
    questions = task.questions(table, columns).columns
    for row, answer in enumerate(Predictor(run).answers(questions)):
        check(pipe, {role: values[row] for role, values in questions.items()}, answer)
