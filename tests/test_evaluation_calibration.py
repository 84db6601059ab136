"""Probabilities that can be taken at their word: what is measured of them, and how they are set right for everybody."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy.special import expit, log_softmax, softmax
from sklearn import metrics

from core import events, runs
from core.config import put, validate
from core.evaluation import calibration, depth, depth_sections
from core.evaluation.calibration import BINS
from core.tasks import TASKS
from tests.making import config, reviews, write_csv

TASK = TASKS["text-classification"]
LABELS = ("a", "b", "c")


def honest(rows: int, classes: int = 3, seed: int = 0) -> tuple[Any, Any]:
    """Logits, and classes drawn by just those probabilities."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(rows, classes)) * 2
    chances = softmax(logits, -1)
    return logits, (chances.cumsum(1) < rng.random((rows, 1))).sum(1).clip(max=classes - 1)


def test_the_calibration_error_is_what_its_definition_says() -> None:
    logits, truth = honest(2_000)
    chances = softmax(logits * 2, -1)
    found = calibration.of_classes(chances, truth)

    surest, right = chances.max(1), chances.argmax(1) == truth
    error = 0.0
    for number in range(BINS):
        inside = (surest > number / BINS) & (surest <= (number + 1) / BINS)
        if inside.any():
            error += inside.mean() * abs(right[inside].mean() - surest[inside].mean())
    assert found["ece"] == pytest.approx(error)
    assert sum(count for *_, count in found["bins"]) == 2_000
    assert found["brier"] == pytest.approx(((chances - np.eye(3)[truth]) ** 2).sum(1).mean())
    assert found["loss"] == pytest.approx(-log_softmax(logits * 2, -1)[np.arange(2_000), truth].mean())

    two, yes = expit(logits[:, 0]), truth == 0
    alone = calibration.of_classes(np.stack([1 - two, two], 1), yes.astype(int))
    assert alone["brier"] == pytest.approx(metrics.brier_score_loss(yes, two))
    pairs = calibration.of_labels(two[:, None], yes[:, None])
    assert pairs["brier"] == pytest.approx(alone["brier"]) and pairs["loss"] == pytest.approx(alone["loss"])
    assert calibration.of_labels(np.zeros((0, 2)), np.zeros((0, 2)))["ece"] is None


def test_the_temperature_is_the_one_that_was_hidden() -> None:
    logits, truth = honest(4_000)
    assert calibration.temperature(logits * 3, truth, "classes") == pytest.approx(3, rel=0.1)
    assert calibration.temperature(logits / 2, truth, "classes") == pytest.approx(0.5, rel=0.1)
    yes = np.random.default_rng(1).random(logits.shape) < expit(logits)
    assert calibration.temperature(logits * 3, yes, "labels") == pytest.approx(3, rel=0.1)

    grid = np.linspace(2.5, 3.5, 201)
    losses = [metrics.log_loss(truth, softmax(logits * 3 / heat, -1)) for heat in grid]
    best = calibration.temperature(logits * 3, truth, "classes")
    assert best == pytest.approx(grid[int(np.argmin(losses))], abs=0.01)


def test_a_temperature_is_not_made_of_too_little_or_for_nothing() -> None:
    logits, truth = honest(4_000)
    assert calibration.temperature(logits[:99] * 3, truth[:99], "classes") is None
    assert calibration.temperature(logits * 3, logits.argmax(1), "classes") is None, "there is no mistake to learn from"
    assert calibration.temperature(np.full_like(logits, np.nan), truth, "classes") is None
    gained = [calibration.temperature(*honest(100, seed=seed), "classes") for seed in range(20)]
    assert sum(heat is None for heat in gained) >= 18, "luck is taken for a gain too often"


def test_it_is_said_in_words_how_far_probabilities_hold() -> None:
    logits, truth = honest(1_000)

    def said(logits: Any, truth: Any, heat: float | None = None, **more: Any) -> str:
        found = {
            "rows": len(truth),
            "per_class": dict.fromkeys(LABELS),
            **depth.of_classes(logits, truth, LABELS, heat),
        }
        report = {"metrics": {"test": found}, "options": {"calibrate": True}, "rows": {"validation": 300}, **more}
        return depth_sections.blocks(report)[0].help

    assert "it is too sure of itself." in said(logits * 4, truth)
    assert "it is better than it thinks." in said(logits / 4, truth)
    assert "it can be taken at its word." in said(logits, truth)
    assert said(logits[:20], truth[:20]).startswith("Whether its probabilities can be trusted cannot be told from 20")
    assert "a temperature of 2.50, kept in the model itself" in said(logits, truth, 2.5)
    assert "With 40 validation examples, fewer than 100" in said(logits, truth, rows={"validation": 40})

    mended = depth.of_classes(logits, truth, LABELS, 4.0)["calibration"]
    assert mended["before"]["ece"] == pytest.approx(calibration.of_classes(softmax(logits * 4, -1), truth)["ece"])
    assert mended["before"]["ece"] > mended["ece"]


