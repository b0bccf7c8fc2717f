"""Whatever two, three or four faults come together, no money is lost, kept twice or told wrongly, and nothing stands
still without a flag.

All stories, as long as it takes; started again it goes on with those that the file does not name::

    FAULT_STORIES=passed.txt pytest -n 2 tests/faults/test_faults.py

One of them by its name, which is in no file::

    FAULT_STORIES=/dev/null pytest "tests/faults/test_faults.py::test_nothing_is_lost[wechat:pay-twice+notify-never]"
"""

from collections.abc import Callable

import pytest

from tests.faults.conftest import record_passed
from tests.faults.judge import judge
from tests.faults.play import Play
from tests.faults.shop import quick_shop
from tests.faults.stories import Story
from tests.invariants.shop import Shop
from tests.wallets.conftest import Till, till_of

__all__ = ["quick_shop", "till_of"]
pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def test_nothing_is_lost(story: Story, till_of: Callable[[str], Till], quick_shop: Shop, settings) -> None:
    if not story.has_bills:
        settings.SCANFORPAY_BILL_STORAGE = ""
    play = Play(story, till_of(story.setup), quick_shop)
    play.run()
    assert [*play.broken, *judge(quick_shop, play.till.setup, has_bills=story.has_bills)] == []
    record_passed(story, play.struck)
