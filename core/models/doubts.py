"""What a person should weigh before choosing a model of the Hub, and what makes it no choice at all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from core.config import TrainingConfig
from core.hub.failures import page_of
from core.hub.types import Method, Warned
from core.models import families
from core.models.cards import in_words
from core.models.fitting import fit
from core.models.licences import about_licence
from core.models.other_language import MUST_LEARN, other_language
from core.models.programs import needs_program
from core.models.told import Told
from core.permissions import allows
from core.probing.found import Probed
from core.said import Figures, percent, said, together
from core.tasks.base import Task

MANY_UNKNOWN = 0.05
"""Share of words: from here on the model misses what texts say."""
MANY_LONG = 0.1
NUMBERS_FOR_A_ROW = 2_000_000
NEVER_TOO_LARGE = 500_000_000
"""A rule of thumb: more than two million numbers for each example are more than it can settle. Training large models on
few examples is known to fail now and then, and to end differently with each seed (Dodge et al. 2020, arXiv:2002.06305;
Zhang et al. 2021, arXiv:2006.05987, both with 340 million numbers and from a few hundred examples on), and it costs
hours where a small model takes minutes. Models of half a billion numbers and less are never called too large.
"""


@dataclass(frozen=True)
class Wish:
    """What the model is wanted for. Without a task or a table, what rests on them is left out."""

    task: Task | None = None
    training: TrainingConfig = field(default_factory=TrainingConfig)
    rows: int | None = None
    """To learn from."""
    read: int = 0
    """As how many pieces they are learned from."""
    lengths: Sequence[int] = ()
    """Token counts of a sample of texts, as the model counts them."""
    pieces: Sequence[int] = ()
    """The same of the pieces that these are learned from as."""
    language: str = ""
    """The code of the one that most texts are in; empty where it is not clear."""
    unknown_share: float | None = None
    found: Probed | None = None
    """What real steps of such a run took on this machine; None where there were none."""


def doubts(told: Told, wish: Wish, methods: Sequence[Method]) -> tuple[Warned, ...]:
    """All that is to be said, what blocks first."""
    found = [*_not_whole(told), *_closed(told), *_other_work(told, wish.task)]
    found += [*_of_the_texts(told, wish), *_too_large(told, wish, methods), *_terms(told), *_age(told)]
    return tuple(sorted(found, key=lambda one: not one.blocks))


# --- Can it be opened at all? -----------------------------------------------------------------------------------------


def _not_whole(told: Told) -> Iterator[Warned]:
    """Weights that are missing, packed, or in a form that can hide code."""
    names, base = told.files, told.base_model
    if not told.config and "adapter_config.json" in names:
        take = (
            said("Take the model it belongs to: {model}.", model=base)
            if base
            else said("Take the model it belongs to; its page names it.")
        )
        yield Warned("adapter", said("This is only an addition to another model (an adapter)."), take, blocks=True)
    elif told.config.get("quantization_config") or (not told.taken and any(one.endswith(".gguf") for one in names)):
        take = (
            said("Take the one it was made from: {model}.", model=base)
            if base
            else said("Take the one it was made from.")
        )
        detail = together(said("Its numbers were made smaller for use, and cannot be trained as they are."), take)
        yield Warned("packed", said("Its numbers are packed (quantised, or GGUF)."), detail, blocks=True)
    elif not told.config and not told.access_help:
        detail = said("It has no config.json that says what it is. Choose one in the form of the library transformers.")
        yield Warned("no-config", said("It is no model that can be trained here."), detail, blocks=True)
    elif not told.taken:
        yield _without_safe_weights(told)
    elif all(not one.endswith(".safetensors") for one in told.taken):
        detail = said(
            "Whoever started Tunesmith allows it. They are read in a way that makes nothing of them but numbers."
        )
        yield Warned("bin-only", said("Its weights are in an old form that can hide harmful code (.bin)."), detail)


def _without_safe_weights(told: Told) -> Warned:
    if any(one.endswith((".bin", ".pt", ".pth", ".ckpt")) for one in told.files):
        return Warned(
            "bin-only",
            said("Its weights are only there in a form that can hide harmful code (.bin)."),
            said(
                "Choose a model with safetensors. If you trust its author, and it is you who starts Tunesmith, start "
                "it with --allow bin."
            ),
            blocks=True,
        )
    detail = said("model.safetensors is missing in its top folder. Choose a whole model.")
    return Warned("no-weights", said("It has no weights that can be read here."), detail, blocks=True)


def _closed(told: Told) -> Iterator[Warned]:
    if told.access_help:
        title = said("It is open only to people who accepted its terms, and you have not been let in.")
        yield Warned("gated", title, told.access_help, blocks=True)


def _other_work(told: Told, task: Task | None) -> Iterator[Warned]:
    """A program of its own, or a kind that does not do the work of the task."""
    config = told.config
    if not config.get("model_type"):
        return
    if needs_program(config) and not allows("remote-code"):
        yield Warned(
            "remote-code",
            said("It needs a program of its own to run."),
            said(
                "Such a program could do anything on this machine, so it is not run. Choose another model. If you "
                "trust its author, and it is you who starts Tunesmith, start it with --allow remote-code."
            ),
            blocks=True,
        )
        return
    if needs_program(config):
        title = said("A program of {owner} will be run with it.", owner=told.about.id.partition("/")[0])
        detail = said("It can do on this machine whatever you can. Whoever started Tunesmith allows it.")
        yield Warned("remote-code", title, detail)
    if task is not None:
        yield from _unfit(told, task)


def _unfit(told: Told, task: Task) -> Iterator[Warned]:
    kind = told.config["model_type"]
    match fit(task, told.config):
        case "unknown-kind":
            title = said("It is of a kind that cannot be opened here ({kind}).", kind=kind)
            detail = said("The installed library transformers does not know it. Choose another, or update Tunesmith.")
            yield Warned("unknown-kind", title, detail, blocks=True)
        case "no-head":
            title = said("A model of this kind cannot be trained for this task.")
            yield Warned("no-head", title, said(_OF_KIND[task.family], kind=kind), blocks=True)
        case "other-family":
            family = families.family_of(told.config)
            made = said(_MADE[family] if family else "It was made for something else.")
            detail = together(made, said(_BETTER[task.family]))
            yield Warned("other-family", said("It was made for another kind of work."), detail)


_OF_KIND = {
    "encoder": "It is of the kind {kind}. Choose one that reads a text whole, such as BERT, RoBERTa or ModernBERT.",
    "decoder": "It is of the kind {kind}. Choose one that writes on from a text, such as SmolLM2, GPT-2 or Qwen2.",
    "seq2seq": "It is of the kind {kind}. Choose one that writes one text from another, such as T5, mT5, BART or "
    "Marian.",
}
_MADE = {
    "encoder": "It was made as a model that reads a text whole.",
    "decoder": "It was made as a model that writes on from a text.",
    "seq2seq": "It was made as a model that writes one text from another.",
}
_BETTER = {
    "encoder": "It can be trained for this, but one that reads a text whole is usually smaller and better.",
    "decoder": "It can be trained for this, but one that writes on from a text is usually smaller and better.",
    "seq2seq": "It can be trained for this, but one that writes one text from another is usually smaller and better.",
}

# --- Does it suit these texts? ----------------------------------------------------------------------------------------


def _of_the_texts(told: Told, wish: Wish) -> Iterator[Warned]:
    share = wish.unknown_share or 0.0
    measured = said(
        "{share} of the words in your rows are unknown to it: it cannot tell them apart.", share=percent(share)
    )
    why = measured if share >= MANY_UNKNOWN else MUST_LEARN
    strange = other_language(in_words(told.about.languages), wish.language, why=why)
    if strange is not None:
        yield Warned("other-language", strange.title, strange.detail)
    elif share >= MANY_UNKNOWN:
        title = said("It does not know many of the words in your texts.")
        detail = together(measured, said("Choose one that was made for texts like yours."))
        yield Warned("unknown-words", title, detail)
    limit = told.as_checkpoint().max_length
    long = sum(length > limit for length in wish.lengths) / len(wish.lengths) if limit and wish.lengths else 0.0
    if limit and long >= MANY_LONG:
        title = said(
            "{share} of your texts are longer than it can read at once ({limit} tokens).",
            share=percent(long),
            limit=limit,
        )
        detail = said(
            "They are cut there, or read in pieces where the task can do that. Models for long texts read more."
        )
        yield Warned("short-reach", title, detail)


# --- Is it bearable here, and allowed? --------------------------------------------------------------------------------


def _too_large(told: Told, wish: Wish, methods: Sequence[Method]) -> Iterator[Warned]:
    full = next((one for one in methods if one.name == "full"), None)
    if full is not None and not full.fits:
        detail = said(
            "Training all of its numbers takes about {size} GB of memory, more than is free on this machine. Choose a "
            "smaller one, or make batches and texts shorter.",
            size=Figures(f"{full.memory_bytes / 1e9:.0f}"),
        )
        yield Warned("memory", said("It does not fit the memory of this machine."), detail)
    numbers = told.about.parameters
    if wish.rows and numbers and numbers > max(NEVER_TOO_LARGE, NUMBERS_FOR_A_ROW * wish.rows):
        detail = said(
            "So large a model learns so few by heart rather than from them, and comes out differently each time. A "
            "smaller one is trained sooner and is often as good; or collect more examples."
        )
        yield Warned("too-large", said("It is very large for {rows} examples.", rows=wish.rows), detail)


def _terms(told: Told) -> Iterator[Warned]:
    found = about_licence(told.about.licence, told.licence_name, page_of(told.about.id))
    if found is not None:
        yield found


def _age(told: Told) -> Iterator[Warned]:
    if not told.fresh:
        day = datetime.fromtimestamp(told.seen).strftime("%-d %B %Y")
        detail = said(
            "The Hugging Face Hub cannot be reached now. It may have changed since; to download it, connect again."
        )
        yield Warned("as-last-seen", said("This is the model as last seen, on {day}.", day=day), detail)
