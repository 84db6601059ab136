"""Sentences that the model answers before its first step and at each check, so that a person sees it learn.

Imported in workers only.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from transformers import TrainerCallback  # noqa: TID253  (imported in workers only)

from core import events
from core.errors import explain
from core.prediction.inference import run_model
from core.said import said, together
from core.tasks.base import Context, Kind
from core.training.shop import Workshop
from core.watch_config import asked_roles, questions

SCORES_KEPT = 5
"""Of one answer. Where there are hardly more classes, all are kept: a curve with gaps says less."""
HARDLY_MORE = 8
LONGEST_SAID = 500
"""Characters of an answer that is kept."""
TOKENS_WRITTEN = 40
"""By a model that writes: enough to see what becomes of it, without waiting for it at each check."""
LETTERS_TOLD = 60


class Watcher(TrainerCallback):
    """Writes ``Watching`` when training begins and ``Watched`` at each check; leaves model and chance as they were."""

    def __init__(self, shop: Workshop, context: Context, asked: Sequence[Mapping[str, str]]) -> None:
        self._shop, self._asked = shop, asked
        self._context = replace(context, options=_brief_options(context.options))
        self._watched_at = -1
        self._told: set[int] = set()
        """The places of the sentences of which it was said that they cannot be answered."""

    def on_train_begin(self, args: Any, state: Any, control: Any, model: Any = None, **kwargs: Any) -> None:
        sentences = [list(one.values()) for one in self._asked]
        self._shop.log.append(events.Watching(sentences=sentences, output=self._shop.task.output))
        if state.global_step == 0:
            self._watch(model, state)

    def on_evaluate(self, args: Any, state: Any, control: Any, model: Any = None, **kwargs: Any) -> None:
        self._watch(model, state)

    def on_train_end(self, args: Any, state: Any, control: Any, model: Any = None, **kwargs: Any) -> None:
        # Where the best model was taken back, it was watched at its own check.
        if not (args.load_best_model_at_end and state.best_model_checkpoint):
            self._watch(model, state)

    def _watch(self, model: Any, state: Any) -> None:
        if self._watched_at == state.global_step:
            return
        self._watched_at = state.global_step
        with undisturbed(model):
            answers = self._answers(model)
        epoch = round(state.epoch or 0.0, 4)
        self._shop.log.append(events.Watched(step=state.global_step, epoch=epoch, answers=answers))

    def _answers(self, model: Any) -> list[dict[str, Any]]:
        """One a sentence, in their order; an empty one where there is none."""
        try:
            return self._said(model, self._asked)
        except Exception:  # one of them may be to blame: each is asked alone
            return [self._alone(model, place) for place in range(len(self._asked))]

    def _alone(self, model: Any, place: int) -> dict[str, Any]:
        try:
            return self._said(model, [self._asked[place]])[0]
        except Exception as exc:  # training is worth more than a look at it
            if place not in self._told:
                self._told.add(place)
                begun = next(iter(self._asked[place].values()))[:LETTERS_TOLD]
                error = explain(exc)
                self._shop.notice(
                    said("“{begun}” could not be answered while it is watched.", begun=begun),
                    together(error.title, said("The training goes on.")),
                    "warning",
                )
            return {}

    def _said(self, model: Any, asked: Sequence[Mapping[str, str]]) -> list[dict[str, Any]]:
        task, columns = self._shop.task, {role: [one[role] for one in asked] for role in asked[0]}
        output = run_model(model, task, self._context, columns, "predict")
        return [brief(task.output, record) for record in task.answers(output.rows, self._context)]


def watchers(shop: Workshop, context: Context) -> list[Watcher]:
    """The callback of a run that has sentences to watch; none of one that has not."""
    asked = questions(shop.config.watch, asked_roles(shop.task, shop.config.data.columns))
    return [Watcher(shop, context, asked)] if asked else []


@contextmanager
def undisturbed(model: Any) -> Iterator[None]:
    """Within it the model may be asked: its mode and all chance are afterwards as they were before."""
    import numpy as np
    import torch

    learns, plain, numbers = model.training, random.getstate(), np.random.get_state()
    try:
        with torch.random.fork_rng(devices=range(torch.cuda.device_count())):
            yield
    finally:
        model.train(learns)
        random.setstate(plain)
        np.random.set_state(numbers)


def _brief_options(options: Any) -> Any:
    """The options of a task with short answers, where it writes any."""
    most = getattr(options, "max_new_tokens", None)
    return options.model_copy(update={"max_new_tokens": min(most, TOKENS_WRITTEN)}) if most else options


def brief(kind: Kind, record: Mapping[str, Any]) -> dict[str, Any]:
    """What an event keeps of an answer of this kind: ``said`` in words, and ``scores`` (name -> probability) or
    ``number`` where it has some.
    """
    if kind == "number":
        return {"said": "", "number": round(float(record["number"]), 6)}
    if kind == "label":
        return {"said": str(record["label"]), "scores": _highest(record["scores"])}
    if kind == "labels":
        return {"said": ", ".join(map(str, record["labels"])), "scores": _highest(record["scores"])}
    if kind == "spans":
        text = str(record["text"])
        found = [f"{text[one['start'] : one['end']]} ({one['label']})" for one in record["spans"]]
        return {"said": "; ".join(found)[:LONGEST_SAID]}
    if kind == "answer":
        none = {} if record.get("no_answer") is None else {"no answer": record["no_answer"]}
        return {"said": str(record["answer"])[:LONGEST_SAID], "scores": _highest({"sure": record["score"], **none})}
    if kind == "fills":
        first = {str(one["token"]).strip(): one["score"] for one in next(iter(record["masks"]), [])}
        return {"said": str(record["filled"])[:LONGEST_SAID], "scores": _highest(first)}
    return {"said": str(record.get("text", ""))[:LONGEST_SAID]}


def _highest(scores: Mapping[str, float]) -> dict[str, float]:
    ordered = sorted(scores.items(), key=lambda pair: -pair[1])
    kept = ordered if len(ordered) <= HARDLY_MORE else ordered[:SCORES_KEPT]
    return {str(name): round(float(score), 4) for name, score in kept}
