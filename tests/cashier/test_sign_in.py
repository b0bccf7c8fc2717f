"""The customer's sign-in at the platform."""

from datetime import timedelta

import pytest
from django.test import Client

from scanforpay_django import clock
from scanforpay_django.models import OAuthState
from scanforpay_django.operations.housekeeping import forget_sign_ins
from tests.house import house, merchant, phones
from tests.merchant import Merchant, new_order
from tests.phone import WECHAT_UA
from tests.scripted import Platform, platform

__all__ = ["house", "merchant", "phones", "platform"]
pytestmark = pytest.mark.django_db(transaction=True)


def test_who_takes_no_cookies_writes_no_rows_without_end(merchant: Merchant, platform: Platform) -> None:
    order = new_order(merchant)
    for _ in range(30):
        Client().get(f"/api/jspay/pay/{order.token}", headers={"user-agent": WECHAT_UA})
    assert OAuthState.objects.count() <= 10
    OAuthState.objects.update(created_at=clock.now() - timedelta(hours=2))
    forget_sign_ins()
    assert not OAuthState.objects.exists()


def test_a_used_or_foreign_sign_in_starts_anew(merchant: Merchant, phones) -> None:
    made = merchant.create()
    phone = phones("wechat")
    first = phone.session.get(made["payUrl"], allow_redirects=False)
    at_platform = phone.session.get(first.headers["Location"], allow_redirects=False)
    callback = at_platform.headers["Location"]
    assert phone.open(callback).attribute("view") == "bridge"
    # The back button: the code is used up, the page is there all the same.
    assert phone.open(callback).attribute("view") == "bridge"
    stranger = phones("wechat").open(callback)
    assert stranger.attribute("view") == "cookies"
    assert phones("wechat").open(callback.replace("state=", "state=x")).status == 404


def test_a_code_that_comes_to_another_platforms_address_is_not_taken(merchant: Merchant, phones) -> None:
    made = merchant.create()
    phone = phones("wechat")
    first = phone.session.get(made["payUrl"], allow_redirects=False)
    callback = phone.session.get(first.headers["Location"], allow_redirects=False).headers["Location"]
    assert phone.open(callback.replace("/oauth/wechat", "/oauth/alipay")).status == 404
    assert phone.open(callback).attribute("view") == "bridge"


def test_a_refused_sign_in_does_not_go_round_for_ever(merchant: Merchant, phones) -> None:
    made = merchant.create()
    phone = phones("wechat")
    url = made["payUrl"]
    for _ in range(4):
        answer = phone.session.get(url, allow_redirects=False)
        if answer.status_code == 200:
            break
        state = answer.headers["Location"].split("state=")[1].split("#")[0]
        phone.session.get(f"{phone.root}/api/jspay/oauth/wechat?state={state}", allow_redirects=False)
    assert 'data-view="sign_in"' in answer.text


def test_strangers_who_have_the_code_lock_nobody_out(merchant: Merchant, platform: Platform) -> None:
    order = new_order(merchant)
    path = f"/api/jspay/pay/{order.token}"
    for _ in range(30):
        Client().get(path, headers={"user-agent": WECHAT_UA}, REMOTE_ADDR="198.51.100.7")
    page = Client().get(path, headers={"user-agent": WECHAT_UA}, REMOTE_ADDR="203.0.113.9")
    assert page.status_code == 302
    assert "code=payer-1" in page["Location"]


def test_a_browser_with_its_cookie_is_not_counted_with_strangers_at_its_address(
    merchant: Merchant, platform: Platform
) -> None:
    order = new_order(merchant)
    path = f"/api/jspay/pay/{order.token}"
    customer = Client()
    assert customer.get(path, headers={"user-agent": WECHAT_UA}).status_code == 302
    for _ in range(30):
        Client().get(path, headers={"user-agent": WECHAT_UA})
    assert customer.get(path, headers={"user-agent": WECHAT_UA}).status_code == 302
