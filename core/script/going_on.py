"""Scripts of models that learn how texts go on."""

from __future__ import annotations

from core.models.blocks import PIECES_JUDGED, separator
from core.script import models
from core.script.losses import NEEDS, SMOOTHING, by_tokens, smoothing
from core.script.types import ScriptFacts, ScriptParts
from core.script.writing import COLLATE
from core.usage.code import Source, filled, parts

_TOKENS = '''
def tokens(rows):
    """The tokens of whole texts, without special ones around them."""
    return tokenizer(rows["text"], add_special_tokens=False)["input_ids"]
'''
_JOINED = '''
def encode(rows):
    """All texts one after the other with a mark around each, in pieces of MAX_LENGTH tokens."""
    ids = [$mark]
    for text in tokens(rows):
        ids += [*text, $mark]
    pieces = [ids[start : start + MAX_LENGTH] for start in range(0, len(ids) - 1, MAX_LENGTH)]
    return {"input_ids": pieces, "labels": pieces}
'''
_ALONE = '''
def encode(rows):
    """Each text by itself, with a mark before and after it."""
    return windows([[$mark, *text, $mark] for text in tokens(rows)])
'''
_JUDGED = '''
def encode_to_judge(rows):
    """Each text by itself, with a mark before it; of a long one, the beginning."""
    return windows([[$mark, *text] for text in tokens(rows)], most=$most)


def windows(texts, most=None):
    """Texts in pieces of MAX_LENGTH tokens. A piece begins with the last token of the one before, which is what its
    first token is guessed from."""
    pieces = []
    for ids in texts:
        starts = list(range(0, len(ids) - 1, MAX_LENGTH - 1))[:most]
        pieces += [ids[start : start + MAX_LENGTH] for start in starts]
    return {"input_ids": pieces, "labels": pieces}
'''


def script(facts: ScriptFacts) -> ScriptParts:
    """For a ``Task.script``."""
    tokenizer = facts.tokenizer
    known = ("eos_token_id", "bos_token_id", "sep_token_id", "pad_token_id")
    number = separator(tokenizer)
    mark = Source("tokenizer." + next(name for name in known if getattr(tokenizer, name) == number))
    return ScriptParts(
        functions=parts(
            _TOKENS,
            filled(_JOINED if facts.options.group_texts else _ALONE, mark=mark),
            filled(_JUDGED, mark=mark, most=PIECES_JUDGED),
            COLLATE,
            by_tokens(facts, shifted=True),
        ),
        tokenizer=models.PADDED,
        model=models.loaded(facts),
        constants=smoothing(facts),
        modules=(NEEDS,),
        collator="collate",
        transformers=(facts.auto_class,),
        encode_to_judge="encode_to_judge",
        expressed=("group_texts", "max_new_tokens", SMOOTHING),
    )
