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
    layer = _last_layer(model)
    if layer is None:
        yield False
        return
    layer.forward = _of_first(layer)
    try:
        yield True
    finally:
        del layer.forward  # the class's own comes to light again


def _last_layer(model: Any) -> Any:
    bare = model.get_base_model() if hasattr(model, "peft_config") and hasattr(model, "get_base_model") else model
    if type(bare).__name__ not in READERS_OF_THE_FIRST or not type(bare).__module__.startswith("transformers."):
        return None
    body = bare.base_model
    if body.config.is_decoder or body.config._attn_implementation not in PLAIN:
        return None
    return body.encoder.layer[-1]


def _of_first(layer: Any) -> Any:
    """A ``BertLayer.forward`` of the first token: (texts, tokens, width) -> (texts, 1, width)."""
    from torch.nn.functional import scaled_dot_product_attention

    attention = layer.attention.self

    def heads(numbers: Any) -> Any:
        return numbers.unflatten(-1, (-1, attention.attention_head_size)).transpose(1, 2)

    def forward(hidden_states: Any, attention_mask: Any = None, *_: Any, **__: Any) -> Any:
        first = hidden_states[:, :1]
        mask = None if attention_mask is None else attention_mask[:, :, :1]
        seen = scaled_dot_product_attention(
            heads(attention.query(first)),
            heads(attention.key(hidden_states)),
            heads(attention.value(hidden_states)),
            attn_mask=mask,
            scale=attention.scaling,
        )
        said = layer.attention.output(seen.transpose(1, 2).flatten(2), first)
        return layer.feed_forward_chunk(said)

    return forward
