"""What the README, the change log and the settings say is true of the tree."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from core import catalogue, config, custom, data_catalogue, schema
from core.config import RunConfig
from core.tasks import TASKS
from core.tasks.base import Task

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
NAMES = (
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "docs/data.md",
    "docs/tasks.md",
    "docs/custom.md",
    "docs/hosting.md",
    "examples/README.md",
)
GUIDES = [ROOT / name for name in NAMES]
SETTINGS = [
    *((RunConfig.__name__, row) for row in schema.rows(RunConfig)),
    *((task.id, row) for task in TASKS.values() for kind in (task.options, task.knobs) for row in schema.rows(kind)),
]


def blocks(language: str) -> list[str]:
    """The fenced blocks of the README in a language, or the plain ones for ``""``."""
    fenced = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
    return [text for name, text in fenced if name == language]


# --- Settings --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("owner", "row"), SETTINGS, ids=lambda one: one if isinstance(one, str) else one.path)
def test_every_setting_has_its_words(owner: str, row: schema.Row) -> None:
    assert row.setting.label and not row.setting.label.endswith(".")
    assert row.setting.help.endswith(".")
    assert len(row.setting.help) <= 200, "one or two plain sentences"
    assert "!" not in row.setting.label + row.setting.help


def test_every_training_setting_can_be_set_in_the_form() -> None:
    shown = {row.path for row in schema.rows(RunConfig)}
    assert {f"training.{name}" for name in config.TrainingConfig.model_fields} <= shown


@pytest.mark.parametrize("task", TASKS.values(), ids=lambda task: task.id)
def test_every_option_of_a_task_can_be_set_in_the_form(task: Task) -> None:
    for kind in (task.options, task.knobs):
        rows = list(schema.rows(kind))
        assert [row.path for row in rows] == list(kind.model_fields)
        assert all(row.choices or row.type in (int, float, str, bool) for row in rows)


# --- The pages of docs/ ----------------------------------------------------------------------------------------------


def test_the_page_of_the_tasks_is_as_make_docs_writes_it() -> None:
    written = (ROOT / "docs" / "tasks.md").read_text(encoding="utf-8")
    assert written == catalogue.page(TASKS.values()), "run: make docs"


def test_the_page_of_the_data_is_as_make_docs_writes_it() -> None:
    written = (ROOT / "docs" / "data.md").read_text(encoding="utf-8")
    assert written == data_catalogue.page(), "run: make docs"


def test_the_pieces_named_for_people_who_program_are_there() -> None:
    text = "".join(
        (ROOT / name).read_text(encoding="utf-8") for name in ("docs/custom.md", "docs/hosting.md", "examples/run.yaml")
    )
    paths = sorted(set(re.findall(r"examples\.\w+:\w+", text)))
    assert len(paths) == 4
    assert all(custom.load(path) for path in paths)


# --- README ----------------------------------------------------------------------------------------------------------


def test_the_run_yaml_of_the_readme_is_valid() -> None:
    (text,) = blocks("yaml")
    run = config.validate(yaml.safe_load(text))
    assert run.name == "reviews"
    assert run.data.columns == {"text": "review", "label": "sentiment"}


def test_the_commands_of_the_readme_exist() -> None:
    from core.cli import make_parser

    known = make_parser().format_help()
    named = re.findall(r"-m core\.cli (\w+)", README)
    assert len(named) >= 6
    assert [name for name in named if not re.search(rf"^\s+{name}\s", known, re.MULTILINE)] == []


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.name)
def test_every_make_target_that_is_named_exists(guide: Path) -> None:
    targets = set(re.findall(r"^([a-z0-9]+):", MAKEFILE, re.MULTILINE))
    text = guide.read_text(encoding="utf-8")
    named = set(re.findall(r"(?:^|`)make ([a-z0-9]+)", text, re.MULTILINE))
    assert named <= targets


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.name)
def test_links_lead_somewhere(guide: Path) -> None:
    targets = re.findall(r"\]\(([^)]+)\)", guide.read_text(encoding="utf-8"))
    local = [target for target in targets if not target.startswith("https://")]
    assert [target for target in local if not (guide.parent / target).exists()] == []


def tree_of_the_readme() -> dict[str, str]:
    """Path → words, from the block that draws the tree."""
    (text,) = [block for block in blocks("") if block.startswith("app.py")]
    folder, found = "", {}
    for line in text.splitlines():
        name, _, words = line.strip().partition(" ")
        if not line.startswith(" "):
            folder = name if name.endswith("/") else ""
            found[name] = words.strip()
        else:
            found[folder + name] = words.strip()
    return found


def test_the_tree_of_the_readme_exists() -> None:
    tree = tree_of_the_readme()
    assert len(tree) > 30
    assert [path for path in tree if not (ROOT / path).exists()] == []
    assert [path for path, words in tree.items() if not words] == []


@pytest.mark.parametrize("folder", ["core", "ui"])
def test_the_tree_of_the_readme_is_whole(folder: str) -> None:
    tree = tree_of_the_readme()
    files = {path.relative_to(ROOT).as_posix() for path in (ROOT / folder).glob("*.py") if path.stem != "__init__"}
    folders = {f"{path.parent.relative_to(ROOT).as_posix()}/" for path in (ROOT / folder).glob("*/__init__.py")}
    assert sorted((files | folders) - set(tree)) == []
