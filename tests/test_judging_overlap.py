"""Rows that a model may have known are told in the verdict, with the mark it has without them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from core.config import validate
from core.data.parts import DataParts
from core.data.types import Target
from core.judging.readings import overlap
from core.judging.readings.base import Facts
from core.tasks import TASKS
from core.tasks.base import Context
from tests.making import config

LABELS = ("bad", "good")
TARGET = Target(LABELS, (50, 50))
WORDS = ("soup", "film", "parcel", "lamp", "towel", "bill", "phone", "garden", "train", "shelf", "coat", "paint")


def texts(start: int, rows: int) -> list[str]:
    """Different texts that no other row is nearly the same as."""
    random = np.random.default_rng(start)
    return [" ".join([*random.choice(WORDS, 12), f"no{start + row}"]) for row in range(rows)]


def table(said: list[str]) -> Any:
    labels = [LABELS[row % 2] for row in range(len(said))]
    return pa.table({"text": said, "label": labels, "row": np.arange(1, len(said) + 1)})


def facts_of(train: list[str], test: list[str], wrong: list[int]) -> Facts:
    """The answers are right but for the rows ``wrong``."""
    wanted = validate(config().model_dump(mode="json"))
    task, judged = TASKS[wanted.task], table(test)
    truth = np.arange(len(test)) % 2
    logits = np.eye(2)[truth] * 4
    logits[wrong] = logits[wrong][:, ::-1]
    context = Context(None, TARGET, 32, wanted.options)
    parts = DataParts(table(train), judged.slice(0, 0), judged, TARGET, (), 0)
    report = {"metrics": {"test": task.judge(logits, judged, context)}}
    return Facts(wanted, task, parts, context, logits, judged, report)


def said_of(facts: Facts) -> tuple[dict[str, Any], str]:
    found = overlap.read(facts)
    assert found is not None
    return found, overlap.verdict({"overlap": found})


def test_a_planted_leak_is_said_with_the_mark_without_it() -> None:
    train, fresh = texts(0, 200), texts(1000, 128)
    test = [*(f"  {text.upper()} " for text in train[:12]), *fresh]
    facts = facts_of(train, test, wrong=list(range(12, 40)))
    found, said = said_of(facts)
    assert said == (
        "12 of the 140 examples were in the training rows too, so the mark is too good: without them it is right 78 % "
        "instead of 80 %."
    )
    assert (found["copied"], found["near"], found["repeated"]) == (12, 0, 0)
    assert found["without"] == pytest.approx(100 / 128) and found["opens"]["copied"] == list(range(1, 13))
    (section,) = overlap.sections({"overlap": found})
    assert section.content["rows"] == [["Stand among the training rows too", 12, found["without"]]]
    assert section.content["opens"] == [[["row", "in", list(range(1, 13))]]]


def test_a_planted_duplicate_is_said() -> None:
    fresh = texts(1000, 97)
    facts = facts_of(texts(0, 100), [*fresh, *fresh[:3]], wrong=[0])
    found, said = said_of(facts)
    assert said == "3 of the 100 examples say the same as an earlier one, so only 97 different ones were judged."
    assert found["once"] == pytest.approx(96 / 97) and found["opens"]["repeated"] == [98, 99, 100]


def test_near_copies_count_as_known_too() -> None:
    train = texts(0, 100)
    test = [*(f"{text} today" for text in train[:2]), *texts(1000, 48)]
    found, said = said_of(facts_of(train, test, wrong=[0, 5]))
    assert said.startswith("2 of the 50 examples were nearly the same as a training row;") and found["copied"] == 0
    # What was known was answered worse here: nothing to complain about.
    assert said.endswith("without them the mark is no worse (it is right 98 %).")


def test_clean_parts_say_nothing_and_few_rows_have_no_mark_of_their_own() -> None:
    found, said = said_of(facts_of(texts(0, 60), texts(1000, 40), wrong=[1]))
    assert said == "" and overlap.sections({"overlap": found}) == []
    train = texts(0, 60)
    _, said = said_of(facts_of(train, [*train[:15], *texts(1000, 5)], wrong=[1]))
    assert said == "15 of the 20 examples were in the training rows too, so the mark may be too good."
    facts = facts_of(train, train[:20], wrong=[])
    assert overlap.read(replace(facts, parts=replace(facts.parts, test=facts.parts.test.slice(0, 0)))) is None


def test_a_word_that_gives_the_answer_away_is_said() -> None:
    train, test = texts(0, 120), texts(1000, 40)
    marked = [[f"zq7 {text}" if row % 2 else text for row, text in enumerate(part)] for part in (train, test)]
    found, said = said_of(facts_of(*marked, wrong=[]))
    assert found["giveaways"] == [{"word": "zq7", "label": "good", "rows": 20}]
    assert said.startswith("A single word gives the answer away (“zq7” tells `good`)")
