"""The app for programs: the public interface at ``/api/v1``, described by its own OpenAPI document.

``build`` makes it, one module a subject; ``tools`` offers the same through Gradio's clients and MCP. What the pages
read for themselves is another thing, stands at ``/reads`` and may change with any version: see ``ui.api``.
"""

from __future__ import annotations

from fastapi import FastAPI

from core import __version__
from core.studio import Studio
from ui.rest import about, controls, files, guard, predicting, problems, runs, uploads

ADDRESS = "/api/v1"
SUMMARY = "Train language models on your own tables, follow the training, ask the models."


def build(studio: Studio) -> FastAPI:
    """The interface, ready to be mounted at ``ADDRESS``."""
    app = FastAPI(
        title="Tunesmith",
        summary=SUMMARY,
        version=__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        redirect_slashes=False,
        responses=problems.documented(401, 403, 422, 503),
    )
    problems.add(app)
    app.add_middleware(guard.Guard)
    for subject in (about, uploads, runs, controls, predicting, files):
        subject.add(app, studio)
    return app
