"""Scores and similarity: one text, or a pair of texts, and a number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from core.data.types import Column, Examples, Finding, Guess, Preview, Target
from core.evaluation import regression, regression_report, together
from core.evaluation.rows import numbers
from core.evaluation.types import Metrics, Section
from core.explaining import pulls
from core.models import classifier, long_texts, scorer
from core.models.long_texts import LongTexts
from core.models.offered import ENCODERS
from core.models.types import Built, Note
from core.said import said
from core.script import scoring
from core.tasks.base import Columns, Context, Forwarded, Purpose, Role, Task
from core.training import augmentation, whole_texts
from core.training.augmentation import Noise
from core.usage import classifying
from core.versus import marks

PIPELINE = "text-classification"
ROLES = (
    Role("text", "Text", "The column with the text to read.", "text"),
    Role(
        "text_pair",
        "Second text",
        "Only for pairs, such as two sentences to compare: the column with the other text.",
        "text",
        required=False,
    ),
    Role("score", "Score", "The column with the right answer: a number for each row.", "number", is_input=False),
)
TEXTS = tuple(role for role in ROLES if role.is_input)
SAMPLE_ROWS = (
    {"text": "The best evening we have had in years.", "score": 5.0},
    {"text": "Lovely rooms, kind people, a little loud.", "score": 4.0},
    {"text": "Fine for one night, nothing more.", "score": 3.0},
    {"text": "The shower was cold and so was breakfast.", "score": 1.5},
    {"text": "Never again, and I mean never.", "score": 1.0},
    {"text": "A good bed, a bad view, a fair price.", "score": 3.5},
    {"text": "They gave us a better room without being asked.", "score": 4.5},
    {"text": "It took an hour until somebody found our key.", "score": 2.0},
    {"text": "Clean, quiet and close to the station.", "score": 4.5},
)
SCORE_NAMES = (
    "score", "similarity", "relatedness", "rating", "similarity_score", "stars", "value", "grade", "points", "label",
    "sentiment", "target", "relevance", "readability", "difficulty", "intensity", "strength", "quality", "price",
)  # fmt: skip
FEW_VALUES = 10
"""A column of so few whole numbers is more likely meant as classes."""


class Options(LongTexts, Noise):
    """What is done with long texts, and with the training texts."""


def guess(preview: Preview) -> Guess | None:
    """Texts by their length and variety, the score by being a number that is no id; names settle the rest."""
    from core.data import guessing

    pair = guessing.text_pair(preview)
    text = pair[0] if pair else guessing.best_text(preview)
    if text is None:
        return None
    columns = {"text": text.name}
    reasons: dict[str, str] = {"text": said("`{column}` holds texts.", column=text.name)}
    if pair:
        columns["text_pair"] = pair[1].name
        reasons["text_pair"] = said(
            "`{first}` and `{second}` are two texts that belong together.", first=pair[0].name, second=pair[1].name
        )
    score = max(preview.columns, key=_likeness, default=None)
    if score is None or _likeness(score) <= 0:
        reasons["score"] = said("No column holds numbers that could be scores.")
        return Guess("text-regression", columns, reasons, 0.02)
    columns["score"] = score.name
    reasons["score"] = said(
        "`{column}` holds numbers, {values} different ones in {rows} rows.",
        column=score.name,
        values=score.distinct,
        rows=preview.rows,
    )
    plainly_text = pair is not None or guessing.name_score(text.name, guessing.TEXT_NAMES) > 0
    return Guess("text-regression", columns, reasons, 0.3 + 0.4 * _likeness(score) + 0.1 * plainly_text)


def _likeness(column: Column) -> float:
    """How much a column looks like scores: 0 when it cannot be, at most 1."""
    from core.data import guessing

    if column.kind != "number" or column.distinct < 2 or guessing.is_id(column) or guessing.is_date(column):
        return 0.0
    named = guessing.name_score(column.name, SCORE_NAMES)
    if column.distinct <= FEW_VALUES and guessing.is_whole(column):
        return 0.1 + 0.2 * named
    return 0.3 + 0.2 * (not guessing.is_whole(column)) + 0.5 * named


def examples(table: Any, columns: Columns, options: Any = None) -> Examples:
    """Rows with every text and a score, cleaned; findings say what was left out and what to know of the rest."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    from core.data import cleaning, score_findings
    from core.data.scores import read_scores

    problems = cleaning.column_problems(table, columns, ROLES)
    if problems:
        return Examples(_nothing(), Target(), None, tuple(problems))
    columns = cleaning.single(columns)
    used = [role.name for role in TEXTS if role.name in columns]
    texts = {name: cleaning.as_text(table.column(columns[name])) for name in used}
    written, name = table.column(columns["score"]), columns["score"]
    scores = read_scores(written)
    readable = np.logical_and.reduce([pc.not_equal(column, "").to_numpy() for column in texts.values()])
    findings: list[Finding] = []
    for role in used:
        findings += cleaning.text_findings(columns[role], role, texts[role])
    findings += score_findings.score_findings(name, written, scores, readable)
    usable = readable & ~np.isnan(scores.values)
    values, rows = scores.values[usable], np.flatnonzero(usable) + 1
    kept = pa.table({**texts, "score": scores.values, "row": np.arange(1, table.num_rows + 1)}).filter(pa.array(usable))
    problems = score_findings.blocking(name, values)
    if not problems:
        findings += score_findings.spread_findings(name, values, rows)
        findings += score_findings.repetition_findings(kept, used)
    strata = score_findings.quantile_groups(values)
    return Examples(
        kept,
        score_findings.target_of(values),
        strata,
        (*problems, *findings),
        retarget=lambda chosen: score_findings.target_of(values[chosen]),
    )


