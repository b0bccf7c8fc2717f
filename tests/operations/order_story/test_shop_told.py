"""Whether the shop knows."""

from zoneinfo import ZoneInfo

import pytest

from scanforpay_django.operations.order_story.shop_told import describe_shop
from tests.merchant import Merchant
from tests.operations.order_story.seed import Story, read, seed
from tests.operations.order_story.stories import APPLIED, PAID_ORDER, TOLD

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("order", "told", "may_see", "sentences"),
    [
        ({}, TOLD, True, 1),
        ({}, TOLD, False, 0),
        ({"state": "refunded"}, TOLD, True, 0),
        ({}, {"state": "superseded"}, True, 0),
        ({"notify_url": ""}, None, True, 1),
        ({"notify_url": "", "entry": "project"}, None, True, 0),
        # written before the notification was: nothing is known of it
        ({}, None, True, 0),
    ],
)
def test_it_is_said_where_it_is_known_and_may_be(
    merchant: Merchant, order: dict, told: dict | None, may_see: bool, sentences: int
) -> None:
    story = Story(name="x", order={**PAID_ORDER, **order}, payments=(APPLIED,), told=told, says="")
    rows = read(seed(merchant.store, story))
    rows.shows_notifications = may_see
    assert len(list(describe_shop(rows, ZoneInfo("UTC")))) == sentences
