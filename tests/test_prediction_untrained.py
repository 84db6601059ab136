"""The model before training answers the same each time, although some of its layers are drawn by chance."""

from __future__ import annotations

from pathlib import Path

import pytest

from core import runs
from core.config import validate
from core.prediction.predictor import Predictor


@pytest.mark.slow
def test_layers_that_a_checkpoint_lacks_are_drawn_alike(tiny_bert: Path) -> None:
    wanted = {
        "task": "masked-language-modeling",
        "data": {"source": "sample/reviews", "columns": {"text": "text"}},
        "model": {"checkpoint": str(tiny_bert)},
    }

    def answer(seed: int) -> object:
        run = runs.create(validate({**wanted, "training": {"seed": seed, "max_length": 32}}))
        return Predictor(run, untrained=True).answers({"text": ["the soup was ___"]})

    assert answer(1) == answer(1) != answer(2)
