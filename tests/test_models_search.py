"""Searching a small Hub for models that a run can start from, over real HTTP, with the unmodified client."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.small_hub import SmallHub
from tests.small_hub.asking import ask
from tests.small_hub.demo_models import (
    BIN_ONLY,
    GATED_MODEL,
    HUGE,
    MANY_LANGUAGES,
    NOT_FOR_MONEY,
    OPEN,
    OWN_CODE,
    PRIVATE_MODEL,
    add_model,
    fill_models,
)
from tests.tiny_models import TEXTS, tiny_checkpoint

READERS, WRITERS, REWRITERS = "text-classification", "causal-language-modeling", "sequence-to-sequence"
QUESTIONS = {
    "readers": {"task": READERS},
    "named writers for readers": {"query": "writer", "task": READERS},
    "writers": {"task": WRITERS},
    "rewriters": {"task": REWRITERS},
    "by owner and name": {"query": "paper/small", "task": READERS},
    "by owner": {"query": "paper/", "task": READERS},
    "by author": {"author": "hanzi", "task": READERS},
    "Chinese": {"language": "zh", "task": READERS},
    "not for money": {"licence": "cc-by-nc-4.0", "task": READERS},
    "large": {"size": "min:1B", "query": "writer", "task": WRITERS},
    "small": {"size": "max:1M", "query": "writer", "task": WRITERS},
    "two": {"task": READERS, "limit": 2},
    "nothing": {"query": "no-such-model", "task": READERS},
}
CODE = """
import time
from core.errors import StudioError
from core.hub.identity import Identity, asking_as
from core.studio import Studio
studio, answer = Studio(), {}
def asked(name, **question):
    try: answer[name] = studio.search_models(**question)
    except StudioError as exc: answer[name] = [type(exc).__name__, exc.title]
"""


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Iterator[SmallHub]:
    reader = tiny_checkpoint(Path(pytestconfig.cache.mkdir("tiny_models")), TEXTS)
    with SmallHub(tmp_path_factory.mktemp("hub")) as made:
        fill_models(made, reader)
        add_model(made, "lab/hears", reader, {"pipeline_tag": "audio-classification"}, downloads=999_999)
        add_model(made, "lab/packed", reader, config={"quantization_config": {"bits": 4}}, files={"a.gguf": b"GGUF"})
        add_model(made, "lab/other-library", reader, {"library_name": "own"}, downloads=999_999)
        yield made


@pytest.fixture(scope="module")
def found(hub: SmallHub, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What each of ``QUESTIONS`` finds, all asked by one process; and as ``anna``, who owns a private model."""
    token = next(token for token, user in hub.store.users.items() if user.name == "anna")
    lines = [f"for name, question in {QUESTIONS!r}.items(): asked(name, **question)"]
    lines += ["began = time.perf_counter()", f"asked('again', task={READERS!r})"]
    lines += ["answer['seconds'] = time.perf_counter() - began"]
    lines += [f"with asking_as(Identity('token', {token!r})): asked('anna', query='anna/', task={READERS!r})"]
    found: dict[str, Any] = ask(hub, tmp_path_factory.mktemp("home"), CODE + "\n".join(lines))
    return found


def ids(lines: list[dict[str, Any]]) -> list[str]:
    return [line["id"] for line in lines]


def test_only_what_suits_the_task_comes_the_most_downloaded_first(found: dict[str, Any]) -> None:
    readers = found["readers"]
    assert ids(readers)[:2] == [OPEN, MANY_LANGUAGES] and GATED_MODEL in ids(readers)
    assert [one["downloads"] for one in readers] == sorted((one["downloads"] for one in readers), reverse=True)
    assert not {HUGE, BIN_ONLY, OWN_CODE, PRIVATE_MODEL} & {*ids(readers)}
    assert not {"lab/hears", "lab/packed", "lab/other-library"} & {*ids(readers)}
    assert ids(found["writers"]) == [HUGE] and found["rewriters"] == []


def test_who_types_a_name_also_finds_what_was_made_for_other_work_and_can_learn_this(found: dict[str, Any]) -> None:
    assert ids(found["named writers for readers"]) == [HUGE]


def test_an_owner_may_stand_before_the_name(found: dict[str, Any]) -> None:
    assert ids(found["by owner and name"]) == [OPEN]
    assert {one.partition("/")[0] for one in ids(found["by owner"])} == {"paper"} and len(found["by owner"]) > 1
    assert ids(found["by author"]) == ["hanzi/reader"]


def test_it_is_narrowed_by_language_licence_size_and_count(found: dict[str, Any]) -> None:
    assert {*ids(found["Chinese"])} == {MANY_LANGUAGES, "hanzi/reader"}
    assert ids(found["not for money"]) == [NOT_FOR_MONEY]
    assert ids(found["large"]) == [HUGE] and found["small"] == []
    assert len(found["two"]) == 2 and found["nothing"] == []


def test_a_line_says_what_is_known(found: dict[str, Any]) -> None:
    (huge,) = found["writers"]
    assert (huge["parameters"], huge["model_type"], huge["licence"]) == (6_738_149_376, "llama", "llama2")
    assert (huge["access"], huge["languages"], huge["updated"]) == ("open", ["en"], "2025-01-02")
    gated = next(one for one in found["readers"] if one["id"] == GATED_MODEL)
    assert (gated["access"], gated["likes"]) == ("gated", 77)


def test_private_models_are_found_by_those_who_may_see_them(found: dict[str, Any]) -> None:
    assert [(one["id"], one["access"]) for one in found["anna"]] == [(PRIVATE_MODEL, "private")]


def test_a_search_takes_no_time_of_ours(found: dict[str, Any]) -> None:
    assert found["seconds"] < 0.5


@pytest.mark.slow
def test_a_hub_that_is_down_refuses_or_hangs_is_said_in_words(tmp_path: Path, small_hub: SmallHub) -> None:
    lines = f"""
import core.models.search as search
search.PATIENCE_SECONDS = 1.0
began = time.perf_counter(); asked("found", task={READERS!r}); answer["seconds"] = time.perf_counter() - began
"""
    small_hub.fail("/api/models", 401)
    refused = ask(small_hub, tmp_path / "a", CODE + lines)
    assert refused["found"][0] == "HubError" and "does not accept the token" in refused["found"][1]
    small_hub.heal()
    small_hub.slow("/api/models", wait=5)
    hung = ask(small_hub, tmp_path / "b", CODE + lines)
    assert "within 1 second" in hung["found"][1] and hung["seconds"] < 3
    small_hub.stop()
    down = ask(small_hub, tmp_path / "c", CODE + lines)
    assert down["found"] == ["HubError", "The Hugging Face Hub cannot be reached."] and down["seconds"] < 3
