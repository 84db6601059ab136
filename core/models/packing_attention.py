"""Attention that stays inside each of several texts laid end to end in one row, as transformers calls it.

It is registered under ``NAME``. While ``within`` says how the row is laid out, each text looks at itself alone; without
a layout it is the usual attention on padded texts. Dropout of attention is kept, drawn faster on a CPU.

Imported in workers only: it needs torch and transformers at import.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby
from typing import Any

import torch  # noqa: TID253  (imported in workers only)
from torch.nn import functional  # noqa: TID253
from transformers import AttentionInterface  # noqa: TID253
from transformers.integrations.sdpa_attention import repeat_kv, sdpa_attention_forward  # noqa: TID253
from transformers.masking_utils import AttentionMaskInterface, sdpa_mask  # noqa: TID253

from core.models.fast_dropout import attend, is_fast

NAME = "within_texts"
"""Of this attention among those that a model can be set to."""


@dataclass(frozen=True)
class Layout:
    """Texts of these lengths, one after the other, the longest first: a rule by which tokens see each other, which is
    made for a whole row, then holds for its first tokens as for each text.
    """

    lengths: tuple[int, ...]

    @property
    def tokens(self) -> int:
        return sum(self.lengths)

    def starts(self) -> list[int]:
        """The first token of each text."""
        return [0, *accumulate(self.lengths[:-1])]

    def runs(self) -> Sequence[tuple[int, int, int]]:
        """(first token, texts, length of each) of texts of one length that stand side by side."""
        found, start = [], 0
        for length, same in groupby(self.lengths):
            rows = len(list(same))
            found.append((start, rows, length))
            start += rows * length
        return found


_layout: Layout | None = None


def within(layout: Layout | None) -> None:
    """Lay out the rows that come next so; None for padded ones. It holds until it is changed: where gradients are
    computed, the layers may be run a second time.
    """
    global _layout
    _layout = layout


@dataclass(frozen=True)
class Sight:
    """Which tokens of a text see which. ``mask`` is boolean, of shape (longest, longest): true where a token (row) sees
    another (column); None where each sees all, or, if it ``is_causal``, all before it.
    """

    mask: torch.Tensor | None
    is_causal: bool

    def of(self, length: int) -> torch.Tensor | None:
        return None if self.mask is None else self.mask[:length, :length]


def see(batch_size: int, q_length: int, kv_length: int, **rest: Any) -> Any:
    """What stands for a mask in transformers' ``masking_utils``: a ``Sight`` in a row of texts, else the usual mask."""
    if _layout is None or q_length != _layout.tokens or kv_length != q_length:
        return sdpa_mask(batch_size=batch_size, q_length=q_length, kv_length=kv_length, **rest)
    longest = _layout.lengths[0]
    skips = {"allow_is_causal_skip": False, "allow_is_bidirectional_skip": False, "attention_mask": None}
    mask = sdpa_mask(batch_size=1, q_length=longest, kv_length=longest, **{**rest, **skips})[0, 0]
    if bool(mask.all()):
        return Sight(None, False)
    is_causal = bool(mask.equal(torch.ones_like(mask).tril()))
    return Sight(None if is_causal else mask, is_causal)


def attention(
    module: Any,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: Any,
    dropout: float = 0.0,
    scaling: float | None = None,
    **rest: Any,
) -> tuple[torch.Tensor, None]:
    """(what each token takes from those that it sees, of shape (rows, tokens, heads, size), None).

    Query, key and value are of shape (rows, heads, tokens, size).
    """
    if not isinstance(attention_mask, Sight):
        if _can_be_fast(module, query, dropout, attention_mask, rest):
            key, value = _alike(query, key, value)
            mixed = attend(query, key, value, attention_mask, dropout, scaling)
            return mixed.transpose(1, 2).contiguous(), None
        return sdpa_attention_forward(module, query, key, value, attention_mask, dropout, scaling, **rest)
    assert _layout is not None
    key, value = _alike(query, key, value)
    if query.is_cuda:
        whole = _varlen if dropout == 0 and attention_mask.mask is None and query.element_size() == 2 else padded
        return whole(query, key, value, attention_mask, dropout, scaling, _layout), None
    return by_length(query, key, value, attention_mask, dropout, scaling, _layout), None


def _can_be_fast(module: Any, query: torch.Tensor, dropout: float, mask: Any, rest: dict[str, Any]) -> bool:
    """Whether the dropout of padded texts, of which the mask says all, can be drawn faster."""
    is_plain = rest.get("position_bias") is None and rest.get("softcap") is None
    is_causal = rest.get("is_causal", getattr(module, "is_causal", True))
    says_all = is_causal is False if mask is None else mask.dtype == torch.bool
    return is_plain and says_all and is_fast(query, dropout)


