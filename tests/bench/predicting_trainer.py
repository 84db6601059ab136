"""``Trainer.predict`` as it comes. Run as: ``python -m tests.bench.predicting_trainer JOB.json``."""

from __future__ import annotations

from typing import Any

from datasets import Dataset, disable_progress_bars
from scipy.special import softmax
from transformers import (
    AutoModelForSequenceClassification,
    AutoTokenizer,
    DataCollatorWithPadding,
    Trainer,
    TrainingArguments,
)

from tests.bench.jobs import Job
from tests.bench.predicting import Probabilities, serve


def make(job: Job) -> Probabilities:
    disable_progress_bars()
    tokenizer = AutoTokenizer.from_pretrained(job.checkpoint)
    trainer = Trainer(
        model=AutoModelForSequenceClassification.from_pretrained(job.checkpoint),
        args=TrainingArguments(output_dir=f"{job.folder}/trainer", disable_tqdm=True),
        processing_class=tokenizer,
        data_collator=DataCollatorWithPadding(tokenizer),
    )

    def tokenize(batch: dict[str, list[str]]) -> dict[str, Any]:
        return dict(tokenizer(batch["text"], truncation=True, max_length=job.max_length))

    def predict(texts: list[str]) -> list[list[float]]:
        rows = Dataset.from_dict({"text": texts}).map(tokenize, batched=True, remove_columns=["text"])
        found: list[list[float]] = softmax(trainer.predict(rows).predictions, axis=-1).tolist()
        return found

    return predict


if __name__ == "__main__":
    serve(make)
