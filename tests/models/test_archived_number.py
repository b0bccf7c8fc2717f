"""Numbers of archived orders are not used for anything else, and what platforms send about them is not lost."""

import logging
from pathlib import Path

import pytest

from scanforpay_django.codes import Code
from scanforpay_django.models import (
    ArchivedNumber,
    Notification,
    Order,
    Payment,
    PlatformNotification,
    Refund,
)
from scanforpay_django.operations.archive.import_orders import import_orders
from scanforpay_django.operations.audit import audit
from scanforpay_django.operations.audit.archive_checks import ARCHIVE_CHECKS
from tests.merchant import Merchant
from tests.operations.archive.closed_orders import age, archive, finish, path
from tests.paid_order import order, pay, quick, refund
from tests.platform import AlipayNotice, WeChatNotice, accepted, give_credentials, open_payment, refused
from tests.scripted import Platform, platform

__all__ = ["order", "path", "platform", "quick"]
pytestmark = pytest.mark.django_db(transaction=True)

NOTICES = [("Wechat", WeChatNotice), ("Alipay", AlipayNotice)]


@pytest.fixture
def archived(merchant: Merchant, order: Order, path: Path) -> Order:
    """Order p1 of 2100, of which refund r1 was 700, in the archive."""
    assert refund(merchant)["status"] == 1
    finish()
    assert archive(path).totals.orders == 1
    return order


def test_its_numbers_are_kept(archived: Order) -> None:
    kept = ArchivedNumber.objects.order_by("kind").values_list("kind", "order_no", "file_name")
    assert list(kept) == [
        (kind, archived.order_no, "old.jsonl.gz") for kind in ("order", "payment", "refund")
    ]


def test_a_create_with_its_number_is_refused(merchant: Merchant, archived: Order, platform: Platform) -> None:
    """A shop that repeats an old create would have its customer pay twice."""
    for amount in (2100, 1):
        told = merchant.create(partnerOrderNo="p1", notifyUrl="https://shop.example/n", orderAmount=amount)
        assert told["code"] == Code.IDEMPOTENCY_CONFLICT, told
    assert not Order.objects.exists()
    assert merchant.create(partnerOrderNo="p2")["code"] == 1


def test_a_refund_with_its_number_is_refused(merchant: Merchant, archived: Order, platform: Platform) -> None:
    """Its number at the platform would be that of the old refund, which has succeeded: nobody would get money."""
    other = merchant.create(partnerOrderNo="p2")
    assert other["code"] == 1
    from_another = Order.objects.get()
    pay(platform, from_another)
    told = refund(merchant, "r1", partnerOrderNo="p2")
    assert told["code"] == Code.IDEMPOTENCY_CONFLICT, told
    assert not Refund.objects.exists()
    assert refund(merchant, "r2", partnerOrderNo="p2")["status"] == 1


def test_it_is_not_found_by_its_merchant_until_it_is_imported(
    merchant: Merchant, archived: Order, path: Path
) -> None:
    assert merchant.query(partnerOrderNo="p1")["code"] == Code.ORDER_NOT_FOUND
    assert refund(merchant, "r2")["code"] == Code.ORDER_NOT_FOUND
    import_orders(path)
    assert merchant.query(partnerOrderNo="p1")["status"] == 1
    assert refund(merchant, "r2")["status"] == 1


@pytest.mark.parametrize(("wallet", "notice"), NOTICES)
def test_a_late_notification_is_kept_reported_and_applied_after_the_import(
    merchant: Merchant, path: Path, wallet: str, notice: type, caplog: pytest.LogCaptureFixture
) -> None:
    give_credentials(merchant)
    payment = open_payment(merchant, wallet, notifyUrl="https://shop.example/n")
    Payment.objects.update(state="closed")
    Order.objects.update(state="closed")
    age()
    archive(path)
    with caplog.at_level(logging.ERROR):
        assert refused(wallet, notice(payment).send())
    assert f"of order {payment.order.order_no} in old.jsonl.gz" in caplog.text
    kept = PlatformNotification.objects.get()
    assert (kept.outcome, kept.payment, kept.body != "") == ("unknown", None, True)
    assert [broken.check.code for broken in audit(checks=ARCHIVE_CHECKS)] == ["archived-but-notified"]
    import_orders(path)
    assert [broken.check.code for broken in audit(checks=ARCHIVE_CHECKS)] == []
    # The platform repeats what was not acknowledged.
    assert accepted(wallet, notice(payment).send())
    assert Payment.objects.get().state == "paid"
    assert PlatformNotification.objects.get().payment == payment
    assert not Notification.objects.exists()
