"""Texts to learn from that are nearly those to judge by."""

from __future__ import annotations

from collections.abc import Iterator

from core.data.check.near_copies import keep_together_fix
from core.data.check.subject import Subject
from core.data.near import SIMILARITY
from core.data.types import Finding, Fix
from core.said import said, said_many


def near_leaks(subject: Subject) -> Iterator[Finding]:
    """Rows of the validation and test parts whose texts stand in the training part, or nearly so."""
    import numpy as np

    from core.data.joined import SOURCE, TEST
    from core.data.steps.leaks import text_groups

    part = subject.shared.part
    if part is None or not subject.texts:
        return
    texts = subject.examples.select(subject.texts)
    exact, groups = text_groups(texts, 1), text_groups(texts, SIMILARITY)
    aside, train = part > SOURCE, part == SOURCE
    leaked = aside & np.isin(groups, groups[train])
    # Copies in the test part are told at once, by what shares the rows out.
    near = leaked & ~((part == TEST) & np.isin(exact, exact[train]))
    if not near.any():
        return
    count, total = int(near.sum()), int(aside.sum())
    taken = int((train & np.isin(groups, groups[aside])).sum())
    step = {"kind": "drop_leaks", "similarity": SIMILARITY}
    yield Finding(
        "near-leakage",
        "warning",
        said_many(
            count,
            "{count} of the {total} rows kept aside has nearly the same text as a training row.",
            "{count} of the {total} rows kept aside have nearly the same text as a training row.",
            total=total,
        ),
        said("The model can learn their answers by heart, so its marks will look better than it is."),
        said("Keep texts that are alike in the same part, or take those out of training."),
        **subject.at(near),
        fixes=(
            *keep_together_fix(subject),
            Fix(
                said_many(taken, "Take {count} such row out of training", "Take {count} such rows out of training"),
                (step,),
            ),
        ),
    )
