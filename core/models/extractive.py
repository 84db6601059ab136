"""Models that point at the answer in a text: what they are fed, what they are asked to be better at, what they say.

A text that is too long is read in windows that overlap. Each window says where an answer begins and where it ends;
where it holds none, both point at the token before the question. Source: Devlin et al. (2018), "BERT",
arXiv:1810.04805, sections 4.2 and 4.3.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from core.errors import CheckpointError
from core.models import answer_layer, heads
from core.models.types import Built, Note
from core.said import said
from core.training.losses import Scored

AUTO = "AutoModelForQuestionAnswering"
HEAD = "ForQuestionAnswering"
MODEL_INPUTS = ("input_ids", "attention_mask", "token_type_ids", "answer_mask", "labels")
NOWHERE, TEXT, SILENCE = 0, 1, 2
"""What an ``answer_mask`` says of a token: no answer can be there, it is of the text, it stands for no answer."""
OTHERS = 4
"""Other answers that are shown beside the best one."""
FRAME = 4
"""Special tokens around a question and a text, at most."""


def build(folder: str) -> Built:
    """The checkpoint's body with two outputs a token. Raises ``CheckpointError``."""
    return heads.build(AUTO, folder, what=said("point at answers in texts"))


def foretold(folder: Path) -> tuple[Note, ...]:
    """What ``build`` will say of the checkpoint's answer layer, from its config alone."""
    return answer_layer.foretold(folder, HEAD, ("LABEL_0", "LABEL_1"))


def load(folder: str) -> Any:
    """A trained model as it was kept. Raises ``CheckpointError``."""
    return heads.load(AUTO, folder)


# --- What it is fed --------------------------------------------------------------------------------------------------


