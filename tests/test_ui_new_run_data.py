"""The data step of a new run: which table is asked for, how its reading is watched and stopped, what is said of it."""

from __future__ import annotations

import dataclasses
import threading
import time
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import gradio as gr
import pytest

from core import home
from core.config import SplitConfig
from core.data.hub.types import HubCard, HubDataset, HubSplit, HubSubset
from core.data.types import Preview, Progress
from core.data_config import ReadingConfig
from core.errors import ConfigError, DataError
from core.studio import Studio
from tests.making import reviews, write_csv
from ui.new_run import data, from_files, from_hub, hub_choosing, hub_words, looking, reading
from ui.new_run.asked import Asked, address, of_draft, of_files, of_query
from ui.new_run.draft import Draft
from ui.new_run.working import Desk, Stopped, Tick, Work

MRPC = Asked("hf://datasets/nyu-mll/glue", {"subset": "mrpc"}, {"train": "train", "validation": "validation"})
COLUMNS = ("text", "label")


def preview(source: str, read_as: ReadingConfig | None = None) -> Preview:
    return Preview(source, "reviews.csv", "csv", 4, 100, (), (), read_as=read_as)


# --- Which table is asked for


@pytest.mark.parametrize(
    "asked",
    [
        Asked("sample/feedback"),
        Asked("/d/a b&c.csv", {"reading": {"delimiter": "tab", "header": False}}),
        MRPC,
        dataclasses.replace(MRPC, more={"subset": "mrpc", "revision": "v1", "streaming": {"max_steps": 7}}),
        dataclasses.replace(MRPC, more={"streaming": {}}),
    ],
)
def test_the_address_of_a_page_brings_the_same_table_again(asked: Asked) -> None:
    draft = looking.with_table(Studio(), Draft(), asked, preview(asked.source))

    query = dict(parse_qsl(urlsplit(address(draft)).query))
    again = of_query(query) or Asked(f"sample/{query['sample']}")

    assert again.data == asked.data
    assert again.data == of_draft(draft).data


def test_chance_shares_out_the_rows_of_the_split_that_was_chosen() -> None:
    draft = looking.with_table(Studio(), Draft(), MRPC, preview(MRPC.source))
    assert draft.proposed_split == SplitConfig(**draft.split)

    by_chance = draft.with_split({"validation": 0.1, "test": 0.1, "seed": 42})

    assert of_draft(dataclasses.replace(by_chance, proposed_split=None)).split == {"train": "train"}
    assert by_chance.plain()["data"]["split"]["train"] == "train"


def test_another_reading_is_another_table(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "reviews.csv", COLUMNS, reviews(60))
    draft, _ = looking.take(Studio(), Draft(), [str(path)])
    changed = draft.with_step({"kind": "drop-rows", "rows": [1]}).with_column("label", "text")
    asked = of_draft(changed)

    *_, same = looking.look(Studio(), changed, asked)
    *_, other = looking.look(Studio(), changed, data.with_reading(asked, {"header": False}))

    assert (same.draft.steps, same.draft.columns) == (changed.steps, changed.columns)
    assert other.draft.steps == ()
    assert other.draft.more_data == {"reading": {"header": False}}
    assert "text" not in other.draft.headers


def test_an_unknown_encoding_is_told_before_anything_is_read() -> None:
    with pytest.raises(ConfigError, match="klingon is no encoding"):
        data.with_reading(Asked("/d/a.csv"), {"encoding": "klingon"})


def test_nobody_else_may_name_a_second_file_of_this_machine() -> None:
    upload = home.uploads_dir() / "abc" / "train.csv"
    upload.parent.mkdir()
    upload.write_text("text,label\n")
    asked = Asked(str(upload), {}, {"test": "/etc/passwd"})

    assert from_files.may_ask(Studio(), asked, local=True)
    assert not from_files.may_ask(Studio(), asked, local=False)
    assert from_files.may_ask(Studio(), MRPC, local=False)


def test_files_named_by_part_are_the_parts(tmp_path: Path) -> None:
    paths = [write_csv(tmp_path / f"{part}.csv", COLUMNS, reviews(60)) for part in ("train", "test")]

    *_, last = looking.look(Studio(), Draft(), of_files([str(path) for path in paths]))

    assert last.draft.split["test"] == str(paths[1])
    assert address(last.draft).endswith("/test.csv")


def test_cells_are_kept_and_too_many_are_refused() -> None:
    source = from_files.keep_cells(Studio(), "text\tlabel\nfine\tgood\n")

    assert from_files.is_upload(source)
    for text in ("  ", "x" * (from_files.LONGEST_PASTE + 1)):
        with pytest.raises(DataError):
            from_files.keep_cells(Studio(), text)


# --- Work that is watched


def counting(progress: Progress) -> str:
    for number in range(500):
        progress(number / 500, "Counting")
        time.sleep(0.01)
    return "done"


