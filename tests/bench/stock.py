"""The stock script: the shape of transformers' ``examples/pytorch/text-classification/run_classification.py`` (and of
``run_clm.py`` with one example a document), that goes as far as it is told.

Run as: ``python -m tests.bench.stock JOB.json``; ``padding`` is "dynamic" (``DataCollatorWithPadding``) or "max", which
is what ``run_glue.py`` does by default. See ``tests.bench.contender``.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from datasets import Dataset, disable_progress_bars, load_dataset
from transformers import (
    AutoModelForCausalLM,
    AutoModelForSequenceClassification,
    AutoTokenizer,
    DataCollatorForLanguageModeling,
    DataCollatorWithPadding,
    Trainer,
    TrainingArguments,
    default_data_collator,
    logging,
    set_seed,
)

from tests.bench import gate
from tests.bench.channel import Channel, peak_bytes
from tests.bench.jobs import Job


def main(path: Path) -> None:
    gate.channel = channel = Channel()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    disable_progress_bars()
    job = Job(**json.loads(path.read_text()))
    rows = load_dataset("parquet", data_files=job.rows, split="train", cache_dir=str(Path(job.folder) / "stock"))
    set_seed(job.seed)
    trainer, test = (sorter if job.kind == "sort" else writer)(job, rows)
    trainer.add_callback(gate.Gate())
    trainer.train()
    found = trainer.evaluate(test)
    trainer.save_model()
    metrics = {name.removeprefix("eval_"): value for name, value in found.items()}
    channel.tell(peak_bytes=peak_bytes(), metrics=metrics)


def sorter(job: Job, rows: Dataset) -> tuple[Trainer, Dataset]:
    """(a trainer of a model that sorts into classes, the rows to judge it by)."""
    labels = sorted(set(rows["label"]))
    numbers = {label: number for number, label in enumerate(labels)}
    tokenizer = AutoTokenizer.from_pretrained(job.checkpoint)
    model = AutoModelForSequenceClassification.from_pretrained(job.checkpoint, num_labels=len(labels))
    padding = "max_length" if job.padding == "max" else False

    def tokenize(batch: dict[str, list[str]]) -> dict[str, Any]:
        found = tokenizer(batch["text"], padding=padding, truncation=True, max_length=job.max_length)
        return {**found, "labels": [numbers[label] for label in batch["label"]]}

    def metrics(output: Any) -> dict[str, float]:
        return {"accuracy": float(np.mean(output.predictions.argmax(-1) == output.label_ids))}

    collate = default_data_collator if padding else DataCollatorWithPadding(tokenizer)
    return _trainer(job, rows, model, tokenizer, tokenize, collate, metrics)


def writer(job: Job, rows: Dataset) -> tuple[Trainer, Dataset]:
    """(a trainer of a model that writes on, the documents to judge it by)."""
    tokenizer = AutoTokenizer.from_pretrained(job.checkpoint)
    model = AutoModelForCausalLM.from_pretrained(job.checkpoint)

    def tokenize(batch: dict[str, list[str]]) -> dict[str, Any]:
        end = tokenizer.eos_token
        texts = [f"{end}{text}{end}" for text in batch["text"]]
        return dict(tokenizer(texts, truncation=True, max_length=job.max_length, add_special_tokens=False))

    width = job.max_length if job.padding == "max" else None
    collate = DataCollatorForLanguageModeling(tokenizer, mlm=False, pad_to_multiple_of=width)
    return _trainer(job, rows, model, tokenizer, tokenize, collate, None)


def _trainer(
    job: Job, rows: Dataset, model: Any, tokenizer: Any, tokenize: Any, collate: Any, metrics: Any
) -> tuple[Trainer, Dataset]:
    parts = {
        part: rows.filter(lambda row, part=part: row["part"] == part).map(
            tokenize, batched=True, remove_columns=rows.column_names
        )
        for part in ("train", "test")
    }
    arguments = TrainingArguments(
        output_dir=str(Path(job.folder) / f"{job.name}-stock"),
        max_steps=job.steps,
        per_device_train_batch_size=job.batch_size,
        learning_rate=job.learning_rate,
        seed=job.seed,
        bf16=job.bf16,
        save_strategy="no",
        disable_tqdm=True,
        **({"logging_steps": job.logging_steps} if job.logging_steps else {}),
    )
    trainer = Trainer(
        model=model,
        args=arguments,
        train_dataset=parts["train"],
        processing_class=tokenizer,
        data_collator=collate,
        compute_metrics=metrics,
    )
    return trainer, parts["test"]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
