"""The demo of a model as a Space: a page on the Hub, made with Gradio, on which everybody can try it.

It needs nothing of Tunesmith. ``model.py`` loads the model and answers, as the task has it (``Task.serving``);
``app.py`` draws what goes in and comes out by its kind. Nothing of the table that the model learned from is in it.
"""

from __future__ import annotations

import html
import json
import platform
import re
from collections.abc import Mapping
from importlib import metadata
from urllib.parse import quote

import yaml

from core.errors import HubError
from core.publishing.base_model import base_of
from core.publishing.types import Item
from core.runs import Run
from core.tasks import TASKS
from core.tasks.base import Kind, Task
from core.usage import samples
from core.usage.code import Source, filled, parts
from core.usage.snippets import usage_of

HUB_PAGE = "https://huggingface.co/"
_WORDS_A_TOKEN = 0.7
_TITLE_LENGTH = 60
_CPU_WHEELS = "https://download.pytorch.org/whl/cpu"


def demo_items(run: Run, model_repo: str) -> list[Item]:
    """The files of a Space that serves the model of this run from ``model_repo``, which is where it is published.

    Raises ``HubError`` where the run has no model, or its task cannot be shown in this way.
    """
    task = TASKS[run.config.task]
    if not run.has_model:
        raise HubError("This run has no model to show.", "Let it finish first, or stop it after a while.")
    if task.serving is None:
        raise HubError("There is no demo for this task.", "Publish the model itself: its card shows how to use it.")
    about = as_markdown(_about(run, task))
    files = {
        "README.md": _readme(run, task, model_repo, about),
        "requirements.txt": _requirements(),
        "app.py": _app(run, task, model_repo, about),
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
    words = f"{length:,} tokens, about {round(length * _WORDS_A_TOKEN):,} English words"
    reads = f"It learned from texts of up to {words}; longer ones may be cut."
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


def _page(repo: str) -> str:
    return HUB_PAGE + quote(repo)


# --- Files -----------------------------------------------------------------------------------------------------------


def _readme(run: Run, task: Task, repo: str, about: str) -> str:
    base, page = base_of(run.config.model), _page(repo)
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
A demo of the model [{as_markdown(repo)}]({page}).

{about}

Its [card]({page}) says what it was trained on, how it was measured and where its limits are.

## If the model is private

Add a token that may read it as a secret called `HF_TOKEN`, under Settings of this Space. Whoever can open this page can
then ask the model, so keep the Space private too.

Made with Tunesmith.
"""
    return f"---\n{front}---\n\n{body}"


def _requirements() -> str:
    """Gradio itself is named in the head of README.md. The Space computes without a graphics card."""
    lines = [f"{name}=={metadata.version(name).partition('+')[0]}" for name in ("torch", "transformers")]
    return "\n".join([f"--extra-index-url {_CPU_WHEELS}", *lines]) + "\n"


_HEAD = '''
"""The page of this demo: what goes in, and what comes out."""

try:
    $imports
except OSError as problem:
    raise SystemExit($trouble) from problem

import gradio as gr

TITLE = $title
ABOUT = $about
EXAMPLES = $examples
'''
_TROUBLE = (
    "The model {repo} cannot be loaded. If it is private, add a token that may read it as a secret called HF_TOKEN, "
    "under Settings of this Space, and restart it."
)
_FORM = """
demo = gr.Interface(
    $function,
    inputs=[
$inputs
    ],
    outputs=$outputs,
    examples=EXAMPLES,
    cache_examples=False,
    flagging_mode="never",
    title=TITLE,
    description=ABOUT,
    submit_btn="Ask the model",
    api_name="answer",
)

if __name__ == "__main__":
    demo.launch()
"""
_CHAT = """
demo = gr.ChatInterface(
    answer,
    examples=EXAMPLES,
    cache_examples=False,
    run_examples_on_click=False,
    title=TITLE,
    description=ABOUT,
    api_name="answer",
)

if __name__ == "__main__":
    demo.launch()
"""
_GIVEN = '''
def given(*texts):
    """The labels that are given, and the probability of each."""
    scores = answer(*texts)
    labels = [label for label, score in scores.items() if score >= THRESHOLDS[label]]
    return ", ".join(labels) or "none", scores
'''

OUTPUTS: Mapping[Kind, str] = {
    "label": 'gr.Label(label="Answer", num_top_classes=10)',
    "labels": '[gr.Textbox(label="Labels"), gr.Label(label="Probabilities", num_top_classes=20, show_heading=False)]',
    "number": 'gr.Number(label="Answer")',
    "spans": 'gr.HighlightedText(label="Found")',
    "answer": 'gr.HighlightedText(label="Answer")',
    "fills": 'gr.Textbox(label="Answer", lines=4)',
    "text": 'gr.Textbox(label="Answer", lines=6)',
    "image": 'gr.Image(label="Answer")',
}
"""What draws each kind of answer; a conversation is a page of its own."""
INPUTS: Mapping[Kind, str] = {"image": "gr.Image(label=$label)", "number": "gr.Number(label=$label)"}
"""What takes each kind of input; all others are texts."""
_TEXT = "gr.Textbox($first, label=$label, info=$help, lines=3)"


def _app(run: Run, task: Task, repo: str, about: str) -> str:
    several = task.output == "labels"
    head = filled(
        _HEAD,
        imports=Source("from model import THRESHOLDS, answer" if several else "from model import answer"),
        trouble=_TROUBLE.format(repo=repo),
        title=html.escape(repo.rpartition("/")[2]),
        about=f"{about} [More about this model]({_page(repo)})",
        examples=_questions(run, task) if task.output == "chat" else _rows(run, task),
    )
    if task.output == "chat":
        return parts(head, _CHAT)
    form = filled(
        _FORM,
        function=Source("given" if several else "answer"),
        inputs=Source("\n".join(f"        {one}," for one in _inputs(run, task))),
        outputs=Source(OUTPUTS[task.output]),
    )
    return parts(head, _GIVEN if several else "", form)


def _inputs(run: Run, task: Task) -> list[str]:
    """What takes each input, with the first example in it. What a role says of itself is for people who choose columns,
    unless it is there to be asked.
    """
    first = next(iter(_rows(run, task) or ()), None)
    return [
        filled(
            INPUTS.get(role.kind, _TEXT),
            first=first[place] if first else None,
            label=role.label,
            help=role.help if role in task.asks else None,
        )
        for place, role in enumerate(samples.asked(task, run))
    ]


def _rows(run: Run, task: Task) -> list[list[str]] | None:
    """Examples to click on. Gradio takes None for none."""
    names = [role.name for role in samples.asked(task, run)]
    return [[example[name] for name in names] for example in samples.examples(task, run)] or None


def _questions(run: Run, task: Task) -> list[str] | None:
    """What somebody says last in each sample conversation."""
    from core.data import conversations

    texts = [text for example in samples.examples(task, run) for text in example.values()]
    found = [json.loads(turns)[-1]["content"] for turns in conversations.questions(texts) if turns]
    return found or None
