"""Multi-label classification: one text, and any number of labels out of several, none included."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from core.data.columns import in_words, several
from core.data.types import Examples, Guess, Preview, Target
from core.evaluation import calibration, multilabel, multilabel_report, together
from core.evaluation.rows import classed
from core.evaluation.types import Metrics, Section
from core.explaining import pulls
from core.labels import doubting
from core.models import calibrated, classifier, long_texts
from core.models.calibrated import Calibration
from core.models.long_texts import LongTexts
from core.models.offered import ENCODERS
from core.models.types import Built
from core.said import said
from core.script import labelling
from core.tasks.base import Columns, Context, Purpose, Role, Task
from core.training import augmentation, imbalance, whole_texts
from core.training.augmentation import Noise, Oversampling
from core.training.imbalance import Imbalance
from core.training.losses import by_rows
from core.usage import classifying
from core.versus import set_marks

PIPELINE = "text-classification"
ROLES = (
    Role("text", "Text", "The column with the text to read.", "text"),
    Role(
        "labels",
        "Labels",
        "The column with all labels of a row, as a list or with a separator between them; or one column for each label "
        "that says yes or no.",
        "labels",
        is_input=False,
        many=True,
        nested=True,
    ),
)
SAMPLE_ROWS = (
    {"text": "The soup was cold.", "labels": "food"},
    {"text": "Good soup and warm bread.", "labels": "food"},
    {"text": "The waiter was rude.", "labels": "service"},
    {"text": "A kind waiter.", "labels": "service"},
    {"text": "Cold soup and a rude waiter.", "labels": "food|service"},
    {"text": "Good soup and a kind waiter.", "labels": "food|service"},
    {"text": "My parcel came late.", "labels": "delivery"},
    {"text": "The parcel was broken.", "labels": "delivery"},
    {"text": "The bread in the parcel was cold.", "labels": "food|delivery"},
    {"text": "My parcel is not here.", "labels": "delivery"},
    {"text": "The waiter brought cold bread.", "labels": "food|service"},
    {"text": "How do I change the password?", "labels": ""},
)


class Options(Imbalance, Oversampling, Noise, LongTexts, Calibration):
    """Long texts, more from the same examples, classes of unequal size, and probabilities that hold."""


def guess(preview: Preview) -> Guess | None:
    """A text, and beside it lists, texts cut by separators, or columns that say yes or no."""
    from core.data import guess_labels, guessing

    found = guess_labels.best_labels(preview)
    text = guessing.best_text(preview, apart=several(found.columns)) if found else None
    if found is None or text is None:
        return None
    words = said(
        "`{column}` holds texts of {length} characters on average.", column=text.name, length=round(text.mean_length)
    )
    return Guess(
        TASK.id, {"text": text.name, "labels": found.columns}, {"text": words, "labels": found.reason}, found.score
    )


def examples(table: Any, columns: Columns, options: Any = None) -> Examples:
    """Rows with a text and readable labels, cleaned; findings say what was left out and what to know of the rest."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    from core.data import cleaning, label_lists, several_labels

    problems = cleaning.column_problems(table, columns, ROLES)
    if problems:
        return Examples(_nothing(), Target(), None, tuple(problems))
    name, chosen = in_words(columns["text"]), several(columns["labels"])
    texts = cleaning.as_text(table.column(name))
    found = label_lists.read(table, chosen)
    readable = pc.not_equal(texts, "").to_numpy()
    usable = readable & ~found.unreadable & ~found.unknown
    target, members = several_labels.target_of(found, usable)
    rows = np.flatnonzero(usable) + 1
    kept = pa.table(
        {
            "text": texts.filter(pa.array(usable)),
            "labels": several_labels.names_of_rows(members, target),
            "row": rows,
        }
    )
    findings = [
        *cleaning.text_findings(name, "text", texts),
        *several_labels.reading_findings(chosen, found, readable),
    ]
    problems = several_labels.blocking(chosen, found, target, len(rows))
    if not problems:
        findings += several_labels.label_findings(found, target, members, rows)
        findings += several_labels.repetition_findings(kept, ["text"], members)
    return Examples(kept, target, several_labels.strata(members), (*problems, *findings), members)


