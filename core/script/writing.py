"""What scripts of models that write, or that name words, have in common, as text."""

from __future__ import annotations

PADDED = '''
def padded(rows, filler):
    """Rows as a tensor, all as long as the longest, with ``filler`` at their ends."""
    width = max(map(len, rows))
    return torch.tensor([[*row, *[filler] * (width - len(row))] for row in rows])
'''
COLLATE = f"""
{PADDED.strip()}


def collate(pieces):
    \"\"\"Pads a batch to its longest piece; what is put behind a text is not learned.\"\"\"
    ids = [piece["input_ids"] for piece in pieces]
    return {{
        "input_ids": padded(ids, tokenizer.pad_token_id or 0),
        "attention_mask": padded([[1] * len(one) for one in ids], 0),
        "labels": padded([piece["labels"] for piece in pieces], -100),
    }}
"""
