"""The rows that make a bill special say what they are."""

from datetime import date

import pytest

from scanforpay_django.sandbox.bill_models import BillEdit, Coupon, PaidBy

pytestmark = pytest.mark.sqlite


def test_a_row_is_named_by_what_it_does() -> None:
    edit = BillEdit(kind="trade", day=date(2026, 11, 1), act=BillEdit.Act.DELETE, number="A-1")
    assert (str(edit), str(Coupon(amount=500, paid_by=PaidBy.MERCHANT))) == ("delete A-1", "500 by merchant")
