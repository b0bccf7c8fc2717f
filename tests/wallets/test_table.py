"""The docs say what the code does."""

from pathlib import Path

from scanforpay_django.wallets.base import OWN_QR, WRONG_APP, Channel
from scanforpay_django.wallets.registry import wallet_classes
from tests.wallets.table import TESTED, table

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_products_page_is_made_from_the_flags() -> None:
    assert (DOCS / "products.md").read_text(encoding="utf-8") == table()


def test_every_wallet_has_an_answer_for_every_channel() -> None:
    for backend in wallet_classes().values():
        assert set(backend.routes) == set(Channel), backend.name
        assert TESTED[backend.name] <= set(backend.products)


def test_own_code_needs_something_that_pays_behind_it() -> None:
    for backend in wallet_classes().values():
        nothing: frozenset[str] = frozenset()
        for channel, ways in backend.routes.items():
            expected = WRONG_APP if WRONG_APP in ways else ""
            assert backend.way(channel, nothing) == expected
        assert backend.way(Channel.DESKTOP, frozenset(backend.default_grants)) == OWN_QR
