"""Datasets of the Hub are found, described and looked at before anything is fetched; each refusal says what to do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.data.hub.contents import default_of, from_card
from core.data.hub.failures import explained
from core.errors import DataError
from tests.small_hub import SmallHub, asking, demo

Ask = Callable[..., Any]
BEGIN = """
from core.data.origins import Origin
from core.data_room import DataRoom
from core.errors import StudioError
from core.hub_room import HubRoom

class Door(DataRoom, HubRoom): ...
door = Door()

def said(call):
    try:
        return call()
    except StudioError as exc:
        return str(exc)
"""


@pytest.fixture
def ask(small_hub: SmallHub, tmp_path: Path) -> Ask:
    demo.fill(small_hub, long_rows=6_000)
    return lambda code, **more: asking.ask(small_hub, tmp_path / "huggingface", BEGIN + code, **more)


def test_datasets_are_found_with_what_helps_to_choose(ask: Ask) -> None:
    found = ask("""
answer = {
    "all": [one.id for one in door.search_datasets()],
    "films": door.search_datasets("imdb"),
    "author": [one.id for one in door.search_datasets("anna/")],
    "task": [one.id for one in door.search_datasets(task="text-classification", language="en", size="n<1K")],
    "none": door.search_datasets("no such thing"),
    "gated": door.search_datasets("consented")[0].access,
}
""")
    assert found["all"][:2] == [demo.GLUE, demo.FILMS] and demo.PRIVATE not in found["all"]
    films = found["films"][0]
    assert (films["author"], films["downloads"], films["likes"], films["languages"]) == (
        "stanfordnlp", 90_000, 280, ["en"],
    )  # fmt: skip
    assert found["author"] == found["task"] == [demo.PLAIN] and found["none"] == [] and found["gated"] == "gated"


def test_a_card_says_what_there_is_to_take(ask: Ask, small_hub: SmallHub) -> None:
    found = ask("""
answer = {
    "glue": door.hub_card("nyu-mll/glue"),
    "plain": door.hub_card("anna/reviews"),
    "gated": door.hub_card("acme/consented"),
    "refused": [said(lambda: door.hub_card(name)) for name in ("old/scripted", "anna/diary", "no/such", "../x")],
    "revision": said(lambda: door.hub_card("anna/reviews", "v9")),
}
""")
    glue = found["glue"]
    assert glue["commit"] == small_hub.repo(demo.GLUE).branches["main"].sha and glue["default_subset"] == ""
    assert [subset["name"] for subset in glue["subsets"]] == ["mrpc", "sst2", "mnli"]
    assert glue["subsets"][0]["splits"][0] == {"name": "train", "rows": 120, "bytes": 7200}
    assert glue["readme"].startswith("# GLUE") and glue["about"]["licence"] == "other"
    assert [split["name"] for split in found["plain"]["subsets"][0]["splits"]] == ["train", "test"]
    assert "Accept its terms on" in found["gated"]["access_help"] and "hf auth login" in found["gated"]["access_help"]
    script, private, missing, no_name = found["refused"]
    assert "is made by a program of its author, which is not run here" in script
    assert "or it is private" in private and "or it is private" in missing
    assert "does not name a dataset" in no_name and "has no revision 'v9'" in found["revision"]


def test_first_rows_are_looked_at_as_a_stream(ask: Ask, small_hub: SmallHub) -> None:
    found = ask("""
preview = door.hub_preview(Origin("hf://datasets/stanfordnlp/imdb"))
long = door.hub_preview(Origin("hf://datasets/bench/long"), rows=3)
pair = door.hub_preview(Origin("hf://datasets/nyu-mll/glue", subset="mrpc", split="validation"))
answer = {
    "rows": [len(preview.head), preview.rows, len(long.head), long.rows],
    "label": preview.column("label"),
    "guess": door.guess(preview)[0],
    "pair": [pair.head[0]["label"], pair.title, [finding.title for finding in pair.findings]],
    "subset": said(lambda: door.hub_preview(Origin("hf://datasets/nyu-mll/glue"))),
    "split": said(lambda: door.hub_preview(Origin("hf://datasets/nyu-mll/glue", subset="sst2", split="dev"))),
}
""")
    assert found["rows"] == [20, 120, 3, 200]
    # All of the first rows are of one class; the dataset itself tells of the other.
    assert found["label"]["distinct"] == 2 and set(found["label"]["examples"]) == {"neg", "pos"}
    assert found["guess"]["columns"] == {"text": "text", "label": "label"}
    assert found["pair"][:2] == ["not_equivalent", "nyu-mll/glue (mrpc, validation)"]
    assert found["pair"][2][0] == "These are the first 40 of 40 rows."
    assert "mrpc, sst2, mnli" in found["subset"] and "train, validation, test" in found["split"]
    ranges = [one.headers.get("range") for one in small_hub.requests if "bench/long/resolve" in one.path]
    assert any(ranges), "the long file is read in parts"


def test_pictures_are_left_out_and_nested_columns_stay(ask: Ask, small_hub: SmallHub, tmp_path: Path) -> None:
    token = small_hub.user("carla")
    small_hub.lfs_above = 0
    made = """
