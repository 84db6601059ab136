"""Datasets like those that people meet on the Hub, small: several subsets, plain files, gated, private, long.

Its models are in ``demo_models``.
"""

from __future__ import annotations

import io
import json
import random
from collections.abc import Mapping, Sequence
from typing import Any

from tests.making import reviews
from tests.small_hub.demo_models import fill_models as fill_models
from tests.small_hub.readme import card
from tests.small_hub.server import SmallHub

GLUE = "nyu-mll/glue"
PLAIN = "anna/reviews"
GATED = "acme/consented"
PRIVATE = "anna/diary"
FILMS = "stanfordnlp/imdb"
LONG = "bench/long"
SCRIPTED = "old/scripted"
FILMS_LABELS = ("neg", "pos")
_PAIRS = ("The train is late.", "The tram was on time.", "It rains in the north.", "She sings on Sundays.")


def fill(hub: SmallHub, long_rows: int = 20_000) -> None:
    """Put all of them into a Hub. ``anna`` has an account, see ``hub.store.users``."""
    hub.user("anna")
    hub.add(GLUE, glue(), downloads=400_000, likes=421)
    hub.add(PLAIN, plain(), downloads=120, likes=3)
    hub.add(GATED, {"README.md": card({"license": "other"}, "# Consented"), "train.csv": table(60)}, gated="auto")
    hub.add(PRIVATE, {"train.csv": table(60)}, private=True)
    hub.add(FILMS, films(), downloads=90_000, likes=280)
    hub.add(LONG, {"data/train-00000-of-00001.parquet": long(long_rows)}, downloads=5, lfs=True)
    hub.add(SCRIPTED, {"scripted.py": "raise SystemExit('this code must never run')\n"}, downloads=7)
    hub.alias("glue", GLUE)
    hub.alias("imdb", FILMS)


def glue() -> dict[str, bytes | str]:
    """Three subsets with splits of their own; the labels of the test splits are kept secret: -1."""
    files: dict[str, bytes | str] = {}
    configs, infos = [], []
    subsets: dict[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
        "mrpc": (("sentence1", "sentence2"), ("not_equivalent", "equivalent"), ("train", "validation", "test")),
        "sst2": (("sentence",), ("negative", "positive"), ("train", "validation", "test")),
        "mnli": (
            ("premise", "hypothesis"),
            ("entailment", "neutral", "contradiction"),
            ("train", "validation_matched", "validation_mismatched", "test_matched"),
        ),
    }
    for name, (columns, labels, splits) in subsets.items():
        sizes = {split: 120 if split == "train" else 40 for split in splits}
        shards = {}
        for split, rows in sizes.items():
            shards[split] = parquet(_rows(columns, labels, rows, "test" in split), {"label": labels})
            files[f"{name}/{split}-00000-of-00001.parquet"] = shards[split]
        paths = [{"split": split, "path": f"{name}/{split}-*"} for split in splits]
        configs.append({"config_name": name, "data_files": paths})
        infos.append(
            {
                "config_name": name,
                "features": [
                    *({"name": column, "dtype": "string"} for column in columns),
                    {"name": "label", "dtype": {"class_label": {"names": dict(zip("0123", labels, strict=False))}}},
                    {"name": "idx", "dtype": "int32"},
                ],
                "splits": [
                    {"name": split, "num_bytes": 60 * rows, "num_examples": rows} for split, rows in sizes.items()
                ],
                "download_size": sum(len(shard) for shard in shards.values()),
                "dataset_size": 60 * sum(sizes.values()),
            }
        )
    head = {
        "language": ["en"],
        "license": "other",
        "task_categories": ["text-classification"],
        "size_categories": ["10K<n<100K"],
        "pretty_name": "GLUE",
        "configs": configs,
        "dataset_info": infos,
    }
    files["README.md"] = card(head, "# GLUE\n\nNine tasks of *understanding*. <script>alert(1)</script>")
    return files


def plain() -> dict[str, bytes | str]:
    """Two CSV files that say by their names what they are for."""
    head = {"language": ["en"], "license": "mit", "task_categories": ["text-classification"], "tags": ["reviews"]}
    head["size_categories"] = ["n<1K"]
    return {"README.md": card(head, "# Reviews\n"), "train.csv": table(90), "test.csv": table(30, skip=90)}


def films() -> dict[str, bytes | str]:
    """Long texts sorted by label, as people publish them: the first rows are all of one class."""
    rows = [
        {"text": f"{'A film to forget' if n < 60 else 'A joy to watch'} {n}. " * 8, "label": n // 60}
        for n in range(120)
    ]
    shard = parquet(rows, {"label": FILMS_LABELS})
    unlabelled = parquet([{**row, "label": -1} for row in rows[:40]], {"label": FILMS_LABELS})
    head = {"language": ["en"], "license": "other", "task_categories": ["text-classification"], "pretty_name": "IMDB"}
    return {
        "README.md": card(head, "# Films\n"),
        "plain_text/train-00000-of-00001.parquet": shard,
        "plain_text/test-00000-of-00001.parquet": shard,
        "plain_text/unsupervised-00000-of-00001.parquet": unlabelled,
    }


def long(rows: int) -> bytes:
    """Many rows in many row groups, so that a stream may begin before the whole file has come."""
    draw = random.Random(7)
    made = [
        {"text": f"Note {n}: " + " ".join(draw.choices(("sun", "rain", "snow", "wind"), k=12)), "label": n % 2}
        for n in range(rows)
    ]
    return parquet(made, {"label": ("calm", "rough")}, group=2_000)


def table(rows: int, skip: int = 0) -> str:
    """Reviews as CSV."""
    lines = [f'"{text}",{label}' for text, label in reviews(skip + rows)[skip:]]
    return "\n".join(["review,sentiment", *lines]) + "\n"


def parquet(rows: Sequence[Mapping[str, Any]], labels: Mapping[str, Sequence[str]], group: int = 10_000) -> bytes:
    """A Parquet file as the library ``datasets`` writes it: class numbers, their names in the metadata."""
    import pyarrow as pa
    from pyarrow import parquet as files

    made = pa.Table.from_pylist([dict(row) for row in rows])
    features: dict[str, Any] = {}
    for name in made.column_names:
        if name in labels:
            features[name] = {"names": list(labels[name]), "_type": "ClassLabel"}
        else:
            kind = "int64" if pa.types.is_integer(made.schema.field(name).type) else "string"
            features[name] = {"dtype": kind, "_type": "Value"}
    made = made.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": features}})})
    sink = io.BytesIO()
    files.write_table(made, sink, row_group_size=group)
    return sink.getvalue()


def _rows(columns: Sequence[str], labels: Sequence[str], rows: int, secret: bool) -> list[dict[str, Any]]:
    draw = random.Random(rows)
    return [
        {column: f"{draw.choice(_PAIRS)} {column[-1]}{n}" for column in columns}
        | {"label": -1 if secret else n % len(labels), "idx": n}
        for n in range(rows)
    ]