# --- Worked into a model ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kept_as", ["model", "adapter"])
def test_what_is_kept_says_the_judged_probabilities_to_everybody(tmp_path: Path, tiny_bert: Path, kept_as: str) -> None:
    """A model that is far too sure is set right, and its saved folder answers with softmax(logits / T)."""
    import torch
    from transformers import AutoModelForSequenceClassification

    from core.adapters.training import put_on, settle
    from core.data.parts import load_parts
    from core.models import manual
    from core.prediction.inference import run_model
    from core.tasks.base import Context
    from core.training import calibrating
    from core.training.keeping import save_model
    from core.training.preparing import Larder
    from core.training.report import Judge
    from core.training.shop import Workshop
    from core.training.token_cache import TokenCache

    # Labels that nothing tells apart: whoever is sure here is too sure.
    rows = [(text, "good" if number % 3 else "bad") for number, (text, _) in enumerate(reviews(240))]
    draft = config(write_csv(tmp_path / "t.csv", ("text", "label"), rows), tiny_bert).model_dump(mode="json")
    put(draft, "data.split.validation", 0.5)
    if kept_as == "adapter":
        draft["adapter"] |= {"method": "lora", "save": "adapter"}
    run = runs.create(validate(draft))
    log = events.EventLog(run.events_path)
    shop = Workshop(run, log, run.config, TASK)
    parts = load_parts(run.config)
    tokenizer, _ = TASK.load_tokenizer(str(tiny_bert), run.config.options)
    context = Context(tokenizer, parts.target, 32, run.config.options)
    model = TASK.build_model(str(tiny_bert), context).model
    columns = parts.validation.to_pydict()
    gap = float(np.abs(np.diff(run_model(model, TASK, context, columns, "evaluate").rows)).mean())
    trainer: Any = SimpleNamespace(model=model, adapter=put_on(shop, model), base=tiny_bert)
    with torch.no_grad():
        model.classifier.weight.mul_(10 / gap)
        model.classifier.bias.mul_(10 / gap)
    settle(shop, trainer, context)
    save_model(shop, trainer, context)
    judge = Judge(
        TASK, parts, model, context, Larder(shop, context, TokenCache(tiny_bert)).pieces, {}, log, lambda: None
    )
    before = judge.looked().checked

    tuned = calibrating.tuned(shop, judge, trainer)

    log.close()
    heat = tuned.context.learned["temperature"]
    assert heat > 1.5
    assert tuned.checked == pytest.approx(before / heat)
    known = manual.read(run.model_path)
    assert known is not None and known.learned == {"temperature": heat}
    opened = TASK.load_model(str(run.model_path))
    if kept_as == "model":
        opened = AutoModelForSequenceClassification.from_pretrained(run.model_path)
    for one in (tuned.model, opened):
        said = run_model(one, TASK, context, columns, "evaluate").rows
        assert softmax(said, -1) == pytest.approx(softmax(before / heat, -1), abs=1e-4)


def test_a_script_finds_the_same_temperature() -> None:
    import torch
    from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

    from core.script import certainty

    facts: Any = SimpleNamespace(options=TASK.options())
    logits, truth = honest(1_000)
    yes = np.random.default_rng(1).random(logits.shape) < expit(logits)
    for made, right, kind in ((certainty.of_classes, truth, "classes"), (certainty.of_labels, yes, "labels")):
        names: dict[str, Any] = {"torch": torch, "np": np, "cross_entropy": cross_entropy}
        names["binary_cross_entropy_with_logits"] = binary_cross_entropy_with_logits
        exec(made(facts).functions, names)
        for scaled in (logits * 3, logits, logits[:99] * 3):
            mine = calibration.temperature(scaled, right[: len(scaled)], kind) or 1.0  # type: ignore[arg-type]
            assert names["temperature"](scaled, right[: len(scaled)].astype(int)) == pytest.approx(mine, abs=1e-4)
    facts.options = TASK.options.model_validate({"calibrate": False})
    assert certainty.of_classes(facts) == certainty.Certainty()
