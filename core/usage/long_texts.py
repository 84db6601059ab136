"""Example code for models that read long texts in another way than by cutting them: as ``core.models.long_texts`` does.

Such code needs ``tokenizer``, and gives ``pieces``: the model's inputs for one text or a pair.
"""

from __future__ import annotations

from core.models.long_texts import PIECES_READ, Way
from core.usage.code import filled, parts

_FRAMED = '''
def framed(parts, frame):
    """Model inputs: the special tokens of an example, with these tokens in place of its texts."""
    found, before = [], None
    types = frame.get("token_type_ids", [0] * len(frame["input_ids"]))
    for token, kind, text in zip(frame["input_ids"], types, frame.sequence_ids()):
        if text is None:
            found.append((token, kind))
        elif text != before:
            found += [(inner, kind) for inner in parts[text]]
        before = text
    inputs = {"input_ids": torch.tensor([[token for token, _ in found]])}
    if "token_type_ids" in frame:
        inputs["token_type_ids"] = torch.tensor([[kind for _, kind in found]])
    return inputs | {"attention_mask": torch.ones_like(inputs["input_ids"])}


def shared(lengths, room):
    """How many tokens of each text are read: the longer one of a pair gives way, both where both are long."""
    if sum(lengths) <= room:
        return lengths
    if len(lengths) == 1:
        return [room]
    short = min(*lengths, room // 2)
    return [short, room - short] if lengths[0] <= lengths[1] else [room - short, short]
'''
_WINDOWS = '''
def pieces(*texts):
    """The texts in pieces of at most $length tokens that overlap; of a pair, the longer text in pieces."""
    frame = tokenizer(*["a"] * len(texts))
    parts = [tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"] for text in texts]
    shares = shared([len(part) for part in parts], $length - frame.sequence_ids().count(None))
    long = max(range(len(parts)), key=lambda text: len(parts[text]))
    rest, size, overlap = len(parts[long]) - shares[long], shares[long], shares[long] // 4
    count = min($most, -(-(len(parts[long]) - overlap) // (size - overlap))) if rest else 1
    for number in range(count):
        start = round(number * rest / (count - 1)) if count > 1 else 0
        kept = [part[:share] for part, share in zip(parts, shares)]
        kept[long] = parts[long][start : start + size]
        yield framed(kept, frame)
'''
_HEAD_TAIL = '''
def pieces(*texts):
    """The texts in one piece of at most $length tokens: of what is longer, the beginning and the end."""
    frame = tokenizer(*["a"] * len(texts))
    parts = [tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"] for text in texts]
    shares = shared([len(part) for part in parts], $length - frame.sequence_ids().count(None))
    for place, (part, share) in enumerate(zip(parts, shares)):
        if share < len(part):
            parts[place] = part[: share // 4] + part[len(part) - (share - share // 4) :]
    yield framed(parts, frame)
'''


def pieces(way: Way, max_length: int) -> str:
    """Source of ``pieces(*texts)``, for a model that does not cut long texts."""
    code = _WINDOWS if way == "windows" else _HEAD_TAIL
    return parts(_FRAMED, filled(code, length=max_length, most=PIECES_READ))
