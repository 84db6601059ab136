"""Step 1, Data: four ways to bring a table; what is in it is seen at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import gradio as gr

from core.data.types import Sample
from core.data_config import HUB as ON_HUB
from core.errors import ConfigError, StudioError
from core.studio import Studio
from ui import pieces
from ui.languages import tr
from ui.new_run import found, from_files, from_hub, hub_choosing, reading
from ui.new_run.asked import SAMPLE, Asked, address, of_files
from ui.new_run.draft import Draft
from ui.new_run.frame import DATA, Answers, Frame
from ui.new_run.from_files import is_upload, keep, keep_cells, named_here, sample_source
from ui.new_run.looking import Look, look
from ui.new_run.working import Desk, Tick
from ui.page import Page
from ui.visitors import is_local

SHOW = """(address) => {
  if (address) history.replaceState(history.state, "", address);
  const found = document.getElementById("data-found");
  if (found && found.getBoundingClientRect().top > 0.7 * window.innerHeight) found.scrollIntoView({ block: "start" });
}"""
"""The page's address follows what it shows, and what was found comes into sight."""
FILE, PASTE, HUB, SAMPLES = "file", "paste", "hub", "sample"
WAYS = (
    ("A file\nFrom your computer: a spreadsheet, CSV, JSON, Parquet and more", FILE),
    ("Paste\nRows copied from a spreadsheet", PASTE),
    ("The Hub\nHugging Face, a public library of datasets: search, look, take", HUB),
    ("A sample\nA small table that comes with the app, to try things out", SAMPLES),
)


@dataclass(frozen=True)
class DataView:
    """The ways to bring a table, how far the reading of it is, and what was found."""

    way: gr.Radio
    boxes: dict[str, gr.Column]
    """By way, what is asked there."""
    files: from_files.FilesView
    paste: from_files.PasteView
    hub: from_hub.HubView
    samples: gr.Radio
    working: gr.HTML
    stop: gr.Button
    found: gr.HTML
    reading: reading.ReadingView
    columns: gr.HTML
    asked: gr.State
    """The ``Asked`` that was looked at last, or None: it can be read anew even where that went wrong."""

    @property
    def outputs(self) -> list[Any]:
        """What a look at a table changes."""
        marked = [self.files.files, self.files.path, self.samples]
        return [*marked, self.working, self.stop, self.found, self.columns, self.asked, *self.reading.outputs]

    @property
    def opened(self) -> list[Any]:
        """What opening the page changes beside that."""
        return [self.way, *self.boxes.values(), self.files.here]


def layout(samples: Sequence[Sample], is_demo: bool = False) -> DataView:
    """Draw the step. In a demo the Hub is no way."""
    boxes: dict[str, gr.Column] = {}
    ways = [(words, way) for words, way in WAYS if way != HUB or not is_demo]
    way = gr.Radio(ways, value=FILE, label="Where your table is", elem_classes="nr-cards", elem_id="data-way")
    with gr.Column(elem_id="data-way-file") as boxes[FILE]:
        files = from_files.layout_files()
    with gr.Column(visible=False, elem_id="data-way-paste") as boxes[PASTE]:
        paste = from_files.layout_paste()
    with gr.Column(visible=False, elem_id="data-way-hub") as boxes[HUB]:
        hub = from_hub.layout()
    with gr.Column(visible=False, elem_id="data-way-sample") as boxes[SAMPLES]:
        chooser = from_files.layout_samples(samples)
    working = gr.HTML(apply_default_css=False, elem_id="data-working")
    stop = gr.Button("Stop", visible=False, size="sm", elem_id="data-stop", elem_classes="nr-small")
    what = gr.HTML(apply_default_css=False, elem_id="data-found")
    form = reading.layout()
    columns = gr.HTML(apply_default_css=False, elem_id="data-columns")
    return DataView(way, boxes, files, paste, hub, chooser, working, stop, what, form, columns, gr.State(None))


def way_of(source: str) -> str:
    """By which way a source is brought."""
    if source.startswith(ON_HUB):
        return HUB
    return SAMPLES if source.startswith(SAMPLE) else FILE


def shown_way(view: DataView, way: str) -> Answers:
    """One way in sight, the others not."""
    return {box: gr.update(visible=name == way) for name, box in view.boxes.items()}


def tidied(view: DataView, draft: Draft) -> Answers:
    """Of the ways only the one that was taken stays marked."""
    if not draft.source:
        return {}
    sample, upload = draft.source.startswith(SAMPLE), is_upload(draft.source)
    elsewhere = sample or upload or draft.source.startswith(ON_HUB)
    return {
        view.files.files: gr.skip() if upload else None,
        view.samples: draft.source if sample else None,
        view.files.path: "" if elsewhere else draft.source,
    }


