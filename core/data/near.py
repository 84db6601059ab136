"""Near copies: texts of which most of the shingles are the same (see ``core.data.shingles``).

MinHash (Broder, 1997) finds the pairs that may be alike, by bands of their signatures that are equal; each is then
counted out, so that a pair is alike exactly if the Jaccard index of its shingles reaches the similarity. Texts that are
joined by a chain of such pairs are one group.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from core.data.hashes import text_hashes
from core.data.same_rows import as_texts
from core.data.shingles import Shingled, shingled

if TYPE_CHECKING:
    import numpy as np

SIMILARITY = 0.8
"""Four of five shingles of both texts together are in both."""
MOST_TEXTS = 1_000_000
"""Of more different texts, so many are compared, drawn by chance: signatures take 256 bytes a text."""
FEWEST_PIECES = 10
"""A text with fewer shingles is too short to be nearly another; it may still have the same letters."""
SIGNED = 2_000
"""The signature is that of so many characters from the beginning; pairs are counted out to ``COUNTED`` characters."""
COUNTED = 10_000
_NUMBERS, _SEED = 64, 20_240_613
_COUNTED_TOGETHER = 5_000
"""Pairs that are counted out together."""
_MOST_PAIRS = 1_000_000
"""Of more pairs that may be alike, so many are counted out, the likeliest first."""
_BATCH = 2_000_000
"""Characters that are looked at together."""
_ALL_PAIRS, _LEADERS = 24, 8
"""In a band, up to so many texts are all compared with each other; of more, each with the first few."""
_MARGIN = 0.15
"""A pair whose signatures promise this much less than the similarity is not counted out: three standard errors."""


def looked_at(texts: int) -> int:
    """How many of so many different texts are compared."""
    return min(texts, MOST_TEXTS)


def near_groups(table: Any, columns: Sequence[str], similarity: float = SIMILARITY) -> np.ndarray:
    """A number for each row of a ``pyarrow.Table``, equal where the texts of the columns together are near copies.

    Rows without any text stand alone. The groups depend on nothing but which texts there are, not on their order.
    """
    import numpy as np

    hashes = text_hashes(_joined(table, columns))
    different, first, place = np.unique(hashes, return_index=True, return_inverse=True)
    known = _Texts(table, tuple(columns), different, first)
    groups = _groups(known, similarity)[place]
    empty = hashes == text_hashes([_nothing(len(columns))])[0]
    groups[empty] = len(hashes) + np.flatnonzero(empty)
    return groups


@dataclass(frozen=True, eq=False)
class _Texts:
    """Different texts in the order of their hashes: where in the table each stands first. Equal where the hashes are,
    so that what was found out is found again.
    """

    table: Any
    columns: tuple[str, ...]
    hashes: np.ndarray
    rows: np.ndarray

    def __hash__(self) -> int:
        return hash(self.hashes.tobytes())

    def __eq__(self, other: object) -> bool:
        import numpy as np

        return isinstance(other, _Texts) and np.array_equal(self.hashes, other.hashes)

    def batches(self, places: np.ndarray, most: int) -> Iterator[Any]:
        """The texts at some places, up to ``most`` characters of each, so many at a time as memory allows."""
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        for start in range(0, len(places), _BATCH // 100):
            some = self.table.select(list(self.columns)).take(
                pa.array(self.rows[places[start : start + _BATCH // 100]])
            )
            texts = pa.concat_arrays(list(_joined(some, self.columns)))
            texts = pc.utf8_slice_codeunits(texts, 0, most)
            parts = np.cumsum(pc.utf8_length(texts).to_numpy(zero_copy_only=False)) // _BATCH
            for part in np.unique(parts):
                begin, end = np.searchsorted(parts, [part, part + 1])
                yield texts.slice(begin, end - begin)


@lru_cache(maxsize=2)
def _groups(known: _Texts, similarity: float) -> np.ndarray:
    """A group number for each of some different texts."""
    import numpy as np

    chosen = np.arange(len(known.hashes))
    if len(chosen) > MOST_TEXTS:
        chosen = np.sort(np.random.RandomState(_SEED).permutation(len(chosen))[:MOST_TEXTS])
    groups = np.arange(len(known.hashes))
    if not len(chosen):
        return groups
    keys, counts, signatures = _signed(known, chosen)
    _, first, place = np.unique(keys, return_index=True, return_inverse=True)
    long_enough = np.flatnonzero(counts[first] >= FEWEST_PIECES)
    alike = np.arange(len(first))
    texts = first[long_enough]
    found = _components(known, chosen[texts], signatures[texts], similarity)
    alike[long_enough] = long_enough[found]
    groups[chosen] = chosen[first[alike[place]]]
    return groups


def _signed(known: _Texts, places: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(keys that are equal where the letters are, how many shingles there are, MinHash signatures) of each text."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    keys, counts, signatures = [], [], []
    for texts in known.batches(places, COUNTED):
        heads = pc.utf8_slice_codeunits(texts, 0, SIGNED)
        found = shingled(heads)
        longer = np.flatnonzero(pc.greater(pc.utf8_length(texts), SIGNED).to_numpy(zero_copy_only=False))
        found.keys[longer] ^= shingled(pc.utf8_slice_codeunits(texts.take(pa.array(longer)), SIGNED)).keys
        keys.append(found.keys)
        counts.append(np.diff(found.starts))
        signatures.append(_signatures(found))
    return np.concatenate(keys), np.concatenate(counts), np.concatenate(signatures)


def _signatures(found: Shingled) -> np.ndarray:
    import numpy as np
    from rensa import RMinHash

    starts = found.starts.astype(np.uint64)
    matrix = RMinHash.digest_matrix_from_flat_token_hashes(found.pieces, starts, _NUMBERS, _SEED)
    return np.array(matrix.to_rows(), dtype=np.uint32).reshape(-1, _NUMBERS)


def _components(known: _Texts, places: np.ndarray, signatures: np.ndarray, similarity: float) -> np.ndarray:
    """For each text the place of the first (among ``places``) that it is joined with by pairs that are alike."""
    import numpy as np

    one, other = _candidates(signatures, similarity)
    first = np.arange(len(places))
    edges: list[np.ndarray] = []
    while len(one):
        # A few pairs first: most others lie within the groups that they make, and need not be counted out.
        now = max(1_000, len(one) // 4)
        shares = [
            _jaccard(known, places[one[start:end]], places[other[start:end]])
            for start in range(0, now, _COUNTED_TOGETHER)
            if (end := min(now, start + _COUNTED_TOGETHER))
        ]
        alike = np.concatenate(shares) >= similarity
        edges.append(np.stack([one[:now][alike], other[:now][alike]]))
        first = _firsts(len(places), np.concatenate(edges, axis=1))
        apart = first[one[now:]] != first[other[now:]]
        one, other = one[now:][apart], other[now:][apart]
    return first


def _candidates(signatures: np.ndarray, similarity: float) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of places whose signatures say that they may be alike, the likeliest first."""
    import numpy as np

    width = 4 if similarity >= 0.75 else 2
    total = np.uint64(max(1, len(signatures)))
    pairs = [np.zeros(0, dtype=np.uint64)]
    for band in range(0, _NUMBERS, width):
        one, other = _pairs_of_band(signatures[:, band : band + width])
        pairs.append(one.astype(np.uint64) * total + other.astype(np.uint64))
    both = np.unique(np.concatenate(pairs))
    one, other = (both // total).astype(np.int64), (both % total).astype(np.int64)
    shares = np.concatenate(
        [np.zeros(0)]
        + [
            (signatures[one[start : start + 100_000]] == signatures[other[start : start + 100_000]]).mean(1)
            for start in range(0, len(one), 100_000)
        ]
    )
    order = np.argsort(-shares, kind="stable")
    order = order[shares[order] >= similarity - _MARGIN]
    order = order[:_MOST_PAIRS]
    return one[order], other[order]


def _pairs_of_band(band: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pairs (a lower place, a higher one) of rows that are equal: all, or those with the first few where many are."""
    import numpy as np

    keys = np.ascontiguousarray(band).view(np.dtype((np.void, band.dtype.itemsize * band.shape[1]))).ravel()
    _, group, sizes = np.unique(keys, return_inverse=True, return_counts=True)
    shared = np.flatnonzero(sizes[group] > 1)
    order = shared[np.argsort(group[shared], kind="stable")]
    groups = group[order]
    starts = np.concatenate([[0], np.flatnonzero(np.diff(groups)) + 1]).astype(np.int64)
    start = np.repeat(starts, np.diff(np.append(starts, len(groups)))) if len(groups) else groups
    inside, many = np.arange(len(groups)) - start, sizes[groups] > _ALL_PAIRS
    one, other = [order[:0]], [order[:0]]
    for back in range(1, _ALL_PAIRS):
        later = np.flatnonzero((inside >= back) & ~many)
        one.append(order[later - back])
        other.append(order[later])
    for leader in range(_LEADERS):
        later = np.flatnonzero((inside > leader) & many)
        one.append(order[start[later] + leader])
        other.append(order[later])
    return np.concatenate(one), np.concatenate(other)


def _jaccard(known: _Texts, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """The share of shingles that both texts of each pair have, among those of either."""
    import numpy as np

    places, place = np.unique(np.concatenate([one, other]), return_inverse=True)
    pieces, starts = _distinct_pieces(known, places)
    left, right = place[: len(one)], place[len(one) :]
    sizes = np.diff(starts)
    shares = np.zeros(len(one))
    # So many pairs at a time that their shingles fit into memory together.
    parts = np.cumsum(sizes[left] + sizes[right]) // _BATCH
    for part in np.unique(parts):
        pairs = np.arange(*np.searchsorted(parts, [part, part + 1]))
        ends = np.concatenate([left[pairs], right[pairs]])
        lengths = sizes[ends]
        inside = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        owner = np.repeat(np.tile(np.arange(len(pairs)), 2), lengths)
        mark = owner.astype(np.uint64) * np.uint64(0xD6E8FEB86659FD93)  # so that pieces of other pairs are different
        said = pieces[np.repeat(starts[ends], lengths) + inside] ^ mark
        order = np.argsort(said)
        twice = np.flatnonzero(said[order[1:]] == said[order[:-1]])
        common = np.bincount(owner[order[twice]], minlength=len(pairs))
        shares[pairs] = common / np.maximum(1, sizes[left[pairs]] + sizes[right[pairs]] - common)
    return shares


def _distinct_pieces(known: _Texts, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(the different shingles of all texts one after the other, where those of each text start)."""
    import numpy as np

    pieces, counts = [np.zeros(0, dtype=np.uint64)], []
    for texts in known.batches(places, COUNTED):
        found = shingled(texts)
        owner = np.repeat(np.arange(len(texts)), np.diff(found.starts))
        order = np.lexsort([found.pieces, owner])
        owner, sorted_pieces = owner[order], found.pieces[order]
        new = np.ones(len(order), dtype=bool)
        new[1:] = (owner[1:] != owner[:-1]) | (sorted_pieces[1:] != sorted_pieces[:-1])
        pieces.append(sorted_pieces[new])
        counts.append(np.bincount(owner[new], minlength=len(texts)))
    return np.concatenate(pieces), np.concatenate([[0], np.cumsum(np.concatenate(counts))])


def _firsts(total: int, edges: np.ndarray) -> np.ndarray:
    """For each of so many things the first that it is joined with by ``edges`` of shape (2, edges)."""
    import numpy as np
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    graph = coo_matrix((np.ones(edges.shape[1], dtype=bool), (edges[0], edges[1])), shape=(total, total))
    _, labels = connected_components(graph, directed=False)
    _, first = np.unique(labels, return_index=True)
    return first[labels]


def _joined(table: Any, columns: Sequence[str]) -> Iterator[Any]:
    """The texts of several columns as one, part by part."""
    import pyarrow as pa
    import pyarrow.compute as pc

    between = pa.scalar("\x1f", pa.large_string())
    for texts in zip(*(as_texts(table, name) for name in columns), strict=True):
        yield texts[0] if len(texts) == 1 else pc.binary_join_element_wise(*texts, between)


def _nothing(columns: int) -> Any:
    import pyarrow as pa

    return pa.array(["\x1f" * (columns - 1)], pa.large_string())
