"""Text classification: one text, or a pair of texts, and one class out of two or more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.data.columns import names as column_names
from core.data.types import Examples, Finding, Guess, Preview, Target
from core.evaluation import calibration, depth_sections, metrics, sections, together, verdicts
from core.evaluation.rows import classed
from core.evaluation.types import Metrics, Section
from core.explaining import pulls
from core.labels import doubting
from core.models import calibrated, classifier, long_texts
from core.models.calibrated import Calibration
from core.models.long_texts import LongTexts
from core.models.offered import ENCODERS
from core.models.types import Built
from core.said import said, said_many
from core.script import sorting
from core.tasks.base import Columns, Context, Purpose, Role, Task
from core.training import augmentation, imbalance, whole_texts
from core.training.augmentation import Noise, Oversampling
from core.training.imbalance import Imbalance
from core.training.losses import by_classes
from core.usage import classifying
from core.versus import marks

PIPELINE = "text-classification"
ROLES = (
    Role("text", "Text", "The column with the text to read.", "text"),
    Role(
        "text_pair",
        "Second text",
        "Only for pairs, such as a question and an answer: the column with the other text.",
        "text",
        required=False,
    ),
    Role("label", "Label", "The column with the right answer: the class of each row.", "label", is_input=False),
)
TEXTS = tuple(role for role in ROLES if role.is_input)
SAMPLE_ROWS = (
    {"text": "My parcel came a week late and the box was torn.", "label": "delivery"},
    {"text": "The courier left it with a neighbour without a word.", "label": "delivery"},
    {"text": "I was charged twice for the same order.", "label": "payment"},
    {"text": "Please send the refund back to my card.", "label": "payment"},
    {"text": "The zip broke on the second day.", "label": "quality"},
    {"text": "Lovely fabric, but the seams come apart.", "label": "quality"},
    {"text": "Where is my order? It should have been here on Monday.", "label": "delivery"},
    {"text": "The voucher was not taken off the price.", "label": "payment"},
    {"text": "The colour faded after one wash.", "label": "quality"},
)
METRICS = metrics.words(
    "f1_macro", "accuracy", "f1_weighted", "mcc", "roc_auc", "average_precision", "precision_macro", "recall_macro"
)


class Options(Imbalance, Oversampling, Noise, LongTexts, Calibration):
    """Long texts, more from the same examples, classes of unequal size, and probabilities that hold."""


def guess(preview: Preview) -> Guess | None:
    """Texts by their length and variety, the label by its few repeated values; names settle the rest."""
    from core.data import guessing

    pair = guessing.text_pair(preview)
    text = pair[0] if pair else guessing.best_text(preview)
    if text is None:
        return None
    columns: dict[str, str | tuple[str, ...]] = {"text": text.name}
    reasons = {"text": _text_reason(text.name, text.mean_length)}
    if pair:
        columns["text_pair"] = pair[1].name
        reasons["text_pair"] = said(
            "`{first}` and `{second}` are two texts that belong together.", first=pair[0].name, second=pair[1].name
        )
    label = guessing.best_label(preview, apart=column_names(columns))
    if label is None:
        return _without_label(preview, columns, reasons)
    columns["label"] = label.name
    reasons["label"] = said(
        "`{column}` has {values} different values in {rows} rows.",
        column=label.name,
        values=label.distinct,
        rows=preview.rows,
    )
    named = [
        guessing.name_score(text.name, guessing.TEXT_NAMES) > 0 or pair is not None,
        guessing.name_score(label.name, guessing.LABEL_NAMES) > 0,
    ]
    return Guess("text-classification", columns, reasons, 0.5 + 0.2 * sum(named))


def _text_reason(name: str, mean_length: float) -> str:
    return said("`{column}` holds texts of {length} characters on average.", column=name, length=round(mean_length))


def _without_label(preview: Preview, columns: dict[str, str | tuple[str, ...]], reasons: dict[str, str]) -> Guess:
    """A text but nothing that looks like classes: propose a column that is at least called so, and say what lacks."""
    from core.data import guessing

    for column in preview.columns:
        plain = guessing.name_score(column.name, ("label", "class", "category", "sentiment")) == 1
        if plain and column.kind != "list" and column.name not in columns.values():
            reasons["label"] = said_many(
                column.distinct,
                "`{column}` is called like a label, but has one value only in {rows} rows.",
                "`{column}` is called like a label, but has {count} different values in {rows} rows.",
                column=column.name,
                rows=preview.rows,
            )
            return Guess("text-classification", {**columns, "label": column.name}, reasons, 0.2)
    reasons["label"] = said("No column has a handful of values that repeat, as classes do.")
    return Guess("text-classification", columns, reasons, 0.1)


def examples(table: Any, columns: Columns, options: Any = None) -> Examples:
    """Rows with every text and a label, cleaned; findings say what was left out and what to know of the rest."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    from core.data import classes, cleaning

    problems = cleaning.column_problems(table, columns, ROLES)
    if problems:
        return Examples(_nothing(), Target(), None, tuple(problems))
    columns = cleaning.single(columns)
    used = [role.name for role in TEXTS if role.name in columns]
    texts = {name: cleaning.as_text(table.column(columns[name])) for name in used}
    found = cleaning.as_classes(table.column(columns["label"]))
    readable = np.logical_and.reduce([pc.not_equal(column, "").to_numpy() for column in texts.values()])
    findings: list[Finding] = []
    for name in used:
        findings += cleaning.text_findings(columns[name], name, texts[name])
    findings += classes.label_findings(columns["label"], found, readable)
    usable = readable & (found.codes >= 0)
    target, codes = _target(found.names, found.codes[usable])
    kept = pa.table({**texts, "row": np.arange(1, table.num_rows + 1)})
    kept = kept if usable.all() else kept.filter(pa.array(usable))
    labels = pa.array(target.labels, pa.large_string()).take(pa.array(codes))
    kept = kept.add_column(len(used), "label", labels)
    problems = classes.blocking(columns["label"], target)
    if not problems:
        findings += classes.class_findings(columns["label"], target)
        findings += classes.repetition_findings(kept, used, codes)
    return Examples(kept, target, codes, (*problems, *findings))


