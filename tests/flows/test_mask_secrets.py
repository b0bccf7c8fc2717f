"""No secret of the project, of the order's rows, or of a usual shape is left in an error's text."""

import logging
from collections.abc import Iterator

import pytest

from scanforpay_django import checkout, handlers
from scanforpay_django.flows.call_handlers import call_handlers
from scanforpay_django.flows.mask_secrets import MASK, mask_secrets
from scanforpay_django.models import HandlerCall, Order
from tests.merchant import SIGN_KEY, Merchant, new_order
from tests.paid_order import order, quick
from tests.scripted import platform

__all__ = ["order", "platform", "quick"]
pytestmark = pytest.mark.django_db(transaction=True)

PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA7\n-----END RSA PRIVATE KEY-----"


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("OperationalError: postgres://shop:hunter2@db:5432/x", "hunter2"),
        ("amqp://guest:p@ss@10.0.0.1//", "p@ss"),
        ("https://user:pw%2F1@api.example/v1?token=abc123&page=2", "pw%2F1"),
        ("https://api.example/v1?access_token=abc123&page=2", "abc123"),
        ("{'Authorization': 'Bearer eyJhbGciOi.J9.x'}", "eyJhbGciOi.J9.x"),
        ("Authorization: Basic dXNlcjpwYXNzd29yZA==", "dXNlcjpwYXNzd29yZA"),
        ("{'X-Api-Key': 'k-9f8e7d'}", "k-9f8e7d"),
        ('{"api_key": "k-9f8e7d"}', "k-9f8e7d"),
        ("connect(host='h', password='tea time')", "time"),
        ('{"accessToken": "abc123"}', "abc123"),
        ("userPassword: hunter2", "hunter2"),
        ("PGPASSWORD=hunter2", "hunter2"),
        ("secret_key=s3cr3t", "s3cr3t"),
        ("aws_secret_access_key = s3cr3t", "s3cr3t"),
        ("pwd=hunter2", "hunter2"),
        ("sessionid=9d8f7a6b", "9d8f7a6b"),
        ("Authorization: Token abc123", "abc123"),
        ("{'Authorization': 'Token abc123'}", "abc123"),
        ("password=p,abc123", "abc123"),
        ("client_secret=s3cr3t, x=1", "s3cr3t"),
        ('{\\"password\\": \\"s3cr3t\\"}', "s3cr3t"),
        ("Set-Cookie: sessionid=9d8f7a6b", "9d8f7a6b"),
        (f"ValueError: {PEM}", "MIIEpAIBAAKCAQEA7"),
        (f"ValueError: {PEM!r}", "MIIEpAIBAAKCAQEA7"),
        (f"cut off: {PEM[:40]}", "MIIEpA"),
    ],
)
def test_what_looks_secret_goes(merchant: Merchant, text: str, secret: str) -> None:
    masked = mask_secrets(text, new_order(merchant))
    assert secret not in masked
    assert MASK in masked


@pytest.mark.parametrize(
    "text",
    [
        'File "/srv/shop/scanforpay.py", line 12, in ship\n    stock.take(order)\nKeyError: 42',
        "https://api.example/v1?page=2",
        "ValueError: no stock of Oolong for order A-17",
        "the key is missing; the token is old",
        "mail@shop.example does not answer",
        "assert password == expected",
        "author: Bob",
        "/srv/scanforpay_django/x.py",
    ],
)
def test_what_explains_the_error_stays(merchant: Merchant, text: str) -> None:
    assert mask_secrets(text, new_order(merchant)) == text


