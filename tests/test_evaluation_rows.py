"""What is kept of each judged row: the same sums as the named libraries', and words that people read."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from core.evaluation import groups, residuals, squad_groups, surprise, tagging, tagging_view, writing_groups
from core.evaluation.rows import guessed, numbers, pointed, tags, written
from core.models.causal import TokenScores


def words(*sentences: str) -> list[list[str]]:
    return [sentence.split() for sentence in sentences]


class TestTags:
    tokens = words("From New York to Rome", "Rome on Monday", "no town here")
    true = words("O B-CITY I-CITY O B-CITY", "B-CITY O B-DAY", "O O O")
    said = words("O B-CITY O O B-DAY", "B-CITY O B-DAY", "O B-CITY O")

    def columns(self) -> dict[str, list[Any]]:
        chances = [np.full(len(one), 0.75) for one in self.tokens]
        return pa.table(tags.columns(self.said, chances, self.tokens, self.true, False)).to_pydict()

    def test_a_row_says_what_was_marked_and_what_went_wrong(self) -> None:
        found = self.columns()
        assert found["truth"] == ["New York (CITY), Rome (CITY)", "Rome (CITY), Monday (DAY)", tags.NOTHING]
        assert found["answer"][0] == "New (CITY), Rome (DAY)"
        assert found["mix_ups"] == [tags.mix_up("CITY", "DAY"), "", ""]
        assert found["error"] == [2, 0, 1] and found["probability"] == [0.75] * 3
        assert (found["entities_ends"], found["entities_type"]) == ([1, 0, 0], [1, 0, 0])
        assert (found["entities_right"], found["entities_invented"]) == ([0, 2, 0], [0, 0, 1])

    def test_seqeval_finds_the_same_in_the_kept_rows(self) -> None:
        from seqeval.metrics import f1_score, recall_score

        found, judged = self.columns(), tagging.judge(self.said, self.true, False)
        assert f1_score(self.true, found["answer_tags"]) == pytest.approx(judged["f1_micro"])
        whole = sum(sum(found[f"entities_{kind}"]) for kind in tagging.KINDS if kind != "invented")
        assert recall_score(self.true, found["answer_tags"]) == pytest.approx(sum(found["entities_right"]) / whole)
        by_type = judged["errors_by_type"]
        assert {kind: sum(counts[kind] for counts in by_type.values()) for kind in tagging.KINDS} == judged["errors"]

    def test_plain_tags_count_word_by_word(self) -> None:
        found = pa.table(tags.columns(words("N V"), [np.ones(2)], words("we go"), words("N N"), True)).to_pydict()
        assert (found["truth"], found["error"], found["mix_ups"]) == (["we (N), go (N)"], [0.5], ["(N → V)"])

    def test_places_in_a_text_are_those_of_its_letters(self) -> None:
        far = "so " * 500
        examples = {
            "text": ["From New York to Rome", f"{far}Rome on Monday {far}", "no town here"],
            "tokens": [self.tokens[0], [*far.split(), *self.tokens[1], *far.split()], self.tokens[2]],
            "tags": [self.true[0], ["O"] * 500 + self.true[1] + ["O"] * 500, self.true[2]],
            "row": [4, 5, 6],
        }
        said = [self.said[0], ["O"] * 1003, self.said[2]]
        chances = [np.full(len(one), 0.5) for one in said]
        found = {one["row"]: one for one in tagging_view.view(said, chances, examples, False)}
        assert list(found) == [4, 5, 6]
        marked = {
            row: [(one["text"][start:end], kind) for start, end, kind in one[side]]
            for row, one in found.items()
            for side in ("truth",)
        }
        assert marked == {4: [("New York", "CITY"), ("Rome", "CITY")], 5: [("Rome", "CITY"), ("Monday", "DAY")], 6: []}
        assert len(found[5]["text"]) == 1002 and found[5]["text"].startswith("…so ")
        assert found[6]["answer"] == [[3, 7, "CITY"]]


class TestPointed:
    def test_each_row_has_its_own_f1_and_what_it_asks(self) -> None:
        asked = ["Who came?", "To whom?", "Wann war das?", "Wann kam er?", "Wann?", "Name it", ""]
        golds = [["Nora"], ["the old man", "a man"], ["1987"], [], ["x y"], ["q"], ["r"]]
        table = pa.table({"question": asked, "context": ["one two three"] * 7, "answers": golds})
        said = ["Nora", "man", "", "", "x", "z", "r"]
        records = [{"answer": answer, "score": 0.5, "start": 0, "end": len(answer)} for answer in said]
        found = pa.table(pointed.columns(records, table)).to_pydict()
        assert found["asks"] == ["who", "who", "wann", "wann", "wann", pointed.OTHER, pointed.OTHER]
        assert found["error"] == pytest.approx([0, 0, 1, 0, 1 / 3, 1, 0])
        assert found["truth"][1] == "the old man | a man" and found["truth"][3] == pointed.NOTHING
        assert (found["answer_words"], found["context_words"]) == ([1, 2, 1, 0, 2, 1, 1], [3] * 7)
        kinds = squad_groups.kinds(said, asked, golds)
        assert [(one["name"], one["rows"]) for one in kinds] == [("wann", 3), ("who", 2), (pointed.OTHER, 2)]
        assert kinds[0]["value"] == pytest.approx((0 + 1 + 2 / 3) / 3) and kinds[0]["low"] is None
        silent, spoken = squad_groups.silence(said, golds)[::-1]
        assert (silent["value"], spoken["value"]) == (1, pytest.approx(5 / 6))


class TestNumbers:
    def test_residuals_and_ranges_are_scikit_learns(self) -> None:
        from sklearn.metrics import mean_absolute_error

        random = np.random.default_rng(1)
        truth = random.uniform(0, 10, 300)
        given = truth + random.normal(0.5, 1, 300)
        kept = pa.table(numbers.kept(given, pa.table({"score": truth}), None, None))
        off, residual = (kept.column(name).to_numpy() for name in ("error", "residual"))
        assert mean_absolute_error(truth, given) == pytest.approx(off.mean())
        for line in residuals.ranges(given, truth):
            (_, _, low), (_, _, high) = line["where"]
            inside = (truth >= low) & (truth <= high)
            assert line["rows"] == inside.sum() and line["mae"] == pytest.approx(off[inside].mean())
            assert line["bias"] == pytest.approx(residual[inside].mean())
            assert line["intervals"]["mae"][0] <= line["mae"] <= line["intervals"]["mae"][1]
        along = residuals.along(given, truth)
        assert sum(one["rows"] for one in along) == 300 and len(along) == residuals.BINS
        spread = residuals.spread(given, truth)
        assert spread and np.histogram(residual, spread["edges"])[0].tolist() == spread["counts"]
        leaning = [block for block in residuals.blocks(_judged(given, truth), "test") if block]
        assert [block.kind for block in leaning] == ["slices", "curves", "curves"]
        assert "too high." in leaning[-1].help and residuals.along(given[:30], truth[:30]) == []


def _judged(given: Any, truth: Any) -> dict[str, Any]:
    from core.data.types import Target
    from core.evaluation.regression_report import judge

    return judge(given, truth, Target(mean=5.0, spread=2.0, low=0.0, high=10.0))


class TestWritten:
    def test_rows_have_sacrebleus_chrf_and_their_oddities(self) -> None:
        from sacrebleu.metrics import CHRF

        texts = ["He goes home.", "", "go go go go go go go", "he go home", None]
        targets, sources = ["He goes home."] * 5, ["he go home"] * 5
        outputs = [SimpleNamespace(text=text, nll=3.0, tokens=4) for text in texts]
        found = pa.table(written.columns(outputs, targets, sources)).to_pydict()
        expected = [CHRF().sentence_score(str(text), [targets[0]]).score for text in texts[:4]]
        assert found["chrf"][:4] == pytest.approx(expected) and found["error"][4] is None
        assert found["error"][:4] == pytest.approx([1 - score / 100 for score in expected], abs=1e-9)
        assert (found["exact"], found["error"][0]) == ([1, 0, 0, 0, None], 0)
        assert found["is_empty"] == [False, True, False, False, None]
        assert found["repeats_itself"] == [False, False, True, False, None]
        assert found["copies_source"] == [False, False, False, True, None]
        judged = writing_groups.judge([str(text) for text in texts[:4]], targets[:4], sources[:4])
        assert {name: one["count"] for name, one in judged["oddities"].items() if one["count"]} == {
            "is_empty": 1, "repeats_itself": 1, "copies_source": 1
        }  # fmt: skip

    def test_repetition_is_the_share_of_runs_that_stood_there_before(self) -> None:
        assert written.repetition("a b c d e f") == 0 and written.repetition("a b c") == 0
        assert written.repetition("a b a b a b a b") == pytest.approx(1 - 2 / 5)
        assert written.repetition("." * 40) > 0.9 and written.repetition("我想我想我想我想") > 0.5


def piece(losses: list[float], wanted: list[int], said: list[int], start: int = 0) -> TokenScores:
    right = int((np.array(wanted) == np.array(said)).sum())
    places = np.arange(start, start + len(losses))
    return TokenScores(
        sum(losses), len(losses), right, right, np.array(said), np.array(wanted), np.array(losses), places
    )


class Letters:
    """As much of a tokenizer as says which letter a token is."""

    def decode(self, ids: list[int], **_: Any) -> str:
        return chr(96 + ids[0])


class TestGuessed:
    def test_rows_add_up_and_tell_what_surprised_most(self) -> None:
        rows = [[piece([1.0, 3.0], [1, 2], [1, 3]), piece([5.0], [4], [5])], []]
        context = SimpleNamespace(tokenizer=Letters())
        found = pa.table(guessed.next_words(rows, None, context, None)).to_pydict()
        assert (found["error"], found["nll"], found["tokens"]) == ([3.0, None], [9.0, 0.0], [3, 0])
        assert (found["truth"], found["answer"]) == (["“d”, “b”", ""], ["“e”, “c”", ""])
        hidden = [[SimpleNamespace(output=one) for one in row] for row in rows]
        named = pa.table(guessed.hidden_words(hidden, None, context, None)).to_pydict()
        assert (named["truth"], named["answer"]) == (["“a”, “b”, “d”", ""], ["“a”, “c”, “e”", ""])

    def test_perplexity_by_place_adds_up_to_that_of_all(self) -> None:
        rows = [[piece([2.0] * 40, [1] * 40, [2] * 40), piece([1.0] * 5, [2] * 5, [2] * 5, 59)] for _ in range(12)]
        first, second = surprise.by_place(rows)
        assert (first["name"], first["tokens"], second["name"], second["tokens"]) == (
            "the first 32", 12 * 32, "33 to 64", 12 * 13
        )  # fmt: skip
        assert first["value"] == pytest.approx(np.exp(2)) and second["value"] == pytest.approx(np.exp((16 + 5) / 13))
        assert second["low"] <= second["value"] <= second["high"]
        in_order = surprise.by_place(rows, in_answers=True)
        assert [one["tokens"] for one in in_order] == [12 * 32, 12 * 13]
        worst, best = surprise.hardest(rows, Letters())
        assert worst == {"token": "“a”", "times": 480, "loss": 2.0, "right": 0.0, "instead": "“b”"}
        assert (best["token"], best["right"], best["instead"]) == ("“b”", 1.0, None)

    def test_of_a_conversation_the_whole_question_counts(self) -> None:
        turns = [{"role": "system", "content": "be brief"}, {"role": "user", "content": "is it open"}]
        assert guessed.question_words(pa.table({"messages": [json.dumps(turns)]})) == [5]


class TestGroups:
    def test_sizes_are_parted_at_round_ends_and_their_conditions_say_the_same(self) -> None:
        sizes = np.random.default_rng(2).integers(1, 400, 500)
        found = groups.by_size(sizes, "words")
        assert np.sum([group.chosen for group in found], axis=0).tolist() == [1] * 500, "each row in one group"
        assert 3 <= len(found) <= groups.SIZES and found[-1].name.startswith("over ")
        for group in found:
            ends = dict((operation, value) for _, operation, value in group.where or ())
            assert (group.chosen == ((sizes > ends[">"]) & (sizes <= ends.get("<=", 10**9)))).all()
        assert groups.by_size(sizes[:30], "words") == [], "too few to tell apart"
        assert [group.name for group in groups.by_size([1] * 30 + [2] * 30, "n")] == ["1 word", "over 1 word"]

    def test_many_rows_have_the_range_that_drawing_them_gives(self) -> None:
        from core.evaluation import resampling

        random = np.random.default_rng(5)
        below = random.integers(1, 9, 3000).astype(float)
        parts = np.stack([below * random.exponential(2, 3000), below], axis=1)
        drawn = resampling.interval(parts, resampling.mean, resamples=500)
        assert drawn is not None and groups.large(parts) == pytest.approx(drawn, rel=0.01)
        (found,) = groups.ratios([groups.Group("all", np.ones(3000, dtype=bool))], *parts.T)
        assert (found["low"], found["high"]) == groups.large(parts)

    def test_a_small_group_has_no_range_and_one_without_spread_wilsons(self) -> None:
        from core.evaluation.intervals import wilson

        values = np.array([1.0] * 20 + [0.0] * 3)
        large, small = groups.means(groups.by_value(["a"] * 20 + ["b"] * 3, "kind"), values, shares=True)
        assert (large["low"], large["high"]) == wilson(20, 20) and large["where"] == [["kind", "==", "a"]]
        assert (small["value"], small["low"], small["high"]) == (0.0, None, None)
        block = groups.section("T", "H.", [large, small], ("Kind", "Rows", "Mean"), "percent")
        assert block and block.content["low"] == [large["low"], None] and "too few to tell" in block.help
        assert groups.section("T", "H.", [large], ("Kind", "Rows", "Mean"), "percent") is None
