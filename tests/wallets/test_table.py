"""The docs say what the code does."""

from pathlib import Path

import pytest

from tests.wallets.table import table

pytestmark = pytest.mark.sqlite

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_products_page_is_made_from_the_flags() -> None:
    assert (DOCS / "products.md").read_text(encoding="utf-8") == table()
