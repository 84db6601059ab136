"""Step 2, Columns: which column plays which role, how the rows are shared out, and what the data check says of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.components import Component

from core.config import SplitConfig
from core.data.columns import several
from core.data_config import HUB
from core.studio import Studio
from core.tasks import TASKS
from core.tasks.base import Role, Task
from ui import pieces
from ui.languages import told, tr
from ui.new_run.about_task import about_task, task_choices
from ui.new_run.check import Examined, examine
from ui.new_run.draft import NAMED, Draft, is_own
from ui.new_run.frame import COLUMNS, Answers, Frame, settled
from ui.page import Page

NONE = ""
"""The value of a role's dropdown while no column plays it."""
CHANCE = {
    "label": "By chance, the same share of every class",
    "labels": "By chance, the same share of every label",
    "number": "By chance, the same share of low and high numbers",
}
"""By what a task answers, how chance shares out its rows."""
SHARES, OWN, NEWEST = "shares", "own", "newest"
"""The ways to share out rows: by chance, as the table itself says, or the newest kept aside."""
ALIKE = {True: "similar", False: "same"}
"""``keep_together`` of a split, by whether texts that are nearly the same count too."""


@dataclass(frozen=True)
class ColumnsView:
    """The task, a dropdown for each role of each task (of one task they are seen), the split, and the data check."""

    task: gr.Dropdown
    why: gr.HTML
    boxes: dict[str, gr.Column]
    roles: dict[tuple[str, str], gr.Dropdown]
    """By (task, role)."""
    reasons: dict[tuple[str, str], gr.HTML]
    classes: gr.HTML
    """What the column to learn holds."""
    way: gr.Radio
    validation: gr.Number
    test: gr.Number
    seed: gr.Number
    alike: gr.Checkbox
    check: gr.HTML

    @property
    def inputs(self) -> set[Component]:
        return {self.task, *self.roles.values(), self.way, self.validation, self.test, self.seed, self.alike}

    @property
    def outputs(self) -> list[Component]:
        boxes: list[Any] = list(self.boxes.values())
        split = [self.way, self.validation, self.test, self.seed, self.alike]
        return [
            self.task,
            self.why,
            *boxes,
            *self.roles.values(),
            *self.reasons.values(),
            *split,
            self.classes,
            self.check,
        ]


def layout() -> ColumnsView:
    """Draw the step."""
    boxes: dict[str, gr.Column] = {}
    roles: dict[tuple[str, str], gr.Dropdown] = {}
    reasons: dict[tuple[str, str], gr.HTML] = {}
    with gr.Row(equal_height=False):
        with gr.Column(min_width=300):
            with gr.Column(elem_classes="nr-card"):
                gr.HTML('<h2 class="nr-h2">What to learn from which column</h2>', apply_default_css=False)
                task = gr.Dropdown(
                    [(task.title, task.id) for task in TASKS.values()], label="Task", elem_id="columns-task"
                )
                why = gr.HTML(apply_default_css=False)
                for one in TASKS.values():
                    with gr.Column(visible=False, elem_classes="nr-roles") as boxes[one.id]:
                        for role in one.roles:
                            roles[one.id, role.name], reasons[one.id, role.name] = _role(one, role)
            classes = gr.HTML(apply_default_css=False, elem_id="columns-classes")
        with gr.Column(min_width=300):
            with gr.Column(elem_classes="nr-card"):
                gr.HTML('<h2 class="nr-h2">Which rows are kept aside</h2>', apply_default_css=False)
                split = _split()
            check = gr.HTML(apply_default_css=False, elem_id="columns-check", min_height=40)
    return ColumnsView(task, why, boxes, roles, reasons, classes, *split, check)


def _role(task: Task, role: Role) -> tuple[gr.Dropdown, gr.HTML]:
    needed = role.required or any(role.name in way for way in task.ways)
    dropdown = gr.Dropdown(
        [],
        value=[] if role.many else None,
        multiselect=role.many,
        label=role.label if needed else f"{role.label} (optional)",
        info=role.help,
        elem_id=f"role-{task.id}-{role.name}",
    )
    return dropdown, gr.HTML(apply_default_css=False)


