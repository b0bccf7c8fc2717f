"""Write docs/hosts.md's table: ``python -m tests.hosts``."""

from tests.hosts.docs_table import DOCS, write_table

DOCS.write_text(write_table(DOCS.read_text()))
