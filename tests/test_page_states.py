"""That pages are remembered apart, and for little."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import gradio as gr
import pytest
from gradio.state_holder import SessionState
from gradio_client import Client

from core.studio import Studio
from ui import shell
from ui.page_states import PageStates


def count(seen: int, word: str) -> tuple[int, str]:
    return seen + 1, f"{word} {seen + 1}"


@pytest.fixture
def demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[gr.Blocks]:
    monkeypatch.setenv("TUNESMITH_HOME", str(tmp_path))
    studio = Studio()
    with gr.Blocks() as made:
        seen, word, told = gr.State(0), gr.Textbox(), gr.Textbox()
        gr.Button().click(count, [seen, word], [seen, told], api_name="count")
    shell.launch(made.queue(), studio)
    yield made
    made.close(verbose=False)
    studio.close()


def test_each_page_has_a_memory_of_its_own(demo: gr.Blocks) -> None:
    one, other = (Client(demo.local_url, verbose=False) for _ in range(2))
    assert [one.predict("a", api_name="/count") for _ in range(3)] == ["a 1", "a 2", "a 3"]
    assert other.predict("b", api_name="/count") == "b 1"
    assert one.predict("a", api_name="/count") == "a 4"


def test_a_memory_is_gradios_own_but_for_what_nothing_reads_here(demo: gr.Blocks) -> None:
    states = demo.app.state_holder
    assert isinstance(states, PageStates)
    light, whole = states["a page"], SessionState(demo)
    assert light.config_values == {} and len(whole.config_values) > 3
    known = set(vars(whole))
    assert set(vars(light)) == known
    assert light.blocks_config.blocks == whole.blocks_config.blocks and light.state_data == whole.state_data == {}
    assert light.blocks_config is not demo.default_config, "what one page changes is not changed for all"
