"""What a task is: one frozen record of words and functions.

A task module builds one ``Task`` and ``core.tasks.TASKS`` lists it; nothing else in the project names it. Functions in
the *light* part run in the app's process and may use pyarrow and pandas; those in the *heavy* part run in a worker and
import torch and transformers inside themselves. Where most tasks do the same, the shared function is the default.

From rows to answers, in a worker: ``encode`` makes model inputs of rows (one row may become several), ``collator``
makes a batch of them, ``loss`` or ``forward`` runs the model on it, ``finish`` puts together what was said of each row.
What ``finish`` returns (called ``outputs`` below) is the task's own form; ``metrics``, ``judge``, ``mistakes`` and
``answers`` read it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from core.data.columns import Columns as Columns
from core.data.columns import several
from core.data.types import Examples, Guess, Preview, Target
from core.evaluation.types import Metrics as Metrics
from core.evaluation.types import MetricWords as MetricWords
from core.evaluation.types import Section as Section
from core.labels.doubting import Doubting
from core.models.types import Built, Family, Note
from core.schema import Settings
from core.script.types import ScriptFacts as ScriptFacts
from core.script.types import ScriptParts as ScriptParts
from core.tasks import defaults
from core.usage.types import Usage as Usage
from core.versus import marks
from core.versus.types import Compared

Kind = Literal["text", "label", "labels", "spans", "number", "answer", "fills", "chat", "image"]
"""The closed set of things that go in and come out; ``ui/widgets.py`` knows how to draw each."""

Purpose = Literal["train", "evaluate", "predict"]
"""What rows are encoded for. Only ``predict`` has no right answers; only ``train`` may leave to chance."""


@dataclass(frozen=True)
class Role:
    """What a column is for. ``is_input`` roles are asked for again when the model is tried."""

    name: str
    label: str
    help: str
    kind: Kind
    required: bool = True
    is_input: bool = True
    many: bool = False
    """Several columns may play it together."""
    nested: bool = False
    """Its column may hold lists or records."""


@dataclass(frozen=True)
class Context:
    """What is fixed for a run, and every heavy function of its task may need."""

    tokenizer: Any
    target: Target
    max_length: int
    options: Any
    """The run's ``Task.options``."""
    seed: int = 42
    learned: Mapping[str, Any] = field(default_factory=dict)
    """What ``Task.tune`` found; empty before."""
    checkpoint: Path | None = None
    """The folder of the model to start from, while it is here."""


@dataclass(frozen=True)
class Piece:
    """What the model said of one encoded piece of a row. ``extra``: what ``encode`` noted of it beside model inputs."""

    extra: Mapping[str, Any]
    output: Any


@dataclass(frozen=True)
class Forwarded:
    """One batch. ``outputs``: one a piece, small, on the CPU; ``total`` loss over ``items``, where labels are known."""

    outputs: Sequence[Any]
    total: float = 0.0
    items: int = 0


@dataclass(frozen=True)
class Questions:
    """Rows to answer, as role columns; ``usable`` are the places of the rows that have something to answer."""

    columns: Mapping[str, list[Any]]
    usable: Sequence[int]


