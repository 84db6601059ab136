"""Every text of ours that can be said in another language, found in the code itself; and what is missing of it.

Run as:
    python -m ui.word_list          # what each language lacks, and what it has that nobody says any more
    python -m ui.word_list de       # the same for German, each text in full
"""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from core import home
from ui.languages import ENGLISH, LANGUAGES, catalogue

ROOT = home.ASSETS.parent
SCRIPTS = home.ASSETS / "static"
_TEXT = r'"(?:[^"\\]|\\.)*"'
_SAID = re.compile(rf"\btr(?:Parts)?\(\s*({_TEXT})")
_COUNTED = re.compile(rf'\btrMany\([^"]*{_TEXT},\s*({_TEXT})')


@lru_cache
def of_scripts() -> frozenset[str]:
    """What the browser's scripts say."""
    found: set[str] = set()
    for path in SCRIPTS.glob("*.js"):
        code = path.read_text(encoding="utf-8")
        found |= {json.loads(text) for pattern in (_SAID, _COUNTED) for text in pattern.findall(code)}
    return frozenset(found)


@lru_cache
def for_scripts(code: str) -> str:
    """The part of a language that the browser's scripts need, as JSON."""
    needed = of_scripts()
    words = {text: said for text, said in catalogue(code).items() if text in needed}
    return json.dumps(words, ensure_ascii=False, separators=(",", ":"))


def of_pages() -> frozenset[str]:
    """What the server's own code says while it serves: the texts given to ``tr`` and its kin."""
    found: set[str] = set()
    for path in sorted((ROOT / "ui").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                found |= set(_of_call(node.func.id, node.args))
    return frozenset(found)


def _of_call(name: str, given: Sequence[ast.expr]) -> Iterator[str]:
    match name, given:
        case "tr", [text, *_]:
            yield from _constants(text)
        case "tr_many", [_, _, many, *_]:
            yield from _constants(many)
        case "plural", [_, one]:
            yield from (f"{{count}} {text}s" for text in _constants(one))
        case "plural", [_, _, many, *_]:
            yield from (f"{{count}} {text}" for text in _constants(many))


def _constants(node: ast.expr) -> Iterator[str]:
    """A text, or both of ``a if b else c``."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.IfExp(body=body, orelse=other):
            yield from (*_constants(body), *_constants(other))


def of_components() -> frozenset[str]:
    """What Gradio builds once for all: the words in the pages' configs."""
    from core.studio import Studio
    from ui import shell, translated
    from ui.pages import PAGES

    found: set[str] = set()

    def note(text: str) -> str:
        found.add(text)
        return text

    studio = Studio()
    try:
        components: list[dict[str, Any]] = shell.build(studio, PAGES).get_config_file()["components"]
    finally:
        studio.close()
    for component in components:
        for place, key in translated.spoken(component):
            if component["type"] == "html":
                translated.in_html(place[key], note)
            else:
                note(place[key])
    return frozenset(found)


NOT_WORDS = frozenset({"Tunesmith", *(language.name for language in LANGUAGES.values())})
"""Names, which are the same everywhere."""


def all_texts() -> frozenset[str]:
    """Everything that can be said in another language."""
    found = of_scripts() | of_pages() | of_components()
    return frozenset(text for text in found if re.search(r"[^\W\d_]{2}", text)) - NOT_WORDS


def missing(code: str) -> list[str]:
    """Texts that this language lacks."""
    return sorted(all_texts() - catalogue(code).keys())


def unused(code: str) -> list[str]:
    """Texts that this language has and nobody says any more."""
    return sorted(catalogue(code).keys() - all_texts())


def main(asked: Sequence[str]) -> int:
    """Print what is missing and what is no longer used."""
    for code in asked or [code for code in LANGUAGES if code != ENGLISH.code]:
        lacks, has = missing(code), unused(code)
        print(f"{code}: {len(catalogue(code)):,} texts, {len(lacks):,} missing, {len(has):,} no longer used")
        for sign, texts in (("missing", lacks), ("no longer used", has)) if asked else ():
            for text in texts:
                print(f"  {sign}: {text}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
