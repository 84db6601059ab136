"""Files that are nasty in one way each, written by the tests themselves, with what must come of them."""

from tests.nasty.archives import ARCHIVES
from tests.nasty.arrow_files import ARROW_FILES
from tests.nasty.cells import CELLS
from tests.nasty.encodings import ENCODINGS
from tests.nasty.json_files import JSON_FILES
from tests.nasty.parquet_files import PARQUET_FILES
from tests.nasty.plain_files import PLAIN_FILES
from tests.nasty.record import Nasty as Nasty
from tests.nasty.tables import TABLES
from tests.nasty.workbooks import WORKBOOKS

CORPUS = (*ENCODINGS, *TABLES, *CELLS, *JSON_FILES, *PLAIN_FILES, *PARQUET_FILES, *ARROW_FILES, *ARCHIVES, *WORKBOOKS)
