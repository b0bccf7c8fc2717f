"""Which orders are no real money."""

import pytest

from scanforpay_django.models import Payment
from scanforpay_django.operations.sandbox_orders import is_sandbox_order, sandbox_notifications
from tests.merchant import Merchant, new_order
from tests.rows import Rows
from tests.sandbox_orders import paid_notification

pytestmark = pytest.mark.django_db
URL = "http://127.0.0.1:1/n"


@pytest.mark.parametrize("environment", ["local_sandbox", "platform_sandbox", "production"])
def test_an_order_is_what_its_payments_account_is(rows: Rows, environment: str) -> None:
    notification = paid_notification(rows, URL, environment=environment)
    is_sandbox = environment != "production"
    assert is_sandbox_order(notification.order) is is_sandbox
    assert sandbox_notifications().filter(pk=notification.pk).exists() is is_sandbox


def test_one_attempt_in_production_makes_it_real(rows: Rows) -> None:
    notification, live = (
        paid_notification(rows, URL, environment=name) for name in ("local_sandbox", "production")
    )
    Payment.objects.filter(order=live.order).update(order=notification.order, attempt=2)
    assert not is_sandbox_order(notification.order)
    assert not sandbox_notifications().exists()


def test_before_it_is_paid_the_stores_accounts_say_it(merchant: Merchant) -> None:
    order = new_order(merchant)
    assert is_sandbox_order(order)
    merchant.store.wallet_accounts.filter(wallet="Alipay").update(environment="production")
    assert not is_sandbox_order(order)
    merchant.store.wallet_accounts.all().update(is_active=False)
    assert not is_sandbox_order(order), "without an account nothing says that it is no real one"
