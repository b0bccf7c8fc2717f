"""WeChat Pay's kinds of bills."""

import pytest

from scanforpay_django.wallets.wechat.bill import FUND_ACCOUNTS, WECHAT_BILL_TYPES, WECHAT_GLOBAL_BILL_TYPES

pytestmark = pytest.mark.sqlite


def test_there_is_a_fund_bill_for_each_account() -> None:
    assert set(WECHAT_BILL_TYPES) == {"trade", *FUND_ACCOUNTS}
    assert set(WECHAT_GLOBAL_BILL_TYPES) == {"statement"}


def test_they_are_kept_three_months_and_180_days() -> None:
    assert {kind.kept_days for kind in WECHAT_BILL_TYPES.values()} == {90}
    assert WECHAT_GLOBAL_BILL_TYPES["statement"].kept_days == 180
