"""Signed messages that pay nothing."""

import pytest

from scanforpay_django.operations.grading import signed
from tests.merchant import Merchant
from tests.operations.grading.graded import grade, names, wrong
from tests.operations.grading.shops import Believing

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_shop_that_takes_what_is_signed_for_true(merchant: Merchant) -> None:
    assert wrong(grade(merchant, Believing)) == names(signed.CASES) - {"empty", "no-json"}
