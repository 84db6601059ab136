"""A column as points in time, to tell older rows from newer ones."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from core.data.same_rows import as_texts

if TYPE_CHECKING:
    import numpy as np

_NUMBER = r"[+-]?\d+(?:\.\d+)?"
_TWO_FIRST = re.compile(r"\s*(\d{1,2})[-/.]\d{1,2}[-/.]\d")
_ZONE_NAME = r" \([A-Z]+\)$"


def read_moments(column: Any) -> np.ndarray:
    """When each row of a ``pyarrow.ChunkedArray`` was, as a number that grows with time; NaN where nothing is told.

    Dates and times, also written as texts in any usual way, are in seconds since 1970. Where all are numbers, such as
    years or the time stamps of a program, the numbers themselves are taken.
    """
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_timestamp(column.type) or pa.types.is_date(column.type):
        return _seconds(column.to_pandas())
    if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
        return np.asarray(column.cast(pa.float64()).to_numpy(), dtype=np.float64)
    if pa.types.is_nested(column.type) or pa.types.is_boolean(column.type):
        return np.full(len(column), np.nan)
    texts = pa.chunked_array(list(as_texts(pa.table({"time": column}), "time")), pa.large_string())
    numbers = pc.match_substring_regex(texts, f"^{_NUMBER}$")
    if pc.all(pc.or_(numbers, pc.equal(texts, ""))).as_py():
        return np.asarray(pc.if_else(numbers, texts, None).cast(pa.float64()).to_numpy(), dtype=np.float64)
    encoded = texts.combine_chunks().dictionary_encode()
    different = _written(encoded.dictionary.to_pylist())
    return different[encoded.indices.to_numpy(zero_copy_only=False)] if len(different) else np.zeros(0)


def _written(texts: list[str]) -> np.ndarray:
    """Dates in words and figures. 3/4 is the third of April where the same column also has 13/4, else March the 4th."""
    import pandas as pd

    day_first = any(int(found.group(1)) > 12 for text in texts if (found := _TWO_FIRST.match(text)))
    plain = pd.Series(texts, dtype=object).str.replace(_ZONE_NAME, "", regex=True)
    return _seconds(pd.to_datetime(plain, format="mixed", dayfirst=day_first, errors="coerce", utc=True))


def _seconds(moments: Any) -> np.ndarray:
    import numpy as np
    import pandas as pd

    stamps = pd.to_datetime(pd.Series(moments), errors="coerce", utc=True)
    seconds = stamps.dt.as_unit("us").astype("int64").to_numpy() / 1e6
    return np.where(stamps.isna().to_numpy(), np.nan, seconds)
