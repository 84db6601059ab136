"""What a model of a small Hub is, before it is downloaded: over real HTTP, from descriptions and small files alone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.making import reviews
from tests.small_hub import SmallHub
from tests.small_hub.asking import ask
from tests.small_hub.demo_models import (
    BIN_ONLY,
    CHINESE,
    GATED_MODEL,
    HUGE,
    MANY_LANGUAGES,
    NOT_FOR_MONEY,
    OPEN,
    OWN_CODE,
    PRIVATE_MODEL,
    WEIGHTS,
    add_model,
    fill_models,
)
from tests.tiny_models import TEXTS, tiny_checkpoint

CODE = """
import time
from core.errors import StudioError
from core.hub.identity import Identity, asking_as
from core.models import asking
from core.studio import Studio
studio, answer = Studio(), {}
def asked(name, repo, revision=None, draft=None):
    try: answer[name] = studio.model_facts(repo, revision, draft)
    except StudioError as exc: answer[name] = [type(exc).__name__, exc.title, exc.advice]
"""
MEASURED = """
from core.estimate import START_SECONDS
from core.probing import kept
from core.probing.found import Probed
from core.training.batching.planning import Cost
draft = {draft!r}
config, _ = studio.complete(draft | {{"model": {{"checkpoint": {open!r}}}}})
found = Probed(Cost(0.001, 0.001, 0.0), correction=0.5, row=0.0, forward=0.0, widest=64, took=1.0)
kept.keep(config, studio.describe({open!r}), found)
asked("measured", {open!r}, None, draft)
answer["estimated"] = (studio.estimate(config).seconds - START_SECONDS) / config.training.num_train_epochs
"""
CHINESE_ROWS = (
    "这部电影从头到尾都让人很安静很愉快",
    "汤是冷的服务员也很没有礼貌我不会再来",
    "包裹来得很晚而且盒子已经坏了请退钱",
)


@pytest.fixture(scope="module")
def reader(pytestconfig: pytest.Config) -> Path:
    return tiny_checkpoint(Path(pytestconfig.cache.mkdir("tiny_models")), TEXTS)


@pytest.fixture(scope="module")
def hub(reader: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallHub]:
    with SmallHub(tmp_path_factory.mktemp("hub")) as made:
        fill_models(made, reader)
        add_model(made, "lab/packed", reader, config={"quantization_config": {"bits": 4}})
        add_model(made, "lab/no-licence", reader, {"license": []})
        add_model(made, "lab/own-terms", reader, {"license": "other", "license_name": "lab-terms"})
        add_model(made, "lab/not-yet-invented", reader, config={"model_type": "not-yet-invented"})
        add_model(made, "lab/empty", reader, without=(WEIGHTS,))
        adapter = {"adapter_config.json": "{}", "adapter_model.safetensors": reader / WEIGHTS}
        add_model(made, "lab/adapter", reader, {"base_model": OPEN}, files=adapter, without=("config.json", WEIGHTS))
        add_model(made, "lab/packed-for-use", reader, files={"a.gguf": b"GGUF"}, without=("config.json", WEIGHTS))
        yield made


@pytest.fixture(scope="module")
def drafts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """English rows, Chinese ones, and rows of which many are long."""
    folder = tmp_path_factory.mktemp("rows")
    english = [(f"{text}, and that is all there is to say of it", label) for text, label in reviews(120)]
    chinese = [(f"{text}第{n}次", n % 2) for n in range(40) for text in CHINESE_ROWS]
    long = [(text * 20, label) for text, label in reviews(60)] + reviews(60)
    made = {}
    for name, rows in {"english": english, "chinese": chinese, "long": long}.items():
        lines = [json.dumps({"text": text, "label": str(label)}) for text, label in rows]
        (folder / f"{name}.jsonl").write_text("\n".join(lines), encoding="utf-8")
        made[name] = {"task": "text-classification", "data": {"source": str(folder / f"{name}.jsonl")}}
    return made


@pytest.fixture(scope="module")
def found(hub: SmallHub, drafts: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The facts of many models, all asked by one process."""
    token = next(token for token, user in hub.store.users.items() if user.name == "anna")
    questions: dict[str, tuple[Any, ...]] = {
        "open": (OPEN, None, drafts["english"]),
        "bare": (OPEN,),
        "chinese rows": (OPEN, None, drafts["chinese"]),
        "long rows": (OPEN, None, drafts["long"]),
        "many": (MANY_LANGUAGES, None, drafts["chinese"]),
        "chinese": (CHINESE, None, drafts["english"]),
        "huge": (HUGE, None, drafts["english"]),
        "huge writes": (HUGE, None, {"task": "causal-language-modeling"}),
        "rewrites": (OPEN, None, {"task": "sequence-to-sequence"}),
        **{name: (name, None, {"task": "text-classification"}) for name in (
            GATED_MODEL, BIN_ONLY, OWN_CODE, NOT_FOR_MONEY, PRIVATE_MODEL, "lab/packed", "lab/no-licence",
            "lab/own-terms", "lab/not-yet-invented", "lab/empty", "lab/adapter", "lab/packed-for-use", "lab/nothing",
            "no name",
        )},
        "no version": (OPEN, "no-such-branch"),
    }  # fmt: skip
    lines = [f"for name, question in {questions!r}.items(): asked(name, *question)"]
    lines += [f"with asking_as(Identity('token', {token!r})): asked('anna', {PRIVATE_MODEL!r})"]
    lines += [f"answer['described'] = [studio.describe({OPEN!r}), studio.describe({PRIVATE_MODEL!r})]"]
    lines += ["from huggingface_hub import HfApi"]
    lines += [f"info = HfApi().model_info({HUGE!r}, files_metadata=True)"]
    lines += ["answer['counted'] = asking._counted(info, asking.one_of(info), asking._files(info)).parameters"]
    lines += [MEASURED.format(open=OPEN, draft=drafts["english"])]
    own = str(tmp_path_factory.mktemp("tunesmith"))
    answer: dict[str, Any] = ask(hub, tmp_path_factory.mktemp("home"), CODE + "\n".join(lines), TUNESMITH_HOME=own)
    return answer


