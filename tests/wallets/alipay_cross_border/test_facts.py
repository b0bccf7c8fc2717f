"""What Alipay's cross-border gateway publishes."""

from scanforpay_django.wallets.alipay_cross_border.facts import AlipayGlobalFacts


def test_it_collects_foreign_currency_only() -> None:
    assert "CNY" not in AlipayGlobalFacts.currencies
    assert "HKD" in AlipayGlobalFacts.currencies