def _split() -> tuple[gr.Radio, gr.Number, gr.Number, gr.Number, gr.Checkbox]:
    way = gr.Radio(
        [(tr("By chance"), SHARES)],
        value=SHARES,
        visible=False,
        label=tr("How rows are shared out"),
        elem_id="split-way",
    )
    with gr.Row():
        validation = gr.Number(
            10,
            step=1,
            min_width=120,
            label=tr("To check while learning (%)"),
            info=tr("Chooses the best model."),
            elem_id="split-validation",
        )
        test = gr.Number(
            10,
            step=1,
            min_width=120,
            label=tr("For the final mark (%)"),
            info=tr("Never seen while learning."),
            elem_id="split-test",
        )
    seed = gr.Number(
        42,
        step=1,
        precision=0,
        label=tr("Seed of the split"),
        info=tr("Chance begins at this number: the same one shares out the same rows again. Any will do."),
        elem_id="split-seed",
    )
    alike = gr.Checkbox(
        label=tr("Texts that are nearly the same go to the same part"),
        info=tr("Copies always do. This takes longer."),
        elem_id="split-alike",
    )
    return way, validation, test, seed, alike


def enter(studio: Studio, view: ColumnsView, draft: Draft) -> Answers:
    """What the step shows when the walk comes to it."""
    return shown_roles(view, draft) | shown_split(view, draft) | shown_check(view, examine(studio, draft))


def shown_check(view: ColumnsView, examined: Examined) -> Answers:
    """The data check."""
    return {view.check: examined.check, view.classes: examined.classes}


def shown_roles(view: ColumnsView, draft: Draft) -> Answers:
    """The task, its roles and the reasons, as the draft has them."""
    updates: dict[Any, Any] = {
        view.task: gr.update(choices=task_choices(draft), value=draft.task),
        view.why: about_task(draft),
    }
    for name, box in view.boxes.items():
        updates[box] = gr.update(visible=name == draft.task)
    headers = [(header, header) for header in draft.headers]
    for role in TASKS[draft.task].roles:
        chosen = several(draft.columns.get(role.name))
        nothing = tr("– choose a column –" if role.required else "– none –")
        updates[view.roles[draft.task, role.name]] = (
            gr.update(choices=headers, value=list(chosen))
            if role.many
            else gr.update(choices=[(nothing, NONE), *headers], value=chosen[0] if chosen else NONE)
        )
    return updates | shown_reasons(view, draft)


def shown_reasons(view: ColumnsView, draft: Draft) -> Answers:
    """Under each role that is as guessed, why."""
    guess = draft.guess_for(draft.task)
    updates: Answers = {}
    for role in TASKS[draft.task].roles:
        as_guessed = guess and several(guess.columns.get(role.name)) == several(draft.columns.get(role.name))
        reason = guess.reasons.get(role.name, "") if guess and as_guessed else ""
        updates[view.reasons[draft.task, role.name]] = pieces.prose(told(reason), "nr-note") if reason else ""
    return updates


def shown_split(view: ColumnsView, draft: Draft) -> Answers:
    """The split as the draft has it, with the ways there are for this table."""
    split = SplitConfig().model_dump() | dict(draft.split)
    ways = [(CHANCE.get(TASKS[draft.task].output, "By chance"), SHARES)]
    if draft.proposed_split:
        ways.append((own_words(draft.proposed_split, draft.source.startswith(HUB)), OWN))
    if split["time"]:
        ways.append((tr("The newest rows by “{time}” are kept aside", time=split["time"]), NEWEST))
    own = draft.proposed_split is not None and is_own(SplitConfig.model_construct(**split))
    chosen = OWN if own else NEWEST if split["time"] else SHARES
    updates = asked_shares(view, draft)
    for part, field in ((split["validation"], view.validation), (split["test"], view.test)):
        if not isinstance(part, str):
            updates[field]["value"] = round(100 * part, 4)
    updates[view.seed]["value"] = split["seed"]
    updates[view.alike]["value"] = split["keep_together"] == ALIKE[True]
    return updates | {view.way: gr.update(choices=ways, value=chosen, visible=len(ways) > 1)}


