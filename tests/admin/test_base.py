"""Staff's door."""

import re

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

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
from tests.merchant import SIGN_KEY, Merchant
from tests.platform import (
    APIV3_KEY,
    WECHAT_CONFIG,
    AlipayNotice,
    WeChatNotice,
    give_credentials,
    open_payment,
    private_pem,
    public_pem,
)

SUBJECTS = (Flag, Notification, Order, Partner, Payment, PlatformNotification, SignKey, Store, WalletAccount)


@pytest.fixture
def staff(client: Client, django_user_model) -> Client:
    """A superuser, signed in."""
    client.force_login(django_user_model.objects.create_superuser("boss", "boss@example.com", "x"))
    return client


@pytest.fixture
def busy(merchant: Merchant) -> Merchant:
    """A merchant with something in every table."""
    give_credentials(merchant)
    payment = open_payment(merchant, "Wechat", notifyUrl="https://shop.example/n")
    assert WeChatNotice(payment).send().status_code == 200
    late = open_payment(merchant, "Alipay")
    Order.objects.filter(pk=late.order_id).update(state="closed")
    assert AlipayNotice(late).send().status_code == 200
    return merchant


def url(model: type, page: str, *args: object) -> str:
    return reverse(f"admin:scanforpay_{model._meta.model_name}_{page}", args=args)


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


def test_a_new_partner_is_shown_its_key_once(db, staff: Client) -> None:
    form = {"partner_no": "77", "name": "New", "contact_email": "", "is_active": "on"}
    page = staff.post(url(Partner, "add"), form)
    secret = re.search(r'id="sign-key">([^<]+)<', page.content.decode())[1]
    key = SignKey.objects.get()
    assert (len(secret), key.secret()) == (43, secret)
    assert "no-store" in page["Cache-Control"]
    assert secret not in str(page.cookies)
    assert secret not in key.secret_ciphertext
    for model, pk in ((Partner, key.partner_id), (SignKey, key.pk)):
        assert secret not in staff.get(url(model, "change", pk)).content.decode()


def test_an_existing_key_can_be_pasted_but_not_with_a_line_break(merchant: Merchant, staff: Client) -> None:
    form = {
        "partner": merchant.partner.pk, "name": "old", "valid_from_0": "2026-01-01", "valid_from_1": "00:00",
        "existing": "123456\n",
    }  # fmt: skip
    assert "line break" in staff.post(url(SignKey, "add"), form).content.decode()
    staff.post(url(SignKey, "add"), {**form, "existing": "123456"})
    assert SignKey.objects.get(name="old").secret() == "123456"


def test_a_key_gets_an_end_and_keeps_its_secret(merchant: Merchant, staff: Client) -> None:
    key = SignKey.objects.get()
    staff.post(
        url(SignKey, "change", key.pk), {"name": "x", "valid_until_0": "2030-01-01", "valid_until_1": "00:00"}
    )
    key.refresh_from_db()
    assert (key.valid_until.year, key.secret()) == (2029 if key.valid_until.year == 2029 else 2030, SIGN_KEY)


def test_an_account_is_made_in_two_steps(merchant: Merchant, staff: Client) -> None:
    WalletAccount.objects.filter(wallet="Wechat").delete()
    first = {
        "store": merchant.store.pk, "wallet": "Wechat", "name": "main", "environment": "production",
        "currencies": "CNY",
    }  # fmt: skip
    answer = staff.post(url(WalletAccount, "add"), first)
    account = WalletAccount.objects.get(name="main")
    assert answer.headers["Location"] == url(WalletAccount, "change", account.pk)
    second = {
        "name": "main", "currencies": "CNY", "is_active": "on", **WECHAT_CONFIG, "public_key": public_pem("wechat"),
        "private_key": private_pem("merchant"), "apiv3_key": APIV3_KEY, "app_secret": "app-secret-1",
    }  # fmt: skip
    bad = staff.post(answer.headers["Location"], {**second, "private_key": "nonsense", "apiv3_key": "short"})
    assert "not an RSA private key" in bad.content.decode()
    assert "32 bytes" in bad.content.decode()
    assert staff.post(answer.headers["Location"], second).status_code == 302
    account.refresh_from_db()
    assert account.secrets()["app_secret"] == "app-secret-1"
    assert "app-secret-1" not in account.secrets_ciphertext
    # Left empty, the secrets stay.
    staff.post(answer.headers["Location"], {**second, "private_key": "", "apiv3_key": "", "app_secret": ""})
    account.refresh_from_db()
    assert account.secrets()["apiv3_key"] == APIV3_KEY


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


