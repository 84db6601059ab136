"""Splits of Hub datasets are fetched whole or not at all, taken up where a try ended, and there without a network."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from core import locks
from tests.small_hub import SmallHub, asking, demo
from tests.test_data_hub import BEGIN

Ask = Callable[..., Any]
LONG = "bench/long"
FILE = f"datasets/{LONG}/resolve/.*/data/train-00000-of-00001.parquet"
OPEN = """
def opened(name, **more):
    preview = door.preview(Origin(f"hf://datasets/{name}", **more))
    return [preview.rows, preview.title, [column.name for column in preview.columns], preview.head[0]]
"""


@pytest.fixture
def ask(small_hub: SmallHub, tmp_path: Path) -> Ask:
    return lambda code, **more: asking.ask(small_hub, tmp_path / "huggingface", BEGIN + OPEN + code, **more)


def files(hub: SmallHub) -> list[str]:
    """The ranges that were asked for of the long file."""
    return [
        one.headers.get("range", "") for one in hub.requests if one.method == "GET" and one.path.endswith(".parquet")
    ]


def test_a_split_is_fetched_once_and_is_there_without_a_network(small_hub: SmallHub, ask: Ask, home: Path) -> None:
    small_hub.add(demo.GLUE, demo.glue())
    first = ask("""
told = []
door.hub_fetch([Origin("hf://datasets/nyu-mll/glue", subset="mrpc", split=name) for name in ("train", "test")],
               lambda done, words: told.append((done, words)))
train = opened("nyu-mll/glue", subset="mrpc", split="train")
test = opened("nyu-mll/glue", subset="mrpc", split="test")
answer = [train, test, told]
""")
    train, test, told = first
    assert train[:3] == [120, "nyu-mll/glue (mrpc, train)", ["sentence1", "sentence2", "label", "idx"]]
    assert train[3]["label"] == "not_equivalent" and test[3]["label"] == ""  # -1 stands for "kept secret"
    assert told and all(0 <= done <= 1 for done, _ in told)
    assert len(files(small_hub)) == 2 and not list((home / "cache" / "tables").glob(".*"))
    assert not list((home / "cache" / "hub").rglob("*.parquet")), "what the tables were made of is not kept"
    small_hub.stop()
    again = ask("""
answer = [opened("nyu-mll/glue", subset="mrpc", split="train"),
          said(lambda: opened("nyu-mll/glue", subset="sst2", split="train"))]
""")
    assert again[0] == train and "nyu-mll/glue is not on this machine" in again[1]


def test_a_revision_is_held_to_its_commit(small_hub: SmallHub, ask: Ask) -> None:
    old = small_hub.add("anna/notes", {"train.csv": demo.table(20)})
    small_hub.add("anna/notes", {"train.csv": demo.table(30)})
    small_hub.add("anna/notes", {"train.csv": demo.table(40)}, branch="draft")
    code = f"""
from core.data.tables import digest_of
rows = lambda revision: opened("anna/notes", revision=revision)[0]
digest = lambda revision: digest_of(Origin("hf://datasets/anna/notes", revision=revision))
answer = [rows("{old}"), rows(None), rows("draft"), len({{digest(name) for name in ("{old}", None, "draft")}})]
"""
    assert ask(code) == [20, 30, 40, 3]
    small_hub.add("anna/notes", {"train.csv": demo.table(50)})
    small_hub.stop()
    assert ask(code) == [20, 30, 40, 3]


def test_a_connection_that_breaks_is_taken_up_where_it_broke(small_hub: SmallHub, ask: Ask) -> None:
    small_hub.add(LONG, {"data/train-00000-of-00001.parquet": demo.long(6_000)}, lfs=True)
    small_hub.cut(FILE, after=40_000, times=2)
    small_hub.fail("paths-info", 503, times=1)
    found = ask(f'answer = opened("{LONG}")')
    assert found[0] == 6_000
    ranges = [one for one in files(small_hub) if not one.startswith("bytes=0-")]
    assert ranges[-2:] == ["bytes=40000-", "bytes=80000-"]


def test_a_fetch_that_was_given_up_is_taken_up_by_the_next(small_hub: SmallHub, ask: Ask, home: Path) -> None:
    small_hub.add(LONG, {"data/train-00000-of-00001.parquet": demo.long(6_000)}, lfs=True)
    small_hub.slow(FILE, pace=60_000)
    cancelled = ask(f"""
