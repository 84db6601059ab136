"""Text to text: a model reads one text and writes another, such as a translation, a summary or a correction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from core.data.types import Examples, Finding, Guess, Preview, Target
from core.errors import PredictionError
from core.evaluation import rewriting
from core.evaluation.rows import written
from core.evaluation.types import Metrics
from core.evaluation.verdicts import percent
from core.models import seq2seq
from core.models.offered import TRANSLATORS
from core.models.types import Built, Note
from core.prediction.generation import RewritingKnobs
from core.said import said
from core.schema import Setting, Settings
from core.script import translating
from core.tasks.base import Columns, Context, Forwarded, Piece, Purpose, Role, Task
from core.training.losses import by_tokens
from core.usage import rewriting as example_code
from core.versus import text_marks


class Options(Settings):
    """How texts are given to the model and taken from it."""

    source_prefix: Annotated[
        str,
        Setting(
            "Source prefix",
            "Words put before every source text, with a blank at their end. Models of the T5 family know some: "
            '"translate English to German: ", "summarize: ". Others need none.',
        ),
    ] = ""
    max_target_length: Annotated[
        int,
        Field(ge=2, le=4096),
        Setting(
            "Longest target",
            "Texts to write are learned and written up to this length. Longer ones are cut and take more time.",
            unit="tokens",
        ),
    ] = 128
    num_beams: Annotated[
        int,
        Field(ge=1, le=16),
        Setting(
            "Beams",
            "How many beginnings of a text are followed side by side until the best one wins, when the model is "
            "measured and when it answers a table. More are a little better and as many times slower.",
            "advanced",
        ),
    ] = 1
    predict_with_generate: Annotated[
        bool,
        Setting(
            "Write texts to measure it",
            "At each check it writes up to 200 texts, which are compared with the wanted ones. Without it only the "
            "loss is measured, which is quicker.",
            "advanced",
        ),
    ] = True


ROLES = (
    Role("source", "Source", "The column with the text to start from.", "text"),
    Role("target", "Target", "The column with the text to make from it.", "text", is_input=False),
)
SAMPLE_ROWS = (
    {"source": "he go to school every day", "target": "He goes to school every day."},
    {"source": "she have two cat", "target": "She has two cats."},
    {"source": "we was at home yesterday", "target": "We were at home yesterday."},
    {"source": "they likes warm bread", "target": "They like warm bread."},
    {"source": "the soup are cold", "target": "The soup is cold."},
    {"source": "i am agree with you", "target": "I agree with you."},
    {"source": "where you live now", "target": "Where do you live now?"},
    {"source": "he dont eat meat", "target": "He does not eat meat."},
)
SUGGESTED = {
    "training.learning_rate": (1e-4, "Models that write one text from another learn well with larger steps."),
    "training.eval_strategy": ("epoch", "Each check writes texts, which takes long, so one an epoch is enough."),
}
_TOKENS_A_WORD = 1.4
_OFFLINE = (
    "No model that writes one text from another comes with this program: the chosen one is fetched from the Hugging "
    "Face Hub when the run starts, which needs a connection once. Without one, copy a folder with such a model (T5, "
    "mT5, BART, Marian) to this machine and choose that folder."
)


def guess(preview: Preview) -> Guess | None:
    """Two columns of free texts by their names; for want of better, any two."""
    from core.data import guess_rewriting

    found = guess_rewriting.rewriting(preview) or guess_rewriting.two_texts(preview)
    return Guess("sequence-to-sequence", *found) if found else None


def examples(table: Any, columns: Columns, options: Any = None) -> Examples:
    """Rows with both texts, as ``source`` and ``target``; findings say what was left out and what to know."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    from core.data import cleaning
    from core.data.repeated import repetition_findings

    schema = pa.schema([("source", pa.large_string()), ("target", pa.large_string()), ("row", pa.int64())])
    problems = cleaning.column_problems(table, columns, ROLES)
    if problems:
        return Examples(schema.empty_table(), Target(), None, tuple(problems))
    named = cleaning.single(columns)
    texts = {role.name: cleaning.as_text(table.column(named[role.name])) for role in ROLES}
    findings = [finding for role in texts for finding in cleaning.text_findings(named[role], role, texts[role])]
    usable = np.logical_and.reduce([pc.not_equal(column, "").to_numpy() for column in texts.values()])
    kept = pa.table({**texts, "row": np.arange(1, table.num_rows + 1)}).filter(pa.array(usable)).cast(schema)
    if not kept.num_rows:
        words = "Each row needs a text to start from and one to make of it."
        findings.insert(0, Finding("no-rows", "error", "No row can be used.", words, "Choose other columns."))
        return Examples(kept, Target(), None, tuple(findings))
    findings += [*_equal(kept), *_long(kept, options or Options())]
    findings += repetition_findings(kept, ["source"], ["target"], "source")
    return Examples(kept, Target(), None, tuple(findings))


