"""What is registered at Alipay."""

from scanforpay_django.wallets.alipay.go_live import ALIPAY_GO_LIVE_STEPS, ALIPAY_PRODUCT_TERMS


def test_the_callback_address_is_for_who_signs_in() -> None:
    (step,) = [one for one in ALIPAY_GO_LIVE_STEPS if one.value == "sign_in_domain"]
    assert step.products == {"trade_create"}


def test_what_was_not_read_at_the_platform_says_so() -> None:
    assert not any(terms.is_official for terms in ALIPAY_PRODUCT_TERMS.values())
