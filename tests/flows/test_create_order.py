"""Creating an order: once for a number, in a currency that the partner has."""

import pytest
from django.core.exceptions import ValidationError

from scanforpay_django.models import Order, Partner
from tests.merchant import Merchant


@pytest.mark.django_db(transaction=True)
def test_same_again_after_the_account_was_switched_off(merchant: Merchant) -> None:
    first = merchant.create(partnerOrderNo="p1")
    merchant.store.wallet_accounts.filter(wallet="Wechat").update(is_active=False)
    assert merchant.create(partnerOrderNo="p1") == first
    assert merchant.create(partnerOrderNo="p2")["code"] == 44


def test_the_same_call_again_is_the_same_order(merchant: Merchant) -> None:
    first = merchant.create(partnerOrderNo="p1")
    assert merchant.create(partnerOrderNo="p1") == first
    assert Order.objects.count() == 1


@pytest.mark.parametrize(
    "change",
    [
        {"orderAmount": 2101},
        {"orderTitle": "other"},
        {"wallet": "Alipay"},
        {"returnUrl": "https://shop.example/"},
    ],
)
def test_other_content_under_the_same_number_is_code_31(merchant: Merchant, change: dict) -> None:
    merchant.create(partnerOrderNo="p1")
    assert merchant.create(partnerOrderNo="p1", **change)["code"] == 31
    assert Order.objects.get().amount == 2100


def test_same_again_after_payment_or_closing_answers_the_same(merchant: Merchant) -> None:
    first = merchant.create(partnerOrderNo="p1")
    Order.objects.update(state="closed")
    assert merchant.create(partnerOrderNo="p1") == first


def test_no_account_is_43_and_other_account_is_44(merchant: Merchant) -> None:
    merchant.store.wallet_accounts.filter(wallet="Alipay").update(is_active=False)
    assert merchant.create(wallet="Alipay")["code"] == 44
    merchant.store.wallet_accounts.update(is_active=False)
    assert merchant.create(wallet="Alipay")["code"] == 43


@pytest.mark.django_db
def test_orders_have_the_partners_currencies_only(merchant: Merchant) -> None:
    Partner.objects.update(currencies="hkd usd")
    told = merchant.create(currency="CNY")
    assert (told["code"], "HKD, USD" in told["msg"]) == (5, True)
    Partner.objects.update(currencies="CNY")
    assert merchant.create(currency="CNY")["code"] == 1
    merchant.partner.currencies = "CNY XXX"
    with pytest.raises(ValidationError, match="XXX is not a supported currency"):
        merchant.partner.full_clean()
