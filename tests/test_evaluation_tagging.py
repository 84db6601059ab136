"""What goes wrong when words are tagged, counted by hand, and told in words that are true of it."""

from __future__ import annotations

from typing import Any

import pytest

from core.evaluation import tagging
from core.evaluation.entities import WORDS
from core.evaluation.tagging_report import tagging_sections, tagging_verdict


def tags(*sentences: str) -> list[list[str]]:
    return [sentence.split() for sentence in sentences]


@pytest.mark.parametrize(
    ("true", "given", "kinds", "pairs"),
    [
        ("B-X I-X O", "B-X I-X O", {"right": 1}, []),
        ("B-X I-X O", "B-Y I-Y O", {"type": 1}, [("X", "Y")]),
        ("B-X I-X O", "B-X O O", {"ends": 1}, []),
        ("B-X I-X O", "B-X I-X I-X", {"ends": 1}, []),
        ("B-X I-X O", "B-X B-X O", {"ends": 1}, []),
        ("B-X I-X O", "O B-Y I-Y", {"both": 1}, [("X", "Y")]),
        ("B-X I-X O", "O O O", {"missed": 1}, []),
        ("B-X I-X O", "O O B-X", {"missed": 1, "invented": 1}, []),
        ("B-X B-X O", "B-X I-X O", {"ends": 2}, []),
        ("O O", "I-X O", {"invented": 1}, []),
    ],
)
def test_kinds_of_mistakes(true: str, given: str, kinds: dict[str, int], pairs: list[tuple[str, str]]) -> None:
    found = tagging.judge(tags(given), tags(true), plain=False)
    assert found["errors"] == {kind: kinds.get(kind, 0) for kind in tagging.KINDS}
    assert [(pair["truth"], pair["answer"]) for pair in found["confusions"]] == pairs


def test_plain_tags_are_mixed_up_word_by_word() -> None:
    found = tagging.judge(tags("N N V", "V V"), tags("N V V", "N V"), plain=True)
    assert found["errors"] is None
    assert found["confusions"] == [
        {"truth": "N", "answer": "V", "count": 1},
        {"truth": "V", "answer": "N", "count": 1},
    ]
    assert found["token_accuracy"] == pytest.approx(3 / 5)


TOKENS = tags("Rome is old", "I like Rome", "Paris is new", "Nice is nice")
TRUE = tags("B-X O O", "O O B-X", "B-X O O", "B-X O O")
TRAIN = (tags("Rome and rome", "Rome or nice"), tags("B-X O B-X", "O O O"))


def test_simple_ways_to_tag() -> None:
    found = tagging.baselines(TRAIN, TOKENS, TRUE, TRUE, plain=False)
    never, known = found["always_one_tag"], found["known_words"]
    assert never["title"] == "Never marks anything" and never["f1_micro"] == 0
    assert known["precision_micro"] == 1 and known["recall_micro"] == pytest.approx(2 / 4), "Paris was not there"
    assert all(line["help"] and line["comparison"]["clearly"] in ("", "better") for line in found.values())


def test_without_an_outside_the_most_frequent_tag_is_answered() -> None:
    found = tagging.baselines((tags("a b c"), tags("N N V")), tags("a x"), tags("N V"), tags("N V"), plain=True)
    assert found["always_one_tag"]["title"] == "Always N"
    assert found["always_one_tag"]["token_accuracy"] == pytest.approx(1 / 2)


def test_mistakes_are_shown_with_what_differs_surest_first() -> None:
    examples = {"text": [" ".join(one) for one in TOKENS], "tokens": TOKENS, "tags": TRUE, "row": [3, 4, 7, 9]}
    given = tags("B-X I-X O", "O O B-X", "B-Y O O", "O O O")
    chances = [[0.9, 0.5, 0.9], [0.9, 0.9, 0.9], [0.8, 0.9, 0.9], [0.4, 0.9, 0.9]]
    found = tagging.mistakes(given, chances, examples, plain=False)
    assert [(one["row"], one["truth"], one["answer"]) for one in found] == [
        (7, "Paris: X", "Paris: Y"),
        (3, "Rome: X", "Rome is: X"),
        (9, "Nice: X", "nothing"),
    ]
    assert found[0]["probability"] == pytest.approx(0.8)


def report(given: list[list[str]], true: list[list[str]], plain: bool = False, **more: Any) -> dict[str, Any]:
    tokens = [[str(place) for place, _ in enumerate(one)] for one in true]
    return {
        "metrics": {"test": tagging.judge(given, true, plain)},
        "baselines": tagging.baselines((tokens, true), tokens, true, given, plain),
        "mistakes": [],
        **more,
    }


def test_report_has_every_block() -> None:
    given, true = tags(*["B-X I-X O O"] * 20), tags(*["B-X I-X O B-Y"] * 20)
    wrong = {"text": "a", "truth": "b", "answer": "c", "probability": 0.5, "row": 1}
    blocks = tagging_sections(report(given, true, mistakes=[wrong]), WORDS)
    wrong_by_type = "What went wrong, type by type"
    titles = ["Scores", "Type by type", "What went wrong", wrong_by_type, "Mistakes in their texts"]
    assert [block.title for block in blocks] == titles
    assert blocks[3].content["rows"] == [["Y", 0, 0, 0, 0, 20, 0], ["X", 20, 0, 0, 0, 0, 0]]
    assert [column["label"] for column in blocks[0].content["columns"]] == [
        "This model",
        "Never marks anything",
        "List of known words",
    ]
    assert ["Missed", 20, 0.5, "Nothing was marked there."] in blocks[2].content["rows"]
    assert tagging_sections({}, WORDS) == []
    plain = tagging_sections(report(tags("N V"), tags("N N"), plain=True), WORDS)
    assert [block.title for block in plain] == ["Scores", "Tag by tag", "Most frequent mix-ups"]


def test_verdict_is_true_of_a_middling_model() -> None:
    given, true = tags(*["B-X I-X O O"] * 40), tags(*["B-X I-X O B-Y"] * 40)
    said = tagging_verdict(report(given, true))
    assert "In 40 texts kept aside, the model found 50 % of the 80 things to find" in said
    assert "100 % of what it marked was right" in said and "It found none of `Y`." in said
    assert "In most of its mistakes (40 of 40), nothing was marked where something was to be found." in said


def test_verdict_is_true_of_a_model_that_learned_nothing() -> None:
    said = tagging_verdict(report(tags("O O O"), tags("B-X O O")))
    assert "In 1 text kept aside, the model found 0 % of the 1 things" in said or "0 % of the only thing" in said
    assert "It found none of them, so it has not learned to mark anything yet." in said
    assert "One text cannot tell how good it really is" in said
    assert "nothing to find" in tagging_verdict(report(tags("O O"), tags("O O")))
    assert tagging_verdict({}).startswith("There were no texts")


def test_verdict_on_parts_of_speech_and_on_the_validation_part() -> None:
    said = tagging_verdict(report(tags(*["N V"] * 40), tags(*["N N"] * 40), plain=True))
    assert "50 % of the 80 words got the right tag" in said
    only = {"metrics": {"validation": tagging.judge(tags("B-X"), tags("B-X"), plain=False)}}
    assert "of the validation part" in tagging_verdict(only) and "Nothing was kept aside" in tagging_verdict(only)
