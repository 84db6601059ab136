"""Conversations as tokens: what is learned of them, what is cut, and forms that do not take everything."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from core.errors import DataError
from core.models import chat
from core.models.tokenizers import load_tokenizer, render, with_chat_template

WITHOUT_SYSTEM = (
    "{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}"
    "{% for message in messages %}<|{{ message['role'] }}|>{{ message['content'] }}<end>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
LONG = [
    {"role": "system", "content": "be kind"},
    {"role": "user", "content": "the first question is very long indeed " * 3},
    {"role": "assistant", "content": "the first answer"},
    {"role": "user", "content": "the second question"},
    {"role": "assistant", "content": "the second answer"},
]


@pytest.fixture
def tokenizer(tiny_chat: Path) -> Any:
    return with_chat_template(load_tokenizer(tiny_chat))[0]


def read(tokenizer: Any, found: tuple[list[int], list[int]] | None) -> tuple[str, str]:
    """(all that is read, what of it is learned)."""
    assert found is not None
    ids, mask = found
    learned = [token for token, one in zip(ids, mask, strict=True) if one]
    return tokenizer.decode(ids), tokenizer.decode(learned)


def test_only_answers_are_learned_with_their_ends(tokenizer: Any) -> None:
    text, learned = read(tokenizer, chat.learnable(tokenizer, LONG, 1000))
    assert text == render(tokenizer, LONG)
    assert learned == "the first answer<end>the second answer<end>"


def test_what_is_too_long_loses_whole_turns_from_its_left(tokenizer: Any) -> None:
    short = [LONG[0], *LONG[3:]]
    room = len(tokenizer(render(tokenizer, short), add_special_tokens=False)["input_ids"])
    text, learned = read(tokenizer, chat.learnable(tokenizer, LONG, room))
    assert text == render(tokenizer, short)
    assert learned == "the second answer<end>"


def test_what_is_still_too_long_keeps_the_answer(tokenizer: Any) -> None:
    turns = [{"role": "user", "content": "why " * 60}, {"role": "assistant", "content": "because it is so"}]
    ids, mask = chat.learnable(tokenizer, turns, 30) or ([], [])
    assert len(ids) == 30 and tokenizer.decode(ids).endswith("because it is so<end>")
    turns = [{"role": "user", "content": "why"}, {"role": "assistant", "content": "because " * 60}]
    ids, mask = chat.learnable(tokenizer, turns, 30) or ([], [])
    assert len(ids) == 30 and sum(mask) >= 22 and tokenizer.decode(ids).startswith("<|user|>why<end>")


def test_a_prompt_ends_where_the_assistant_begins(tokenizer: Any) -> None:
    asked = LONG[:-1]
    whole = tokenizer.decode(chat.prompt_ids(tokenizer, asked, None))
    assert whole == render(tokenizer, asked, prompt=True) and whole.endswith("<|assistant|>")
    cut = chat.prompt_ids(tokenizer, asked, 40)
    assert len(cut) <= 40 and "first" not in tokenizer.decode(cut) and "be kind" in tokenizer.decode(cut)
    assert len(chat.prompt_ids(tokenizer, asked, 5)) == 5


def test_a_system_text_goes_where_the_form_takes_it(tokenizer: Any) -> None:
    asked = [{"role": "user", "content": "hi"}]
    assert chat.takes_system(tokenizer)
    assert chat.with_system(asked, "be kind", True)[0] == {"role": "system", "content": "be kind"}
    assert chat.with_system(LONG, "be rude", True)[0]["content"] == "be kind"
    assert chat.with_system(asked, "", True) == asked
    tokenizer.chat_template = WITHOUT_SYSTEM
    assert not chat.takes_system(tokenizer)
    assert chat.with_system(LONG, "", False)[0]["content"].startswith("be kind\n\nthe first question")
    assert asked == [{"role": "user", "content": "hi"}]


def test_a_conversation_that_the_form_refuses_leaves_nothing_to_learn(tokenizer: Any) -> None:
    tokenizer.chat_template = WITHOUT_SYSTEM
    encoded = chat.encode(tokenizer, [LONG, LONG[1:]], 500)
    assert [any(label != -100 for label in row) for row in encoded["labels"]] == [False, True]
    with pytest.raises(DataError, match="System role not supported"):
        chat.encode(tokenizer, [LONG], 500)


def test_an_answer_ends_with_the_mark_of_its_form(tokenizer: Any, tiny_llama: Path) -> None:
    assert chat.end_of_turn(tokenizer) == tokenizer.convert_tokens_to_ids("<end>")
    common = with_chat_template(load_tokenizer(tiny_llama))[0]
    assert chat.end_of_turn(common) == common.convert_tokens_to_ids("<|im_end|>")


def test_a_folder_says_whether_its_model_knows_conversations(tiny_chat: Path, tiny_llama: Path, tmp_path: Path) -> None:
    assert chat.has_template(tiny_chat) and not chat.has_template(tiny_llama)
    inside = shutil.copytree(tiny_llama, tmp_path / "inside")
    (inside / "tokenizer_config.json").write_text('{"chat_template": "{{ messages }}"}')
    assert chat.has_template(inside)
    assert not chat.has_template(tmp_path)