import time
class Enough(Exception): ...
def progress(done, words):
    if done > 0.25:
        raise Enough
started = time.monotonic()
try:
    door.hub_fetch([Origin("hf://datasets/{LONG}")], progress)
except Enough:
    answer = time.monotonic() - started
""")
    assert cancelled < 8
    (part,) = (home / "cache" / "hub").rglob("*.part")
    size = part.stat().st_size
    assert size > 20_000 and not list((home / "cache" / "tables").iterdir())
    small_hub.heal()
    assert ask(f'answer = opened("{LONG}")')[0] == 6_000
    assert files(small_hub)[-1] == f"bytes={size}-"
    assert not part.exists()


def test_downloads_that_nobody_takes_up_are_removed_after_a_week(small_hub: SmallHub, ask: Ask, home: Path) -> None:
    hub = home / "cache" / "hub"
    halves = {name: hub / f"anna--{name}" / ("a" * 40) / "files" / "data" / "train.csv.part" for name in "xyz"}
    eight_days_ago = time.time() - 8 * 24 * 3600
    for name, half in halves.items():
        half.parent.mkdir(parents=True)
        half.write_text("text\n")
        for path in (half, half.parent, half.parent.parent):
            if name != "x":
                os.utime(path, (eight_days_ago, eight_days_ago))
    small_hub.add("anna/notes", {"train.csv": demo.table(20)})
    lock = locks.acquire(halves["z"].parents[2] / "lock")
    assert lock is not None
    with lock:
        assert ask('answer = opened("anna/notes")')[0] == 20
    kept = {name for name, half in halves.items() if half.exists()}
    assert kept == {"x", "z"}, "what is young, or being worked on, stays"


def test_two_who_fetch_the_same_bring_it_once(small_hub: SmallHub, ask: Ask) -> None:
    small_hub.add(LONG, {"data/train-00000-of-00001.parquet": demo.long(6_000)}, lfs=True)
    small_hub.slow(FILE, pace=100_000)
    found = ask(f"""
from concurrent.futures import ThreadPoolExecutor
words = []
def fetch(_):
    door.hub_fetch([Origin("hf://datasets/{LONG}")], lambda done, said: words.append(said))
    return opened("{LONG}")[0]
with ThreadPoolExecutor(2) as both:
    answer = [list(both.map(fetch, range(2))), any(said.startswith("Waiting") for said in words)]
""")
    assert found == [[6_000, 6_000], True] and len(files(small_hub)) == 1


def test_who_may_not_read_it_is_told_how_and_who_may_can(small_hub: SmallHub, ask: Ask) -> None:
    small_hub.add(demo.GATED, {"train.csv": demo.table(60)}, gated="auto")
    small_hub.add(demo.PRIVATE, {"train.csv": demo.table(50)}, private=True)
    anna, ben = small_hub.user("anna"), small_hub.user("ben")
    small_hub.repo(demo.GATED).accepted.add("anna")
    code = f'answer = [said(lambda: opened(name)) for name in ("{demo.GATED}", "{demo.PRIVATE}")]'
    for token in ("", ben):
        gated, private = ask(code, token=token)
        assert f"Accept its terms on {small_hub.url}/datasets/{demo.GATED}" in gated and "or it is private" in private
    gated, private = ask(code, token=anna)
    assert (gated[0], private[0]) == (60, 50)
    (said,) = ask('answer = [said(lambda: opened("acme/other"))]', token="hf_outdated")
    assert "does not accept the token" in said and "hf_outdated" not in said


def test_what_cannot_become_a_table_is_explained(small_hub: SmallHub, ask: Ask, home: Path) -> None:
    small_hub.add("bad/cut", {"train.parquet": demo.long(100)[:2_000]})
    small_hub.add("bad/huge", {"README.md": huge(), "train.csv": demo.table(20)})
    small_hub.add("bad/empty", {"README.md": "# Nothing here yet"})
    small_hub.add("bad/liar", {"train.csv": demo.table(20)})
    blob = small_hub.repo("bad/liar").branches["main"].files["train.csv"]
    code = """
