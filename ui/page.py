"""What a page is, and the one place where its events are registered.

A page module is always, in this order: a frozen ``View`` of its components, ``layout()``, the handlers, ``wire()``, and
``build(studio)`` which calls them. ``ui.pages.PAGES`` lists the pages. Nothing is built at import.
"""

from __future__ import annotations

import functools
import html
import inspect
import logging
import traceback
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import gradio as gr
from gradio.blocks import BlockContext
from gradio.components import Component
from gradio.context import Context, LocalContext

from core import home
from core.errors import StudioError, explain
from core.hub.identity import NOBODY, Identity, asking_as, each_step_as
from core.people.acting import Actor, acting_as
from core.redaction import redacted
from core.studio import Studio
from ui.languages import told
from ui.signing import identity_of
from ui.visitors import actor_of, home_of

Trigger = Callable[..., Any]
"""An event of a component, as ``button.click``, or of an earlier event, as ``dependency.then``."""
Part = Component | BlockContext
Components = Part | Sequence[Part] | AbstractSet[Part] | None

log = logging.getLogger(__name__)

CHANGED = "() => window.dispatchEvent(new Event('tunesmith:changed'))"
"""Tells a page's script that something was done, so that it asks at once instead of at its next tick."""


def drawn_by(script: str, *events: str) -> str:
    """The ``js_on_load`` of a ``gr.HTML`` that ``assets/static/SCRIPT`` draws and that may trigger these ``events``.

    The script's ``start`` gets the element and ``trigger``, and what it may need to share a value with the server: the
    component's ``props``, and ``watch`` to hear of a new one. Gradio offers an event of the component in Python when
    its name stands in quotes in this text.
    """
    names = ", ".join(f'"{event}"' for event in events)
    return (
        f"const events = [{names}];\n"
        f'import(new URL("./tunesmith/{script}", document.baseURI).href).then((page) => '
        "page.start(element, trigger, props, watch));"
    )


def waiting(place: str, words: str) -> str:
    """The HTML of an element that a script will draw into, with what it says until then."""
    return (
        f'<div id="{place}" class="ts-page"><p class="ts-coming" role="status">'
        f'<i aria-hidden="true"></i>{html.escape(words)}</p></div>'
    )


@dataclass(frozen=True)
class Page:
    """A page of the app. ``path`` is relative to the root ("" is the root itself)."""

    title: str
    path: str
    build: Callable[[Studio], None]
    """Lays out the components and wires their events, inside an open ``gr.Blocks``."""
    nav: str = ""
    """How the page is called in the navigation bar; empty when it does not stand there."""
    is_for_administrators: bool = False
    """It is there only where several people use the app, and shown to their administrators alone."""

    @staticmethod
    def on(
        trigger: Trigger | Sequence[Trigger],
        handler: Callable[..., Any] | None,
        inputs: Components = None,
        outputs: Components = None,
        *,
        js: str | None = None,
        progress: Literal["full", "minimal", "hidden"] = "minimal",
        queue: bool = True,
        trigger_mode: Literal["once", "multiple", "always_last"] | None = None,
        concurrency_limit: int | None = 10,
        validator: Callable[..., Any] | None = None,
        cancels: Any = None,
    ) -> Any:
        """Register ``handler`` for one event, or for the first of several.

        The Hub is asked as the person behind the event. A ``StudioError`` becomes a message with its advice, and the
        outputs stay as they are; anything else that goes wrong is explained in the same way and written to the app's
        log. Give ``inputs`` as a set to receive a dict keyed by component. ``cancels`` are earlier dependencies that
        end when this event comes; what still streams is closed at its next word. Returns Gradio's dependency, whose
        ``then`` and ``success`` are triggers again.
        """
        options: dict[str, Any] = {
            "fn": None if handler is None else _guarded(handler, _count(outputs)),
            "inputs": inputs,
            "outputs": outputs,
            "js": js,
            "show_progress": progress,
            "queue": queue,
            "trigger_mode": trigger_mode,
            "concurrency_limit": concurrency_limit,
            "validator": validator,
            "cancels": cancels,
            "api_visibility": "private",
        }
        if isinstance(trigger, Sequence):
            return gr.on(list(trigger), **options)
        return trigger(**options)

    @staticmethod
    def on_command(component: gr.HTML, event: str, handler: Callable[..., Any]) -> Any:
        """Register ``handler`` for an event that the component's own script triggers; it hears when that is done.

        The handler may ask for a ``gr.EventData`` (see ``sent``) and a ``gr.Request``; it gives nothing back: the
        script reads the new truth from the API.
        """
        done = Page.on(component.__getattr__(event), handler, progress="hidden")
        return Page.on(done.then, None, js=CHANGED)

    @staticmethod
    def on_load(handler: Callable[..., Any], inputs: Components = None, outputs: Components = None) -> Any:
        """Call ``handler`` each time somebody opens the page that is being built."""
        blocks = Context.root_block
        assert blocks is not None, "a page is built inside an open gr.Blocks"
        return Page.on(blocks.load, handler, inputs, outputs, progress="hidden")