def _equal(kept: Any) -> list[Finding]:
    import pyarrow.compute as pc

    rows = kept.column("row").filter(pc.equal(kept.column("source"), kept.column("target"))).to_pylist()
    if not rows:
        return []
    return [
        Finding(
            "equal-texts",
            "info",
            f"{len(rows):,} {'row has' if len(rows) == 1 else 'rows have'} the same text as source and target.",
            "The model learns from them to leave such a text as it is.",
            "That is right where there is nothing to change; otherwise take them out.",
            count=len(rows),
            rows=tuple(rows[:20]),
            role="target",
        )
    ]


def _long(kept: Any, options: Options) -> list[Finding]:
    """Targets that are longer than what is learned, by their words: a tokenizer is not asked yet."""
    import pyarrow.compute as pc

    target = kept.column("target")
    words = pc.multiply(pc.count_substring_regex(target, r"\S+"), _TOKENS_A_WORD)
    tokens = pc.max_element_wise(words, pc.divide(pc.cast(pc.utf8_length(target), "float64"), 5.0))
    rows = kept.column("row").filter(pc.greater(tokens, options.max_target_length)).to_pylist()
    if not rows:
        return []
    return [
        Finding(
            "long-target",
            "warning",
            f"About {percent(len(rows) / kept.num_rows)} of the targets seem longer than the longest target of "
            f"{options.max_target_length:,} tokens.",
            "They are cut there, and the model learns to stop in the middle.",
            "Raise the longest target in the settings of this task, or shorten these texts.",
            count=len(rows),
            rows=tuple(rows[:20]),
            role="target",
        )
    ]


def remarks(folder: Path | None, target: Target, options: Any) -> tuple[Note, ...]:
    """Where the model comes from, and what its family expects."""
    from core.models.checkpoints import read_config

    if folder is None:
        return (Note(said("This model is not on this machine yet."), said(_OFFLINE)),)
    if read_config(folder)["model_type"] == "t5" and not options.source_prefix:
        return (
            Note(
                "T5 models were taught what to do by words before each text.",
                'A source prefix such as "translate English to French: " or "summarize: " may help it to begin with.',
            ),
        )
    return ()


def build_model(folder: str, context: Context) -> Built:
    """The checkpoint with a row in its embeddings for every token."""
    return seq2seq.build(folder, context.tokenizer)


def load_model(folder: str) -> Any:
    """A trained model."""
    return seq2seq.load(folder)


def load_tokenizer(folder: str, options: Any) -> tuple[Any, tuple[Note, ...]]:
    """The checkpoint's tokenizer with a padding token. Raises ``CheckpointError``."""
    from core.models import tokenizers

    return tokenizers.with_padding(tokenizers.load_tokenizer(folder))


def encode(columns: Mapping[str, Sequence[Any]], context: Context, purpose: Purpose) -> dict[str, list[Any]]:
    """Both texts as tokens. ``written``, in rows that are judged, says which rows the model writes to be measured."""
    options = context.options
    found = seq2seq.encode_sources(context.tokenizer, columns["source"], options.source_prefix, context.max_length)
    if purpose == "predict":
        return found
    found["labels"] = seq2seq.encode_targets(context.tokenizer, columns["target"], options.max_target_length)
    if purpose == "evaluate" and options.predict_with_generate:
        found["written"] = list(columns["written"])
    return found


def collator(context: Context, purpose: Purpose) -> Any:
    """Pads each batch to its longest texts."""
    return seq2seq.collator(context.tokenizer)


