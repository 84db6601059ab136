"""Loss and perplexity are per token; intervals and comparisons go by row."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from core.errors import TrainingError
from core.evaluation import language_model

RANDOM = np.random.default_rng(0)
TOKENS = RANDOM.integers(5, 60, 120)
NLL = TOKENS * RANDOM.normal(3, 0.4, 120)
TOP1 = RANDOM.binomial(TOKENS, 0.3)
TOP5 = TOP1 + RANDOM.binomial(TOKENS - TOP1, 0.2)


def test_every_token_counts_alike() -> None:
    found = language_model.live_metrics([2.0, 30.0], [1, 10], [1, 2], [1, 4])
    assert found == pytest.approx(
        {"loss": 32 / 11, "perplexity": math.exp(32 / 11), "token_accuracy": 3 / 11, "top5": 5 / 11}
    )
    assert set(found) == {word.name for word in language_model.WORDS}


def test_they_are_those_of_torch() -> None:
    import torch
    from torch.nn.functional import cross_entropy

    logits, labels = torch.randn(3, 7, 11, dtype=torch.double), torch.randint(0, 11, (3, 7))
    each = cross_entropy(logits.transpose(1, 2), labels, reduction="none")
    first = (logits.argmax(-1) == labels).sum(1)
    five = (logits.topk(5).indices == labels[..., None]).any(-1).sum(1)
    found = language_model.live_metrics(each.sum(1).numpy(), [7] * 3, first.numpy(), five.numpy())
    assert found["loss"] == pytest.approx(cross_entropy(logits.flatten(0, 1), labels.flatten()).item())


def test_the_intervals_agree_with_drawing_rows() -> None:
    found = language_model.judge(NLL, TOKENS, TOP1, TOP5)
    drawn = [RANDOM.integers(0, 120, 120) for _ in range(2000)]
    scores = [language_model.live_metrics(NLL[rows], TOKENS[rows], TOP1[rows], TOP5[rows]) for rows in drawn]
    for name, width in (("loss", 0.01), ("perplexity", 0.3), ("token_accuracy", 0.01), ("top5", 0.01)):
        expected = np.quantile([score[name] for score in scores], [0.025, 0.975])
        assert found["intervals"][name] == pytest.approx(expected, abs=width)
    assert (found["rows"], found["tokens"]) == (120, TOKENS.sum())
    json.dumps(found, allow_nan=False)


def test_a_perplexity_beyond_numbers_is_left_out() -> None:
    found = language_model.judge([9000.0, 8000.0], [1, 1], [0, 0], [0, 0])
    assert "perplexity" not in found and found["intervals"]["perplexity"] is None
    assert language_model.perplexity_of(800) is None


def test_without_tokens_nothing_is_said() -> None:
    assert language_model.judge([0.0], [0], [0], [0]) == {"rows": 1, "tokens": 0, "intervals": {}}
    assert language_model.judge([], [], [], []) == {"rows": 0, "tokens": 0, "intervals": {}}


def test_before_and_after_are_compared_on_the_same_rows() -> None:
    found = language_model.paired(NLL - 0.2 * TOKENS, NLL, TOKENS)
    assert found["clearly"] == "better" and found["difference"] == pytest.approx(-0.2)
    assert language_model.paired(NLL, NLL, TOKENS)["clearly"] == ""


def test_a_ruined_model_is_named_as_such() -> None:
    with pytest.raises(TrainingError, match="not a number"):
        language_model.judge([np.nan], [3], [0], [0])
