"""Batches in parts of like length: every example once, within bounds, and never dearer than the batch as a whole."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from core.training.batching.planning import Cost, by_size, parts_of

LENGTHS = st.lists(st.integers(1, 300), min_size=1, max_size=150)


def price(parts: list[list[int]], lengths: list[int], cost: Cost) -> float:
    return sum(cost.of(len(part), max(lengths[place] for place in part)) for part in parts)


@given(LENGTHS, st.one_of(st.none(), st.integers(1, 2000)))
def test_every_example_is_in_one_part_of_bounded_size(lengths: list[int], most: int | None) -> None:
    parts = parts_of(lengths, by_size(64), most)
    assert sorted(itertools.chain(*parts)) == list(range(len(lengths)))
    for part in parts:
        assert most is None or len(part) == 1 or len(part) * max(lengths[place] for place in part) <= most
    widths = [max(lengths[place] for place in part) for part in parts]
    assert widths == sorted(widths, reverse=True), "what needs most memory comes first"


@given(st.lists(st.integers(1, 40), min_size=1, max_size=7), st.floats(0, 200))
def test_no_other_cut_is_cheaper(lengths: list[int], call: float) -> None:
    cost = Cost(call, token=1.0, pair=0.01)
    ordered = sorted(lengths, reverse=True)
    places = range(1, len(ordered))
    cuts = itertools.chain.from_iterable(itertools.combinations(places, count) for count in range(len(ordered)))
    prices = []
    for cut in cuts:
        edges = [0, *cut, len(ordered)]
        prices.append(sum(cost.of(end - start, ordered[start]) for start, end in itertools.pairwise(edges)))
    found = price(parts_of(lengths, cost), lengths, cost)
    assert found <= min(prices) * (1 + 1e-9)


def test_a_large_batch_of_many_lengths_is_planned_within_bounds() -> None:
    lengths = [1 + place % 500 for place in range(4096)]
    parts = parts_of(lengths, by_size(384))
    padded = sum(len(part) * max(lengths[place] for place in part) for part in parts)
    assert padded < 1.1 * sum(lengths) and len(parts) <= 65
