"""Models whose answer rests on the first token alone: of their last layer, only that token is computed.

What the last layer makes of all other tokens is thrown away by the answer layer, so it need not be there: of a layer's
twelve parts of work (Kaplan et al. 2020, arXiv:2001.08361, table 1), all but the two that make keys and values. Of six
layers that saves a seventh, and what is answered is the same. Used in workers only.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

READERS_OF_THE_FIRST = (
    "BertForSequenceClassification",
    "RobertaForSequenceClassification",
    "XLMRobertaForSequenceClassification",
    "CamembertForSequenceClassification",
    "ElectraForSequenceClassification",
)
"""Of transformers. Their layers are BERT's."""
PLAIN = ("sdpa", "eager")
"""Kinds of attention that are the same sum, whichever way it is computed."""


@contextmanager
def first_token_only(model: Any) -> Iterator[bool]:
    """Within, a model that reads its answer off the first token computes no other in its last layer; yields whether
    that is so. Only for answers: what else the last layer says is not there.
    """
    layer = last_layer(model)
    if layer is None or layer.attention.self.config._attn_implementation not in PLAIN:
        yield False
        return
    layer.forward = _of_first(layer)
    try:
        yield True
    finally:
        del layer.forward  # the class's own comes to light again


def last_layer(model: Any) -> Any:
    """The last layer of a model of which nothing but the first token is read; None of any other."""
    bare = model.get_base_model() if hasattr(model, "peft_config") and hasattr(model, "get_base_model") else model
    if type(bare).__name__ not in READERS_OF_THE_FIRST or not type(bare).__module__.startswith("transformers."):
        return None
    body = bare.base_model
    return None if body.config.is_decoder else body.encoder.layer[-1]


def _of_first(layer: Any) -> Any:
    """A ``BertLayer.forward`` of the first token: (texts, tokens, width) -> (texts, 1, width)."""
    from torch.nn.functional import scaled_dot_product_attention

    attention = layer.attention.self

    def forward(hidden_states: Any, attention_mask: Any = None, *_: Any, **__: Any) -> Any:
        first = hidden_states[:, :1]
        mask = None if attention_mask is None else attention_mask[:, :, :1]
        query, key, value = (
            one.unflatten(-1, (-1, attention.attention_head_size)).transpose(1, 2)
            for one in (attention.query(first), attention.key(hidden_states), attention.value(hidden_states))
        )
        seen = scaled_dot_product_attention(query, key, value, attn_mask=mask, scale=attention.scaling)
        return _on(layer, seen.transpose(1, 2).flatten(2), first)

    return forward


def _on(layer: Any, seen: Any, first: Any) -> Any:
    """What a layer makes of the first tokens once they have seen the others."""
    return layer.feed_forward_chunk(layer.attention.output(seen, first))


def of_firsts(layer: Any, states: Any, layout: Any) -> Any:
    """What a ``BertLayer`` makes of the first token of each text that lies in a row: (1, tokens, width) ->
    (1, texts, width), in the order of the row.
    """
    from core.models.packing_attention import firsts_by_length

    attention = layer.attention.self
    first = states[:, layout.starts()]
    heads = attention.attention_head_size
    query, key, value = (
        one[0].unflatten(-1, (-1, heads))
        for one in (attention.query(first), attention.key(states), attention.value(states))
    )
    share = attention.dropout.p if attention.training else 0.0
    seen = firsts_by_length(query, key, value, share, attention.scaling, layout)
    return _on(layer, seen.flatten(1)[None], first)
