"""Files that are nasty in one way each, written by the tests themselves, with what must come of them."""

from tests.nasty.cells import CELLS
from tests.nasty.encodings import ENCODINGS
from tests.nasty.json_files import JSON_FILES
from tests.nasty.parquet_files import PARQUET_FILES
from tests.nasty.plain_files import PLAIN_FILES
from tests.nasty.record import Nasty as Nasty
from tests.nasty.tables import TABLES

CORPUS = (*ENCODINGS, *TABLES, *CELLS, *JSON_FILES, *PLAIN_FILES, *PARQUET_FILES)
