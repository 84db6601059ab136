"""Conversations in every form in which they come, what is put right in them, and what is left out and why."""

from __future__ import annotations

import json
from typing import Any

import pytest

from core.data.conversations import as_json, as_text, conversations, parse, problem_findings, questions, shown, tidy

ASKED, ANSWERED = {"role": "user", "content": "Who are you?"}, {"role": "assistant", "content": "Ada."}
CHATML = "<|im_start|>user\nWho are you?<|im_end|>\n<|im_start|>assistant\nAda.<|im_end|>\n"


def turns(*said: str) -> list[dict[str, str]]:
    """``turns("u hello", "a good day")``."""
    names = {"s": "system", "u": "user", "a": "assistant"}
    return [{"role": names.get(one[0], one[0]), "content": one[2:]} for one in said]


@pytest.mark.parametrize(
    "cell",
    [
        [ASKED, ANSWERED],
        (ASKED, ANSWERED),
        {"messages": [ASKED, ANSWERED]},
        [{"from": "human", "value": "Who are you?"}, {"from": "gpt", "value": "Ada."}],
        {"conversations": [{"from": "human", "value": "Who are you?"}, {"from": "gpt", "value": "Ada."}]},
        [{"content": " Who are you?\n", "role": "User "}, {"content": "Ada.", "role": "Assistant"}],
        [{"role": "user", "content": [{"type": "text", "text": "Who are you?"}]}, ANSWERED],
        [{**ASKED, "from": None, "value": None}, ANSWERED],
        json.dumps([ASKED, ANSWERED]),
        str([ASKED, ANSWERED]),
        f"[{ASKED}\n {ANSWERED}]",
        str({"conversations": [{"from": "human", "value": "Who are you?"}, {"from": "gpt", "value": "Ada."}]}),
        " " + json.dumps({"messages": [ASKED, ANSWERED]}) + "\n",
        CHATML,
        CHATML.strip(),
        CHATML + "<|im_start|>assistant\n",
        CHATML.replace("<|im_end|>\n", ""),
    ],
)
def test_every_form_is_read(cell: Any) -> None:
    assert parse(cell) == [ASKED, ANSWERED]


@pytest.mark.parametrize(
    "cell", [None, "", "just a text", "[", '["a", "b"]', '"text"', "{}", [], [1], ["hello"], [{"role": "user"}], 3.5]
)
def test_what_is_no_conversation_is_none(cell: Any) -> None:
    assert parse(cell) is None


@pytest.mark.parametrize(
    ("found", "kept", "problems"),
    [
        (turns("u hi", "a hello"), turns("u hi", "a hello"), []),
        (turns("s be kind", "u hi", "a hello"), turns("s be kind", "u hi", "a hello"), []),
        (turns("s ", "u hi", "a hello"), turns("u hi", "a hello"), []),
        (turns("a welcome", "u hi", "a hello"), turns("a welcome", "u hi", "a hello"), []),
        (turns("u hi", "a hello", "u bye"), turns("u hi", "a hello"), ["cut-ending"]),
        (turns("u hi", "u there", "a hello"), turns("u hi\n\nthere", "a hello"), ["merged-turns"]),
        (turns("u hi", "a one", "a two"), turns("u hi", "a one\n\ntwo"), ["merged-turns"]),
        (turns("u hi", "s be kind", "a hello"), turns("s be kind", "u hi", "a hello"), ["late-system"]),
        (turns("u hi"), [], ["no-answer"]),
        (turns("s be kind"), [], ["no-answer"]),
        (turns("u hi", "a "), [], ["empty-answer"]),
        (turns("u hi", "a ", "u hello?", "a yes"), [], ["empty-answer"]),
        (turns("u ", "a hello"), [], ["empty-question"]),
        (turns("a hello"), [], ["no-question"]),
        (turns("u hi", "tool 3", "a three"), [], ["unknown-role"]),
    ],
)
def test_what_can_be_put_right_is_and_the_rest_is_named(
    found: list[dict[str, str]], kept: list[dict[str, str]], problems: list[str]
) -> None:
    assert tidy(found) == (kept, problems)


def test_rows_are_counted_and_their_problems_told() -> None:
    cells = [[ASKED, ANSWERED], "nonsense", [ASKED], [ASKED, ANSWERED, ASKED], None]
    found = conversations(cells)
    assert (found.rows, found.answers) == ([0, 3], ["Ada.", "Ada."])
    assert found.messages == [as_json([ASKED])] * 2
    findings = {finding.code: finding for finding in problem_findings("chat", found.problems)}
    assert {code: finding.rows for code, finding in findings.items()} == {
        "unreadable": (2, 5),
        "no-answer": (3,),
        "cut-ending": (4,),
    }
    assert findings["unreadable"].severity == "warning" and findings["cut-ending"].severity == "info"
    assert all("`chat`" in finding.title and finding.meaning for finding in findings.values())


def test_a_question_is_what_waits_for_an_answer() -> None:
    cells = [[ASKED, ANSWERED], [ASKED], "Who are you?", as_json([ASKED, ANSWERED, ASKED]), "", None, [ANSWERED]]
    once = as_json([ASKED])
    assert questions(cells) == [once, once, once, as_json([ASKED, ANSWERED, ASKED]), "", "", ""]


def test_unicode_stays_as_it_is() -> None:
    (found,) = conversations([turns("u Grüße 👋 你好", "a Привет")]).messages
    assert "Grüße 👋 你好" in found


def test_conversations_are_shown_as_people_read_them() -> None:
    assert shown(as_json([ASKED])) == "Who are you?"
    assert shown(as_json([ASKED, ANSWERED, ASKED])) == "User: Who are you?\n\nAssistant: Ada.\n\nUser: Who are you?"
    assert as_text(as_json([ASKED]), "Ada.") == "Who are you?\nAda."
