"""The faults of a story strike: one that only lies armed proves nothing."""

from collections.abc import Callable

import pytest

from scanforpay_django.sandbox.faults import FAULTS
from tests.faults.play import Play
from tests.faults.shop import quick_shop
from tests.faults.stories import Story
from tests.invariants.shop import Shop
from tests.wallets.conftest import Till, till_of

__all__ = ["quick_shop", "till_of"]
pytestmark = [pytest.mark.slow, pytest.mark.sqlite, pytest.mark.django_db(transaction=True)]

TOGETHER = (
    ("cut-connection", "bad-signature", "notify-late", "refund-failed"),
    ("http-500", "unknown-key", "notify-never", "refund-pending"),
    ("http-429", "stale-timestamp", "notify-twice", "refund-abnormal"),
    ("act-then-timeout", "signtest", "notify-8x", "not-enough"),
    ("answer-bad-signature", "notify-out-of-order"),
    ("answer-slow", "pay-after-close", "pay-twice"),
    ("wrong-amount", "wrong-currency", "wrong-merchant", "notify-before-answer"),
)
#: the list is read by a recovery alone; and of one payment two refunds are sent a minute apart, so that none is too soon
NEVER = {"list-not-granted", "refund-too-soon"}


def test_every_fault_is_looked_at() -> None:
    assert sorted({*sum(TOGETHER, ()), *NEVER}) == sorted(FAULTS)


@pytest.mark.parametrize("faults", TOGETHER, ids="+".join)
def test_each_of_them_strikes(
    faults: tuple[str, ...], till_of: Callable[[str], Till], quick_shop: Shop, settings
) -> None:
    settings.SCANFORPAY_BILL_STORAGE = ""
    play = Play(Story(setup="wechat", faults=faults, number=0), till_of("wechat"), quick_shop)
    play.run()
    assert play.struck == set(faults)
