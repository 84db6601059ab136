"""What is true of every file, whoever wrote it: it is read as a whole table, or refused in words."""

from __future__ import annotations

from pathlib import Path

from core.config import RunConfig, validate
from core.data.origins import AS_DETECTED, Origin
from core.data.preview import preview
from core.data.tables import LoadedTable, open_table
from core.data_config import ReadingConfig
from core.errors import DataError
from core.studio import Studio
from tests import making


def look_at(path: Path, reading: ReadingConfig = AS_DETECTED) -> LoadedTable | None:
    """The table of a file, or None where it is refused. Anything else that happens is a mistake of the readers."""
    origin = Origin(str(path), reading)
    try:
        seen = preview(origin)
    except DataError as error:
        assert error.title.endswith(".") and error.advice, f"a refusal says what happened and what to do: {error!r}"
        return None
    loaded = open_table(origin)
    skipped = loaded.meta.skipped
    assert seen.rows == loaded.table.num_rows > 0
    assert [column.name for column in seen.columns] == loaded.table.column_names
    assert len(set(loaded.table.column_names)) == loaded.table.num_columns > 0
    assert list(skipped) == sorted(set(skipped))
    assert all(1 <= number <= loaded.meta.rows + len(skipped) for number in skipped)
    loaded.table.validate(full=True)
    return loaded


def account_for(path: Path, loaded: LoadedTable) -> bool:
    """Whether classes can be learned from a table's first two columns. Each row of its file is then used, or set aside
    for a reason.
    """
    checkup = Studio().checkup(classes_config(path, *loaded.table.column_names[:2]))
    if checkup.blocks:
        assert checkup.account is None and checkup.parts is None
        return False
    account, parts = checkup.account, checkup.parts
    assert account is not None and parts is not None
    assert account.read == loaded.table.num_rows + len(loaded.meta.skipped)
    assert account.read == account.used + sum(count for _, count in account.aside)
    assert account.used == parts.train + parts.validation + parts.test > 0
    assert all(reason and count > 0 for reason, count in account.aside)
    return True


def classes_config(source: Path, *columns: str) -> RunConfig:
    """A config that learns the second column from the first."""
    plain = making.config(source).model_dump(mode="json")
    plain["data"]["columns"] = dict(zip(("text", "label"), columns, strict=False))
    return validate(plain)
