"""Texts of any length as pieces that a model reads at once: windows of one text, or blocks of several in a row.

Also here: how many texts are worth judging, for models that say something of each of their tokens.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.models.causal import TokenScores
    from core.tasks.base import Context

PIECES_JUDGED = 64
"""Of one text, from its beginning, when it is judged: one very long document must not outweigh all others."""
TOKENS_JUDGED = 50_000
"""Of a part of the table, about: enough for a steady score, and bearable without a GPU."""
_FEWEST_ROWS = 30
"""Of a part of the table: rather less of each text than fewer texts."""
_MEASURED_ROWS, _MEASURED_CHARACTERS = 200, 2_000
_LOGITS_AT_ONCE = 1 << 26
"""Numbers: 256 MB. Each token has one for every entry of the vocabulary."""


def token_ids(tokenizer: Any, texts: Sequence[str | None]) -> list[list[int]]:
    """The tokens of whole texts, without special ones around them."""
    plain = [text or "" for text in texts]
    if not plain:
        return []
    found: list[list[int]] = tokenizer(plain, add_special_tokens=False, truncation=False, verbose=False)["input_ids"]
    return found


# --- Texts to be written on ------------------------------------------------------------------------------------------


def separator(tokenizer: Any) -> int | None:
    """The token between two texts, which is also what the first word of a text is guessed from."""
    known = (tokenizer.eos_token_id, tokenizer.bos_token_id, tokenizer.sep_token_id, tokenizer.pad_token_id)
    return next((token for token in known if token is not None), None)


def joined(rows: Sequence[Sequence[int]], mark: int | None, length: int) -> dict[str, list[Any]]:
    """All texts one after the other with ``mark`` around each, cut into pieces of ``length`` tokens.

    ``row`` is that of the text in which a piece begins.
    """
    between = [] if mark is None else [mark]
    ids, owners = list(between), [0] * len(between)
    for row, tokens in enumerate(rows):
        ids += [*tokens, *between]
        owners += [row] * (len(tokens) + len(between))
    starts = range(0, len(ids) - 1, length)
    pieces = [ids[start : start + length] for start in starts]
    return _learnable(pieces, [owners[start] for start in starts])


def windows(
    rows: Sequence[Sequence[int]], mark: int | None, length: int, *, ended: bool, most: int | None = None
) -> dict[str, list[Any]]:
    """Each text with ``mark`` before it (``ended``: and after it), in at most ``most`` pieces of ``length`` tokens.

    A piece begins with the last token of the piece before it, so that each token is guessed exactly once.
    """
    between = [] if mark is None else [mark]
    pieces, owners = [], []
    for row, tokens in enumerate(rows):
        ids = [*between, *tokens, *(between if ended else [])]
        for start in islice(range(0, len(ids) - 1, length - 1), most):
            pieces.append(ids[start : start + length])
            owners.append(row)
    return _learnable(pieces, owners)


def _learnable(pieces: list[list[int]], owners: list[int]) -> dict[str, list[Any]]:
    """Each token is to be guessed from those before it: labels are the tokens themselves, and models shift them."""
    return {"input_ids": pieces, "labels": [list(piece) for piece in pieces], "row": owners}


def joined_lengths(lengths: Sequence[int], length: int) -> list[int]:
    """Token counts of the pieces that ``joined`` makes of texts with these ``lengths``."""
    whole, rest = divmod(sum(lengths), length)
    return [length] * whole + ([rest] if rest else [])


def window_lengths(lengths: Sequence[int], length: int) -> list[int]:
    """Token counts of the pieces that ``windows`` makes of texts with these ``lengths``."""
    found = []
    for text in lengths:
        starts = range(0, max(1, text - 1), length - 1)
        found += [min(length, text - start) for start in starts]
    return found


def next_token_scores(model: Any, batch: Mapping[str, Any]) -> list[TokenScores]:
    """``causal.next_token_scores`` for as many pieces at a time as their logits leave memory for."""
    from core.models import causal

    found: list[TokenScores] = []
    for part in parted(model, batch, batch["input_ids"].shape[1]):
        found += causal.next_token_scores(model, part)
    return found


def parted(model: Any, batch: Mapping[str, Any], width: int) -> Iterator[dict[str, Any]]:
    """The batch in parts of as many pieces as logits for ``width`` tokens of each leave memory for, at least one."""
    vocabulary = model.get_output_embeddings().weight.shape[0]
    size = max(1, _LOGITS_AT_ONCE // (width * vocabulary))
    for start in range(0, len(batch["input_ids"]), size):
        yield {name: tensor[start : start + size] for name, tensor in batch.items()}


# --- What is judged --------------------------------------------------------------------------------------------------


def judged_rows(table: Any, context: Context) -> Any:
    """A ``Task.judged_rows``: of the texts, evenly, as many as have about ``TOKENS_JUDGED`` tokens.

    Where a few texts have more than that, only their beginnings are kept. How many rows there were stands in the
    table's metadata: see ``rows_before``.
    """
    import pyarrow.compute as pc

    chosen, excess = _chosen(table, context, PIECES_JUDGED)
    if excess <= 1:
        return chosen
    longest = int(TOKENS_JUDGED / chosen.num_rows / _tokens_a_character(table, context))
    place = chosen.schema.get_field_index("text")
    return chosen.set_column(place, "text", pc.utf8_slice_codeunits(chosen.column("text"), 0, longest))


def judged_conversations(table: Any, context: Context) -> Any:
    """``judged_rows`` for rows that are one piece each, cut to the maximum length; ``text`` has all that is read."""
    return _chosen(table, context, 1)[0]


def _chosen(table: Any, context: Context, pieces: int) -> tuple[Any, float]:
    """(rows spread evenly over all, how many times ``TOKENS_JUDGED`` they are where that is more).

    At most so many ``pieces`` of a row are read.
    """
    import numpy as np
    import pyarrow.compute as pc

    if not table.num_rows:
        return table, 0.0
    estimated = pc.utf8_length(table.column("text")).to_numpy() * _tokens_a_character(table, context)
    read = np.minimum(estimated, pieces * context.max_length)
    if read.sum() <= TOKENS_JUDGED:
        return table, 1.0
    fewest = min(table.num_rows, _FEWEST_ROWS)
    rows = max(fewest, int(table.num_rows * TOKENS_JUDGED / read.sum()))
    places = np.unique(np.linspace(0, table.num_rows - 1, rows).round().astype(int))
    chosen = table.take(places)
    if rows < table.num_rows:
        chosen = chosen.replace_schema_metadata({"rows_before": str(table.num_rows)})
    return chosen, read[places].sum() / TOKENS_JUDGED if rows == fewest else 1.0


def rows_before(table: Any) -> int:
    """How many rows there were before ``judged_rows`` chose among them."""
    return int((table.schema.metadata or {}).get(b"rows_before", table.num_rows))


def _tokens_a_character(table: Any, context: Context) -> float:
    import numpy as np
    import pyarrow.compute as pc

    places = np.unique(np.linspace(0, table.num_rows - 1, _MEASURED_ROWS).astype(int))
    texts = pc.utf8_slice_codeunits(table.column("text").take(places), 0, _MEASURED_CHARACTERS).to_pylist()
    tokens = sum(len(ids) for ids in token_ids(context.tokenizer, texts))
    return tokens / max(1, sum(len(text) for text in texts))