def asked_shares(view: ColumnsView, draft: Draft) -> Answers:
    """Shares are asked for where the table itself says nothing; what stands in the fields is left alone."""
    by_chance = [not isinstance(draft.split.get(part), str) for part in ("validation", "test")]
    return {
        view.validation: gr.update(visible=by_chance[0]),
        view.test: gr.update(visible=by_chance[1]),
        view.seed: gr.update(visible=any(by_chance) and not draft.split.get("time")),
        view.alike: gr.update(visible=any(by_chance) and not draft.split.get("time")),
    }


def own_words(split: SplitConfig, is_on_hub: bool = False) -> str:
    """The table's own split in words."""
    names = [name for name in (split.train, split.validation, split.test) if isinstance(name, str)]
    listed = ", ".join(name.rsplit("/", 1)[-1] for name in names)
    if split.column:
        return tr("As the column “{column}” says: {listed}", column=split.column, listed=listed)
    return (
        tr("As the dataset is split: {listed}", listed=listed)
        if is_on_hub
        else tr("As the files are named: {listed}", listed=listed)
    )


def read(view: ColumnsView, draft: Draft, answers: Answers) -> Draft:
    """The draft with what stands on the page; another task brings its own guess for its roles."""
    if answers[view.task] != draft.task:
        draft = draft.with_task(answers[view.task])
    else:
        for role in TASKS[draft.task].roles:
            draft = draft.with_column(role.name, answers[view.roles[draft.task, role.name]])
    return draft.with_split(read_split(view, draft, answers))


def read_split(view: ColumnsView, draft: Draft, answers: Answers) -> dict[str, Any]:
    """The split that stands on the page, as plain data."""
    shares = {
        "validation": _fraction(answers[view.validation]),
        "test": _fraction(answers[view.test]),
        "seed": answers[view.seed],
    }
    if answers[view.way] == NEWEST and draft.split.get("time"):
        shares["time"] = draft.split["time"]
    if answers[view.alike]:
        shares["keep_together"] = ALIKE[True]
    if answers[view.way] != OWN or draft.proposed_split is None:
        return shares
    own = draft.proposed_split.model_dump(mode="json")
    return {
        **own,
        **{part: share for part, share in shares.items() if part not in NAMED or not isinstance(own[part], str)},
    }


def _fraction(percent: float | None) -> float | None:
    return None if percent is None else round(percent / 100, 6)


def wire(view: ColumnsView, frame: Frame, studio: Studio) -> None:
    """Every change is checked at once. Only another task is noted in the draft: the rest is read on leaving."""

    def recheck(answers: Answers) -> Answers:
        before: Draft = answers[frame.draft]
        draft = read(view, before, answers)
        examined = examine(studio, draft)
        updates = (
            asked_shares(view, draft) | shown_check(view, examined) | settled(frame.why[COLUMNS], examined.why_not)
        )
        if draft.task == before.task:
            return updates | shown_reasons(view, draft)
        return updates | shown_roles(view, draft) | {frame.draft: draft}

    numbers = (view.validation, view.test, view.seed)
    single = [role for role in view.roles.values() if not role.multiselect]
    # Taking all columns away at once is no input to Gradio, only a change.
    emptied = [role.change for role in view.roles.values() if role.multiselect]
    choosers: list[Any] = [view.task, view.way, view.alike, *single]
    triggers = [
        *(one.input for one in choosers),
        *emptied,
        *(one.submit for one in numbers),
        *(one.blur for one in numbers),
    ]
    outputs = [frame.draft, frame.why[COLUMNS], *view.outputs]
    Page.on(triggers, recheck, {frame.draft} | view.inputs, outputs, trigger_mode="always_last")
