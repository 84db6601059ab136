"""Two ways to take a guard away: a function that does something else first, and words that become others."""

from __future__ import annotations

import ast
from dataclasses import dataclass


@dataclass(frozen=True)
class Instead:
    """The function (or ``Class.method``) of a file does this first, so that its own lines are never reached."""

    file: str
    function: str
    does: str = "return"

    def applied(self, text: str) -> str:
        """Raises ``LookupError`` where there is no such function."""
        lines = text.splitlines(keepends=True)
        body = self._body(ast.parse(text))
        first = body[1] if _is_words(body[0]) and len(body) > 1 else body[0]
        indent = " " * first.col_offset
        return "".join([*lines[: first.lineno - 1], f"{indent}{self.does}\n", *lines[first.lineno - 1 :]])

    def _body(self, tree: ast.Module) -> list[ast.stmt]:
        body: list[ast.stmt] = tree.body
        for name in self.function.split("."):
            found = [
                node
                for outer in body
                for node in ast.walk(outer)
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name == name
            ]
            if not found:
                raise LookupError(f"{self.file} has no {self.function}")
            body = found[0].body
        return body


def _is_words(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


@dataclass(frozen=True)
class Swap:
    """These words of a file become others."""

    file: str
    old: str
    new: str = ""

    def applied(self, text: str) -> str:
        """Raises ``LookupError`` where the words do not stand there just once."""
        if text.count(self.old) != 1:
            raise LookupError(f"{self.file} has {text.count(self.old)} times: {self.old}")
        return text.replace(self.old, self.new)


Removal = Instead | Swap
