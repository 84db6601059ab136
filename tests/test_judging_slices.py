"""Where a model fails is found by itself; what only chance brings about is not listed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from scipy.sparse import csc_array
from scipy.stats import false_discovery_control, fisher_exact, mannwhitneyu

from core.config import validate
from core.data.others import other_columns
from core.data.parts import DataParts, load_parts
from core.evaluation.intervals import wilson
from core.judging import slicing, slicing_chance, slicing_features, slicing_words
from core.judging.readings import slices
from core.judging.readings.base import Facts
from core.tasks import TASKS
from core.tasks.base import Context
from tests.making import config, write_csv

PRODUCTS = ("lamp", "chair", "clock", "kettle", "towel")
WORDS = tuple(f"{start}{end}" for start in ("ba", "co", "du", "fe", "gi", "ho") for end in ("ton", "rel", "mak", "sip"))


def texts_by_chance(random: np.random.Generator, rows: int) -> list[str]:
    return [" ".join(random.choice(WORDS, random.integers(3, 20))) for _ in range(rows)]


class TestChance:
    random = np.random.default_rng(3)
    members = (random.random((60, 8)) < np.linspace(0.1, 0.6, 8)).astype(float)

    def test_right_and_wrong_is_fishers_exact_test(self) -> None:
        error = (self.random.random(60) < 0.3).astype(float)
        found = slicing_chance.p_values(csc_array(self.members), error)
        for group, p_value in zip(self.members.T.astype(bool), found, strict=True):
            inside, outside = error[group], error[~group]
            table = [[inside.sum(), (1 - inside).sum()], [outside.sum(), (1 - outside).sum()]]
            assert p_value == pytest.approx(fisher_exact(np.array(table, dtype=int), alternative="greater").pvalue)

    def test_other_errors_are_mann_whitney(self) -> None:
        error = np.round(self.random.exponential(size=60), 1)  # with ties
        for group, p_value in zip(
            self.members.T.astype(bool), slicing_chance.p_values(self.members, error), strict=True
        ):
            expected = mannwhitneyu(error[group], error[~group], alternative="greater", method="asymptotic").pvalue
            assert p_value == pytest.approx(expected)

    def test_the_interval_is_wilsons_or_holds_the_mean(self) -> None:
        assert slicing_chance.interval(np.array([1.0] * 3 + [0.0] * 7)) == wilson(3, 10)
        low, high = slicing_chance.interval(np.linspace(0, 1, 50))
        assert 0.4 < low < 0.5 < high < 0.6
        assert slicing_chance.interval(np.full(9, 2.0)) == (2.0, 2.0)
        assert (
            slicing_chance.corrected(np.array([0.01, 0.02])).tolist() == false_discovery_control([0.01, 0.02]).tolist()
        )


@pytest.mark.parametrize("is_share", [True, False])
def test_noise_is_not_sold_as_insight(is_share: bool) -> None:
    false = 0
    for seed in range(20):
        random = np.random.default_rng(seed)
        texts = texts_by_chance(random, 150)
        error = (random.random(150) < 0.25).astype(float) if is_share else random.exponential(size=150)
        others = {
            "product": pa.chunked_array([random.choice(PRODUCTS, 150).tolist()]),
            "price": pa.chunked_array([random.random(150)]),
        }
        single = slicing_features.groups_of(texts, pa.chunked_array([random.choice(["a", "b"], 150).tolist()]), others)
        found, looked_at = slicing.find(single, slicing_words.word_groups(texts), error)
        assert looked_at > 50
        false += bool(found)
    assert false <= 1


def test_a_pair_is_listed_where_neither_of_the_two_explains_it() -> None:
    random = np.random.default_rng(1)
    one, other = random.choice(["x", "y"], 600), random.choice(["p", "q"], 600)
    error = (random.random(600) < np.where((one == "x") & (other == "p"), 0.7, 0.05)).astype(float)
    others = {"one": pa.chunked_array([one.tolist()]), "other": pa.chunked_array([other.tolist()])}
    found, _ = slicing.find(slicing_features.groups_of(["a"] * 600, None, others), None, error)
    assert [slice.words for slice in found] == ["“one” is “x”, and “other” is “p”"]


def test_columns_are_grouped_by_what_they_hold() -> None:
    rows = 60
    columns = {
        "price": pa.chunked_array([np.arange(rows) / 10]),
        "stars": pa.chunked_array([[1, 2, 3] * 20]),
        "when": pa.chunked_array([[f"2024-0{1 + row % 2}-{1 + row % 28:02}" for row in range(rows)]]),
        "shop": pa.chunked_array([["north", None, ""] * 20]),
    }
    words = slicing_features.groups_of(["a b", "a b c"] * 30, None, columns).words
    assert {"“price” is 1.1 or less", "“stars” is “2”", "“when” is in January 2024", "“shop” is empty"} <= set(words)
    assert {"texts of up to 2 words", "texts of 3 words or more", "“shop” is “north”"} <= set(words)


# --- As a part of a report -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, DataParts]:
    """A table with a column that nobody learns from, and its parts."""
    random = np.random.default_rng(0)
    texts = texts_by_chance(random, 2000)
    products = random.choice(PRODUCTS, 2000)
    labels = random.choice(["bad", "good"], 2000)
    rows = zip(texts, labels, products, strict=True)
    source = write_csv(tmp_path_factory.mktemp("shop") / "shop.csv", ("text", "label", "product"), rows)
    plain = config(source).model_dump(mode="json")
    plain["data"]["split"]["test"] = 0.2
    wanted = validate(plain)
    return wanted, load_parts(wanted)


def facts_of(shop: tuple[Any, DataParts], error: np.ndarray) -> Facts:
    wanted, parts = shop
    task, test = TASKS[wanted.task], parts.test
    kept = test.append_column("truth", test["label"]).append_column("error", pa.array(error))
    return Facts(wanted, task, parts, Context(None, parts.target, 32, wanted.options), None, kept, {})


def test_a_planted_slice_is_listed_first(shop: tuple[Any, DataParts]) -> None:
    """The labels of one product are random: half of the answers to it are wrong."""
    wanted, parts = shop
    products = other_columns(wanted.data, parts.test)["product"].to_pylist()
    random = np.random.default_rng(5)
    planted = np.array(products) == "kettle"
    error = (random.random(len(products)) < np.where(planted, 0.5, 0.08)).astype(float)
    facts = facts_of(shop, error)
    found = slices.read(facts)
    assert found is not None
    first = found["found"][0]
    assert first["words"] == "“product” is “kettle”"
    assert first["rows"] == planted.sum() and first["rate"] == pytest.approx(error[planted].mean())
    assert first["others"] == pytest.approx(error[~planted].mean())
    assert (first["low"], first["high"]) == wilson(int(error[planted].sum()), int(planted.sum()))
    inside = facts.kept.filter(pa.array(planted))
    assert set(first["opens"]) == set(inside["row"].to_pylist())
    assert first["opens"][0] in inside.filter(pa.array(error[planted] == 1))["row"].to_pylist()
    (section,) = slices.sections({"slices": found})
    assert section.kind == "slices" and section.content["rows"][0][-1] == first["rate"]
    assert len(section.content["opens"]) == len(section.content["rows"]) == len(section.content["low"])
    assert section.content["opens"][0] == [["row", "in", first["opens"]]]


def test_where_nothing_stands_out_it_says_so(shop: tuple[Any, DataParts]) -> None:
    rows = shop[1].test.num_rows
    found = slices.read(facts_of(shop, (np.arange(rows) % 10 == 0).astype(float)))
    assert found is not None and found["found"] == [] and found["looked_at"] > 50
    (section,) = slices.sections({"slices": found})
    assert section.help.startswith(f"Nothing stands out: of {found['looked_at']:,} groups of examples")
    few = slices.read(facts_of(shop, (np.arange(rows) == 3).astype(float)))
    assert few is not None and "too few to tell" in slices.sections({"slices": few})[0].help


def test_rows_of_another_file_have_no_other_columns(shop: tuple[Any, DataParts], tmp_path: Path) -> None:
    wanted, parts = shop
    other = write_csv(tmp_path / "other.csv", ("text", "label", "day"), [(f"a {n}", "good", n) for n in range(2000)])
    elsewhere = wanted.data.model_copy(update={"source": str(other)})
    assert other_columns(elsewhere, parts.test) == {}
    assert other_columns(wanted.data, parts.test.slice(0, 0)) == {}
