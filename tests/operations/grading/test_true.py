"""True notifications, again and at once."""

import pytest

from scanforpay_django.operations.grading.case import Expected
from tests.merchant import Merchant
from tests.operations.grading.graded import grade, wrong
from tests.operations.grading.shops import Impatient, Shop, Strict

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_shop_for_which_a_paid_order_is_an_error(merchant: Merchant) -> None:
    repeated = {"two-at-once", "again", "other-id", "more-fields", "slowly", "beside-a-hanging-one"}
    assert wrong(grade(merchant, Strict)) == repeated


def test_a_shop_that_knows_the_order_before_it_verifies(merchant: Merchant) -> None:
    assert wrong(grade(merchant, Impatient)) == {"forged-after"}


class Refundless(Shop):
    """Refuses refunds."""

    def compare(self, told: dict) -> None:
        super().compare({name: value for name, value in told.items() if name != "refundNo"})


@pytest.mark.parametrize("wants_refunds", [False, True])
def test_refunds_count_where_they_are_wanted(merchant: Merchant, wants_refunds: bool) -> None:
    merchant.partner.notify_refunds = wants_refunds
    merchant.partner.save()
    judged = grade(merchant, Refundless)
    assert wrong(judged) == ({"refund"} if wants_refunds else set())
    assert (judged[-1].case.expected is Expected.ANSWER) is not wants_refunds
