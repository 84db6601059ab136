"""Training examples changed by chance that can be drawn again, and rare classes repeated: as much as was asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from transformers import AutoTokenizer

from core.data.types import Target
from core.errors import ConfigError
from core.models import classifier
from core.tasks import TASKS
from core.tasks.base import Context, Task
from core.training import augmentation
from core.training.augmentation import Noise, Noisy, Oversampling
from tests.tiny_models import TEXTS

CLASSIFYING = [task for task in TASKS.values() if issubclass(task.options, Noise)]
WORDS = 400


class Both(Oversampling, Noise):
    pass


@pytest.fixture
def bert(tiny_bert: Path) -> Any:
    return AutoTokenizer.from_pretrained(tiny_bert)


def noisy(tokenizer: Any, seed: int = 1, **options: float) -> Noisy:
    return Noisy(classifier.collator(tokenizer), tokenizer, Both(**options), seed)


def piece(words: int = WORDS, **more: Any) -> dict[str, Any]:
    """Each word is two tokens; the first and the last token are special."""
    numbers = [-1, *(number // 2 for number in range(2 * words)), -1]
    ids = [101, *(1000 + number for number in range(2 * words)), 102]
    return {"input_ids": ids, "attention_mask": [1] * len(ids), "words": numbers, "label_numbers": [3, 4], **more}


def ids(changed: tuple[dict[str, Any], Any]) -> list[int]:
    return list(changed[0]["input_ids"])


class TestWords:
    def test_are_left_out_whole_and_in_the_share_asked_for(self, bert: Any) -> None:
        new, changes = noisy(bert, word_dropout=0.2).changed(piece())
        assert changes.words == WORDS and 0.15 < changes.dropped / WORDS < 0.25
        kept = new["input_ids"]
        assert len(kept) == 2 * (WORDS - changes.dropped) + 2 == len(new["attention_mask"])
        assert kept[0] == 101 and kept[-1] == 102
        assert all(
            first % 2 == 0 and second == first + 1 for first, second in zip(kept[1:-1:2], kept[2:-1:2], strict=True)
        )
        assert new["label_numbers"] == [3, 4] and not set(new) & set(augmentation.INPUTS)

    def test_change_places_whole_with_their_neighbours(self, bert: Any) -> None:
        new, changes = noisy(bert, word_swap=0.3).changed(piece())
        assert 0.22 < changes.swapped / WORDS < 0.38
        moved = [(number - 1000) // 2 for number in new["input_ids"][1:-1:2]]
        assert sorted(moved) == list(range(WORDS)) and max(abs(np.array(moved) - np.arange(WORDS))) == 1
        assert int((np.array(moved) != np.arange(WORDS)).sum()) == changes.swapped

    def test_never_pass_a_gap_between_texts(self, bert: Any) -> None:
        pair = {"input_ids": [101, 1, 2, 102, 3, 102], "words": [-1, 0, 1, -1, 3, -1]}
        one = noisy(bert, word_swap=0.5)
        for epoch in range(50):
            one.set_epoch(epoch)
            assert ids(one.changed(pair)) in ([101, 1, 2, 102, 3, 102], [101, 2, 1, 102, 3, 102])

    def test_are_never_all_gone(self, bert: Any) -> None:
        short = {"input_ids": [101, 7, 102], "words": [-1, 0, -1]}
        one = noisy(bert, word_dropout=0.5, token_masking=0.5)
        for epoch in range(50):
            one.set_epoch(epoch)
            assert ids(one.changed(short)) == [101, 7, 102]
        assert ids(one.changed({"input_ids": [101, 102], "words": [-1, -1]})) == [101, 102]


class TestTokens:
    def test_are_hidden_in_the_share_asked_for_and_never_special_ones(self, bert: Any) -> None:
        new, changes = noisy(bert, token_masking=0.25).changed(piece())
        hidden = [place for place, token in enumerate(new["input_ids"]) if token == bert.mask_token_id]
        assert len(hidden) == changes.masked and changes.tokens == 2 * WORDS
        assert 0.2 < changes.masked / changes.tokens < 0.3 and not {0, len(new["input_ids"]) - 1} & set(hidden)

    def test_need_something_to_hide_behind(self, tiny_llama: Path, tiny_t5: Path) -> None:
        with pytest.raises(ConfigError, match="no token to hide") as caught:
            noisy(AutoTokenizer.from_pretrained(tiny_llama), token_masking=0.1)
        assert caught.value.field == "options.token_masking"
        t5 = AutoTokenizer.from_pretrained(tiny_t5)
        assert t5.unk_token_id in ids(noisy(t5, token_masking=0.4).changed(piece()))
        noisy(AutoTokenizer.from_pretrained(tiny_llama), word_dropout=0.1)


class TestChance:
    def test_is_drawn_again_alike(self, bert: Any) -> None:
        one, other = (noisy(bert, word_dropout=0.1, word_swap=0.2, token_masking=0.1) for _ in range(2))
        one.set_epoch(4)
        ids(one.changed(piece(9)))  # what came before does not matter
        other.set_epoch(4)
        assert one.changed(piece()) == other.changed(piece())

    def test_follows_seed_epoch_piece_and_copy(self, bert: Any) -> None:
        first = noisy(bert, word_dropout=0.2)
        second, third = noisy(bert, word_dropout=0.2, seed=2), noisy(bert, word_dropout=0.2)
        third.set_epoch(1)
        drawn = [first.changed(piece()), second.changed(piece()), third.changed(piece()), first.changed(piece(copy=1))]
        assert len({tuple(ids(one)) for one in drawn}) == 4

    def test_leaves_the_piece_itself_alone(self, bert: Any) -> None:
        mine = piece()
        noisy(bert, word_dropout=0.2, word_swap=0.3, token_masking=0.1).changed(mine)
        assert mine == piece()


class TestRareClasses:
    def repeated(self, counts: list[int], share: float, seed: int = 3) -> pa.Table:
        codes = np.repeat(np.arange(len(counts)), counts)
        table = pa.table({"label": codes, "row": np.arange(len(codes))})
        members = codes[:, None] == np.arange(len(counts))
        return augmentation.oversampled(table, members, Both(oversampling=share), seed)

    @pytest.mark.parametrize(
        ("share", "expected"), [(0.0, [100, 30, 7]), (0.05, [100, 30, 7]), (0.5, [100, 50, 50]), (1.0, [100, 100, 100])]
    )
    def test_reach_the_share_asked_for_exactly(self, share: float, expected: list[int]) -> None:
        found = self.repeated([100, 30, 7], share)
        assert np.bincount(found["label"].to_numpy()).tolist() == expected
        assert len(set(found["row"].to_pylist())) == 137

    def test_copies_are_numbered_and_spread_evenly(self) -> None:
        found = self.repeated([100, 30], 0.8).to_pylist()
        assert {(one["row"], one["copy"]) for one in found if one["label"] == 0} == {(row, 0) for row in range(100)}
        rare = [one["copy"] for one in found if one["label"] == 1]
        assert (rare.count(0), rare.count(1), rare.count(2)) == (30, 30, 20)

    def test_one_example_is_not_learned_by_heart(self) -> None:
        found = self.repeated([1000, 1], 1.0)
        assert np.bincount(found["label"].to_numpy()).tolist() == [1000, augmentation.MOST_COPIES]

    def test_chance_follows_the_seed(self) -> None:
        assert self.repeated([100, 30], 0.5).equals(self.repeated([100, 30], 0.5))
        assert not self.repeated([100, 30], 0.5).equals(self.repeated([100, 30], 0.5, seed=4))

    def test_a_row_with_several_labels_counts_by_its_rarest(self) -> None:
        members = np.array([[True, False]] * 8 + [[True, True]] * 2 + [[False, False]])
        table = pa.table({"row": np.arange(11)})
        found = augmentation.oversampled(table, members, Both(oversampling=0.8), 1)["row"].to_pylist()
        assert found.count(0) == 1 and found.count(8) + found.count(9) == 8 and found.count(10) == 1


# --- In the tasks ----------------------------------------------------------------------------------------------------


def rows_of(task: Task) -> tuple[Any, Target]:
    target = Target(("a", "b"), (12, 4))
    labels: dict[str, list[Any]] = {
        "label": ["a"] * 12 + ["b"] * 4,
        "labels": [["a"]] * 12 + [["b"]] * 4,
        "score": [0.1] * 12 + [0.9] * 4,
    }
    answers = {role.name: labels[role.name] for role in task.roles if role.name in labels}
    return pa.table({"text": (list(TEXTS) * 2)[:16], **answers, "row": list(range(1, 17))}), target


@pytest.mark.parametrize("task", CLASSIFYING, ids=lambda task: task.id)
class TestTasks:
    def context(self, task: Task, tokenizer: Any, **options: Any) -> Context:
        return Context(tokenizer, rows_of(task)[1], 16, task.options(**options), seed=1)

    def test_nothing_is_changed_by_default(self, task: Task, bert: Any) -> None:
        context, (table, _) = self.context(task, bert), rows_of(task)
        assert not augmentation.is_used(task.options())
        assert task.training_rows(table, context) is table
        assert task.augmented is not None and task.augmented(table, context) == {}
        assert not isinstance(task.collator(context, "train"), Noisy)
        assert not set(task.encode(table.to_pydict(), context, "train")) & set(augmentation.INPUTS)

    def test_only_training_is_changed(self, task: Task, bert: Any) -> None:
        context = self.context(task, bert, word_dropout=0.3, token_masking=0.2)
        columns = rows_of(task)[0].to_pydict()
        plain = task.encode(columns, self.context(task, bert), "evaluate")
        for purpose in ("evaluate", "predict"):
            assert task.encode(columns, context, purpose) == plain
            assert not isinstance(task.collator(context, purpose), Noisy)
        encoded = task.encode(columns, context, "train")
        assert encoded["input_ids"] == plain["input_ids"] and set(encoded) <= {*task.model_inputs, "row"}
        pieces = [
            {name: encoded[name][row] for name in task.model_inputs if name in encoded} for row in range(len(TEXTS))
        ]
        collate: Any = task.collator(context, "train")
        batches = []
        for epoch in (0, 1, 0):
            collate.set_epoch(epoch)
            batches.append(collate(pieces)["input_ids"].tolist())
        assert batches[0] == batches[2] != batches[1]

    def test_what_was_changed_is_counted(self, task: Task, bert: Any) -> None:
        options: dict[str, float] = {"word_dropout": 0.3, "token_masking": 0.2}
        if issubclass(task.options, Oversampling):
            options["oversampling"] = 1.0
        context, (table, _) = self.context(task, bert, **options), rows_of(task)
        assert task.augmented is not None
        found = task.augmented(table, context)
        assert found["rows"] == 16 and found["repeated"] == (8 if "oversampling" in options else 0)
        assert 0.15 < found["word_dropout"] < 0.45 and 0.08 < found["token_masking"] < 0.32 and found["word_swap"] == 0
