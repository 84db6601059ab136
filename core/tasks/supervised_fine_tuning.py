"""Chat and instructions: a model that writes learns to answer as the assistants of example conversations do."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from core.data.chat_tables import Forms
from core.data.types import Examples, Finding, Guess, Preview, Target
from core.errors import DataError
from core.evaluation import before as beside
from core.evaluation import language_model, surprise
from core.evaluation.rows import guessed
from core.evaluation.types import Metrics, Section
from core.models import blocks, causal
from core.models.offered import WRITERS
from core.models.types import Built, Note
from core.prediction.generation import Knobs, answer_room
from core.said import said
from core.schema import Setting, Settings
from core.script import replying
from core.tasks import defaults
from core.tasks.base import Columns, Context, Purpose, Questions, Role, Task
from core.training.losses import by_next_tokens
from core.usage import writing
from core.versus import text_marks

PIPELINE = "text-generation"
SAMPLES, CANDIDATES = 5, 200
SAMPLE_TOKENS, SAMPLE_TOKENS_ON_CPU = 200, 64


class Options(Settings):
    """What is said beside the conversations themselves."""

    system_prompt: Annotated[
        str,
        Setting(
            "System text",
            "What the model is told before each conversation that has no such text of its own, such as who it is and "
            "how it should speak. Leave it empty for none.",
        ),
    ] = ""
    max_new_tokens: Annotated[
        int,
        Field(ge=1, le=4096),
        Setting(
            "Length of answers for tables",
            "Where the model answers a whole table, each answer ends here at the latest.",
            "advanced",
            unit="tokens",
        ),
    ] = 128


ROLES = (
    Role(
        "messages",
        "Conversation",
        "A column with whole conversations: lists of turns with role and content (or from and value), or such lists as "
        "text, or text with ChatML marks.",
        "chat",
        required=False,
        nested=True,
    ),
    Role("prompt", "Prompt", "What somebody says or asks.", "text", required=False),
    Role("response", "Response", "The good answer to it.", "text", required=False, is_input=False),
    Role("instruction", "Instruction", "What the model is told to do.", "text", required=False),
    Role("input", "Input", "The text to do it with, where a row has one.", "text", required=False),
    Role("output", "Output", "The good answer to the instruction.", "text", required=False, is_input=False),
)
FORMS = Forms("messages", (("prompt", None, "response"), ("instruction", "input", "output")))
WAYS = (("messages",), *((question, answer) for question, _, answer in FORMS.parted))
ASKS = (Role("messages", "Conversation", "What has been said so far, ending with your turn.", "chat", nested=True),)
METRICS = language_model.WORDS
SUGGESTED = {
    "training.learning_rate": (5e-5, "Small steps: the model can write already and should not forget it."),
    "training.num_train_epochs": (2.0, "Read more often, answers are soon learned by heart."),
    "training.per_device_train_batch_size": (4, "A model that writes needs much memory for each conversation."),
    "training.max_length": (512, "About 350 words. Longer conversations lose their oldest turns."),
}


def _said(question: str, answer: str) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]}


SAMPLE_ROWS = (
    _said("Do you open on Sundays?", "Yes, from ten to four."),
    _said("Can I bring my dog?", "Yes, dogs are welcome in the whole shop."),
    _said("Where can I park?", "Behind the house; the first hour is free."),
    _said("Do you gift-wrap?", "Gladly, and it costs nothing."),
    _said("My kettle leaks. What now?", "Please bring it in with the receipt and we will replace it."),
    _said("How long does delivery take?", "Two to three working days."),
    _said("Do you have this in blue?", "Only in green and grey at the moment."),
    _said("Thanks for your help!", "You are welcome. Have a lovely day!"),
)


def guess(preview: Preview) -> Guess | None:
    """A column of conversations by its form, which leaves no doubt; else two or three columns by their names."""
    from core.data import guess_conversations

    found = guess_conversations.conversations(preview) or guess_conversations.questions_and_answers(preview)
    return Guess("supervised-fine-tuning", *found) if found else None


def examples(table: Any, columns: Columns, options: Any = None) -> Examples:
    """Each usable conversation in one form (see ``core.data.chat_tables``); findings say what was left out."""
    from core.data import chat_tables, cleaning
    from core.data.repeated import repetition_findings

    problems = cleaning.column_problems(table, columns, ROLES, TASK.lacking(columns))
    if problems:
        return Examples(chat_tables.nothing(), Target(), None, tuple(problems))
    kept, findings = chat_tables.read(table, cleaning.single(columns), FORMS)
    if kept.num_rows:
        findings += repetition_findings(kept, ["messages"], ["answer"], "question")
    else:
        meaning, fix = "Each row needs a question and its answer.", "Choose other columns, or look at the rows below."
        findings.insert(0, Finding("no-rows", "error", "No row can be used.", meaning, fix))
    return Examples(kept, Target(), None, tuple(findings))


def questions(table: Any, columns: Columns) -> Questions:
    """The same forms without their last answer, as ``messages``."""
    from core.data import chat_tables, cleaning

    asked = chat_tables.asked(table, cleaning.single(columns), FORMS)
    return Questions({"messages": asked}, [row for row, found in enumerate(asked) if found])


def remarks(folder: Path | None, target: Target, options: Any) -> tuple[Note, ...]:
    """Whether the model knows conversations already."""
    from core.models.chat import has_template

    if folder is None or has_template(folder):
        return ()
    return (
        Note(
            said("This model has no form for conversations of its own, so it will learn a common one, ChatML."),
            said(
                "It has to learn from your examples what a conversation is, which takes many of them. A model whose "
                "name says Instruct or Chat knows it already."
            ),
        ),
    )


def load_tokenizer(folder: str, options: Any) -> tuple[Any, tuple[Note, ...]]:
    """The checkpoint's tokenizer, able to write conversations down. Raises ``CheckpointError``."""
    from core.models import tokenizers

    return tokenizers.with_chat_template(tokenizers.load_tokenizer(folder))


