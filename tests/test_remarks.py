"""What is said of long texts before the start is true of what will be done with them."""

from __future__ import annotations

from core.remarks import about_long_texts

LIMIT = 64


def test_a_text_that_is_cut_is_never_called_read() -> None:
    lengths = [30] * 5000 + [65]

    (note,) = about_long_texts(lengths, [min(length, LIMIT) for length in lengths], LIMIT, None)

    assert note.level == "warning"
    assert "They are cut there: under 1 % of all text is not read." in note.detail


def test_what_is_read_in_pieces_loses_nothing() -> None:
    lengths = [30, 128]

    (note,) = about_long_texts(lengths, [30, 64, 64], LIMIT, None)

    assert note.title == "50 % of your texts are longer than 64 tokens."
    assert "nothing is lost" in note.detail
    assert about_long_texts([30, 60], [30, 60], LIMIT, None) == []
