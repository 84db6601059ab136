"""Two configs beside each other: what differs and nothing else, for people and for programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core import cli, runs
from core.comparing import differences
from core.config import RunConfig, validate


def config(**more: Any) -> RunConfig:
    return validate({"task": "text-classification", "name": "one", "data": {"source": "a.csv"}} | more)


def test_equal_configs_do_not_differ_and_a_name_is_no_difference() -> None:
    assert differences(config(), config(name="two")) == []


def test_what_differs_is_said_in_the_words_of_the_settings() -> None:
    first = config(data={"source": "a.csv", "columns": {"text": "words"}})
    second = config(
        data={"source": "a.csv", "steps": [{"kind": "mend_labels", "column": "y", "changes": {"source": {7: "good"}}}]},
        training={"learning_rate": 1e-4, "eval_strategy": "steps", "keep_checkpoints": True},
        adapter={"method": "lora"},
    )

    found = {one.path: (one.label, one.first, one.second) for one in differences(first, second)}

    assert found == {
        "data.columns.text": ("Text", "words", ""),
        "data.steps": ("Changes of the table", "nothing", "Mends 1 label"),
        "training.learning_rate": ("Learning rate", "0.00005", "0.0001"),
        "training.eval_strategy": ("Check progress", "after each epoch", "every few steps"),
        "training.keep_checkpoints": ("Keep checkpoints", "no", "yes"),
        "adapter.method": ("What is trained", "the whole model", "an adapter: LoRA"),
    }


def test_options_of_another_task_differ_too() -> None:
    other = config(task="question-answering")

    found = {one.path: one for one in differences(config(), other)}

    assert found["task"].second == "Answers found in texts"
    assert found["options.doc_stride"].first == "" and found["options.doc_stride"].second
    assert found["options.doc_stride"].label != "options.doc_stride"


def test_the_command_line_compares_a_run_with_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = runs.create(config())
    file = tmp_path / "run.yaml"
    file.write_text(config(training={"seed": 7}).to_yaml(), encoding="utf-8")

    assert cli.main(["compare", run.id, str(file)]) == 0
    assert capsys.readouterr().out.split() == ["training.seed", "42", "7"]
    assert cli.main(["compare", "--json", str(file), run.id]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["settings"] == [{"path": "training.seed", "label": "Seed", "first": "7", "second": "42"}]
    assert told["versus"] is None
    assert cli.main(["compare", run.id, run.id]) == 0
    assert "No setting differs" in capsys.readouterr().out
    assert cli.main(["compare", run.id, str(tmp_path / "none.yaml")]) != 0
    assert "no file" in capsys.readouterr().err
