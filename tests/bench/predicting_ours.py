"""The answers of a run of ours. Run as: ``python -m tests.bench.predicting_ours JOB.json``."""

from __future__ import annotations

from core.worker import keep_one_device, warm_up
from tests.bench.jobs import Job
from tests.bench.predict import make_run
from tests.bench.predicting import Probabilities, labels_of, serve


def make(job: Job) -> Probabilities:
    keep_one_device()
    warm_up()
    from core.prediction.predictor import Predictor

    predictor, labels = Predictor(make_run(job)), labels_of(job)

    def predict(texts: list[str]) -> list[list[float]]:
        return [[float(answer["scores"][label]) for label in labels] for answer in predictor.answers({"text": texts})]

    return predict


if __name__ == "__main__":
    serve(make)
