"""The page of a demo, as a program of Gradio: what goes in and what comes out is drawn by its kind."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping
from urllib.parse import quote

from core.runs import Run
from core.tasks.base import Kind, Task
from core.usage import samples
from core.usage.code import Source, filled, parts

HUB_PAGE = "https://huggingface.co/"

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


def page(run: Run, task: Task, repo: str, about: str) -> str:
    """The program that draws the demo. ``about`` is Markdown."""
    several = task.output == "labels"
    head = filled(
        _HEAD,
        imports=Source("from model import THRESHOLDS, answer" if several else "from model import answer"),
        trouble=_TROUBLE.format(repo=repo),
        title=html.escape(repo.rpartition("/")[2]),
        about=f"{about} [More about this model]({page_of(repo)})",
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


def page_of(repo: str) -> str:
    """The address of a model on the Hub."""
    return HUB_PAGE + quote(repo)
