"""ROUGE, BLEU and chrF are those of rouge-score and sacreBLEU on the same texts."""

from __future__ import annotations

import json
import random
import re

import numpy as np
import pytest
import sacrebleu
from rouge_score.rouge_scorer import RougeScorer

from core.evaluation import text_generation

ENGLISH = re.findall(
    r"\S+", "the cat sat on a mat and Looked, at the dog; don't go there 1,000 times (please) . It's very late ! …"
)
CHINESE = list("这部电影很好看我很喜欢它的音乐和画面。，")
RUSSIAN = re.findall(r"\S+", "кошка сидит на окне, и смотрит вниз; собака не спит . Очень поздно !")


def texts(words: list[str], count: int, joined: str = " ", seed: int = 0) -> tuple[list[str], list[str]]:
    """(predictions, references) that share most of their words; some are empty."""
    chance = random.Random(seed)
    wanted = [joined.join(chance.choices(words, k=chance.randint(0, 15))) for _ in range(count)]
    given = [
        joined.join(word for word in (text.split() if joined else text) if chance.random() < 0.8) for text in wanted
    ]
    return given, wanted


@pytest.mark.parametrize("seed", range(5))
def test_the_numbers_are_those_of_the_libraries(seed: int) -> None:
    given, wanted = texts(ENGLISH, 40, seed=seed)
    found = text_generation.live_metrics(given, wanted)
    assert set(found) == {word.name for word in text_generation.WORDS}
    assert found["bleu"] == pytest.approx(sacrebleu.corpus_bleu(given, [wanted]).score)
    assert found["chrf"] == pytest.approx(sacrebleu.corpus_chrf(given, [wanted]).score)
    scorer = RougeScorer(["rouge1", "rouge2", "rougeL"])
    rows = [scorer.score(one, other) for one, other in zip(wanted, given, strict=True)]
    for name in ("rouge1", "rouge2", "rougeL"):
        assert found[name] == pytest.approx(np.mean([row[name].fmeasure for row in rows]))
    assert found["exact_match"] == np.mean([one == other for one, other in zip(given, wanted, strict=True)])


@pytest.mark.parametrize(("words", "joined"), [(ENGLISH, " "), (RUSSIAN, " "), (CHINESE, "")])
def test_the_chrf_of_a_row_is_that_of_sacrebleu(words: list[str], joined: str) -> None:
    given, wanted = texts(words, 30, joined)
    expected = [sacrebleu.sentence_chrf(one, [other]).score for one, other in zip(given, wanted, strict=True)]
    assert text_generation.row_chrf(given, wanted) == pytest.approx(expected)
    assert text_generation.live_metrics(given, wanted)["chrf"] == pytest.approx(
        sacrebleu.corpus_chrf(given, [wanted]).score
    )


class TestOtherScripts:
    @pytest.mark.parametrize(
        ("references", "tokenization"),
        [
            (["The cat sat."], "latin"),
            (["Où est l'école où tu as été ?"], "latin"),
            (["Это очень хороший фильм.", "OK"], "words"),
            (["เมื่อวานฉันไปตลาด", "ดี"], "characters"),
            (["어제 나는 시장에 갔다.", "कल मैं बाज़ार गया था।"], "words"),
            (["这部电影很好看，我很喜欢它的音乐和画面。"], "characters"),
            (["彼は昨日、東京の大きな図書館で本を読みました。"], "characters"),
            (["", "123"], "latin"),
        ],
    )
    def test_texts_tell_how_they_are_read(self, references: list[str], tokenization: str) -> None:
        assert text_generation.tokenization_of(references) == tokenization
        assert text_generation.judge(references, references)["tokenization"] == tokenization

    def test_words_in_other_letters_count(self) -> None:
        found = text_generation.live_metrics(["Очень хороший фильм"], ["«Очень плохой фильм!»"])
        assert found["rouge1"] == pytest.approx(2 / 3) and found["rouge2"] == 0

    def test_characters_count_where_nothing_sets_words_apart(self) -> None:
        given, wanted = texts(CHINESE, 30, "")
        found = text_generation.live_metrics(given, wanted)
        assert found["bleu"] == pytest.approx(sacrebleu.corpus_bleu(given, [wanted], tokenize="char").score)
        assert text_generation.live_metrics(["很好看的电影。"], ["很好看的书"])["rouge1"] == pytest.approx(8 / 11)


class TestIntervals:
    def test_they_agree_with_drawing_rows(self) -> None:
        given, wanted = texts(ENGLISH, 120)
        chance = np.random.default_rng(0)
        drawn = [chance.integers(0, 120, 120).tolist() for _ in range(150)]
        found = text_generation.judge(given, wanted)["intervals"]
        for name, function in (("bleu", sacrebleu.corpus_bleu), ("chrf", sacrebleu.corpus_chrf)):
            scores = [function([given[row] for row in rows], [[wanted[row] for row in rows]]).score for rows in drawn]
            assert found[name] == pytest.approx(np.quantile(scores, [0.025, 0.975]), abs=1.0)

    def test_each_holds_its_score(self) -> None:
        given, wanted = texts(ENGLISH, 60)
        found = text_generation.judge(given, wanted)
        for word in text_generation.WORDS:
            low, high = found["intervals"][word.name]
            assert low < found[word.name] < high
        json.dumps(found, allow_nan=False)


def test_empty_answers_and_no_rows_are_no_crash() -> None:
    found = text_generation.judge(["", ""], ["a cat", ""])
    assert (found["bleu"], found["chrf"], found["rouge1"], found["exact_match"]) == (0, 0, 0, 0.5)
    assert text_generation.judge([], []) == {"rows": 0, "intervals": {}}
    assert text_generation.live_metrics([], []) == {}


def test_another_answerer_is_compared_row_by_row() -> None:
    given, wanted = texts(ENGLISH, 80)
    worse = [text[: len(text) // 2] for text in given]
    found = text_generation.paired(given, worse, wanted)
    assert found["clearly"] == "better" and found["difference"] > 10
    assert text_generation.paired(given, given, wanted)["clearly"] == ""


def test_the_worst_come_first_and_exact_matches_never() -> None:
    wanted = ["a black cat", "a white dog", "the end", "hello"]
    found = text_generation.worst(["a black cat ", "a white dog!", "xx", "help"], wanted)
    assert [record["place"] for record in found] == [2, 3, 1]
    assert found[0]["chrf"] == 0 and found[2]["chrf"] > 80


def test_the_libraries_ask_nothing_of_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr("socket.socket.connect", refused)
    monkeypatch.setattr("nltk.download", refused)
    assert text_generation.live_metrics(["a cat"], ["a cat"])["rougeL"] == 1
