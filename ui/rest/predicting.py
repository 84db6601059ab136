"""Asking a trained model: one input, or many in one question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field

from core.errors import ConfigError
from core.studio import Studio
from core.tasks import TASKS
from ui.rest.limits import INPUTS, LETTERS, asking
from ui.rest.models import Answers
from ui.rest.problems import Refusal, documented


class PredictRequest(BaseModel):
    """What the model is asked."""

    model_config = ConfigDict(extra="forbid")

    inputs: Annotated[
        list[dict[str, str]],
        Field(min_length=1, max_length=INPUTS, description="One record an input: a text for each name in `asks`."),
    ]


def add(app: FastAPI, studio: Studio) -> None:
    """Add the operation."""

    @app.post(
        "/runs/{run_id}/predict",
        responses=documented(400, 404, 409, 413, 415, 429),
        tags=["Models"],
        operation_id="predict",
        summary="Ask a model",
    )
    def predict(run_id: str, wanted: PredictRequest) -> Answers:
        """The first question loads the model, which takes some seconds; later ones are answered at once. A conversation
        (`messages`) is JSON in a text: a list of records with `role` and `content`.
        """
        return answers(studio, run_id, wanted.inputs)


def answers(studio: Studio, run_id: str, inputs: Sequence[Mapping[str, str]]) -> Answers:
    """One answer for each input. Raises ``StudioError`` where they do not fit the model, or there is none."""
    roles = studio.asked(run_id)
    known, wanted = [role.name for role in roles], [role.name for role in roles if role.required]
    for number, one in enumerate(inputs):
        for name in one:
            if name not in known:
                raise _wrong(number, f"{name!r} is nothing that this model is asked", known)
        lacking = [name for name in wanted if not one.get(name, "").strip()]
        if lacking:
            raise _wrong(number, f"{' and '.join(lacking)} {'is' if len(lacking) == 1 else 'are'} missing", known)
    if not inputs or len(inputs) > INPUTS:
        raise Refusal(413, f"A question holds between 1 and {INPUTS} inputs.", "Share them out over several questions.")
    texts = [text for one in inputs for text in one.values()]
    if sum(map(len, texts)) > LETTERS:
        raise Refusal(413, f"The inputs have more than {LETTERS:,} letters.", "Share them out over several questions.")
    output = TASKS[studio.config(run_id).task].output
    with asking.passed():
        return Answers(output=output, answers=studio.answers(run_id, inputs))


def _wrong(number: int, words: str, known: Sequence[str]) -> ConfigError:
    return ConfigError(f"inputs.{number}: {words}.", f"Give a text for: {', '.join(known)}.", field=f"inputs.{number}")
