"""Scripts of models that write one text from another."""

from __future__ import annotations

from core.script import models
from core.script.losses import NEEDS, SMOOTHING, by_tokens, smoothing
from core.script.types import ScriptFacts, ScriptParts
from core.script.writing import COLLATE
from core.usage.code import filled, parts

_ENCODE = '''
def encode(rows):
    """Texts to read and texts to write, as tokens."""
    sources = [PREFIX + source for source in rows["source"]]
    pieces = {"input_ids": tokenizer(sources, truncation=True, max_length=MAX_LENGTH)["input_ids"]}
    targets = tokenizer(text_target=rows["target"], truncation=True, max_length=$longest)
    return {**pieces, "labels": targets["input_ids"]}
'''


def script(facts: ScriptFacts) -> ScriptParts:
    """For a ``Task.script``."""
    options = facts.options
    longest = min(options.max_target_length, facts.tokenizer.model_max_length)
    return ScriptParts(
        functions=parts(filled(_ENCODE, longest=longest), COLLATE, by_tokens(facts)),
        constants={"PREFIX": (options.source_prefix, "Put before every text that is read."), **smoothing(facts)},
        tokenizer=models.PADDED,
        model=models.loaded(facts),
        modules=(NEEDS,),
        collator="collate",
        transformers=(facts.auto_class,),
        expressed=("source_prefix", "max_target_length", "num_beams", "predict_with_generate", SMOOTHING),
    )
