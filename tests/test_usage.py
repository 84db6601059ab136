"""Example code says what the playground says: run for real, for every task, in a Python without this project."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from core.prediction.predictor import Predictor
from core.tasks import TASKS
from core.tasks.base import Task
from core.usage.snippets import usage_of
from tests.plain_python import run_all
from tests.untrained import HOSTILE, rows_with, run_of

LONG = "The courier left it with a neighbour, and the zip broke on the second day in Zürich. " * 12
EXACT = 1e-5
REFUSING = (
    "{% for message in messages %}{% if message['role'] == 'system' %}{{ raise_exception('No system role.') }}"
    "{% endif %}{{ message['content'] + '<end>' }}{% endfor %}"
)


@dataclass(frozen=True)
class Case:
    """One model and what it is asked."""

    task: str
    options: Mapping[str, Any] = field(default_factory=dict)
    learned: Mapping[str, Any] = field(default_factory=dict)
    rows: tuple[Mapping[str, Any], ...] = ()
    template: str = ""
    """The form of conversations, in place of the checkpoint's."""
    is_long: bool = False
    """Whether it is asked of a long text too. A pipeline that finds words does not read those as we do."""


def plain_tags() -> tuple[Mapping[str, Any], ...]:
    texts = ("the soup was cold", "a kind waiter came late", "my phone was dull and slow")
    kinds = ("DET", "NOUN", "VERB", "ADJ", "ADV", "NOUN")
    return tuple({"tokens": text.split(), "tags": list(kinds[: len(text.split())])} for text in texts * 3)


CASES: Mapping[str, Case] = {
    **{name: Case(name) for name in TASKS},
    "label, hostile": Case("text-classification", rows=rows_with("text-classification", {"delivery": HOSTILE})),
    "label, long": Case("text-classification", is_long=True),
    "label, windows": Case("text-classification", {"long_texts": "windows"}, is_long=True),
    "label, ends of pairs": Case(
        "text-classification",
        {"long_texts": "head_tail"},
        rows=rows_with("text-classification", {}, text_pair="Somebody else says: " + LONG[:200]),
        is_long=True,
    ),
    "labels, windows": Case(
        "multi-label-classification", {"long_texts": "windows"}, {"thresholds": [0.5, 0.2, 0.49]}, is_long=True
    ),
    "number, pairs": Case("text-regression", rows=rows_with("text-regression", {}, text_pair="An inn."), is_long=True),
    "number, windows": Case("text-regression", {"long_texts": "windows"}, is_long=True),
    "plain tags": Case("token-classification", rows=plain_tags(), is_long=True),
    "silent": Case("question-answering", {"doc_stride": 8}, {"null_score_diff_threshold": -50.0}, is_long=True),
    "prefix and beams": Case("sequence-to-sequence", {"source_prefix": f"{HOSTILE}: ", "num_beams": 3}),
    "system": Case("supervised-fine-tuning", {"system_prompt": HOSTILE}),
    "system, refused": Case("supervised-fine-tuning", {"system_prompt": HOSTILE}, template=REFUSING),
}


@dataclass(frozen=True)
class Asked:
    """What a model was asked, what the playground says, and what the example code does."""

    task: Task
    example: Mapping[str, str]
    expected: Mapping[str, Any]
    printed: str
    said: Any
    thresholds: Mapping[str, float] | None


@pytest.fixture(scope="module")
def answered(
    tmp_path_factory: pytest.TempPathFactory, tiny_bert: Path, tiny_llama: Path, tiny_t5: Path
) -> Iterator[dict[str, list[Asked]]]:
    """Everything that is asked in this file, in one other process."""
    folder = tmp_path_factory.mktemp("usage")
    start = {"encoder": tiny_bert, "decoder": tiny_llama, "seq2seq": tiny_t5}
    programs: list[dict[str, Any]] = []
    asked: list[tuple[str, Mapping[str, str], Mapping[str, Any]]] = []
    (folder / "home").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TUNESMITH_HOME", str(folder / "home"))
        for name, case in CASES.items():
            task = TASKS[case.task]
            run = run_of(task, start[task.family], folder, options=case.options, learned=case.learned, rows=case.rows)
            predictor, usage = Predictor(run), usage_of(run, str(run.model_path))
            for example in examples_of(usage.example, case):
                asked.append((name, example, playground(predictor, example)))
                assert task.snippet is not None and task.serving is not None
                programs += [
                    {"name": name, "code": task.snippet(replace(usage, example=example)), "asked": []},
                    {"name": name, "code": task.serving(usage), "asked": [arguments(task, example)]},
                ]
    done = run_all(programs, folder)
    found: dict[str, list[Asked]] = {}
    for (name, example, expected), snippet, served in zip(asked, done[::2], done[1::2], strict=True):
        one = Asked(
            TASKS[CASES[name].task], example, expected, snippet["printed"], served["said"][0], served["thresholds"]
        )
        found.setdefault(name, []).append(one)
    yield found


def examples_of(example: Mapping[str, str], case: Case) -> list[Mapping[str, str]]:
    """The example of the report, and where it is asked for one with a long text."""
    *_, last = example
    return [example, {**example, last: f"{example[last]} {LONG}"}] if case.is_long else [example]


