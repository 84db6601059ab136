"""The rules of the house, read from the tree itself: who may import whom, what is heavy, what stays small."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CORE = sorted((ROOT / "core").rglob("*.py"))
SKIN = [ROOT / "app.py", *sorted((ROOT / "ui").rglob("*.py"))]
OURS = [*CORE, *SKIN]
TESTS = sorted((ROOT / "tests").rglob("*.py"))

LEARNING = {"torch", "transformers", "datasets", "evaluate", "accelerate", "safetensors", "tokenizers", "sklearn"}
"""What only workers may load."""
TABLES = {"pandas", "pyarrow"}
"""What the app may load once a table is looked at, and not before."""
WORKER_ONLY = {
    "core/adapters/trainer.py",
    "core/models/fast_dropout.py",
    "core/models/fast_linear.py",
    "core/models/packing_attention.py",
    "core/training/batching/trainer.py",
    "core/training/trainer.py",
    "core/training/early_stopping.py",
    "core/training/learning.py",
    "core/training/pushing.py",
    "core/training/reporter.py",
    "core/training/resting.py",
    "core/training/saving.py",
    "core/training/signs/teller.py",
    "core/training/streaming/flow.py",
    "core/training/trackers.py",
    "core/training/watching.py",
}
"""Subclasses of the libraries' own classes need them at the top; these modules are imported inside functions only."""

MAX_LINES = 350


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imports(path: Path, *, top_only: bool = False) -> set[str]:
    """The modules that a file imports, in full; ``from a import b`` counts as both ``a`` and ``a.b``."""
    nodes: Iterator[ast.AST] = _top_level(tree_of(path).body) if top_only else ast.walk(tree_of(path))
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add("a relative import")
    return found


