"""The step Model: a short list, a search on the Hub, and what is said of a model before it is downloaded."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from html import escape
from typing import Any

import gradio as gr
import pytest

from core.config import STARTER
from core.errors import HubError, StudioError
from core.hub.types import HubModel, Method, ModelFacts, Recommendation, Warned
from core.models.types import Checkpoint
from core.studio import Studio
from ui.new_run import model, model_asking, model_choosing, model_hub, model_words
from ui.new_run.asked import address, of_model
from ui.new_run.draft import Draft
from ui.new_run.frame import MODEL
from ui.new_run.model_choosing import Asker
from ui.new_run.working import Desk
from ui.pages import new_run

TASK = "text-classification"
NASTY = '<script>alert("x")</script>'
ABOUT = HubModel("owner/one", "open", 90_000, 7, 66_000_000, "bert", ("en", "de"), "mit", "2025-01-02")
FACTS = ModelFacts(
    ABOUT,
    "0" * 40,
    "BERT",
    "encoder",
    disk_bytes=264_000_000,
    max_length=512,
    hidden_size=768,
    layers=6,
    vocab_size=30_000,
    methods=(
        Method("full", "Full fine-tuning", 3_000_000_000, fits=True),
        Method("lora", "LoRA", 111_000_000_000, fits=False),
        Method("qlora", "QLoRA", 900_000_000, fits=False, needs_gpu=True),
    ),
    epoch_seconds=240.0,
    unknown_share=0.003,
)
OLD = Warned("bin-only", "Its weights are in an old form.", "Start it with --allow bin.", blocks=True)
DEAR = Warned("terms", "It may not be used for money.", "Read its licence.")
HERE = Checkpoint("near/one", "Near", "Reads.", "/models/near", family="encoder")
FAR = Checkpoint("far/one", "Far", "Reads, too.", None, needs_network=True, family="encoder")


class Hub(Studio):
    """The real studio, with what a Hub would say; an error is raised, and an event is waited for first."""

    def __init__(self, said: ModelFacts | StudioError = FACTS, found: Any = (), waits: threading.Event | None = None):
        super().__init__()
        self.said, self.found, self.waits = said, found, waits
        self.asked: list[str] = []

    def model_facts(self, repo: str, revision: str | None = None, draft: Mapping[str, Any] | None = None) -> ModelFacts:
        self.asked.append(repo)
        if self.waits is not None and repo == "owner/slow":
            self.waits.wait(120)
        if isinstance(self.said, StudioError):
            raise self.said
        return replace(self.said, about=replace(self.said.about, id=repo))

    def search_models(self, query: str = "", **narrowed: Any) -> list[HubModel]:
        self.asked.append(f"{query} {narrowed}")
        if isinstance(self.found, StudioError):
            raise self.found
        return list(self.found)


@pytest.fixture(scope="module")
def view() -> new_run.View:
    with gr.Blocks():
        return new_run.layout(Studio())


def draft(checkpoint: str = "owner/one", revision: str | None = None) -> Draft:
    named = Draft(source="sample/reviews", task=TASK, columns={"text": "review"}).with_checkpoint(checkpoint)
    return replace(named, revision=revision)


def answers(view: new_run.View, card: str, found: str | None = None, **more: Any) -> dict[Any, Any]:
    step = view.model
    said = {step.cards: card, step.search.results: found, step.other: "", step.revision: "", step.looked: None}
    return said | {getattr(step, name): value for name, value in more.items()} | {view.frame.draft: draft(STARTER)}


def watched(studio: Studio, view: new_run.View, said: dict[Any, Any], desk: Desk | None = None, **more: Any) -> Any:
    return model_choosing.watched(
        studio, view.model, view.frame, desk or Desk(), said, Asker(local=True, session="a"), **more
    )


# --- Words


def test_the_card_of_a_model_says_what_it_takes() -> None:
    drawn = model_words.card(FACTS)

    for words in ("66 million", "264 MB", "English, German", "MIT", "512 tokens", "about 4 minutes", "below 1 %"):
        assert words in drawn
    assert "3 GB, fits here" in drawn and "111 GB, does not fit here" in drawn
    assert "900 MB, needs a graphics card" in drawn
    assert model_words.why_not(FACTS) == "" and "account" not in drawn
    bare = replace(FACTS, disk_bytes=None, methods=(), epoch_seconds=None, unknown_share=None)
    assert "Memory" not in model_words.card(bare) and "epoch" not in model_words.card(bare)


def test_what_a_hub_says_is_shown_as_text() -> None:
    about = replace(ABOUT, id=NASTY, licence=NASTY, languages=(NASTY,), updated=NASTY)
    told = Warned(NASTY, NASTY, NASTY, blocks=True)
    nasty = replace(FACTS, about=about, architecture=NASTY, warnings=(told,), access_help=NASTY)
    ways = (replace(FACTS.methods[0], title=NASTY),)

    drawn = [model_words.card(replace(nasty, methods=ways)), model_words.closed(NASTY, NASTY)]
    drawn.append(model_words.describe(replace(FAR, title=NASTY, summary=NASTY, licence=NASTY, languages=(NASTY,))))

    assert all("<script>" not in one and "&lt;script&gt;" in one for one in drawn)


def test_what_blocks_stands_first_and_says_why_the_walk_cannot_go_on() -> None:
    blocked = replace(FACTS, warnings=(DEAR, OLD))
    drawn = model_words.card(blocked)

    assert drawn.index("old form") < drawn.index("for money") and "--allow bin" in drawn
    assert model_words.why_not(blocked) == "Its weights are in an old form. Choose another model."
    assert "downloaded when the run starts" not in drawn
    assert model_words.why_not(replace(FACTS, warnings=(DEAR,))) == ""


def test_a_closed_model_says_once_what_to_do_and_leads_to_the_account() -> None:
    gated = replace(FACTS, about=replace(ABOUT, access="gated"), access_help="Accept its terms.")
    repeated = replace(gated, warnings=(Warned("gated", "It is closed.", "Accept its terms.", blocks=True),))

    for one in (gated, repeated):
        drawn = model_words.card(one)
        assert drawn.count("Accept its terms.") == 1 and 'href="./account"' in drawn
    assert "and you may use it" in model_words.card(replace(gated, access_help=""))


def test_a_found_model_is_one_line_of_what_is_known() -> None:
    many = replace(ABOUT, access="gated", languages=("en", "de", "fr", "es", "zh", "ar"))

    assert model_words.line(ABOUT).splitlines() == [
        "owner/one", "66 million numbers inside · 90,000 downloads · 7 likes · licence MIT · English, German"
    ]  # fmt: skip
    assert "Spanish and 2 more · gated" in model_words.line(many)
    assert "licence its own" not in model_words.line(replace(ABOUT, licence="other"))
    assert "None" not in model_words.line(replace(ABOUT, parameters=None, licence="", languages=()))


# --- The cards and the address


def test_recommended_models_come_first_then_those_that_are_here() -> None:
    advised = [Recommendation("best/one", "Best", "It suits.", needs_network=True)]

    cards = dict((value, words) for words, value in model.choices(advised, [FAR, HERE], local=True))

    assert list(cards) == ["best/one", "near/one", model.HUB, model.OTHER]
    assert cards["best/one"] == "Best\nIt suits. Has to be downloaded first."
    assert model.choices([], [FAR], local=True)[0][1] == "far/one"


def test_the_address_keeps_the_model_and_its_version() -> None:
    kept = address(draft("owner/one", "v2"))

    assert kept == "new?sample=reviews&model=owner/one&model_revision=v2"
    opened = of_model({"model": "owner/one", "model_revision": "v2"}).with_task(TASK)
    assert (opened.checkpoint, opened.revision, opened.has_chosen_model) == ("owner/one", "v2", True)
    assert model.settle(Hub(), opened) is opened
    assert "model" not in address(draft(STARTER)) and of_model({}) == Draft()


def test_a_visitor_opens_no_folder_by_an_address(tmp_path: Any) -> None:
    query = {"model": str(tmp_path)}

    assert new_run.opening(Studio(), query, local=False)[0] == Draft()
    assert new_run.opening(Studio(), query, local=True)[0].checkpoint == str(tmp_path)


# --- Asking


@pytest.mark.parametrize(
    ("said", "why_not", "words"),
    [
        (FACTS, "", "66 million"),
        (replace(FACTS, warnings=(OLD,)), "Its weights are in an old form. Choose another model.", "--allow bin"),
        (HubError("The Hub cannot be reached.", "Try again."), "", "You can go on with it all the same"),
        (
            HubError("There is none.", "Or sign in on the page.", cause="RepositoryNotFoundError: 404"),
            model_asking.CHOOSE_FIRST,
            'href="./account"',
        ),
    ],
    ids=["open", "blocked", "offline", "missing"],
)
def test_what_the_hub_says_decides_whether_the_walk_goes_on(
    view: new_run.View, said: ModelFacts | StudioError, why_not: str, words: str
) -> None:
    first, *_, last = watched(Hub(said), view, answers(view, model.HUB, "owner/one"))

    assert first[view.frame.address].endswith("&model=owner/one")
    assert model_asking.ASKING in first[view.model.about]
    held = model.about(Hub(said), draft(), True, first[view.model.looked])
    assert held.why_not == model_asking.STILL_ASKING
    told = model.about(Hub(said), draft(), True, last[view.model.looked])
    assert told.why_not == why_not and words in told.html
    assert last.get(view.frame.why[MODEL]) == (None if why_not else "")


def test_an_earlier_choice_says_nothing_after_a_later_one(view: new_run.View) -> None:
    waits, desk = threading.Event(), Desk()
    studio = Hub(waits=waits)
    slow = watched(studio, view, answers(view, model.HUB, "owner/slow"), desk)
    next(slow)
    news: list[Any] = []
    other = threading.Thread(target=lambda: news.extend(slow))
    other.start()
    while "owner/slow" not in studio.asked:
        other.join(0.01)

    *_, last = watched(studio, view, answers(view, model.HUB, "owner/one"), desk)
    other.join(60)
    waits.set()

    assert not other.is_alive() and news == []
    assert last[view.model.looked].checkpoint == "owner/one"


def test_nobody_waits_long_for_a_slow_hub(view: new_run.View, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_asking, "PATIENCE", 0.3)
    waits = threading.Event()

    *_, last = watched(Hub(waits=waits), view, answers(view, model.HUB, "owner/slow"))
    waits.set()

    assert model_asking.TOO_SLOW in last[view.model.about] and last[view.model.looked].why_not == ""


def test_the_hub_is_asked_once_about_a_choice_unless_that_is_wanted(view: new_run.View) -> None:
    studio = Hub()
    said = answers(view, model.OTHER, other="owner/one")
    *_, last = watched(studio, view, said)
    said |= {view.model.looked: last[view.model.looked]}

    list(watched(studio, view, said))
    assert studio.asked == ["owner/one"]
    list(watched(studio, view, said, anew=True))
    list(watched(studio, view, said | {view.model.revision: "v2"}))
    assert studio.asked == ["owner/one"] * 3


def test_starters_and_folders_ask_nobody(view: new_run.View, tiny_bert: Any) -> None:
    studio = Hub(HubError("The Hub cannot be reached."))

    for said in (answers(view, STARTER), answers(view, model.OTHER, other=str(tiny_bert))):
        (shown,) = watched(studio, view, said)
        assert "Numbers inside" in shown[view.model.about] and shown[view.frame.why[MODEL]] == ""
    assert studio.asked == []


def test_a_private_model_of_this_machine_is_not_for_strangers(view: new_run.View) -> None:
    private = replace(FACTS, about=replace(ABOUT, access="private"))
    says = partial(model_choosing.watched, Hub(private), view.model, view.frame, Desk())
    said = answers(view, model.OTHER, other="owner/one")

    *_, near = says(said, Asker(local=True, session="a"))
    *_, far = says(said, Asker(local=False, session="b"))

    assert "66 million" in near[view.model.about]
    assert escape(model_asking.STRANGERS) in far[view.model.about] and "66 million" not in far[view.model.about]
    assert far[view.model.looked].why_not


def test_a_revision_belongs_to_the_model_it_was_typed_for(view: new_run.View) -> None:
    looked = model_asking.Looked("owner/one", "", "")
    said = answers(view, model.OTHER, other="owner/one", revision=" v2 ", looked=looked)

    assert model.read(view.model, draft(STARTER), said).revision == "v2"
    assert model.read(view.model, draft(STARTER), said | {view.model.other: "owner/two"}).revision is None
    assert model.read(view.model, draft("owner/one", "v1"), said | {view.model.looked: None}).revision == "v1"


# --- The search

Find = Callable[..., dict[Any, Any]]


@pytest.fixture
def find(view: new_run.View) -> Find:
    def run(found: Any, chosen: str | None = None, local: bool = True, query: str = "") -> dict[Any, Any]:
        search = view.model.search
        said = dict.fromkeys(search.asked, "") | {search.query: query, search.results: chosen}
        return model_choosing.find(Hub(found=found), view.model, draft(STARTER), said, local)

    return run


def test_found_models_are_cards_and_a_chosen_one_stays(view: new_run.View, find: Find) -> None:
    results, other = view.model.search.results, replace(ABOUT, id="owner/two", access="private")

    seen = find([ABOUT, other], chosen="owner/one")
    assert [name for _, name in seen[results]["choices"]] == ["owner/one", "owner/two"]
    assert "value" not in seen[results] and view.model.about not in seen
    assert "2 models that can do this task" in seen[view.model.search.note]

    gone = find([other], chosen="owner/one")
    assert gone[results]["value"] is None and gone[view.model.looked] is None
    assert "Choose a model above" in gone[view.model.about]
    assert [name for _, name in find([ABOUT, other], local=False)[results]["choices"]] == ["owner/one"]


def test_a_pasted_address_and_all_that_narrows_are_asked_for(view: new_run.View) -> None:
    studio, search = Hub(), view.model.search
    said = {search.query: "https://huggingface.co/owner/one/", search.author: " acme ", search.language: "zh"}
    said |= {search.licence: "mit", search.size: "min:0,max:50M", search.results: None}

    model_hub.search(studio, search, TASK, said, local=True)

    wanted = {"task": TASK, "author": "acme", "language": "zh", "licence": "mit", "size": "min:0,max:50M", "limit": 20}
    assert studio.asked == [f"owner/one {wanted}"]


def test_nothing_found_and_nothing_reached_are_said(view: new_run.View, find: Find) -> None:
    note, results = view.model.search.note, view.model.search.results

    assert model_hub.NOTHING in find([])[note]
    failed = find(HubError(f"No way {NASTY}.", "Check the connection."))
    assert "No way" in failed[note] and model_hub.STILL in failed[note] and "<script>" not in failed[note]
    assert failed[results]["choices"] == [] and failed[results]["visible"] is False
