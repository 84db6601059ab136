"""The order of a stream follows from its seed and place; what may not be learned from is passed over, and counted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from core.config import RunConfig, validate
from core.data.leakage import text_keys
from core.data.origins import origin_of
from core.data.streamed import refuse_unfit, split_for
from core.data.types import Target
from core.errors import ConfigError, DataError
from core.evaluation.streamed import stream_sections
from core.tasks import TASKS
from core.tasks.base import Context
from core.training.streaming import source
from core.training.streaming.flow import Flow
from core.training.streaming.place import Place
from core.training.streaming.rows import KEPT_ASIDE, UNKNOWN, UNUSABLE, Sieve
from core.training.streaming.source import Source, StreamBroken
from tests.making import THINGS

TASK = TASKS["text-classification"]
BEGINNING = Place()
STREAMED: dict[str, Any] = {
    "task": TASK.id,
    "data": {
        "source": "hf://datasets/some/thing",
        "columns": {"text": "text", "label": "label"},
        "streaming": {"evaluation_rows": 10},
    },
}


def note(number: int) -> str:
    """A text that no other number below 1,000 has, of words that the tiny model knows."""
    return " ".join(THINGS[number // place % 10] for place in (100, 10, 1))


def rows(number: int) -> pa.Table:
    """Every tenth without a text, every seventh with a label of its own, the first two kept aside."""
    texts = ["" if one % 10 == 9 else note(one) for one in range(number)]
    labels = ["new" if one % 7 == 6 else ("bad", "good")[one % 2] for one in range(number)]
    return pa.table({"text": texts, "label": labels})


@dataclass
class Local:
    """Blocks of a table at hand. ``fails`` of the next blocks do not come."""

    table: pa.Table
    size: int
    fails: int = 0
    asked: int = 0
    place: Any = None

    def after(self, state: dict[str, Any] | None) -> Iterator[tuple[Any, dict[str, Any]]]:
        first = state["at"] if state else 0
        while first < self.table.num_rows:
            self.asked += 1
            if self.fails:
                self.fails -= 1
                raise ConnectionError("gone")
            block = self.table.slice(first, self.size)
            first += block.num_rows
            yield block, {"at": first}


def config(**data: Any) -> RunConfig:
    return validate({**STREAMED, "data": STREAMED["data"] | data})


@pytest.fixture
def bert(tiny_bert: Path) -> Any:
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(tiny_bert)


def flow(bert: Any, local: Local, start: Place = BEGINNING, step: int = 0, batch: int = 4, seed: int = 1) -> Any:
    aside = text_keys(pa.table({"text": pa.array([f" {note(0).upper()} ", note(1)], pa.large_string())}), ["text"])
    target = Target(("bad", "good"), (10, 10))
    context = Context(bert, target, 16, TASK.options(), seed)
    local.place = replace(origin_of(config().data), revision="0" * 40)
    told: list[str] = []
    blocks: Any = local
    found = Source(blocks, lambda title, detail: told.append(title))
    made: Any = Flow(TASK, context, found, Sieve(config(), target, ("text",), aside), batch, start, step)
    made.told = told
    return made


def ids(pieces: Iterator[dict[str, Any]], number: int) -> list[tuple[int, ...]]:
    return [tuple(piece["input_ids"]) for piece in islice(pieces, number)]


LEARNED = sum(one % 10 != 9 and one % 7 != 6 for one in range(100)) - 2


class TestTheOrder:
    def test_takes_each_row_once_a_round_and_another_way_in_the_next(self, bert: Any) -> None:
        pieces = iter(flow(bert, Local(rows(100), 30)))
        first, second = ids(pieces, LEARNED), ids(pieces, LEARNED)
        assert len(set(first)) == LEARNED == len(set(second)) and set(first) == set(second) and first != second
        assert ids(iter(flow(bert, Local(rows(100), 30))), LEARNED) == first
        assert ids(iter(flow(bert, Local(rows(100), 30), seed=2)), LEARNED) != first

    @pytest.mark.parametrize("step", [1, 5, 6, 17, 18, 19, 40])
    def test_goes_on_from_any_step_with_the_very_next_piece(self, bert: Any, step: int, tmp_path: Path) -> None:
        whole = flow(bert, Local(rows(100), 30))
        pieces = iter(whole)
        ids(pieces, 4 * step)
        there = whole.place_at(step)
        there.write(tmp_path)
        rest = ids(pieces, 100)
        again = flow(bert, Local(rows(100), 30), Place.of(tmp_path), step)
        assert again.place_at(step) == there
        assert ids(iter(again), 100) == rest
        assert again.place_at(step + 25).tally == whole.place_at(step + 25).tally

    def test_is_read_from_where_it_stood_not_from_the_beginning(self, bert: Any) -> None:
        whole = flow(bert, Local(rows(1000), 30))
        ids(iter(whole), 600)
        local = Local(rows(1000), 30)
        ids(iter(flow(bert, local, whole.place_at(150), 150)), 4)
        assert local.asked <= 2

    def test_hears_of_each_round(self, bert: Any) -> None:
        one = flow(bert, Local(rows(100), 30))
        heard: list[int] = []
        one.heard = heard.append
        ids(iter(one), 2 * LEARNED + 1)
        assert heard == [0, 1, 2]


class TestWhatIsPassedOver:
    def test_is_counted_by_its_reason(self, bert: Any) -> None:
        one = flow(bert, Local(rows(100), 100), batch=1)
        ids(iter(one), LEARNED)
        tally = one.place_at(LEARNED).tally
        assert tally.read == 100 and tally.learned == LEARNED
        assert tally.aside == {UNUSABLE: 10, UNKNOWN: 13, KEPT_ASIDE: 2} and LEARNED + 25 == 100

    def test_may_not_be_all(self, bert: Any) -> None:
        nothing = pa.table({"text": ["", ""], "label": ["bad", "good"]})
        with pytest.raises(DataError, match="no row that could be learned from"):
            next(iter(flow(bert, Local(nothing, 10))))


class TestTheNetwork:
    @pytest.fixture(autouse=True)
    def _quickly(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(source, "PAUSES", (0.0, 0.0, 0.0))

    def test_is_tried_again_and_nothing_is_lost(self, bert: Any) -> None:
        expected = ids(iter(flow(bert, Local(rows(100), 30))), LEARNED)
        one = flow(bert, Local(rows(100), 30, fails=3))
        assert ids(iter(one), LEARNED) == expected and len(one.told) == 3

    def test_that_stays_away_ends_it_in_words(self, bert: Any) -> None:
        with pytest.raises(StreamBroken, match="could not be taken up again") as found:
            next(iter(flow(bert, Local(rows(100), 30, fails=4))))
        assert "take the run up again" in found.value.advice


class TestWhatAStreamCannot:
    def test_is_refused_with_its_field(self) -> None:
        refuse_unfit(config(steps=[{"kind": "drop_values", "column": "label", "values": ["new"]}]).data)
        with pytest.raises(ConfigError, match="cannot be made in a stream") as found:
            refuse_unfit(config(steps=[{"kind": "drop_duplicates", "columns": ["text"]}]).data)
        assert found.value.field == "data.steps"
        with pytest.raises(ConfigError, match="cannot be told by a column") as found:
            refuse_unfit(config(split={"column": "part", "train": "train"}).data)
        assert found.value.field == "data.split.column"

    def test_keeps_aside_as_many_rows_as_were_asked_for(self) -> None:
        split = split_for(config().data, 1000)
        assert split.validation == split.test == 0.01
        assert split_for(config().data, 20).test == 0.25
        assert split_for(config(split={"validation": "dev"}).data, 1000).validation == "dev"


def test_the_report_says_where_the_rows_went() -> None:
    aside = {UNUSABLE: 10, UNKNOWN: 5}
    report = {"rows": {"test": 50}, "stream": {"read": 100, "learned": 70, "rounds": 1, "aside": aside}}
    (section,) = stream_sections(report)
    assert section.help.startswith("Judged on 50 rows, learned from 70 rows of a stream. It came to its end once")
    assert [row[1] for row in section.content["rows"]] == [70, 10, 5, 15, 100]
    assert stream_sections({"rows": {"test": 50}}) == []