from datasets import ClassLabel, Dataset, Features, Image, List, Value
from huggingface_hub import HfApi
kinds = Features({"image": Image(), "tokens": List(Value("string")), "tags": List(ClassLabel(names=["O", "PER"])),
                  "more": {"n": Value("int32")}})
row = {"image": None, "tokens": ["Ada", "ran"], "tags": [1, 0], "more": {"n": 7}}
Dataset.from_list([row] * 4, features=kinds).push_to_hub("carla/mixed")
Dataset.from_list([{"image": None}] * 4, features=Features({"image": Image()})).push_to_hub("carla/pictures")
answer = None
"""
    asking.ask(small_hub, tmp_path / "hf", made, token=token, HF_HUB_DISABLE_XET="1")
    found = ask("""
preview = door.preview(Origin("hf://datasets/carla/mixed"))
answer = {
    "head": preview.head[0],
    "findings": [[finding.code, finding.title] for finding in preview.findings],
    "pictures": said(lambda: door.preview(Origin("hf://datasets/carla/pictures"))),
}
""")
    assert found["head"] == {"tokens": '["Ada", "ran"]', "tags": '["PER", "O"]', "more": '{"n": 7}'}
    assert ["media-left-out", "`image` was left out."] in found["findings"]
    assert "holds only pictures or sounds" in found["pictures"]


def test_a_dead_network_is_noticed_at_once(tmp_path: Path) -> None:
    hub = SmallHub(tmp_path / "hub").start()
    hub.stop()
    code = """
import time
from core.models.hub import reachable
reachable()  # the Hub's client is imported
started = time.monotonic()
answer = [said(call) for call in (
    lambda: door.search_datasets("x"), lambda: door.hub_card("a/b"),
    lambda: door.hub_preview(Origin("hf://datasets/a/b")), lambda: door.hub_fetch([Origin("hf://datasets/a/b")]),
    lambda: door.preview(Origin("hf://datasets/a/b")))]
answer.append(time.monotonic() - started)
"""
    *found, seconds = asking.ask(hub, tmp_path / "huggingface", BEGIN + code)
    assert all("Hugging Face Hub cannot be reached" in one for one in found) and len(found) == 5
    assert "a/b is not on this machine" in found[4]
    assert seconds < 3


def test_the_head_of_a_card_is_believed_only_where_it_is_whole() -> None:
    splits = [{"split": "train", "path": "x/*"}]
    first = {"config_name": "a", "data_files": splits, "default": True}
    whole = from_card({"configs": [first, {"config_name": "b", "data_files": splits}]})
    assert whole is not None and whole.default == "a" and whole.subsets[1].splits[0].rows is None
    assert from_card({"configs": [{"config_name": "a", "data_files": "x.csv"}]}) is None
    assert from_card({"dataset_info": {"splits": [{"name": "train"}]}}) is None and from_card({}) is None
    assert (default_of(["x", "default"]), default_of(["x"]), default_of(["x", "y"])) == ("default", "x", "")


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (OSError(28, "No space left on device"), "The disk is full"),
        (RuntimeError("Dataset scripts are no longer supported, but found x.py"), "a program of its author"),
        (type("EmptyDatasetError", (Exception,), {})(), "no files that can be read as a table"),
        (type("DatasetGenerationError", (Exception,), {})(), "damaged"),
        (type("ConnectError", (type("TransportError", (Exception,), {}),), {})(), "broke off"),
        (DataError("As it was."), "As it was."),
    ],
    ids=["disk", "script", "empty", "broken", "network", "ours"],
)
def test_foreign_failures_are_explained(failure: Exception, words: str) -> None:
    assert words in str(explained(failure, "owner/name"))
