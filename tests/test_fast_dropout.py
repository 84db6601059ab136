"""Dropout that is drawn faster: the same share and scale by chance, from the same seed the same."""

from __future__ import annotations

from typing import Any

import pytest


def seeded(seed: int = 0) -> Any:
    import torch

    torch.manual_seed(seed)
    return torch


@pytest.mark.parametrize(("share", "count"), [(0.1, 400_000), (0.5, 400_001), (0.3, 5000)])
def test_the_share_is_dropped_and_made_up_for(share: float, count: int) -> None:
    """Of many values, whose number four does not divide, and of so few that they are drawn as ever."""
    from core.models.fast_dropout import FastDropout

    torch = seeded()
    layer, values = FastDropout(share), torch.full((count,), 2.0, requires_grad=True)
    out = layer(values)
    out.sum().backward()
    is_kept = out != 0
    spread = (share * (1 - share) / count) ** 0.5
    assert abs(1 - float(is_kept.float().mean()) - share) < 5 * spread
    assert values.grad is not None and values.grad.equal(out.detach() / 2), "what was dropped learns nothing"
    torch.testing.assert_close(out[is_kept].unique(), torch.tensor([2 / (1 - share)]))
    together = float((is_kept[1:] & is_kept[:-1]).float().mean())
    assert abs(together - (1 - share) ** 2) < 10 * spread, "neighbours are drawn apart from each other"


def test_chance_follows_from_the_seed_alone() -> None:
    from core.models.fast_dropout import kept

    first, other = (seeded(seed) and kept((99, 101), 0.2) for seed in (1, 2))
    torch = seeded(1)
    assert kept((99, 101), 0.2).equal(first) and not first.equal(other)
    assert not kept((99, 101), 0.2).equal(first), "a second draw is another"
    torch.manual_seed(1)


def test_it_is_put_in_and_taken_out_again() -> None:
    from core.models.fast_dropout import FastDropout, quicken, slow_down

    torch = seeded()
    model = torch.nn.Sequential(torch.nn.Linear(3, 3), torch.nn.Dropout(0.5), torch.nn.Dropout(0.0))
    values = torch.randn(9, 3)
    before = model.eval()(values)
    assert quicken(model) == 2 and isinstance(model[1], FastDropout) and model(values).equal(before)
    half = model.train()(values.to(torch.bfloat16).to(torch.float32))
    assert half.shape == values.shape and model[2](values).equal(values)
    slow_down(model)
    assert [type(layer).__name__ for layer in model] == ["Linear", "Dropout", "Dropout"]


def test_attention_with_dropout_has_the_right_gradient_and_mean() -> None:
    from torch.nn import functional

    from core.models.fast_dropout import attend

    torch = seeded()
    states: Any = [torch.randn(2, 3, 9, 4, dtype=torch.float64, requires_grad=True) for _ in range(3)]
    mask = torch.ones(9, 9, dtype=torch.bool).tril()

    def mixed(share: float, query: Any, key: Any, value: Any) -> Any:
        return attend(query, key, value, mask, share, None)

    def drawn(*states: Any) -> Any:
        torch.manual_seed(1)
        return mixed(0.3, *states)

    assert torch.autograd.gradcheck(drawn, states)
    with torch.no_grad():
        wanted = functional.scaled_dot_product_attention(states[0], states[1], states[2], attn_mask=mask)
        mean = torch.stack([mixed(0.3, *states) for _ in range(3000)]).mean(0)
    assert (mean - wanted).abs().max() < 0.15
    torch.testing.assert_close(mixed(1e-9, *states), wanted)
