"""Causal language modeling: a model that writes learns to write on in the style of texts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from core.data.types import Examples, Guess, Preview, Target
from core.errors import PredictionError
from core.evaluation import language_model, surprise
from core.evaluation import language_model_report as reporting
from core.evaluation.rows import guessed
from core.evaluation.types import Metrics, Section
from core.models import blocks
from core.models.offered import WRITERS
from core.models.types import Built, Note
from core.prediction.generation import Knobs
from core.said import said
from core.schema import Setting, Settings
from core.script import going_on
from core.tasks import defaults
from core.tasks.base import Columns, Context, Purpose, Role, Task
from core.training.losses import by_next_tokens
from core.usage import writing
from core.versus import text_marks

PIPELINE = "text-generation"


class Options(Settings):
    """How texts are laid out for learning, and how far they are written on."""

    group_texts: Annotated[
        bool,
        Setting(
            "Put texts together",
            "All texts are read one after the other, with a mark between them, in pieces of the maximum length. Much "
            "faster with many short texts. Off: each text by itself.",
            level="advanced",
        ),
    ] = True
    max_new_tokens: Annotated[
        int,
        Setting(
            "Length for tables",
            "Where the model goes on with all texts of a table, each ends after so many tokens at the latest.",
            level="advanced",
            unit="tokens",
        ),
    ] = Field(60, ge=1, le=4096)


ROLES = (Role("text", "Text", "The column with your texts. They need no labels.", "text"),)
ASKS = (Role("text", "Beginning", "The first words of a text; the model goes on from there.", "text"),)
METRICS = language_model.WORDS
SUGGESTED = {
    "training.learning_rate": (5e-5, "Small steps: the model can write already and should not forget it."),
    "training.num_train_epochs": (2.0, "Read more often, texts are soon learned by heart."),
    "training.per_device_train_batch_size": (4, "A model that writes needs much memory for each piece."),
    "training.max_length": (256, "About 180 words at a time; longer texts are read in pieces, so nothing is lost."),
}
SAMPLE_ROWS = tuple(
    {"text": text}
    for text in (
        "Third of March. Wind from the west, sea grey, the lamp lit at six.",
        "Fourth of March. Fog before noon, so I rang the bell until dusk.",
        "Fifth of March. The supply boat came with oil and two letters.",
        "Sixth of March. Wind from the north, sea high, no boat.",
        "Seventh of March. Polished the lens and counted the oil.",
        "Eighth of March. Fog again, the bell until my arm was sore.",
        "Ninth of March. A gull broke the pane; the lamp burned low.",
        "Tenth of March. Clear at last. I could see the far shore.",
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
    score = 0.3 if is_plain else 0.12 if alone else 0.04
    return Guess("causal-language-modeling", {"text": column}, {"text": reason}, score)


def examples(table: Any, columns: Columns, options: Any = None) -> Examples:
    """Every row with a text."""
    from core.data import plain_texts

    return plain_texts.examples(table, columns, ROLES)


def features(lengths: Sequence[int], max_length: int, options: Any) -> list[int]:
    """All texts in a row, in pieces; or each in pieces of its own."""
    lay = blocks.joined_lengths if options.group_texts else blocks.window_lengths
    return lay(lengths, max_length)


def remarks(folder: Path | None, target: Target, options: Any) -> tuple[Note, ...]:
    """What a model that converses may lose."""
    from core.models.chat import has_template

    if folder is None or not has_template(folder):
        return ()
    return (
        Note(
            said("This model was made to answer in conversations."),
            said("It learns your texts as they are, and will get worse at answering the more it reads of them."),
        ),
    )


def load_tokenizer(folder: str, options: Any) -> tuple[Any, tuple[Note, ...]]:
    """The checkpoint's tokenizer, able to fill up short texts. Raises ``CheckpointError``."""
    from core.models import tokenizers

    return tokenizers.with_padding(tokenizers.load_tokenizer(folder))


def build_model(folder: str, context: Context) -> Built:
    """The checkpoint, knowing where a text ends."""
    from core.models import causal

    return causal.build(folder, context.tokenizer, said("write in the style of texts"))


def load_model(folder: str) -> Any:
    """A trained model."""
    from core.models import causal

    return causal.load(folder)


