"""The stock way to do the same work: a plain ``Trainer``, as the guide writes it, with the same arguments.

Run as: ``python tests/bench/bare.py CONFIG.json``; prints the training time as JSON.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from datasets import Dataset
from sklearn.metrics import accuracy_score, f1_score
from transformers import (
    AutoModelForSequenceClassification,
    AutoTokenizer,
    DataCollatorWithPadding,
    Trainer,
    logging,
    set_seed,
)

from core.config import validate
from core.data.parts import load_parts
from core.models.checkpoints import resolve
from core.tasks import TASKS
from core.training.arguments import training_arguments


def main(path: Path) -> None:
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    config = validate(json.loads(path.read_text()))
    parts = load_parts(config)
    checkpoint = resolve(config.model.checkpoint)
    tokenizer = AutoTokenizer.from_pretrained(checkpoint)
    labels = {label: index for index, label in enumerate(parts.target.labels)}

    def tokenize(batch: dict[str, list[str]]) -> dict[str, list[object]]:
        encoded = tokenizer(batch["text"], truncation=True, max_length=config.training.max_length)
        return {**encoded, "labels": [labels[label] for label in batch["label"]]}

    train, validation = (
        Dataset(part).map(tokenize, batched=True, remove_columns=part.column_names)
        for part in (parts.train, parts.validation)
    )
    steps = -(-len(train) // config.training.per_device_train_batch_size) * config.training.num_train_epochs

    def metrics(output: object) -> dict[str, float]:
        predictions, truth = output.predictions.argmax(-1), output.label_ids  # type: ignore[attr-defined]
        return {
            "accuracy": float(accuracy_score(truth, predictions)),
            "f1_macro": float(f1_score(truth, predictions, average="macro", zero_division=0)),
        }

    with tempfile.TemporaryDirectory() as output_dir:
        arguments = training_arguments(config.training, TASKS[config.task], Path(output_dir), int(steps))
        set_seed(config.training.seed)
        trainer = Trainer(
            model=AutoModelForSequenceClassification.from_pretrained(checkpoint, num_labels=len(labels)),
            args=arguments,
            train_dataset=train,
            eval_dataset=validation,
            processing_class=tokenizer,
            data_collator=DataCollatorWithPadding(tokenizer),
            compute_metrics=metrics,
        )
        print(json.dumps({"train_runtime": trainer.train().metrics["train_runtime"]}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
