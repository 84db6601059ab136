"""Which words moved an answer, held against ways to know it otherwise; and the training examples nearest to a text."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from core import runs
from core.config import validate
from core.data.to_watch import sentences
from core.errors import PredictionError
from core.explaining import kept_vectors, near, places, pulls
from core.explaining.why import why
from core.prediction.predictor import Predictor
from core.runs import Run
from core.tasks import TASKS
from tests.making import config, reviews, write_csv
from tests.trying import give_model, run_with_model
from ui.try_it import reasons_drawn


def quiet(done: int, total: int) -> None:
    pass


def by_word(told: dict[str, Any]) -> list[tuple[str, float | None]]:
    return [(text["text"][start:end], pull) for text in told["texts"] for start, end, pull in text["words"]]


# --- Words -----------------------------------------------------------------------------------------------------------


def test_words_are_found_in_any_script() -> None:
    text = "It's 很好, naïve!"
    assert [text[start:end] for start, end in places.words(text)] == ["It's", "很", "好", ",", "naïve", "!"]
    spans = places.words("ab cd")
    assert places.word_of(spans, places.Token(0, 0, 2)) == 0
    assert places.word_of(spans, places.Token(0, 2, 5)) == 1, "a token that begins with the blank before its word"
    assert places.word_of(spans, places.Token(0, 2, 3)) is None


def test_log_odds_are_those_of_the_probabilities() -> None:
    import torch

    logits = torch.tensor([[0.3, -1.0, 2.0]])
    chances = logits.softmax(-1)
    for number in range(3):
        expected = torch.log(chances[0, number] / (1 - chances[0, number]))
        assert float(pulls.one_of_several(logits, number)[0]) == pytest.approx(float(expected), abs=1e-5)


# --- Pulls -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory, tiny_bert: Path) -> Predictor:
    """A model with an answer layer of its own, ready to be asked."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TUNESMITH_HOME", str(tmp_path_factory.mktemp("home")))
        return Predictor(run_with_model(tiny_bert, "good", "text", "text_pair"))


