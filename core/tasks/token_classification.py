"""Token classification: each word of a text gets a tag, so that names, dates or parts of speech are found in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from core.data.types import Examples, Guess, Preview, Target
from core.evaluation import tagging_report
from core.evaluation.entities import WORDS
from core.evaluation.rows import tags as tagged_rows
from core.evaluation.types import Metrics, Section
from core.models import tagger, word_windows
from core.models.offered import ENCODERS
from core.models.types import Built
from core.said import said
from core.script import tags
from core.tasks.base import Columns, Context, Purpose, Questions, Role, Task
from core.training import imbalance
from core.training.imbalance import Imbalance
from core.training.losses import by_tokens
from core.usage import tagging
from core.versus import set_marks

PIPELINE = "token-classification"
ROLES = (
    Role(
        "tokens",
        "Words",
        "The column with the words of each sentence, as a list. Choose it together with the tags.",
        "text",
        required=False,
        nested=True,
    ),
    Role(
        "tags",
        "Tags",
        "The column with one tag a word, as a list: B-CITY, I-CITY and O, or NOUN and VERB.",
        "spans",
        required=False,
        is_input=False,
        nested=True,
    ),
    Role(
        "text",
        "Text",
        "The column with whole texts. Choose it together with the marks, instead of words and tags.",
        "text",
        required=False,
    ),
    Role(
        "spans",
        "Marks",
        "The column with what is marked in each text: where it starts and ends, counted in characters, and its label.",
        "spans",
        required=False,
        is_input=False,
        nested=True,
    ),
)
WAYS = (("tokens", "tags"), ("text", "spans"))
ASKED = Role("text", "Text", "The text to look through.", "text")
SAMPLE_ROWS = (
    {
        "text": "Two tickets to Lisbon on Friday, please.",
        "spans": [{"start": 15, "end": 21, "label": "CITY"}, {"start": 25, "end": 31, "label": "DAY"}],
    },
    {
        "text": "Is there a night train from Vienna to Zagreb?",
        "spans": [{"start": 28, "end": 34, "label": "CITY"}, {"start": 38, "end": 44, "label": "CITY"}],
    },
    {
        "text": "We would like to be in Oslo by Sunday.",
        "spans": [{"start": 23, "end": 27, "label": "CITY"}, {"start": 31, "end": 37, "label": "DAY"}],
    },
    {"text": "Please cancel my seat on Monday.", "spans": [{"start": 25, "end": 31, "label": "DAY"}]},
    {"text": "Which platform does it leave from?", "spans": []},
    {
        "text": "Next Tuesday my mother flies to New York.",
        "spans": [{"start": 0, "end": 12, "label": "DAY"}, {"start": 32, "end": 40, "label": "CITY"}],
    },
    {"text": "Can I take a bicycle to Ghent?", "spans": [{"start": 24, "end": 29, "label": "CITY"}]},
    {
        "text": "The bus to San Sebastian was late on Wednesday.",
        "spans": [{"start": 11, "end": 24, "label": "CITY"}, {"start": 37, "end": 46, "label": "DAY"}],
    },
    {"text": "How much is a seat by the window?", "spans": []},
    {
        "text": "From Turin to Nice and back on Saturday.",
        "spans": [
            {"start": 5, "end": 10, "label": "CITY"},
            {"start": 14, "end": 18, "label": "CITY"},
            {"start": 31, "end": 39, "label": "DAY"},
        ],
    },
)
METRICS = tuple(
    replace(words, help=f"{words.help} With tags that have no B- and I-, such as parts of speech, every word counts.")
    if words.name == "f1_micro"
    else words
    for words in WORDS
)


class Options(Imbalance, tagger.Reading):
    """How texts are read, and tags of unequal number."""


def guess(preview: Preview) -> Guess | None:
    """Words and tags by lists of equal length, marks by their form."""
    from core.data import guess_marks

    found = guess_marks.found(preview)
    if found is None:
        return None
    first, second = WAYS[1] if found.are_spans else WAYS[0]
    what = said(
        "`{column}` holds the texts." if found.are_spans else "`{column}` holds the words of each sentence.",
        column=found.first,
    )
    return Guess(
        "token-classification",
        {first: found.first, second: found.second},
        {first: what, second: found.reason},
        0.95 if found.sure else 0.8,
    )


def examples(table: Any, columns: Columns, options: Any = None) -> Examples:
    """Rows whose words all have a tag, in one scheme; findings say what was left out and what was read how."""
    from core.data import cleaning, marking, tag_types, tagging

    problems = cleaning.column_problems(table, columns, ROLES, TASK.lacking(columns))
    if problems:
        return Examples(_nothing(), Target(), None, tuple(problems))
    names = cleaning.single(columns)
    if "tokens" in names and "tags" in names:
        words, tags = (table.column(names[role]) for role in WAYS[0])
        found = tagging.read_sentences(words, tags, names["tokens"], names["tags"])
        return tag_types.examples(tagging.as_iob2(found, "tags"), "tags")
    texts, spans = (table.column(names[role]) for role in WAYS[1])
    return tag_types.examples(marking.read_marked(texts, spans, names["text"], names["spans"]), "spans")


def _nothing() -> Any:
    import pyarrow as pa

    words = pa.list_(pa.string())
    return pa.schema(
        [("tokens", words), ("tags", words), ("text", pa.large_string()), ("row", pa.int64())]
    ).empty_table()


def questions(table: Any, columns: Columns) -> Questions:
    """Lists of words, or texts as they are: places in an answer are places in the text as it was given."""
    import pyarrow as pa

    from core.data import cleaning
    from core.data.tagging import as_list

    names = cleaning.single(columns)
    if "tokens" in names:
        words = [as_list(value) or [] for value in table.column(names["tokens"]).to_pylist()]
        return Questions({"tokens": words}, [row for row, found in enumerate(words) if any(found)])
    texts = [text or "" for text in table.column(names["text"]).cast(pa.large_string()).to_pylist()]
    return Questions({"text": texts}, [row for row, text in enumerate(texts) if text.strip()])


def report_sections(report: Mapping[str, Any]) -> list[Section]:
    """Scores beside simple ways, type by type, what went wrong, and mistakes in their texts."""
    return tagging_report.tagging_sections(report, METRICS)


def encode(columns: Mapping[str, Sequence[Any]], context: Context, purpose: Purpose) -> dict[str, list[Any]]:
    """Texts in windows; see ``core.models.word_windows``."""
    return word_windows.encode(columns, context, purpose)


def build_model(folder: str, context: Context) -> Built:
    """The checkpoint with a new answer layer for the target's tags."""
    return tagger.build(folder, context)