def build_model(folder: str, context: Context) -> Built:
    """The checkpoint, knowing the marks of conversations and where an answer ends."""
    from core.models import chat

    built = causal.build(folder, context.tokenizer, said("answer in conversations"))
    causal.end_with(built.model, [chat.end_of_turn(context.tokenizer)])
    return built


def load_model(folder: str) -> Any:
    """A trained model."""
    return causal.load(folder)


def encode(columns: Mapping[str, Sequence[Any]], context: Context, purpose: Purpose) -> dict[str, list[Any]]:
    """Conversations as tokens; only those of the assistant have labels. What is too long loses its oldest turns.

    Conversations that the model's form does not take are left out; to learn or judge, unless it takes none of them:
    ``DataError``.
    """
    from core.models import chat

    takes, system = chat.takes_system(context.tokenizer), context.options.system_prompt.strip()
    asked = [chat.with_system(json.loads(messages), system, takes) for messages in columns["messages"]]
    if purpose == "predict":
        answer = answer_room(context.max_length, context.options.max_new_tokens)
        return chat.prompts(context.tokenizer, asked, context.max_length - answer)
    whole = [
        [*turns, {"role": "assistant", "content": answer}]
        for turns, answer in zip(asked, columns["answer"], strict=True)
    ]
    return chat.encode(context.tokenizer, whole, context.max_length)


def collator(context: Context, purpose: Purpose) -> Any:
    """Pads each batch to its longest conversation."""
    return causal.collator(context.tokenizer)


def metrics_of(outputs: Any, examples: Any, context: Context) -> Metrics:
    """The metrics of ``METRICS`` for a live evaluation, on the tokens of answers."""
    return language_model.live_metrics(**causal.row_sums(outputs))


def judge(outputs: Any, examples: Any, context: Context) -> dict[str, Any]:
    """Everything a report holds on one split; see ``core.evaluation.language_model.judge``."""
    sums, rows = causal.row_sums(outputs), blocks.rows_before(examples)
    chosen = {"of_rows": rows} if rows > len(outputs) else {}
    lengths = beside.by_question(guessed.question_words(examples), sums["nll"], sums["tokens"])
    where = {"by_question": lengths, **surprise.judge(outputs, context.tokenizer, in_answers=True)}
    return language_model.judge(**sums) | chosen | where | {"_nll": sums["nll"]}


