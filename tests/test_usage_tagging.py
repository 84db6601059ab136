"""Example code that finds words and spans by hand does it as the playground does, for any text and any tags."""

from __future__ import annotations

import ast
import json
import random
from pathlib import Path
from typing import Any

import pytest

from core.data.marking import bounds_of_words
from core.data.types import Target
from core.evaluation.entities import entities
from core.models.manual import Manual
from core.usage import tagging
from core.usage.types import Usage

SIGNS = "ab1_ -.,'é\n\u00a0ß\u0301\u0903\u200d\u200cकषनम्स東京ひカไทที่\u3002\U00020001"
TAGS = ["O", "B-A", "I-A", "E-A", "S-A", "L-A", "U-A", "M-A", "B-B", "I-B", "E-B", "X-y", "B", "I", "NOUN"]
TOKENIZER = {"model": {"continuing_subword_prefix": "##"}}


def usage_with(labels: tuple[str, ...], folder: Path | None = None) -> Usage:
    manual = Manual("", 64, Target(labels, (1,) * len(labels)))
    return Usage("nora/names", manual, {"text": "In Oslo."}, folder=folder)


@pytest.fixture(scope="module")
def space() -> dict[str, Any]:
    """The functions of the code that need no model."""
    wanted = {"words", "runs", "ALONE", "KINDS"}
    tree = ast.parse("import re, unicodedata\n" + tagging.serving(usage_with(("O", "B-A", "I-A"))))
    kept = [
        node
        for node in tree.body
        if (isinstance(node, ast.FunctionDef) and node.name in wanted)
        or (isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in wanted)
        or ast.unparse(node) == "import re, unicodedata"
    ]
    found: dict[str, Any] = {}
    exec(compile(ast.Module(kept, []), "tagging", "exec"), found)
    return found


def test_words_are_found_in_any_writing(space: dict[str, Any]) -> None:
    chance = random.Random(1)
    texts = ["".join(chance.choices(SIGNS, k=chance.randint(0, 12))) for _ in range(4000)]
    assert [space["words"](text) for text in texts] == [bounds_of_words(text) for text in texts]


def test_tags_become_spans_in_any_scheme(space: dict[str, Any]) -> None:
    chance = random.Random(2)
    rows = [chance.choices(TAGS, k=chance.randint(0, 7)) for _ in range(4000)]
    assert [space["runs"](tags) for tags in rows] == [entities(tags) for tags in rows]


def test_a_pipeline_is_used_where_it_reads_as_we_do(tmp_path: Path) -> None:
    snippet = tagging.snippet("some-pipeline")
    (tmp_path / "tokenizer.json").write_text(json.dumps(TOKENIZER), encoding="utf-8")
    iob2, bioes, plain = ("O", "B-A", "I-A"), ("O", "B-A", "I-A", "E-A"), ("NOUN", "VERB")
    assert 'pipeline("some-pipeline"' in snippet(usage_with(iob2, tmp_path))
    for labels in (bioes, plain):
        assert "pipeline" not in snippet(usage_with(labels, tmp_path))
    (tmp_path / "tokenizer.json").write_text('{"model": {"type": "BPE"}}', encoding="utf-8")
    assert "pipeline" not in snippet(usage_with(iob2, tmp_path)) + snippet(usage_with(iob2))