def _top_level(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """Statements that run when the file is imported; what stands under ``if TYPE_CHECKING`` does not."""
    for node in body:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        yield node
        for inner in ("body", "orelse", "finalbody"):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield from _top_level(getattr(node, inner, []))


def roots(modules: set[str]) -> set[str]:
    return {module.partition(".")[0] for module in modules}


# --- Who may import whom ---------------------------------------------------------------------------------------------


def test_core_knows_no_skin() -> None:
    skin = {"gradio", "plotly", "ui", "app", "tests"}
    assert {name_of(path): found for path in CORE if (found := roots(imports(path)) & skin)} == {}


def test_skin_never_learns() -> None:
    assert {name_of(path): found for path in SKIN if (found := roots(imports(path)) & LEARNING)} == {}


def test_heavy_libraries_are_imported_inside_functions() -> None:
    heavy = LEARNING | TABLES
    found = {name_of(path): top for path in OURS if (top := roots(imports(path, top_only=True)) & heavy)}
    assert set(found) <= WORKER_ONLY, found


def test_modules_for_workers_are_imported_inside_functions() -> None:
    modules = {file.removesuffix(".py").replace("/", ".") for file in WORKER_ONLY}
    found = {name_of(path) for path in OURS if imports(path, top_only=True) & modules}
    assert found <= WORKER_ONLY


def test_imports_are_absolute() -> None:
    assert [name_of(path) for path in OURS if "a relative import" in imports(path)] == []


# --- What a fresh process loads --------------------------------------------------------------------------------------


def loaded_by(code: str) -> set[str]:
    """The names of the modules that a fresh Python holds after ``code``."""
    answer = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys\nprint('\\n' + ' '.join(sys.modules))"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    return set(answer.stdout.splitlines()[-1].split())


@pytest.mark.parametrize("code", ["import core.studio", "import core.cli", "import core.config, core.tasks"])
def test_light_core_loads_nothing_heavy(code: str) -> None:
    assert not loaded_by(code) & (LEARNING | TABLES | {"gradio", "numpy", "huggingface_hub"})


def test_the_door_opens_light() -> None:
    code = "from core.studio import Studio\ndoor = Studio()\ndoor.samples()\ndoor.runs()\ndoor.close()"
    assert not loaded_by(code) & (LEARNING | {"gradio"})


@pytest.mark.slow
def test_app_and_pages_load_nothing_that_learns() -> None:
    pages = [name_of(path).removesuffix(".py").replace("/", ".") for path in SKIN]
    loaded = loaded_by("\n".join(f"import {page.removesuffix('.__init__')}" for page in pages))
    assert {"app", "ui.shell", "gradio"} <= loaded
    assert not loaded & LEARNING


# --- Small rooms, one place for each thing ---------------------------------------------------------------------------


def test_files_stay_small() -> None:
    long = {name_of(path): lines for path in [*OURS, *TESTS] if (lines := _line_count(path)) > MAX_LINES}
    assert long == {}


def test_files_say_what_they_are() -> None:
    silent = [name_of(path) for path in OURS if tree_of(path).body and not ast.get_docstring(tree_of(path))]
    assert silent == []
    assert [name_of(path) for path in OURS if path.stem in {"utils", "util", "helpers", "misc"}] == []


def test_tasks_are_named_in_their_own_file_only() -> None:
    from core.tasks import TASKS

    allowed = ROOT / "core" / "tasks"
    files = [path for path in OURS if path.parent != allowed]
    for task in TASKS:
        words = (task, task.replace("-", "_"))
        naming = [name_of(path) for path in files if any(word in path.read_text(encoding="utf-8") for word in words)]
        assert naming == [], f"{task} is named outside core/tasks"
        own = [path for path in allowed.glob("*.py") if any(word in _without_tags(path) for word in words)]
        assert {path.name for path in own} <= {"__init__.py", f"{task.replace('-', '_')}.py"}


def _without_tags(path: Path) -> str:
    """What a task file says, but for the Hub's own words for tasks, of which some are spelt as ours."""
    return re.sub(r'(pipeline_tag=|PIPELINE = )"[\w-]+"', "", path.read_text(encoding="utf-8"))


def test_public_functions_of_core_say_what_they_do() -> None:
    """One that is read at a glance may do without, and so may one whose name a framework gave it.

    The command line's words stand in its parser.
    """
    silent = [
        f"{name_of(path)}:{node.lineno} {node.name}"
        for path in CORE
        if name_of(path) != "core/cli.py"
        for node in _public(tree_of(path).body)
        if not ast.get_docstring(node) and not _is_a_glance(node)
    ]
    assert silent == []


def _public(body: list[ast.stmt]) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from _public(node.body)


def _is_a_glance(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> bool:
    lines = (node.end_lineno or node.lineno) - node.lineno + 1
    return not isinstance(node, ast.ClassDef) and (lines <= 8 or node.name == "main" or node.name.startswith("on_"))


def _line_count(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


# --- What never stands in the code -----------------------------------------------------------------------------------


FORBIDDEN_CALLS = {"os.system", "os.popen", "pickle.load", "pickle.loads", "eval", "exec"}
FORBIDDEN_FLAGS = {"shell", "trust_remote_code", "allow_pickle", "share"}


def test_no_door_for_foreign_code() -> None:
    found = []
    for path, node in _nodes(ast.Call):
        assert isinstance(node, ast.Call)
        is_set = {word.arg: word.value.value for word in node.keywords if isinstance(word.value, ast.Constant)}
        on = {word for word in FORBIDDEN_FLAGS if is_set.get(word) is True}
        if ast.unparse(node.func) in FORBIDDEN_CALLS or on or is_set.get("weights_only") is False:
            found.append(f"{name_of(path)}:{node.lineno}")
    assert found == []


def test_no_failure_is_swallowed() -> None:
    """``except Exception`` is for places that say what happened; with an empty body it hides it."""
    found = []
    for path, node in _nodes(ast.ExceptHandler):
        assert isinstance(node, ast.ExceptHandler)
        broad = node.type is None or ast.unparse(node.type) in {"Exception", "BaseException"}
        if broad and all(isinstance(step, ast.Pass | ast.Continue) for step in node.body):
            found.append(f"{name_of(path)}:{node.lineno}")
    assert found == []


def _nodes(kind: type[ast.AST]) -> Iterator[tuple[Path, ast.AST]]:
    for path in OURS:
        for node in ast.walk(tree_of(path)):
            if isinstance(node, kind):
                yield path, node
