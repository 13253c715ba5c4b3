"""
Tidy tables of one period, each entry with its cell, kept as Parquet until something changes.

``data/processed/<period>/`` holds one file a form and an index that names what
it was made from: the submissions' hashes, the parameters used, the code that
read them. It may be deleted at any time.
"""

from baocao.reading.tables.cache import Tables, read_tables
from baocao.reading.tables.carried import CheckedTables, check_tables, table_findings
from baocao.reading.tables.table import Table, make_table

__all__ = ["CheckedTables", "Table", "Tables", "check_tables", "make_table", "read_tables", "table_findings"]
