"""Copies, near copies, leaks and labels that look alike: each is found, counted right, and gone after its fix."""

from __future__ import annotations

import csv
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from core.config import RunConfig, put, validate
from core.data.check import CHECKS, Subject
from core.data.check.labels import look_alike
from core.data.parts import share_out
from core.data.types import Finding, Fix
from core.tasks import TASKS

WORDS = (
    *("river", "mountain", "coffee", "window", "garden", "letter", "bridge"),
    *("music", "market", "winter", "candle", "forest", "paper", "silver"),
)


def sentence(chance: random.Random, length: int = 14) -> str:
    return " ".join(chance.choice(WORDS) + str(chance.randrange(1000)) for _ in range(length))


def write(path: Path, rows: Sequence[Sequence[Any]], header: Sequence[str] = ("text", "label")) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def config_of(path: Path, task: str = "text-classification", split: Any = None, **columns: Any) -> RunConfig:
    columns = columns or {"text": "text", "label": "label"}
    return validate({"task": task, "data": {"source": str(path), "columns": columns, "split": split or {}}})


def found_in(config: RunConfig) -> dict[str, Finding]:
    shared = share_out(config)
    account = shared.checkup.account
    assert account is None or account.read == account.used + sum(count for _, count in account.aside)
    subject = Subject(config, TASKS[config.task], shared)
    findings = [*shared.findings, *(finding for check in CHECKS for finding in check.find(subject))]
    return {finding.code: finding for finding in findings}


def fixed(config: RunConfig, fix: Fix) -> RunConfig:
    data = config.model_dump(mode="json")
    data["data"]["steps"] += [dict(step) for step in fix.steps]
    for path, value in fix.settings.items():
        put(data, path, value)
    return validate(data)


def aside(config: RunConfig) -> dict[str, int]:
    account = share_out(config).checkup.account
    assert account is not None
    return dict(account.aside)


@pytest.fixture
def texts() -> list[str]:
    chance = random.Random(1)
    return [sentence(chance) for _ in range(200)]


def test_copies_are_taken_out_as_counted(tmp_path: Path, texts: list[str]) -> None:
    rows = [(text, "ab"[place % 2]) for place, text in enumerate(texts)]
    config = config_of(write(tmp_path / "t.csv", [*rows, *rows[:12], ("", "a"), ("", "a"), (texts[0], "")]))
    finding = found_in(config)["duplicates"]
    assert finding.count == 12 and finding.fixes[0].words == "Take out the 12 copies"
    after = fixed(config, finding.fixes[0])
    assert "duplicates" not in found_in(after)
    assert aside(after) == {"a copy of another row": 12, "nothing in `text`": 2, "nothing in `label`": 1}


@pytest.mark.parametrize(("keep", "left"), [(0, 202), (1, 199)])
def test_contradictions_are_settled_or_taken_out(tmp_path: Path, texts: list[str], keep: int, left: int) -> None:
    rows = [(text, "ab"[place % 2]) for place, text in enumerate(texts)]
    # The first text is twice a and once b; the second is b and a: nobody wins.
    config = config_of(write(tmp_path / "t.csv", [*rows, (texts[0], "b"), (texts[0] + " ", "a"), (texts[1], "a")]))
    finding = found_in(config)["contradictions"]
    assert finding.count == 5
    after = fixed(config, finding.fixes[keep])
    assert "contradictions" not in found_in(after)
    (count,) = aside(after).values()
    assert count == {0: 3, 1: 5}[keep] and share_out(after).rows.table.num_rows == 203 - count


def near(text: str) -> str:
    """The same but for a letter and a sign."""
    return text[:-1].upper() + "!"


def test_near_copies_are_taken_out_as_counted(tmp_path: Path, texts: list[str]) -> None:
    rows = [(text, "ab"[place % 2]) for place, text in enumerate(texts)]
    nearly = [(near(text), label) for text, label in rows[:9]]
    config = config_of(write(tmp_path / "t.csv", [*rows, *nearly, rows[20], ("Thank you", "a"), ("thank you!", "a")]))
    found = found_in(config)
    finding = found["near-duplicates"]
    assert (finding.count, finding.rows[:2], found["duplicates"].count) == (10, (201, 202), 1)
    assert finding.fixes[0].words == "Take out the 10 near copies and the copy"
    after = fixed(config, finding.fixes[0])
    assert not {"near-duplicates", "duplicates"} & set(found_in(after))
    assert aside(after) == {"nearly a copy of another row": 11}


def test_scripts_without_spaces_have_near_copies_too(tmp_path: Path, texts: list[str]) -> None:
    chance = random.Random(3)
    signs = ["".join(chr(chance.randrange(0x4E00, 0x9000)) for _ in range(30)) for _ in range(40)]
    rows = [(text, "ab"[place % 2]) for place, text in enumerate(signs)]
    config = config_of(write(tmp_path / "t.csv", [*rows, *((text[:-1] + "。", label) for text, label in rows[:5])]))
    assert found_in(config)["near-duplicates"].count == 5


def test_what_is_nearly_the_same_and_told_differently(tmp_path: Path, texts: list[str]) -> None:
    rows = [(text, "ab"[place % 2]) for place, text in enumerate(texts)]
    turned = [(near(text), "b" if label == "a" else "a") for text, label in rows[:3]]
    config = config_of(write(tmp_path / "t.csv", [*rows, *turned]))
    finding = found_in(config)["near-contradictions"]
    assert finding.count == 6
    for fix in finding.fixes:
        after = fixed(config, fix)
        assert "near-contradictions" not in found_in(after) and sum(aside(after).values()) == 6