def samples(model: Any, test: Any, context: Context) -> list[dict[str, Any]]:
    """The model's own answers to a few questions of the test part that it can be asked, spread evenly over it."""
    from core.data.conversations import shown
    from core.prediction.generation import evenly, generate_batch

    some = test.take(evenly(test.num_rows, CANDIDATES)).to_pydict()
    asked = encode(some, context, "predict")
    places = evenly(len(asked["row"]), SAMPLES)
    if not places:
        return []
    length = SAMPLE_TOKENS if model.device.type == "cuda" else SAMPLE_TOKENS_ON_CPU
    model.eval()
    batch = collator(context, "predict")([{"input_ids": asked["input_ids"][place]} for place in places])
    said = generate_batch(model, context.tokenizer, batch, length)
    return [
        {"question": shown(some["messages"][row]), "answer": text, "reference": some["answer"][row], "row": number}
        for row, text in zip((asked["row"][place] for place in places), said, strict=True)
        for number in (some["row"][row],)
    ]


def comparable(outputs: Any, examples: Any, context: Context) -> tuple[Any, Any]:
    """The likeliest token and the right one, in each place of each answer."""
    return causal.guesses(outputs)


def baselines(
    train: Any, test: Any, context: Context, outputs: Any, before: Mapping[str, Any] | None = None
) -> dict[str, dict[str, Any]]:
    """The model as it was before training."""
    sums = causal.row_sums(outputs)
    return beside.before_training(before, sums["nll"], sums["tokens"])


def mistakes(outputs: Any, examples: Any, context: Context) -> list[dict[str, Any]]:
    """The answers of the table that the model holds least likely."""
    from core.data.conversations import shown

    columns, sums = examples.to_pydict(), causal.row_sums(outputs)
    asked = [shown(messages) for messages in columns["messages"]]
    return beside.least_expected(asked, columns["answer"], columns["row"], sums["nll"], sums["tokens"])


def answers(outputs: Any, context: Context) -> list[dict[str, Any]]:
    """The reply to each row's conversation."""
    return [{"text": row[0] if row else ""} for row in outputs]


def answer_columns(found: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """``reply``."""
    return {"reply": [record["text"] for record in found]}


def write(model: Any, question: Mapping[str, Any], context: Context, knobs: Knobs) -> Iterator[dict[str, Any]]:
    """The growing reply to ``messages``: JSON of the turns so far, or simply what the user says."""
    from core.data import conversations
    from core.models import chat
    from core.prediction.generation import room, stream

    (asked,) = conversations.questions([question["messages"]])
    if not asked:
        raise DataError(said("Nobody has asked anything yet."), said("Write what the model should answer to."))
    tokenizer = context.tokenizer
    turns = chat.with_system(json.loads(asked), context.options.system_prompt.strip(), chat.takes_system(tokenizer))
    free = room(model, 0)
    ids = chat.prompt_ids(tokenizer, turns, free and free - answer_room(free, knobs.max_new_tokens))
    for text in stream(model, tokenizer, causal.collator(tokenizer)([{"input_ids": ids}]), knobs):
        yield {"text": text}


def report_sections(report: Mapping[str, Any]) -> list[Section]:
    """Scores beside those before training, answers side by side, and the answers it did not expect."""
    return beside.blocks(report, METRICS, said("Question"))


def verdict(report: Mapping[str, Any]) -> str:
    """How well it follows the answers of the table, now and before."""
    return beside.verdict(report, "conversations", said("an answer"))


TASK = Task(
    id="supervised-fine-tuning",
    title="Chat and instructions",
    summary="Learns to answer questions and follow instructions, from examples of good answers.",
    roles=ROLES,
    ways=WAYS,
    asks=ASKS,
    output="chat",
    reads=("text",),
    together=("messages",),
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
    questions=questions,
    remarks=remarks,
    sections=report_sections,
    verdict=verdict,
    compared=text_marks.guessed,
    snippet=writing.snippet_reply(PIPELINE),
    serving=writing.serving_reply,
    script=replying.script,
    load_tokenizer=load_tokenizer,
    build_model=build_model,
    load_model=load_model,
    judged_rows=blocks.judged_conversations,
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
    kept=guessed.replies,
    answers=answers,
    answer_columns=answer_columns,
    write=write,
)
