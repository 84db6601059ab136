"""What the walk says of settings: in the reader's language, and in English word for word as before."""

from __future__ import annotations

from typing import Any

import pytest

from core import presets
from core.comparing import differences
from core.data.steps.base import Step
from core.data.steps.mending import MendLabels
from core.data.steps.rows import DropRows
from core.data.steps.texts import CleanText
from core.data.steps.values import RenameValues
from core.limits import limits, shown
from core.models.long_texts import LongTexts
from core.presets import PRESETS, Facts
from core.remarks import about_adapter, about_long_texts
from core.suggest import Suggestion, adapter_rate
from tests.making import config
from ui import forms
from ui.forms.remarks import lines
from ui.languages import LANGUAGES, speaking, told, tr
from ui.new_run import settings_words

ROWS = {row.path: row for row in forms.rows_of("text-classification")}
STEPS, BATCH, LENGTH = "training.eval_strategy", "training.per_device_train_batch_size", "training.max_length"
NBSP = "\u00a0"


def in_german(words: str) -> str:
    with speaking(LANGUAGES["de"]):
        return told(words)


def test_what_may_stand_in_a_field_is_told() -> None:
    row = ROWS[LENGTH]
    assert limits(row) == "a whole number from 8 to 1,000,000"
    assert in_german(limits(row)) == "eine ganze Zahl von 8 bis 1.000.000"
    assert in_german(limits(ROWS["training.learning_rate"])).startswith("eine Zahl über 0 und höchstens")
    with speaking(LANGUAGES["zh"]):
        assert told(limits(row)) == "8 到 1,000,000 之间的整数"
        assert lines(row, {}) == [{"kind": "note", "bold": "", "words": "8 到 1,000,000 之间的整数。"}]
    with speaking(LANGUAGES["de"]):
        assert forms.problems({"training": {"max_length": 3}})[LENGTH] == (
            "Geben Sie eine ganze Zahl von 8 bis 1.000.000 an."
        )


def test_a_choice_that_is_a_name_stays_a_name() -> None:
    assert in_german(shown(ROWS["training.optim"], "adamw_torch")) == "AdamW"
    assert in_german(shown(ROWS["training.lr_scheduler_type"], "linear")) == "auf einer Geraden"
    assert in_german(shown(ROWS["training.learning_rate"], 5e-5)) == "0,00005"


def test_a_suggestion_and_why_a_setting_is_not_used_are_told() -> None:
    one = Suggestion(LENGTH, 256, PRESETS["small"].words)
    with speaking(LANGUAGES["fr"]):
        assert lines(ROWS[LENGTH], {LENGTH: 256}, [one]) == [
            {"kind": "note", "bold": f"Suggéré{NBSP}: 256.", "words": "Pour une machine qui a peu de mémoire"}
        ]
        why = lines(ROWS["training.eval_steps"], {STEPS: "no"})
        assert why == [
            {
                "kind": "why",
                "bold": "",
                "words": f"Les progrès ne sont pas vérifiés{NBSP}: ce nombre n’est donc pas utilisé.",
            }
        ]
    assert lines(ROWS[LENGTH], {LENGTH: 256}, [one], chosen=[one])[0]["bold"] == "Chosen: 256."


@pytest.mark.parametrize("code", [code for code in LANGUAGES if code != "en"])
@pytest.mark.parametrize("preset", PRESETS)
def test_each_preset_and_its_reasons_are_told(code: str, preset: str) -> None:
    facts = Facts(rows=5000, lengths=(20,) * 90 + (300,) * 10, parameters=400_000_000, has_gpu=True)
    now = {row.path: row.default for row in ROWS.values()} | {BATCH: 32, LENGTH: 256}
    found = presets.changes(preset, now, now | {LENGTH: 512}, facts)
    with speaking(LANGUAGES[code]):
        for words in (PRESETS[preset].title, PRESETS[preset].words, *(one.reason for one in found)):
            assert told(words) != str(words)


