"""One vector of a text from those of its tokens, as sentence embeddings are made. Used in workers only."""

from __future__ import annotations

from typing import Any


def mean_over_tokens(states: Any, mask: Any) -> Any:
    """Float tensor of shape (texts, width): the mean of ``states``, of shape (texts, tokens, width), over the tokens
    whose ``mask``, of shape (texts, tokens), is 1; zeros for a text without any.

    Source: Reimers and Gurevych (2019), "Sentence-BERT", EMNLP.
    """
    chosen = mask[..., None].float()
    return (states.float() * chosen).sum(1) / chosen.sum(1).clamp(min=1)
