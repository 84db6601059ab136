"""Padding, chat templates, and whose token is whose: on vocabularies and templates of every kind that is met."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from transformers import AutoTokenizer

from core.errors import CheckpointError, DataError
from core.models import heads
from core.models.tokenizers import assistant_mask, load_tokenizer, render, with_chat_template, with_padding

TALK = [
    {"role": "user", "content": "how is the soup?"},
    {"role": "assistant", "content": "warm and good"},
    {"role": "user", "content": "and the bread?"},
    {"role": "assistant", "content": " a kind waiter\nbroke it"},
]
SYSTEM = {"role": "system", "content": "be kind"}

SMOLLM2 = (
    "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system\n"
    "You are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n' }}{% endif %}"
    "{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
LLAMA2 = (
    "{% if messages[0]['role'] == 'system' %}{% set rest = messages[1:] %}{% set system = messages[0]['content'] %}"
    "{% else %}{% set rest = messages %}{% set system = false %}{% endif %}"
    "{% for message in rest %}"
    "{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}"
    "{% if loop.index0 == 0 and system %}"
    "{% set content = '<<SYS>>\n' + system + '\n<</SYS>>\n\n' + message['content'] %}"
    "{% else %}{% set content = message['content'] %}{% endif %}"
    "{% if message['role'] == 'user' %}{{ bos_token + '[INST] ' + content.strip() + ' [/INST]' }}"
    "{% else %}{{ ' ' + content.strip() + ' ' + eos_token }}{% endif %}{% endfor %}"
)
NO_SYSTEM = (
    "{{ bos_token }}"
    "{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}"
    "{% for message in messages %}{{ '<turn>' + message['role'] + '\n' + message['content'] | trim + '<end>\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<turn>assistant\n' }}{% endif %}"
)
THINKING = (
    "{% for message in messages %}{{ '<turn>' + message['role'] + '\n' }}"
    "{% if message['role'] == 'assistant' and loop.last %}{{ '<think></think>' }}{% endif %}"
    "{{ message['content'] + '<end>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<turn>assistant\n<think>' }}{% endif %}"
)
DROPS_SYSTEM = (
    "{% for message in messages if message['role'] != 'system' %}{{ message['role'] + ': ' + message['content'] }}"
    "{{ '\n\n' }}{% endfor %}{% if add_generation_prompt %}{{ 'assistant: ' }}{% endif %}"
)


@pytest.fixture
def plain(tiny_llama: Path) -> Any:
    return load_tokenizer(tiny_llama)


def said(tokenizer: Any, messages: list[dict[str, str]]) -> list[str]:
    """The runs of tokens that the assistant has to write, as text."""
    ids, mask = assistant_mask(tokenizer, messages)
    assert tokenizer.decode(ids) == render(tokenizer, messages)
    runs: list[list[int]] = []
    for place, is_his in enumerate(mask):
        if is_his:
            if place == 0 or not mask[place - 1]:
                runs.append([])
            runs[-1].append(ids[place])
    return [tokenizer.decode(run) for run in runs]


class TestChatMl:
    def test_is_given_to_a_model_without_a_template(self, plain: Any, tiny_llama: Path) -> None:
        before = len(plain)
        tokenizer, (note,) = with_chat_template(plain)
        assert "ChatML" in note.title and "<|im_start|> and <|im_end|>" in note.detail
        assert len(tokenizer) == before + 2
        assert (tokenizer.eos_token, tokenizer.pad_token, tokenizer.bos_token) == ("<|im_end|>", "<end>", "<start>")
        model = heads.build("AutoModelForCausalLM", str(tiny_llama), what="talk").model
        assert heads.resize(model, tokenizer) is not None
        assert "generation" in tokenizer.chat_template

    def test_survives_saving(self, plain: Any, tmp_path: Path) -> None:
        tokenizer, _ = with_chat_template(plain)
        tokenizer.save_pretrained(tmp_path)
        again = load_tokenizer(tmp_path)
        assert render(again, TALK) == render(tokenizer, TALK)
        assert with_chat_template(again) == (again, ())
        assert again.encode("<|im_end|>", add_special_tokens=False) == [again.eos_token_id]

    def test_marks_what_the_assistant_writes(self, plain: Any) -> None:
        tokenizer, _ = with_chat_template(plain)
        assert said(tokenizer, [SYSTEM, *TALK]) == ["warm and good<|im_end|>", " a kind waiter\nbroke it<|im_end|>"]

    def test_transformers_marks_the_same_tokens(self, plain: Any) -> None:
        tokenizer, _ = with_chat_template(plain)
        theirs = tokenizer.apply_chat_template(TALK, return_dict=True, return_assistant_tokens_mask=True)
        ids, mask = assistant_mask(tokenizer, TALK)
        assert (theirs["input_ids"], theirs["assistant_masks"]) == (ids, mask)

    def test_what_is_given_to_answer_is_what_stands_before_the_answer(self, plain: Any) -> None:
        tokenizer, _ = with_chat_template(plain)
        ids, mask = assistant_mask(tokenizer, TALK[:2])
        prompt = tokenizer.apply_chat_template(TALK[:1], add_generation_prompt=True, return_dict=False)
        assert ids[: mask.index(1)] == prompt


class TestOtherTemplates:
    def test_of_its_own_is_kept(self, tiny_chat: Path) -> None:
        tokenizer, notes = with_chat_template(load_tokenizer(tiny_chat))
        assert tokenizer.chat_template == AutoTokenizer.from_pretrained(tiny_chat).chat_template
        assert [note.title for note in notes] == [
            "The model has no padding token, so its end token fills up shorter texts."
        ]
        assert said(tokenizer, [SYSTEM, *TALK]) == ["warm and good<end>", " a kind waiter\nbroke it<end>"]

    @pytest.mark.parametrize("messages", [TALK, [SYSTEM, *TALK], TALK[1:]])
    def test_with_a_default_system_message(self, plain: Any, messages: list[dict[str, str]]) -> None:
        tokenizer, _ = with_chat_template(plain)
        tokenizer.chat_template = SMOLLM2
        answers = said(tokenizer, messages)
        assert [answer.strip() for answer in answers] == [
            "warm and good<|im_end|>",
            "a kind waiter\nbroke it<|im_end|>",
        ]

    @pytest.mark.parametrize("messages", [TALK, [SYSTEM, *TALK]])
    def test_with_brackets_around_the_user(self, plain: Any, messages: list[dict[str, str]]) -> None:
        plain.chat_template = LLAMA2
        assert said(plain, messages) == [" warm and good <end>", " a kind waiter\nbroke it <end>"]

    def test_that_refuses_a_system_message(self, plain: Any) -> None:
        plain.chat_template = NO_SYSTEM
        assert said(plain, TALK) == ["warm and good<end>", "a kind waiter\nbroke it<end>"]
        with pytest.raises(DataError, match="System role not supported") as caught:
            assistant_mask(plain, [SYSTEM, *TALK])
        assert "Take the system message out" in caught.value.advice

    def test_that_wants_turns_to_alternate(self, plain: Any) -> None:
        plain.chat_template = LLAMA2
        with pytest.raises(DataError, match="must alternate") as caught:
            assistant_mask(plain, [TALK[0], TALK[0]])
        assert "speak in turn" in caught.value.advice

    def test_that_shows_thoughts_only_in_the_last_turn(self, plain: Any) -> None:
        plain.chat_template = THINKING
        assert said(plain, TALK)[0] == "warm and good<end>"
        assert said(plain, TALK)[1].endswith("a kind waiter\nbroke it<end>")

    def test_that_leaves_the_system_message_out_and_has_no_marks(self, plain: Any) -> None:
        plain.chat_template = DROPS_SYSTEM
        # The blank that the prompt ends with is one token with the first word.
        assert said(plain, [SYSTEM, *TALK]) == [" warm and good\n\n", " a kind waiter\nbroke it\n\n"]

    def test_that_changes_the_words_is_named(self, plain: Any) -> None:
        plain.chat_template = "{% for message in messages[1:] %}{{ message['content'] | upper }}{% endfor %}"
        with pytest.raises(DataError, match=r"turn 1 cannot be found"):
            assistant_mask(plain, TALK[1:])

    def test_a_word_that_the_user_said_too_is_not_mistaken(self, plain: Any) -> None:
        plain.chat_template = NO_SYSTEM
        talk = [{"role": "user", "content": "a a a"}, {"role": "assistant", "content": "a"}]
        assert said(plain, talk * 2) == ["a<end>", "a<end>"]


def test_letters_of_several_tokens_are_marked_whole(plain: Any) -> None:
    plain.chat_template = NO_SYSTEM
    talk = [{"role": "user", "content": "日本 🙂"}, {"role": "assistant", "content": "🙂 ça va 日本"}]
    assert said(plain, talk) == ["🙂 ça va 日本<end>"]


def test_ids_and_marks_are_cut_together(plain: Any) -> None:
    plain.chat_template = NO_SYSTEM
    ids, mask = assistant_mask(plain, TALK)
    assert assistant_mask(plain, TALK, 20) == (ids[:20], mask[:20])


def test_a_padding_token_is_its_own_else_the_end_else_new(tiny_bert: Path, tiny_llama: Path) -> None:
    assert with_padding(load_tokenizer(tiny_bert))[1] == ()
    tokenizer, (note,) = with_padding(load_tokenizer(tiny_llama))
    assert tokenizer.pad_token == "<end>" and "end token" in note.title
    bare = load_tokenizer(tiny_llama)
    bare.eos_token = None
    tokenizer, (note,) = with_padding(bare)
    assert tokenizer.pad_token == "<pad>" and "was added" in note.title


def test_a_tokenizer_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    (tmp_path / "tokenizer.json").write_text("{")
    with pytest.raises(CheckpointError, match="tokenizer cannot be read"):
        load_tokenizer(tmp_path)