def collator(context: Context, purpose: Purpose) -> Any:
    """Pads each batch to its longest piece."""
    return tagger.collator(context.tokenizer, purpose)


def metrics_of(outputs: Any, examples: Any, context: Context) -> Metrics:
    """The metrics of ``METRICS`` for a live evaluation."""
    from core.evaluation import entities

    predictions, references = comparable(outputs, examples, context)
    return entities.live_metrics(predictions, references, _is_plain(context))


def judge(outputs: Any, examples: Any, context: Context) -> dict[str, Any]:
    """Everything a report holds on one split; see ``core.evaluation.tagging.judge``. ``samples``: texts with marks."""
    from core.evaluation import tagging, tagging_view
    from core.evaluation.classification import require_numbers

    for sentence in outputs:
        require_numbers(sentence.chances)
    plain, chances = _is_plain(context), [one.chances for one in outputs]
    said, tags = comparable(outputs, examples, context)
    shown = {name: examples[name].to_pylist() for name in ("text", "tokens", "row")} | {"tags": tags}
    return tagging.judge(said, tags, plain) | {"samples": tagging_view.view(said, chances, shown, plain)}


def comparable(outputs: Any, examples: Any, context: Context) -> tuple[Any, Any]:
    """Lists of tags, as seqeval compares them."""
    return tagger.tags_of(outputs, context.target), examples["tags"].to_pylist()


def baselines(
    train: Any, test: Any, context: Context, outputs: Any, before: Mapping[str, Any] | None = None
) -> dict[str, dict[str, Any]]:
    """Always one tag, and a list of known words; compared with the model sentence by sentence."""
    from core.evaluation import tagging

    learned = (train["tokens"].to_pylist(), train["tags"].to_pylist())
    predictions, references = comparable(outputs, test, context)
    return tagging.baselines(learned, test["tokens"].to_pylist(), references, predictions, _is_plain(context))


def mistakes(outputs: Any, examples: Any, context: Context) -> list[dict[str, Any]]:
    """The sentences with the most and surest wrong tags."""
    from core.evaluation import tagging

    said = tagger.tags_of(outputs, context.target)
    return tagging.mistakes(said, [one.chances for one in outputs], examples.to_pydict(), _is_plain(context))


def answers(outputs: Any, context: Context) -> list[dict[str, Any]]:
    """What was found in each row, with its place in the text."""
    return tagger.answers(outputs, context.target)


def _is_plain(context: Context) -> bool:
    from core.evaluation.entities import is_plain

    return is_plain(context.target.labels)


TASK = Task(
    id="token-classification",
    title="Names and parts in texts",
    summary="Learns to mark words in texts, such as names, places, dates or parts of speech, from texts where they are "
    "marked already.",
    roles=ROLES,
    ways=WAYS,
    asks=(ASKED,),
    output="spans",
    metrics=METRICS,
    main_metric="f1_micro",
    family="encoder",
    auto_class="AutoModelForTokenClassification",
    pipeline_tag=PIPELINE,
    starters=ENCODERS,
    sample_rows=SAMPLE_ROWS,
    reads=("text",),
    options=Options,
    suggested={
        "training.learning_rate": (3e-4, "Each word is an example of its own: bigger corrections learn tags sooner."),
        "training.per_device_train_batch_size": (8, "A few texts hold many words: enough for a correction."),
    },
    model_inputs=word_windows.MODEL_INPUTS,
    guess=guess,
    examples=examples,
    questions=questions,
    features=word_windows.features,
    remarks=tagger.remarks,
    sections=report_sections,
    verdict=tagging_report.tagging_verdict,
    compared=set_marks.entities,
    snippet=tagging.snippet(PIPELINE),
    serving=tagging.serving,
    script=tags.script,
    load_tokenizer=tagger.load_tokenizer,
    build_model=build_model,
    load_model=tagger.load,
    encode=encode,
    collator=collator,
    loss=by_tokens,
    loss_of=imbalance.class_loss(by_tokens),
    forward=tagger.forward,
    finish=tagger.finish,
    combine=tagger.combine,
    metrics_of=metrics_of,
    judge=judge,
    comparable=comparable,
    baselines=baselines,
    mistakes=mistakes,
    kept=tagged_rows.kept,
    answers=answers,
    answer_columns=tagger.answer_columns,
)
