"""Trainings of tiny models without a run: the trainer alone, fed by a task itself, with every step noted."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from core.config import RunConfig, validate
from core.data.preview import preview
from core.tasks.base import Context, Task
from core.training.batching.planning import Cost
from core.training.batching.splitting import Splitting

LENGTH = 64


@dataclass(frozen=True)
class Lesson:
    """What one training saw and made: (loss, norm of the gradient) of each step, and the weights that it learned."""

    steps: list[tuple[float, float]]
    before: dict[str, Any]
    after: dict[str, Any]
    parts: int
    """How often the model was asked."""


FREE = Cost(call=0.0, token=1.0, pair=0.0)
"""Tiny examples would not be worth cutting: here a call costs nothing."""


class School:
    """The sample rows of a task, so many times over, as pieces for a tiny model."""

    def __init__(self, task: Task, checkpoint: Path, folder: Path, times: int = 2) -> None:
        import pyarrow as pa
        from datasets import Dataset

        from core.prediction.inference import encode

        self.task, self.checkpoint, self.folder = task, checkpoint, folder
        rows = [dict(row) for row in task.sample_rows] * times
        table = folder / "table.jsonl"
        table.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        guess = task.guess(preview(str(table)))
        assert guess is not None
        self.config = validate(
            {
                "task": task.id,
                "data": {"source": str(table), "columns": guess.columns},
                "model": {"checkpoint": str(checkpoint)},
            }
        )
        examples = task.examples(pa.Table.from_pylist(rows), guess.columns, self.config.options)
        tokenizer, _ = task.load_tokenizer(str(checkpoint), self.config.options)
        self.context = Context(tokenizer, examples.target, LENGTH, self.config.options, 7)
        encoded = encode(task, self.context, examples.table.to_pydict(), "train")
        self.pieces = Dataset.from_dict({name: encoded[name] for name in task.model_inputs if name in encoded})

    def model(self, dropout: float = 0.0) -> Any:
        from transformers import set_seed

        from core.training.dropouts import set_dropouts

        set_seed(7)
        model = self.task.build_model(str(self.checkpoint), self.context).model
        set_dropouts(model, dropout, dropout, dropout)
        return model

    def scored(self) -> tuple[Any, Any, Any]:
        """(the task's collator, its loss, the pieces)."""
        return self.task.collator(self.context, "train"), self.task.learned_by(self.context), self.pieces

    def set(self, **training: Any) -> RunConfig:
        wanted = {
            "num_train_epochs": 1,
            "learning_rate": 1e-3,
            "warmup_steps": 0,
            "weight_decay": 0.0,
            "logging_strategy": "steps",
            "logging_steps": 1,
            "eval_strategy": "no",
            "save_strategy": "no",
            "max_length": LENGTH,
            **training,
        }
        return validate({**self.config.model_dump(mode="json"), "training": wanted})

    def trainer(self, model: Any = None, folder: str = "out", **training: Any) -> Any:
        """A trainer that notes its steps in ``noted``, and in ``asked`` how often it asked its model."""
        from core.training.arguments import training_arguments
        from core.training.batching.layout import collator_of
        from core.training.batching.order import size_of
        from core.training.reporter import EpochTeller
        from core.training.steps import steps_of
        from core.training.trainer import SafeTrainer

        config = self.set(**training)
        model = self.model() if model is None else model
        steps = steps_of(config, *size_of(self.pieces))
        arguments = training_arguments(config.training, self.task, self.folder / folder, steps)
        shop: Any = SimpleNamespace(config=config, task=self.task)
        collate = collator_of(shop, self.context, arguments, model, self.pieces)
        if isinstance(collate, Splitting):
            collate.cut_by(FREE)
        noted = _noting()
        trainer = SafeTrainer(
            model=model,
            args=arguments,
            train_dataset=self.pieces,
            processing_class=self.context.tokenizer,
            data_collator=collate,
            loss=self.task.learned_by(self.context),
            tokens_a_step=config.training.tokens_per_step,
            check=lambda model, stepped: ({}, 0),
            callbacks=[EpochTeller(collate), noted],
        )
        trainer.noted, trainer.asked = noted.steps, []
        trainer.compute_loss = _counted(trainer.compute_loss, trainer.asked)
        return trainer

    def learn(self, *args: Any, resume: str | None = None, **training: Any) -> Lesson:
        trainer = self.trainer(*args, **training)
        before = learned(trainer.model)
        trainer.train(resume_from_checkpoint=resume)
        return Lesson(trainer.noted, before, learned(trainer.model), len(trainer.asked))


def _counted(compute: Callable[..., Any], asked: list[int]) -> Callable[..., Any]:
    def counted(*args: Any, **kwargs: Any) -> Any:
        asked.append(1)
        return compute(*args, **kwargs)

    return counted


def _noting() -> Any:
    from transformers import TrainerCallback

    class Noting(TrainerCallback):
        def __init__(self) -> None:
            self.steps: list[tuple[float, float]] = []

        def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **kwargs: Any) -> None:
            if logs and "loss" in logs:
                self.steps.append((logs["loss"], float(logs["grad_norm"])))

    return Noting()


def learned(model: Any) -> Mapping[str, Any]:
    return {name: value.detach().clone() for name, value in model.named_parameters() if value.requires_grad}
