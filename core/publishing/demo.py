"""The demo of a model as a Space: a page on the Hub, made with Gradio, on which everybody can try it.

It needs nothing of Tunesmith. ``model.py`` loads the model and answers, as the task has it (``Task.serving``);
``app.py`` draws what goes in and comes out by its kind. Nothing of the table that the model learned from is in it.
"""

from __future__ import annotations

import platform
import re
from collections.abc import Mapping
from importlib import metadata

import yaml

from core.errors import HubError
from core.publishing.base_model import base_of
from core.publishing.card import CARD, MARKER
from core.publishing.card_limits import in_tokens
from core.publishing.demo_page import page, page_of
from core.publishing.types import Item
from core.runs import Run
from core.said import said
from core.tasks import TASKS
from core.tasks.base import Kind, Task
from core.usage import adapters
from core.usage.snippets import usage_of

_TITLE_LENGTH = 60
_CPU_WHEELS = "https://download.pytorch.org/whl/cpu"


def demo_items(run: Run, model_repo: str) -> list[Item]:
    """The files of a Space that serves the model of this run from ``model_repo``, which is where it is published.

    Raises ``HubError`` where the run has no model, or its task cannot be shown in this way.
    """
    task = TASKS[run.config.task]
    if not run.has_model:
        raise HubError(said("This run has no model to show."), said("Let it finish first, or stop it after a while."))
    if adapters.is_alone(run):
        raise HubError(
            said("A demo needs the whole model, and this run kept an adapter alone."),
            said("Train again with the adapter merged into the model."),
        )
    if task.serving is None:
        advice = said("Publish the model itself: its card shows how to use it.")
        raise HubError(said("There is no demo for this task."), advice)
    about = as_markdown(_about(run, task))
    files = {
        CARD: _readme(run, task, model_repo, about),
        "requirements.txt": _requirements(),
        "app.py": page(run, task, model_repo, about),
        "model.py": f'"""The model of this demo, and its answers."""\n\n{task.serving(usage_of(run, model_repo))}',
    }
    return [Item(name, text.encode("utf-8", "replace")) for name, text in files.items()]


# --- Words -----------------------------------------------------------------------------------------------------------


WHAT: Mapping[Kind, str] = {
    "label": "sorts a text into one of several classes",
    "labels": "gives a text any number of labels",
    "number": "gives a text a number",
    "spans": "marks words in a text",
    "answer": "finds the answer to a question in a text",
    "fills": "names the words that fit into gaps of a text",
    "text": "writes a text from what it is given",
    "chat": "answers in a conversation",
    "image": "makes an image",
}
"""What a model does, by the kind of its answer."""


def _about(run: Run, task: Task) -> str:
    """What is true of the model, in a few plain sentences: what it does, how good it is, how much it reads."""
    verdict = first_sentence(str((run.report or {}).get("verdict") or ""))
    length = usage_of(run, "").manual.max_length
    reads = f"It learned from texts of up to {in_tokens(length)}; longer ones may be cut."
    return " ".join([f"This model {WHAT[task.output]}.", *([verdict] if verdict else []), reads])


def first_sentence(text: str) -> str:
    """Up to the first end of a sentence: a mark, then a blank and a capital letter, or the end of the text."""
    found = re.match(r".+?[.!?](?=\s+[A-Z“\"'(]|\s*$)", text.strip(), re.DOTALL)
    return found.group() if found else text.strip()


def as_markdown(text: str) -> str:
    """Plain text as Markdown in which nothing of it is a mark, a link or HTML; what is in backticks gets quotes."""
    quoted = re.sub(r"`([^`]*)`", r"“\1”", " ".join(text.split()))
    marked = re.sub(r"([\\`*_{}\[\]<>()#+!|~$&])", r"\\\1", quoted)
    # Addresses become links by themselves unless a sign of theirs is written in another way.
    return re.sub(r"://|www\.|@", lambda found: found.group().translate(_UNLINKED), marked, flags=re.IGNORECASE)


_UNLINKED = {ord(sign): f"&#{ord(sign)};" for sign in ":.@"}


# --- Files -----------------------------------------------------------------------------------------------------------


def _readme(run: Run, task: Task, repo: str, about: str) -> str:
    base, address = base_of(run.config.model), page_of(repo)
    head = {
        "title": repo.rpartition("/")[2][:_TITLE_LENGTH],
        "emoji": "🎛️",
        "colorFrom": "indigo",
        "colorTo": "gray",
        "sdk": "gradio",
        "sdk_version": metadata.version("gradio"),
        "python_version": ".".join(platform.python_version_tuple()[:2]),
        "app_file": "app.py",
        "pinned": False,
        "models": [repo],
        "short_description": f"A model that {WHAT[task.output]}",
        **({"license": base.licence} if base.licence not in ("", "other") else {}),
    }
    front = yaml.safe_dump(head, sort_keys=False, allow_unicode=True)
    body = f"""\
A demo of the model [{as_markdown(repo)}]({address}).

{about}

Its [card]({address}) says what it was trained on, how it was measured and where its limits are.

## If the model is private

Add a token that may read it as a secret called `HF_TOKEN`, under Settings of this Space. Whoever can open this page can
then ask the model, so keep the Space private too.

Made with Tunesmith.

{MARKER}
"""
    return f"---\n{front}---\n\n{body}"


def _requirements() -> str:
    """Gradio itself is named in the head of README.md. The Space computes without a graphics card."""
    lines = [f"{name}=={metadata.version(name).partition('+')[0]}" for name in ("torch", "transformers")]
    return "\n".join([f"--extra-index-url {_CPU_WHEELS}", *lines]) + "\n"
