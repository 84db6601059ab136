"""What the model to start from says before any training is a baseline, where it can say anything."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from core.data.types import Target
from core.evaluation import baselines, zero_shot
from core.models.starters import starter_folder
from core.tasks.text_classification import SAMPLE_ROWS

TARGET = Target(("delivery", "payment", "quality"), (3, 3, 3))
TABLE = pa.Table.from_pylist([dict(row) for row in SAMPLE_ROWS])
NAMES = ["accuracy", "f1_macro"]


def test_the_starter_knows_some_classes_by_their_names() -> None:
    logits = np.eye(3)[[TARGET.labels.index(row["label"]) for row in SAMPLE_ROWS]]
    found = baselines.classification_baselines(TABLE, TABLE, TARGET, ["text"], NAMES, logits, starter_folder())
    judged = found["zero_shot"]
    assert judged["accuracy"] > 0.5 and judged["rows"] == 9 and judged["note"] == ""
    wrong = round(9 * (1 - judged["accuracy"]))
    assert judged["comparison"]["only_model"] == wrong and judged["comparison"]["only_other"] == 0
    assert "zero_shot" in [words.name for words in baselines.CLASSIFICATION]


def test_meanings_are_those_of_the_mean_over_all_tokens() -> None:
    """A text in a batch with longer ones means the same as alone; the same text is nearest to itself."""
    texts = ["A refund, please.", "The parcel came a week late, and the box was torn on all of its sides."]
    both = zero_shot.similarities(starter_folder(), texts, texts)
    np.testing.assert_allclose(np.diag(both), 1, atol=1e-5)
    alone = zero_shot.similarities(starter_folder(), texts[:1], texts[1:])
    assert both[0, 1] == pytest.approx(alone[0, 0], abs=1e-5)


@pytest.mark.parametrize(
    "labels", [("0", "1"), ("LABEL_0", "LABEL_1"), ("class 1", "class 2"), ("a", "b"), ("joy", "2")]
)
def test_classes_without_names_are_not_guessed(labels: tuple[str, ...]) -> None:
    assert not zero_shot.may_answer(starter_folder(), Target(labels, (1, 1)), ["text"])


def test_only_models_of_whole_sentences_answer(tiny_bert: Path, tmp_path: Path) -> None:
    assert zero_shot.may_answer(starter_folder(), TARGET, ["text"])
    assert not zero_shot.may_answer(starter_folder(), TARGET, ["text", "text_pair"])
    assert not zero_shot.may_answer(tiny_bert, TARGET, ["text"])
    folder = shutil.copytree(tiny_bert, tmp_path / "sentences")
    pooling = {"type": "sentence_transformers.models.Pooling", "path": "1_Pooling"}
    (folder / "modules.json").write_text(json.dumps([pooling]))
    (folder / "1_Pooling").mkdir()
    for mean, cls in ((True, False), (False, True)):
        how = {"pooling_mode_mean_tokens": mean, "pooling_mode_cls_token": cls}
        (folder / "1_Pooling" / "config.json").write_text(json.dumps(how))
        assert zero_shot.may_answer(folder, TARGET, ["text"]) is mean


def test_of_very_many_rows_some_are_read(tiny_bert: Path) -> None:
    rows = 2_100
    table = pa.table(
        {"text": ["late parcel", "bad phone"] * (rows // 2), "label": ["delivery", "quality"] * (rows // 2)}
    )
    logits = np.zeros((rows, 3))
    found = zero_shot.judged(tiny_bert, table, TARGET, ["text"], NAMES, logits)
    assert found["rows"] == 2_000 and found["note"] == "Judged on 2,000 of the 2,100 examples."
    differing = found["comparison"]["only_model"] + found["comparison"]["only_other"]
    assert differing <= 2_000
    assert zero_shot._bearable(pa.chunked_array([["long " * 500] * 9_000])) == 500