def encode(columns: Mapping[str, Sequence[Any]], context: Context, purpose: Purpose) -> dict[str, list[Any]]:
    """Texts in pieces of at most ``max_length`` tokens. Only those to learn from are put together, and have ends."""
    from core.models import continuing

    tokenizer, length = context.tokenizer, context.max_length
    if purpose == "predict":
        return continuing.prompts(columns["text"], tokenizer, length)
    rows, mark = blocks.token_ids(tokenizer, columns["text"]), blocks.separator(tokenizer)
    if purpose == "evaluate":
        return blocks.windows(rows, mark, length, ended=False, most=blocks.PIECES_JUDGED)
    if context.options.group_texts:
        return blocks.joined(rows, mark, length)
    return blocks.windows(rows, mark, length, ended=True)


def collator(context: Context, purpose: Purpose) -> Any:
    """Pads each batch to its longest piece."""
    from core.models import causal

    return causal.collator(context.tokenizer)


def metrics_of(outputs: Any, examples: Any, context: Context) -> Metrics:
    """The metrics of ``METRICS`` for a live evaluation."""
    from core.models import causal

    return language_model.live_metrics(**causal.row_sums(outputs))


def judge(outputs: Any, examples: Any, context: Context) -> dict[str, Any]:
    """Everything a report holds on one split."""
    found = reporting.judge(outputs, len(context.tokenizer), blocks.rows_before(examples))
    return found | surprise.judge(outputs, context.tokenizer)


def samples(model: Any, test: Any, context: Context) -> list[dict[str, Any]]:
    """How the model goes on with a few texts of the test part."""
    from core.models import continuing

    return continuing.samples(model, test.column("text"), test.column("row"), context.tokenizer)


def comparable(outputs: Any, examples: Any, context: Context) -> tuple[Any, Any]:
    """The likeliest token and the right one, in each place of each text."""
    from core.models import causal

    return causal.guesses(outputs)


def baselines(
    train: Any, test: Any, context: Context, outputs: Any, before: Mapping[str, Any] | None = None
) -> dict[str, dict[str, Any]]:
    """The model before training, and the commonest words."""
    size = len(context.tokenizer)
    counts = reporting.token_counts(train.column("text"), context.tokenizer, size)
    return reporting.baselines(counts, outputs, before, size)


def mistakes(outputs: Any, examples: Any, context: Context) -> list[dict[str, Any]]:
    """The texts that surprised it most."""
    return reporting.mistakes(outputs, examples)


def answers(outputs: Any, context: Context) -> list[dict[str, Any]]:
    """How each row's text goes on."""
    return [{"text": row[0]} for row in outputs]


def answer_columns(found: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """``continuation``."""
    return {"continuation": [record["text"] for record in found]}


def write(model: Any, question: Mapping[str, Any], context: Context, knobs: Knobs) -> Iterator[dict[str, Any]]:
    """How ``text`` goes on, as it is written."""
    from core.models import continuing

    text = str(question["text"] or "")
    if not text.strip():
        raise PredictionError(said("There is no beginning to go on from."), said("Write the first words of a text."))
    for written in continuing.growing(model, text, context.tokenizer, knobs):
        yield {"text": written}


def report_sections(report: Mapping[str, Any]) -> list[Section]:
    """Scores beside those before training and of counting, texts written on, and those that surprised it most."""
    return reporting.blocks(report, METRICS)


def verdict(report: Mapping[str, Any]) -> str:
    """How well it knows how texts go on, now, before, and beside counting."""
    return reporting.verdict(report, "next")


TASK = Task(
    id="causal-language-modeling",
    title="Write in the style of your texts",
    summary="Learns how your texts go on, word by word, and then writes on from a beginning in their manner; no labels "
    "are needed.",
    roles=ROLES,
    asks=ASKS,
    output="text",
    metrics=METRICS,
    main_metric="loss",
    family="decoder",
    auto_class="AutoModelForCausalLM",
    pipeline_tag=PIPELINE,
    starters=WRITERS,
    sample_rows=SAMPLE_ROWS,
    options=Options,
    knobs=Knobs,
    suggested=SUGGESTED,
    starts_able=True,
    guess=guess,
    examples=examples,
    features=features,
    remarks=remarks,
    sections=report_sections,
    verdict=verdict,
    compared=text_marks.guessed,
    snippet=writing.snippet_on(PIPELINE),
    serving=writing.serving_on,
    script=going_on.script,
    load_tokenizer=load_tokenizer,
    build_model=build_model,
    load_model=load_model,
    judged_rows=blocks.judged_rows,
    encode=encode,
    collator=collator,
    loss=by_next_tokens,
    forward=defaults.next_tokens,
    finish=defaults.outputs_of_pieces,
    metrics_of=metrics_of,
    judge=judge,
    samples=samples,
    comparable=comparable,
    baselines=baselines,
    mistakes=mistakes,
    kept=guessed.next_words,
    answers=answers,
    answer_columns=answer_columns,
    write=write,
)
