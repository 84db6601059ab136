"""Finished runs answer together: as numbers say they should, judged on the same rows, and never on rows they know."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core import afterwards, events, runs
from core.config import RunConfig, put, validate
from core.ensembles import making
from core.errors import DataError, RunError
from core.evaluation import together
from core.models.tagger import Sentence, combine
from core.runs import Run, State
from core.studio import Studio
from tests.making import config, reviews, run_with, write_csv
from tests.publishing import trained as made_up
from ui.pages import ensemble as page


def test_probabilities_are_averaged_and_votes_are_counted() -> None:
    sure, unsure, other = np.log([[0.98, 0.02]]), np.log([[0.4, 0.6]]), np.log([[0.4, 0.6]])
    averaged = np.exp(together.classes([sure, unsure, other], "probabilities"))
    assert averaged == pytest.approx(np.array([[(0.98 + 0.8) / 3, (0.02 + 1.2) / 3]]))
    assert together.classes([sure, unsure, other], "votes").argmax() == 1
    assert together.classes([sure, unsure], "votes").argmax() == 0, "of a tie the surer one decides"

    either = together.labels([np.array([[2.0, -1.0]]), np.array([[-1.0, -1.0]]), np.array([[2.0, 1.5]])], "votes")
    assert (either > 0).tolist() == [[True, False]]
    assert together.scores([[1.0], [2.0], [9.0]], "votes").tolist() == [2.0]
    assert together.scores([[1.0], [2.0], [9.0]], "probabilities").tolist() == [4.0]


def test_tags_are_put_together_word_by_word() -> None:
    said = [
        Sentence(np.array([0, 2]), np.array([0.9, 0.5])),
        Sentence(np.array([1, 2]), np.array([0.4, 0.6])),
        Sentence(np.array([1, 0]), np.array([0.4, 0.9])),
    ]
    surest, voted = (combine([[one] for one in said], method)[0] for method in ("probabilities", "votes"))
    assert surest.numbers.tolist() == [0, 2] and voted.numbers.tolist() == [1, 2]
    assert surest.chances == pytest.approx([0.3, 1.1 / 3])


def test_only_runs_that_kept_the_same_rows_aside_answer_together() -> None:
    members, alone = [made_up(1_000) for _ in range(2)], run_with()
    elsewhere = made_up(1_000)
    draft = elsewhere.config.model_dump(mode="json")
    put(draft, "data.split.seed", 7)
    runs.write_atomically(elsewhere.path / "config.yaml", validate(draft).to_yaml())

    streams = [made_up(1_000) for _ in range(3)]
    for run, (steps, rows) in zip(streams, [(5, 20), (9, 20), (5, 30)], strict=True):
        draft = run.config.model_dump(mode="json")
        put(draft, "data.source", "hf://datasets/anna/reviews")
        put(draft, "data.streaming", {"max_steps": steps, "evaluation_rows": rows})
        runs.write_atomically(run.path / "config.yaml", validate(draft).to_yaml())
    assert [run.id for run in making.partners(streams[0])] == [streams[1].id], "others keep other rows aside"

    assert [run.id for run in making.partners(members[0])] == [members[1].id]
    made = making.together(members, "votes")
    assert made.ensemble.members == tuple(run.id for run in members) and made.data == members[0].config.data
    for wrong in ([members[0]], [members[0], members[0]], [members[0], alone], [members[0], elsewhere]):
        with pytest.raises(RunError):
            making.together(wrong, "votes")

    studio = Studio()
    assert set(page.shown(studio, members[0].id)) == {"about", "members", "method", "start"}
    assert "is alone" in page.shown(studio, elsewhere.id)["about"]


def trained(wanted: RunConfig) -> Run:
    from core.training import job

    run = runs.create(wanted)
    log = events.EventLog(run.events_path)
    try:
        job.train(run, log)
    finally:
        log.close()
    return run


@pytest.mark.slow
def test_an_ensemble_is_judged_and_asked_like_a_model(tmp_path: Path, tiny_bert: Path) -> None:
    import torch

    from core.models import manual
    from core.prediction.together import predictor_of
    from core.tasks import TASKS

    table = write_csv(tmp_path / "reviews.csv", ("text", "label"), reviews(90))
    members = [trained(config(table, tiny_bert, seed=seed, num_train_epochs=1)) for seed in (1, 2)]
    question = {"text": ["the soup was cold and the film was dull", "the box was warm"]}
    alone = [predictor_of(run).answers(question) for run in members]

    for method in ("probabilities", "votes"):
        run = trained(making.together(members, method))
        assert run.state is State.FINISHED and not run.has_model and run.can_answer
        assert run.report is not None and run.report["rows"] == (members[0].report or {})["rows"]
        answers = predictor_of(run).answers(question)
        if method == "probabilities":
            for row, answer in enumerate(answers):
                scores = [told[row]["scores"] for told in alone]
                mean = {label: np.mean([one[label] for one in scores]) for label in scores[0]}
                assert answer["scores"] == pytest.approx(mean, abs=1e-5)

    studio = Studio()
    try:
        told = studio.predict(run.id, {"text": question["text"][0]})
        assert told["label"] == answers[0]["label"], "of the votes, as the app asks them"
        studio.delete(members[1].id)
        with pytest.raises(RunError, match="was deleted"):
            studio.predict(run.id, {"text": "warm"})
        studio.restore(members[1].id)
    finally:
        studio.close()

    soup = trained(making.together(members, "weights"))
    load = TASKS[soup.config.task].load_model
    weights = [dict(load(str(run.model_path)).named_parameters()) for run in (soup, *members)]
    for name, mean_of in weights[0].items():
        assert torch.allclose(mean_of, (weights[1][name] + weights[2][name]) / 2, atol=1e-6)
    assert manual.read(soup.model_path) is not None and soup.report is not None
    longer = afterwards.prolonged(soup, 1)
    assert not longer.ensemble.is_used and longer.model.checkpoint == str(soup.model_path)

    write_csv(table, ("text", "label"), reviews(100))
    with pytest.raises(DataError, match="changed"):
        trained(making.together(members, "votes"))
