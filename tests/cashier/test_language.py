"""Which language a page speaks: the app's, then the browser's, then the store's."""

import pytest
from django.test import Client

from scanforpay_django import money
from scanforpay_django.models import Order, Store
from tests.merchant import Merchant

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

DESKTOP = "Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0.0.0"


@pytest.mark.parametrize(
    ("agent", "accept", "store", "expected"),
    [
        ("MicroMessenger/8.0 Language/zh_HK", "en", "en", "zh-hant"),
        ("MicroMessenger/8.0 Language/ja", "zh-CN", "en", "ja"),
        ("AlipayClient/10 Language/en-US", "ja", "zh-hans", "en"),
        ("MicroMessenger/8.0 Language/fr", "ja-JP,en;q=0.5", "en", "ja"),
        ("MicroMessenger/8.0 Language/fr", "de,en;q=0.5", "ja", "en"),
        (DESKTOP, "fr", "ja", "ja"),
        (DESKTOP, "", "zh-hant", "zh-hant"),
        (DESKTOP, "zh-TW", "en", "zh-hant"),
        (DESKTOP, "ja", "zh-hans", "ja"),
    ],
)
def test_the_first_that_we_speak(
    merchant: Merchant, client: Client, agent: str, accept: str, store: str, expected: str
) -> None:
    Store.objects.update(language=store)
    path = merchant.create()["payUrl"].partition("8000")[2]
    # A page that needs no sign-in in any app.
    Order.objects.update(state="paid")
    answer = client.get(path, headers={"user-agent": agent, "accept-language": accept})
    assert answer["Content-Language"] == expected
    assert f'<html lang="{expected}">' in answer.content.decode()


@pytest.mark.parametrize(
    ("currency", "language", "shown"),
    [
        ("CNY", "zh-hans", "¥21.00"), ("CNY", "zh-hant", "¥21.00"), ("CNY", "en", "CN¥21.00"), ("CNY", "ja", "21.00元"),
        ("JPY", "zh-hans", "JP¥2,100"), ("JPY", "en", "¥2,100"), ("JPY", "ja", "¥2,100"),
        ("HKD", "zh-hant", "HK$21.00"),
    ],
)  # fmt: skip
def test_amounts_in_the_readers_form(currency: str, language: str, shown: str) -> None:
    assert money.display(2100, currency, language) == shown
