"""Every text of ours that can be said in another language, found in the code itself; and what is missing of it.

Run as:
    python -m ui.word_list          # what each language lacks, and what it has that nobody says any more
    python -m ui.word_list de       # the same for German, each text in full
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Sequence
from functools import lru_cache

from core import home
from core.judging.words import told_of
from core.models.known import HUB
from core.models.types import Note
from core.tasks import TASKS
from ui.forms.values import rows_of
from ui.languages import ENGLISH, LANGUAGES, catalogue
from ui.not_words import NOT_WORDS
from ui.translated import GAPPED
from ui.words_in_code import in_markup, of_code

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
    return of_code("ui")


@lru_cache
def of_sentences() -> frozenset[str]:
    """What the core says from figures: the texts given to ``said`` and its kin."""
    return of_code("core")


@lru_cache
def of_other_rows() -> frozenset[str]:
    """What is said of a report's own rows, where it is said of others that were judged later."""
    texts = of_code("core/evaluation", "core/judging/advising.py", "core/judging/readings", "core/tasks")
    return frozenset({told_of(text) for text in texts} - texts - {"{of_them}"})


SENTENCES_DONE = (
    "core/adapter_config.py",
    "core/adapters",
    "core/afterwards.py",
    "core/answers_room.py",
    "core/capabilities.py",
    "core/ceilings.py",
    "core/checks.py",
    "core/comparing.py",
    "core/comparing_room.py",
    "core/completion.py",
    "core/config.py",
    "core/control_room.py",
    "core/data",
    *(f"core/data/{path.name}" for path in (home.ASSETS.parent / "core" / "data").glob("*.py")),
    "core/demo",
    "core/distribution_config.py",
    "core/ensembles",
    "core/errands.py",
    "core/errors.py",
    "core/estimate.py",
    "core/evaluation",
    "core/explaining",
    "core/explaining_room.py",
    "core/home.py",
    "core/hub",
    "core/hub_config.py",
    "core/job_config.py",
    "core/job_room.py",
    "core/jobs",
    "core/judging",
    "core/judging_room.py",
    "core/keeping",
    "core/keeping_room.py",
    "core/labels",
    "core/labels_room.py",
    "core/launchers",
    "core/limits.py",
    "core/models",
    "core/notify_config.py",
    "core/orders.py",
    "core/people",
    "core/prediction/client.py",
    "core/prediction/files.py",
    "core/prediction/generation.py",
    "core/prediction/predictor.py",
    "core/prediction/speed.py",
    "core/prediction/together.py",
    "core/presets.py",
    "core/probing",
    "core/publishing",
    "core/queue.py",
    "core/remarks.py",
    "core/report_room.py",
    "core/runs.py",
    "core/said.py",
    "core/said_times.py",
    "core/script",
    "core/search/config.py",
    "core/search/searches.py",
    "core/search_room.py",
    "core/settings/training.py",
    "core/sharing_room.py",
    "core/space.py",
    "core/studio.py",
    "core/suggest.py",
    "core/summaries.py",
    "core/supervisor.py",
    "core/takeaway.py",
    "core/tasks",
    "core/training",
    "core/usage/snippets.py",
    "core/versus",
    "core/waiting_time.py",
    "core/watch_config.py",
)
"""Where the core's sentences are said in every language. The next file is added here, with its words."""


def of_components() -> frozenset[str]:
    """What Gradio builds once for all: the words in the pages' configs."""
    from core.studio import Studio
    from ui import shell, translated
    from ui.pages import PAGES

    found: set[str] = set()
    studio = Studio()
    try:
        config = json.loads(json.dumps(shell.build(studio, PAGES).get_config_file(), default=str))
    finally:
        studio.close()
    for component in config["components"]:
        for place, key in translated.spoken(component):
            found |= set(in_markup(place[key]) if component["type"] == "html" else [place[key]])
    return frozenset(found)


def of_hosting() -> frozenset[str]:
    """What is said where the app serves others: on a Space, in a demo, of limits and of rented machines."""
    from core import job_room, space
    from core.ceilings import CEILINGS
    from core.demo import bounds
    from core.jobs import parcel
    from core.people import audit, looking_after, quotas
    from ui import demo_words, kept_words, shell

    note = Note(space.NO_GPU, space.SLOW)
    drawn = (
        shell.vanishing_line(space.NO_STORAGE),
        kept_words.about_space(space.NO_STORAGE, [note], ""),
        kept_words.about_space("", [Note(*space.ZERO)], ""),
        demo_words.banner(),
        demo_words.showcase([]),
        demo_words.beforehand(),
    )
    said = {text for markup in drawn for text in in_markup(GAPPED.sub("", markup))}
    said |= {*bounds.INSTEAD, *quotas.WORDS.values(), *parcel.ALONG, job_room.COSTS, job_room.ONE_GPU}
    said |= {*audit.KINDS, *looking_after.LABELS.values(), *(CEILINGS[name].words for name in quotas.NAMES)}
    return frozenset(said | set(demo_words.CARD))


def of_settings() -> frozenset[str]:
    """What the core says of the settings: those of every run, and those of each task."""
    found: set[str] = set()
    for row in (row for task in TASKS for row in rows_of(task)):
        found |= {row.setting.label, row.setting.help, row.setting.unit, row.group}
        found |= {words for words, _ in row.choices} | {when.otherwise for when in row.setting.conditions}
    return frozenset(found)


def of_tasks() -> frozenset[str]:
    """What the core says of the tasks: how they are called, which columns they need, what their metrics mean."""
    found: set[str] = set()
    for task in TASKS.values():
        found |= {
            task.title,
            task.summary,
            *(words for metric in task.metrics for words in (metric.label, metric.help)),
        }
        found |= {words for role in (*task.roles, *task.asks) for words in (role.label, role.help)}
        found |= {reason for _, reason in task.suggested.values()}
    return frozenset(found)


def of_known_models() -> frozenset[str]:
    """What is said of well-known models."""
    return frozenset(one.summary for one in HUB)


def done() -> frozenset[str]:
    """Everything that is said in every language. The rest, sentences of the core, may stay English."""
    return _worded(
        of_scripts()
        | of_pages()
        | of_code(*SENTENCES_DONE)
        | of_other_rows()
        | of_components()
        | of_hosting()
        | of_tasks()
        | of_known_models()
        | of_settings()
    )


def all_texts() -> frozenset[str]:
    """Everything that can be said in another language."""
    return done() | _worded(of_sentences())


def _worded(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(text for text in texts if re.search(r"[^\W\d_]{2}", text)) - NOT_WORDS


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