def codes(facts: dict[str, Any], blocking: bool | None = None) -> list[str]:
    return [one["code"] for one in facts["warnings"] if blocking in (None, one["blocks"])]


def said(facts: dict[str, Any], code: str) -> str:
    return next(f"{one['title']} {one['detail']}" for one in facts["warnings"] if one["code"] == code)


def test_a_model_is_known_from_its_description_and_small_files(found: dict[str, Any], reader: Path) -> None:
    facts = found["open"]
    taken = [file for file in reader.iterdir() if file.name == WEIGHTS or file.suffix in (".json", ".txt")]
    assert facts["disk_bytes"] > sum(file.stat().st_size for file in taken if file.name != "config.json")
    assert (facts["architecture"], facts["family"], facts["max_length"]) == ("BERT", "encoder", 64)
    assert (facts["hidden_size"], facts["layers"]) == (32, 2) and facts["about"]["parameters"] > 20_000
    assert facts["about"]["licence"] == "apache-2.0" and facts["about"]["languages"] == ["en"]
    assert facts["access_help"] == "" and codes(facts, blocking=True) == []
    assert facts["unknown_share"] < 0.5 and 0 < facts["epoch_seconds"] < 60


def test_an_epoch_takes_what_the_estimate_of_the_run_says(found: dict[str, Any]) -> None:
    """Answering costs nothing here: the estimate is of the training alone."""
    assert found["measured"]["epoch_seconds"] == pytest.approx(found["estimated"]) != found["open"]["epoch_seconds"]


def test_no_weights_are_fetched(found: dict[str, Any], hub: SmallHub) -> None:
    weights = [one for one in hub.requests if one.method == "GET" and one.path.endswith((".safetensors", ".bin"))]
    assert {one.path.split("/resolve/")[0] for one in weights} == {f"/{HUGE}"}, "of the one whose header was asked for"
    assert all(one.headers.get("range", "").startswith("bytes=") for one in weights)
    assert found["counted"] == found["huge"]["about"]["parameters"] == 6_738_149_376


def test_what_trains_in_this_memory_is_told_by_method(found: dict[str, Any]) -> None:
    small = {one["name"]: one for one in found["open"]["methods"]}
    huge = {one["name"]: one for one in found["huge"]["methods"]}
    assert small["full"]["fits"] and not huge["full"]["fits"]
    assert huge["full"]["memory_bytes"] > 16 * 6.7e9 > huge["lora"]["memory_bytes"] > huge["qlora"]["memory_bytes"]
    assert "adapter" in huge["lora"]["title"] and "4 bits" in huge["qlora"]["title"]
    assert found["huge"]["epoch_seconds"] > 100 * found["open"]["epoch_seconds"]
    assert "takes about 1" in said(found["huge"], "memory") and "examples" in said(found["huge"], "too-large")


def test_without_a_table_nothing_is_said_of_texts(found: dict[str, Any]) -> None:
    bare = found["bare"]
    assert bare["epoch_seconds"] is None and bare["unknown_share"] is None and bare["methods"]
    assert bare["warnings"] == []


def test_words_without_a_token_are_measured_on_the_rows(found: dict[str, Any]) -> None:
    assert found["chinese rows"]["unknown_share"] > 0.9
    assert "has read English, and your texts are in Chinese" in said(found["chinese rows"], "other-language")
    assert "% of the words in your rows are unknown" in said(found["chinese rows"], "other-language")
    assert "other-language" not in codes(found["many"]) and "unknown-words" in codes(found["many"])
    assert "has read Chinese, and your texts are in English" in said(found["chinese"], "other-language")


def test_texts_beyond_its_reach_are_counted(found: dict[str, Any]) -> None:
    words = said(found["long rows"], "short-reach")
    assert re.match(r"[456]\d % of your texts are longer than it can read at once \(64 tokens\)", words)
    assert "short-reach" not in codes(found["open"])


