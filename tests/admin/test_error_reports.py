"""What is mailed to a project's admins when something breaks holds no secret."""

import contextlib
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.views.debug import ExceptionReporter

from scanforpay_django.models import WalletAccount
from tests.merchant import SIGN_KEY, Merchant
from tests.platform import (
    APIV3_KEY,
    WECHAT_CONFIG,
    WeChatNotice,
    give_credentials,
    open_payment,
    private_pem,
    public_pem,
)

SECRETS = (SIGN_KEY, APIV3_KEY, "app-secret-1", "pasted-key-1", private_pem("merchant").splitlines()[2])


class Reports(logging.Handler):
    """Makes of each error what Django's AdminEmailHandler mails."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info:
            reporter = ExceptionReporter(getattr(record, "request", None), *record.exc_info)
            self.texts.append(reporter.get_traceback_html() + reporter.get_traceback_text())


@contextlib.contextmanager
def broken(table: str) -> Iterator[list[str]]:
    """A database that fails when ``table`` is written; the reports of what comes of it."""

    def fail(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if table in sql and sql.startswith(("INSERT", "UPDATE")):
            raise RuntimeError("the disk is full")
        return execute(sql, params, many, context)

    handler = Reports()
    logging.getLogger().addHandler(handler)
    try:
        with connection.execute_wrapper(fail):
            yield handler.texts
    finally:
        logging.getLogger().removeHandler(handler)


def assert_clean(reports: list[str]) -> None:
    assert len(reports) == 1
    assert "the disk is full" in reports[0]
    assert not [secret for secret in SECRETS if secret in reports[0]]


@pytest.fixture
def staff(client: Client, django_user_model: Any) -> Client:
    """A superuser, signed in, who sees no traceback."""
    client.force_login(django_user_model.objects.create_superuser("boss", "boss@example.com", "x"))
    client.raise_request_exception = False
    return client


def test_an_account_that_cannot_be_saved(merchant: Merchant, staff: Client) -> None:
    account = WalletAccount.objects.get(wallet="Wechat")
    form = {
        "name": "main", "currencies": "CNY", "is_active": "on", **WECHAT_CONFIG, "public_key": public_pem("wechat"),
        "private_key": private_pem("merchant"), "apiv3_key": APIV3_KEY, "app_secret": "app-secret-1",
    }  # fmt: skip
    with broken("walletaccount") as reports:
        page = staff.post(reverse("admin:scanforpay_walletaccount_change", args=[account.pk]), form)
    assert page.status_code == 500
    assert_clean(reports)


def test_a_pasted_key_that_cannot_be_saved(merchant: Merchant, staff: Client) -> None:
    form = {
        "partner": merchant.partner.pk, "name": "old", "valid_from_0": "2026-01-01", "valid_from_1": "00:00",
        "existing": "pasted-key-1",
    }  # fmt: skip
    with broken("signkey") as reports:
        assert staff.post(reverse("admin:scanforpay_signkey_add"), form).status_code == 500
    assert_clean(reports)


def test_an_order_that_cannot_be_written(merchant: Merchant) -> None:
    with broken("scanforpay_order") as reports, pytest.raises(AssertionError):
        merchant.create()
    assert_clean(reports)


def test_a_payment_that_cannot_be_settled(merchant: Merchant) -> None:
    give_credentials(merchant)
    payment = open_payment(merchant, "Wechat")
    with broken("scanforpay_order") as reports, contextlib.suppress(RuntimeError):
        WeChatNotice(payment).send()
    assert_clean(reports)


def test_account_pages_of_no_account(staff: Client) -> None:
    for pk in ("99", "abc"):
        page = staff.post(reverse("admin:scanforpay_walletaccount_change", args=[pk]), {"_probe": "1"})
        assert page.status_code == 404
