"""A line for each event."""

from typing import Any

import pytest
from django.utils.translation import override

from scanforpay_django.models.flag import ENDED_BY_ITSELF
from scanforpay_django.operations.order_story.event_lines import make_event_lines
from tests.merchant import Merchant
from tests.operations.order_story.seed import Story, read, seed
from tests.operations.order_story.stories import APPLIED, PAID_ORDER

pytestmark = pytest.mark.django_db
REFUND = {"refund": "ours1", "refund_no": "r1", "amount": 700, "kind": "order"}
BY_STAFF = {"source": "staff", "actor": "chen.yu"}


@pytest.mark.parametrize(
    ("event", "title", "notes"),
    [
        (
            {"from_state": "pending", "to_state": "paid", "source": "platform_notify",
             "data": {"amount": 2100, "currency": "CNY", "trade_no": "t1"}},
            "awaiting payment → paid, CNY 21.00",
            ("by a notification of the platform, verified", "platform's transaction number: t1"),
        ),
        ({"from_state": "pending", "to_state": "closed", **BY_STAFF}, "awaiting payment → closed",
         ("by chen.yu (staff)",)),
        ({"from_state": "pending", "to_state": "expired", "source": "sweep"}, "awaiting payment → expired",
         ("by the periodic run",)),
        ({"data": {**REFUND, "state": "requested", "reason": "damp"}, **BY_STAFF}, "Refund of CNY 7.00 requested",
         ("by chen.yu (staff)", "our number (out_refund_no): ours1", "merchant's refund number: r1", "reason: damp")),
        ({"data": {**REFUND, "state": "requested"}}, "Refund of CNY 7.00 requested",
         ("by the shop", "reason: one was damp", "our number (out_refund_no): ours1",
          "merchant's refund number: r1")),
        ({"data": {**REFUND, "kind": "late", "state": "requested"}, "source": "rule"}, "Refund of CNY 7.00 requested",
         ("automatic (store setting)", "reason: one was damp", "our number (out_refund_no): ours1",
          "merchant's refund number: r1", "kind: refund of a late payment")),
        ({"data": {**REFUND, "state": "succeeded"}, "source": "platform_query"}, "CNY 7.00 refunded",
         ("by the platform's answer to a query", "our number (out_refund_no): ours1", "merchant's refund number: r1")),
        ({"data": {**REFUND, "state": "failed"}, "source": "platform_query"}, "Refund of CNY 7.00 failed",
         ("by the platform's answer to a query", "our number (out_refund_no): ours1", "merchant's refund number: r1")),
        ({"data": {"amount": 700, "refund_id": "p9", "made_at": "the platform"}, "source": "platform_notify"},
         "Refund of CNY 7.00 made in the platform's console",
         ("by a notification of the platform, verified", "platform's refund number: p9")),
        ({"data": {"flag": "late_payment", "amount": 2100}, "source": "platform_query"},
         "Flag raised: paid after it was closed or expired",
         ("by the platform's answer to a query", "amount: CNY 21.00")),
        ({"data": {"flag": "refund_stuck", "reason": ENDED_BY_ITSELF}, "source": "sweep"},
         "Flag cleared by its cause: a refund is stuck: the payer cannot be reached", ("by the periodic run",)),
        ({"data": {"act": "clear_flag", "flag": "refund_sum", "flag_id": 3, "reason": "compared"}, **BY_STAFF},
         "Flag cleared: the platform reports another sum of refunds", ("by chen.yu (staff)", "reason: compared")),
        ({"data": {"act": "ask", "why": "timed out"}, **BY_STAFF}, "The platform was asked",
         ("by chen.yu (staff)", "reason: timed out")),
        ({"data": {"act": "of_a_later_version"}, **BY_STAFF}, "of_a_later_version", ("by chen.yu (staff)",)),
        ({"data": {"out_trade_no": "o1", "found": "after a restore"}, "source": "platform_query"},
         "Payment found at the platform after a restore",
         ("by the platform's answer to a query", "our number (out_trade_no): o1")),
        ({"data": {"of_a_later_version": 1}, "request_id": "q1"}, "Noted",
         ("by the shop", "of_a_later_version: 1", "request: q1")),
    ],
)  # fmt: skip
def test_what_a_line_says(
    merchant: Merchant, event: dict[str, Any], title: str, notes: tuple[str, ...]
) -> None:
    story = Story(
        name="x",
        order=PAID_ORDER,
        payments=(APPLIED,),
        refunds=({"refund_no": "r1", "reason": "one was damp"},),
        events=({"from_state": "paid", "to_state": "paid", **event},),
        says="",
    )
    rows = read(seed(merchant.store, story))
    with override("en"):
        (line,) = make_event_lines(rows)
    assert (line.title, line.notes) == (title, notes)
    assert (line.topic == "staff") is (event.get("source") == "staff")
