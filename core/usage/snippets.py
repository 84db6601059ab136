"""Example code for the model of one run: to copy from a page, and to go into a zip."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from core.models import manual
from core.models.manual import Manual
from core.runs import Run
from core.said import said, together
from core.tasks import TASKS
from core.usage import adapters, inference, samples
from core.usage.types import Snippet, Usage

_PACKAGES = said("Needs the packages torch and transformers, and nothing else.")
_WITH_PEFT = said("Needs the packages torch, transformers and peft.")
_PRIVATE = said("The model is private: sign in with `hf auth login` first, or put a token into the variable HF_TOKEN.")
_ELSEWHERE = said("On another machine, put the path of your copy of the folder in its place.")


def snippets(run: Run, repo: str = "", is_private: bool = True) -> list[Snippet]:
    """Ways to use the model from a program, the plainest first: from the Hub, or without ``repo`` from its folder."""
    task, usage = TASKS[run.config.task], usage_of(run, repo or str(run.model_path), bool(repo) and is_private)
    if task.snippet is None:
        return []
    note = (_PRIVATE if is_private else "") if repo else _ELSEWHERE
    if adapters.is_alone(run):
        code = _merged(run, usage)
        return [Snippet(said("Python, with peft and transformers"), "python", code, together(_WITH_PEFT, note))]
    plain = Snippet(said("Python, with transformers"), "python", task.snippet(usage), together(_PACKAGES, note))
    return [plain, *(inference.snippets(task, usage) if repo else [])]


def example_code(run: Run, place: str) -> str:
    """A program that loads the model from ``place``, asks it one thing and prints what it says. Empty where the task
    has no such code. It may be handed on: what it asks is nobody's data.
    """
    task = TASKS[run.config.task]
    if task.snippet is None:
        return ""
    usage = replace(usage_of(run, place), example=samples.example(task, run))
    return _merged(run, usage) if adapters.is_alone(run) else task.snippet(usage)


def _merged(run: Run, usage: Usage) -> str:
    """The program for an adapter that was kept alone: one that makes a whole model first."""
    task = TASKS[run.config.task]
    assert task.snippet is not None
    return adapters.merging(run, task, usage.place) + task.snippet(replace(usage, place=adapters.FOLDER))


def usage_of(run: Run, place: str, is_private: bool = False) -> Usage:
    """What example code for this run's model is made of; the example is a row of its test part, where there is one."""
    report = run.report or {}
    example = next(iter(report.get("examples") or ()), None) or samples.example(TASKS[run.config.task], run)
    return Usage(place, _manual(run), example, is_private, Path(run.model_path))


def _manual(run: Run) -> Manual:
    """Runs of the first version kept no manual: their report names the classes and the length."""
    from core.data.types import Target

    found, report = manual.read(run.model_path), run.report or {}
    if found is not None:
        return found
    length = int(report.get("max_length") or run.config.training.max_length)
    return Manual(run.config.task, length, Target(labels=tuple(report.get("labels") or ())))
