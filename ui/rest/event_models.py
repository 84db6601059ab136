"""Events as typed answers: made from the records of ``core.events``, which alone say what an event holds."""

from __future__ import annotations

import dataclasses
import functools
import operator
from typing import Annotated, Any, Literal, get_type_hints

from pydantic import BaseModel, Field, TypeAdapter, ValidationError, create_model

from core.events import KINDS, Event
from core.runs import State
from core.studio import Studio


def _model(kind: str, event: type[Event]) -> type[BaseModel]:
    hints = get_type_hints(event)
    fields: dict[str, Any] = {"kind": (Literal[kind], ...)}
    for field in dataclasses.fields(event):
        if field.default_factory is not dataclasses.MISSING:
            default = Field(default_factory=field.default_factory)
        else:
            default = ... if field.default is dataclasses.MISSING else field.default
        fields[field.name] = (hints[field.name], default)
    return create_model(f"{event.__name__}Event", __doc__=" ".join((event.__doc__ or "").split()), **fields)


MODELS = {kind: _model(kind, event) for kind, event in KINDS.items()}
AnyEvent: Any = Annotated[functools.reduce(operator.or_, MODELS.values()), Field(discriminator="kind")]
_READER: TypeAdapter[Any] = TypeAdapter(AnyEvent)

Events: Any = create_model(
    "Events",
    __doc__="What happened in a run, in its order.",
    state=(State, Field(description="What the run is doing now.")),
    cursor=(int, Field(description="The place to go on from: `since` of the next question.")),
    more=(bool, Field(description="More is there already: ask again at once.")),
    anew=(bool, Field(description="`since` was of another file: these are the events from the beginning.")),
    events=(
        list[AnyEvent],
        Field(description="One record each; `kind` says what it is, `time` is in seconds since 1970."),
    ),
)


def told(studio: Studio, run_id: str, since: int) -> Any:
    """The events of a run after byte ``since``. One that was changed by hand, so that it does not fit, is left out."""
    state = studio.summary(run_id).state  # before the events: an end is never told without its last event
    page = studio.events(run_id, since)
    known = [event for record in page.records if (event := _read(record)) is not None]
    return Events(state=state, cursor=page.cursor, more=page.more, anew=page.anew, events=known)


def _read(record: dict[str, Any]) -> Any:
    try:
        return _READER.validate_python(record)
    except ValidationError:
        return None
