"""Whether the shop knows."""

from zoneinfo import ZoneInfo

import pytest

from scanforpay_django.operations.order_story.shop_notified import describe_shop
from tests.merchant import Merchant
from tests.operations.order_story.seed import Story, read, seed
from tests.operations.order_story.stories import APPLIED, NOTIFIED, PAID_ORDER

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("order", "notified", "may_see", "sentences"),
    [
        ({}, NOTIFIED, True, 1),
        ({}, NOTIFIED, False, 0),
        ({"state": "refunded"}, NOTIFIED, True, 0),
        ({}, {"state": "superseded"}, True, 0),
        ({"notify_url": ""}, None, True, 1),
        ({"notify_url": "", "entry": "project"}, None, True, 0),
        # written before the notification was: nothing is known of it
        ({}, None, True, 0),
    ],
)
def test_it_is_said_where_it_is_known_and_may_be(
    merchant: Merchant, order: dict, notified: dict | None, may_see: bool, sentences: int
) -> None:
    story = Story(name="x", order={**PAID_ORDER, **order}, payments=(APPLIED,), notified=notified, says="")
    rows = read(seed(merchant.store, story))
    rows.shows_notifications = may_see
    assert len(list(describe_shop(rows, ZoneInfo("UTC")))) == sentences