def _alike(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Keys and values, with as many heads as the queries have."""
    times = query.shape[1] // key.shape[1]
    return repeat_kv(key, times), repeat_kv(value, times)


def by_length(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    sight: Sight,
    dropout: float,
    scaling: float | None,
    layout: Layout,
) -> torch.Tensor:
    """Texts of one length together, each length by itself: what a CPU does fastest."""
    heads, found = query.shape[1], []
    for start, rows, length in layout.runs():
        one, other, third = (
            states[0, :, start : start + rows * length].view(heads, rows, length, -1).transpose(0, 1)
            for states in (query, key, value)
        )
        mask = sight.of(length)
        if is_fast(query, dropout):
            seen = _triangle(query, length) if sight.is_causal else mask
            mixed = attend(one, other, third, seen, dropout, scaling)
        else:
            mixed = functional.scaled_dot_product_attention(
                one, other, third, attn_mask=mask, dropout_p=dropout, is_causal=sight.is_causal, scale=scaling
            )
        found.append(mixed.transpose(1, 2).reshape(rows * length, heads, -1))
    return torch.cat(found)[None]


def firsts_by_length(
    query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, dropout: float, scaling: float | None, layout: Layout
) -> torch.Tensor:
    """What the first token of each text takes from all of its text, of shape (texts, heads, size).

    Query is of shape (texts, heads, size), key and value of (tokens, heads, size).
    """
    found, text = [], 0
    for start, rows, length in layout.runs():
        one = query[text : text + rows, :, None]
        other, third = (
            states[start : start + rows * length].unflatten(0, (rows, length)).transpose(1, 2)
            for states in (key, value)
        )
        if is_fast(query, dropout):
            mixed = attend(one, other, third, None, dropout, scaling)
        else:
            mixed = functional.scaled_dot_product_attention(one, other, third, dropout_p=dropout, scale=scaling)
        found.append(mixed[:, :, 0])
        text += rows
    return torch.cat(found)


def _triangle(like: torch.Tensor, length: int) -> torch.Tensor:
    return torch.ones(length, length, dtype=torch.bool, device=like.device).tril()


def padded(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    sight: Sight,
    dropout: float,
    scaling: float | None,
    layout: Layout,
) -> torch.Tensor:
    """All texts at once, filled up for this alone: few calls, as a GPU wants it."""
    rows, longest = len(layout.lengths), layout.lengths[0]
    lengths = torch.tensor(layout.lengths, device=query.device)
    is_real = torch.arange(longest, device=query.device) < lengths[:, None]
    places = is_real.flatten().nonzero()[:, 0]

    def filled(states: torch.Tensor) -> torch.Tensor:
        by_token = states[0].transpose(0, 1)
        wide = by_token.new_zeros(rows * longest, *by_token.shape[1:]).index_copy(0, places, by_token)
        return wide.view(rows, longest, *by_token.shape[1:]).transpose(1, 2)

    # What stands before a token is never padding, so that a triangle is mask enough.
    mask = None if sight.is_causal else is_real[:, None, None, :]
    if mask is not None and sight.mask is not None:
        mask = mask & (sight.mask | torch.eye(longest, dtype=torch.bool, device=query.device))
    mixed = functional.scaled_dot_product_attention(
        filled(query),
        filled(key),
        filled(value),
        attn_mask=mask,
        dropout_p=dropout,
        is_causal=sight.is_causal,
        scale=scaling,
    )
    return mixed.transpose(1, 2).flatten(0, 1).index_select(0, places)[None]


def _varlen(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    sight: Sight,
    dropout: float,
    scaling: float | None,
    layout: Layout,
) -> torch.Tensor:
    """Flash attention over texts of any length: 16-bit numbers on a GPU, without dropout."""
    from torch.nn.attention.varlen import varlen_attn

    ends = torch.tensor((0, *layout.lengths), device=query.device).cumsum(0).to(torch.int32)
    one, other, third = (states[0].transpose(0, 1).contiguous() for states in (query, key, value))
    longest, window = layout.lengths[0], (-1, 0) if sight.is_causal else (-1, -1)
    mixed = varlen_attn(one, other, third, ends, ends, longest, longest, scale=scaling, window_size=window)
    assert isinstance(mixed, torch.Tensor)
    return mixed[None]


AttentionInterface.register(NAME, attention)
AttentionMaskInterface.register(NAME, see)
