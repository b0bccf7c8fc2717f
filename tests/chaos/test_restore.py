"""The database is lost and yesterday's copy restored: what the copy does not know is found at the platform."""

from pathlib import Path
from typing import Any

import pytest

from scanforpay_django import clock
from scanforpay_django.exceptions import InvalidOrderState, PlatformRefused, ScanForPayError
from scanforpay_django.flows.poll_platforms import poll_platforms
from scanforpay_django.models import Notification, Order, Payment, Refund, RestoreMark
from scanforpay_django.operations.audit import audit
from tests.chaos.postgres_tools import run_tool
from tests.merchant import Merchant
from tests.scripted import Platform, platform, start

__all__ = ["platform"]
pytestmark = [pytest.mark.postgres, pytest.mark.pg_dump, pytest.mark.django_db(transaction=True)]

PAYMENTS, REFUNDS = 20, 6


def restore(copy: Path) -> None:
    """What was written since the copy is gone."""
    run_tool("pg_restore", "--clean", "--if-exists", "--single-transaction", str(copy))
    RestoreMark.objects.create(at=clock.now())


def find(number: int) -> Order:
    return Order.objects.select_related("store", "partner").get(partner_order_no=f"p{number}")


def pay(platform: Platform, number: int, payer: str) -> str:
    """A new attempt, paid, and the platform asked about it; our number of it."""
    out_trade_no: str = start(find(number), payer).params["number"]
    platform.pay(out_trade_no)
    Payment.objects.filter(out_trade_no=out_trade_no).update(next_query_at=clock.now())
    poll_platforms()
    assert find(number).state == "paid"
    return out_trade_no


def refund(merchant: Merchant, number: int) -> dict[str, Any]:
    body = {"partnerOrderNo": f"p{number}", "refundNo": f"r{number}", "orderAmount": 300 + number}
    return merchant.call("/api/common/refund", body)


def message_ids() -> dict[str, str]:
    return dict(Notification.objects.values_list("order__partner_order_no", "message_id"))


def test_what_was_paid_and_refunded_since_the_copy_is_found_and_nothing_happens_twice(
    merchant: Merchant, platform: Platform, settings: Any, tmp_path: Path
) -> None:
    settings.SCANFORPAY_REFUND_HOLD_SECONDS = 0
    for number in range(PAYMENTS + REFUNDS):
        merchant.create(partnerOrderNo=f"p{number}", notifyUrl="https://shop.example/n")
    # In the copy: every third order has an attempt, and the last six are paid.
    for number in range(0, PAYMENTS, 3):
        start(find(number), "before")
    for number in range(PAYMENTS, PAYMENTS + REFUNDS):
        pay(platform, number, "before")
    copy = tmp_path / "copy"
    run_tool("pg_dump", "--format=custom", f"--file={copy}")

    numbers = {pay(platform, number, f"since-{number}") for number in range(PAYMENTS)}
    for number in range(PAYMENTS, PAYMENTS + REFUNDS):
        if number % 2:
            # The first submission is refused, the same number again goes out anew.
            platform.script["refund"] = PlatformRefused(platform_code="NOT_ENOUGH")
            assert refund(merchant, number)["status"] == 2
            platform.script.clear()
        assert refund(merchant, number)["status"] == 1
    told, given_back = message_ids(), dict(platform.refunds)
    assert (len(numbers), len(given_back)) == (PAYMENTS, REFUNDS)

    restore(copy)
    assert Order.objects.filter(state="paid").count() == REFUNDS
    assert not Refund.objects.exists()
    poll_platforms()

    paid = Payment.objects.filter(state="paid", is_applied=True)
    assert numbers <= set(paid.values_list("out_trade_no", flat=True))
    assert Order.objects.filter(state="paid").count() == PAYMENTS + REFUNDS
    for number in range(PAYMENTS):
        with pytest.raises((InvalidOrderState, ScanForPayError)):
            start(find(number), "again")
    assert message_ids() == told
    # The merchants do not know how their refunds ended, and repeat them.
    for number in range(PAYMENTS, PAYMENTS + REFUNDS):
        platform.script = {"refund": _refuse_the_first} if number % 2 else {}
        answer = refund(merchant, number)
        if number % 2:
            answer = refund(merchant, number)
        assert answer["status"] == 1
    assert platform.refunds == given_back
    assert not list(audit())


def _refuse_the_first(real: Any) -> Any:
    """A platform that never reopens a closed refund: the number of the first submission stays refused."""
    submitted = Refund.objects.filter(state="requested").values_list("out_refund_no", "submission").get()
    if submitted[1] == 1:
        raise PlatformRefused(platform_code="NOT_ENOUGH")
    return real()
