"""A model, loaded and ready to answer. Used in prediction workers only."""

from __future__ import annotations

import copy
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from core.config import validate
from core.data.types import Target
from core.errors import PredictionError
from core.models import manual, programs
from core.models.checkpoints import resolve
from core.prediction.batches import ahead
from core.prediction.inference import encode, run_encoded, run_model
from core.runs import Run
from core.said import said
from core.tasks import TASKS
from core.tasks.base import Context, Purpose


class Predictor:
    """The model of one run: the trained one, or (``untrained``) the one it was trained from.

    Questions are role columns: ``{"text": [...], "text_pair": [...]}``.
    """

    def __init__(self, run: Run, untrained: bool = False) -> None:
        import torch

        from core.models import fast_linear

        self.config = run.config
        self.task = TASKS[self.config.task]
        self._model, self._context = self._before(run) if untrained else self._after(run)
        self._model.to("cuda" if torch.cuda.is_available() else "cpu")
        self._model.eval()
        is_on_cpu = self._model.device.type == "cpu"
        # What is to be repeated to the last digit goes by no stopwatch.
        if is_on_cpu and not self.config.training.full_determinism and fast_linear.is_faster():
            fast_linear.quicken(self._model)

    def _after(self, run: Run) -> tuple[Any, Context]:
        if not run.has_model:
            raise PredictionError(
                said("This run has no trained model."), said("Let it finish first, or stop it after a while.")
            )
        folder = str(run.model_path)
        tokenizer, _ = self.task.load_tokenizer(folder, self.config.options)
        model = self.task.load_model(folder)
        found = manual.read(run.model_path) or self._old_manual(run, model)
        # Options that a newer version of the task no longer knows, or knows since, are its own to judge.
        options = validate({**self.config.model_dump(mode="json"), "options": dict(found.options)}).options
        return model, Context(tokenizer, found.target, found.max_length, options, found.seed, found.learned)

    def _old_manual(self, run: Run, model: Any) -> manual.Manual:
        """Runs of the first version kept no manual: their model names its classes, their report the length."""
        names = model.config.id2label
        report = run.report or {}
        length = int(report.get("max_length") or self.config.training.max_length)
        return manual.Manual(self.config.task, length, Target(labels=tuple(names[index] for index in sorted(names))))

    def _before(self, run: Run) -> tuple[Any, Context]:
        if not self.task.starts_able:
            raise PredictionError(
                said("This model cannot answer before it is trained."), said("Its answer layer is new.")
            )
        from transformers import set_seed

        wanted = self.config.model
        folder = str(resolve(wanted.checkpoint, wanted.revision or programs.pinned(run.path, wanted.checkpoint)))
        found = manual.read(run.model_path)
        length, seed = found.max_length if found else self.config.training.max_length, self.config.training.seed
        tokenizer, _ = self.task.load_tokenizer(folder, self.config.options)
        context = Context(tokenizer, found.target if found else Target(), length, self.config.options, seed)
        # Layers that the checkpoint lacks are drawn by chance: as the training drew them.
        set_seed(seed)
        return self.task.build_model(folder, context).model, context

    @property
    def model(self) -> Any:
        return self._model

    @property
    def context(self) -> Context:
        return self._context

    def with_model(self, model: Any) -> Predictor:
        """The same with another model in the place of this one."""
        other = copy.copy(self)
        other._model = model
        return other

    def changed(self, change: Callable[[Any], Any]) -> Predictor | None:
        """The same with what ``change`` makes of its model, or of each of its models; None where that is None."""
        model = change(self._model)
        return None if model is None else self.with_model(model)

    def in_turn(
        self, parts: Iterable[Mapping[str, Sequence[Any]]], on_progress: Callable[[int, int], None]
    ) -> Generator[list[dict[str, Any]], None, None]:
        """The answers to one part of a table after another: the next is cut into tokens while one is answered.

        ``on_progress`` hears (rows done, rows) of the present part.
        """
        # A tokenizer that is busy in one thread may refuse another.
        own = replace(self._context, tokenizer=copy.deepcopy(self._context.tokenizer))

        def encoded() -> Iterator[tuple[int, dict[str, Any]]]:
            for columns in parts:
                rows = len(next(iter(columns.values()), ()))
                yield rows, encode(self.task, own, columns, "predict") if rows else {}

        with closing(ahead(encoded())) as coming:
            for rows, pieces in coming:
                if not rows:
                    yield []
                    continue
                said = run_encoded(self._model, self.task, self._context, [pieces], rows, "predict", on_progress)
                yield self.task.answers(said.rows, self._context)

    def answers(
        self, columns: Mapping[str, Sequence[Any]], on_progress: Callable[[int, int], None] | None = None
    ) -> list[dict[str, Any]]:
        """One record for each row, in the form of the task's ``answers``."""
        if not len(next(iter(columns.values()), ())):
            return []
        return self.task.answers(self.outputs(columns, "predict", on_progress), self._context)

    def outputs(
        self,
        columns: Mapping[str, Sequence[Any]],
        purpose: Purpose,
        on_progress: Callable[[int, int], None] | None = None,
    ) -> Any:
        """What the task's ``finish`` makes of what is said of each row. There must be one."""
        return run_model(self._model, self.task, self._context, columns, purpose, on_progress).rows

    def write(self, question: Mapping[str, Any], knobs: Mapping[str, Any]) -> Generator[dict[str, Any], None, None]:
        """The growing answer to one question, from a task that writes; the one whole answer from any other."""
        try:
            settings = self.task.knobs.model_validate(dict(knobs))
        except ValidationError as exc:
            raise PredictionError(said("A setting of the answer is not as it should be."), _first_of(exc)) from exc
        if self.task.write is not None:
            yield from self.task.write(self._model, question, self._context, settings)
        else:
            yield self.answers({role: [value] for role, value in question.items()})[0]


def _first_of(exc: ValidationError) -> str:
    error = exc.errors()[0]
    return f"{'.'.join(str(part) for part in error['loc'])}: {error['msg']}."
