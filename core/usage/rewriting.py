"""Example code for models that write one text from another, without chance, as they answer tables.

transformers 5 has no pipeline for them.
"""

from __future__ import annotations

from core.usage.code import Source, filled, parts
from core.usage.types import Usage

_EXAMPLE = "Write your text here."
_MODEL = """
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained($place)
model = AutoModelForSeq2SeqLM.from_pretrained($place).eval()
"""
_WRITTEN = """
inputs = tokenizer(
    $text, truncation=True, max_length=$length, return_token_type_ids=False, return_tensors="pt"
)
found = model.generate(
    **inputs, max_new_tokens=$most, num_beams=$beams, do_sample=False, min_length=0, repetition_penalty=1.0
)
"""
_PRINTED = """
print(tokenizer.decode(found[0], skip_special_tokens=True).strip())
"""
_ANSWER = '''
def answer(source):
    """The text that is made of another. Longer texts are cut, as in training."""
$code
    return tokenizer.decode(found[0], skip_special_tokens=True).strip()
'''


def snippet(usage: Usage) -> str:
    """A ``Task.snippet``: it prints the text that is made of another."""
    code = _written(usage, _prefix(usage) + (usage.example.get("source") or _EXAMPLE))
    return "\n".join((filled(_MODEL, place=usage.place), code, _PRINTED.strip())) + "\n"


def serving(usage: Usage) -> str:
    """A ``Task.serving``: the text that is made of another."""
    prefix = _prefix(usage)
    code = _written(usage, Source(filled("$prefix + source", prefix=prefix) if prefix else "source"))
    indented = Source("\n".join(f"    {line}" for line in code.splitlines()))
    return parts(filled(_MODEL, place=usage.place), filled(_ANSWER, code=indented))


def _written(usage: Usage, text: str) -> str:
    options = usage.manual.options
    return filled(
        _WRITTEN,
        text=text,
        length=usage.manual.max_length,
        most=options.get("max_target_length", 128),
        beams=options.get("num_beams", 1),
    )


def _prefix(usage: Usage) -> str:
    return str(usage.manual.options.get("source_prefix") or "")
