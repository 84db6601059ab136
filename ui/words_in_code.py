"""The texts of ours that stand in the code itself: what is given to ``tr``, ``said`` and their kin."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from core import home
from ui import languages


@lru_cache
def of_code(*places: str) -> frozenset[str]:
    """What the files and folders of these names say."""
    found: set[str] = set()
    given = [home.ASSETS.parent / place for place in places]
    for path in sorted(file for place in given for file in ([place] if place.is_file() else place.rglob("*.py"))):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        tables = dict(_tables(tree))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
                found |= set(_of_call(name, node.args, tables))
    return frozenset(found)


Tables = Mapping[str, Sequence[str]]
"""The texts that a file keeps under a name, at its top."""


def _tables(tree: ast.Module) -> Iterator[tuple[str, list[str]]]:
    for statement in tree.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                yield name, list(_kept(value))
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                yield name, list(_kept(value))


def _kept(value: ast.expr) -> Iterator[str]:
    match value:
        case ast.Constant(value=str(text)):
            yield text
        case ast.Dict(values=values) | ast.Tuple(elts=values):
            for inner in values:
                yield from _kept(inner)


def _of_call(name: str, given: Sequence[ast.expr], tables: Tables) -> Iterator[str]:
    match name, given:
        case "tr" | "gapped" | "said", [text, *_]:
            yield from _texts(text, tables)
        case "tr_html", [markup, *_]:
            for html in _texts(markup, tables):
                yield from in_markup(html)
        case "tr_many" | "said_many", [_, _, many, *_]:
            yield from _texts(many, tables)
        case "plural", [_, one]:
            yield from (f"{{count}} {text}s" for text in _texts(one, tables))
        case "plural", [_, _, many, *_]:
            yield from (f"{{count}} {text}" for text in _texts(many, tables))


def _texts(node: ast.expr, tables: Tables) -> Iterator[str]:
    """A text, one that has a name, or both of ``a if b else c``."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.Name(id=name) | ast.Subscript(value=ast.Name(id=name)):
            yield from tables.get(name, ())
        case ast.IfExp(body=body, orelse=other):
            yield from (*_texts(body, tables), *_texts(other, tables))


def in_markup(markup: str) -> list[str]:
    """The texts in HTML of ours."""
    found: list[str] = []

    def note(text: str) -> str:
        found.append(text)
        return text

    languages.in_html(markup, note)
    return found
