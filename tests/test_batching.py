"""Batches in parts of like length: every example once, within bounds, and never dearer than the batch as a whole."""

from __future__ import annotations

import itertools

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.models.types import Note
from core.training.batching.order import Grouped
from core.training.batching.planning import Cost, by_size, parts_of
from core.training.batching.splitting import Splitting

BRIEFLY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""Also on a busy machine."""
LENGTHS = st.lists(st.integers(1, 300), min_size=1, max_size=150)


def price(parts: list[list[int]], lengths: list[int], cost: Cost) -> float:
    return sum(cost.of(len(part), max(lengths[place] for place in part)) for part in parts)


@BRIEFLY
@given(LENGTHS, st.one_of(st.none(), st.integers(1, 2000)))
def test_every_example_is_in_one_part_of_bounded_size(lengths: list[int], most: int | None) -> None:
    parts = parts_of(lengths, by_size(64), most)
    assert sorted(itertools.chain(*parts)) == list(range(len(lengths)))
    for part in parts:
        assert most is None or len(part) == 1 or len(part) * max(lengths[place] for place in part) <= most
    widths = [max(lengths[place] for place in part) for part in parts]
    assert widths == sorted(widths, reverse=True), "what needs most memory comes first"


@BRIEFLY
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


def test_of_nothing_there_are_no_parts() -> None:
    assert parts_of([], by_size(64), 100) == []


def test_a_large_batch_of_many_lengths_is_planned_within_bounds() -> None:
    lengths = [1 + place % 500 for place in range(4096)]
    parts = parts_of(lengths, by_size(384))
    padded = sum(len(part) * max(lengths[place] for place in part) for part in parts)
    assert padded < 1.1 * sum(lengths) and len(parts) <= 65


@BRIEFLY
@given(st.lists(st.tuples(st.integers(1, 60), st.integers(1, 60)), min_size=1, max_size=60), st.integers(1, 9))
def test_what_is_written_counts_too(sizes: list[tuple[int, int]], rows_at_once: int) -> None:
    read, written = [one for one, _ in sizes], [other for _, other in sizes]
    splitting = Splitting(lambda pieces: {}, by_size(16), rows_at_once, writes=True)
    parts = splitting.plan(read, written)
    assert sorted(itertools.chain(*parts)) == list(range(len(sizes)))
    bound = rows_at_once * (max(read) + max(written))
    for part in parts:
        assert len(part) * (max(read[place] for place in part) + max(written[place] for place in part)) <= bound


def test_texts_alike_to_read_are_parted_by_what_is_written() -> None:
    parts = parts_of([50] * 16, by_size(64), None, [5] * 8 + [90] * 8)
    assert [sorted(part) for part in parts] == [list(range(8, 16)), list(range(8))]


def test_memory_for_half_as_many_rows_is_kept_to_and_whole_batches_keep_their_order() -> None:
    lengths = [3 + 7 * place % 60 for place in range(32)]
    for rows_at_once in (8, 4, 1):
        splitting = Splitting(lambda pieces: {}, by_size(64), rows_at_once)
        parts = splitting.plan(lengths)
        assert max(len(part) * max(lengths[place] for place in part) for part in parts) <= rows_at_once * max(lengths)
    splitting = Splitting(lambda pieces: {}, by_size(64), 12)
    splitting.why_whole = Note("for a reason")
    assert splitting.plan(lengths) == [[*range(12)], [*range(12, 24)], [*range(24, 32)]]


class TestTheOrderByLength:
    def test_takes_each_example_once_and_another_way_each_epoch(self) -> None:
        lengths = [1 + 37 * place % 211 for place in range(1003)]
        order = Grouped(lengths, 8, seed=3)
        first = list(order)
        assert sorted(first) == list(range(1003)) and list(order) == first and lengths[first[0]] == max(lengths)
        order.set_epoch(1)
        second = list(order)
        assert second != first and sorted(second) == sorted(first)
        again = Grouped(lengths, 8, seed=3)
        again.set_epoch(1)
        assert list(again) == second and list(Grouped(lengths, 8, seed=4)) != first

    def test_puts_like_lengths_into_one_correction(self) -> None:
        lengths = [1 + 37 * place % 211 for place in range(1003)]
        places = list(Grouped(lengths, 8, seed=3))
        groups = [[lengths[place] for place in places[start : start + 8]] for start in range(0, 1000, 8)]
        assert sum(8 * max(group) for group in groups) < 1.1 * sum(map(sum, groups))