def test_work_ends_when_it_is_stopped_or_no_longer_watched() -> None:
    desk = Desk()
    stopped, watched = Work(counting), Work(counting)
    with desk.holds("page", stopped):
        ticks = stopped.ticks()
        assert next(ticks).words == "Counting"
        desk.stop("page")
        assert len(list(ticks)) <= 1
    with pytest.raises(Stopped):
        _ = stopped.result
    ticks = watched.ticks()
    next(ticks)
    ticks.close()
    deadline = time.monotonic() + 60
    while not watched.is_over and time.monotonic() < deadline:
        time.sleep(0.01)
    with pytest.raises(Stopped):
        _ = watched.result


def test_what_a_page_began_before_says_nothing_any_more() -> None:
    desk, first = Desk(), Work(counting)
    with desk.holds("page", first), desk.holds("other page", Work(counting)):
        assert not first.is_forgotten
        with desk.holds("page", Work(counting)):
            assert first.is_forgotten


def test_work_gives_its_result_or_its_failure() -> None:
    quick: Work[int] = Work(lambda progress: 7)
    assert list(quick.ticks()) == []
    assert quick.result == 7

    def fail(progress: Progress) -> int:
        raise DataError("There is no such table.")

    failed: Work[int] = Work(fail)
    list(failed.ticks())
    with pytest.raises(DataError, match="no such table"):
        _ = failed.result
    assert threading.active_count() < 50


def test_a_stopped_look_says_so_and_leaves_no_table() -> None:
    class Slow(Studio):
        def preview(self, place: object, progress: Progress | None = None) -> Preview:
            assert progress is not None
            counting(progress)
            return preview(str(place))

    desk = Desk()
    seen = looking.look(Slow(), Draft(), Asked("sample/feedback"), lambda work: desk.holds("page", work))
    assert next(seen).working
    desk.stop("page")
    *_, last = seen

    assert last.is_over
    assert "stopped" in last.found
    assert not last.draft.source


# --- What is said


def test_the_form_shows_what_was_found_and_says_what_was_chosen() -> None:
    with gr.Blocks():
        view = reading.layout()
    found = preview("/d/a.csv", ReadingConfig(delimiter="tab", header=True))
    chosen = Asked("/d/a.csv", {"reading": {"header": False}})

    updates = reading.shown(view, chosen, found)

    assert updates[view.box]["visible"]
    assert updates[view.fields["delimiter"]]["choices"][0] == ("as found (tab)", "")
    assert updates[view.fields["header"]]["value"] == "no"
    assert not updates[view.fields["sheet"]]["visible"]
    said = dict.fromkeys(view.fields.values(), "") | {view.fields["header"]: "no", view.fields["encoding"]: "cp1252"}
    assert reading.read(view, said) == {"header": False, "encoding": "cp1252"}
    assert not reading.shown(view, Asked("sample/feedback"), found)[view.box]["visible"]


def test_a_card_of_the_hub_asks_nothing_of_other_hosts() -> None:
    about = HubDataset("a/b", "a", "gated", 7, 1, licence="mit")
    readme = "# Fine <img src=http://x/y>\n![shot](https://x/z.png)\n<script>alert(1)</script> [a link](//x) & <3"
    drawn = hub_words.card(HubCard(about, "c0ffee", readme, (), "", access_help="Ask for it."))

    assert "<img" not in drawn
    assert "<script" not in drawn
    assert "http" not in drawn
    assert "a link &amp; &lt;3" in drawn
    assert "Ask for it." in drawn


def test_a_large_download_says_what_else_there_is() -> None:
    subset = HubSubset("default", (), download_bytes=40_000_000_000)

    assert "Stream it instead" in hub_words.cost(subset, free=50_000_000_000)
    assert "Stream it instead" not in hub_words.cost(subset, free=500_000_000_000)


@pytest.mark.parametrize(
    ("names", "parts"),
    [
        (("test", "train", "unsupervised"), {"train": "train", "test": "test"}),
        (
            ("train", "validation_matched", "validation_mismatched"),
            {"train": "train", "validation": "validation_matched"},
        ),
        (("all",), {"train": "all"}),
        ((), {}),
    ],
)
def test_splits_are_proposed_by_their_names(names: tuple[str, ...], parts: dict[str, str]) -> None:
    assert hub_choosing.parts(HubSubset("default", tuple(HubSplit(name) for name in names))) == parts


def test_a_private_dataset_is_shown_only_in_front_of_the_machine() -> None:
    class Listed(Studio):
        def search_datasets(self, query: str = "", **narrowed: object) -> list[HubDataset]:
            return [HubDataset("a/diary", "a", "private", 0, 0), HubDataset("a/open", "a", "open", 0, 0)]

    with gr.Blocks():
        view = from_hub.layout()
    answers = dict.fromkeys(view.asked, "") | {view.query: "a"}

    def ids(local: bool) -> list[str]:
        return [one for _, one in hub_choosing.search(Listed(), view, answers, local)[view.results]["choices"]]

    assert ids(local=True) == ["a/diary", "a/open"]
    assert ids(local=False) == ["a/open"]


def test_time_left_is_told_once_it_can_be() -> None:
    assert "left" not in found_words(Tick(0.5, "Reading"))
    assert "about 2 minutes left" in found_words(Tick(0.5, "Reading", 120))


def found_words(tick: Tick) -> str:
    from ui.new_run import found

    return found.progress(tick)
