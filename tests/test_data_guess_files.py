"""Several files given at once are told apart by their names."""

from __future__ import annotations

import pytest

from core.config import SplitConfig
from core.data.guess_files import guess_files, part_of
from core.errors import DataError


def test_one_file_needs_no_name() -> None:
    assert guess_files(["/data/anything.csv"]) == ("/data/anything.csv", SplitConfig())


def test_names_say_which_file_is_for_what() -> None:
    source, split = guess_files(["/d/sick_test.csv", "/d/sick_dev.csv", "/d/sick_train.csv"])

    assert source == "/d/sick_train.csv"
    assert (split.validation, split.test) == ("/d/sick_dev.csv", "/d/sick_test.csv")


def test_a_part_without_a_file_is_taken_by_chance() -> None:
    _, split = guess_files(["/d/train.csv", "/d/test.csv"])

    assert (split.validation, split.test) == (SplitConfig().validation, "/d/test.csv")


def test_a_plain_name_beside_a_test_file_is_learned_from() -> None:
    source, split = guess_files(["/d/reviews_test.csv", "/d/reviews.csv"])

    assert (source, split.test) == ("/d/reviews.csv", "/d/reviews_test.csv")


@pytest.mark.parametrize(
    "sources", [["/d/a.csv", "/d/b.csv"], ["/d/train_1.csv", "/d/train_2.csv"], ["/d/test.csv", "/d/dev.csv"]]
)
def test_unclear_names_are_explained(sources: list[str]) -> None:
    with pytest.raises(DataError) as caught:
        guess_files(sources)
    assert "train" in caught.value.advice


@pytest.mark.parametrize(
    ("stem", "part"),
    [("train", "train"), ("my-valid-set", "validation"), ("Test_2024", "test"), ("contest", None), ("trainers", None)],
)
def test_only_whole_words_count(stem: str, part: str | None) -> None:
    assert part_of(stem) == part
