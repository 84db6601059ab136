"""Watched sentences: what they say at each check, what a page is told of them, and that they change nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from core import events, live
from core.config import validate
from core.errors import ConfigError
from core.runs import Run, State
from core.tasks import TASKS
from core.training.watching import brief
from core.watch_config import asked_roles, questions
from tests.making import config, reviews, run_with, started, write_csv
from tests.test_training_checking import _own_termination as _own_termination
from tests.test_training_checking import trained


def test_a_sentence_is_a_line_or_texts_by_role_and_must_fit_the_task() -> None:
    plain = config().model_dump(mode="json")
    assert validate({**plain, "watch": {"sentences": "one | two\n\n three "}}).watch.sentences == ("one | two", "three")
    pairs = {**plain, "data": {**plain["data"], "columns": {"text": "a", "text_pair": "b", "label": "c"}}}
    wanted = validate({**pairs, "watch": {"sentences": ["one | two", {"text": "x", "text_pair": "y|z"}]}})
    roles = asked_roles(TASKS[wanted.task], wanted.data.columns)
    assert questions(wanted.watch, roles) == [{"text": "one", "text_pair": "two"}, {"text": "x", "text_pair": "y|z"}]
    for wrong in (["only one"], [{"text": "x", "other": "y"}], [{"text": "x"}], [["a"]], ["x|y"] * 11, ["x" * 2001]):
        with pytest.raises(ConfigError) as refused:
            validate({**pairs, "watch": {"sentences": wrong}})
        assert refused.value.field.startswith("watch.sentences")


def test_a_conversation_is_asked_for_as_its_messages() -> None:
    task = next(task for task in TASKS.values() if any(role.kind == "chat" for role in task.asked))
    watch = config().watch.model_copy(update={"sentences": ("Hello",)})
    asked = questions(watch, asked_roles(task, {}))
    assert asked == [{task.asked[0].name: '[{"role": "user", "content": "Hello"}]'}]


def test_of_an_answer_only_so_much_is_kept() -> None:
    scores = {f"class {number}": number / 100 for number in range(20)}
    kept = brief("label", {"label": "class 19", "scores": scores})
    assert kept["said"] == "class 19" and list(kept["scores"]) == [f"class {number}" for number in range(19, 14, -1)]
    spans = [{"start": 0, "end": 4, "label": "WHO", "score": 1.0}]
    assert brief("spans", {"text": "Anna left", "spans": spans}) == {"said": "Anna (WHO)"}
    assert brief("number", {"number": 3.5}) == {"said": "", "number": 3.5}
    assert len(brief("text", {"text": "x" * 9000})["said"]) == 500


def test_a_page_gets_a_bounded_number_of_checks_and_none_that_a_restart_made_void() -> None:
    def check(step: int) -> list[events.Event]:
        said = [{"said": "good", "scores": {"good": 0.5}}]
        marks = {"metrics": {"loss": 0.1}, "runtime_s": 0.0, "is_best": False, "per_class": {"good": 0.5}}
        return [
            events.Watched(step=step, epoch=0.0, answers=said),
            events.Evaluated(step=step, epoch=0.0, **marks),  # type: ignore[arg-type]
        ]

    run = run_with(started(), *(event for step in range(500) for event in check(step)), started(400))
    told = live.tick(run)["events"]
    watched = [event["step"] for event in told if event["kind"] == "watched"]
    detailed = [event["step"] for event in told if event.get("per_class")]
    checks = [event["step"] for event in told if event["kind"] == "evaluated"]
    assert watched == detailed and len(watched) == live.MAX_CHECKS and (watched[0], watched[-1]) == (0, 400)
    assert checks == list(range(401))


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_csv(tmp_path_factory.mktemp("watched") / "reviews.csv", ("text", "label"), reviews(60))


def of(run: Run, kind: type[Any]) -> list[Any]:
    assert run.state is State.FINISHED
    return [event for event in events.read(run.events_path)[0] if isinstance(event, kind)]


@pytest.mark.slow
def test_watching_tells_each_check_and_changes_no_loss(table: Path, tiny_bert: Path) -> None:
    settings = config(table, tiny_bert, learning_rate=2e-3, early_stopping_patience=0).model_dump(mode="json")
    sentences = ["the soup was warm", "the film was dull"]
    plain, watched = (trained(validate({**settings, "watch": {"sentences": wanted}})) for wanted in ([], sentences))
    for kind, names in ((events.Stepped, ("step", "loss", "grad_norm")), (events.Evaluated, ("step", "metrics"))):
        before, after = ([[getattr(one, name) for name in names] for one in of(run, kind)] for run in (plain, watched))
        assert before == after and before
    checks, looks = of(watched, events.Evaluated), of(watched, events.Watched)
    assert [look.step for look in looks] == [0, *(check.step for check in checks)] and not of(plain, events.Watched)
    assert of(watched, events.Watching)[0].sentences == [[text] for text in sentences]
    for look in looks:
        for answer in look.answers:
            assert answer["said"] == max(answer["scores"], key=answer["scores"].get)
            assert sum(answer["scores"].values()) == pytest.approx(1, abs=1e-3)
    assert looks[0].answers != looks[-1].answers
    assert all(set(check.per_class) <= {"good", "bad"} and check.per_class for check in checks)
    macro = [sum(check.per_class.values()) / 2 for check in checks if len(check.per_class) == 2]
    assert macro == pytest.approx([one.metrics["f1_macro"] for one in checks if len(one.per_class) == 2], abs=1e-4)


@pytest.mark.slow
def test_a_sentence_that_cannot_be_answered_is_told_once_and_costs_nothing_else(tiny_bert: Path) -> None:
    from core.prediction.predictor import Predictor
    from core.training.shop import Workshop
    from core.training.watching import Watcher
    from tests.trying import run_with_model

    run = run_with_model(tiny_bert, "good")
    predictor, log = Predictor(run), events.EventLog(run.events_path)
    predictor.model.train()
    # A length that the model has no positions for: it reads short texts, and breaks on the long one.
    context = replace(predictor.context, max_length=100_000)
    asked = [{"text": "the soup was warm"}, {"text": "the soup was warm " * 3000}]
    watcher = Watcher(Workshop(run, log, run.config, predictor.task), context, asked)
    for step in (5, 5, 10):
        state = SimpleNamespace(global_step=step, epoch=1.0)
        watcher.on_evaluate(None, state, None, model=predictor.model)
    log.close()
    happened = events.read(run.events_path)[0]
    looks = [event for event in happened if isinstance(event, events.Watched)]
    assert [look.step for look in looks] == [5, 10] and predictor.model.training
    assert all(look.answers[0]["said"] == "good" and look.answers[1] == {} for look in looks)
    told = [event for event in happened if isinstance(event, events.Noticed)]
    assert len(told) == 1 and told[0].title.startswith("“the soup was warm the soup") and "goes on" in told[0].detail