def playground(predictor: Predictor, example: Mapping[str, str]) -> Mapping[str, Any]:
    if predictor.task.output in ("chat", "text") and predictor.task.family == "decoder":
        return list(predictor.write(example, {}))[-1]
    return predictor.answers({role: [text] for role, text in example.items()})[0]


def arguments(task: Task, example: Mapping[str, str]) -> list[Any]:
    if task.output != "chat":
        return list(example.values())
    *before, last = json.loads(example["messages"])
    return [last["content"], before]


# --- By the kind of answer -------------------------------------------------------------------------------------------


def scored(printed: str) -> dict[str, float]:
    """Lines of a probability and a name, which may have more lines."""
    found: dict[str, float] = {}
    for line in printed.splitlines():
        score, _, name = line.partition("  ")
        try:
            found[name] = float(score)
        except ValueError:
            last = list(found)[-1]
            found[f"{last}\n{line}"] = found.pop(last)
    return found


def label(one: Asked) -> None:
    scores = scored(one.printed)
    assert next(iter(scores)) == one.expected["label"]
    assert scores == pytest.approx(one.expected["scores"], abs=EXACT)
    assert one.said == pytest.approx(one.expected["scores"], abs=EXACT)


def labels(one: Asked) -> None:
    scores = scored(one.printed)
    assert list(scores) == one.expected["labels"]
    assert scores == pytest.approx({name: one.expected["scores"][name] for name in scores}, abs=EXACT)
    assert one.said == pytest.approx(one.expected["scores"], abs=EXACT)
    assert one.thresholds == one.expected["thresholds"]


def number(one: Asked) -> None:
    assert float(one.printed) == pytest.approx(one.expected["number"], abs=EXACT)
    assert one.said == pytest.approx(one.expected["number"], abs=EXACT)


def spans(one: Asked) -> None:
    wanted = [(span["label"], span["start"], span["end"]) for span in one.expected["spans"]]
    assert wanted, "nothing is marked, so nothing is compared"
    assert [(found["entity"], found["start"], found["end"]) for found in one.said["entities"]] == wanted
    scores = [span["score"] for span in one.expected["spans"]]
    assert [found["score"] for found in one.said["entities"]] == pytest.approx(scores, abs=EXACT)
    lines = [line.split("  ") for line in one.printed.splitlines()]
    assert [(kind, *map(int, place.split("-"))) for _, kind, place, _ in lines] == wanted
    assert [float(score) for score, *_ in lines] == pytest.approx(scores, abs=EXACT)


def answer(one: Asked) -> None:
    wanted = one.expected
    if not wanted["answer"]:
        assert one.printed == "There is no answer in this text.\n" and not one.said["entities"]
        return
    (found,) = one.said["entities"]
    assert (found["start"], found["end"]) == (wanted["start"], wanted["end"])
    assert found["score"] == pytest.approx(wanted["score"], abs=EXACT)
    score, _, text = one.printed.rstrip("\n").partition("  ")
    assert text == wanted["answer"] and float(score) == pytest.approx(wanted["score"], abs=EXACT)


def fills(one: Asked) -> None:
    wanted = one.expected["masks"][0]
    assert one.said.splitlines()[0] == one.expected["filled"]
    assert ", ".join(f"{word['token']} ({word['score']:.1%})" for word in wanted[:5]) in one.said
    # A word and the same letters inside of another may both be among them, so only the first is looked at.
    word, score = next(iter(scored(one.printed).items()))
    assert word.removeprefix("##") == wanted[0]["token"]
    assert score == pytest.approx(wanted[0]["score"], abs=EXACT)


def text(one: Asked) -> None:
    assert one.expected["text"].strip()
    if one.task.family == "decoder":
        whole = one.example["text"] + one.expected["text"]
        assert one.said == whole
        # The playground stops where the model's memory ends; the pipeline only warns.
        assert one.printed.startswith(whole)
    else:
        assert one.said == one.printed.rstrip("\n") == one.expected["text"]


def chat(one: Asked) -> None:
    assert one.said == one.expected["text"] != ""
    assert one.printed.startswith(one.said)


ALIKE: Mapping[str, Callable[[Asked], None]] = {
    "label": label,
    "labels": labels,
    "number": number,
    "spans": spans,
    "answer": answer,
    "fills": fills,
    "text": text,
    "chat": chat,
}


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_it_says_what_the_playground_says(answered: dict[str, list[Asked]], name: str) -> None:
    assert len(answered[name]) == 1 + CASES[name].is_long
    for one in answered[name]:
        ALIKE[one.task.output](one)


@pytest.mark.slow
def test_every_way_of_answering_is_compared(answered: dict[str, list[Asked]]) -> None:
    silent = answered["silent"][0].expected
    assert silent["answer"] == "" and answered["question-answering"][0].expected["answer"]
    assert all("text_pair" in answered[name][1].example for name in ("label, ends of pairs", "number, pairs"))
    assert answered["labels, windows"][0].expected["labels"]
    assert HOSTILE in answered["label, hostile"][0].expected["scores"]
