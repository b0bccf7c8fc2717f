"""What can be resent. Which buttons a page has: tests/admin/test_order_page.py."""

import pytest

from scanforpay_django.operations.order_story.acts import find_resendable
from tests.merchant import Merchant
from tests.operations.order_story.seed import Story, read, seed, seed_notification
from tests.operations.order_story.stories import APPLIED, PAID_ORDER

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("state", "notified", "found"),
    [
        ("paid", {"state": "exhausted", "attempt_count": 9}, 1),
        ("paid", {"state": "delivered", "attempt_count": 1}, 1),
        ("paid", {"state": "pending", "attempt_count": 2}, 1),
        ("paid", {"state": "pending"}, 0),
        ("refunded", {"state": "exhausted", "attempt_count": 9}, 0),
        ("refunded", {"state": "exhausted", "attempt_count": 9, "kind": "refund"}, 1),
    ],
)
def test_what_was_given_up_or_told_of_the_payment(
    merchant: Merchant, state: str, notified: dict, found: int
) -> None:
    story = Story(
        name="x", order={**PAID_ORDER, "state": state}, payments=(APPLIED,), notified=notified, says=""
    )
    assert len(find_resendable(read(seed(merchant.store, story)))) == found


def test_what_was_given_up_comes_first(merchant: Merchant) -> None:
    story = Story(name="x", order=PAID_ORDER, payments=(APPLIED,), notified={"attempt_count": 1}, says="")
    order = seed(merchant.store, story)
    given_up = seed_notification(order, {"kind": "refund", "state": "exhausted"})
    assert find_resendable(read(order)) == [given_up]
