"""Conversations: who said what so far, with each model that answers, and how it is drawn.

They travel as JSON between the page and the app, which keeps nothing: two tabs hold two conversations.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from html import escape
from typing import Any

from core.tasks.base import Kind
from ui import marked
from ui.languages import tr, tr_html
from ui.try_it import drawing
from ui.try_it.answering import Said
from ui.try_it.seats import Seat

Message = Mapping[str, str]
NOTHING_YET = '<p class="nr-note">The conversation appears here. What you write first opens it.</p>'
INHERITED = '<li class="try-inherited nr-note">Up to here the other model answered.</li>'
WRITING = '<p class="nr-loading" role="status">The model is about to write.</p>'


@dataclass(frozen=True)
class Talk:
    """What was said with one model, without the instructions above it. ``key`` is that of its seat.

    Of the ``messages``, the first ``inherited`` were said with another model.
    """

    key: str
    messages: tuple[Message, ...] = ()
    inherited: int = 0

    def with_question(self, words: str) -> Talk:
        """A question that got no answer is taken back: models are taught that the two speak in turn."""
        answered = self.messages[:-1] if self.waits else self.messages
        return self._saying(*answered, {"role": "user", "content": words})

    def with_answer(self, words: str) -> Talk:
        return self._saying(*self.messages, {"role": "assistant", "content": words})

    def without_answer(self) -> Talk:
        """Before the last answer, so that it can be given again."""
        return self if self.waits else self._saying(*self.messages[:-1])

    def _saying(self, *messages: Message) -> Talk:
        return Talk(self.key, messages, min(self.inherited, len(messages)))

    @property
    def waits(self) -> bool:
        """Whether the last question has no answer."""
        return bool(self.messages) and self.messages[-1]["role"] == "user"


def read(text: str | None) -> list[Talk]:
    """The conversations that a page holds."""
    return [Talk(one["key"], tuple(one["messages"]), one["inherited"]) for one in json.loads(text or "[]")]


def written(talks: Sequence[Talk]) -> str:
    """The same as JSON, for a page to hold."""
    return json.dumps([asdict(one) for one in talks], ensure_ascii=False)


def fitted(talks: Sequence[Talk], seats: Sequence[Seat]) -> list[Talk]:
    """One conversation a seat. Who comes to it goes on from what was said with the others."""
    by_key = {one.key: one for one in talks}
    first = talks[0].messages if talks else ()
    return [by_key.get(seat.key) or Talk(seat.key, first, len(first)) for seat in seats]


def question(talk: Talk, instructions: str) -> str:
    """The conversation as a task with messages takes it: JSON, the instructions first."""
    system = [{"role": "system", "content": instructions.strip()}] if instructions.strip() else []
    return json.dumps([*system, *talk.messages], ensure_ascii=False)


def first_question(text: str) -> str:
    """The first words of the person in a conversation that was cut off somewhere; empty when there are none."""
    try:
        messages: Any = json.loads(text)
    except ValueError:
        return ""
    said = [one for one in messages if isinstance(one, dict)] if isinstance(messages, list) else []
    return next((str(one.get("content") or "") for one in said if one.get("role") == "user"), "")


def drawn(talk: Talk, title: str, kind: Kind, said: Said | None = None) -> str:
    """The conversation in bubbles, with what is being said at its end. Words of both sides are text, never HTML."""
    lines = [_bubble(one["role"], _prose(one["content"])) for one in talk.messages]
    if any(one["role"] == "assistant" for one in talk.messages[: talk.inherited]):
        lines.insert(talk.inherited, tr_html(INHERITED))
    if said is not None:
        lines.append(_bubble("assistant", drawing.answer(kind, said, tr_html(WRITING))))
    body = "".join(lines)
    # A list that can be scrolled must be reachable by keyboard.
    said_ = f'<ol class="try-said" tabindex="0" aria-label="{_label(title)}">{body}</ol>'
    talked = said_ if lines else tr_html(NOTHING_YET)
    return drawing.heading(title) + talked


def _prose(words: str) -> str:
    return marked.text(words, []) if words.strip() else tr_html('<p class="nr-note">The model wrote nothing.</p>')


def _bubble(role: str, body: str) -> str:
    who, said = ("you", tr("You")) if role == "user" else ("model", tr("Model"))
    return f'<li class="try-bubble" data-who="{who}"><span class="nr-unseen">{escape(said)}: </span>{body}</li>'


def _label(title: str) -> str:
    return escape(tr("Conversation, {title}", title=title) if title else tr("Conversation"))
