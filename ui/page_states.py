"""What the server remembers of each open page, without a copy of all pages beside it.

Gradio describes every component of the app anew for each page that is opened, on the thread that answers everybody, so
that a deep link could bring the page back as it was. Here what a page shows is in its address, so there are no deep
links: only what was changed is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.state_holder import SessionState, StateHolder


@dataclass(frozen=True)
class _Bare:
    """As much of the app as makes the memory of a page, and no component to be described."""

    default_config: Any
    blocks: tuple[int, ...] = ()


class PageStates(StateHolder):
    """The memories of all open pages, by the name that each page gives itself."""

    def __getitem__(self, session_id: str) -> SessionState:
        if session_id not in self.session_data:
            self.session_data[session_id] = SessionState(_Bare(self.blocks.default_config))  # type: ignore[arg-type]
        return super().__getitem__(session_id)


def remember_lightly(demo: gr.Blocks) -> None:
    """From now on, for an app that is served already."""
    states = PageStates()  # type: ignore[no-untyped-call]
    states.set_blocks(demo)
    demo.app.state_holder = states
