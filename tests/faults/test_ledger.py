"""A foreign program reads the ledger that stories of faults leave."""

from collections.abc import Callable
from pathlib import Path

import pytest

from scanforpay_django.books.beancount import write_beancount
from scanforpay_django.models import Posting
from tests.bean_check import bean_check
from tests.faults.play import Play
from tests.faults.shop import quick_shop
from tests.faults.stories import Story
from tests.invariants.shop import Shop
from tests.wallets.conftest import Till, till_of

__all__ = ["quick_shop", "till_of"]
pytestmark = [pytest.mark.slow, pytest.mark.sqlite, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("setup", ["wechat", "alipay", "alipay-hk"])
def test_beancount_reads_the_ledger(
    setup: str, till_of: Callable[[str], Till], quick_shop: Shop, tmp_path: Path
) -> None:
    story = Story(setup=setup, faults=("notify-never", "refund-failed", "pay-twice"), number=0)
    Play(story, till_of(setup), quick_shop).run()
    assert Posting.objects.count() >= 3
    lines = "\n".join(write_beancount(Posting.objects.all())) + "\n"
    assert bean_check(tmp_path / "ledger.beancount", lines) == ""