@dataclass(frozen=True, kw_only=True)
class Task:
    """One kind of thing a model can learn to do."""

    # Words.
    id: str
    title: str
    summary: str
    roles: tuple[Role, ...]
    output: Kind
    metrics: tuple[MetricWords, ...]
    """The metrics of a live evaluation, most telling first."""
    main_metric: str
    """Chooses the best model, stops early, and stands in the list of runs."""
    family: Family
    """The kind of language model it starts from."""
    starters: tuple[str, ...]
    """Ids of the checkpoints that are offered (see ``core.models``), the first is the default."""
    sample_rows: tuple[Mapping[str, Any], ...]
    """A few rows of a table as people bring it: shown as an example, and learned from in the contract test."""
    auto_class: str = ""
    """The class of transformers that opens its models, such as ``AutoModelForSequenceClassification``."""
    pipeline_tag: str = ""
    """The Hub's word for what it does (https://huggingface.co/tasks); stands in the head of a model card."""
    ways: tuple[tuple[str, ...], ...] = ()
    """Sets of roles of which one must be complete; without them every required role is needed."""
    asks: tuple[Role, ...] = ()
    """What is asked for when the model is tried, where that is not the input roles themselves."""
    reads: tuple[str, ...] = ()
    """Columns of ``Examples.table`` with the texts that the model reads together: for lengths, copies and leakage.
    Without them, the input roles."""
    together: tuple[str, ...] = ()
    """Columns of ``Examples.table``: rows that are equal in them go to the same part. Without them, ``reads``."""
    options: type[Settings] = Settings
    """The task's own settings: ``options:`` in a ``run.yaml``, drawn in the form like all others."""
    data_options: tuple[str, ...] = ()
    """The options that ``examples`` reads. It gets all others with their defaults: a change of those leaves the rows,
    and what is said of them, as they are."""
    knobs: type[Settings] = Settings
    """Settings of a single answer, such as how freely a text is written on; drawn in the playground."""
    suggested: Mapping[str, tuple[Any, str]] = field(default_factory=dict)
    """Path of a setting -> a value that suits the task better than the general suggestion, and why."""
    model_inputs: tuple[str, ...] = ("input_ids", "attention_mask", "token_type_ids", "labels")
    """What of an encoded piece the collator gets; anything else is the task's own note on the piece."""
    starts_able: bool = False
    """The model answers sensibly before any training, so it is judged then too, and can be tried beside the new one."""

    # Light: in the app's process.
    guess: Callable[[Preview], Guess | None]
    """Propose this task for a table, or None when it does not fit. A score of 0.9 and more: the shape of the table
    leaves no doubt; 0.5 to 0.9: values and names speak for it; under 0.3: possible, for want of something better."""
    examples: Callable[[Any, Columns, Any], Examples]
    """(pyarrow table, columns, ``data_options``) -> the rows that can be used, and findings on all others."""
    questions: Callable[[Any, Columns], Questions] = defaults.text_questions
    """(pyarrow table, columns of the input roles or of ``asks``) -> what can be asked of the model."""
    features: Callable[[Sequence[int], int, Any], list[int]] = defaults.one_feature_a_row
    """(token counts of rows, max_length, options) -> token counts of the pieces they are learned from as."""
    remarks: Callable[[Path | None, Target, Any], tuple[Note, ...]] = defaults.no_remarks
    """(folder of a checkpoint or None while it is not here, target, options) -> what will be done to that model: said
    before the start. From its small files alone."""
    sections: Callable[[Mapping[str, Any]], list[Section]]
    """The blocks of a report, from ``report.json``."""
    verdict: Callable[[Mapping[str, Any]], str]
    """(report) -> one or two plain sentences that are true of it."""
    compared: Callable[[Any, Any], list[Compared]] = marks.by_error
    """(kept rows of one model, those of another: the same rows in the same order, with the same truth) -> what can be
    told of the two, most telling first; nothing where marks do not measure the same. See ``core.versus.marks``."""

    snippet: Callable[[Usage], str] | None = None
    """Python that loads a model of this task from ``Usage.place`` with public libraries alone, asks it the example and
    prints what it says: about five lines, as in a model card."""
    serving: Callable[[Usage], str] | None = None
    """Python (public libraries alone) that loads the model and defines ``answer``: it takes the texts of ``asked`` in
    their order and gives what the kind of ``output`` is drawn from in a demo (see ``core.publishing.demo``)."""
    script: Callable[[ScriptFacts], ScriptParts] | None = None
    """The task's part of a run's ``train.py``, which trains again with transformers and datasets alone; without it
    a run has none. Asked in a worker."""

    # Heavy: in a worker.
    load_tokenizer: Callable[[str, Any], tuple[Any, tuple[Note, ...]]] = defaults.load_tokenizer
    """(folder, options) -> the tokenizer, and what had to be added to it."""
    build_model: Callable[[str, Context], Built]
    """(checkpoint folder, context) -> a ``PreTrainedModel`` ready to train."""
    load_model: Callable[[str], Any]
    """(folder of a trained model) -> the ``PreTrainedModel``."""
    training_rows: Callable[[Any, Context], Any] = defaults.as_they_are
    """(training examples as a pyarrow table, context) -> those to learn from: some may stand there more than once."""
    judged_rows: Callable[[Any, Context], Any] = defaults.as_they_are
    """(validation or test examples, context) -> those that are really judged, where reading all would take too long."""
    augmented: Callable[[Any, Context], dict[str, Any]] | None = None
    """(training examples, context) -> in figures, how far they were repeated and changed while they were learned from;
    kept under ``augmentation`` in the report unless empty."""
    encode: Callable[[Mapping[str, Sequence[Any]], Context, Purpose], dict[str, list[Any]]]
    """(role columns of some rows) -> columns of model inputs, with ``labels`` where known. Where rows and pieces are
    not one to one, ``row`` says which row (from 0) each piece is of. Any other column is kept for ``Piece.extra``."""
    collator: Callable[[Context, Purpose], Callable[[list[dict[str, Any]]], Mapping[str, Any]]]
    """A function from encoded pieces (model inputs only) to a batch of tensors. With a method ``set_epoch`` it hears of
    each new epoch; what it leaves to chance must follow from the seed, the epoch and the piece alone."""
    loss: Any
    """A ``core.training.losses.Loss``: the loss of a batch, and how many items it is a sum over."""
    loss_of: Callable[[Context], Any] | None = None
    """(context) -> the ``Loss`` to learn by, where options change it. What is checked and judged is always ``loss``, so
    that runs with and without such options can be compared."""
    forward: Callable[[Any, Mapping[str, Any], Context, Purpose, Any], Forwarded] = defaults.logits
    """(model, batch on its device, context, purpose, this task's loss) -> what is kept of the model's output."""
    finish: Callable[[list[list[Piece]], Context], Any] = defaults.first_pieces
    """(the pieces of each row) -> ``outputs`` of all rows, in their order."""
    tune: Callable[[Any, Any, Context], dict[str, Any]] = defaults.nothing_to_tune
    """(outputs, validation examples) -> what is chosen on the validation part, such as thresholds; plain JSON."""
    calibrate: Callable[[Any, Any, Context], float | None] | None = None
    """(outputs, validation examples) -> the temperature that ``outputs``, which are logits then, are to be divided by,
    so that probabilities can be taken at their word; None where there is nothing to gain. Before ``tune``, which finds
    it as ``temperature`` in what was learned. See ``core.training.calibrating``."""
    answer_layer: Callable[[Any, Context], str] | None = None
    """(model) -> the full name of the linear layer whose outputs become ``outputs``: a temperature is worked into it.
    Raises ``CheckpointError`` where the model has none."""
    combine: Callable[[Sequence[Any], str], Any] | None = None
    """(``outputs`` of several models on the same rows, ``probabilities`` or ``votes``) -> outputs as of one model; None
    where answers cannot be put together. See ``core.evaluation.together``."""
    polish: Callable[[Any, Context], None] = defaults.leave_model
    """Change the best model in place before it is judged and kept."""
    metrics_of: Callable[[Any, Any, Context], Metrics]
    """(outputs, examples) -> the live metrics, without prefix."""
    live_detail: Callable[[Any, Any, Context], dict[str, float]] | None = None
    """(outputs, examples) -> beside the live metrics, the F1 of each label that these rows have. None for a task whose
    answers have no labels to tell apart."""
    judge: Callable[[Any, Any, Context], dict[str, Any]]
    """(outputs, examples) -> everything the report holds on one split. ``rows`` and the metrics stand at the top; what
    begins with an underscore is for ``baselines`` only and is not written."""
    comparable: Callable[[Any, Any, Context], tuple[Any, Any]]
    """(outputs, examples) -> (predictions, references), as metrics of ``evaluate`` compare the two."""
    baselines: Callable[[Any, Any, Context, Any, Mapping[str, Any] | None], dict[str, dict[str, Any]]]
    """(training examples, test examples, context, outputs on the test examples, the judgement before training or None)
    -> name -> the form of ``judge``, with ``title``, ``help`` and, where known, ``comparison``."""
    mistakes: Callable[[Any, Any, Context], list[dict[str, Any]]]
    """(outputs, test examples) -> the worst answers, worst first, each with its ``row``."""
    explained: Callable[[Any, int], Any] | None = None
    """(the model's logits for some pieces, number of a class) -> what is explained of them, one number a piece, that
    gradients can be taken of; None for a task of whose answers it cannot be told which words moved them. See
    ``core.explaining.pulls``."""
    kept: Callable[[Any, Any, Context, Any], dict[str, Any]] = defaults.kept
    """(outputs, examples, context, this task) -> columns, a value a row: what stays of each judged row beside the
    examples' own columns. See ``core.judging.kept`` for those that all tasks have."""
    doubts: Doubting | None = None
    """(what the texts say, all rows of a run, target, seed, a function to call after each model) -> how far each label
    is disputed; None where it cannot be told whether single labels are wrong. See ``core.labels``."""
    answers: Callable[[Any, Context], list[dict[str, Any]]]
    """(outputs) -> one record a row, in the form that ``output`` has."""
    answer_columns: Callable[[Sequence[Mapping[str, Any]]], dict[str, list[Any]]]
    """(answers) -> new columns for a table given back."""
    samples: Callable[[Any, Any, Context], list[dict[str, Any]]] | None = None
    """(model, test examples, context) -> a few answers in full, for a task whose scores are not made of answers; they
    stand under ``samples`` in the judgement of the test part, also of the model before training."""
    write: Callable[[Any, Mapping[str, Any], Context, Any], Iterator[dict[str, Any]]] | None = None
    """(model, one question by role, context, knobs) -> the growing answer, for a task that writes. None for others."""

    def role(self, name: str) -> Role:
        return next(role for role in (*self.roles, *self.asks) if role.name == name)

    def options_of_data(self, options: Any) -> Any:
        """The options as ``examples`` gets them: see ``data_options``."""
        return self.options(**{name: getattr(options, name) for name in self.data_options})

    def learned_by(self, context: Context) -> Any:
        """The loss to learn by: see ``loss_of``."""
        return self.loss if self.loss_of is None else self.loss_of(context)

    @property
    def inputs(self) -> tuple[Role, ...]:
        """The roles of the table that the model reads."""
        return tuple(role for role in self.roles if role.is_input)

    @property
    def asked(self) -> tuple[Role, ...]:
        """What a person is asked for when the model is tried."""
        return self.asks or self.inputs

    @property
    def read_columns(self) -> tuple[str, ...]:
        """See ``reads``. Those of optional roles may be missing in a table."""
        return self.reads or tuple(role.name for role in self.inputs)

    @property
    def kept_together(self) -> tuple[str, ...]:
        """See ``together``."""
        return self.together or self.read_columns

    def lacking(self, columns: Columns) -> tuple[Role, ...]:
        """The roles that still need a column: none when one of the ways is complete, else those of the nearest way."""
        ways = self.ways or (tuple(role.name for role in self.roles if role.required),)
        missing = {way: tuple(name for name in way if not several(columns.get(name))) for way in ways}
        # Of ways that lack as many roles, the longer one is the one that was begun.
        nearest = min(ways, key=lambda way: (len(missing[way]), -len(way)))
        return tuple(self.role(name) for name in missing[nearest])