def test_what_is_known_to_be_secret_goes_whatever_it_looks_like(
    merchant: Merchant, settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = merchant.store.wallet_accounts.get(wallet="Alipay")
    account.set_secrets({"private_key": "MIIEvQ\nIBADAN", "pin": "1"})
    account.save()
    settings.SHOP_STOCK = {"url": "https://stock.example", "token": "tok-in-a-dict", "keys": ["in-a-list"]}
    settings.PAYPAL_SECRET = "plain-setting"
    monkeypatch.setenv("STRIPE_API_KEY", "from-the-environment")
    secrets = [
        settings.SECRET_KEY, SIGN_KEY, "MIIEvQ\nIBADAN", "tok-in-a-dict", "in-a-list", "plain-setting",
        "from-the-environment",
    ]  # fmt: skip
    text = " | ".join(f"refused {one} and {one!r}" for one in secrets)
    masked = mask_secrets(text, new_order(merchant))
    assert not [one for one in secrets if one in masked or repr(one)[1:-1] in masked]
    # One character is no secret that could be hidden, and no word of the text.
    assert masked.count("refused") == len(secrets)
    assert "https://stock.example" in mask_secrets("https://stock.example", new_order(merchant))


def test_unreadable_secrets_do_not_keep_an_error_from_being_told(
    merchant: Merchant, caplog: pytest.LogCaptureFixture
) -> None:
    made = new_order(merchant)
    merchant.partner.sign_keys.update(secret_ciphertext="broken")
    assert mask_secrets("no stock; token=abc", made) == f"no stock; token={MASK}"
    assert "cannot be read" in caplog.text


def test_one_secret_that_cannot_be_read_does_not_uncover_the_others(merchant: Merchant, settings) -> None:
    account = merchant.store.wallet_accounts.get(wallet="Alipay")
    account.set_secrets({"private_key": "MIIEvQIBADAN"})
    account.save()
    made = new_order(merchant)
    merchant.partner.sign_keys.update(secret_ciphertext="broken")
    assert mask_secrets("refused MIIEvQIBADAN", made) == f"refused {MASK}"
    settings.SCANFORPAY_ENCRYPTION_KEYS = ["bad"]
    assert mask_secrets("no stock", made) == "no stock"


def test_a_key_with_dots_is_a_key_and_a_prefix_is_none(merchant: Merchant, settings) -> None:
    settings.SENDGRID_API_KEY = "SG.aBcD1234efgh.xYz9876_klmnop"
    settings.CACHES = {"default": {**settings.CACHES["default"], "KEY_PREFIX": "scanforpay"}}
    text = f"refused {settings.SENDGRID_API_KEY} in scanforpay_django"
    assert mask_secrets(text, new_order(merchant)) == f"refused {MASK} in scanforpay_django"


def leaks(order: Order) -> None:
    raise ValueError(f"refused {order.partner.sign_keys.get().secret()} at https://u:hunter2@stock.example")


@pytest.fixture
def leaking() -> Iterator[None]:
    checkout.on_paid(leaks)
    yield
    handlers.unregister("paid", leaks)


def test_neither_row_nor_log_keeps_a_handlers_secrets(
    merchant: Merchant, leaking: None, order: Order, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    call_handlers()
    error = HandlerCall.objects.get().last_error
    assert f"ValueError: refused {MASK} at https://{MASK}@stock.example" in error
    for text in (error, caplog.text):
        assert "in leaks" in text
        assert SIGN_KEY not in text
        assert "hunter2" not in text


@pytest.mark.parametrize(
    "word",
    ["a_", "0af3", "token", "token_", "auth_", "author_", "secret_key", "'", ",", "://", "://x", "password=",
     "bearer ", "-----BEGIN PRIVATE KEY-----", '"', " ", "token: ", "x@", "_secret:\\"],
)  # fmt: skip
def test_a_long_text_takes_one_pass_and_keeps_its_end(merchant: Merchant, word: str) -> None:
    # Each of them a hundred times as long as what took minutes in a pattern that goes back.
    text = f"{word * (3_000_000 // len(word))}\nValueError: no stock"
    masked = mask_secrets(text, new_order(merchant))
    assert masked.endswith("\nValueError: no stock")
    assert len(masked) < 1_000_000
    short = mask_secrets(f"{word * (90_000 // len(word))}", new_order(merchant))
    assert len(short) < 1_000_000


def test_no_half_of_a_secret_is_left_where_a_text_is_cut(merchant: Merchant) -> None:
    text = f"token={'s' * 60}{'x' * 99_980}\nValueError: no stock"
    assert mask_secrets(text, new_order(merchant)) == "...\nValueError: no stock"
