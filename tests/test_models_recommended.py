"""Recommended checkpoints suit the task, the language, the size of the table, and the machine."""

from __future__ import annotations

import pytest

from core import machine
from core.config import STARTER
from core.models.checkpoints import describe
from core.models.known import KNOWN
from core.models.memory import body_parameters
from core.models.recommended import MOST, recommended
from core.tasks import TASKS


@pytest.fixture(params=[False, True], ids=["without a GPU", "with a GPU"])
def gpu(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    monkeypatch.setattr(machine, "has_gpu", lambda: request.param)
    return bool(request.param)


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("language", ["", "en", "zh", "de", "is"])
def test_there_is_a_short_list_for_every_task_and_language(task: str, language: str, gpu: bool) -> None:
    found = recommended(task, language, 500)
    assert 1 <= len(found) <= MOST and len({one.checkpoint for one in found}) == len(found)
    for one in found:
        assert describe(one.checkpoint).family == TASKS[task].family
        assert one.reason.endswith(".") and one.reason.count(". ") == 0


@pytest.mark.parametrize("task", [name for name, task in TASKS.items() if STARTER in task.starters])
def test_english_begins_with_what_is_here(task: str, gpu: bool) -> None:
    found = recommended(task, "en", 200)
    assert found[0].checkpoint == STARTER and not found[0].needs_network
    assert all(one.needs_network for one in found[1:])


@pytest.mark.parametrize("task", TASKS)
def test_other_languages_get_models_that_have_read_them(task: str) -> None:
    reads = {one.checkpoint.id: one.reads for one in KNOWN}
    for one in recommended(task, "zh", 500):
        assert "zh" in reads[one.checkpoint] and "Chinese" in one.reason


def test_a_language_that_none_is_known_to_read_is_said_so() -> None:
    writers = next(name for name, task in TASKS.items() if task.family == "decoder")
    (one,) = recommended(writers, "is")
    assert "Icelandic not surely among them" in one.reason


def test_few_rows_and_no_gpu_mean_small_models(gpu: bool) -> None:
    readers = next(name for name, task in TASKS.items() if task.family == "encoder")

    def works(rows: int) -> list[int]:
        return [body_parameters(describe(one.checkpoint)) for one in recommended(readers, "de", rows)]

    assert works(100) == sorted(works(100))
    assert (works(100_000) == sorted(works(100_000), reverse=True)) is gpu


def test_nothing_too_large_for_the_rows_is_named(gpu: bool) -> None:
    for task in TASKS:
        for one in recommended(task, "en", 50):
            assert (describe(one.checkpoint).parameters or 0) < 500_000_000


def test_what_cannot_name_words_comes_last_where_words_are_named() -> None:
    task = next(name for name, task in TASKS.items() if task.auto_class == "AutoModelForMaskedLM")
    found = recommended(task, "de", 500)
    assert "must first learn to name words" in found[-1].reason
    assert all("name words" not in one.reason for one in found[:-1])
