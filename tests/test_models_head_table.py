"""The table of heads is that of the installed library, and tells what can be trained as the models themselves do."""

from __future__ import annotations

import json

import pytest

from core import home
from core.models import head_table
from core.models.fitting import fit
from core.tasks import TASKS


def test_the_table_is_that_of_the_installed_library() -> None:
    kept = json.loads((home.ASSETS / "heads.json").read_text(encoding="utf-8"))
    assert kept == head_table.made(head_table.auto_classes()), "write it anew: make docs"


def test_every_task_is_in_it() -> None:
    assert {task.auto_class for task in TASKS.values()} <= set(head_table.auto_classes())
    assert head_table.has_head("AutoModelForSomethingElse", "bert") is None


@pytest.mark.parametrize(
    ("auto_class", "config", "found"),
    [
        ("AutoModelForSequenceClassification", {"model_type": "bert"}, "fits"),
        ("AutoModelForSequenceClassification", {"model_type": "llama"}, "other-family"),
        ("AutoModelForSequenceClassification", {"model_type": "marian"}, "no-head"),
        ("AutoModelForSequenceClassification", {"model_type": "not-yet-invented"}, "unknown-kind"),
        ("AutoModelForMaskedLM", {"model_type": "gpt2"}, "no-head"),
        ("AutoModelForCausalLM", {"model_type": "bert"}, "no-head"),
        ("AutoModelForCausalLM", {"model_type": "gpt2"}, "fits"),
        ("AutoModelForSeq2SeqLM", {"model_type": "t5"}, "fits"),
        ("AutoModelForQuestionAnswering", {"model_type": "t5"}, "other-family"),
        ("AutoModelForQuestionAnswering", {"model_type": "llama"}, "no-head"),
        ("AutoModelForCausalLM", {"model_type": "own", "auto_map": {"AutoModelForCausalLM": "own.Own"}}, "fits"),
        ("AutoModelForCausalLM", {"model_type": "own", "auto_map": {"AutoModel": "own.Own"}}, "no-head"),
    ],
)
def test_what_fits(auto_class: str, config: dict[str, object], found: str) -> None:
    task = next(task for task in TASKS.values() if task.auto_class == auto_class)
    assert fit(task, config) == found
