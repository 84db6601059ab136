"""What fails with models, the Hub and publishing: English for programs, in the reader's language on a page."""

from __future__ import annotations

import io
import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from core.data.hub import failures as data_failures
from core.errors import CheckpointError, HubError
from core.hub import failures
from core.hub.rights import rights_of
from core.jobs import record
from core.models import hub
from core.models.checkpoints import describe, read_config
from core.models.other_language import other_language
from core.publishing import child
from core.publishing.checked import check
from core.publishing.patience import Patience
from core.publishing.types import Item, Publication, Publishing
from core.runs import Run
from core.said import restored, said, together
from ui.languages import LANGUAGES, speaking, told
from ui.new_run import model_words
from ui.pieces import message
from ui.publish import progress
from ui.publish.words import trouble


def in_german(words: str) -> str:
    with speaking(LANGUAGES["de"]):
        return told(words)


def test_a_model_that_cannot_be_opened_says_why(tmp_path: Path) -> None:
    folder = tmp_path / "Runs"
    folder.mkdir()
    with pytest.raises(CheckpointError) as refused:
        describe(str(folder))
    error = refused.value
    assert error.title == f"{folder} is no checkpoint: config.json is missing."
    assert in_german(error.title) == f"{folder} ist kein Modell: config.json fehlt."
    with speaking(LANGUAGES["de"]):
        drawn = message(error.title, error.advice)
    assert "Wählen Sie den Ordner, in dem config.json" in drawn and f"{folder} ist" in drawn
    with pytest.raises(CheckpointError) as gone:
        read_config(tmp_path / "gone")
    assert in_german(str(gone.value)).endswith("Vielleicht wurde der Ordner verschoben oder umbenannt.")


def test_the_hub_s_refusals_are_told_and_its_names_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    class GatedRepoError(Exception):
        pass

    error = failures.explained(GatedRepoError("no"), "Runs/table", "writing")
    assert error.title == "Runs/table is open only to people who accepted its terms."
    assert error.advice.endswith("then try again. The model on this machine is untouched.")
    assert in_german(error.title) == "Runs/table steht nur denen offen, die den Bedingungen zugestimmt haben."
    assert "„Hub-Konto“" in in_german(error.advice) and in_german(error.advice).endswith("ist unverändert.")
    missing = data_failures.explained(ConnectionError("x"), "stanfordnlp/imdb")
    assert in_german(missing.title).endswith("brach ab, während stanfordnlp/imdb gelesen wurde.")
    monkeypatch.setattr(hub, "reachable", lambda: False)
    with pytest.raises(CheckpointError) as refused:
        hub.download("nobody/never-there")
    assert in_german(refused.value.title).startswith("Das Modell nobody/never-there ist nicht auf diesem Rechner")
    with speaking(LANGUAGES["de"]):
        assert "Melden Sie sich auf der Seite" in model_words.closed(error.title, error.advice, "Weiter.")
        assert "Weiter." in model_words.closed(error.title, error.advice, "Weiter.")


def test_rights_are_told() -> None:
    rights = rights_of("anna", [], {"accessToken": {"role": "read"}}).words
    assert (rights, in_german(rights)) == ("may read only", "darf nur lesen")
    assert in_german(said("The token of {name} {rights}.", name="anna", rights=rights)) == (
        "Das Token von anna darf nur lesen."
    )


def test_a_language_that_was_not_read_is_told() -> None:
    note = other_language(["English"], "de")
    assert note is not None and note.title == "It has read English, and your texts are in German."
    assert in_german(note.title) == "Gelesen hat es Englisch; Ihre Texte sind in einer anderen Sprache: Deutsch."


def test_what_publishing_does_and_refuses_comes_over_its_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    for place in ("core.publishing.patience.bear", "core.hub.identity.become"):
        monkeypatch.setattr(place, lambda _: None)  # they are for a whole process
    replies = io.StringIO()

    def work(job: dict[str, object], tell: object) -> None:
        tell("uploading", said("Sending {file}", file="Runs"), 3, 9)  # type: ignore[operator]
        check([Item("model.bin", b"")])

    asked = {"identity": None, "patience": asdict(Patience())}
    answer = restored(child._answer(asked, replies, work)["error"])
    stage, words, done, total = restored(json.loads(replies.getvalue()))["tell"]
    assert (stage, words, done, total) == ("uploading", "Sending Runs", 3, 9)
    assert in_german(words) == "Runs wird gesendet"
    error = HubError(**answer)
    assert error.title == "model.bin was not published: it has an ending of files that can hide code."
    with speaking(LANGUAGES["de"]):
        wanted = Publishing("anna/model")
        going = progress.told(Publication("r", wanted, "uploading", words), lambda *_: "")
        failed = progress.told(
            Publication("r", wanted, "failed", title=error.title, advice=error.advice), lambda *_: ""
        )
    assert going is not None and going["words"] == "Runs wird gesendet"
    assert failed is not None and failed["heading"].startswith("model.bin wurde nicht veröffentlicht")
    assert failed["advice"].endswith("das Modell auf diesem Rechner ist unverändert.")


def test_what_a_rented_machine_does_is_kept_in_its_folder(tmp_path: Path) -> None:
    run, job = Run(tmp_path), record.Job("anna/r", "m", "anna", "t4-small", "T4", 0.4, 3600.0, 0.4)
    trouble = together(said("The Hugging Face Hub has a problem."), said("Try again."))
    record.write(run, replace(job, doing=said("A machine is being asked for"), trouble=trouble))
    found = record.read(run)
    assert found is not None and found.doing == "A machine is being asked for"
    assert in_german(found.doing) == "Ein Rechner wird angefragt"
    assert in_german(found.trouble) == "Der Hugging Face Hub hat ein Problem. Versuchen Sie es noch einmal."


def test_the_page_to_sign_in_can_be_clicked_in_every_language() -> None:
    error = failures.explained(PermissionError("x"), "anna/model")
    advice = said("Sign in again on the page “Hub account”.")
    for code, name in (("en", "Hub account"), ("de", "Hub-Konto"), ("fr", "Compte Hub"), ("zh", "Hub 账户")):
        with speaking(LANGUAGES[code]):
            assert f'<a href="./account">{name}</a>' in trouble(error.title, advice)
