"""Groups of rows where a model fails, and rows that are judged later, told to readers of other languages."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from core.judging import advising, slicing, slicing_features
from core.judging.what import What
from core.judging.words import said_of
from core.runs import Run
from core.said import packed, restored, said
from tests.making import run_with, started
from tests.test_said import in_german, verdict
from ui.languages import LANGUAGES, speaking, told


def groups(**columns: Any) -> list[str]:
    """What the groups of rows with these columns are called."""
    rows = len(next(iter(columns.values())))
    truth = pa.chunked_array([["good", "bad"] * (rows // 2)])
    others = {name: pa.chunked_array([values]) for name, values in columns.items()}
    return list(slicing_features.groups_of(["a b", "a b c d"] * (rows // 2), truth, others).words)


def test_groups_are_told_and_their_values_are_not() -> None:
    words = groups(
        when=[f"2024-03-{1 + row % 28:02}" for row in range(120)],
        price=(np.arange(120) / 10 + 1000).tolist(),
        kind=["Runs", None] * 60,
    )
    german = dict(zip(words, map(in_german, words), strict=True))
    assert german["texts of up to 2 words"] == "Texte mit bis zu 2 Wörtern"
    assert german["the right answer is “good”"] == "die richtige Antwort ist „good“"
    assert german["“when” is in March 2024"] == "„when“ liegt im März 2024"
    assert german["“when” is on a Monday"] == "„when“ ist ein Montag"
    assert german["“price” is 1,002 or less"] == "„price“ ist höchstens 1.002"
    assert (german["“kind” is “Runs”"], german["“kind” is empty"]) == ("„kind“ ist „Runs“", "„kind“ ist leer")


def test_pairs_and_the_advice_on_them_are_told_after_json_too() -> None:
    random = np.random.default_rng(1)
    one, other = random.choice(["x", "y"], 600), random.choice(["p", "q"], 600)
    error = (random.random(600) < np.where((one == "x") & (other == "p"), 0.7, 0.05)).astype(float)
    columns = {"one": pa.chunked_array([one.tolist()]), "other": pa.chunked_array([other.tolist()])}
    found, _ = slicing.find(slicing_features.groups_of(["a"] * 600, None, columns), None, error)
    line = {"words": found[0].words, "rows": 1234, "rate": 0.7, "others": 0.05, "opens": [1]}
    item = advising.of_slices({"found": [line], "is_share": True})
    assert item is not None
    assert item["words"] == (
        "Look at these 1,234 examples first: “one” is “x”, and “other” is “p”. 70 % of the answers are wrong there, "
        "5 % elsewhere. Where their labels are right, more training examples of this kind would help most."
    )
    item = restored(json.loads(json.dumps(packed(item))))
    german = in_german(item["words"])
    assert german.startswith("Sehen Sie sich zuerst diese 1.234 Beispiele an: „one“ ist „x“ und „other“ ist „p“. Dort")
    mean = advising.of_slices({"found": [line], "is_share": False})
    assert mean is not None and "The error there is 0.7 on average, 0.05 elsewhere." in mean["words"]
    assert in_german(mean["label"]) == "Anzeigen"


@pytest.fixture
def run() -> Run:
    return run_with(started())


def test_a_verdict_on_other_rows_is_told_of_them(run: Run) -> None:
    words = verdict()
    for what, english, german in (
        (What(part="validation"), "of the validation part, the", "Bei 200 Beispielen aus den Validierungsdaten lag"),
        (What(run=run.id), f"of the test part of “{run.name}”, the", f"aus den Testdaten von „{run.name}“ lag"),
        (What(file="Runs of June.csv"), "of `Runs of June.csv`, the", "200 Beispielen aus `Runs of June.csv` lag"),
    ):
        told_of = said_of(words, what.called)
        assert told_of == words.replace("kept aside, the", english)
        assert german in in_german(told_of)
    assert (What(run=run.id).title, What().title) == (f"the test part of “{run.name}”", "the test part")
    assert in_german(What().title) == "Testdaten"


def test_every_place_of_such_rows_is_told() -> None:
    validation = What(part="validation").called
    assert said_of(said("On {rows} test examples.", rows=5), "`a.csv`") == "On 5 examples of `a.csv`."
    for words in ("Measured on the test part because the configuration asks for it.", "Test examples"):
        now = said_of(said(words), validation)
        assert now == said_of(words, validation) != words
        for code in ("de", "es", "fr", "zh"):
            with speaking(LANGUAGES[code]):
                assert told(now) != now
