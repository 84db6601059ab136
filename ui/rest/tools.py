"""The same functions through Gradio's own clients (``gradio_client``) and, with ``--mcp``, for assistants.

Their docstrings are what a reader or an assistant is told of them, who knows nothing else of the app.
"""

from __future__ import annotations

import functools
import inspect
import logging
import traceback
from collections.abc import Callable
from typing import Annotated, Any, get_type_hints

import gradio as gr
from gradio.events import api
from pydantic import Field, TypeAdapter, ValidationError

from core import home
from core.hub.identity import asking_as
from core.people.acting import acting_as
from core.redaction import redacted
from core.studio import Studio
from ui.rest import event_models, predicting, problems, runs, starting
from ui.rest.controls import StopRequest
from ui.rest.predicting import PredictRequest
from ui.rest.runs import StartRequest
from ui.signing import identity_of
from ui.visitors import actor_of, home_of, is_local

log = logging.getLogger(__name__)
Tool = Callable[..., dict[str, Any]]
_TEXT: TypeAdapter[str] = TypeAdapter(Annotated[str, Field(max_length=200)])
_PAGE: TypeAdapter[int] = TypeAdapter(Annotated[int, Field(ge=1, le=1_000_000)])
_SINCE: TypeAdapter[int] = TypeAdapter(Annotated[int, Field(ge=0, le=2**62)])


def add(studio: Studio) -> None:
    """Offer the functions. Call inside of the app's ``gr.Blocks``."""
    for tool in (*_about_runs(studio), *_about_models(studio)):
        # Not through the queue: an assistant's call would come back over loopback, as if from this machine.
        api(_offered(tool), api_name=tool.__name__, queue=False)


def _about_runs(studio: Studio) -> tuple[Tool, ...]:
    def start_run(request: gr.Request, config: dict[str, Any]) -> dict[str, Any]:
        """Start training a language model on a table of examples. Training goes on by itself and takes from minutes to
        hours; follow it with run_status. One setting is enough, {"data": {"source": "…"}}: all else, even the task, is
        filled in with what suits the table, and told in the answer under "decisions". The source is "sample/feedback"
        (a small table to try things with), "hf://datasets/OWNER/NAME" (a dataset of the Hugging Face Hub), or
        "upload/…" as an upload through POST /api/v1/uploads was answered. GET /api/v1/ tells which tasks and samples
        there are.

        Args:
            config: The settings as an object, such as {"data": {"source": "sample/feedback"}, "name": "First try"}.

        Returns:
            The run under "run" (its "id" is what the other functions ask for), what was decided for you, and remarks.
        """
        wanted = StartRequest.model_validate({"config": config})
        return starting.start(studio, wanted.config, is_local(request)).model_dump(mode="json")

    def list_runs(page: int = 1, find: str = "") -> dict[str, Any]:
        """List the trainings ("runs") of this app, the newest first, fifty a page, each with its state and its mark.

        Args:
            page: The page, from 1.
            find: Words that all have to be found in a run's name, id, task, model, table or state. Empty: all runs.

        Returns:
            The runs under "runs", the page, and how many there are in all.
        """
        return runs.listed(studio, _PAGE.validate_python(page), _TEXT.validate_python(find)).model_dump(mode="json")

    def run_status(run_id: str) -> dict[str, Any]:
        """Tell how far a training is: waiting ("queued"), "running", or ended ("finished", "stopped", "failed",
        "interrupted"); its newest step with the seconds that are left; how good its model is; why it failed.

        Args:
            run_id: The id of the run, such as 2026-11-22-brave-otter.

        Returns:
            The state and the figures of the run, and under "asks" what its model is asked with.
        """
        return runs.status_of(studio, _TEXT.validate_python(run_id)).model_dump(mode="json")

    def run_events(run_id: str, since: int = 0) -> dict[str, Any]:
        """Tell what happened in a training since the last time: steps with their loss, checks with their marks,
        warnings, the end.

        Args:
            run_id: The id of the run.
            since: The "cursor" of the last answer; 0 at first.

        Returns:
            The events in their order, the state of the run, and the cursor to go on from.
        """
        told = event_models.told(studio, _TEXT.validate_python(run_id), _SINCE.validate_python(since))
        return dict(told.model_dump(mode="json"))

    def stop_run(run_id: str, keep: str = "best") -> dict[str, Any]:
        """Stop a training that waits or goes on. This cannot be undone, though it can be taken up again later.

        Args:
            run_id: The id of the run.
            keep: What is kept of it: "best" (its best model so far), "last" (as it is now), or "nothing".

        Returns:
            The run as it is now; it ends after its present step.
        """
        wanted = StopRequest.model_validate({"keep": keep})
        studio.stop(_TEXT.validate_python(run_id), wanted.keep)
        return runs.line_of(studio, run_id).model_dump(mode="json")

    return start_run, list_runs, run_status, run_events, stop_run


def _about_models(studio: Studio) -> tuple[Tool, ...]:
    def predict(run_id: str, inputs: list[dict[str, str]]) -> dict[str, Any]:
        """Ask the model of a training that has ended. The first question takes some seconds, for the model is loaded.
        Each input is an object with a text for every name that run_status tells under "asks".

        Args:
            run_id: The id of a run with a model ("can_answer" is true).
            inputs: What to ask, up to 100 inputs at once, such as [{"text": "The room was clean."}].

        Returns:
            One answer for each input under "answers", and under "output" the kind that they are of.
        """
        wanted = PredictRequest.model_validate({"inputs": inputs})
        return predicting.answers(studio, _TEXT.validate_python(run_id), wanted.inputs).model_dump(mode="json")

    return (predict,)


def _offered(tool: Tool) -> Tool:
    """The same function, asking the Hub as whoever calls it; its failures are told in words, as a Gradio error.

    Gradio reads the signature, and gives the request as the first argument.
    """
    takes_request = "request" in inspect.signature(tool).parameters

    def call(request: gr.Request, *given: Any) -> dict[str, Any]:
        try:
            with asking_as(identity_of(request)), home.living_in(home_of(request)), acting_as(actor_of(request)):
                return tool(request, *given) if takes_request else tool(*given)
        except ValidationError as exc:
            problem = problems.of_findings([(error["loc"] or ("input",), error["msg"]) for error in exc.errors()])
        except Exception as exc:
            if problems.status_of(exc) == 500:
                log.error("A tool failed\n%s", redacted("".join(traceback.format_exception(exc))))
            problem = problems.of(exc)
        raise gr.Error(f"{problem.title} {problem.advice}".strip(), print_exception=False)

    functools.update_wrapper(call, tool)
    hints = {"request": gr.Request, **get_type_hints(tool)}
    call.__annotations__ = hints
    call.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [_first(hints), *(one.replace(annotation=hints[one.name]) for one in _others(tool))],
        return_annotation=hints["return"],
    )
    return call


def _first(hints: dict[str, Any]) -> inspect.Parameter:
    return inspect.Parameter("request", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=hints["request"])


def _others(tool: Tool) -> list[inspect.Parameter]:
    return [one for one in inspect.signature(tool).parameters.values() if one.name != "request"]
