"""What the cross-border gateway's words mean."""

import pytest

from scanforpay_django.exceptions import PlatformError, PlatformSignatureInvalid
from scanforpay_django.wallets.alipay_cross_border.messages import read_refund, read_trade

pytestmark = pytest.mark.sqlite

CLOSED = {"trade_status": "TRADE_CLOSED", "total_fee": "21.00"}
REFUND = {"response_code": "SUCCESS", "out_return_no": "R1", "out_trade_no": "N1"}


@pytest.mark.parametrize(
    ("more", "state", "is_returned"),
    [
        ({}, "closed", False),
        ({"refund_fee": "0.00"}, "closed", False),
        ({"gmt_payment": "2026-11-01 10:00:00", "refund_fee": "21.00"}, "paid", True),
        ({"gmt_payment": "2026-11-01 10:00:00"}, "paid", True),
        ({"refund_fee": "21.00"}, "paid", True),
        ({"gmt_payment": "2026-11-01 10:00:00", "refund_fee": "7.00"}, "paid", False),
    ],
)
def test_a_closed_trade_was_never_paid_or_has_gone_back(more: dict, state: str, is_returned: bool) -> None:
    found = read_trade(CLOSED | more).in_currency("HKD")
    assert (found.state, found.is_returned) == (state, is_returned)


@pytest.mark.parametrize(
    ("currency", "amount", "returned"), [("HKD", 2100, 700), ("JPY", 21, 7), ("KWD", 21000, 7000)]
)
def test_sums_without_a_currency_are_read_in_the_payments_own(
    currency: str, amount: int, returned: int
) -> None:
    fields = {"trade_status": "TRADE_FINISHED", "total_fee": "21.00", "refund_fee": "7.00"}
    found = read_trade(fields).in_currency(currency)
    assert (found.amount, found.returned_amount, found.currency) == (amount, returned, None)


def test_a_currency_that_is_named_stays() -> None:
    named = {"trade_status": "TRADE_FINISHED", "total_fee": "21", "currency": "JPY"}
    found = read_trade(named).in_currency("HKD")
    assert (found.amount, found.currency) == (21, "JPY")


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("SUCCESS", "succeeded"),
        ("FAILED", "closed"),
        ("CANCELED", "closed"),
        ("PROCESSING", "processing"),
        ("TOMORROWS_WORD", "unknown"),
        ("", "unknown"),
    ],
)
def test_a_refunds_words(word: str, state: str) -> None:
    assert read_refund(REFUND | {"refund_result_code": word}, "N1", "R1").state == state


def test_why_a_refund_failed_is_kept() -> None:
    failed = REFUND | {"refund_result_code": "FAILED", "refund_error_code": "MERCHANT_BALANCE_NOT_ENOUGH"}
    assert read_refund(failed, "N1", "R1").platform_state == "MERCHANT_BALANCE_NOT_ENOUGH"


@pytest.mark.parametrize("code", ["NOT_FOUND", "TRADE_NOT_EXIST"])
def test_a_refund_that_is_not_there(code: str) -> None:
    assert read_refund({"response_code": code}, "N1", "R1").state == "not_found"


@pytest.mark.parametrize("code", ["ACCESS_FORBIDDEN", "QUERY_FAILED", ""])
def test_a_question_that_failed_says_nothing(code: str) -> None:
    with pytest.raises(PlatformError):
        read_refund({"response_code": code}, "N1", "R1")


@pytest.mark.parametrize("other", [{"out_return_no": "R2"}, {"out_trade_no": "N2"}])
def test_another_refunds_answer_is_refused(other: dict) -> None:
    with pytest.raises(PlatformSignatureInvalid):
        read_refund(REFUND | {"refund_result_code": "SUCCESS"} | other, "N1", "R1")
