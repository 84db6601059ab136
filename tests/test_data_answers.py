"""Answers in every form people bring, and where they stand in their texts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from core.data import answer_findings
from core.data.answers import Asked, gather, is_true, locate, read
from core.data.types import Finding

CONTEXT = "Ada met Bo in Rome. Later Bo met Cy in Röme, 1987."


class TestForms:
    @pytest.mark.parametrize(
        "value",
        [
            {"text": ["Rome"], "answer_start": [14]},
            {"text": "Rome", "answer_start": 14},
            {"text": ["Rome"], "answer_start": ["14"]},
            [{"text": "Rome", "answer_start": 14}],
            '{"text": ["Rome"], "answer_start": [14]}',
            "{'text': ['Rome'], 'answer_start': [14]}",
            "{'text': array(['Rome'], dtype=object), 'answer_start': array([14], dtype=int32)}",
            '[{"text": "Rome", "answer_start": 14}]',
        ],
    )
    def test_records_as_squad_has_them(self, value: Any) -> None:
        assert read(value) == [("Rome", 14)]

    def test_several_answers(self) -> None:
        assert read({"text": ["Ada", "Bo"], "answer_start": [0, 8]}) == [("Ada", 0), ("Bo", 8)]
        assert read(["Ada", "Bo"]) == read('["Ada", "Bo"]') == [("Ada", None), ("Bo", None)]
        assert read("['Ada' 'Bo']") == [("Ada", None), ("Bo", None)]
        assert read(["Ada", "Bo"], [0, 8]) == [("Ada", 0), ("Bo", 8)]

    def test_flat_columns(self) -> None:
        assert read("Rome") == [("Rome", None)]
        assert read("Rome", "14") == read("Rome", 14) == read("Rome", 14.0) == read(["Rome"], 14) == [("Rome", 14)]
        assert read("Rome", -1) == read("Rome", "") == read("Rome", "here") == [("Rome", None)]
        assert read(1987) == [("1987", None)]
        assert read("[sic] Rome") == [("[sic] Rome", None)]

    @pytest.mark.parametrize(
        "value",
        [
            [],
            [""],
            "[]",
            {"text": [], "answer_start": []},
            {"text": [""], "answer_start": [-1]},
            {"text": None, "is_impossible": True},
            '{"text": [], "answer_start": []}',
        ],
    )
    def test_no_answer(self, value: Any) -> None:
        assert read(value) == []

    @pytest.mark.parametrize("value", [None, "", "  ", float("nan"), {}, {"text": None}])
    def test_nothing_told(self, value: Any) -> None:
        assert read(value) is None

    @pytest.mark.parametrize(
        ("cell", "meant"), [(True, True), ("yes", True), (1, True), ("False", False), (None, False)]
    )
    def test_a_yes(self, cell: Any, meant: bool) -> None:
        assert is_true(cell) is meant


class TestPlaces:
    @pytest.mark.parametrize(
        ("text", "start", "place", "complaint"),
        [
            ("Rome", 14, ("Rome", 14), ""),
            (" Rome", 13, ("Rome", 14), ""),
            ("Rome ", 14, ("Rome", 14), ""),
            ("Rome", 15, ("Rome", 14), "moved"),
            ("Rome", None, ("Rome", 14), ""),
            ("Bo", 26, ("Bo", 26), ""),
            ("Bo", 25, None, "elsewhere"),
            ("Bo", None, ("Bo", 8), "first-of-several"),
            ("rome", 14, None, "not-found"),
            ("Röme", 40, ("Röme", 39), "moved"),
            ("1987", 9999, ("1987", 45), "moved"),
        ],
    )
    def test_each_is_found_or_explained(self, text: str, start: int, place: Any, complaint: str) -> None:
        assert locate(CONTEXT, text, start) == (place, complaint)
        if place:
            assert CONTEXT.startswith(*place)


def asked(*rows: tuple[str, str, Any]) -> Asked:
    questions, contexts, answers = zip(*rows, strict=True)
    nothing = [None] * len(rows)
    return gather(list(questions), list(contexts), list(answers), nothing, nothing)


def codes(found: Asked, longest: int = 30) -> dict[str, Finding]:
    return {finding.code: finding for finding in answer_findings.findings(found, longest)}


class TestRows:
    def test_bad_rows_are_left_out_and_named(self) -> None:
        found = asked(
            ("Where?", CONTEXT, {"text": ["Rome"], "answer_start": [14]}),
            (" ", CONTEXT, "Rome"),
            ("Where?", "", "Rome"),
            ("Where?", CONTEXT, None),
            ("Where?", CONTEXT, {"answer": None}),
            ("Where?", CONTEXT, "Paris"),
            ("Who?", CONTEXT, {"text": ["Bo"], "answer_start": [3]}),
            ("When?", CONTEXT, {"text": ["1987"], "answer_start": [3]}),
            ("Who?", CONTEXT, "Bo"),
            ("Why?", CONTEXT, []),
        )
        assert found.row == [1, 8, 9, 10]
        assert found.answers == [["Rome"], ["1987"], ["Bo"], []]
        assert found.starts == [[14], [45], [8], []]
        named = codes(found)
        assert {code: finding.rows for code, finding in named.items()} == {
            "empty-question": (2,),
            "empty-context": (3,),
            "no-answer-told": (4,),
            "unreadable-answer": (5,),
            "not-found": (6,),
            "elsewhere": (7,),
            "moved": (8,),
            "first-of-several": (9,),
        }
        assert all(finding.meaning and finding.fix and finding.role for finding in named.values())

    def test_one_right_answer_of_several_is_enough(self) -> None:
        found = asked(("Where?", CONTEXT, {"text": ["Paris", "Rome", "Rome"], "answer_start": [0, 14, 14]}))
        assert (found.answers, found.starts, codes(found)) == ([["Rome"]], [[14]], {})

    def test_a_column_may_say_that_there_is_no_answer(self) -> None:
        found = gather(["a?", "b?"], [CONTEXT] * 2, ["", "Rome"], [None] * 2, [True, "False"])
        assert found.answers == [[], ["Rome"]]

    def test_texts_stay_to_the_letter(self) -> None:
        context = "  Two blanks first: Rome \n"
        found = asked((" Where? ", context, "Rome"))
        assert (found.question, found.context) == (["Where?"], [context])
        assert context[found.starts[0][0] :].startswith("Rome")

    def test_repeated_questions(self) -> None:
        found = asked(
            ("Who?", CONTEXT, "Ada"), ("Who?", CONTEXT, "Cy"), ("Who?", CONTEXT, "Ada"), ("Who?", "Ada.", "Ada"),
            ("Why?", CONTEXT, []), ("Why?", CONTEXT, []),
        )  # fmt: skip
        assert codes(found)["contradictions"].rows == (2,)
        assert codes(found)["duplicates"].rows == (3, 6)

    def test_answers_longer_than_the_model_may_give(self) -> None:
        found = asked(("What?", CONTEXT, CONTEXT), ("Where?", CONTEXT, "Rome"))
        assert codes(found, longest=10)["long-answers"].rows == (1,)
        assert "long-answers" not in codes(found, longest=30)

    def test_what_blocks(self) -> None:
        assert answer_findings.blocking(Asked())[0].code == "no-rows"
        assert answer_findings.blocking(asked(("Why?", CONTEXT, [])))[0].code == "no-answers"
        assert answer_findings.blocking(asked(("Who?", CONTEXT, "Ada"))) == []

    def test_the_target_counts_both_kinds(self) -> None:
        both = asked(("Who?", CONTEXT, "Ada"), ("Why?", CONTEXT, []), ("Where?", CONTEXT, "Rome"))
        assert answer_findings.target_of(both).shown == (("with an answer", 2), ("without an answer", 1))
        assert answer_findings.target_of(asked(("Who?", CONTEXT, "Ada"))).labels == ("with an answer",)


def test_a_hundred_thousand_rows_take_seconds() -> None:
    import time

    context = CONTEXT * 20
    rows = [("Who?", context + str(row), {"text": ["Ada"], "answer_start": [0]}) for row in range(100_000)]
    before = time.process_time()
    assert len(asked(*rows).row) == 100_000
    assert time.process_time() - before < 10 and np.isfinite(before)