answer = [said(lambda: opened(name)) for name in ("bad/cut", "bad/huge", "bad/empty", "bad/liar")]
"""
    blob.place.write_bytes(blob.place.read_bytes()[::-1])
    cut, large, empty, liar = ask(code)
    assert "damaged" in cut and "no files that can be read as a table" in empty
    assert "too little room for bad/huge: about 1000000.0 GB are needed" in large and "as a stream" in large
    assert "train.csv of bad/liar is damaged" in liar
    assert not list((home / "cache" / "tables").iterdir())


def test_types_that_change_from_file_to_file_become_text(small_hub: SmallHub, ask: Ask) -> None:
    rows = [{"text": "one", "n": 1, "late": None}, {"text": "two", "n": "b", "late": "x"}]
    small_hub.add("anna/mixed", {"train-0.csv": "text,n,late\none,1,\n", "train-1.csv": "text,n,late\ntwo,b,x\n"})
    small_hub.add("anna/torn", {f"train-{n}.jsonl": json.dumps(row) + "\n" for n, row in enumerate(rows)})
    found, torn = ask("""
from core.data.tables import open_table
answer = [said(lambda: open_table(f"hf://datasets/anna/{name}").table.to_pylist()) for name in ("mixed", "torn")]
""")
    assert "do not have the same columns or kinds of values" in torn
    assert found == [{"text": "one", "n": "1", "late": None}, {"text": "two", "n": "b", "late": "x"}]


def test_dates_that_no_calendar_has_are_missing_and_told_of(small_hub: SmallHub, ask: Ask, tmp_path: Path) -> None:
    when = pa.array([0, 1 << 50, None], pa.int64()).view(pa.timestamp("s"))
    path = tmp_path / "far.parquet"
    parquet.write_table(pa.table({"text": ["a", "b", "c"], "when": when.cast(pa.timestamp("ms"))}), path)
    small_hub.add("anna/far", {"data/train.parquet": path.read_bytes()})
    assert (
        ask(f"""
from core.data.preview import preview
answer = [[one.head[1]["when"], [finding.title for finding in one.findings if finding.code == "far-dates"]]
          for one in map(preview, ("hf://datasets/anna/far", {str(path)!r}))]
""")
        == [["", ["1 date lies before the year 1 or after 9999."]]] * 2
    )


def test_the_process_stays_warm_and_ends_with_the_app(small_hub: SmallHub, ask: Ask) -> None:
    small_hub.add("anna/notes", {"train.csv": demo.table(20)})
    small_hub.add("anna/others", {"train.csv": demo.table(20)})
    first, child = ask("""
from core.data.hub import client
def asked(name):
    door.hub_preview(Origin(f"hf://datasets/anna/{name}"))
    return client._idle[0].process.pid
answer = [asked("notes"), asked("others")]
""")
    assert first == child
    deadline = time.monotonic() + 60
    while Path(f"/proc/{child}").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not Path(f"/proc/{child}").exists()


def huge() -> str:
    """A card that announces more than any disk holds."""
    split = {"name": "train", "num_bytes": 10**15, "num_examples": 10**12}
    configs = [{"config_name": "default", "data_files": [{"split": "train", "path": "train.csv"}]}]
    features = [{"name": "review", "dtype": "string"}, {"name": "sentiment", "dtype": "string"}]
    info = {"features": features, "splits": [split], "download_size": 10**15, "dataset_size": 10**15}
    return demo.card({"configs": configs, "dataset_info": info}, "# Huge")