def _nothing() -> Any:
    import pyarrow as pa

    fields = [("text", pa.large_string()), ("label", pa.large_string()), ("row", pa.int64())]
    return pa.schema(fields).empty_table()


def _target(names: Sequence[str], codes: Any) -> tuple[Target, Any]:
    """Only the classes that usable rows have, and the class numbers among them."""
    import numpy as np

    counts = np.bincount(codes, minlength=len(names))
    present = np.flatnonzero(counts).tolist()
    to_new = np.full(len(names), -1)
    to_new[present] = np.arange(len(present))
    target = Target(tuple(names[place] for place in present), tuple(counts[present].tolist()))
    return target, to_new[codes]


def report_sections(report: Mapping[str, Any]) -> list[Section]:
    """Scores beside the baselines, class by class, what was taken for what, the mistakes, and how far its probabilities
    can be trusted."""
    found = sections.classification_sections(report, METRICS, {role.name: role.label for role in TEXTS})
    return [*found, *depth_sections.blocks(report)]


def training_rows(train: Any, context: Context) -> Any:
    """The training examples, those of rare classes several times where the options say so."""
    import numpy as np

    if not context.options.oversampling:
        return train
    members = _references(train, context)[:, None] == np.arange(len(context.target.labels))
    return augmentation.oversampled(train, members, context.options, context.seed)


def augmented(train: Any, context: Context) -> dict[str, Any]:
    """How far the training examples were repeated and changed, in figures."""
    return whole_texts.augmented(train, training_rows(train, context), context)


def encode(columns: Mapping[str, Sequence[Any]], context: Context, purpose: Purpose) -> dict[str, list[Any]]:
    """A batch of texts, or pairs, as model inputs; each piece of a long text has its row's label."""
    inputs = whole_texts.encode(columns, context, purpose)
    if "label" in columns:
        inputs["labels"] = long_texts.of_rows(classifier.class_numbers(columns["label"], context.target), inputs["row"])
    return inputs


def build_model(folder: str, context: Context) -> Built:
    """The checkpoint with an answer layer for the target's classes."""
    return classifier.build(folder, context.target)


def collator(context: Context, purpose: Purpose) -> Any:
    """Pads each batch to its longest text, in training after the changes that the options ask for."""
    pad = classifier.collator(context.tokenizer)
    return augmentation.collator(pad, context.tokenizer, context.options, context.seed, purpose)


