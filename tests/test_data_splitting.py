"""Rows shared out by chance: every row once, every class alike, the same each time."""

from __future__ import annotations

import time

import numpy as np
import pytest

from core.data.splitting import draw


def random_classes(seed: int) -> np.ndarray:
    """A table of 10 to 3,000 rows in 1 to 40 classes, some of them tiny."""
    chance = np.random.default_rng(seed)
    sizes = np.maximum(1, (chance.pareto(1.0, chance.integers(1, 40)) * 10).astype(int))[:3000]
    classes = np.repeat(np.arange(len(sizes)), np.minimum(sizes, 2000))
    if len(classes) < 10:
        classes = np.concatenate([classes, np.zeros(10, dtype=int)])
    return chance.permutation(classes)


@pytest.mark.parametrize("seed", range(60))
def test_what_is_true_of_every_split(seed: int) -> None:
    classes = random_classes(seed)
    shares = [(0.1, 0.1), (0.2, 0.05), (0.3, 0.5), (0.15,)][seed % 4]
    parts = draw(classes, len(classes), shares, seed)
    sizes = np.bincount(classes)
    # Complete and disjoint: each row has one part.
    assert len(parts) == len(classes) and set(parts.tolist()) <= set(range(len(shares) + 1))
    # Every class keeps a row to learn from.
    assert (np.bincount(classes[parts == 0], minlength=len(sizes)) >= 1).all()
    for part, share in enumerate(shares, start=1):
        counts = np.bincount(classes[parts == part], minlength=len(sizes))
        # As many rows as asked for, as far as the classes allow.
        assert 1 <= counts.sum() <= max(1, round(share * len(classes)))
        # Each class is shared out alike, within a row or what evens out its neighbours' single rows.
        large = sizes >= 5 / share
        slack = 1 + np.count_nonzero(sizes < 1 / share)
        assert (np.abs(counts[large] - share * sizes[large]) <= slack).all()
        # Classes of three rows and more are there, if the part has room for all of them.
        if (sizes >= 3).sum() <= round(share * len(classes)) / 2:
            assert (counts[sizes >= 3] >= 1).all()


def test_shares_of_a_common_table_are_exact() -> None:
    classes = np.repeat([0, 1, 2], [600, 300, 100])
    parts = draw(classes, 1000, (0.1, 0.1), 42)
    for part, expected in ((0, [480, 240, 80]), (1, [60, 30, 10]), (2, [60, 30, 10])):
        assert np.bincount(classes[parts == part]).tolist() == expected


def test_a_rare_class_is_in_every_part_and_the_size_still_right() -> None:
    classes = np.repeat([0, 1, 2], [1000, 3, 3])
    parts = draw(classes, 1006, (0.1, 0.1), 1)
    for part in (1, 2):
        assert np.bincount(classes[parts == part]).tolist() == [99, 1, 1]


def test_the_seed_decides_and_nothing_else() -> None:
    classes = random_classes(3)
    first = draw(classes, len(classes), (0.1, 0.1), 42)
    np.random.seed(0)  # another's chance must not matter
    assert (draw(classes, len(classes), (0.1, 0.1), 42) == first).all()
    assert (draw(classes, len(classes), (0.1, 0.1), 43) != first).any()
    # Written down, so that a change of ours or of numpy's that would move rows between parts cannot go unseen.
    assert draw(np.array([0, 1] * 6), 12, (0.2, 0.2), 7).tolist() == [0, 0, 2, 0, 0, 2, 0, 1, 0, 0, 1, 0]


def test_without_classes() -> None:
    parts = draw(None, 1000, (0.1, 0.2), 0)
    assert np.bincount(parts).tolist() == [700, 100, 200]
    assert draw(None, 10, (0.01,), 0).sum() == 1


def test_a_million_rows_take_a_moment() -> None:
    classes = np.random.default_rng(0).integers(0, 50, 1_000_000)
    begun = time.process_time()
    draw(classes, len(classes), (0.1, 0.1), 42)
    assert time.process_time() - begun < 3
