"""Sentences of the core: English for everybody, in the reader's language on a page, and never anything of the data."""

from __future__ import annotations

import copy
import json
import pickle
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core import events, live, runs
from core.errors import StudioError
from core.evaluation.verdicts import classification_verdict
from core.judging import advising, judging
from core.said import Figures, Said, in_a_row, packed, restored, said, said_many, together
from core.tasks import TASKS
from tests.test_evaluation_verdicts import TRUTH, report, with_mistakes
from ui.languages import LANGUAGES, speaking, told, told_all

HARMFUL = "<b>{rows}</b> `und` Runs"


def in_german(words: str) -> str:
    with speaking(LANGUAGES["de"]):
        return told(words)


def verdict() -> str:
    return classification_verdict(report(TRUTH, with_mistakes(TRUTH, 8, 0), with_mistakes(TRUTH, 12, 1)))


def test_a_verdict_is_told_in_each_language() -> None:
    words = verdict()
    assert words.startswith("On 200 examples kept aside, the model was right 96 % of the time")
    assert in_german(words) == (
        "Bei 200 Beispielen aus den Testdaten lag das Modell in 96\u00a0% der Fälle richtig (die wahre Quote liegt "
        "höchstwahrscheinlich zwischen 92\u00a0% und 98\u00a0%). Das ist klar besser als immer `ham` zu antworten "
        "(50\u00a0%), aber nicht erkennbar anders als ein einfaches Modell, das Wörter zählt (94\u00a0%)."
    )
    with speaking(LANGUAGES["zh"]):
        assert "96%" in told(words) and ". " not in told(words)


def test_a_report_s_blocks_are_told_and_its_data_is_not() -> None:
    found = report(TRUTH, with_mistakes(TRUTH, 8, 0), with_mistakes(TRUTH, 12, 1))
    with speaking(LANGUAGES["de"]):
        scores, by_class, matrix, *_ = told_all([asdict(one) for one in TASKS["text-classification"].sections(found)])
    assert scores["title"] == "Ergebnisse" and scores["help"].startswith("Mit 200 Testbeispielen.")
    assert scores["content"]["columns"][0]["label"] == "Dieses Modell"
    assert [column["label"] for column in by_class["content"]["columns"]][:2] == ["Klasse", "Präzision"]
    assert [row[0] for row in by_class["content"]["rows"]] == matrix["content"]["labels"] == ["ham", "spam"]


def test_numbers_are_written_as_the_language_writes_them() -> None:
    losses = [{"eval_loss": 0.5, "step": 1, "epoch": 1.0}, {"eval_loss": 0.25, "step": 2, "epoch": 2.0}]
    from core.judging.advising_training import of_length

    item = of_length(losses, "accuracy", True, True)
    assert item and "(0.5 to 0.25 between" in item["words"] and "(0,5 auf 0,25 zwischen" in in_german(item["words"])
    big = advising.of_classes(
        {"per_class": {"a": {"recall": 0.0, "support": 50}, "b": {"recall": 1.0, "support": 1950}}},
        {"a": 60, "b": 12000},
    )
    words = next(big)["words"]
    assert "12,000 or more" in words and "mindestens 12.000" in in_german(words)


def test_a_sentence_survives_json_copies_and_processes(tmp_path: Path) -> None:
    words = verdict()
    for again in (copy.deepcopy(words), pickle.loads(pickle.dumps(words))):
        assert again == words and in_german(again) == in_german(words)
    run = tmp_path / "runs" / "a"
    run.mkdir(parents=True)
    judging.write(run / "report.json", {"verdict": words, "advice": {"items": [advising.again(said("not known"))]}})
    stored = json.loads((run / "report.json").read_text("utf-8"))
    assert stored["verdict"] == str(words) and stored["said"][0][0] == ["verdict"]
    found = runs.Run(run).report
    assert found is not None and "said" not in found
    assert in_german(found["verdict"]) == in_german(words)
    assert in_german(found["advice"]["items"][0]["words"]) == "nicht bekannt"
    with speaking(LANGUAGES["de"]):
        assert told_all(found)["advice"]["items"][0]["label"] == "Neuen Lauf einrichten"


def test_events_keep_it_and_the_live_page_tells_it(tmp_path: Path) -> None:
    words = verdict()
    line = events.encode(events.Judged(metrics={}, verdict=words))
    event = events.decode(line)
    assert isinstance(event, events.Judged) and event.verdict == words
    assert in_german(event.verdict) == in_german(words)
    (tmp_path / "events.jsonl").write_text(line, encoding="utf-8")
    tick = live.tick(runs.Run(tmp_path))
    (told_event,) = tick["events"]
    assert "said" not in told_event and in_german(told_event["verdict"]).startswith("Bei 200 Beispielen")


@pytest.mark.parametrize(
    "memory",
    [
        None,
        "x",
        {"a": 1},
        [["verdict"]],
        [[["verdict"], [["text"]]]],
        [[["verdict"], [["text", {"a": {"b": 1}}]]]],
        [[["verdict", "deeper"], [["text", {}]]]],
        [[["nobody", 7, "there"], [["text", {}]]]],
        [[["rows", 9], [["text", {}]]]],
        [[["rows", 0], [["text", {}]]]],
    ],
)
def test_old_and_damaged_records_stay_english(memory: Any) -> None:
    record = restored({"verdict": "Good.", "rows": [3], "said": memory})
    assert record == {"verdict": "Good.", "rows": [3]} and in_german(record["verdict"]) == "Good."


def test_what_fills_a_gap_is_never_translated_and_never_filled_again() -> None:
    told_off = said("always answering `{label}`", label=HARMFUL)
    assert told_off == f"always answering `{HARMFUL}`"
    assert in_german(told_off) == f"immer `{HARMFUL}` zu antworten"
    assert in_german(said("always answering `{label}`", label="Runs")) == "immer `Runs` zu antworten"
    assert in_german("Runs") == "Runs"


def test_a_paragraph_is_in_one_language() -> None:
    words = together(said("not known"), said("Never said by {whom} so.", whom="anybody"))
    assert in_german(words) == words == "not known Never said by anybody so."
    assert in_german(together(said("not known"), "Words of somebody else.")) == "not known Words of somebody else."


def test_pieces_are_put_together_and_counted() -> None:
    assert in_a_row("`a`", "`b`", said("{count} more", count=1200)) == "`a`, `b` and 1,200 more"
    assert in_german(in_a_row("`a`", "`b`", said("{count} more", count=1200))) == "`a`, `b` und 1.200 weitere"
    copies = [said_many(number, "{count} copy", "{count} copies") for number in (1, 2)]
    assert copies == ["1 copy", "2 copies"] and [*map(in_german, copies)] == ["1 Kopie", "2 Kopien"]
    number = said("{number} epochs", number=Figures("2.5"))
    assert (number, in_german(number)) == ("2.5 epochs", "2,5 Epochen")
    assert np.int64(7) == said("{count} more", count=np.int64(7)).parts[0][1]["count"]


def test_secrets_in_it_are_hidden_in_every_language() -> None:
    error = StudioError(said("always answering `{label}`", label="hf_" + "a" * 30))
    assert error.title == "always answering `[hidden]`" == in_german(error.title)
    kept = StudioError(said("not known"))
    assert isinstance(kept.title, Said) and in_german(kept.title) == "nicht bekannt"


def test_nothing_is_added_where_nothing_was_said() -> None:
    record = {"kind": "stepped", "loss": 0.5}
    assert packed(record) is record
