"""Every page of the admin."""

import pytest
from django.test import Client

from scanforpay_django.models import (
    Flag,
    Notification,
    Order,
    Partner,
    Payment,
    PlatformNotification,
    SignKey,
    Store,
    WalletAccount,
)
from tests.admin.pages import url
from tests.merchant import SIGN_KEY, Merchant
from tests.platform import APIV3_KEY, WECHAT_CONFIG, private_pem, public_pem

SUBJECTS = (Flag, Notification, Order, Partner, Payment, PlatformNotification, SignKey, Store, WalletAccount)

SECRETS = (SIGN_KEY, APIV3_KEY, "PRIVATE KEY", "gAAAAA")


@pytest.mark.parametrize("model", SUBJECTS)
@pytest.mark.parametrize("language", ["en", "zh-hans", "zh-hant"])
def test_every_page_opens_and_shows_no_secret(
    busy: Merchant, staff: Client, model: type, language: str
) -> None:
    accept = {"headers": {"accept-language": language}}
    pages = [
        staff.get(url(model, "changelist"), {"q": "x"}, **accept),
        staff.get(url(model, "changelist"), **accept),
    ]
    pages += [staff.get(url(model, "change", row.pk), **accept) for row in model.objects.all()]
    if model in (Partner, SignKey, Store, WalletAccount):
        pages.append(staff.get(url(model, "add"), **accept))
    assert len(pages) > 2
    for page in pages:
        assert page.status_code == 200
        assert not any(secret in page.content.decode() for secret in SECRETS)


def test_a_second_active_account_is_refused_in_words(merchant: Merchant, staff: Client) -> None:
    active = WalletAccount.objects.get(wallet="Wechat")
    second = WalletAccount.objects.create(store=active.store, wallet="Wechat", is_active=False)
    form = {
        "name": "second", "currencies": "CNY", "is_active": "on", **WECHAT_CONFIG, "public_key": public_pem("wechat"),
        "private_key": private_pem("merchant"), "apiv3_key": APIV3_KEY, "app_secret": "app-secret-1",
    }  # fmt: skip
    page = staff.post(url(WalletAccount, "change", second.pk), form)
    assert "This store has an active account for this wallet already." in page.content.decode()
    WalletAccount.objects.filter(pk=active.pk).update(is_active=False)
    assert staff.post(url(WalletAccount, "change", second.pk), form).status_code == 302
