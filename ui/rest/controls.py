"""What can be done with a run that is there: stop it, take it up again, delete it."""

from __future__ import annotations

from fastapi import FastAPI, Response
from pydantic import BaseModel, ConfigDict, Field

from core.events import Kept
from core.studio import Studio
from ui.rest.models import RunLine
from ui.rest.problems import documented
from ui.rest.runs import line_of


class StopRequest(BaseModel):
    """How a run shall end."""

    model_config = ConfigDict(extra="forbid")

    keep: Kept = Field("best", description="Its best model so far, its last one, or nothing.")


class Nothing(BaseModel):
    """Nothing has to be said: `{}`."""

    model_config = ConfigDict(extra="forbid")


def add(app: FastAPI, studio: Studio) -> None:
    """Add the operations."""

    @app.post(
        "/runs/{run_id}/stop",
        status_code=202,
        responses=documented(400, 404, 409, 415),
        tags=["Runs"],
        operation_id="stop",
        summary="Stop a run",
    )
    def stop(run_id: str, wanted: StopRequest) -> RunLine:
        """It ends after its present step, and is judged with the model that is kept. One that waits leaves the
        queue.
        """
        studio.stop(run_id, wanted.keep)
        return line_of(studio, run_id)

    @app.post(
        "/runs/{run_id}/again",
        status_code=202,
        responses=documented(400, 404, 409, 415, 429),
        tags=["Runs"],
        operation_id="again",
        summary="Take a run up again",
    )
    def again(run_id: str, wanted: Nothing) -> RunLine:
        """One that was interrupted, stopped or failed goes on from its last complete checkpoint, if it has one."""
        studio.again(run_id)
        return line_of(studio, run_id)

    @app.delete(
        "/runs/{run_id}",
        status_code=204,
        responses=documented(404, 409),
        tags=["Runs"],
        operation_id="delete",
        summary="Delete a run",
    )
    def delete(run_id: str) -> Response:
        """It goes to the trash, from where people can bring it back until that is emptied."""
        studio.delete(run_id)
        return Response(status_code=204)
