"""The arithmetic of the benchmarks, and that the stock script and ours are shown to do the same work."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from tests.bench import __main__ as bench
from tests.bench import quality, ratios, roofline, table, train
from tests.bench.joining import QUARTILES, drawn_length, joined
from tests.bench.options import Options
from tests.bench.predict import in_order
from tests.bench.ratios import Block
from tests.bench.texts import Texts, classified, documents


def test_a_ratio_is_of_pairs_and_not_of_sums() -> None:
    base, other = [Block(4, 2), Block(9, 9), Block(8, 6)], [Block(2, 1), Block(3, 3), Block(8, 1)]
    found = ratios.against(base, other)
    assert found["wall"] == {"median": 2.0, "min": 1.0, "max": 3.0, "n": 3}
    assert found["cpu"]["median"] == 3.0
    assert ratios.in_words(found["wall"]) == "2.00 (1.00 to 3.00)"
    with pytest.raises(ValueError, match="zip"):
        ratios.ratio([1.0, 2.0], [1.0])


def test_the_spread_has_the_quartiles_of_numpy() -> None:
    values = [1.5, 9.0, 2.0, 4.0, 3.25]
    assert ratios.spread(values)["quartiles"] == pytest.approx(np.quantile(values, [0.25, 0.75]))


def test_each_goes_first_as_often_as_last() -> None:
    assert ratios.orders(["a", "b", "c"], 4) == [["a", "b", "c"], ["c", "b", "a"]] * 2


def test_operations_are_those_of_the_layers() -> None:
    hidden, layers, length = 8, 3, 5
    products = (
        4 * 2 * length * hidden * hidden + 2 * 2 * length * hidden * 4 * hidden + 2 * 2 * length * length * hidden
    )
    assert roofline.flops([length, length], hidden, layers) == 3 * layers * 2 * products
    found = roofline.limits(stock_s=4.0, ours_s=2.0, operations=1e9, rate=1e9)
    assert found == {"bound_ms": 1000.0, "share": 0.5, "limit": 4.0, "reached": 2.0}


def test_joined_texts_have_the_wanted_lengths_and_one_class_each() -> None:
    chance = random.Random(1)
    lengths = [drawn_length(chance) for _ in range(20_000)]
    assert np.quantile(lengths, [0.25, 0.5, 0.75]) == pytest.approx(QUARTILES, rel=0.03)
    source = Texts("made up", ("red one. red two three.", "blue four."), ("red", "blue"))

    def count(sentences: list[str]) -> list[int]:
        return [len(sentence.split()) for sentence in sentences]

    found = joined(source, 200, count, seed=5)
    assert found == joined(source, 200, count, seed=5) != joined(source, 200, count, seed=6)
    for text, label in zip(found.texts, found.labels, strict=True):
        assert ("blue" in text) == (label == "blue") != ("red" in text)
    # A sentence is whole, so a text misses its length by up to half of one, and is no shorter than one.
    words = np.quantile([len(text.split()) for text in found.texts], [0.25, 0.5, 0.75])
    assert words == pytest.approx(QUARTILES, rel=0.25)


def test_the_samples_are_enough_to_measure_with() -> None:
    tables = classified(None)
    assert [texts.mean_length for texts in tables] == sorted(texts.mean_length for texts in tables)
    assert all(len(texts.texts) == len(set(texts.texts)) == len(texts.labels) >= 200 for texts in tables)
    assert len(documents(None).texts) > 50


def test_unequal_work_is_found() -> None:
    assert train.farthest([1.0, 2.0], [1.0, 1.5]) == 0.5
    with pytest.raises(ValueError, match="zip"):
        train.farthest([1.0, 2.0], [1.0])
    with pytest.raises(ValueError, match="no examples"):
        train.examples([{"seen": []}])
    step = {"seen": [[[5, 111], [7, 222]]]}
    assert train.examples([step]) == train.examples([{"seen": [[[7, 222], [5, 111]]]}])
    assert train.examples([step]) != train.examples([{"seen": [[[7, 222], [5, 333]]]}])


def test_swapped_answers_are_found() -> None:
    rows = np.array([[0.9, 0.1], [0.2, 0.8], [0.5, 0.5]])
    assert in_order(rows, rows + 1e-7)
    assert not in_order(rows, rows[[1, 0, 2]])


def test_quality_is_equal_within_one_standard_error() -> None:
    stock, near, far = [0.80, 0.82, 0.84], [0.81, 0.83, 0.81], [0.90, 0.91, 0.92]
    found = quality.compared(stock, near)
    assert found["standard_error"] == pytest.approx(np.sqrt(np.var(stock, ddof=1) / 3 + np.var(near, ddof=1) / 3))
    assert found["is_equal"]
    assert not quality.compared(stock, far)["is_equal"]


def test_quality_over_all_sets_goes_by_trainings_of_one_seed() -> None:
    sets = {
        "one": {"ways": {"ours": quality.compared([0.5, 0.6, 0.7], [0.51, 0.6, 0.69])}},
        "two": {"ways": {"ours": quality.compared([0.9, 0.8, 0.7], [0.9, 0.82, 0.7])}},
    }
    found = quality.pooled(sets, "ours")
    assert found["difference"] == pytest.approx(0.02 / 6) and found["is_equal"]
    assert found["standard_error"] == pytest.approx(np.std([0.01, 0, -0.01, 0, 0.02, 0], ddof=1) / np.sqrt(6))
    told = {**sets["one"]["ways"]["ours"], "computed_in": ["bf16", "bf16", "32 bits"]}
    figures = {"quality": {"sets": {"one": {"words": "w", "ways": {"ours": told}}}, "together": {"ours": found}}}
    lines = table.in_words(figures).splitlines()
    assert any("within one standard error" in line and "2 in bf16, 1 in 32 bits" in line for line in lines)


def test_what_cannot_be_measured_is_said_before_anything_is(capsys: pytest.CaptureFixture[str]) -> None:
    for wrong, words in ((["nonsense"], "no benchmark"), (["train", "--data", "/not/there"], "no folder")):
        with pytest.raises(SystemExit):
            bench.main(wrong)
        assert words in capsys.readouterr().err


def test_the_table_says_which_bars_are_missed() -> None:
    fast = {"cpu": ratios.spread([2.5, 2.6]), "wall": ratios.spread([2.4, 2.6])}
    one = {"samples_a_cpu_second": 9.5, "times_as_fast": fast, "same_examples_timed": True, "same_examples": True}
    figures = {
        "train": {
            "long": {
                "set": "sentences",
                "bar": 2.2,
                "ours, split": {**one, "largest_loss_difference": 2e-7, "same_losses": True},
                "ours, odd": {**one, "same_examples": False, "largest_loss_difference": 0.5, "same_losses": False},
            }
        },
        "memory": {"long": {"stock_mb": 1000, "ours_mb": 1200, "ours_to_stock": 1.2}},
        "tick": {"tick_ms": 0.3},
    }
    lines = table.in_words(figures).splitlines()
    split, odd = (next(line for line in lines if name in line) for name in ("ours, split", "ours, odd"))
    assert "2.55 (2.50 to 2.60)" in split and ">= 2.2: yes" in split and "within 2e-07" in split
    assert "OTHER EXAMPLES" in odd and "APART" in odd and "APART" not in split
    assert any("<= 1: NO" in line for line in lines) and 'tick: {"tick_ms": 0.3}' in lines


@pytest.mark.slow
def test_the_stock_script_and_ours_see_the_same_examples_and_have_the_same_losses(
    tmp_path: Path, tiny_bert: Path
) -> None:
    from tests.bench.sets import sets

    options = Options(quick=True, checkpoint=str(tiny_bert), sets=("short",), paddings=("split",))
    job = sets(tmp_path, options)["short"].still
    losses, same_examples = train.traces(job, options)
    assert same_examples == {train.STOCK: True, "ours, split": True}
    assert len(losses[train.STOCK]) == train.STEPS_COMPARED
    assert train.farthest(*losses.values()) <= train.CLOSE
