"""Masked language modeling: a model that reads gets used to texts by naming words that were hidden in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from core.data.types import Examples, Guess, Preview, Target
from core.evaluation import language_model, surprise
from core.evaluation import language_model_report as reporting
from core.evaluation.rows import guessed
from core.evaluation.types import Metrics, MetricWords, Section
from core.models import blocks, framed_texts, masking
from core.models.masking import by_hidden_tokens
from core.models.offered import ENCODERS
from core.models.types import Built, Note
from core.schema import Setting, Settings
from core.script import hiding
from core.tasks.base import Columns, Context, Forwarded, Piece, Purpose, Questions, Role, Task
from core.usage import filling
from core.versus import text_marks

PIPELINE = "fill-mask"


class Options(Settings):
    """What is hidden, and how texts are laid out for learning."""

    mlm_probability: Annotated[
        float,
        Setting(
            "Hidden share",
            "The share of the words or parts of words that are hidden while learning, others in each epoch. Judged is "
            "always on 15 %, so that figures can be compared.",
            level="advanced",
        ),
    ] = Field(0.15, ge=0.01, le=0.8)
    whole_word_mask: Annotated[
        bool,
        Setting(
            "Hide whole words",
            "Where a word has several parts, all of them are hidden together. Harder, and often better to learn from. "
            "Judged is then in the same way.",
            level="advanced",
        ),
    ] = False
    group_texts: Annotated[
        bool,
        Setting(
            "Put short texts together",
            "Fills each piece up to the maximum length with several texts while learning. Much faster with many short "
            "texts, but neighbours are read together though they may have nothing in common.",
            level="advanced",
        ),
    ] = False


ROLES = (Role("text", "Text", "The column with your texts. They need no labels.", "text"),)
ASKS = (
    Role(
        "gapped",
        "Text with a gap",
        "Write ___ (three underscores) or [MASK] where a word is missing. Several gaps may stand in one text.",
        "text",
    ),
)
METRICS: tuple[MetricWords, ...] = tuple(
    replace(metric, help=f"{metric.help} Strictly a pseudo-perplexity: of hidden words, with the text on both sides.")
    if metric.name == "perplexity"
    else metric
    for metric in language_model.WORDS
)
SUGGESTED = {
    "training.learning_rate": (1e-4, "Larger steps than usual: the layer that names words is often new."),
    "training.num_train_epochs": (3.0, "Other words are hidden in each reading, so a few readings still teach."),
    "training.per_device_train_batch_size": (16, "A good middle between speed and memory."),
    "training.max_length": (128, "About 90 words at a time; longer texts are read in pieces, so nothing is lost."),
}
SAMPLE_ROWS = tuple(
    {"text": text}
    for text in (
        "The night shift counted the oil and trimmed the wick.",
        "Fog came in from the west before the lamp was lit.",
        "The supply boat brought oil, flour and two letters.",
        "Wind from the west again; the boat stayed away.",
        "Polished the lens and counted the oil before night.",
        "Two letters came with the boat, none for the keeper.",
        "The lamp was lit at dusk and burned until the fog rose.",
        "No boat for nine days; flour is low and the oil too.",
        "A gull broke the pane, so the lamp burned low all night.",
    )
)


def guess(preview: Preview) -> Guess | None:
    """Texts and nothing else are enough, so any task that finds its answers too comes first."""
    from core.data import guessing, plain_texts

    found = plain_texts.found_text(preview)
    if found is None:
        return None
    column, reason, is_plain = found
    alone = guessing.best_label(preview, apart=(column,)) is None
    return Guess(
        "masked-language-modeling", {"text": column}, {"text": reason}, 0.35 if is_plain else 0.15 if alone else 0.05
    )


def examples(table: Any, columns: Columns, options: Any = None) -> Examples:
    """Every row with a text, and ``gapped``, its beginning with a gap, to try the model with."""
    from core.data import plain_texts
    from core.models import gaps

    found = plain_texts.examples(table, columns, ROLES)
    with_gaps = found.table.append_column("gapped", gaps.invented(found.table.column("text")))
    return replace(found, table=with_gaps)


def questions(table: Any, columns: Columns) -> Questions:
    """Texts with a gap; others have nothing to answer."""
    import pyarrow.compute as pc

    from core.data.cleaning import as_text
    from core.models.gaps import MARK

    ((role, name),) = columns.items()
    texts = as_text(table.column(name))
    marked = pc.match_substring_regex(texts, MARK, ignore_case=True).to_pylist()
    return Questions({role: texts.to_pylist()}, [row for row, has_gap in enumerate(marked) if has_gap])


def features(lengths: Sequence[int], max_length: int, options: Any) -> list[int]:
    """Long texts are read in pieces."""
    return framed_texts.lengths_of_pieces(lengths, max_length, options.group_texts)


def remarks(folder: Path | None, target: Target, options: Any) -> tuple[Note, ...]:
    """Whether the checkpoint has a layer that names words."""
    return () if folder is None else masking.foretold(folder)


def load_tokenizer(folder: str, options: Any) -> tuple[Any, tuple[Note, ...]]:
    """The checkpoint's tokenizer. Raises ``CheckpointError`` where it has no mark for a hidden word."""
    return masking.load_tokenizer(folder), ()