def _nothing() -> Any:
    import pyarrow as pa

    fields = [("text", pa.large_string()), ("score", pa.float64()), ("row", pa.int64())]
    return pa.schema(fields).empty_table()


def remarks(folder: Path | None, target: Target, options: Any) -> tuple[Note, ...]:
    """What will be done to the checkpoint's answer layer."""
    return () if folder is None else scorer.foretold(folder)


def report_sections(report: Mapping[str, Any]) -> list[Section]:
    """Scores beside the baselines, truth against answer, the errors by range, and the largest ones."""
    return regression_report.report_sections(report, {role.name: role.label for role in TEXTS})


def encode(columns: Mapping[str, Sequence[Any]], context: Context, purpose: Purpose) -> dict[str, list[Any]]:
    """A batch of texts, or pairs, as model inputs; each piece of a long text has its row's score, in standard units."""
    inputs = whole_texts.encode(columns, context, purpose)
    if "score" in columns:
        inputs["labels"] = long_texts.of_rows(scorer.standard(columns["score"], context.target), inputs["row"])
    return inputs


def build_model(folder: str, context: Context) -> Built:
    """The checkpoint with an answer layer that gives one number."""
    return scorer.build(folder, context.target)


def polish(model: Any, context: Context) -> None:
    """The model that is kept answers in the table's units by itself."""
    scorer.keep_in_units(model, context.target)


def augmented(train: Any, context: Context) -> dict[str, Any]:
    """How far the training texts are changed."""
    return whole_texts.augmented(train, train, context)


def collator(context: Context, purpose: Purpose) -> Any:
    """Pads each batch to its longest text, in training after the changes that the options ask for."""
    pad = classifier.collator(context.tokenizer)
    return augmentation.collator(pad, context.tokenizer, context.options, context.seed, purpose)


def forward(model: Any, batch: Mapping[str, Any], context: Context, purpose: Purpose, loss: Any) -> Forwarded:
    """A number for each piece, in the table's units, whichever units the model's own answers are in."""
    if "labels" not in batch:
        return Forwarded(scorer.in_units(model, model(**batch).logits.float().reshape(-1).cpu(), context.target))
    scored = loss(model, batch)
    numbers = scorer.in_units(model, scored.output.logits.float().reshape(-1).cpu(), context.target)
    return Forwarded(numbers, float(scored.total), int(scored.items))


def metrics_of(outputs: Any, examples: Any, context: Context) -> Metrics:
    """All metrics, for a live evaluation. ``outputs`` are numbers of shape (rows,), in the table's units."""
    return regression.live_metrics(outputs, _references(examples))


def judge(outputs: Any, examples: Any, context: Context) -> dict[str, Any]:
    """Everything a report holds on one split; see ``core.evaluation.regression_report.judge``."""
    return regression_report.judge(outputs, _references(examples), context.target)


def comparable(outputs: Any, examples: Any, context: Context) -> tuple[Any, Any]:
    """The answers and the scores, in the table's units."""
    return outputs, _references(examples)


def baselines(
    train: Any, test: Any, context: Context, outputs: Any, before: Mapping[str, Any] | None = None
) -> dict[str, dict[str, Any]]:
    """The mean, word counting, and for pairs the words in common; compared with the model row by row."""
    from core.evaluation.regression_baselines import regression_baselines

    return regression_baselines(train, test, _texts_of(test), outputs)


def mistakes(outputs: Any, examples: Any, context: Context) -> list[dict[str, Any]]:
    """The answers that are furthest off."""
    return regression_report.mistakes(outputs, examples, _texts_of(examples))


def answers(outputs: Any, context: Context) -> list[dict[str, Any]]:
    """The number of each row, and the range of the scores that were learned."""
    from core.evaluation.classification import require_numbers

    require_numbers(outputs)
    low, high = context.target.low, context.target.high
    return [{"number": float(number), "low": low, "high": high} for number in outputs]


def answer_columns(found: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """``prediction``."""
    return {"prediction": [record["number"] for record in found]}


def _references(examples: Any) -> Any:
    return examples["score"].to_numpy()


def _texts_of(table: Any) -> list[str]:
    return [role.name for role in TEXTS if role.name in table.column_names]


TASK = Task(
    id="text-regression",
    title="Scores and similarity",
    summary="Learns to give a text a number, such as a rating, or two texts a number for how alike they are.",
    roles=ROLES,
    output="number",
    metrics=regression.WORDS,
    # It has the same order as RMSE, which training makes small: unlike a correlation it sees answers that are all too
    # high or too close together. And it means the same on every table.
    main_metric="r2",
    family="encoder",
    auto_class="AutoModelForSequenceClassification",
    pipeline_tag=PIPELINE,
    starters=ENCODERS,
    sample_rows=SAMPLE_ROWS,
    options=Options,
    suggested={
        "training.learning_rate": (1e-4, "The answer layer is new, and learns from one number an example."),
    },
    model_inputs=whole_texts.MODEL_INPUTS,
    guess=guess,
    examples=examples,
    features=long_texts.features,
    remarks=remarks,
    sections=report_sections,
    verdict=regression_report.verdict,
    compared=marks.numbers,
    snippet=classifying.snippet("number", PIPELINE),
    serving=classifying.serving("number", PIPELINE),
    script=scoring.script,
    augmented=augmented,
    encode=encode,
    build_model=build_model,
    load_model=scorer.load,
    polish=polish,
    collator=collator,
    loss=scorer.squared_error,
    forward=forward,
    finish=long_texts.averaged,
    combine=together.scores,
    metrics_of=metrics_of,
    judge=judge,
    comparable=comparable,
    baselines=baselines,
    mistakes=mistakes,
    kept=numbers.kept,
    explained=pulls.the_number,
    answers=answers,
    answer_columns=answer_columns,
)
