"""What a wallet says of its bills."""

import pytest

from scanforpay_django.wallets.bills.bill_type import BillParties, FetchedBill
from scanforpay_django.wallets.registry import wallet_classes

pytestmark = pytest.mark.sqlite


def test_a_bill_is_not_proven_unless_somebody_says_so() -> None:
    assert (FetchedBill().is_proven, BillParties().merchants) == (False, frozenset())


def test_every_wallet_has_bills_under_their_own_names() -> None:
    for backend in wallet_classes().values():
        assert backend.bill_types
        assert {name: kind.name for name, kind in backend.bill_types.items()} == {
            name: name for name in backend.bill_types
        }
        assert all(len(name) <= 30 and kind.shape.readers for name, kind in backend.bill_types.items())


def test_which_are_fetched() -> None:
    fetched = {
        name: sorted(kind.name for kind in backend.bill_types.values() if kind.is_fetched)
        for name, backend in wallet_classes().items()
    }
    assert fetched == {
        "Wechat": ["fund", "fund_fees", "fund_operation", "trade"],
        "WechatGlobal": ["statement"],
        "Alipay": ["signcustomer", "trade"],
        "AlipayGlobal": [],
        "AlipayHK": [],
    }
