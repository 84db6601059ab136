"""The step Check: what a click does to the draft, how it is taken back, and what the page says of a table."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from core.config import validate
from core.data.browse import Wanted
from core.data.types import Account, Checkup, Finding, Fix, News, Parts
from core.studio import Studio
from tests.making import reviews, write_csv
from ui.new_run import check, looking
from ui.new_run.draft import Draft
from ui.new_run.frame import CHECK
from ui.new_run.look import acts, changes, classes, findings, lengths, rows, step
from ui.new_run.look.seen import Seen, facts, watch
from ui.pages import new_run

DROP = {"kind": "drop_rows", "rows": [1, 2]}
SET = {"kind": "set_cell", "row": 5, "column": "mood", "value": "good"}


@pytest.fixture
def table(tmp_path: Path) -> Path:
    nasty = ("<img src=x onerror=alert(1)>", "good")
    return write_csv(tmp_path / "moods.csv", ("review", "mood"), [*reviews(120), nasty, nasty, ("", "bad")])


@pytest.fixture
def draft(table: Path) -> Draft:
    return looking.take(Studio(), Draft(), [str(table)])[0]


@pytest.fixture
def page() -> new_run.View:
    with gr.Blocks():
        return new_run.layout(Studio())


def event(**data: str) -> gr.EventData:
    return gr.EventData(None, data)


def click(page: new_run.View, draft: Draft, seen: Seen, **data: str) -> dict[Any, Any]:
    answers = {page.frame.draft: draft, page.check.seen: seen}
    if data["act"] in acts.CHANGES:
        return step.change(Studio(), page.check, page.frame, answers, event(**data))
    return step.look(Studio(), page.check, page.frame, answers, event(**data))


def entered(page: new_run.View, draft: Draft) -> tuple[Seen, dict[Any, Any]]:
    updates = step.enter(Studio(), page.check, draft)[1]
    return updates[page.check.seen], updates


# --- What is done to a draft, and taken back


def test_another_model_to_start_from_is_a_fix_too() -> None:
    before = Draft(task="text-classification", checkpoint="starter/minilm", revision="v1")
    fix = Fix("Start from one that knows many languages", settings={"model.checkpoint": "owner/many"})
    after = changes.fixed(before, fix)
    assert (after.checkpoint, after.revision, after.chosen_for) == ("owner/many", None, before.task)
    assert changes.is_taken(after, fix) and not changes.is_taken(before, fix)
    assert dataclasses.replace(changes.undone(after), past=()) == before


def test_each_thing_that_was_done_can_be_undone() -> None:
    first = changes.added(Draft(), "two rows", DROP)
    second = changes.fixed(first, Fix("Newest last", (SET,), {"data.split.time": "day", "options.class_weights": True}))

    assert second.steps == (DROP, SET) and second.split == {"time": "day"}
    assert second.values == {"options.class_weights": True}
    assert dataclasses.replace(changes.undone(second), past=first.past) == first
    assert changes.undone(changes.undone(second)).steps == () and changes.undone(Draft()) == Draft()
    assert changes.without(second, 0).steps == (SET,) and changes.without(second, 7) is second
    assert changes.without_all(second).steps == () and changes.undone(changes.without_all(second)).steps == (DROP, SET)


def test_a_setting_that_was_taken_is_said_to_be(draft: Draft) -> None:
    fix = Fix("Keep the newest rows aside", settings={"data.split.time": "day", "data.reading.encoding": "cp1252"})

    assert not changes.is_taken(draft, fix)
    taken = changes.fixed(draft, fix)
    assert changes.is_taken(taken, fix) and taken.more_data["reading"] == {"encoding": "cp1252"}
    assert not changes.is_taken(taken, Fix("x", (DROP,), fix.settings)), "rows can be taken out again"


def test_changes_are_listed_in_their_order_with_the_way_back() -> None:
    drawn = changes.listed(Draft(steps=(DROP, SET)))

    assert drawn.index("Takes out 2 rows") < drawn.index("into <code>mood</code> of row 5")
    assert 'data-act="back"' in drawn and 'data-place="1"' in drawn and "data-ask" in drawn
    assert "Your file stays as it is" in drawn and changes.listed(Draft()) == ""


# --- The step itself, with the real door


def test_what_is_known_at_once_stands_there_at_once(page: new_run.View, draft: Draft) -> None:
    seen, updates = entered(page, draft)

    assert "123 rows were read: 122 are used; 1 nothing in <code>review</code>." in updates[page.check.account]
    assert "1 row has nothing in" in updates[page.check.found] and 'data-act="show"' in updates[page.check.found]
    assert "<img" not in "".join(value for value in updates.values() if isinstance(value, str))
    assert "62 · 51 %" in updates[page.check.classes] and 'data-act="rename"' in updates[page.check.classes]
    assert updates[page.check.rows].count("<tr data-row") == rows.PAGE
    assert seen.is_open and seen.of == facts(draft)


def test_a_fix_changes_the_draft_once_and_the_rows_follow(page: new_run.View, draft: Draft) -> None:
    seen, _ = entered(page, draft)
    found = Finding(
        "copies", "warning", "2 rows are the same", "…", rows=(121, 122), fixes=(Fix("Take them out", (DROP,)),)
    )
    seen = dataclasses.replace(seen, findings=(*seen.findings, found))
    told = {"act": "fix", "finding": findings.key_of(found), "fix": "0"}

    updates = click(page, draft, seen, **told)
    changed = updates[page.frame.draft]

    assert changed.steps == (DROP,)
    assert validate(changed.plain()).data.steps[0].words == "Takes out 2 rows"
    assert "Take them out." in updates[page.check.done] and 'data-act="undo"' in updates[page.check.done]
    assert "2 taken out by hand" in updates[page.check.account]
    again = click(page, changed, seen, **told)
    assert again[page.frame.draft] is changed, "a second click means a finding that is not there any more"
    back = click(page, changed, updates[page.check.seen], act="undo")
    assert back[page.frame.draft].steps == () and "Undone: Take them out." in back[page.check.done]


def test_a_row_is_opened_edited_and_taken_out(page: new_run.View, draft: Draft) -> None:
    seen, _ = entered(page, draft)
    opened = click(page, draft, seen, act="open", file="source", number="3")
    assert 'data-column="review" data-focus' in opened[page.check.rows]
    assert '<option value="bad" selected>' in opened[page.check.rows]

    cells = '{"review": "new & <b>bold</b>", "mood": "bad", "other": "x"}'
    saved = click(page, draft, opened[page.check.seen], act="save", file="source", number="3", cells=cells)

    (one,) = saved[page.frame.draft].steps
    assert one == {"kind": "set_cell", "row": 3, "column": "review", "value": "new & <b>bold</b>", "file": "source"}
    assert "new &amp; &lt;b&gt;bold" in saved[page.check.rows] and "nr-changed" in saved[page.check.rows]
    assert 'data-key="row-source-3"' in saved[page.check.rows] and "data-focus" in saved[page.check.rows]
    out = click(page, saved[page.frame.draft], saved[page.check.seen], act="out", file="source", number="3")
    assert out[page.frame.draft].steps[1] == {"kind": "drop_rows", "rows": [3], "file": "source"}
    same = click(page, draft, opened[page.check.seen], act="save", file="source", number="3", cells='{"mood": "bad"}')
    assert same[page.frame.draft] is draft


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"act": "rename", "label": "bad", "to": " poor "}, {"bad": "poor"}),
        ({"act": "merge", "ticked": '["bad", "good"]', "to": "good"}, {"bad": "good"}),
    ],
)
def test_classes_get_new_names(
    page: new_run.View, draft: Draft, told: dict[str, str], expected: dict[str, str]
) -> None:
    seen, _ = entered(page, draft)

    updates = click(page, draft, seen, **told)

    (one,) = updates[page.frame.draft].steps
    assert one == {"kind": "rename_values", "column": "mood", "values": expected}


def test_an_error_made_here_holds_the_walk_and_can_be_undone(page: new_run.View, draft: Draft) -> None:
    seen, _ = entered(page, draft)
    broken = click(page, draft, seen, act="drop", label="bad")
    changed, later = broken[page.frame.draft], broken[page.check.seen]

    assert "only one class" in broken[page.check.found] and broken[page.check.account] == ""
    answers = {page.frame.draft: changed, page.check.seen: later}
    stopped = new_run.forward(Studio(), page, CHECK, answers, local=True)
    assert check.BLOCKED in stopped[page.frame.why[CHECK]] and page.frame.walk not in stopped
    assert check.examine(Studio(), changed).why_not == "", "the columns let people come here to undo it"
    assert click(page, changed, later, act="undo")[page.frame.draft].steps == ()


def test_what_cannot_be_done_is_said_and_not_done(
    page: new_run.View, draft: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(step, "warn", lambda error: said.append(error.title))
    seen, _ = entered(page, draft)

    updates = click(page, draft, seen, act="rename", label="bad", to="  ")

    assert updates == {page.frame.draft: draft} and said == ["The new name is empty."]


def test_rows_are_filtered_and_the_filter_is_shown(page: new_run.View, draft: Draft) -> None:
    seen, _ = entered(page, draft)
    by_class = click(page, draft, seen, act="class", label="bad")
    assert by_class[page.check.seen].wanted == Wanted(label="bad") and by_class[page.check.label] == "bad"
    empty = next(one for one in seen.findings if one.rows)
    shown = click(page, draft, seen, act="show", finding=findings.key_of(empty))
    assert shown[page.check.seen].wanted.numbers == (123,) and "Show all rows" in shown[page.check.only]
    fields = {page.check.search: "SOUP", page.check.label: "", page.check.part: "", page.check.changed: False}
    answers = {page.frame.draft: draft, page.check.seen: seen} | fields
    sifted = step.filtered(Studio(), page.check, page.frame, answers)
    assert "soup" in sifted[page.check.rows] and sifted[page.check.seen].wanted.text == "SOUP"


class Slow(Studio):
    """The real door, but the closer look is told here, and whether it was closed."""

    def __init__(self) -> None:
        super().__init__()
        self.closed = False

    def check(self, config: Any) -> Any:
        try:
            yield News(0, 2, "Looking for near copies")
            yield News(1, 2, "Looking for near copies", (Finding("near", "info", "4 rows are nearly the same", "…"),))
            yield News(2, 2, "dates")
        finally:
            self.closed = True


def test_findings_come_as_they_are_found_and_leaving_ends_the_look(page: new_run.View, draft: Draft) -> None:
    seen, _ = entered(page, draft)
    studio = Slow()
    news = watch(studio, page.check, draft, seen)

    assert "limit:" in next(news)[page.check.lengths]
    assert "Looking for near copies, 1 of 2." in next(news)[page.check.progress]
    found = next(news)
    assert "4 rows are nearly the same" in found[page.check.found]
    assert [one.code for one in found[page.check.seen].findings][-1] == "near"
    news.close()
    assert studio.closed
    assert list(watch(studio, page.check, draft, dataclasses.replace(seen, of="other data"))) == []
    assert list(watch(studio, page.check, draft, dataclasses.replace(seen, is_open=False))) == []


# --- What is drawn


def test_lengths_stand_on_either_side_of_the_limit() -> None:
    drawn = lengths.drawn([10] * 96 + [300] * 4, 128, 5000)

    assert "4 % of the texts are longer than 128 tokens" in drawn
    assert "Measured on 100 of 5,000 texts" in drawn
    assert drawn.count('data-beyond style="height:0.00') + drawn.count('data-beyond style="height:4.17') >= 1
    assert "All are within the limit" in lengths.drawn([5, 9], 32, 2) and lengths.drawn([], 32, 0) == ""


def test_the_account_names_every_reason() -> None:
    checkup = Checkup(
        (), (), Parts(760, 95, 95, 50), Account(1000, 950, (("nothing in `text`", 30), ("taken out by hand", 20)))
    )

    drawn = findings.account(checkup)

    assert "1,000 rows were read: 950 are used; 30 nothing in <code>text</code>, 20 taken out by hand." in drawn


def test_ranges_of_numbers_are_only_drawn() -> None:
    draft = Draft(task="text-regression", columns={"text": "t", "number": "n"})

    drawn = classes.drawn(draft, Checkup((), (("0 to 1", 4), ("1 to 2", 2)), Parts(4, 1, 1, 0)), None)

    assert "Rows of each" in drawn and "data-act" not in drawn
