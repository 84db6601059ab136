"""Answers found in texts: a question, a text that may hold the answer, and the piece of the text that answers it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from core.data.types import Examples, Guess, Preview, Target
from core.evaluation import squad, squad_groups, squad_report
from core.evaluation.rows import pointed
from core.evaluation.types import Metrics, Section
from core.models import extractive
from core.models.offered import ENCODERS
from core.models.types import Built, Note
from core.schema import Setting, Settings
from core.script import pointing
from core.tasks.base import Columns, Context, Forwarded, Piece, Purpose, Questions, Role, Task
from core.usage import answering
from core.versus import text_marks

ROLES = (
    Role("question", "Question", "The column with the question.", "text"),
    Role("context", "Text", "The column with the text that holds the answer.", "text"),
    Role(
        "answers",
        "Answer",
        "The column with the answer as it stands in the text, or with answers and their starts as in SQuAD.",
        "answer",
        is_input=False,
        nested=True,
    ),
    Role(
        "answer_start",
        "Start of the answer",
        "Only if the table has it: the number of characters before the answer.",
        "number",
        required=False,
        is_input=False,
        nested=True,
    ),
    Role(
        "is_impossible",
        "Has no answer",
        "Only if the table has it: a column that says yes where the text holds no answer.",
        "label",
        required=False,
        is_input=False,
    ),
)
_BAKERY = "Nora opened the bakery in 1987. It bakes rye bread at night."
_FERRY = "The ferry leaves at nine from the old pier. Bikes are free."
_GARDEN = "Tulips grow by the wall. Mr. Adler waters them on Fridays."
SAMPLE_ROWS = tuple(
    {
        "context": context,
        "question": question,
        "answers": {"text": [answer] if answer else [], "answer_start": [context.index(answer)] if answer else []},
    }
    for context, question, answer in (
        (_BAKERY, "Who opened the bakery?", "Nora"),
        (_BAKERY, "When was it opened?", "1987"),
        (_BAKERY, "What is baked?", "rye bread"),
        (_BAKERY, "How much is a loaf?", ""),
        (_FERRY, "When does it leave?", "nine"),
        (_FERRY, "From where?", "the old pier"),
        (_FERRY, "What is free?", "Bikes"),
        (_GARDEN, "What grows there?", "Tulips"),
        (_GARDEN, "Who waters them?", "Mr. Adler"),
        (_GARDEN, "Where is the gate?", ""),
    )
)


class Options(Settings):
    """How long texts are read, and how long an answer may be. Names as in the question-answering scripts."""

    doc_stride: Annotated[
        int,
        Setting(
            "Overlap of pieces",
            "Long texts are read in pieces that share so many tokens: an answer at the edge of one stands whole in the "
            "next. At most a third of the maximum length is used.",
            level="advanced",
            unit="tokens",
        ),
    ] = Field(128, ge=0, le=100_000)
    max_answer_length: Annotated[
        int,
        Setting("Longest answer", "No answer of the model is longer than this.", level="advanced", unit="tokens"),
    ] = Field(30, ge=1, le=1000)
    n_best_size: Annotated[
        int,
        Setting(
            "Candidates",
            "So many possible answers of each piece are compared before the best one is chosen.",
            level="expert",
            unit="answers",
        ),
    ] = Field(20, ge=1, le=200)


def guess(preview: Preview) -> Guess | None:
    """Questions and long texts by their names and looks; answers by their records, or by their name."""
    from core.data.guess_answers import guess_answers

    found = guess_answers(preview)
    return None if found is None else Guess("question-answering", *found)


def examples(table: Any, columns: Columns, options: Any = None) -> Examples:
    """Rows whose answer is found in their text, or that say that there is none; findings on all others."""
    import numpy as np
    import pyarrow as pa

    from core.data import answer_findings, answers, cleaning

    options = options if isinstance(options, Options) else Options()
    problems = cleaning.column_problems(table, columns, ROLES)
    if problems:
        return Examples(_table(answers.Asked()), Target(), None, tuple(problems))
    columns = cleaning.single(columns)
    nothing = [None] * table.num_rows
    told = {
        role: table.column(columns[role]).to_pylist() if role in columns else nothing
        for role in ("answers", "answer_start", "is_impossible")
    }
    questions, contexts = (answers.texts_of(table.column(columns[role])) for role in ("question", "context"))
    asked = answers.gather(questions, contexts, told["answers"], told["answer_start"], told["is_impossible"])
    findings = (*answer_findings.blocking(asked), *answer_findings.findings(asked, options.max_answer_length))
    silent = np.array([not texts for texts in asked.answers], dtype=np.int64)
    target = answer_findings.target_of(asked)
    # Strata follow the labels of the target: where only one kind of question is there, it is the first.
    strata = silent if len(target.labels) > 1 else np.zeros_like(silent)
    return Examples(_table(asked), target, pa.array(strata).to_numpy(), findings)


def _table(asked: Any) -> Any:
    import pyarrow as pa

    text = pa.large_string()
    kinds = {
        "question": text, "context": text, "answers": pa.list_(text), "starts": pa.list_(pa.int64()), "row": pa.int64()
    }  # fmt: skip
    return pa.table({name: pa.array(getattr(asked, name), kind) for name, kind in kinds.items()})


def questions(table: Any, columns: Columns) -> Questions:
    """Questions and texts to the letter: where an answer stands is counted in the characters of the text."""
    from core.data.answers import texts_of

    texts = {role: texts_of(table.column(name)) for role, name in columns.items() if isinstance(name, str)}
    usable = [row for row in range(table.num_rows) if all(values[row].strip() for values in texts.values())]
    return Questions(texts, usable)


def features(lengths: Sequence[int], max_length: int, options: Any) -> list[int]:
    """Token counts of the pieces in which rows are read."""
    return extractive.windows(lengths, max_length, options.doc_stride)


def remarks(folder: Path | None, target: Target, options: Any) -> tuple[Note, ...]:
    """What will be done to the checkpoint's answer layer."""
    return () if folder is None else extractive.foretold(folder)