def encode(columns: Mapping[str, Sequence[Any]], context: Context, purpose: Purpose) -> dict[str, list[Any]]:
    """Texts in pieces of at most ``max_length`` tokens; to predict, those with gaps."""
    from core.models import gaps

    if purpose == "predict":
        asked = columns["gapped"] if "gapped" in columns else columns["text"]
        return gaps.encode(asked, context.tokenizer, context.max_length)
    return framed_texts.encode(
        columns["text"],
        context.tokenizer,
        context.max_length,
        judged=purpose == "evaluate",
        group=purpose == "train" and context.options.group_texts,
        with_words=context.options.whole_word_mask,
    )


def build_model(folder: str, context: Context) -> Built:
    """The checkpoint with a layer that names words."""
    return masking.build(folder, context.tokenizer)


def collator(context: Context, purpose: Purpose) -> Any:
    """Hides words, in training others in each epoch; to predict, nothing."""
    if purpose == "predict":
        return lambda pieces: masking.collate(context.tokenizer, pieces)
    whole = context.options.whole_word_mask
    if purpose == "evaluate":
        return masking.Hiding(context.tokenizer, masking.JUDGED_SHARE, whole, None)
    return masking.Hiding(context.tokenizer, context.options.mlm_probability, whole, context.seed)


def forward(model: Any, batch: Mapping[str, Any], context: Context, purpose: Purpose, loss: Any) -> Forwarded:
    """How the hidden tokens are named, a piece; to predict, what fits into each gap."""
    from core.models import gaps

    if purpose == "predict":
        return Forwarded(gaps.fills(model, batch, context.tokenizer))
    scores = masking.hidden_token_scores(model, batch)
    return Forwarded(scores, sum(score.nll for score in scores), sum(score.tokens for score in scores))


def finish(pieces: list[list[Piece]], context: Context) -> list[list[Piece]]:
    """Each row's pieces as they are."""
    return pieces


def _scores(outputs: Any) -> list[list[Any]]:
    return [[piece.output for piece in row] for row in outputs]


def metrics_of(outputs: Any, examples: Any, context: Context) -> Metrics:
    """The metrics of ``METRICS`` for a live evaluation."""
    from core.models import causal

    return language_model.live_metrics(**causal.row_sums(_scores(outputs)))


def judge(outputs: Any, examples: Any, context: Context) -> dict[str, Any]:
    """Everything a report holds on one split."""
    scores = _scores(outputs)
    found = reporting.judge(scores, len(context.tokenizer), blocks.rows_before(examples))
    return found | surprise.judge(scores, context.tokenizer)


def comparable(outputs: Any, examples: Any, context: Context) -> tuple[Any, Any]:
    """The likeliest token and the right one, for each that was hidden."""
    from core.models import causal

    return causal.guesses(_scores(outputs))


def baselines(
    train: Any, test: Any, context: Context, outputs: Any, before: Mapping[str, Any] | None = None
) -> dict[str, dict[str, Any]]:
    """The model before training, and the commonest words."""
    size = len(context.tokenizer)
    counts = reporting.token_counts(train.column("text"), context.tokenizer, size)
    return reporting.baselines(counts, _scores(outputs), before, size)


def mistakes(outputs: Any, examples: Any, context: Context) -> list[dict[str, Any]]:
    """The texts whose hidden words surprised it most."""
    return reporting.mistakes(_scores(outputs), examples)


def answers(outputs: Any, context: Context) -> list[dict[str, Any]]:
    """What fits into the gaps of each text."""
    from core.models import gaps

    return [gaps.record(row[0].extra["gapped"], [mask for piece in row for mask in piece.output]) for row in outputs]


def answer_columns(found: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """``filled``, the text with the best words in its gaps, and ``words``, those alone."""
    best = [[mask[0]["token"] if mask else "" for mask in record["masks"]] for record in found]
    return {"filled": [record["filled"] for record in found], "words": [", ".join(words) for words in best]}


def report_sections(report: Mapping[str, Any]) -> list[Section]:
    """Scores beside those before training and those of counting, and the texts that surprised it most."""
    return reporting.blocks(report, METRICS)


def verdict(report: Mapping[str, Any]) -> str:
    """How well it names hidden words, now, before, and beside counting."""
    return reporting.verdict(report, "hidden")


TASK = Task(
    id="masked-language-modeling",
    title="Get used to your texts",
    summary="Learns the words and the manner of your texts by filling gaps in them; no labels are needed. A good first "
    "step before another task on texts of a special kind, such as medicine or law.",
    roles=ROLES,
    asks=ASKS,
    output="fills",
    metrics=METRICS,
    main_metric="loss",
    family="encoder",
    auto_class="AutoModelForMaskedLM",
    pipeline_tag=PIPELINE,
    starters=ENCODERS,
    sample_rows=SAMPLE_ROWS,
    options=Options,
    suggested=SUGGESTED,
    model_inputs=("input_ids", "attention_mask", "token_type_ids", "words"),
    starts_able=True,
    guess=guess,
    examples=examples,
    questions=questions,
    features=features,
    remarks=remarks,
    sections=report_sections,
    verdict=verdict,
    compared=text_marks.guessed,
    snippet=filling.snippet(PIPELINE),
    serving=filling.serving,
    script=hiding.script,
    load_tokenizer=load_tokenizer,
    build_model=build_model,
    load_model=masking.load,
    judged_rows=blocks.judged_rows,
    encode=encode,
    collator=collator,
    loss=by_hidden_tokens,
    forward=forward,
    finish=finish,
    metrics_of=metrics_of,
    judge=judge,
    comparable=comparable,
    baselines=baselines,
    mistakes=mistakes,
    kept=guessed.hidden_words,
    answers=answers,
    answer_columns=answer_columns,
)