def _nothing() -> Any:
    import pyarrow as pa

    fields = [("text", pa.large_string()), ("labels", pa.large_list(pa.large_string())), ("row", pa.int64())]
    return pa.schema(fields).empty_table()


def report_sections(report: Mapping[str, Any]) -> list[Section]:
    """Scores beside the baselines, label by label, and the worst answers."""
    return multilabel_report.report_sections(report, {"text": "Text"})


def training_rows(train: Any, context: Context) -> Any:
    """The training examples, those of rare labels several times where the options say so."""
    if not context.options.oversampling:
        return train
    return augmentation.oversampled(train, _references(train, context), context.options, context.seed)


def augmented(train: Any, context: Context) -> dict[str, Any]:
    """How far the training examples were repeated and changed, in figures."""
    return whole_texts.augmented(train, training_rows(train, context), context)


def encode(columns: Mapping[str, Sequence[Any]], context: Context, purpose: Purpose) -> dict[str, list[Any]]:
    """A batch of texts as model inputs; each piece of a long text has the numbers of its row's labels."""
    inputs = whole_texts.encode(columns, context, purpose)
    if "labels" in columns:
        numbers = [classifier.class_numbers(names, context.target) or [-1] for names in columns["labels"]]
        inputs[classifier.NUMBERS] = long_texts.of_rows(numbers, inputs["row"])
    return inputs


def build_model(folder: str, context: Context) -> Built:
    """The checkpoint with an answer layer that says yes or no of each label."""
    return classifier.build_for_several(folder, context.target, "multi_label_classification")


def collator(context: Context, purpose: Purpose) -> Any:
    """Pads each batch to its longest text, in training after the changes that the options ask for."""
    pad = classifier.SeveralLabels(context.tokenizer, len(context.target.labels))
    return augmentation.collator(pad, context.tokenizer, context.options, context.seed, purpose)


def tune(outputs: Any, examples: Any, context: Context) -> dict[str, Any]:
    """The threshold of each label that is best on the validation part."""
    return {"thresholds": multilabel.tune_thresholds(_chances(outputs), _references(examples, context))}


def metrics_of(outputs: Any, examples: Any, context: Context) -> Metrics:
    """The metrics of one live evaluation, with thresholds that suit these rows: a young model is sure of nothing, and
    with fixed ones it would seem to learn nothing for a long time.
    """
    chances, references = _chances(outputs), _references(examples, context)
    return multilabel.live_metrics(chances, references, _live_thresholds(chances, references, context))


def live_detail(outputs: Any, examples: Any, context: Context) -> dict[str, float]:
    """The F1 of each label that these rows have, with the thresholds of ``metrics_of``."""
    chances, references = _chances(outputs), _references(examples, context)
    thresholds = _live_thresholds(chances, references, context)
    return multilabel.live_f1(chances, references, context.target.labels, thresholds)


def _live_thresholds(chances: Any, references: Any, context: Context) -> Any:
    return context.learned.get("thresholds") or multilabel.tune_thresholds(chances, references)


def judge(outputs: Any, examples: Any, context: Context) -> dict[str, Any]:
    """Everything a report holds on one split, with the thresholds that were chosen on the validation part."""
    from core.evaluation import depth
    from core.evaluation.classification import require_numbers

    require_numbers(outputs)
    references, labels, limits = _references(examples, context), context.target.labels, _thresholds(context)
    return {
        **multilabel.judge(_chances(outputs), references, labels, limits),
        **depth.of_labels(outputs, references, labels, limits, context.learned.get("temperature")),
    }


def comparable(outputs: Any, examples: Any, context: Context) -> tuple[Any, Any]:
    """0 or 1 for each label, given and true, of shape (rows, labels)."""
    return _decisions(outputs, context).astype(int), _references(examples, context).astype(int)