def run_id(request: gr.Request) -> str:
    """The run that the page's address names (``/run?id=…``), or an empty text."""
    return str(request.query_params.get("id", ""))


def sent(event: gr.EventData, name: str) -> str:
    """A text that the script sent along with its event; empty when it did not."""
    data = event._data
    return str(data.get(name, "")) if isinstance(data, dict) else ""


def warn(error: StudioError) -> None:
    """Show what happened and what to do about it, as a message in the corner of the page."""
    gr.Warning(_message(error.title, error.advice), duration=15)


def tell(title: str, words: str = "") -> None:
    """Show that something was done, as a message in the corner of the page."""
    gr.Info(_message(title, words))


def _message(title: str, words: str) -> str:
    """Gradio draws a message as HTML and heads it with its kind only, so the title stands in the text."""
    return f"<strong>{html.escape(told(title))}</strong>" + (f"<br>{html.escape(told(words))}" if words else "")


def _count(outputs: Components) -> int | None:
    """How many values a handler gives back; None when it gives one by itself."""
    if outputs is None:
        return 0
    if isinstance(outputs, Sequence | AbstractSet):
        return len(outputs)
    return None


def _unchanged(count: int | None) -> Any:
    if count is None or count == 1:
        return gr.skip()
    return tuple(gr.skip() for _ in range(count)) or None


def _complain(exc: Exception) -> None:
    if not isinstance(exc, StudioError):
        log.error("A page's handler failed\n%s", redacted("".join(traceback.format_exception(exc))))
    warn(explain(exc))


def _asker() -> Identity:
    """The person behind the event that is being handled. The context of the queue itself is that of whoever came first:
    nobody is taken to be them.
    """
    request = LocalContext.request.get(None)
    return identity_of(request) if request is not None else NOBODY


def _place() -> Path | None:
    """Whose things are at hand in the event that is being handled."""
    return home_of(LocalContext.request.get(None))


def _actor() -> Actor | None:
    """Who does what the event that is being handled asks for."""
    return actor_of(LocalContext.request.get(None))


def _guarded(handler: Callable[..., Any], count: int | None) -> Callable[..., Any]:
    """``handler``, with its failures turned into messages. Gradio reads its signature through the wrapping."""
    if inspect.isgeneratorfunction(handler):

        @functools.wraps(handler)
        def stream(*args: Any, **kwargs: Any) -> Iterator[Any]:
            try:
                yield from each_step_as(_asker(), handler(*args, **kwargs), _place(), _actor())
            except gr.Error:
                raise
            except Exception as exc:
                _complain(exc)
                yield _unchanged(count)

        return stream

    @functools.wraps(handler)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            with asking_as(_asker()), home.living_in(_place()), acting_as(_actor()):
                return handler(*args, **kwargs)
        except gr.Error:
            raise
        except Exception as exc:
            _complain(exc)
            return _unchanged(count)

    return call
