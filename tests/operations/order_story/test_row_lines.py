"""Lines for what is no event of the order."""

from datetime import timedelta

import pytest
from django.utils.translation import override

from scanforpay_django.models import HandlerCall, NotificationAttempt, Order, PageVisit, PlatformNotification
from scanforpay_django.operations.order_story.row_lines import make_row_lines
from tests.merchant import Merchant
from tests.operations.order_story.seed import CREATED, NOW, Story, read, seed
from tests.operations.order_story.stories import APPLIED, PAID_ORDER

pytestmark = pytest.mark.django_db


def end_of(order: Order) -> str:
    return order.expires_at.astimezone(order.store.zone).strftime("%H:%M:%S")


def test_everything_has_its_line(merchant: Merchant) -> None:
    order = seed(
        merchant.store,
        Story(
            name="x",
            order={**PAID_ORDER, "operator_id": "07", "terminal_no": "T2", "returned_at": NOW},
            payments=(APPLIED, {"wallet": "Wechat", "product": "h5", "queried_at": NOW, "query_count": 2,
                                "next_query_at": NOW + timedelta(minutes=1)}),
            refunds=({"state": "processing", "sent_at": NOW, "out_refund_no": "our-refund"},),
            notified={"state": "exhausted", "alarmed_at": NOW, "mailed_at": NOW, "learned_at": NOW},
            says="",
        ),
    )  # fmt: skip
    payment, notified = order.payments.get(is_applied=True), order.notifications.get()
    NotificationAttempt.objects.create(
        notification=notified, number=1, state="failed", http_status=502, reason="HTTP status 502", duration_ms=1204,
        answer="<b>Bad</b>", address="203.0.113.8", started_at=NOW,
    )  # fmt: skip
    NotificationAttempt.objects.create(
        notification=notified, number=2, state="acknowledged", http_status=200, duration_ms=96, started_at=NOW
    )
    PlatformNotification.objects.create(
        account=payment.account,
        payment=payment,
        event_id="e1",
        kind="PAID",
        body="{}",
        outcome="applied",
        times_seen=2,
    )
    for channel in ("desktop", "alipay", "alipay", "odd_app"):
        PageVisit.objects.record(order, channel)
    for state, end in (("done", NOW), ("exhausted", NOW), ("pending", None)):
        HandlerCall.objects.create(
            order=order, event="paid", handler=f"shop.{state}", state=state, finished_at=end, attempt_count=3,
            last_error="ValueError: x",
        )  # fmt: skip
    with override("en"):
        lines = {line.title: line for line in make_row_lines(read(order))}
    told_of = {title: line.notes for title, line in lines.items()}
    assert told_of == {
        "Created by the shop": ("JS API", "operator 07", "terminal T2", "expires on 28 Nov 2026, "
                                + end_of(order)),
        "Pay page opened in a browser on a computer": (),
        "Pay page opened in Alipay": ("2 browsers",),
        "Pay page opened in odd_app": (),
        "Payment begun in Alipay": (told_of["Payment begun in Alipay"][0], payment.out_trade_no, "paid"),
        "Payment begun in WeChat Pay": told_of["Payment begun in WeChat Pay"],
        "Asked at WeChat Pay: not known to be paid": told_of["Asked at WeChat Pay: not known to be paid"],
        "Notification of Alipay: PAID": ("verified and applied", "e1", "received 2 times"),
        "Shop notified, attempt 1: failed": ("HTTP status 502", "1,204 ms"),
        "Shop notified, attempt 2: acknowledged": ("HTTP 200", "96 ms"),
        "Notification given up: the shop does not know": (),
        "The shop asked and was answered that it is paid": (),
        "Mail about the given-up notification sent to the partner": (),
        "Handler shop.done was called (paid)": ("3 attempts",),
        "Handler shop.exhausted failed and was given up (paid)": ("3 attempts",),
        "Handler shop.pending is to be called (paid)": ("3 attempts",),
        "Refund of CNY 7.00 sent to Alipay": ("our-refund",),
        "Customer sent back to the shop": (),
    }  # fmt: skip
    asked = told_of["Asked at WeChat Pay: not known to be paid"]
    assert asked[0] == "asked 2 times"
    assert asked[1].startswith("asked again on 28 Nov 2026")
    failed = lines["Shop notified, attempt 1: failed"]
    assert failed.raw == "POST https://shop.example/n\n203.0.113.8\nHTTP 502\n<b>Bad</b>"
    assert lines["Handler shop.exhausted failed and was given up (paid)"].raw == "ValueError: x"
    assert lines["Created by the shop"].at == CREATED