def test_remarks_before_the_start_are_told() -> None:
    (note,) = about_long_texts([10] * 999 + [700], [10] * 999 + [64], 64, LongTexts())
    assert note.title == "Under 1 % of your texts are longer than 64 tokens."
    assert in_german(note.title) == f"Unter 1{NBSP}% Ihrer Texte sind länger als 64 Tokens."
    assert "choose “read in pieces and average” for “Long texts”" in note.detail
    assert "wählen Sie bei „Lange Texte“ die Option „in Stücken lesen und mitteln“" in in_german(note.detail)
    (low,) = about_adapter("lora", 5e-6)
    rate = adapter_rate("lora")
    assert rate is not None and low.detail == (
        f"{rate.reason} Set the learning rate to 0.0005, say; now it is 0.000005."
    )
    assert in_german(low.detail).endswith("Setzen Sie die Lernrate etwa auf 0,0005; jetzt ist sie 0,000005.")


def test_what_values_come_to_is_told_in_sentences_that_hold_together() -> None:
    training = config("any").training.model_copy(update={"warmup_steps": 0.1, "gradient_accumulation_steps": 4})
    with speaking(LANGUAGES["de"]):
        found = settings_words.effects(training, 580)
        assert found["training.warmup_steps"] == "0,1 ist ein Zehntel des Laufs: 580 Schritte, davon 58."
        assert "8 × 4: Eine Korrektur nutzt 32 Beispiele." in found.values()
        assert tr("{rate}", rate=shown(ROWS["training.learning_rate"], 0.5)) == "0,5"


@pytest.mark.parametrize(
    ("section", "values", "path", "english", "german"),
    [
        (
            "training",
            {"bf16": True, "fp16": True},
            "training.fp16",
            "Choose one kind of 16 bits: bf16 or fp16.",
            "Wählen Sie eine Art von 16 Bit: bf16 oder fp16.",
        ),
        (
            "adapter",
            {"target_modules": "query, <b>"},
            "adapter.target_modules",
            "<b> is no name of a layer: write such as query, value with commas between them.",
            "<b> ist kein Name einer Schicht: Geben Sie Namen wie query, value an, mit Kommas dazwischen.",
        ),
    ],
)
def test_what_a_setting_has_to_say_for_itself_is_told(
    section: str, values: dict[str, Any], path: str, english: str, german: str
) -> None:
    wrong = {**config("any").model_dump(mode="json"), section: values}
    assert forms.problems(wrong)[path] == english
    with speaking(LANGUAGES["de"]):
        assert forms.problems(wrong)[path] == german


def test_changes_of_a_table_are_told_with_its_columns_and_values_as_they_are() -> None:
    steps: list[Step] = [
        DropRows(rows=(3, 4), file="test"),
        RenameValues(column="Runs", values={"god": "good", "<b>": "Runs"}),
        CleanText(columns=("text", "Epochs"), what=("html", "invisible")),
        MendLabels(column="label", changes={"test": {1: "a"}}, drops={"test": (2, 5)}),
    ]
    assert [step.words for step in steps] == [
        "Takes out 2 rows",
        "In `Runs`: “god” becomes “good”, “<b>” becomes “Runs”",
        "Takes out HTML and invisible characters in `text` and `Epochs`",
        "Mends 1 label and takes out 2 rows",
    ]
    assert [in_german(step.words) for step in steps] == [
        "Entfernt 2 Zeilen",
        "In `Runs`: „god“ wird „good“, „<b>“ wird „Runs“",
        "Entfernt HTML und unsichtbare Zeichen in `text` und `Epochs`",
        "Berichtigt 1 Label und entfernt 2 Zeilen",
    ]


def test_what_differs_between_two_runs_is_told() -> None:
    found = {one.path: one for one in differences(config("any"), config("any", max_length=64, eval_strategy="steps"))}
    length, check = found[LENGTH], found[STEPS]
    assert (length.label, length.second) == ("Maximum length", "64")
    assert (in_german(length.label), in_german(check.label)) == ("Höchstlänge", "Fortschritt prüfen")
    assert (check.second, in_german(check.second)) == ("every few steps", "alle paar Schritte")
