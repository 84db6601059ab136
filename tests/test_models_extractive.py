"""Pointing at answers: places in characters and tokens agree, padding changes nothing, the best pair is found."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from core.models import extractive
from core.tasks.base import Piece

CONTEXT = "The soup was cold — “très froide”, said the kind waiter; the film was a quiet delight, 1987. "
LONG = CONTEXT * 6


@pytest.fixture(params=["encoder", "decoder", "seq2seq"])
def tokenizer(request: pytest.FixtureRequest, tiny_model: Any) -> Any:
    """WordPiece, byte-level BPE and Unigram: with and without frames, and with the space before a word or without."""
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(tiny_model(request.param))


def columns(context: str, *answers: str, question: str = "what was cold?") -> dict[str, list[Any]]:
    return {
        "question": [question] * len(answers),
        "context": [context] * len(answers),
        "answers": [[answer] if answer else [] for answer in answers],
        "starts": [[context.rindex(answer)] if answer else [] for answer in answers],
    }


def text_of(found: dict[str, list[Any]], window: int, context: str) -> str:
    """The piece of the text that the labels of a window point at."""
    begin, offsets = found["begin"][window], extractive.ends_of(found["offsets"][window])
    first, last = (place - begin for place in found["labels"][window])
    return context[offsets[first][0] : offsets[last][1]].strip()


@pytest.mark.parametrize("answer", ["The soup", "soup", "très froide", "kind waiter", "1987", CONTEXT.strip()])
def test_labels_point_at_the_answer_to_the_letter(tokenizer: Any, answer: str) -> None:
    found = extractive.encode(columns(CONTEXT, answer), tokenizer, 400, 20)
    assert found["row"] == [0] and found["context"] == [CONTEXT]
    # To a tokenizer that does not know the digits they are one token with the point after them.
    assert text_of(found, 0, CONTEXT).rstrip(".") == answer.rstrip(".")


def test_every_window_knows_whether_it_holds_the_answer(tokenizer: Any) -> None:
    found = extractive.encode(columns(LONG, "The soup", "", "quiet delight"), tokenizer, 60, 20)
    assert found["row"].count(0) == found["row"].count(1) > 3
    for window, row in enumerate(found["row"]):
        offsets, silence = (
            extractive.ends_of(found["offsets"][window]),
            found["answer_mask"][window].index(extractive.SILENCE),
        )
        answer, start = [("The soup", LONG.rindex("The soup")), ("", 0), ("quiet delight", LONG.rindex("quiet"))][row]
        holds = bool(answer) and offsets[0][0] <= start and start + len(answer) <= offsets[-1][1]
        assert (found["labels"][window] == [silence, silence]) is not holds
        if holds:
            assert text_of(found, window, LONG) == answer
        assert len(found["input_ids"][window]) <= 60
    covered = {place for window, row in enumerate(found["row"]) if row == 0 for place in _characters(found, window)}
    assert {place for place, letter in enumerate(LONG) if letter.isalnum()} <= covered
    assert [bool(context) for context in found["context"]].count(True) == 3


def _characters(found: dict[str, list[Any]], window: int) -> set[int]:
    return {
        place for start, end in extractive.ends_of(found["offsets"][window]).tolist() for place in range(start, end)
    }


@pytest.mark.parametrize("length", [8, 9, 12, 16, 64])
def test_neither_long_questions_nor_narrow_windows_stop_it(tokenizer: Any, length: int) -> None:
    found = extractive.encode(columns(LONG, "soup", question=LONG), tokenizer, length, 128)
    assert max(map(len, found["input_ids"])) <= length
    assert all(len(offsets) for offsets in found["offsets"])


def test_where_tokens_stand_takes_little_room_also_after_it_lay_on_the_disk(tokenizer: Any) -> None:
    import datasets

    found = extractive.encode(columns(LONG, "", ""), tokenizer, 60, 20)
    back = datasets.Dataset.from_dict({name: found[name] for name in ("offsets", "context")})[:]
    assert back["offsets"] == found["offsets"] and back["context"] == found["context"]
    assert [len(offsets) for offsets in back["offsets"]] == [
        8 * mask.count(extractive.TEXT) for mask in found["answer_mask"]
    ]


def test_padding_changes_neither_loss_nor_answers(tiny_bert: Path) -> None:
    """One batch, and the same in parts of other widths."""
    import torch
    from transformers import AutoTokenizer, set_seed

    set_seed(0)
    model = extractive.build(str(tiny_bert)).model.eval()
    tokenizer = AutoTokenizer.from_pretrained(tiny_bert)
    found = extractive.encode(columns(CONTEXT, "The soup", "kind waiter", ""), tokenizer, 64, 8)
    found = {name: found[name] for name in extractive.MODEL_INPUTS}
    short = extractive.encode(columns("The soup was cold.", "The soup"), tokenizer, 64, 8)
    pieces = [
        {name: source[name][place] for name in extractive.MODEL_INPUTS}
        for source in (found, short)
        for place in range(len(source["input_ids"]))
    ]
    collate = extractive.Collator(tokenizer)
    with torch.inference_mode():
        whole = extractive.point_loss(model, collate(pieces))
        parts = [extractive.point_loss(model, collate([piece])) for piece in pieces]
    assert int(whole.items) == len(pieces)
    assert float(whole.total) == pytest.approx(sum(float(part.total) for part in parts), rel=1e-5)
    together = extractive.best_pairs(whole.output, collate(pieces)["answer_mask"], 10, 5)
    for alone, piece, other in zip(parts, pieces, together, strict=True):
        (one,) = extractive.best_pairs(alone.output, collate([piece])["answer_mask"], 10, 5)
        assert one["pairs"].tolist() == other["pairs"].tolist()
        assert one["scores"] == pytest.approx(other["scores"], abs=1e-4)


def test_the_collator_moves_labels_with_padding_on_the_left(tiny_bert: Path) -> None:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(tiny_bert, padding_side="left")
    pieces = [
        {"input_ids": [2, 9, 3], "attention_mask": [1, 1, 1], "answer_mask": [2, 1, 0], "labels": [1, 1]},
        {"input_ids": [2, 9, 9, 9, 3], "attention_mask": [1] * 5, "answer_mask": [2, 1, 1, 1, 0], "labels": [0, 0]},
    ]
    batch = extractive.Collator(tokenizer)(pieces)
    assert batch["answer_mask"].tolist() == [[0, 0, 2, 1, 0], [2, 1, 1, 1, 0]]
    assert batch["labels"].tolist() == [[3, 3], [0, 0]]
    assert pieces[0]["labels"] == [1, 1]


def test_the_best_pairs_are_those_of_all_that_are_possible() -> None:
    import torch

    torch.manual_seed(0)
    width, longest = 30, 7
    output = SimpleNamespace(start_logits=torch.randn(4, width), end_logits=torch.randn(4, width))
    mask = torch.zeros(4, width, dtype=torch.long)
    mask[:, 0], mask[:, 8:27] = extractive.SILENCE, extractive.TEXT
    found = extractive.best_pairs(output, mask, longest, 20)
    for row, window in enumerate(found):
        possible = [
            (float(output.start_logits[row, first] + output.end_logits[row, last]), first, last)
            for first in range(8, 27)
            for last in range(first, min(first + longest, 27))
        ]
        best = sorted(possible, reverse=True)[:20]
        assert window["pairs"].tolist() == [[first, last] for _, first, last in best]
        assert window["scores"] == pytest.approx([score for score, *_ in best], abs=1e-6)
        assert window["silence"] == pytest.approx(float(output.start_logits[row, 0] + output.end_logits[row, 0]))


def row_of(*spans: tuple[int, int, float], silence: float = 0.0) -> dict[str, Any]:
    return {"context": "Ada met Bo in Rome.", "silence": silence, "spans": list(spans)}


class TestAnswers:
    def test_the_best_with_others_beside_it(self) -> None:
        found = extractive.answer(row_of((14, 18, 3.0), (8, 10, 2.0), (0, 3, 1.0)), may_be_silent=False)
        assert (found["answer"], found["start"], found["end"], found["no_answer"]) == ("Rome", 14, 18, None)
        assert [other["answer"] for other in found["others"]] == ["Bo", "Ada"]
        assert found["score"] + sum(other["score"] for other in found["others"]) == pytest.approx(1.0)

    def test_no_answer_where_it_is_likelier_by_more_than_the_threshold(self) -> None:
        row = row_of((14, 18, 3.0), silence=4.0)
        silent = extractive.answer(row, may_be_silent=True)
        assert (silent["answer"], silent["start"], silent["end"]) == ("", 0, 0)
        assert silent["score"] == silent["no_answer"] > 0.5
        assert silent["others"][0]["answer"] == "Rome"
        spoken = extractive.answer(row, may_be_silent=True, threshold=1.0)
        assert spoken["answer"] == "Rome" and spoken["no_answer"] == silent["no_answer"]
        assert extractive.answer(row, may_be_silent=False)["answer"] == "Rome"

    def test_a_text_without_any_piece_has_no_answer(self) -> None:
        found = extractive.answer(row_of(), may_be_silent=False)
        assert (found["answer"], found["score"], found["others"]) == ("", 1.0, [])

    @pytest.mark.parametrize(
        ("threshold", "margins", "expected"),
        [
            (2.0, [1.0, 2.0, 3.0], 2.5),
            (-1.0, [-2.0, -1.0, 4.0], 0.0),
            (-3.0, [-3.0, -1.0], -2.0),
            (2.0, [1.0, 2.0], 2.0),
            (-1.0, [-1.0, float("inf")], 0.0),
            (1.0, [1.0, float("inf")], 1.0),
        ],
    )
    def test_a_threshold_keeps_away_from_what_it_parts(
        self, threshold: float, margins: list[float], expected: float
    ) -> None:
        found = extractive.midway(threshold, margins)
        assert found == expected
        assert [margin > found for margin in margins] == [margin > threshold for margin in margins]

    def test_windows_are_put_together(self) -> None:
        """The best of each piece of the text over all windows; no answer is as likely as where it is least likely."""
        import numpy as np

        def window(begin: int, first_word: int, silence: float, scores: list[float]) -> Piece:
            ends = [(0, 3), (3, 7), (7, 10), (10, 13), (13, 18)][first_word:]
            pairs = np.array([[begin, begin], [begin + 1, begin + 1]])
            extra = {
                "begin": begin,
                "offsets": np.array(ends, dtype=np.int32).tobytes(),
                "context": "Ada met Bo in Rome.",
            }
            return Piece(extra, {"silence": silence, "pairs": pairs, "scores": np.array(scores)})

        found = extractive.merged([window(4, 1, 2.0, [1.0, 5.0]), window(6, 2, -1.0, [6.0, 3.0])], most=2)
        assert found == {"context": "Ada met Bo in Rome.", "silence": -1.0, "spans": [(8, 10, 6.0), (11, 13, 3.0)]}


def test_it_says_before_what_it_will_do(tiny_bert: Path, tmp_path: Path) -> None:
    built = extractive.build(str(tiny_bert))
    assert extractive.foretold(tiny_bert)[0].title == built.notes[0].title
    built.model.save_pretrained(tmp_path)
    assert extractive.foretold(tmp_path)[0].title == extractive.build(str(tmp_path)).notes[0].title
    assert "is kept: training goes on" in extractive.foretold(tmp_path)[0].title
