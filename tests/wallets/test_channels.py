"""Every wallet has a page for every channel."""

import pytest

from scanforpay_django.wallets.base import COPY_LINK, DESKTOP, OWN_QR, WRONG_APP
from scanforpay_django.wallets.registry import wallet_classes
from tests.wallets.table import TESTED, channels

pytestmark = pytest.mark.sqlite


def test_every_wallet_has_an_answer_for_every_channel() -> None:
    for backend in wallet_classes().values():
        for channel in channels():
            route = backend.route(channel)
            assert route, (backend.name, channel.name)
            assert set(route) <= {*backend.products, OWN_QR, COPY_LINK, WRONG_APP}
        assert TESTED[backend.name] <= set(backend.products)


def test_own_code_needs_something_that_pays_behind_it() -> None:
    for backend in wallet_classes().values():
        nothing: frozenset[str] = frozenset()
        for channel in channels():
            expected = WRONG_APP if WRONG_APP in backend.route(channel) else ""
            assert backend.pick_product(channel, nothing) == expected
        assert backend.pick_product(DESKTOP, frozenset(backend.default_grants)) == OWN_QR
