"""A model that learned nothing is said to have, whatever it answers with; one that learned something never is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from core.evaluation import multilabel, multilabel_report, regression, regression_report, squad, squad_report, verdicts
from core.evaluation.regression_baselines import WORDS as NUMBERS
from core.evaluation.squad_baselines import squad_baselines

NO_SIGN = "There is no sign that it has learned anything"


def said_of(report: Any, found: dict[str, Any], others: dict[str, Any]) -> str:
    return str(report.verdict({"metrics": {"test": found}, "baselines": others}))


@pytest.mark.parametrize("has_learned", [False, True])
def test_of_several_labels(has_learned: bool) -> None:
    random = np.random.default_rng(1)
    truth = random.random((200, 4)) < (0.6, 0.3, 0.2, 0.1)
    chances = np.clip(random.random((200, 4)) * 0.6 + 0.4 * (truth if has_learned else 0.5), 0, 1)
    common = np.tile([0.6, 0.3, 0.2, 0.1], (200, 1))
    found, other = (multilabel.judge(one, truth, list("abcd"), line) for one, line in ((chances, 0.5), (common, 0.3)))
    other["comparison"] = multilabel.paired(chances >= 0.5, common >= 0.3, truth)
    assert (NO_SIGN in said_of(multilabel_report, found, {"common_labels": other})) is not has_learned


@pytest.mark.parametrize(("noise", "shift", "says_so"), [(9.0, 0.0, True), (0.2, 0.0, False), (0.2, 5.0, False)])
def test_of_numbers(noise: float, shift: float, says_so: bool) -> None:
    random = np.random.default_rng(0)
    truth = random.normal(size=200)
    given = (0 if noise > 1 else truth) + noise * random.normal(size=200) + shift
    mean = np.zeros(200)
    found = regression.judge(given, truth) | {"low": -3.0, "high": 3.0, "answered": 1.0}
    other = regression.judge(mean, truth) | {"comparison": regression.paired(given, mean, truth)}
    assert (NO_SIGN in said_of(regression_report, found, {NUMBERS[0].name: other})) is says_so


@pytest.mark.parametrize("has_learned", [False, True])
def test_of_answers_in_texts(has_learned: bool) -> None:
    contexts = [f"the film {n} was made in town{n % 7} by anna{n % 5}" for n in range(60)]
    golds = [[f"anna{n % 5}"] for n in range(60)]
    rows = pa.table({"question": ["who made it?"] * 60, "context": contexts, "answers": golds})
    given = [gold[0] if has_learned else "was made in" for gold in golds]
    found, others = squad.judge(given, golds), squad_baselines(rows, rows, given, with_silence=False)
    found |= {"silent": 0, "unanswerable": 0}
    assert (NO_SIGN in said_of(squad_report, found, others)) is not has_learned


@pytest.mark.parametrize(("rows", "words"), [(1, "One text cannot"), (20, "So few texts (20) cannot"), (30, "")])
def test_few_rows_cannot_tell(rows: int, words: str) -> None:
    assert verdicts.reach(rows, True, "texts") == (f"{words} tell how good it really is." if words else "")
    assert "also chose the best version of the model, so beware." in verdicts.reach(rows, False, limits=", so beware")
