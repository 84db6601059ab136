"""The command line is the same door: it trains, lists, shows, predicts, checks, and its exit code is honest."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from core import runs
from core.cli import main
from core.runs import State
from core.tasks import TASKS
from tests import toy_task
from tests.making import PROJECT, reviews, run_with, started, write_csv


def run_yaml(folder: Path, checkpoint: Path, **training: Any) -> Path:
    write_csv(folder / "reviews.csv", ("review", "sentiment"), reviews(120))
    path = folder / "run.yaml"
    settings = {"num_train_epochs": 12, "learning_rate": 2e-3, "max_length": 32, **training}
    path.write_text(
        yaml.safe_dump(
            {
                "task": "text-classification",
                "data": {"source": "reviews.csv"},
                "model": {"checkpoint": str(checkpoint)},
                "training": settings,
            }
        )
    )
    return path


def said(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


@pytest.mark.slow
def test_train_show_list_and_predict(tmp_path: Path, tiny_bert: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", str(run_yaml(tmp_path, tiny_bert)), "--set", "name=from the shell"]) == 0
    words = capsys.readouterr().out
    assert "data.columns.text = review" in words and "Finished in" in words

    assert main(["list", "--json"]) == 0
    (line,) = said(capsys)
    assert line["state"] == "finished" and line["name"] == "from the shell" and line["metric"] > 0.8

    assert main(["show", line["id"], "--json"]) == 0
    shown = said(capsys)
    assert shown["report"]["metrics"]["test"]["accuracy"] > 0.8
    assert shown["config"]["data"]["columns"] == {"text": "review", "label": "sentiment"}
    assert main(["show", line["id"]]) == 0
    assert shown["report"]["verdict"] in capsys.readouterr().out

    output = tmp_path / "out.csv"
    assert (
        main(["predict", line["id"], "--input", str(tmp_path / "reviews.csv"), "--output", str(output), "--json"]) == 0
    )
    told = said(capsys)
    assert told.pop("seconds") > 0
    assert told == {"output": str(output), "rows": 120, "skipped": 0, "unreadable": 0, "precision": ""}
    assert len(output.read_text().splitlines()) == 121


@pytest.mark.slow
def test_a_failed_run_has_a_failed_exit_code(tmp_path: Path, tiny_bert: Path) -> None:
    path = run_yaml(tmp_path, tiny_bert, learning_rate=1.0, num_train_epochs=1)
    path.write_text(path.read_text().replace(str(tiny_bert), str(tmp_path / "nowhere")))
    assert main(["train", str(path)]) != 0


@pytest.mark.slow
def test_stop_from_another_shell(tmp_path: Path, tiny_bert: Path) -> None:
    path = run_yaml(tmp_path, tiny_bert, num_train_epochs=200, early_stopping_patience=0)
    training = subprocess.Popen([sys.executable, "-m", "core.cli", "train", str(path)], cwd=PROJECT)
    deadline = time.monotonic() + 60
    while not (found := runs.all_runs()) or found[0].state is not State.RUNNING:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert main(["stop", found[0].id]) == 0
    assert training.wait(timeout=60) == 3
    assert found[0].state is State.STOPPED


def test_check_says_what_is_wrong_and_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = write_csv(tmp_path / "good.csv", ("review", "sentiment"), reviews(60))
    assert main(["check", str(good), "--json"]) == 0
    assert said(capsys)["labels"] == {"bad": 30, "good": 30}
    one_class = write_csv(tmp_path / "one.csv", ("review", "sentiment"), [(text, "x") for text, _ in reviews(60)])
    arguments = ["check", str(one_class), "--task", "text-classification", "--json"]
    arguments += ["--column", "text=review", "--column", "label=sentiment"]
    assert main(arguments) == 1
    assert any(finding["severity"] == "error" for finding in said(capsys)["findings"])


def test_check_says_what_will_be_done_to_the_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = write_csv(tmp_path / "good.csv", ("review", "sentiment"), reviews(60))
    assert main(["check", str(good)]) == 0
    assert "note: The answer layer starts from nothing" in capsys.readouterr().out
    assert main(["check", str(good), "--json"]) == 0
    found = said(capsys)
    assert found["task"] == "text-classification"
    assert "starts from nothing" in found["remarks"][0]["title"] and found["remarks"][0]["level"] == "info"


def test_a_role_may_be_given_several_columns(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(TASKS, toy_task.TASK.id, toy_task.TASK)
    monkeypatch.setenv("TUNESMITH_TASKS", "tests.toy_task:TASK")  # for the process that checks
    words = [(f"{text} and", "so on", len(text) % 7) for text, _ in reviews(60)]
    table = write_csv(tmp_path / "words.csv", ("first", "second", "count"), words)
    arguments = ["check", str(table), "--task", toy_task.TASK.id, "--json", "--column", "vowels=count"]

    assert main([*arguments, "--column", "text=first", "--column", "text=second"]) == 0
    assert said(capsys)["columns"] == {"vowels": "count", "text": ["first", "second"]}
    assert main([*arguments, "--column", "text"]) == 2
    assert "no '='" in said(capsys)["error"]["title"]


def test_every_task_can_be_looked_up(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(TASKS, toy_task.TASK.id, toy_task.TASK)
    assert main(["tasks"]) == 0
    listed = capsys.readouterr().out
    assert all(f"{task.id} " in listed and task.summary in listed for task in TASKS.values())

    assert main(["tasks", toy_task.TASK.id, "--json"]) == 0
    (found,) = said(capsys)
    assert found["ways"] == [["text", "amount"], ["text", "vowels"]]
    assert found["roles"][0]["many"] is True and found["sample_rows"][0] == {"word": "sky", "vowels": 0}
    border = next(option for option in found["options"] if option["name"] == "border")
    assert border["default"] == 4 and border["limits"] == "a whole number from 1 to 1,000"
    assert found["main_metric"] in [metric["name"] for metric in found["metrics"]]

    assert main(["tasks", "--json"]) == 0
    assert [task["id"] for task in said(capsys)] == list(TASKS)
    assert main(["tasks", toy_task.TASK.id]) == 0
    assert "| `border` | Border |" in capsys.readouterr().out
    assert main(["tasks", "no-such-task"]) == 2


def test_what_is_not_there_is_said_with_a_failing_exit_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", str(tmp_path / "no.yaml")]) == 2
    assert "no file" in capsys.readouterr().err
    assert main(["show", "2026-01-01-no-run", "--json"]) == 1
    assert "no run" in said(capsys)["error"]["title"]
    run = run_with(started())
    assert main(["predict", run.id, "--input", str(tmp_path / "no.csv"), "--output", str(tmp_path / "o.csv")]) == 2
    assert main(["stop", run.id]) == 1


def test_help_names_every_command_and_imports_nothing_heavy() -> None:
    code = "import sys; from core.cli import make_parser; make_parser().format_help(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert not {"torch", "transformers", "datasets", "pandas", "pyarrow", "gradio", "pydantic"} & set(
        done.stdout.split()
    )


def test_words_that_nobody_reads_are_no_failure() -> None:
    command = [sys.executable, "-m", "core.cli", "tasks", "--markdown"]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout and process.stderr
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0
