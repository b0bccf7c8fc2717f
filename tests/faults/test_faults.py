"""Whatever two, three or four faults come together, no money is lost, kept twice or told wrongly, and nothing stands
still without a flag.

All stories, as long as it takes; started again it goes on::

    FAULT_STORIES=passed.txt pytest -n 2 tests/faults
"""

from collections.abc import Callable, Iterator

import pytest

from scanforpay_django.sandbox import customer, notify, payments
from tests.faults.conftest import record_passed
from tests.faults.judge import judge
from tests.faults.play import Play
from tests.faults.stories import Story
from tests.invariants.shop import Shop, open_shop
from tests.wallets.conftest import Till, till_of

__all__ = ["till_of"]
pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def shop(settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    """A merchant's server that takes every message; customers and platforms do not wait longer than they must."""
    monkeypatch.setattr(notify, "RETRY_DELAYS_SECONDS", (0.1,) * 6)
    monkeypatch.setattr(payments, "REFUND_NOTICE_SECONDS", 0.05)
    monkeypatch.setattr(customer, "POLL_SECONDS", 0.05)
    settings.SCANFORPAY_REFUND_HOLD_SECONDS = 0
    settings.SCANFORPAY_UNPROVEN_CALLS_PER_MINUTE = 0
    with open_shop() as shop:
        settings.SCANFORPAY_OUTBOUND_ALLOW = [*getattr(settings, "SCANFORPAY_OUTBOUND_ALLOW", []), shop.url]
        yield shop


def test_nothing_is_lost(story: Story, till_of: Callable[[str], Till], shop: Shop, settings) -> None:
    if not story.has_bills:
        settings.SCANFORPAY_BILL_STORAGE = ""
    play = Play(story, till_of(story.setup), shop)
    play.run()
    assert [*play.broken, *judge(shop, play.till.setup, has_bills=story.has_bills)] == []
    record_passed(story, play.struck)
