"""``transformers.pipeline`` as it comes. Run as: ``python -m tests.bench.predicting_pipeline JOB.json``."""

from __future__ import annotations

from transformers import pipeline

from tests.bench.jobs import Job
from tests.bench.predicting import Probabilities, labels_of, serve


def make(job: Job) -> Probabilities:
    ask, labels = pipeline("text-classification", model=job.checkpoint, top_k=None), labels_of(job)

    def predict(texts: list[str]) -> list[list[float]]:
        answers = ask(texts, truncation=True, max_length=job.max_length)
        scores = [{one["label"]: one["score"] for one in answer} for answer in answers]
        return [[float(of[label]) for label in labels] for of in scores]

    return predict


if __name__ == "__main__":
    serve(make)
