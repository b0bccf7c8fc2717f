"""Alipay's list of sales by time, as the sandbox tells it and as nobody should."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from scanforpay_django import clock
from scanforpay_django.exceptions import PlatformError, PlatformRefused
from scanforpay_django.sandbox.models import Trade
from scanforpay_django.wallets.alipay.client import MAX_ANSWER_BYTES
from scanforpay_django.wallets.alipay.trade_list import LONGEST, PAGE_SIZE, list_trades
from scanforpay_django.wallets.base import TradeState
from tests.wallets.conftest import Till, till_of
from tests.wallets.test_contract import refund_of

__all__ = ["till_of"]
MINUTE = timedelta(minutes=1)


@pytest.mark.django_db(transaction=True)
def test_it_lists_what_was_paid_and_what_was_not(till_of: Callable[[str], Till]) -> None:
    till = till_of("alipay")
    paid = till.paid()
    till.wallet.refund(refund_of(paid))
    closed = till.order()
    till.sandbox.pay(closed, outcome="cancel")
    now = clock.now()
    found = {one.out_trade_no: one for one in till.wallet.list_payments(now - MINUTE, now + MINUTE)}
    assert len(found) == 2
    one = found[paid.out_trade_no]
    trade = Trade.objects.get(out_trade_no=paid.out_trade_no)
    assert (one.state, one.amount, one.currency, one.trade_no) == (
        TradeState.PAID, 2100, "CNY", trade.trade_no,
    )  # fmt: skip
    assert one.returned_amount == 700
    assert one.paid_at == trade.paid_at.replace(microsecond=0)
    assert found[closed.payments.get().out_trade_no].state is TradeState.UNPAID
    # The end is not part of the span.
    assert list(till.wallet.list_payments(now - 2 * MINUTE, trade.created_at - MINUTE)) == []


@pytest.mark.django_db(transaction=True)
def test_all_pages_are_read(till_of: Callable[[str], Till]) -> None:
    till = till_of("alipay")
    trade = Trade.objects.get(out_trade_no=till.paid().out_trade_no)
    columns = {
        name: getattr(trade, name)
        for name in (
            "merchant",
            "product",
            "amount",
            "currency",
            "state",
            "opened_at",
            "expires_at",
            "request",
        )
    }
    Trade.objects.bulk_create(
        Trade(out_trade_no=f"other_system_{number}", **columns) for number in range(1005)
    )
    now = clock.now()
    numbers = [one.out_trade_no for one in till.wallet.list_payments(now - MINUTE, now + MINUTE)]
    assert (len(numbers), len(set(numbers))) == (1006, 1006)


@pytest.mark.django_db(transaction=True)
def test_an_account_without_the_product_is_refused(till_of: Callable[[str], Till]) -> None:
    till = till_of("alipay")
    till.sandbox.fault("list-not-granted")
    with pytest.raises(PlatformRefused, match=r"isv\.insufficient-isv-permissions"):
        list(till.wallet.list_payments(clock.now() - MINUTE, clock.now()))


class Answers:
    """A client that answers so, and keeps what it was asked."""

    def __init__(self, *answers: dict[str, Any]) -> None:
        self._answers = list(answers)
        self.asked: list[dict[str, str]] = []

    def call(self, method: str, *, content: dict[str, str]) -> dict[str, Any]:
        assert method == "alipay.data.bill.sell.query"
        self.asked.append(content)
        return self._answers.pop(0)


EMPTY = {"detail_list": [], "total_size": "0"}
START = datetime.fromisoformat("2026-10-01T00:00:00+08:00")


def test_a_long_time_is_asked_for_in_parts() -> None:
    client = Answers(EMPTY, EMPTY)
    assert list(list_trades(client, START, START + LONGEST + MINUTE)) == []  # type: ignore[arg-type]
    assert [(one["start_time"], one["end_time"]) for one in client.asked] == [
        ("2026-10-01 00:00:00", "2026-11-01 00:00:00"),
        ("2026-11-01 00:00:00", "2026-11-01 00:01:00"),
    ]


def test_what_the_list_leaves_out_is_not_guessed() -> None:
    """Only the official classes say what an item looks like: none of its fields is certain."""
    items: list[dict[str, Any]] = [
        {"merchant_order_no": "a", "trade_status": "关闭", "gmt_pay": "2026-10-01 00:00:05"},
        {"merchant_order_no": "b", "trade_status": "关闭", "total_amount": "1.005"},
        {"merchant_order_no": None, "trade_status": "已预付", "total_amount": 7},
        {"trade_status": "成功", "total_amount": "0.07", "gmt_pay": "yesterday"},
    ]
    client = Answers({"detail_list": items, "total_size": 4})
    found = list(list_trades(client, START, START + MINUTE))  # type: ignore[arg-type]
    assert [(one.out_trade_no, one.state, one.amount) for one in found] == [
        ("a", TradeState.PAID, None),
        ("b", TradeState.CLOSED, None),
        ("", TradeState.UNKNOWN, 700),
        ("", TradeState.PAID, 7),
    ]
    assert found[-1].paid_at is None


@pytest.mark.parametrize(
    "answer",
    [
        {"detail_list": [{"merchant_order_no": "a"}]},
        {"detail_list": [{"merchant_order_no": "a"}], "total_size": "many"},
        {"detail_list": {"merchant_order_no": "a"}, "total_size": "1"},
        {"detail_list": ["a"], "total_size": "1"},
    ],
)
def test_a_list_whose_end_is_not_known_is_an_error(answer: dict[str, Any]) -> None:
    """What comes to its end too early would say that nothing is missing."""
    with pytest.raises(PlatformError, match="list of sales"):
        list(list_trades(Answers(answer), START, START + MINUTE))  # type: ignore[arg-type]


def test_a_page_fits_into_an_answer() -> None:
    longest = 256 * 3 + 400 * 3 + 700
    assert PAGE_SIZE * longest < MAX_ANSWER_BYTES
