"""The model card of every task: whole, true to its report, taken by the Hub, and without a text of anybody's table."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub.repocard_data import eval_results_to_model_index, model_index_to_eval_results

from core.publishing.card import MARKER, card_files, card_of
from core.tasks import TASKS
from core.tasks.base import Task
from core.usage import samples
from core.usage.snippets import example_code
from tests.carded import ACCOUNT, WARNING, head_of, judged_run, run_of
from tests.judgements import SECRET
from tests.small_hub import SmallHub, asking

REPO = "ann/reviews"
HOST = "the-laptop-of-ann"


@pytest.fixture(params=sorted(TASKS))
def task(request: pytest.FixtureRequest) -> Task:
    return TASKS[request.param]


def test_a_card_is_whole_and_true_to_its_report(task: Task) -> None:
    run = judged_run(task)
    text = card_of(run, REPO)
    head = head_of(text)
    assert (head.pipeline_tag, head.library_name) == (task.pipeline_tag, "transformers")
    assert head.license == "apache-2.0" and "tunesmith" in head.tags and MARKER in text
    wanted = {metric.label: run.report["metrics"]["test"].get(metric.name) for metric in task.metrics}  # type: ignore[index]
    results = {result.metric_name: result.metric_value for result in head.eval_results}
    assert results == pytest.approx({name: value for name, value in wanted.items() if value is not None}, abs=1e-6)
    for block in task.sections(run.report or {}):
        assert (f"### {block.title}" in text) == (block.kind in ("table", "matrix", "slices")), block.title
    headings = ["What it does", "How to use it", "Results", "Limits", "Training data", "Training", "Licence"]
    places = [text.index(f"\n## {heading}\n") for heading in headings]
    assert places == sorted(places)
    assert WARNING in text and ACCOUNT in text
    assert ("fewer than 10 examples: `so so` (3)" in text) == (task.output in ("label", "labels"))


def test_the_code_is_that_of_the_task_with_an_example_that_is_nobodys(task: Task) -> None:
    run = judged_run(task)
    shown = samples.example(task, run)
    assert set(shown) == {role.name for role in task.asked if role.required}
    assert all(shown.values()) and SECRET not in json.dumps(shown)
    code = example_code(run, REPO)
    assert REPO in code and f"```python\n{code.rstrip()}\n```" in card_of(run, REPO)


def test_nothing_of_the_table_or_of_this_machine_is_told(
    task: Task, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: HOST)
    run = judged_run(task)
    assert SECRET in json.dumps(run.report), "there is nothing to hide"
    places = (str(home), str(Path.home()), str(Path.cwd()), "secret place", "somebody")
    for item in card_files(run, REPO):
        assert isinstance(item.content, bytes)
        told = [secret for secret in (SECRET, HOST, *places) if secret.encode() in item.content]
        assert told == [], item.name


def test_a_model_that_nobody_judged_says_so(task: Task) -> None:
    run = run_of(task)
    text = card_of(run, REPO)
    assert "**This model was not judged.**" in text
    assert head_of(text).eval_results is None
    assert [item.name for item in card_files(run)] == ["README.md", "run.yaml"]
    last = card_of(judged_run(task), REPO, "last")
    assert "**It was not judged**" in last and head_of(last).eval_results is None


def test_the_hub_takes_every_card_and_reads_its_results(small_hub: SmallHub, tmp_path: Path) -> None:
    cards = {task.id: card_of(judged_run(task), REPO) for task in TASKS.values()}
    place = tmp_path / "cards.json"
    place.write_text(json.dumps(cards), encoding="utf-8")
    found: dict[str, Any] = asking.ask(
        small_hub,
        tmp_path / "huggingface",
        f"""
        from huggingface_hub import ModelCard
        cards = json.load(open({str(place)!r}, encoding="utf-8"))
        answer = {{}}
        for name, text in cards.items():
            card = ModelCard(text)
            card.validate()
            answer[name] = card.data.to_dict()["model-index"]
        refused = []
        for old, new in (("license: apache-2.0", "license: ours"), ("type: custom", "type: 7")):
            try:
                ModelCard(text.replace(old, new)).validate()
            except ValueError as exc:
                refused.append(str(exc))
        answer["refused"] = refused
        """,
    )
    licence, dataset = found.pop("refused")
    assert "license" in licence and "dataset.type" in dataset
    assert small_hub.paths("POST") == ["/api/validate-yaml"] * (len(TASKS) + 2)
    for index in found.values():
        name, results = model_index_to_eval_results(index)
        assert name == "reviews" and results
        assert eval_results_to_model_index(name, results) == index
