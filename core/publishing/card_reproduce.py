"""What a model card ends with: how to train the model again, its licence, whom to cite."""

from __future__ import annotations

from collections.abc import Iterator

from core.markdown import code, escaped, fenced
from core.publishing.cleaned import is_showable, source_name
from core.publishing.facts import Facts
from core.publishing.licences import in_words

CONFIG = "run.yaml"
"""The name of the config in a repository."""
_SAMPLE = "sample/"


def reproduce(facts: Facts) -> list[str]:
    """The command, and what it takes beside it."""
    config = facts.config
    needs = []
    if facts.dataset:
        needs.append("the dataset is fetched from the Hub")
    elif not config.data.source.startswith(_SAMPLE):
        needs.append(f"the table is not in this repository: put {code(source_name(config.data))} beside {code(CONFIG)}")
    if not facts.base.hub_id:
        needs.append(f"so is the model that it started from, {code(facts.base.name)}, a folder of its maker's")
    if config.custom.is_used or ":" in config.task:
        needs.append("it uses program code of its maker's own, which is not in this repository")
    if any(not is_showable(config, step) for step in config.data.steps):
        needs.append("changes of single cells are left out of the config, because they hold texts of the table")
    figures = "All figures are in `report.json`, without the texts that they were found on. " if facts.report else ""
    return [
        "## How to reproduce it",
        f"{code(CONFIG)} in this repository holds everything that was set. With Tunesmith {facts.tunesmith}:",
        fenced(f"tunesmith train {CONFIG}", "bash"),
        *_script(facts),
        f"{_sentence(needs)}{figures}The seed is {config.training.seed}: the same versions on the same kind of machine "
        "give the same model, on another one nearly the same.",
    ]


def _script(facts: Facts) -> list[str]:
    if not facts.has_script:
        return []
    return [
        f"{code('train.py')} is the same training as a program of its own, for the packages transformers and datasets "
        "alone. It reads its rows from `train.jsonl`, `validation.jsonl` and `test.jsonl`, which are not in this "
        "repository: its function `encode` says which columns they have."
    ]


def _sentence(needs: list[str]) -> str:
    if not needs:
        return ""
    words = "; ".join(needs)
    return f"{words[0].upper()}{words[1:]}. "


def licence(facts: Facts) -> list[str]:
    """Only what follows from the base model. Nobody else has said anything."""
    base = facts.base
    start = f"[{escaped(base.name)}]({base.page})" if base.page else code(base.name)
    if base.licence and base.licence != "other":
        words = (
            f"The model it started from, {start}, is under **{in_words(base.licence)}**, and this one is passed on "
            "under the same."
        )
    elif base.licence == "other":
        named = f"[{escaped(base.licence_name)}]({base.licence_link})" if base.licence_link else base.licence_name
        words = (
            f"The model it started from, {start}, is under a licence of its own ({named}), whose terms hold for "
            "this one too: read them before you use it."
        )
    else:
        words = (
            f"**None is stated.** The licence of the model it started from, {start}, is not known here. Find out "
            "before you pass this one on."
        )
    return ["## Licence", f"{words} The training data may set terms of its own: see above."]


def citation(facts: Facts) -> Iterator[str]:
    """That of the base model, as its own card has it."""
    base = facts.base
    if base.citation:
        yield "## Citation"
        yield f"Of the model that it started from, {escaped(base.name)}:"
        yield fenced(base.citation, "bibtex")


def made_with(facts: Facts) -> str:
    return f"Made with Tunesmith {facts.tunesmith}, which wrote this card from the records of the training."