def test_terms_are_said_in_words(found: dict[str, Any]) -> None:
    assert "forbids commercial use (cc-by-nc-4.0)" in said(found[NOT_FOR_MONEY], "not-commercial")
    assert "It has no licence" in said(found["lab/no-licence"], "no-licence")
    assert "a licence of its own (lab-terms)" in said(found["lab/own-terms"], "own-licence")
    assert "a licence of its own (llama2)" in said(found["huge"], "own-licence")


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        (GATED_MODEL, "gated", "Accept its terms on http"),
        (BIN_ONLY, "bin-only", "--allow bin"),
        (OWN_CODE, "remote-code", "--allow remote-code"),
        ("lab/packed", "packed", "cannot be trained as they are"),
        ("lab/packed-for-use", "packed", "GGUF"),
        ("lab/adapter", "adapter", f"Take the model it belongs to: {OPEN}"),
        ("lab/empty", "no-weights", "model.safetensors is missing"),
        ("lab/not-yet-invented", "unknown-kind", "not-yet-invented"),
        ("rewrites", "no-head", "such as T5"),
    ],
)
def test_what_no_run_can_start_from_says_why_and_what_to_do(
    found: dict[str, Any], name: str, code: str, words: str
) -> None:
    assert codes(found[name], blocking=True) == [code] and words in said(found[name], code)
    assert codes(found[name])[0] == code, "what blocks is said first"


def test_other_work_is_a_doubt_and_no_refusal(found: dict[str, Any]) -> None:
    assert "other-family" in codes(found["huge"]) and codes(found["huge"], blocking=True) == []
    assert "other-family" not in codes(found["huge writes"])


def test_closed_ones_still_tell_what_the_hub_shows(found: dict[str, Any]) -> None:
    gated = found[GATED_MODEL]
    assert gated["family"] == "encoder" and gated["about"]["parameters"] > 0 and gated["layers"] is None
    assert "in person" in gated["access_help"] and gated["about"]["access"] == "gated"


def test_what_is_not_there_or_may_not_be_seen_is_refused_in_words(found: dict[str, Any]) -> None:
    for name in (PRIVATE_MODEL, "lab/nothing"):
        assert found[name][0] == "HubError" and "that you may see" in found[name][1]
    assert "cannot be the name of a repository" in found["no name"][1]
    assert "no such version" in found["no version"][1]


def test_a_private_model_is_known_to_its_owner_and_remembered_for_nobody(found: dict[str, Any]) -> None:
    assert found["anna"]["about"]["access"] == "private" and found["anna"]["layers"] == 2
    known, forgotten = found["described"]
    assert (known["parameters"], known["layers"], known["needs_network"]) == (
        found["bare"]["about"]["parameters"],
        2,
        True,
    )
    assert forgotten["parameters"] is None


def test_who_starts_the_app_may_allow_old_weights_and_programs(hub: SmallHub, tmp_path: Path) -> None:
    lines = f"""
for name in {(BIN_ONLY, OWN_CODE)!r}: asked(name, name)
"""
    found = ask(hub, tmp_path, CODE + lines, TUNESMITH_ALLOW="bin,remote-code")
    assert codes(found[BIN_ONLY]) == ["bin-only"] and codes(found[OWN_CODE]) == ["remote-code"]
    assert codes(found[BIN_ONLY], blocking=True) == codes(found[OWN_CODE], blocking=True) == []
    assert found[BIN_ONLY]["disk_bytes"] > 100_000 and found[OWN_CODE]["family"] is None


def test_without_a_network_it_is_as_last_seen(
    reader: Path, small_hub: SmallHub, drafts: dict[str, Any], tmp_path: Path
) -> None:
    add_model(small_hub, OPEN, reader)
    question = (
        f"began = time.perf_counter(); asked('bare', {OPEN!r}); answer['seconds'] = time.perf_counter() - began\n"
    )
    question += f"asked('facts', {OPEN!r}, None, {drafts['english']!r})\n"
    lengths = f"""
from core.config import validate
config, _ = studio.complete({drafts["english"]!r} | {{"model": {{"checkpoint": {OPEN!r}}}}})
answer["lengths"] = studio.token_lengths(config)
asked("new", "lab/never-asked-for")
"""
    before = ask(small_hub, tmp_path / "home", CODE + question)
    small_hub.stop()
    after = ask(small_hub, tmp_path / "home", CODE + question + lengths)
    assert after["seconds"] < 3 and codes(after["bare"]) == ["as-last-seen"]
    assert codes(after["facts"]) == [*codes(before["facts"]), "as-last-seen"]
    assert "as last seen" in said(after["facts"], "as-last-seen")
    assert {**after["facts"], "warnings": [], "epoch_seconds": 0} == {
        **before["facts"], "warnings": [], "epoch_seconds": 0
    }  # fmt: skip
    assert max(after["lengths"]) > 2 * 15, "counted with its own tokenizer, which was kept"
    assert after["new"][:2] == ["HubError", "The Hugging Face Hub cannot be reached."]
