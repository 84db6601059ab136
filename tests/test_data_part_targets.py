"""What the model is set up by: the target as the training rows alone tell it."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.data.parts import share_out
from tests.test_data_parts import config, other, save, table


class TestWhatTheTargetTells:
    """People see all usable rows; the model is set up by those that it learns from."""

    def test_a_score_far_off_among_the_test_rows_changes_nothing(self, tmp_path: Path) -> None:
        scores = [n % 7 / 2 for n in range(100)]
        source = save(tmp_path / "train.csv", table(100, label=scores))
        found = []
        for far in (1.0, 1e6):
            save(tmp_path / "test.csv", table(40, 100, label=[far] * 40))
            found.append(share_out(other("text-regression", source, {"text": "text", "score": "label"})))
        parts = found[0].usable
        learned = parts.train.column("score").to_numpy()
        assert parts.target == found[1].usable.target
        assert parts.target.mean == pytest.approx(learned.mean()) and parts.target.spread == pytest.approx(
            learned.std()
        )
        assert (parts.target.low, parts.target.high) == (0.0, 3.0)
        assert sum(count for _, count in found[1].checkup.labels) == 140 and found[1].target.high == 1e6

    def test_counts_of_classes(self, tmp_path: Path) -> None:
        source = save(tmp_path / "train.csv", table(100))
        save(tmp_path / "test.csv", table(40, 100, label=["c"] * 40))
        found = share_out(config(source, test="test.csv"))
        learned = found.usable.train.column("label").to_pylist()
        assert found.usable.target.labels == ("a", "b", "c")
        assert found.usable.target.counts == (learned.count("a"), learned.count("b"), 0)
        assert found.checkup.labels == (("a", 66), ("b", 34), ("c", 40))

    def test_counts_and_rows_of_several_labels(self, tmp_path: Path) -> None:
        source = save(tmp_path / "train.csv", table(100, label=["a|b", "b"] * 50))
        save(tmp_path / "test.csv", table(40, 100, label=["a|c"] * 40))
        found = share_out(other("multi-label-classification", source, {"text": "text", "labels": "label"}))
        target, learned = found.usable.target, found.usable.train.column("labels").to_pylist()
        assert (target.labels, target.rows) == (("a", "b", "c"), len(learned))
        assert target.counts == (sum("a" in one for one in learned), len(learned), 0)
        assert dict(found.checkup.labels) == {"a": 90, "b": 100, "c": 40} and found.target.rows == 140

    def test_counts_of_tags_are_those_of_words(self, tmp_path: Path) -> None:
        source = save(
            tmp_path / "train.csv", {"words": [f"Ada {n} sings" for n in range(100)], "tags": ["B-X I-X O"] * 100}
        )
        save(tmp_path / "test.csv", {"words": [f"{n} Bo" for n in range(40)], "tags": ["O B-Y"] * 40})
        found = share_out(other("token-classification", source, {"tokens": "words", "tags": "tags"}))
        target, rows = found.usable.target, found.usable.train.num_rows
        assert dict(zip(target.labels, target.counts, strict=True)) == {"O": rows, "B-X": rows, "I-X": rows, "B-Y": 0}
        assert dict(found.checkup.labels) == {"X": 100, "Y": 40} and dict(target.shown) == {"X": rows, "Y": 0}
