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

#: faults, and a wallet that each of them can meet: two refunds of one payment go to WeChat Pay a minute apart
TOGETHER = {
    ("cut-connection", "bad-signature", "notify-late", "refund-failed"): "wechat",
    ("http-500", "unknown-key", "notify-never", "refund-pending"): "wechat",
    ("http-429", "stale-timestamp", "notify-twice", "refund-abnormal"): "wechat",
    ("act-then-timeout", "signtest", "notify-8x", "not-enough"): "wechat",
    ("answer-bad-signature", "notify-out-of-order", "refund-too-soon"): "alipay",
    ("answer-slow", "pay-after-close", "pay-twice"): "wechat",
    ("wrong-amount", "wrong-currency", "wrong-merchant", "notify-before-answer"): "wechat",
}
#: the list is read by a recovery alone
NEVER = {"list-not-granted"}


def test_every_fault_is_looked_at() -> None:
    assert sorted({*sum(TOGETHER, ()), *NEVER}) == sorted(FAULTS)


@pytest.mark.parametrize(
    "story", [Story(setup=setup, faults=faults, number=0) for faults, setup in TOGETHER.items()], ids=str
)
def test_each_of_them_strikes(
    story: Story, till_of: Callable[[str], Till], quick_shop: Shop, settings
) -> None:
    settings.SCANFORPAY_BILL_STORAGE = ""
    play = Play(story, till_of(story.setup), quick_shop)
    play.run()
    assert play.struck == set(story.faults)