def bag(predictor: Predictor) -> Any:
    """A model whose pulls are known: it adds up, for each class, a number that each token has."""
    import torch

    class Bag(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            torch.manual_seed(0)
            self.words = torch.nn.Embedding(len(predictor.context.tokenizer), 2)
            self.device = torch.device("cpu")

        def get_input_embeddings(self) -> Any:
            return self.words

        def forward(self, input_ids: Any, attention_mask: Any = None, token_type_ids: Any = None) -> Any:
            return SimpleNamespace(logits=self.words(input_ids).sum(1))

    return Bag().eval()


def test_of_a_model_that_adds_up_words_each_pull_is_what_the_word_adds(shown: Predictor) -> None:
    model, tokenizer = bag(shown), shown.context.tokenizer
    texts = {"text": "the film was rude", "text_pair": "warm soup"}
    told = why(shown.with_model(model), {"inputs": texts, "target": "good"}, quiet)
    weights = model.words.weight.detach().numpy()
    weights = weights[:, 1] - weights[:, 0]
    found = by_word(told)
    assert [word for word, _ in found] == ["the", "film", "was", "rude", "warm", "soup"]
    for word, pull in found:
        ids = tokenizer(word, add_special_tokens=False)["input_ids"]
        assert pull == pytest.approx(sum(weights[ids] - weights[tokenizer.mask_token_id]), abs=1e-3)
    assert told["is_exact"] and sum(pull for _, pull in found if pull) == pytest.approx(
        told["value"] - told["without"], abs=1e-2
    )
    assert [text["label"] for text in told["texts"]] == ["Text", "Second text"] and told["pieces"] == 1


def test_without_the_word_that_pulls_most_the_class_is_less_likely(shown: Predictor) -> None:
    """The model is taught that texts with a certain word are good."""
    import torch

    told_apart = [("the film was kind", 1), ("the soup was late", 0), ("kind bread", 1), ("a box and a bill", 0)]
    learner = torch.optim.Adam(shown.model.parameters(), lr=3e-3)
    batch = shown.context.tokenizer([text for text, _ in told_apart], return_tensors="pt", padding=True)
    for _ in range(25):
        loss = torch.nn.functional.cross_entropy(
            shown.model(**batch).logits, torch.tensor([label for _, label in told_apart])
        )
        learner.zero_grad()
        loss.backward()
        learner.step()
    text = "the phone was kind and the box too"
    told = why(shown, {"inputs": {"text": text}}, quiet)
    assert told["target"] == told["answered"] == "good" and told["is_exact"]
    word, pull = max(by_word(told), key=lambda pair: pair[1] or 0.0)
    assert word == "kind" and pull is not None and pull > 0
    without = why(shown, {"inputs": {"text": text.replace("kind ", "")}, "target": "good"}, quiet)
    assert without["value"] < told["value"]
    other = why(shown, {"inputs": {"text": text}, "target": "bad"}, quiet)
    assert (other["target"], other["answered"]) == ("bad", "good")
    assert dict(by_word(other))["kind"] == pytest.approx(-pull, rel=0.05), (
        "of two classes one loses what the other gains"
    )
    assert "What speaks for “good”" in reasons_drawn.words(told) and "though it answers" in reasons_drawn.words(other)


def test_of_a_long_text_the_piece_that_says_most_is_shown(shown: Predictor) -> None:
    from dataclasses import replace

    context = shown.context
    options = context.options.model_copy(update={"long_texts": "windows"})
    reader = shown.with_model(bag(shown))
    reader._context = replace(context, options=options, max_length=8)
    text = " ".join(["slow"] * 12 + ["film"] * 12)
    told = why(reader, {"inputs": {"text": text}, "target": "good"}, quiet)
    read = [pull is not None for _, pull in by_word(told)]
    assert told["pieces"] > 1 and 0 < sum(read) <= 6 and len(read) == 24
    drawn = reasons_drawn.words(told)
    assert drawn.count('class="why-unread"') == 24 - sum(read) and "in other pieces" in drawn


def test_what_cannot_be_explained_is_said_in_words(shown: Predictor) -> None:
    other = shown.with_model(shown.model)
    other.task = next(task for task in TASKS.values() if task.explained is None)
    with pytest.raises(PredictionError, match="cannot be told"):
        why(other, {"inputs": {"text": "x"}}, quiet)


def test_words_and_labels_of_others_are_never_html() -> None:
    text = {"label": "Text", "text": "<b>x</b>", "words": [[1, 2, 1.0], [4, 5, -0.5]]}
    told = {"target": "<i>", "answered": "<i>", "value": 1.0, "without": 0.0, "texts": [text], "piece": 0, "pieces": 1}
    drawn = reasons_drawn.words({**told, "missing": 0.2, "is_exact": False})
    assert "<b>x" not in drawn and "<i>" not in drawn and "20.0 % is not accounted for" in drawn
    assert 'data-sign="+"' in drawn and 'data-sign="−"' in drawn


# --- Neighbours ------------------------------------------------------------------------------------------------------


def learned(tmp_path: Path, checkpoint: Path) -> Run:
    table = write_csv(tmp_path / "reviews.csv", ("text", "label"), reviews(60))
    run = runs.create(config(table, checkpoint))
    give_model(run, checkpoint, "good")
    return run


def test_the_nearest_training_example_of_a_training_example_is_itself(tmp_path: Path, tiny_bert: Path) -> None:
    from core.data.parts import load_parts

    run = learned(tmp_path, tiny_bert)
    predictor, train = Predictor(run), load_parts(run.config).train
    assert kept_vectors.about(run) is None
    with pytest.raises(PredictionError, match="not read yet"):
        near.near(predictor, {"run": run.id, "inputs": {"text": "x"}}, quiet)
    shares: list[tuple[int, int]] = []
    told = near.learn(predictor, {"run": run.id}, lambda done, total: shares.append((done, total)))
    assert told["rows"] == told["of"] == train.num_rows and shares[-1] == (train.num_rows, train.num_rows)
    assert (kept_vectors.about(run) or {})["rows"] == train.num_rows
    row = train.slice(3, 1).to_pylist()[0]
    found = near.near(predictor, {"run": run.id, "inputs": {"text": row["text"]}}, quiet)["rows"]
    assert found[0]["row"] == row["row"] and found[0]["likeness"] == pytest.approx(1, abs=2e-3)
    assert found[0]["texts"] == {"Text": row["text"]} and found[0]["answers"] == {"Label": row["label"]}
    alike = [one["likeness"] for one in found]
    assert len(found) == near.NEAREST and alike == sorted(alike, reverse=True)
    vectors = near.embedded(predictor, {"text": train["text"].to_pylist()}, quiet)
    everyone = vectors @ near.embedded(predictor, {"text": [row["text"]]}, quiet)[0]
    assert alike == pytest.approx(np.sort(everyone)[::-1][: near.NEAREST].tolist(), abs=2e-3)
    (run.model_path / "config.json").touch()
    assert kept_vectors.about(run) is None, "of a model that is not there any more"


def test_sentences_to_watch_are_short_rows_of_different_classes() -> None:
    import pyarrow as pa

    task = TASKS["text-classification"]
    rows = pa.table(
        {"text": ["a  b", "c", "x" * 900, "d"], "label": ["one", "one", "two", "three"], "row": [1, 2, 3, 4]}
    )
    assert sentences(task, {"text": "t", "label": "l"}, rows) == ["a b", "d", "c"]
    chat = next(task for task in TASKS.values() if any(role.kind == "chat" for role in task.asked))
    said = json.dumps([{"role": "system", "content": "be kind"}, {"role": "user", "content": "Hello\nyou"}])
    assert sentences(chat, {}, pa.table({"messages": [said], "answer": ["Hi"], "row": [1]})) == ["Hello you"]


@pytest.mark.slow
def test_the_one_door_asks_a_worker_why(tiny_bert: Path) -> None:
    from core.errors import StudioError
    from core.studio import Studio

    studio = Studio()
    run = run_with_model(tiny_bert, "good")
    try:
        told = studio.why(run.id, {"text": "the film was kind"}, "bad")
        assert (told["target"], told["answered"]) == ("bad", "good") and len(by_word(told)) == 4
        assert not studio.why_not_explained(run.id) and not studio.why_no_neighbours(run.id)
        writer = next(task for task in TASKS.values() if task.write is not None and not task.asks)
        columns = {role.name: role.name for role in writer.roles}
        other = runs.create(validate({"task": writer.id, "data": {"source": "gone.csv", "columns": columns}}))
        with pytest.raises(StudioError, match="cannot be told"):
            studio.why(other.id, {"source": "x"})
        assert "writes" in studio.why_no_neighbours(other.id)
    finally:
        studio.close()
