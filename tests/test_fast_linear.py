"""Matrix products by oneDNN: what comes out and what is learned stay what they were."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def torch() -> Any:
    import torch

    if not (torch.backends.mkldnn.is_available() and hasattr(torch.ops.mkldnn, "_linear_pointwise")):
        pytest.skip("this PyTorch comes without oneDNN")
    torch.manual_seed(0)
    return torch


def test_values_and_gradients_are_the_same(torch: Any) -> None:
    """Of rows side by side, and of such as come by way of a transposed and a widened tensor."""
    from core.models.fast_linear import LEAST, FastLinear, quicken, slow_down

    layer = torch.nn.Linear(128, 256)
    values = torch.randn(128, 2, 100).transpose(0, 2).requires_grad_()
    assert values.numel() * 256 >= LEAST

    def learned() -> list[Any]:
        layer.zero_grad()
        values.grad = None
        out = layer(values)
        out.mean(1, keepdim=True).expand_as(out).square().sum().backward()
        return [out.detach(), values.grad, layer.weight.grad, layer.bias.grad]

    wanted = learned()
    assert quicken(torch.nn.Sequential(layer)) == 1 and type(layer) is FastLinear
    assert "_Linear" in type(layer(values).grad_fn).__name__, "it was not taken"
    for one, other in zip(learned(), wanted, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-4)
    layer.weight.requires_grad_(False)
    layer(values).sum().backward()
    slow_down(torch.nn.Sequential(layer))
    assert type(layer) is torch.nn.Linear


def test_it_steps_back_for_other_numbers_and_little_work(torch: Any) -> None:
    from core.models.fast_linear import FastLinear, is_faster

    layer, few, many = FastLinear(64, 64), torch.randn(3, 64), torch.randn(2000, 64)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert layer(many).dtype == torch.bfloat16
    assert "Addmm" in type(layer(few).grad_fn).__name__
    assert layer.double()(many.double()).dtype == torch.float64
    before, threads = torch.get_rng_state(), torch.get_num_threads()
    assert is_faster() in (True, False)
    assert torch.get_rng_state().equal(before) and torch.get_num_threads() == threads


def test_long_texts_are_attended_head_by_head(torch: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from core.models import fast_dropout

    states = [torch.randn(2, 3, 9, 4, requires_grad=True) for _ in range(3)]
    mask = torch.ones(9, 9, dtype=torch.bool).tril()

    def learned() -> list[Any]:
        for state in states:
            state.grad = None
        out = fast_dropout.attend(*states, mask, 1e-9, None)
        out.square().sum().backward()
        return [out.detach(), *(state.grad for state in states)]

    wanted = learned()
    monkeypatch.setattr(fast_dropout, "LARGE", 1)
    monkeypatch.setattr(fast_dropout, "is_faster", lambda: True)
    torch.testing.assert_close(learned(), wanted)
