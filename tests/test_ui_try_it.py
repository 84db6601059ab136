"""The playground: what it asks for, what it answers, and what it says when there is nothing to answer."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from core import runs
from core.config import validate
from core.errors import ConfigError, PredictionError
from core.studio import Studio
from core.tasks import TASKS
from tests import slow_writers
from ui.pages import try_it
from ui.try_it import answering, beside, drawing, examples, fields, question, seats, table
from ui.try_it.answering import Answering, Records, Said, Stops
from ui.try_it.seats import Seat

TASK = "text-classification"


class Known(Studio):
    """The real studio over real run folders, with a model that knows one answer."""

    def __init__(self, answer: Mapping[str, Any] | Exception) -> None:
        super().__init__()
        self.answer = answer
        self.asked: list[tuple[str, Mapping[str, str], bool]] = []

    def predict(self, run_id: str, inputs: Mapping[str, str], untrained: bool = False) -> dict[str, Any]:
        self.asked.append((run_id, inputs, untrained))
        if isinstance(self.answer, Exception):
            raise self.answer
        return dict(self.answer)


GOOD = {"label": "good", "probability": 0.9, "scores": {"good": 0.9, "bad": 0.1}}


def make_run(*roles: str, task: str = TASK, name: str = "") -> str:
    columns = {role: f"{role}_column" for role in roles}
    return runs.create(validate({"task": task, "name": name, "data": {"source": "a.csv", "columns": columns}})).id


def answers(studio: Studio, places: list[Seat], inputs: Mapping[str, Any], **knobs: Any) -> list[str]:
    *_, last = question.answers(studio, Stops(), "me", places, inputs, knobs)
    return last


def answer(studio: Studio, run: str, inputs: Mapping[str, Any]) -> str:
    (drawn,) = answers(studio, [Seat(run)], inputs)
    return drawn


def test_a_text_gets_its_answer() -> None:
    studio, run = Known(GOOD), make_run("text", "label")

    drawn = answer(studio, run, {"text": "Lovely.", "text_pair": "left over"})

    assert "90.0 % sure" in drawn and "<h3" not in drawn
    assert studio.asked == [(run, {"text": "Lovely."}, False)], "only what the model was trained with is asked about"


def test_a_pair_needs_its_second_text_too() -> None:
    studio = Known(GOOD)
    run = make_run("text", "text_pair", "label")

    drawn = answer(studio, run, {"text": "A", "text_pair": " "})
    assert "Type something first: second text." in drawn
    assert studio.asked == []

    answer(studio, run, {"text": "A", "text_pair": "B"})
    assert [asked for _, asked, _ in studio.asked] == [{"text": "A", "text_pair": "B"}]


def test_nothing_typed_is_said_and_nothing_asked() -> None:
    studio = Known(GOOD)

    drawn = answer(studio, make_run("text", "label"), {"text": "  ", "text_pair": None})

    assert "Type something first: text." in drawn
    assert studio.asked == []


def test_a_failure_is_explained_in_place() -> None:
    drawn = answer(
        Known(PredictionError("The <model> is gone.", "Train it again.")), make_run("text", "label"), {"text": "Hello"}
    )

    assert "The &lt;model&gt; is gone." in drawn
    assert "Train it again." in drawn


def test_a_run_that_is_gone_is_explained_in_place() -> None:
    drawn = answer(Known(GOOD), "2026-01-01-brave-otter", {"text": "Hello"})

    assert "There is no run" in drawn and 'role="alert"' in drawn


def test_a_failure_that_nobody_foresaw_is_explained_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    drawn = answer(Known(KeyError("a secret of the code")), make_run("text", "label"), {"text": "Hello"})

    assert "Something unexpected went wrong." in drawn and "secret" not in drawn
    assert "Traceback" in caplog.text and "a secret of the code" in caplog.text


# --- Two models ------------------------------------------------------------------------------------------------------


def test_two_models_answer_the_same_question_under_their_titles() -> None:
    studio, run = Known(GOOD), make_run("text", "label")

    drawn = answers(studio, seats.seats(studio, run, before=True, other=None), {"text": "Hello"})

    assert ["After training" in drawn[0], "Before training" in drawn[1]] == [True, True]
    assert all("90.0 % sure" in one for one in drawn)
    assert sorted(studio.asked, key=str) == sorted([(run, {"text": "Hello"}, was) for was in (False, True)], key=str)


def test_another_run_stands_beside_it_by_name_and_reads_what_it_knows() -> None:
    studio = Known(GOOD)
    run, other = make_run("text", "text_pair", "label", name="one"), make_run("text", "label", name="<two>")

    drawn = answers(studio, seats.seats(studio, run, before=False, other=other), {"text": "A", "text_pair": "B"})

    assert [re.findall("<h3.*?>(.*?)</h3>", one) for one in drawn] == [["one"], ["&lt;two&gt;"]]
    assert {id_: asked for id_, asked, _ in studio.asked} == {
        run: {"text": "A", "text_pair": "B"},
        other: {"text": "A"},
    }


def test_only_runs_with_a_model_that_read_the_same_are_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(TASKS, slow_writers.WRITER.id, slow_writers.WRITER)
    ids = [make_run("text", "label", name=name) for name in ("me", "same", "same", "without a model")]
    pair = make_run("text", "text_pair", "label", name="a pair")
    foreign = make_run("text", "label", task=slow_writers.WRITER.id, name="another task")
    for id_ in (*ids[:3], pair, foreign):
        folder = runs.find(id_).model_path
        folder.mkdir()
        (folder / "config.json").write_text("{}")
    studio = Studio()

    assert sorted(seats.others(studio, ids[0])) == sorted((f"same ({id_})", id_) for id_ in ids[1:3])
    assert {id_ for _, id_ in seats.others(studio, pair)} == set(ids[:3]), "who reads less can answer too"


@pytest.mark.parametrize(("task", "able"), [(TASK, False), (slow_writers.WRITER.id, True)])
def test_the_model_before_training_is_offered_where_it_can_answer(
    task: str, able: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(TASKS, slow_writers.WRITER.id, slow_writers.WRITER)
    with gr.Blocks():
        view = beside.layout()

    updates = beside.appear(view, Studio(), TASKS[task], make_run("text", "label", task=task))

    assert updates[view.before]["visible"] is able and updates[view.why_not]["visible"] is not able
    assert updates[view.other]["choices"] == [(beside.NO_OTHERS, "")] and not updates[view.other]["interactive"]


# --- Answers that grow -----------------------------------------------------------------------------------------------


def growing(*texts: str, pause: float = 0.0, closed: list[str] | None = None) -> Any:
    def source() -> Iterator[Mapping[str, Any]]:
        try:
            for text in texts:
                yield {"text": text}
                time.sleep(pause)
        finally:
            if closed is not None:
                closed.append(texts[0])

    return source


def test_each_of_several_answers_grows_at_its_own_pace_and_a_failure_is_its_own() -> None:
    def broken() -> Records:
        yield {"text": "so far"}
        raise PredictionError("It broke.")

    *_, (first, second) = Answering([growing("a", "a b", pause=0.05), broken]).watch()

    assert (first.record, first.is_over, first.problem) == ({"text": "a b"}, True, None)
    assert str(second.problem) == "It broke." and second.is_over


def test_an_answer_that_is_over_is_drawn_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answering, "PACE", 1e6)
    *_, last = Answering([lambda: iter_of(GOOD), lambda: iter_of(GOOD)]).watch()
    assert [one.record for one in last] == [GOOD, GOOD] and all(one.is_over for one in last)


def iter_of(*records: Mapping[str, Any]) -> Records:
    yield from records


def test_who_stops_keeps_what_was_said_and_who_leaves_ends_the_writing() -> None:
    closed: list[str] = []
    answering = Answering([growing("one", *["more"] * 1000, pause=0.01, closed=closed), growing("two")])
    seen = answering.watch()
    while (latest := next(seen))[0].record is None or not latest[1].is_over:
        pass
    answering.stop()
    *_, (first, second) = seen
    assert first.was_stopped and first.is_over and first.record
    assert not second.was_stopped, "it was whole before"

    left = Answering([growing("three", *["more"] * 1000, pause=0.01, closed=closed)]).watch()
    while next(left)[0].record is None:
        pass
    left.close()  # type: ignore[attr-defined]
    deadline = time.monotonic() + 60
    while set(closed) != {"one", "three"}:
        assert time.monotonic() < deadline, "somebody writes on for nobody"
        time.sleep(0.01)


def test_a_stop_reaches_the_answer_of_its_own_page_only() -> None:
    stops, mine, theirs = Stops(), Answering([growing("a")]), Answering([growing("b")])
    with stops.may_stop("me", mine), stops.may_stop("them", theirs):
        stops.stop("me")
        assert mine._stopped.is_set() and not theirs._stopped.is_set()
    stops.stop("them")
    assert not theirs._stopped.is_set(), "nothing is left to stop"


def test_what_grows_is_drawn_as_text_and_read_aloud_when_it_is_whole() -> None:
    assert drawing.answer("text", Said()) == drawing.LOADING
    begun = drawing.answer("text", Said({"text": "<b>so"}))
    assert 'aria-busy="true"' in begun and "&lt;b&gt;so" in begun and "status" not in begun
    assert drawing.answer("text", Said({"text": " "})) == drawing.LOADING
    whole = drawing.answer("text", Said({"text": "<b>so"}, is_over=True))
    assert 'role="status"' in whole and "&lt;b&gt;so" in whole and "busy" not in whole
    assert drawing.answer("text", Said(is_over=True, was_stopped=True)) == drawing.STOPPED
    assert drawing.answer("text", Said({"text": "half"}, is_over=True, was_stopped=True)).count("Stopped here") == 1


def test_knobs_are_read_from_their_fields_and_complained_about_in_words() -> None:
    task = slow_writers.WRITER

    assert fields.knob_values(task, {"words": 7.0}) == {"words": 7, "pause": 0.0, "seed": 1}
    with pytest.raises(ConfigError, match="“Words” cannot be used so"):
        fields.knob_values(task, {"words": -1})
    with pytest.raises(ConfigError, match="Pause"):
        fields.knob_values(task, {"pause": None})


def test_numbers_are_asked_as_text_and_empty_fields_not_at_all() -> None:
    roles = TASKS[TASK].inputs

    assert fields.given(roles, {"text": 0, "text_pair": None, "other": "x"}) == {"text": "0"}


# --- Examples and tables ---------------------------------------------------------------------------------------------


def test_examples_come_from_the_report() -> None:
    report = {
        "examples": [{"text": "a test row", "label": "x"}],
        "mistakes": [{"text": "a mistake", "truth": "x", "answer": "y"}],
    }
    (text, pair) = TASKS[TASK].inputs

    assert examples.rows(report, [text]) == [{"text": "a test row"}]
    assert examples.rows({"mistakes": report["mistakes"]}, [text]) == [{"text": "a mistake"}]
    assert examples.rows(None, [text]) == []
    assert examples.rows({"examples": [{"text_pair": "half"}]}, [text, pair]) == []


def test_an_example_of_a_conversation_is_how_it_begins() -> None:
    (role,) = slow_writers.TALKER.asks
    said = '[{"role": "system", "content": "Be kind."}, {"role": "user", "content": "Hello?"}]'

    report = {"examples": [{"messages": said}, {"messages": said[:50]}, {"messages": "3"}]}

    assert examples.rows(report, [role]) == [{"messages": "Hello?"}]


def test_long_examples_are_cut_only_on_their_buttons() -> None:
    (line, place) = examples.choices([{"text": "word " * 100, "text_pair": "more"}])[0]

    assert len(line) <= examples.LENGTH + 1
    assert line.endswith("…")
    assert place == 0


def reply(**changed: Any) -> dict[str, Any]:
    row = {"text": "<b>a, b</b>", "note": "x", "model_label": "good", "how_sure": "0.9000", "why": '["a", "b"]'}
    counts = {"rows": 1, "skipped": 0, "unreadable": 0, "seconds": 0.5, "precision": "in <full>"}
    return {**counts, "columns": ["model_label", "how_sure", "why"], "head": [row], **changed}


def test_an_answered_table_is_offered_and_shown() -> None:
    drawn = table.describe("2026-01-01-brave-otter", Path("reviews-answered.jsonl"), reply())

    assert 'href="./reads/runs/2026-01-01-brave-otter/predictions/reviews-answered.jsonl"' in drawn
    assert "1 row answered, 2.0 rows a second.<" in drawn and "in &lt;full&gt;" in drawn
    assert "&lt;b&gt;a, b&lt;/b&gt;" in drawn and "[&quot;a&quot;, &quot;b&quot;]" in drawn
    headers = re.findall("<th scope=.col.>([^<]*)</th>", drawn)
    assert headers == ["model_label", "how_sure", "why", "text", "note"], "the answers come first, however many"


def test_rows_without_an_answer_are_counted() -> None:
    drawn = table.describe("r", Path("a.csv"), reply(rows=3, skipped=1, unreadable=2))

    assert "2 rows answered, 4.0 rows a second. 1 row had nothing to answer. 2 rows did not fit the header." in drawn


def test_every_task_has_its_fields_and_knobs_unseen() -> None:
    from core.schema import rows

    with gr.Blocks():
        view = try_it.layout()

    assert set(view.groups) == set(TASKS)
    for task in TASKS.values():
        group = view.groups[task.id]
        assert list(group.inputs) == [role.name for role in task.asked]
        assert list(group.knobs) == [row.path for row in rows(task.knobs)]
        assert [box.visible for box in group.boxes] == [False, False]
