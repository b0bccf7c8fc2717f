"""The ledger's accounts by name."""

from scanforpay_django.books import accounts


def test_each_is_named_by_what_it_holds() -> None:
    assert accounts.platform("Wechat", 7, "CNY") == "platform:Wechat:7:CNY"
    assert [made("0001") for made in (accounts.orders, accounts.unapplied, accounts.overpaid)] == [
        "orders:store:0001",
        "unapplied:store:0001",
        "overpaid:store:0001",
    ]
    assert accounts.refunds_on_their_way("Wechat", 7) == "refunds_on_their_way:Wechat:7"
    assert accounts.expected_fees("Wechat", 7) == "fees:expected:Wechat:7"
    assert accounts.fees("Wechat", 7) == "fees:Wechat:7"
    assert accounts.rounding("Wechat", 7) == "rounding:Wechat:7"