def encode(columns: Mapping[str, Sequence[Any]], tokenizer: Any, max_length: int, stride: int) -> dict[str, list[Any]]:
    """``question`` and ``context`` as windows of at most ``max_length`` tokens that share about ``stride`` of the text.

    Beside the model's inputs a window has ``row``, ``begin`` (its first token of the text), ``offsets`` (where each of
    these begins and ends in the text, packed: see ``ends_of``) and, in the first window of a row, ``context``. With
    ``answers`` and ``starts`` it has ``labels``: the first and the last token of the first answer, where the window
    holds all of it.
    """
    import numpy as np

    if not tokenizer.is_fast:
        raise CheckpointError(
            said("This model's tokenizer does not say where its tokens stand in a text."),
            said("Choose a checkpoint that holds tokenizer.json."),
        )
    room = max_length - FRAME
    questions = _shortened(columns["question"], tokenizer, max(1, room // 2))
    encoded = tokenizer(
        questions,
        list(columns["context"]),
        truncation="only_second",
        max_length=max_length,
        stride=max(0, min(stride, max_length // 3, room - room // 2 - 1)),
        return_overflowing_tokens=True,
        return_offsets_mapping=True,
        padding=False,
    )
    names = [name for name in MODEL_INPUTS if name in encoded]
    found: dict[str, list[Any]] = {name: list(encoded[name]) for name in names}
    found |= {name: [] for name in ("answer_mask", "row", "begin", "offsets", "context")}
    seen: set[int] = set()
    for window, row in enumerate(encoded["overflow_to_sample_mapping"]):
        parts = encoded.sequence_ids(window)
        places = [place for place, part in enumerate(parts) if part == 1]
        mask = [TEXT if part == 1 else NOWHERE for part in parts]
        mask[_silence(encoded["input_ids"][window], tokenizer)] = SILENCE
        found["answer_mask"].append(mask)
        found["row"].append(row)
        found["begin"].append(places[0] if places else 0)
        ends = [encoded["offset_mapping"][window][place] for place in places]
        found["offsets"].append(np.array(ends, dtype=np.int32).tobytes())
        found["context"].append("" if row in seen else columns["context"][row])
        seen.add(row)
    if "answers" in columns:
        found["labels"] = [
            _label(columns["answers"][row], columns["starts"][row], offsets, begin, mask.index(SILENCE))
            for row, offsets, begin, mask in zip(
                found["row"], found["offsets"], found["begin"], found["answer_mask"], strict=True
            )
        ]
    return found


def ends_of(offsets: bytes) -> Any:
    """``offsets`` of ``encode`` as an int32 array of shape (tokens, 2).

    They are kept for every window until all is judged: as bytes they take about a tenth of the room of Python's
    numbers, also after they lay on the disk.
    """
    import numpy as np

    return np.frombuffer(offsets, dtype=np.int32).reshape(-1, 2)


def _shortened(questions: Sequence[str], tokenizer: Any, most: int) -> list[str]:
    """Questions of at most so many tokens: the text needs its room."""
    encoded = tokenizer(
        list(questions), add_special_tokens=False, truncation=True, max_length=most, return_offsets_mapping=True
    )
    return [
        question[: ends[-1][1]] if len(ends) >= most else question
        for question, ends in zip(questions, encoded["offset_mapping"], strict=True)
    ]


def _silence(ids: Sequence[int], tokenizer: Any) -> int:
    """The token that stands for no answer: the one that frames both texts at the start, else the first of all."""
    return ids.index(tokenizer.cls_token_id) if tokenizer.cls_token_id in ids else 0


def _label(answers: Sequence[str], starts: Sequence[int], offsets: bytes, begin: int, silence: int) -> list[int]:
    if not len(answers):
        return [silence, silence]
    first_character, end_character = starts[0], starts[0] + len(answers[0])
    begins, ends = ends_of(offsets).T.tolist()
    first = bisect_right(ends, first_character)
    last = bisect_left(begins, end_character) - 1
    if not len(ends) or begins[0] > first_character or ends[-1] < end_character or first > last:
        return [silence, silence]
    return [begin + first, begin + last]


def windows(lengths: Sequence[int], max_length: int, stride: int) -> list[int]:
    """Token counts of the windows that rows of these lengths, question and text together, are read in."""
    found: list[int] = []
    step = max(1, max_length - FRAME - min(stride, max_length // 3) - max_length // 8)
    for length in lengths:
        found += [min(length, max_length)] * (1 + -(-max(0, length - max_length) // step))
    return found


class Collator:
    """Pads windows to the longest; ``labels`` are of shape (windows, 2)."""

    def __init__(self, tokenizer: Any) -> None:
        if tokenizer.pad_token is None:
            tokenizer.pad_token = tokenizer.eos_token
        self._tokenizer = tokenizer

    def __call__(self, pieces: list[dict[str, Any]]) -> dict[str, Any]:
        import torch

        own = ("answer_mask", "labels")
        plain = [{name: values for name, values in piece.items() if name not in own} for piece in pieces]
        batch = dict(self._tokenizer.pad(plain, padding=True, return_tensors="pt"))
        width, is_left = batch["input_ids"].shape[1], self._tokenizer.padding_side == "left"
        batch["answer_mask"] = torch.full_like(batch["input_ids"], NOWHERE)
        shifts = [width - len(piece["input_ids"]) if is_left else 0 for piece in pieces]
        for mask, piece, shift in zip(batch["answer_mask"], pieces, shifts, strict=True):
            mask[shift : shift + len(piece["answer_mask"])] = torch.tensor(piece["answer_mask"])
        if "labels" in pieces[0]:
            labels = torch.tensor([piece["labels"] for piece in pieces])
            batch["labels"] = labels + torch.tensor(shifts).unsqueeze(1)
        return batch


# --- What it is asked to be better at --------------------------------------------------------------------------------


class PointLoss:
    """The cross entropy of where the answer begins and ends, over the places where one can be: a mean over windows.

    The models' own losses count padding among the places, so that they change with the width of a batch.
    """

    def items(self, batch: Mapping[str, Any]) -> Any:
        return batch["labels"].new_tensor(len(batch["labels"]))

    def __call__(self, model: Any, batch: Mapping[str, Any]) -> Scored:
        from torch.nn.functional import cross_entropy

        output = outputs_of(model, batch)
        possible = batch["answer_mask"] != NOWHERE
        total = 0.0
        for place, logits in enumerate((output.start_logits, output.end_logits)):
            total += cross_entropy(_only(logits, possible), batch["labels"][:, place], reduction="sum") / 2
        return Scored(output, total, self.items(batch))


point_loss = PointLoss()


def outputs_of(model: Any, batch: Mapping[str, Any]) -> Any:
    """The model's output on a batch, without what is ours in it."""
    return model(**{name: value for name, value in batch.items() if name not in ("answer_mask", "labels")})


def _only(logits: Any, possible: Any) -> Any:
    """float32 logits, as low as can be where there is nothing to choose."""
    import torch

    return logits.float().masked_fill(~possible, torch.finfo(torch.float32).min)


# --- What it says ----------------------------------------------------------------------------------------------------


def best_pairs(output: Any, answer_mask: Any, longest: int, most: int) -> list[dict[str, Any]]:
    """Of each window: ``silence``, how much speaks for no answer, and the ``most`` best pairs of a first and a last
    token, no more than ``longest`` apart: ``pairs`` of shape (n, 2) and their ``scores``, best first.

    All pairs are looked at, where the SQuAD script looks at those of the best begins and the best ends only.
    """
    import torch

    text, silence = answer_mask == TEXT, (answer_mask == SILENCE).int().argmax(-1, keepdim=True)
    starts, ends = output.start_logits.float(), output.end_logits.float()
    silent = (starts.gather(1, silence) + ends.gather(1, silence)).squeeze(1).tolist()
    starts, ends = (logits.masked_fill(~text, -torch.inf) for logits in (starts, ends))
    width = min(longest, ends.shape[1])
    padded = torch.nn.functional.pad(ends, (0, width - 1), value=-torch.inf)
    totals = (starts.unsqueeze(-1) + padded.unfold(1, width, 1)).flatten(1)
    scores, places = totals.topk(min(most, totals.shape[1]), dim=1)
    pairs = torch.stack([places // width, places // width + places % width], dim=-1)
    found = []
    for row, pair, score in zip(silent, pairs.cpu().numpy(), scores.cpu().numpy(), strict=True):
        possible = score > -torch.inf
        found.append({"silence": row, "pairs": pair[possible], "scores": score[possible]})
    return found


def merged(windows: Sequence[Any], most: int) -> dict[str, Any]:
    """What the windows of one row say together: ``context``, ``silence`` and ``spans``, the best pieces of the text as
    (start, end, score) in characters, best first.

    ``windows`` are ``Piece``s. No answer is as likely as in the window that speaks least for it.
    """
    best: dict[tuple[int, int], float] = {}
    context = windows[0].extra["context"]
    for window in windows:
        begin, offsets = window.extra["begin"], ends_of(window.extra["offsets"])
        for (first, last), score in zip(window.output["pairs"], window.output["scores"], strict=True):
            span = _trimmed(context, int(offsets[first - begin, 0]), int(offsets[last - begin, 1]))
            if span[0] < span[1]:
                best[span] = max(float(score), best.get(span, float(score)))
    order = sorted(best, key=lambda span: (-best[span], span))[:most]
    return {
        "context": context,
        "silence": min(window.output["silence"] for window in windows),
        "spans": [(*span, best[span]) for span in order],
    }


def answer(row: Mapping[str, Any], may_be_silent: bool, threshold: float = 0.0) -> dict[str, Any]:
    """One row of ``merged`` as ``answer``, ``start``, ``end``, ``score``, ``context``, ``no_answer`` and ``others``.

    ``answer`` is empty where no answer is likelier than the best one by more than ``threshold``. ``score`` and
    ``no_answer`` are probabilities among all that were kept; the latter is None where every question has an answer.
    """
    import numpy as np
    from scipy.special import softmax

    context, spans = row["context"], row["spans"]
    silence = [row["silence"]] if may_be_silent or not spans else []
    chances = softmax(np.array([*silence, *(score for *_, score in spans)], dtype=float)).tolist()
    none = chances.pop(0) if silence else None
    said = [
        {"answer": context[start:end], "start": start, "end": end, "score": chance}
        for (start, end, _), chance in zip(spans, chances, strict=True)
    ]
    nothing = {"answer": "", "start": 0, "end": 0, "score": none}
    is_silent = not spans or (may_be_silent and silence_margin(row) > threshold)
    best, *others = [nothing, *said] if is_silent else said
    others = [other for place, other in enumerate(others) if other["answer"] not in _said([best, *others[:place]])]
    return {**best, "context": context, "no_answer": none if may_be_silent else None, "others": others[:OTHERS]}


def require_numbers(rows: Sequence[Mapping[str, Any]]) -> None:
    """Raises ``TrainingError`` where a model gave no number."""
    from core.evaluation import classification

    classification.require_numbers([row["silence"] for row in rows])


def silence_margin(row: Mapping[str, Any]) -> float:
    """How much more speaks for no answer than for the best one. Nothing speaks against it where there is no other."""
    return float(row["silence"] - row["spans"][0][2]) if row["spans"] else float("inf")


def midway(threshold: float, margins: Sequence[float]) -> float:
    """A threshold that decides all of these margins as ``threshold`` does, further from the nearest of them.

    0 where it does: what the model itself finds likelier. Else midway to the next larger margin.
    """
    beyond = min((margin for margin in margins if margin > threshold), default=float("inf"))
    if threshold <= 0 < beyond:
        return 0.0
    return threshold if beyond == float("inf") else (threshold + beyond) / 2


def _said(answers: Sequence[Mapping[str, Any]]) -> set[str]:
    return {answer["answer"] for answer in answers}


def _trimmed(context: str, start: int, end: int) -> tuple[int, int]:
    """Some tokenizers count the space before a word to it."""
    piece = context[start:end]
    return start + len(piece) - len(piece.lstrip()), end - len(piece) + len(piece.rstrip())
