"""Models that give a number: one answer, whichever units their weights are in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.data.types import Target
from core.models import scorer

PRICES = Target(mean=3000.0, spread=500.0, low=2000.0, high=4000.0)
TEXTS = ["the soup was cold", "good phone", "what a dull film, slow and far too long"]


def batch(folder: Path, labels: list[float] | None = None) -> dict[str, Any]:
    import torch
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    found = dict(tokenizer(TEXTS, padding=True, return_tensors="pt"))
    found.pop("token_type_ids", None)
    return found if labels is None else {**found, "labels": torch.tensor(labels)}


def answers(model: Any, inputs: dict[str, Any], target: Target = PRICES) -> Any:
    """(the answers in the table's units, what the model itself gives)"""
    import torch

    model.eval()
    with torch.inference_mode():
        plain = model(**inputs).logits.reshape(-1)
    return scorer.in_units(model, plain, target), plain.tolist()


@pytest.fixture(params=["encoder", "decoder"])
def folder(request: pytest.FixtureRequest, tiny_model: Any) -> Path:
    """A model whose answer layer has a bias, and one whose layer has none."""
    return tiny_model(request.param)


def test_it_learns_in_standard_units_and_is_kept_in_those_of_the_table(folder: Path, tmp_path: Path) -> None:
    import torch

    torch.manual_seed(0)
    built = scorer.build(str(folder), PRICES)
    assert "starts from nothing" in built.notes[0].title
    model, inputs = built.model, batch(folder)
    before, standard = answers(model, inputs)
    assert max(abs(number) for number in standard) < 10
    scorer.keep_in_units(model, PRICES)
    after, plain = answers(model, inputs)
    assert after == pytest.approx(before, rel=1e-5)
    assert plain == pytest.approx(before, rel=1e-5)
    scorer.keep_in_units(model, PRICES)
    assert answers(model, inputs)[0] == pytest.approx(before, rel=1e-5)

    model.save_pretrained(tmp_path)
    loaded, alone = answers(scorer.load(str(tmp_path)), inputs)
    assert loaded == pytest.approx(before, rel=1e-5)
    assert alone == pytest.approx(before, rel=1e-5)


def test_the_loss_is_the_same_before_and_after(folder: Path) -> None:
    import torch

    inputs = batch(folder, labels=scorer.standard([2500.0, 3100.0, 4000.0], PRICES))
    model = scorer.build(str(folder), PRICES).model.eval()
    with torch.inference_mode():
        learned = scorer.squared_error(model, inputs)
        scorer.keep_in_units(model, PRICES)
        kept = scorer.squared_error(model, inputs)
    assert float(kept.total) == pytest.approx(float(learned.total), rel=1e-4)
    assert int(kept.items) == 3


def test_the_loss_is_one_where_the_mean_is_given(tiny_bert: Path) -> None:
    import torch

    scores = [2500.0, 3000.0, 3500.0]
    target = Target(mean=3000.0, spread=float(torch.tensor(scores).std(correction=0)))
    model = scorer.build(str(tiny_bert), target).model.eval()
    with torch.no_grad():
        model.classifier.weight.zero_()
        model.classifier.bias.zero_()
    scored = scorer.squared_error(model, batch(tiny_bert, labels=scorer.standard(scores, target)))
    assert float(scored.total / scored.items) == pytest.approx(1.0)


def test_what_was_learned_on_one_scale_goes_on_on_another(tiny_bert: Path, tmp_path: Path) -> None:
    inputs, model = batch(tiny_bert), scorer.build(str(tiny_bert), PRICES).model
    scorer.keep_in_units(model, PRICES)
    model.save_pretrained(tmp_path)
    old = [(number - PRICES.mean) / PRICES.spread for number in answers(model, inputs)[0]]
    stars = Target(mean=3.0, spread=1.0, low=1.0, high=5.0)
    built = scorer.build(str(tmp_path), stars)
    assert "fits and is kept" in built.notes[0].title
    new = [(number - stars.mean) / stars.spread for number in answers(built.model, inputs, stars)[0]]
    assert new == pytest.approx(old, abs=1e-4)


def test_it_says_before_what_it_will_do(tiny_bert: Path, tmp_path: Path) -> None:
    from transformers import AutoModelForSequenceClassification

    assert scorer.foretold(tiny_bert)[0].title == scorer.build(str(tiny_bert), PRICES).notes[0].title
    for labels in (1, 3):
        AutoModelForSequenceClassification.from_pretrained(tiny_bert, num_labels=labels).save_pretrained(tmp_path)
        assert scorer.foretold(tmp_path)[0].title == scorer.build(str(tmp_path), PRICES).notes[0].title
    assert scorer.foretold(tmp_path / "nowhere") == ()
