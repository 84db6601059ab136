"""Conversations in the playground: who said what, with whom, and that it stays text."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any, cast

import gradio as gr
import pytest

from core.studio import Studio
from core.tasks import TASKS
from tests import slow_writers
from tests.test_ui_try_it import make_run
from ui.try_it import beside, conversation, talk
from ui.try_it.answering import Said, Stops
from ui.try_it.seats import Seat
from ui.try_it.talk import Talk

HERE, THERE = Seat("here", "After training"), Seat("here", "Before training", untrained=True)


def said(*words: str, key: str = "here") -> Talk:
    """Turn by turn, the person first."""
    roles = ("user", "assistant") * len(words)
    return Talk(key, tuple({"role": role, "content": text} for role, text in zip(roles, words, strict=False)))


def test_turns_follow_each_other_and_a_question_without_answer_is_taken_back() -> None:
    assert said().with_question("a").with_answer("b") == said("a", "b")
    assert said("a", "b", "lost").with_question("c") == said("a", "b", "c")
    assert said("a", "b").without_answer() == said("a") == said("a").without_answer()


def test_a_page_holds_its_conversations_as_they_are() -> None:
    talks = [said("<ü>", "😀"), Talk("there", (), 0)]

    assert talk.read(talk.written(talks)) == talks
    assert talk.read("") == talk.read(None) == []


def test_who_comes_to_it_goes_on_from_what_was_said_and_that_is_told() -> None:
    here, there = talk.fitted([said("a", "b")], [HERE, THERE])

    assert (here, there.key, there.messages, there.inherited) == (said("a", "b"), THERE.key, here.messages, 2)
    there = there.with_question("c").with_answer("d")
    assert talk.fitted([here, there], [HERE, THERE]) == [here, there]
    drawn = talk.drawn(there, THERE.title, "chat")
    assert drawn.index("a") < drawn.index("Up to here the other model answered.") < drawn.index(">c<")
    alone = talk.drawn(there.without_answer().without_answer(), "", "chat")
    assert "Up to here" in alone
    assert talk.fitted([], [HERE]) == [Talk(HERE.key)]


def test_instructions_stand_first_where_there_are_any() -> None:
    assert json.loads(talk.question(said("a"), " Be kind. "))[0] == {"role": "system", "content": "Be kind."}
    assert json.loads(talk.question(said("a"), " ")) == [{"role": "user", "content": "a"}]


def test_both_sides_are_text_and_never_html() -> None:
    drawn = talk.drawn(said("<script>1</script>", "**<b>2</b>**\n# 3", "x"), "<i>", "chat", Said({"text": "<u>4"}))

    assert "<script" not in drawn and "<b>" not in drawn and "<u>" not in drawn and "<i>" not in drawn
    assert "**&lt;b&gt;2&lt;/b&gt;**\n# 3" in drawn, "marks of Markdown stay what they are"
    assert drawn.count('data-who="you"') == 2 and drawn.count('data-who="model"') == 2
    assert talk.drawn(said(), "", "chat") == talk.NOTHING_YET


# --- The room --------------------------------------------------------------------------------------------------------


class Writing(Studio):
    """A studio whose models say what they were asked, in two pieces."""

    def write(self, run_id: str, inputs: Any, knobs: Any, untrained: bool = False) -> Any:
        messages = json.loads(inputs["messages"])
        if messages[-1]["content"] == "break":
            raise RuntimeError("broken")
        yield {"text": "heard"}
        yield {"text": f"{len(messages)} messages, seed {knobs['seed']}{', before' * untrained}"}


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch) -> conversation.Room:
    monkeypatch.setitem(TASKS, slow_writers.TALKER.id, slow_writers.TALKER)
    with gr.Blocks():
        return conversation.Room(conversation.layout(), beside.layout(), Writing(), Stops())


class Talking:
    """A page in front of the room: it takes what the room says and gives back what stands in it."""

    def __init__(self, room: conversation.Room) -> None:
        run = make_run("text", "label", task=slow_writers.TALKER.id)
        self.room = room
        self.request = cast(gr.Request, SimpleNamespace(query_params={"id": run}, session_hash="me"))
        self.group = room.view.groups[slow_writers.TALKER.id]
        knobs: Any = self.group.knobs
        self.values: dict[Any, Any] = {room.view.held: "", knobs["words"]: 5, knobs["pause"]: 0, knobs["seed"]: 1}

    def take(self, updates: dict[Any, Any]) -> None:
        for part, update in updates.items():
            value = update.get("value", self.values.get(part)) if isinstance(update, dict) else update
            self.values[part] = value

    def send(self, words: str) -> None:
        self.values[self.group.inputs["messages"]] = words
        for updates in self.room.send(self.values, self.request):
            self.take(updates)

    def again(self) -> None:
        for updates in self.room.again(dict(self.values), self.request):
            self.take(updates)

    @property
    def held(self) -> list[Talk]:
        return talk.read(self.values[self.room.view.held])

    @property
    def last_words(self) -> list[str]:
        return [one.messages[-1]["content"] for one in self.held]


def test_a_conversation_grows_turn_by_turn(room: conversation.Room) -> None:
    page = Talking(room)

    page.send("one")
    page.values[page.group.system] = "Be kind."
    page.send("two")

    assert page.last_words == ["4 messages, seed 1"], "instructions, two questions, one answer"
    assert page.values[page.group.inputs["messages"]] == ""
    assert "4 messages" in page.values[room.view.said[0]]


def test_an_answer_can_be_given_again_with_other_luck(room: conversation.Room) -> None:
    page = Talking(room)
    page.send("one")

    page.again()

    assert page.last_words == ["1 messages, seed 2"]
    assert page.values[page.group.knobs["seed"]] == 2, "and the page shows where it came from"


def test_two_models_hold_a_conversation_each(room: conversation.Room) -> None:
    page = Talking(room)
    page.send("one")
    page.values[room.choice.before] = True

    page.send("two")

    assert page.last_words == ["3 messages, seed 1", "3 messages, seed 1, before"]
    assert [one.inherited for one in page.held] == [0, 2]
    page.take(room.anew(page.values, page.request))
    assert [one.messages for one in page.held] == [(), ()]


def test_nothing_is_lost_when_an_answer_fails_or_nothing_was_written(room: conversation.Room) -> None:
    page = Talking(room)
    page.send("one")
    page.send("break")
    assert "Something unexpected went wrong." in page.values[room.view.said[0]]
    assert page.last_words == ["break"] and page.held[0].waits

    page.send("two")
    assert page.last_words == ["3 messages, seed 1"]
    page.send("  ")
    assert "Write a message first." in page.values[room.view.problem]
    page.values[page.group.knobs["words"]] = -3
    page.send("three")
    assert "Give a whole number from 0 to 10,000." in page.values[room.view.problem]
    assert page.values[page.group.inputs["messages"]] == "three", "what was written stays in its field"
