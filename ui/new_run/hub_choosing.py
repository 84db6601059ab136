"""What happens on the way through the Hub: a search as one types, a look at a dataset, the choice of its parts."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import gradio as gr
from pydantic import ValidationError

from core import home
from core.data.guess_files import part_of
from core.data.hub.types import HubCard, HubDataset, HubSubset
from core.data.types import Preview
from core.data_config import HUB, StreamingConfig
from core.errors import ConfigError, DataError, StudioError, explain
from core.hub.identity import current
from core.limits import limits
from core.studio import Studio
from ui import pieces, words
from ui.languages import tr, tr_html
from ui.new_run import found, hub_words
from ui.new_run.asked import Asked
from ui.new_run.frame import Answers
from ui.new_run.from_hub import ANY, STREAMING, HubView
from ui.page import Page
from ui.visitors import is_local

FOUND = 20
CHIPS = 24
"""More subsets than these are chosen from a list."""
PREVIEW_ROWS = 20
PROMPT = pieces.tag("p", "Type a name to search for. The datasets that are fetched most stand first.", "nr-note")
NOTHING = "No dataset of the Hub fits."
WIDER = "Try fewer letters or another word, or narrow the search less."
LOOKING = '<p class="nr-loading" role="status">Asking the Hub.</p>'
READING = '<p class="nr-loading" role="status">Reading the first rows from the Hub. Nothing is kept yet.</p>'
CHOOSE_SUBSET = pieces.tag("p", "It holds several tables. Choose a subset above to see its first rows.", "nr-note")
BY_CHANCE = "by chance, from the rows to learn from"
STRANGERS = "Private datasets of this machine's account can only be used by somebody who sits in front of it."


@dataclass(frozen=True)
class Looked:
    """A dataset that was looked at, and the revision that was asked for."""

    repo: str
    card: HubCard
    revision: str = ""

    @property
    def must_name(self) -> bool:
        """Whether nothing can be read before a subset is named."""
        return len(self.card.subsets) > 1 and not self.card.default_subset

    def subset(self, name: str | None) -> HubSubset | None:
        return next((one for one in self.card.subsets if one.name == name), None)


def search(studio: Studio, view: HubView, answers: Answers, local: bool) -> Answers:
    """The datasets that fit what stands in the fields; why there are none, where there are none."""
    query = (answers[view.query] or "").strip()
    narrowed = {
        "author": (answers[view.author] or "").strip(),
        "task": answers[view.task] or "",
        "language": answers[view.language] or "",
        "size": answers[view.size] or "",
    }
    nothing = unlooked(view) | {view.results: gr.update(choices=[], value=None, visible=False)}
    if not query and not any(narrowed.values()):
        return nothing | {view.note: PROMPT}
    try:
        # A name with its author, pasted from the Hub's own page, is one too.
        listed = studio.search_datasets(query.removeprefix("https://huggingface.co/datasets/"), **narrowed, limit=FOUND)
    except StudioError as exc:
        return nothing | {view.note: pieces.message(exc.title, exc.advice, "nr-warning")}
    seen = [one for one in listed if may_see(one, local)]
    if not seen:
        return nothing | {view.note: pieces.message(tr(NOTHING), tr(WIDER), "nr-info")}
    count = (
        tr("The first {found} datasets", found=FOUND) if len(listed) == FOUND else words.plural(len(seen), "dataset")
    )
    choices = [(hub_words.line(one), one.id) for one in seen]
    return unlooked(view) | {
        view.note: pieces.tag("p", tr("{count}, the most fetched first.", count=count), "nr-note"),
        view.results: gr.update(choices=choices, value=None, visible=True),
    }


def unlooked(view: HubView) -> Answers:
    """No dataset is looked at."""
    return {view.looked: None, view.about: "", view.choices: gr.update(visible=False)}


def may_see(one: HubDataset, local: bool) -> bool:
    """Whether a visitor may see this dataset: one that is private only who sits in front of this machine, or has signed
    in: then the Hub was asked as them.
    """
    return local or one.access != "private" or current().kind in ("token", "oauth")


def look_up(studio: Studio, view: HubView, answers: Answers, local: bool) -> Iterator[Answers]:
    """Show the chosen dataset: what is known of it at once, its first rows when they have come."""
    repo, revision = answers[view.results], (answers[view.revision] or "").strip()
    looked: Looked | None = answers[view.looked]
    if not repo:
        return
    if looked is None or (looked.repo, looked.revision) != (repo, revision):
        # A revision belongs to the dataset it was typed for.
        revision = revision if looked is not None and looked.repo == repo else ""
        yield {view.about: tr_html(LOOKING), view.choices: gr.update(visible=False)}
        try:
            looked = Looked(repo, _card(studio, repo, revision, local), revision)
        except StudioError as exc:
            yield {view.about: pieces.message(exc.title, exc.advice), view.looked: None}
            return
        subset = looked.card.default_subset or None
        yield {view.looked: looked} | shown_card(view, looked) | shown_subset(view, looked, subset)
        chosen = proposed(looked, subset)
    elif answers[view.train] not in _names(looked.subset(subset := subset_of(view, looked, answers))):
        yield shown_subset(view, looked, subset)
        chosen = proposed(looked, subset)
    else:
        yield {view.first_rows: tr_html(READING)}
        chosen = asked(view, answers)
    if subset or not looked.must_name:
        yield {view.first_rows: _first_rows(studio, chosen)}


def _card(studio: Studio, repo: str, revision: str, local: bool) -> HubCard:
    card = studio.hub_card(repo, revision or None)
    if not may_see(card.about, local):
        raise DataError(tr(STRANGERS), tr("Choose a public one."))
    return card


def _first_rows(studio: Studio, chosen: Asked) -> str:
    try:
        preview: Preview = studio.hub_preview(chosen.origin, PREVIEW_ROWS)
    except Exception as exc:  # it is explained where the rows would stand
        error = explain(exc)
        return pieces.message(error.title, error.advice, "nr-warning")
    return found.head(preview)


# --- What is shown


def shown_card(view: HubView, looked: Looked) -> Answers:
    """What is known of the dataset, and its subsets to choose from."""
    names = [one.name for one in looked.card.subsets]
    few = 1 < len(names) <= CHIPS
    default = looked.card.default_subset or None
    empty: Answers = {view.few: [], view.many: []} | {view.few if few else view.many: names}
    return {
        view.about: hub_words.card(looked.card),
        view.choices: gr.update(visible=bool(names)),
        view.revision: looked.revision,
        view.stream: gr.update(value=False),
        view.stream_box: gr.update(visible=False),
        view.few: gr.update(choices=empty[view.few], value=default if few else None, visible=few),
        view.many: gr.update(choices=empty[view.many], value=None if few else default, visible=len(names) > CHIPS),
    }


def shown_subset(view: HubView, looked: Looked, name: str | None) -> Answers:
    """The parts of a subset to choose from, and what it takes to fetch it."""
    subset = looked.subset(name)
    named, free = parts(subset), _free()
    splits = [(hub_words.split_words(one), one.name) for one in (subset.splits if subset else ())]
    chance = (tr(BY_CHANCE), ANY)
    size = subset.download_bytes if subset else None
    return {
        view.train: gr.update(choices=splits, value=named.get("train")),
        view.validation: gr.update(choices=[chance, *splits], value=named.get("validation", ANY)),
        view.test: gr.update(choices=[chance, *splits], value=named.get("test", ANY)),
        view.first_rows: tr_html(READING) if subset else CHOOSE_SUBSET,
        view.cost: hub_words.cost(subset, free) if subset else "",
        view.use: gr.update(
            value=tr("Use this dataset ({size})", size=words.size(size)) if size else tr("Use this dataset"),
            interactive=bool(subset),
        ),
    }


def shown_stream(view: HubView, answers: Answers) -> Answers:
    """The settings of a stream where one is wanted."""
    return {view.stream_box: gr.update(visible=bool(answers[view.stream]))}


def parts(subset: HubSubset | None) -> dict[str, str]:
    """Which split is for what, as their names say it; the first is learned from where none says so."""
    names = _names(subset)
    if not names:
        return {}
    named = {"train": "train" if "train" in names else names[0]}
    for name in names:
        if name != named["train"] and (part := part_of(name)):
            named.setdefault(part, name)
    return named


# --- What was chosen


def subset_of(view: HubView, looked: Looked, answers: Answers) -> str | None:
    """The subset that stands on the page."""
    chosen: str | None = answers[view.few if len(looked.card.subsets) <= CHIPS else view.many]
    return chosen or looked.card.default_subset or None


def choice(looked: Looked, subset: str | None, split: dict[str, str], streaming: dict[str, Any] | None = None) -> Asked:
    """The dataset as it is asked for. The name of an only subset says nothing and is left out."""
    more = {
        "subset": subset if len(looked.card.subsets) > 1 else None,
        "revision": looked.revision or None,
        "streaming": streaming,
    }
    source = f"{HUB}{looked.card.about.id}"
    return Asked(
        source,
        {name: value for name, value in more.items() if value is not None},
        {part: name for part, name in split.items() if name},
    )


def proposed(looked: Looked, subset: str | None) -> Asked:
    """A subset and the split of it that is learned from, before anything was chosen of it."""
    return choice(looked, subset, {"train": parts(looked.subset(subset)).get("train", "")})


def asked(view: HubView, answers: Answers) -> Asked:
    """What stands on the page. Raises ``ConfigError`` when nothing was chosen, or a setting of the stream is wrong."""
    looked: Looked | None = answers[view.looked]
    if looked is None:
        raise ConfigError(tr("No dataset was chosen."), tr("Search for one, then choose it."))
    split = {"train": answers[view.train], "validation": answers[view.validation], "test": answers[view.test]}
    taken = [name for name in split.values() if name]
    if len(set(taken)) < len(taken):
        raise ConfigError(
            tr("One split is chosen for two things."),
            tr("A model is only judged fairly by rows it has not learned from."),
        )
    streaming = view.streaming.read(answers) if answers[view.stream] else None
    return choice(looked, subset_of(view, looked, answers), split, streaming)


def stream_problems(view: HubView, answers: Answers) -> dict[str, str]:
    """What is wrong with the settings of the stream, by setting."""
    if not answers[view.stream]:
        return {}
    try:
        StreamingConfig.model_validate(view.streaming.read(answers))
    except ValidationError as exc:
        wrong = {str(error["loc"][0]) for error in exc.errors()}
        return {row.path: tr("Give {row}.", row=limits(row)) for row in STREAMING if row.path in wrong}
    return {}


def _names(subset: HubSubset | None) -> list[str]:
    return [one.name for one in subset.splits] if subset else []


def _free() -> int:
    return shutil.disk_usage(home.cache_dir()).free


def wire(view: HubView, studio: Studio) -> None:
    """The search follows the typing; the rest follows what is chosen."""

    def find(answers: Answers, request: gr.Request) -> Answers:
        return search(studio, view, answers, is_local(request))

    def show(answers: Answers, request: gr.Request) -> Iterator[Answers]:
        yield from look_up(studio, view, answers, is_local(request))

    def stream(answers: Answers) -> Answers:
        return shown_stream(view, answers)

    # A text that is pasted is no input to Gradio, only a change.
    typed: list[Any] = [view.query.change, view.query.submit, view.author.change]
    narrowed: list[Any] = [view.task.input, view.language.input, view.size.input]
    Page.on(
        [*typed, *narrowed],
        find,
        view.asked,
        [view.note, view.results, view.looked, view.about, view.choices],
        trigger_mode="always_last",
        progress="hidden",
    )
    chosen: list[Any] = [view.results.input, view.few.input, view.many.input, view.train.input]
    Page.on(
        [*chosen, view.revision.submit],
        show,
        view.inputs,
        view.outputs,
        trigger_mode="always_last",
        progress="hidden",
    )
    Page.on(view.stream.input, stream, {view.stream}, [view.stream_box], progress="hidden")