def test_leaks_between_files_are_taken_out_of_training(tmp_path: Path, texts: list[str]) -> None:
    rows = [(text, "ab"[place % 2]) for place, text in enumerate(texts)]
    write(tmp_path / "check.csv", rows[150:170])
    write(tmp_path / "test.csv", [*rows[:4], *((near(text), label) for text, label in rows[10:17]), *rows[170:]])
    config = config_of(write(tmp_path / "t.csv", rows[:150]), split={"test": "test.csv", "validation": "check.csv"})
    found = found_in(config)
    assert (found["leakage"].count, found["near-leakage"].count) == (4, 7)
    exact = fixed(config, found["leakage"].fixes[0])
    assert set(found_in(exact)) & {"leakage", "near-leakage"} == {"near-leakage"}
    assert sum(aside(exact).values()) == 4
    both = fixed(config, found["near-leakage"].fixes[0])
    assert not set(found_in(both)) & {"leakage", "near-leakage"} and sum(aside(both).values()) == 11


def test_near_copies_can_be_kept_together(tmp_path: Path, texts: list[str]) -> None:
    rows = [(text, "ab"[place % 2]) for place, text in enumerate(texts)]
    config = config_of(write(tmp_path / "t.csv", [*rows, *((near(text), label) for text, label in rows[:100])]))
    finding = found_in(config)["near-leakage"]
    after = fixed(config, finding.fixes[0])
    assert after.data.split.keep_together == "similar"
    assert "near-leakage" not in found_in(after) and not aside(after)


def test_labels_that_look_alike_are_written_alike(tmp_path: Path, texts: list[str]) -> None:
    names = ["Positive"] * 100 + ["negative"] * 88 + ["postive"] * 6 + ["neg ative"] * 6
    config = config_of(write(tmp_path / "t.csv", list(zip(texts, names, strict=True))))
    finding = found_in(config)["alike-labels"]
    assert finding.count == 2
    after = fixed(config, finding.fixes[0])
    found = share_out(after)
    assert dict(found.target.shown) == {"negative": 94, "Positive": 106}
    assert "alike-labels" not in found_in(after)


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("Positive", "postive", True), ("neg.", "neg", True), ("not spam", "not_spam", True),
        ("neutral", "nuetral", True), ("class 1", "class 2", False), ("A1", "A2", False), ("male", "female", False),
        ("typical", "atypical", False), ("type A", "type B", False), ("C", "C++", False), ("+1", "-1", False),
        ("1.5", "15", False), ("employer", "employee", False), ("+", "-", False), ("cat", "car", False),
    ],
)  # fmt: skip
def test_only_one_name_in_two_spellings_is_called_alike(one: str, other: str, alike: bool) -> None:
    assert look_alike(one, 100, other, 4) is alike
    assert look_alike(other, 4, one, 100) is alike


def test_rare_classes_can_be_left_out_or_merged(tmp_path: Path, texts: list[str]) -> None:
    names = ["apple"] * 98 + ["pear"] * 97 + ["fig"] * 3 + ["kiwi"] * 2
    config = config_of(write(tmp_path / "t.csv", list(zip(texts, names, strict=True))))
    out, merged = found_in(config)["few-examples"].fixes
    assert dict(share_out(fixed(config, out)).target.shown) == {"apple": 98, "pear": 97}
    assert dict(share_out(fixed(config, merged)).target.shown)["other"] == 5


def test_unequal_classes_offer_what_the_task_has(tmp_path: Path, texts: list[str]) -> None:
    names = ["spam"] * 12 + ["ham"] * 188
    config = config_of(write(tmp_path / "t.csv", list(zip(texts, names, strict=True))))
    finding = found_in(config)["imbalance"]
    offered = {path for fix in finding.fixes for path in fix.settings}
    fields = TASKS[config.task].options.model_fields
    wanted = {f"options.{name}" for name in ("class_weights", "focal_gamma", "oversampling") if name in fields}
    assert offered == wanted and wanted
    for fix in finding.fixes:
        fixed(config, fix)
    assert finding.fix.count("right when") == len(wanted)


def test_scores_far_out_are_taken_out_as_counted(tmp_path: Path, texts: list[str]) -> None:
    scores = [str(place % 5 + 1) for place in range(197)] + ["500", "-300", "n/a"]
    path = write(tmp_path / "t.csv", list(zip(texts, scores, strict=True)), ("text", "score"))
    config = config_of(path, "text-regression", text="text", score="score")
    finding = found_in(config)["far-scores"]
    after = fixed(config, finding.fixes[0])
    assert finding.count == 2 and "far-scores" not in found_in(after)
    assert aside(after) == {"outside of the range of `score`": 2, "not in the form that the task needs": 1}


def test_free_answers_have_copies_whatever_their_capitals(tmp_path: Path, texts: list[str]) -> None:
    rows = [(text, text[::-1]) for text in texts]
    shouted = [(one.upper(), two.upper()) for one, two in rows[:4]]
    path = write(tmp_path / "t.csv", [*rows, *shouted], ("source", "target"))
    config = config_of(path, "sequence-to-sequence", source="source", target="target")
    finding = found_in(config)["duplicates"]
    assert finding.count == 4 and "near-duplicates" not in found_in(config)
    after = fixed(config, finding.fixes[0])
    assert "duplicates" not in found_in(after) and aside(after) == {"a copy of another row": 4}