# The platforms' consoles offer keys of China's own standard, SM2, beside RSA's; openssl makes them.
SM2_KEY = (
    "MIGHAgEAMBMGByqGSM49AgEGCCqBHM9VAYItBG0wawIBAQQgAu5MauTBhIT1UNNmu8+OtKk2K7/ztpba3f0RHbPX6P"
    "KhRANCAARDwwbAWOBp2mzdXDHBrOUdnQBkdM2OJcXeUqDYVPQDGVGgA2TrzLywFjB/A4B7bY55p7BwNfAqMlHjZM7U"
    "oj4H"
)
SM2_CERTIFICATE = (
    "MIIBbTCCAROgAwIBAgIUZSiK+9GbVz98qDOXAnh69RF/2kUwCgYIKoEcz1UBg3UwDDEKMAgGA1UEAwwBeDAeFw0yNj"
    "ExMjUwMjU0MDlaFw0zNjExMjIwMjU0MDlaMAwxCjAIBgNVBAMMAXgwWTATBgcqhkjOPQIBBggqgRzPVQGCLQNCAARD"
    "wwbAWOBp2mzdXDHBrOUdnQBkdM2OJcXeUqDYVPQDGVGgA2TrzLywFjB/A4B7bY55p7BwNfAqMlHjZM7Uoj4Ho1MwUT"
    "AdBgNVHQ4EFgQUCOZ8SMVOYyG76X66zTflpHILdycwHwYDVR0jBBgwFoAUCOZ8SMVOYyG76X66zTflpHILdycwDwYD"
    "VR0TAQH/BAUwAwEB/zAKBggqgRzPVQGDdQNIADBFAiEA1W4yOmCSzKaCMbW5A99fqDm4Exc8hpT8k7u53DqsSykCIH"
    "bwhRWgL/QaMyL39nBBUYB5bvQhlvQU8J5Hz4H5n53D"
)


@pytest.mark.parametrize(
    ("field", "given", "said"),
    [
        ("private_key", SM2_KEY, "not an RSA private key"),
        (
            "certificate",
            f"-----BEGIN CERTIFICATE-----\n{SM2_CERTIFICATE}\n-----END CERTIFICATE-----",
            "not a certificate",
        ),
        (
            "platform_certificates",
            f"-----BEGIN CERTIFICATE-----\n{SM2_CERTIFICATE}\n-----END CERTIFICATE-----",
            "not a certificate",
        ),
    ],
)
def test_keys_of_another_standard_are_refused_in_words(
    merchant: Merchant, staff: Client, field: str, given: str, said: str
) -> None:
    account = WalletAccount.objects.get(wallet="Wechat")
    form = {
        "name": "main", "currencies": "CNY", "is_active": "on", **WECHAT_CONFIG, "public_key": public_pem("wechat"),
        "private_key": private_pem("merchant"), "apiv3_key": APIV3_KEY, "app_secret": "app-secret-1",
    }  # fmt: skip
    bad = staff.post(url(WalletAccount, "change", account.pk), {**form, field: given})
    assert said in bad.content.decode()


def test_orders_cannot_be_edited_or_deleted(busy: Merchant, staff: Client) -> None:
    order = Order.objects.first()
    assert staff.post(url(Order, "change", order.pk), {"state": "refunded"}).status_code == 403
    assert staff.post(url(Order, "delete", order.pk), {"post": "yes"}).status_code == 403
    assert staff.get(reverse("admin:scanforpay_order_add")).status_code == 403
    order.refresh_from_db()
    assert order.state != "refunded"


def test_send_again_from_the_list_and_from_the_page(busy: Merchant, staff: Client) -> None:
    notification = Notification.objects.get()
    Notification.objects.update(state="exhausted", attempt_count=19)
    action = {"action": "send_selected_again", "_selected_action": [notification.pk]}
    assert (
        "will be resent" in staff.post(url(Notification, "changelist"), action, follow=True).content.decode()
    )
    notification.refresh_from_db()
    assert (notification.state, notification.schedule_start) == ("pending", 19)
    Notification.objects.update(state="delivered")
    staff.post(url(Notification, "change", notification.pk), {"_send_again": "1"})
    notification.refresh_from_db()
    assert notification.state == "pending"


def test_who_may_only_look_may_not_send_again(busy: Merchant, client: Client) -> None:
    user = get_user_model().objects.create_user("viewer", is_staff=True)
    from django.contrib.auth.models import Permission

    user.user_permissions.add(Permission.objects.get(codename="view_notification"))
    client.force_login(user)
    Notification.objects.update(state="exhausted")
    client.post(url(Notification, "change", Notification.objects.get().pk), {"_send_again": "1"})
    action = {"action": "send_selected_again", "_selected_action": [Notification.objects.get().pk]}
    client.post(url(Notification, "changelist"), action)
    assert Notification.objects.get().state == "exhausted"


def test_a_flag_is_cleared_with_a_reason(busy: Merchant, staff: Client) -> None:
    flag = Flag.objects.get()
    page = staff.post(url(Flag, "change", flag.pk), {"reason": ""})
    assert page.status_code == 200
    staff.post(url(Flag, "change", flag.pk), {"reason": "refunded in Alipay's console"})
    flag.refresh_from_db()
    assert flag.cleared_at is not None
    assert flag.cleared_by.username == "boss"