def encode(columns: Mapping[str, Sequence[Any]], context: Context, purpose: Purpose) -> dict[str, list[Any]]:
    """A batch of questions and texts as pieces; what is only needed to answer is left out for training."""
    found = extractive.encode(columns, context.tokenizer, context.max_length, context.options.doc_stride)
    if purpose == "train":
        return {name: values for name, values in found.items() if name in (*extractive.MODEL_INPUTS, "row")}
    return found


def build_model(folder: str, context: Context) -> Built:
    """The checkpoint with an answer layer that says of each token whether an answer begins or ends there."""
    return extractive.build(folder)


def collator(context: Context, purpose: Purpose) -> Any:
    """Pads each batch to its longest piece."""
    return extractive.Collator(context.tokenizer)


def forward(model: Any, batch: Mapping[str, Any], context: Context, purpose: Purpose, loss: Any) -> Forwarded:
    """The best pairs of begin and end of each piece."""
    total, items = 0.0, 0
    if "labels" in batch:
        scored = loss(model, batch)
        output, total, items = scored.output, float(scored.total), int(scored.items)
    else:
        output = extractive.outputs_of(model, batch)
    options = context.options
    pairs = extractive.best_pairs(output, batch["answer_mask"], options.max_answer_length, options.n_best_size)
    return Forwarded(pairs, total, items)


def finish(pieces: list[list[Piece]], context: Context) -> list[dict[str, Any]]:
    """What the pieces of each row say together: see ``extractive.merged``."""
    return [extractive.merged(row, context.options.n_best_size) for row in pieces]


def tune(outputs: Any, examples: Any, context: Context) -> dict[str, Any]:
    """How much likelier no answer must be than the best one to be given: where the F1 is best."""
    if not _may_be_silent(context):
        return {}
    spoken = [extractive.answer(row, may_be_silent=False)["answer"] for row in outputs]
    margins = [extractive.silence_margin(row) for row in outputs]
    threshold, _ = squad.best_threshold(spoken, margins, examples["answers"].to_pylist())
    return {"null_score_diff_threshold": extractive.midway(threshold, margins)}


