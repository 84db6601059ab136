"""How classes and long texts reach a model that sorts texts: names of every origin, pieces with their row's label."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import torch
from transformers import AutoTokenizer

from core.config import RunConfig, validate
from core.data.parts import share_out
from core.data.tables import open_table
from core.data.types import Target
from core.prediction.inference import run_model
from core.tasks import TASKS
from core.tasks.base import Context
from tests.making import reviews, write_csv

TASK = TASKS["text-classification"]
LONG = "the film was a quiet delight from start to end and the soup was cold " * 6


def test_the_class_names_of_a_parquet_file_are_its_classes(tmp_path: Path) -> None:
    from datasets import ClassLabel, Dataset, Features, Value

    features = Features({"text": Value("string"), "label": ClassLabel(names=["World", "Sports", "Business"])})
    rows = {"text": [f"text {number}" for number in range(30)], "label": [0, 1, 2] * 10}
    Dataset.from_dict(rows, features=features).to_parquet(tmp_path / "news.parquet")
    found = TASK.examples(open_table(str(tmp_path / "news.parquet")).table, {"text": "text", "label": "label"}, None)
    assert found.target.labels == ("Business", "Sports", "World")
    assert found.table["label"].to_pylist()[:3] == ["World", "Sports", "Business"]


def config(source: Path) -> RunConfig:
    data = {
        "source": str(source),
        "columns": {"text": "text", "label": "label"},
        "split": {"column": "part", "train": "a", "validation": "b", "test": "c"},
    }
    return validate({"task": TASK.id, "data": data})


def test_a_class_that_is_missing_in_validation_is_a_warning(tmp_path: Path) -> None:
    rows = [(*row, "abc"[number % 3]) for number, row in enumerate(reviews(90))]
    rows += [(f"how much is number {number}", "question", part) for number, part in enumerate("aaaaaaaacc")]
    shared = share_out(config(write_csv(tmp_path / "t.csv", ("text", "label", "part"), rows)))
    (warning,) = [finding for finding in shared.findings if finding.code == "validation-lacks-class"]
    assert warning.severity == "warning" and "`question`" in warning.title and warning.meaning and warning.fix
    assert shared.usable.target.labels == ("bad", "good", "question")


def test_a_label_that_only_the_test_part_has_is_a_warning_in_any_task(tmp_path: Path) -> None:
    several = TASKS["multi-label-classification"]
    rows = [(f"text {number}", "x|y" if number % 2 else "y", "abc"[number % 3]) for number in range(60)]
    source = write_csv(tmp_path / "t.csv", ("text", "label", "part"), [*rows, ("the last", "z|x", "c")])
    plain = config(source).model_dump()
    plain |= {"task": several.id, "options": {}}
    plain["data"]["columns"] = {"text": "text", "labels": "label"}
    found = {finding.code: finding for finding in share_out(validate(plain)).findings}
    assert "`z`" in found["unseen-class"].title and "validation-lacks-class" not in found


# --- Long texts ------------------------------------------------------------------------------------------------------


def context(tokenizer: Any, way: str, length: int = 16) -> Context:
    return Context(tokenizer, Target(("bad", "good"), (2, 2)), length, TASK.options(long_texts=way))


@pytest.fixture
def bert(tiny_bert: Path) -> Any:
    return AutoTokenizer.from_pretrained(tiny_bert)


def test_each_piece_is_learned_from_with_its_rows_label(bert: Any) -> None:
    columns = {"text": [LONG, "good", LONG], "label": ["good", "bad", "bad"]}
    encoded = TASK.encode(columns, context(bert, "windows"), "train")
    assert encoded["row"].count(0) == encoded["row"].count(2) == 8 and encoded["row"].count(1) == 1
    assert encoded["labels"] == [[1, 0, 0][row] for row in encoded["row"]]


def test_parts_of_a_batch_of_pieces_add_up_to_its_loss(tiny_bert: Path, bert: Any) -> None:
    here = context(bert, "windows")
    model = TASK.build_model(str(tiny_bert), here).model.eval()
    columns = {"text": [LONG, "good", LONG], "label": ["good", "bad", "bad"]}
    encoded, collate = TASK.encode(columns, here, "train"), TASK.collator(here, "train")
    names = [name for name in TASK.model_inputs if name in encoded]
    pieces = [{name: encoded[name][place] for name in names} for place in range(len(encoded["row"]))]
    whole = TASK.loss(model, collate(pieces))
    parts = [TASK.loss(model, collate(some)) for some in (pieces[:1], pieces[1:9], pieces[9:])]
    assert sum(int(part.items) for part in parts) == int(whole.items) == 17
    assert torch.isclose(sum(part.total for part in parts), whole.total)


def test_a_long_text_is_answered_by_the_mean_of_its_pieces(tiny_bert: Path, bert: Any) -> None:
    here = context(bert, "windows")
    model = TASK.build_model(str(tiny_bert), here).model.eval()
    found = run_model(model, TASK, here, {"text": ["good", LONG], "label": ["good", "bad"]}, "evaluate")
    pieces = TASK.encode({"text": [LONG]}, here, "predict")["input_ids"]
    with torch.inference_mode():
        logits = [model(input_ids=torch.tensor([ids])).logits[0].numpy() for ids in pieces]
    assert found.rows.shape == (2, 2) and found.loss is not None
    assert found.rows[1] == pytest.approx(np.mean(logits, axis=0), abs=1e-5)
    short = run_model(model, TASK, context(bert, "cut"), {"text": ["good"]}, "predict")
    assert found.rows[0] == pytest.approx(short.rows[0], abs=1e-6) and short.loss is None


def test_rare_classes_are_repeated_up_to_the_share_asked_for(bert: Any) -> None:
    table = pa.table({"text": ["x"] * 12, "label": ["good"] * 10 + ["bad"] * 2, "row": list(range(1, 13))})
    here = Context(bert, Target(("bad", "good"), (2, 10)), 16, TASK.options(oversampling=0.5), seed=1)
    assert TASK.training_rows(table, here)["label"].to_pylist().count("bad") == 5