def shown(view: DataView, seen: Look, before: Look | None = None) -> Answers:
    """What the page shows of one look; ``before`` is the one it shows already."""
    updates: Answers = {view.working: seen.working, view.stop: gr.update(visible=not seen.is_over)}
    if before is None or before.found != seen.found:
        updates |= {view.found: seen.found, view.columns: found.columns(seen.preview) if seen.preview else ""}
    if seen.is_over:
        updates |= (
            {view.asked: seen.asked} | reading.shown(view.reading, seen.asked, seen.preview) | tidied(view, seen.draft)
        )
    return updates


def watched(
    studio: Studio, view: DataView, frame: Frame, desk: Desk, draft: Draft, asked: Asked, session: str | None
) -> Iterator[Answers]:
    """Look at a table, and show on the page what is known of it so far."""
    before: Look | None = None
    for seen in look(studio, draft, asked, partial(desk.holds, session)):
        updates = shown(view, seen, before)
        if seen.is_over:
            updates |= {frame.draft: seen.draft, frame.address: address(seen.draft), frame.why[DATA]: ""}
        yield updates
        before = seen


def opened(
    studio: Studio, view: DataView, frame: Frame, draft: Draft, asked: Asked, session: str | None
) -> Iterator[Answers]:
    """Look at the table that the page's address names, with the way in sight by which it is brought."""
    way = way_of(asked.source)
    yield {view.way: way} | shown_way(view, way)
    yield from watched(studio, view, frame, Desk(), draft, asked, session)


def complaint(view: DataView, exc: StudioError) -> Answers:
    """Why there is nothing to look at, where the table would stand."""
    return {view.found: pieces.message(exc.title, exc.advice), view.columns: "", view.working: ""}


def wire(view: DataView, frame: Frame, studio: Studio) -> None:
    """The ways to give a table; files of this machine may be named only by who sits in front of it."""
    desk = Desk()

    def takes(trigger: Any, inputs: set[Any], name: Callable[[Answers, bool], Asked]) -> None:
        """On this event, look at the table that ``name`` makes of what stands on the page."""

        def take(answers: Answers, request: gr.Request) -> Iterator[Answers]:
            yield {view.working: found.progress(Tick(words=tr("Just a moment"))), view.stop: gr.update(visible=False)}
            try:
                asked = name(answers, is_local(request))
            except StudioError as exc:
                yield complaint(view, exc)
                return
            yield from watched(studio, view, frame, desk, answers[frame.draft], asked, request.session_hash)

        outputs = [frame.draft, frame.address, frame.why[DATA], *view.outputs]
        taken = Page.on(trigger, take, {frame.draft} | inputs, outputs, progress="hidden", trigger_mode="multiple")
        Page.on(taken.then, None, frame.address, js=SHOW)

    files, paste, hub = view.files, view.paste, view.hub
    takes(files.files.upload, {files.files}, lambda said, _: of_files(keep(studio, said[files.files] or [])))
    takes(
        [files.path.submit, files.open.click],
        {files.path},
        lambda said, local: of_files([named_here(said[files.path] or "", local)]),
    )
    takes(paste.use.click, {paste.cells}, lambda said, _: of_files([keep_cells(studio, said[paste.cells] or "")]))
    takes(view.samples.input, {view.samples}, lambda said, _: of_files([sample_source(studio, said[view.samples])]))
    takes(hub.use.click, hub.inputs, lambda said, _: hub_asked(view, said))
    rereads = [field.input for field in view.reading.fields.values()]
    takes(rereads, {view.asked} | view.reading.inputs, lambda said, _: reread(view, said))
    takes(view.reading.reset.click, {view.asked}, lambda said, _: with_reading(said[view.asked], {}))

    def stop(request: gr.Request) -> None:
        desk.stop(request.session_hash)

    Page.on(view.stop.click, stop, progress="hidden")
    Page.on(view.way.input, lambda way: shown_way(view, way), view.way, list(view.boxes.values()), progress="hidden")
    hub_choosing.wire(hub, studio)


def hub_asked(view: DataView, answers: Answers) -> Asked:
    """What was chosen on the Hub. Raises ``ConfigError`` for what cannot be."""
    for problem in hub_choosing.stream_problems(view.hub, answers).values():
        raise ConfigError(tr("A setting of the stream is wrong."), problem)
    return hub_choosing.asked(view.hub, answers)


def reread(view: DataView, answers: Answers) -> Asked:
    """The same table, read as the form says."""
    return with_reading(answers[view.asked], reading.read(view.reading, answers))


def with_reading(asked: Asked | None, chosen: Mapping[str, Any]) -> Asked:
    """The same table, read in another way. Raises ``ConfigError`` when there is none, or that is no way."""
    if asked is None:
        raise ConfigError(tr("There is no table to read."), tr("Bring one first."))
    more = {name: value for name, value in asked.more.items() if name != "reading"}
    changed = replace(asked, more=more | ({"reading": dict(chosen)} if chosen else {}))
    changed.data  # noqa: B018  an encoding that nobody knows is told now
    return changed