def metrics_of(outputs: Any, examples: Any, context: Context) -> Metrics:
    """The metrics of ``METRICS`` for a live evaluation. ``outputs`` are logits of shape (rows, classes)."""
    from core.evaluation import classification

    return classification.live_metrics(outputs, _references(examples, context), _names())


def live_detail(outputs: Any, examples: Any, context: Context) -> dict[str, float]:
    """The F1 of each class that these rows have."""
    from core.evaluation import classification

    return classification.live_f1(outputs, _references(examples, context), context.target)


def judge(outputs: Any, examples: Any, context: Context) -> dict[str, Any]:
    """Everything a report holds on one split; see ``core.evaluation.classification.judge`` and ``depth``."""
    from core.evaluation import classification, depth

    references, labels = _references(examples, context), context.target.labels
    return {
        **classification.judge(outputs, references, context.target, _names()),
        **depth.of_classes(outputs, references, labels, context.learned.get("temperature")),
    }


def comparable(outputs: Any, examples: Any, context: Context) -> tuple[Any, Any]:
    """The number of the most likely class and of the right one, a row."""
    return outputs.argmax(-1), _references(examples, context)


def baselines(
    train: Any, test: Any, context: Context, outputs: Any, before: Mapping[str, Any] | None = None
) -> dict[str, dict[str, Any]]:
    """The most frequent class, word counting, and the model before training; compared with the model row by row."""
    from core.evaluation.baselines import classification_baselines

    texts, checkpoint = _texts_of(test), context.checkpoint
    return classification_baselines(train, test, context.target, texts, _names(), outputs, checkpoint)


def mistakes(outputs: Any, examples: Any, context: Context) -> list[dict[str, Any]]:
    """The wrong answers the model was surest of."""
    from core.evaluation import classification

    return classification.mistakes(outputs, examples, context.target, _texts_of(examples))


def answers(outputs: Any, context: Context) -> list[dict[str, Any]]:
    """The class of each row, and the probability of every class."""
    from core.evaluation import classification

    return classification.answers(outputs, context.target)


def answer_columns(found: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """``prediction`` and ``probability``."""
    from core.evaluation import classification

    return classification.answer_columns(found)


def _references(examples: Any, context: Context) -> Any:
    from core.evaluation.classification import class_numbers

    return class_numbers(examples["label"].to_pylist(), context.target)


def _names() -> list[str]:
    return [metric.name for metric in METRICS]


def _texts_of(table: Any) -> list[str]:
    return [role.name for role in TEXTS if role.name in table.column_names]


TASK = Task(
    id="text-classification",
    title="Text classification",
    summary="Learns to sort texts into classes, such as topics, moods or spam, from examples that are already sorted.",
    roles=ROLES,
    output="label",
    metrics=METRICS,
    main_metric="f1_macro",
    family="encoder",
    auto_class="AutoModelForSequenceClassification",
    pipeline_tag=PIPELINE,
    starters=ENCODERS,
    sample_rows=SAMPLE_ROWS,
    options=Options,
    model_inputs=whole_texts.MODEL_INPUTS,
    guess=guess,
    examples=examples,
    features=long_texts.features,
    remarks=classifier.remarks,
    sections=report_sections,
    verdict=verdicts.classification_verdict,
    compared=marks.classes,
    snippet=classifying.snippet("label", PIPELINE),
    serving=classifying.serving("label", PIPELINE),
    script=sorting.script,
    training_rows=training_rows,
    augmented=augmented,
    encode=encode,
    build_model=build_model,
    load_model=classifier.load,
    collator=collator,
    loss=by_classes,
    loss_of=imbalance.class_loss(by_classes),
    finish=long_texts.averaged,
    calibrate=calibration.of_one_class,
    answer_layer=calibrated.answer_layer,
    combine=together.classes,
    metrics_of=metrics_of,
    live_detail=live_detail,
    judge=judge,
    comparable=comparable,
    baselines=baselines,
    mistakes=mistakes,
    doubts=doubting.one_label,
    kept=classed.one_class,
    explained=pulls.one_of_several,
    answers=answers,
    answer_columns=answer_columns,
)
