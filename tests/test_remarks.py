"""What is said of long texts before the start is true of what will be done with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.config import STARTER
from core.models.checkpoints import describe
from core.models.other_language import other_language
from core.remarks import about_adapter, about_long_texts, remarks
from core.studio import Studio
from tests.making import config, reviews, write_csv
from ui.new_run import model
from ui.new_run.draft import Draft

LIMIT = 64
GERMAN = "Das Essen war kalt und die Bedienung sehr unfreundlich, aber das Zimmer hat uns gut gefallen."


@pytest.fixture
def german(tmp_path: Path) -> Path:
    """A table of texts in German."""
    rows = [
        (f"{GERMAN} Das war der Besuch Nummer {number}.", "gut" if number % 2 else "schlecht") for number in range(60)
    ]
    return write_csv(tmp_path / "german.csv", ("text", "label"), rows)


def test_a_text_that_is_cut_is_never_called_read() -> None:
    lengths = [30] * 5000 + [65]

    (note,) = about_long_texts(lengths, [min(length, LIMIT) for length in lengths], LIMIT, None)

    assert note.level == "warning"
    assert "They are cut there: under 1 % of all text is not read." in note.detail


def test_what_is_read_in_pieces_loses_nothing() -> None:
    lengths = [30, 128]

    (note,) = about_long_texts(lengths, [30, 64, 64], LIMIT, None)

    assert note.title == "50 % of your texts are longer than 64 tokens."
    assert "nothing is lost" in note.detail
    assert about_long_texts([30, 60], [30, 60], LIMIT, None) == []


def test_nobody_is_sent_to_a_length_that_the_checkpoint_cannot_read(tiny_bert: Path, tmp_path: Path) -> None:
    """The setting allows all texts whole, the position table of the model does not."""
    rows = [(" ".join([text] * 12), label) for text, label in reviews(60)]
    wanted = config(write_csv(tmp_path / "long.csv", ("text", "label"), rows), tiny_bert, max_length=512)
    limit = describe(str(tiny_bert)).max_length
    assert limit is not None and limit < min(Studio().token_lengths(wanted))

    note = remarks(Studio(), wanted)[0]

    assert note.title == f"100 % of your texts are longer than {limit} tokens."
    assert "This checkpoint cannot read more at once" in note.detail and "larger maximum" not in note.detail
    whole, cut = (
        Studio().estimate(
            wanted.model_copy(update={"training": wanted.training.model_copy(update={"max_length": most})})
        )
        for most in (512, limit)
    )
    assert whole.memory_bytes == cut.memory_bytes and whole.seconds == pytest.approx(cut.seconds, rel=0.3)


def test_a_model_that_has_not_read_the_language_of_the_texts_is_told_of() -> None:
    note = other_language(("English", "French"), "de")

    assert note is not None and note.level == "warning"
    assert note.title == "It has read English and French, and your texts are in German."
    assert "Choose one that has read German" in note.detail
    for languages, texts in (((), "de"), (("German",), "de"), (("many languages",), "de"), (("English",), "")):
        assert other_language(languages, texts) is None


def test_a_rate_for_whole_models_is_warned_of_where_an_adapter_is_trained() -> None:
    assert "0.0005" in about_adapter("lora", 5e-5)[0].detail
    assert about_adapter("lora", 2e-4) == about_adapter("none", 5e-5) == []


def test_it_is_told_before_the_start_too(german: Path) -> None:
    notes = remarks(Studio(), config(german, STARTER))

    assert notes[0].title == "The model has read English, and your texts are in German."


def test_a_model_that_has_not_read_the_texts_is_warned_of_at_its_card(german: Path) -> None:
    wanted = Draft(source=str(german), task="text-classification", columns={"text": "text", "label": "label"})
    english = Draft(source="sample/reviews", task="text-classification", columns={"text": "review"})

    chosen, other = model.settle(Studio(), wanted), model.settle(Studio(), english)

    assert chosen.checkpoint == STARTER, "what needs no network stays the first choice"
    assert "It has read English, and your texts are in German." in model.about(Studio(), chosen, True).html
    assert "your texts are in" not in model.about(Studio(), other, True).html
