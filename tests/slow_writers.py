"""Toy tasks that write one word after another, as slowly as is asked for; brought along with ``TUNESMITH_TASKS``.

Their model only tells whether it is the trained one, so that two that answer side by side can be told apart.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Annotated, Any

from pydantic import Field

from core.models.types import Built
from core.schema import Setting, Settings
from core.tasks.base import Context, Role
from core.tasks.text_classification import TASK

PATHS = "tests.slow_writers:WRITER,tests.slow_writers:TALKER"


class Pace(Settings):
    """How it writes."""

    words: Annotated[int, Field(ge=0, le=10_000), Setting("Words", "How many words it writes.")] = 5
    pause: Annotated[float, Field(ge=0, le=10), Setting("Pause", "Before each word.", unit="seconds")] = 0.0
    seed: Annotated[int, Field(ge=0), Setting("Seed", "Stands in the answer.", "advanced")] = 1


def build_model(folder: str, context: Context) -> Built:
    """The checkpoint with a new answer layer."""
    from transformers import AutoModelForSequenceClassification

    return Built(AutoModelForSequenceClassification.from_pretrained(folder))


def write(model: Any, question: Mapping[str, Any], context: Context, knobs: Pace) -> Iterator[dict[str, Any]]:
    """``<b>trained</b>, seed 1, heard 1 to “hello”: word 0 word 1 …``"""
    heard = json.loads(question["messages"]) if "messages" in question else [{"content": question["text"]}]
    if heard[-1]["content"] == "break":
        raise RuntimeError("broken")
    who = "trained" if model.config.id2label[1] == "good" else "untrained"
    text = f"<b>{who}</b>, seed {knobs.seed}, heard {len(heard)} to “{heard[-1]['content']}”:"
    yield {"text": text}
    for number in range(knobs.words):
        time.sleep(knobs.pause)
        text += f" word {number}"
        yield {"text": text}


WRITER = replace(
    TASK,
    id="slow-writer",
    title="Slow writing",
    output="text",
    knobs=Pace,
    starts_able=True,
    build_model=build_model,
    write=write,
)
TALKER = replace(
    WRITER,
    id="slow-talker",
    title="Slow talking",
    output="chat",
    asks=(Role("messages", "Your message", "What has been said so far.", "chat", nested=True),),
)