def forward(model: Any, batch: Mapping[str, Any], context: Context, purpose: Purpose, loss: Any) -> Forwarded:
    """The loss of the wanted text and, of some pieces, the text that the model writes; to predict, of all."""
    from core.prediction.generation import generate_batch

    tokenizer, options = context.tokenizer, context.options
    if purpose == "predict":
        texts = generate_batch(model, tokenizer, batch, options.max_target_length, options.num_beams)
        return Forwarded([seq2seq.Written(0.0, 0, text) for text in texts])
    found = seq2seq.measure(model, tokenizer, batch, options.max_target_length, options.num_beams)
    return Forwarded(found, sum(one.nll for one in found), sum(one.tokens for one in found))


def finish(pieces: list[list[Piece]], context: Context) -> list[Any]:
    """What became of each row: a ``core.models.seq2seq.Written``."""
    return [row[0].output for row in pieces]


def metrics_of(outputs: Any, examples: Any, context: Context) -> Metrics:
    """The metrics of ``core.evaluation.rewriting.WORDS`` for a live evaluation."""
    return rewriting.live_metrics(outputs, examples["target"].to_pylist())


def judge(outputs: Any, examples: Any, context: Context) -> dict[str, Any]:
    """Everything a report holds on one split; see ``core.evaluation.rewriting.judge``."""
    return rewriting.judge(outputs, *_columns(examples))


def comparable(outputs: Any, examples: Any, context: Context) -> tuple[Any, Any]:
    """(texts that were written, texts that were wanted), of the rows that were written out."""
    wanted = examples["target"].to_pylist()
    places, texts = rewriting.written(outputs)
    return texts, [wanted[place] for place in places]


def baselines(
    train: Any, test: Any, context: Context, outputs: Any, before: Mapping[str, Any] | None = None
) -> dict[str, dict[str, Any]]:
    """Copying the source, and the model as it was before training."""
    return rewriting.baselines(outputs, *_columns(test), before)


def mistakes(outputs: Any, examples: Any, context: Context) -> list[dict[str, Any]]:
    """The answers farthest from what was wanted."""
    return rewriting.mistakes(outputs, *_columns(examples))


def _columns(examples: Any) -> tuple[list[str], list[str], list[int]]:
    columns = examples.to_pydict()
    return columns["target"], columns["source"], columns["row"]


def answers(outputs: Any, context: Context) -> list[dict[str, Any]]:
    """The text made of each row."""
    return [{"text": output.text} for output in outputs]


def answer_columns(found: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """``prediction``."""
    return {"prediction": [record["text"] for record in found]}


def write(model: Any, question: Mapping[str, Any], context: Context, knobs: RewritingKnobs) -> Iterator[dict[str, Any]]:
    """The growing text made of ``source``."""
    from core.prediction.generation import stream

    source = str(question["source"] or "").strip()
    if not source:
        raise PredictionError(said("There is no text to start from."), said("Write the text to make another of."))
    encoded = encode({"source": [source]}, context, "predict")
    batch = collator(context, "predict")([{name: values[0] for name, values in encoded.items()}])
    for text in stream(model, context.tokenizer, batch, knobs):
        yield {"text": text}


TASK = Task(
    id="sequence-to-sequence",
    title="Text to text",
    summary="Learns from pairs of texts to make one of the other: a translation, a summary, a correction.",
    roles=ROLES,
    output="text",
    together=("source",),
    metrics=rewriting.WORDS,
    main_metric="loss",
    family="seq2seq",
    auto_class="AutoModelForSeq2SeqLM",
    pipeline_tag="text2text-generation",
    starters=TRANSLATORS,
    sample_rows=SAMPLE_ROWS,
    options=Options,
    data_options=("max_target_length",),
    knobs=RewritingKnobs,
    suggested=SUGGESTED,
    model_inputs=("input_ids", "attention_mask", "labels", "written"),
    starts_able=True,
    guess=guess,
    examples=examples,
    remarks=remarks,
    sections=rewriting.blocks,
    verdict=rewriting.verdict,
    compared=text_marks.written,
    snippet=example_code.snippet,
    serving=example_code.serving,
    script=translating.script,
    load_tokenizer=load_tokenizer,
    build_model=build_model,
    load_model=load_model,
    judged_rows=seq2seq.with_written,
    encode=encode,
    collator=collator,
    loss=by_tokens,
    forward=forward,
    finish=finish,
    metrics_of=metrics_of,
    judge=judge,
    comparable=comparable,
    baselines=baselines,
    mistakes=mistakes,
    kept=written.kept,
    answers=answers,
    answer_columns=answer_columns,
    write=write,
)