def baselines(
    train: Any, test: Any, context: Context, outputs: Any, before: Mapping[str, Any] | None = None
) -> dict[str, dict[str, Any]]:
    """The most common labels, and word counting; compared with the model row by row."""
    from core.evaluation.multilabel_baselines import baselines

    learned, references = _references(train, context), _references(test, context)
    return baselines(train, learned, test, references, context.target.labels, ["text"], _decisions(outputs, context))


def mistakes(outputs: Any, examples: Any, context: Context) -> list[dict[str, Any]]:
    """The rows whose answers are surest and wrong."""
    references, labels = _references(examples, context), context.target.labels
    return multilabel_report.mistakes(_chances(outputs), references, labels, _thresholds(context), examples, ["text"])


def answers(outputs: Any, context: Context) -> list[dict[str, Any]]:
    """The labels of each row, the probability of every label, and the thresholds."""
    from core.evaluation.classification import require_numbers

    require_numbers(outputs)
    return multilabel_report.answers(_chances(outputs), context.target.labels, _thresholds(context))


def answer_columns(found: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """``prediction``, a list of labels, and ``probabilities`` of all labels as JSON."""
    return {
        "prediction": [record["labels"] for record in found],
        "probabilities": [
            json.dumps({label: round(score, 4) for label, score in record["scores"].items()}, ensure_ascii=False)
            for record in found
        ],
    }


def _chances(outputs: Any) -> Any:
    """The probability of each label from logits, both of shape (rows, labels)."""
    import numpy as np
    from scipy.special import expit

    return expit(np.asarray(outputs, dtype=float))


def _references(table: Any, context: Context) -> Any:
    from core.data.several_labels import members_of

    return members_of(table["labels"], context.target)


def _thresholds(context: Context) -> list[float]:
    return context.learned.get("thresholds") or [multilabel.THRESHOLD] * len(context.target.labels)


def _decisions(outputs: Any, context: Context) -> Any:
    return multilabel.decide(_chances(outputs), _thresholds(context))


TASK = Task(
    id="multi-label-classification",
    title="Multi-label classification",
    summary="Learns to give each text any number of labels, such as the tags of an article, the genres of a film or "
    "all topics of a message.",
    roles=ROLES,
    output="labels",
    metrics=multilabel.WORDS,
    main_metric="f1_micro",
    family="encoder",
    auto_class="AutoModelForSequenceClassification",
    pipeline_tag=PIPELINE,
    starters=ENCODERS,
    sample_rows=SAMPLE_ROWS,
    options=Options,
    suggested={
        "training.learning_rate": (
            2e-4,
            "Each label is a question of its own, mostly answered with no: that takes bigger corrections than choosing "
            "one class. For a model much larger than the starter, 5e-5 is safer.",
        )
    },
    model_inputs=(*whole_texts.MODEL_INPUTS, classifier.NUMBERS),
    guess=guess,
    examples=examples,
    features=long_texts.features,
    remarks=classifier.remarks,
    sections=report_sections,
    verdict=multilabel_report.verdict,
    compared=set_marks.labels,
    snippet=classifying.snippet("labels", PIPELINE),
    serving=classifying.serving("labels", PIPELINE),
    script=labelling.script,
    training_rows=training_rows,
    augmented=augmented,
    encode=encode,
    build_model=build_model,
    load_model=classifier.load,
    collator=collator,
    loss=by_rows,
    loss_of=imbalance.labels_loss(by_rows),
    finish=long_texts.averaged,
    calibrate=calibration.of_several_labels,
    answer_layer=calibrated.answer_layer,
    combine=together.labels,
    tune=tune,
    metrics_of=metrics_of,
    live_detail=live_detail,
    judge=judge,
    comparable=comparable,
    baselines=baselines,
    mistakes=mistakes,
    doubts=doubting.several_labels,
    kept=classed.several_labels,
    explained=pulls.each_by_itself,
    answers=answers,
    answer_columns=answer_columns,
)
