"""The global statement of the sandbox, whose file the wallet's contract reads (tests/wallets/test_contract.py)."""

import pytest

from scanforpay_django.sandbox.shape import ShapeError, check
from scanforpay_django.sandbox.wechat.statement import HEAD, STATEMENT
from tests.wallets.bills.samples import GLOBAL_HEAD

pytestmark = pytest.mark.sqlite


def test_both_sides_copied_the_same_head_from_the_documents():
    assert HEAD == GLOBAL_HEAD


@pytest.mark.parametrize("day", ["2026-11-01", "20261301", "1", ""])
def test_a_day_is_eight_digits(day):
    with pytest.raises(ShapeError):
        check({"date": day}, STATEMENT.fields)
    check({"date": "20261101", "mchid": "1"}, STATEMENT.fields)