def _may_be_silent(context: Context) -> bool:
    """Whether the table has questions without an answer: only then may the model give none."""
    from core.data.answer_findings import UNANSWERED

    return UNANSWERED in context.target.labels


def answers(outputs: Any, context: Context) -> list[dict[str, Any]]:
    """The best answer of each row, where it stands, and the next best ones."""
    threshold = float(context.learned.get("null_score_diff_threshold", 0.0))
    return [extractive.answer(row, _may_be_silent(context), threshold) for row in outputs]


def _said(outputs: Any, context: Context) -> list[str]:
    return [record["answer"] for record in answers(outputs, context)]


def metrics_of(outputs: Any, examples: Any, context: Context) -> Metrics:
    """Exact match and F1, for a live evaluation."""
    return squad.live_metrics(_said(outputs, context), examples["answers"].to_pylist())


def judge(outputs: Any, examples: Any, context: Context) -> dict[str, Any]:
    """Everything a report holds on one split; see ``core.evaluation.squad_report.judge``."""
    extractive.require_numbers(outputs)
    golds, said = examples["answers"].to_pylist(), _said(outputs, context)
    lengths = squad_groups.by_length(said, golds, examples["context"].to_pylist())
    return squad_report.judge(said, examples["question"].to_pylist(), golds) | lengths


def comparable(outputs: Any, examples: Any, context: Context) -> tuple[Any, Any]:
    """The answers as texts, and the lists of right ones."""
    return _said(outputs, context), examples["answers"].to_pylist()


def baselines(
    train: Any, test: Any, context: Context, outputs: Any, before: Mapping[str, Any] | None = None
) -> dict[str, dict[str, Any]]:
    """The first words, the nearest sentence, and perhaps never an answer; compared with the model row by row."""
    from core.evaluation.squad_baselines import squad_baselines

    return squad_baselines(train, test, _said(outputs, context), _may_be_silent(context))


def mistakes(outputs: Any, examples: Any, context: Context) -> list[dict[str, Any]]:
    """The answers that share fewest words with a right one."""
    return squad_report.mistakes(answers(outputs, context), examples)


def answer_columns(found: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """``prediction`` (empty where no answer was found), ``probability``, and where in the text it stands."""
    return {
        "prediction": [record["answer"] for record in found],
        "probability": [round(record["score"], 6) for record in found],
        "start": [record["start"] for record in found],
        "end": [record["end"] for record in found],
    }


def report_sections(report: Mapping[str, Any]) -> list[Section]:
    """Scores beside the baselines, the scores by question word, and the worst answers."""
    return squad_report.report_sections(report)


TASK = Task(
    id="question-answering",
    title="Answers found in texts",
    summary="Learns to find the answer to a question in a text, and to say when the text holds none.",
    roles=ROLES,
    output="answer",
    metrics=(*squad.WORDS, *squad.NO_ANSWER_WORDS),
    main_metric="f1",
    family="encoder",
    auto_class="AutoModelForQuestionAnswering",
    pipeline_tag="question-answering",
    starters=ENCODERS,
    sample_rows=SAMPLE_ROWS,
    together=("context",),
    options=Options,
    data_options=("max_answer_length",),
    suggested={
        "training.max_length": (384, "A text and its question are read together; longer texts are read in pieces."),
        "training.learning_rate": (1e-4, "The layer that points at answers is new, and has much to learn."),
    },
    model_inputs=extractive.MODEL_INPUTS,
    guess=guess,
    examples=examples,
    questions=questions,
    features=features,
    remarks=remarks,
    sections=report_sections,
    verdict=squad_report.verdict,
    compared=text_marks.answers,
    snippet=answering.snippet,
    serving=answering.serving,
    script=pointing.script,
    encode=encode,
    build_model=build_model,
    load_model=extractive.load,
    collator=collator,
    loss=extractive.point_loss,
    forward=forward,
    finish=finish,
    tune=tune,
    metrics_of=metrics_of,
    judge=judge,
    comparable=comparable,
    baselines=baselines,
    mistakes=mistakes,
    kept=pointed.kept,
    answers=answers,
    answer_columns=answer_columns,
)
