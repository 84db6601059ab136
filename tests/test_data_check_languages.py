"""The data check on languages: which there are, and whether the model to start from knows them."""

from __future__ import annotations

from pathlib import Path

from core.data.check.languages import language_mix
from tests.check_making import config_of, found, proves, subject_of
from tests.making import write_csv

ENGLISH = "The weather was lovely and we walked along the river until the sun went down behind the hills, day {}."
GERMAN = "Das Wetter war herrlich, und wir gingen am Fluss entlang, bis die Sonne hinter den Hügeln versank, Tag {}."
FRENCH = "Il faisait très beau et nous avons marché le long de la rivière jusqu'au coucher du soleil, jour {}."


def _table(folder: Path, *texts: tuple[str, int]) -> Path:
    lines = [text.format(number) for text, count in texts for number in range(count)]
    return write_csv(folder / "t.csv", ["text", "label"], [(line, "ab"[i % 2]) for i, line in enumerate(lines)])


def test_one_language_that_the_model_knows_needs_no_word(tmp_path: Path) -> None:
    assert not found(config_of(_table(tmp_path, (ENGLISH, 80))), language_mix)


def test_several_languages_are_named_with_their_shares_and_rows(tmp_path: Path) -> None:
    config = config_of(_table(tmp_path, (ENGLISH, 70), (GERMAN, 20), (FRENCH, 10)))
    findings = found(config, language_mix)
    assert set(findings) == {"several-languages"}
    told = findings["several-languages"]
    assert "English (70 %), German (20 %) and French (10 %)" in told.title
    assert (told.count, told.rows[:2]) == (30, (71, 72))


def test_a_model_for_english_is_no_good_start_for_german(tmp_path: Path) -> None:
    config = config_of(_table(tmp_path, (GERMAN, 60)))
    finding = found(config, language_mix)["unknown-language"]
    assert "mostly not in English: German (100 %)" in finding.title
    after = proves(config, language_mix, "unknown-language")
    assert after.model.checkpoint == "google-bert/bert-base-multilingual-cased"


def test_nothing_is_said_of_a_model_that_is_not_known(tmp_path: Path) -> None:
    config = config_of(_table(tmp_path, (GERMAN, 60)), checkpoint="somebody/some-model")
    assert not found(config, language_mix)


def test_short_texts_do_not_tell(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "t.csv", ["text", "label"], [(f"ja {i} so", "ab"[i % 2]) for i in range(60)])
    assert not found(config_of(path), language_mix)
    assert subject_of(config_of(path)).examples.num_rows == 60
