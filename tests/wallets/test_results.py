"""What platforms say."""

import pytest

from scanforpay_django.wallets.results import PaymentResult, RefundResult, RefundState, TradeState


def paid(**values: object) -> PaymentResult:
    return PaymentResult(out_trade_no="1", state=TradeState.PAID, **values)  # type: ignore[arg-type]


def test_an_amount_without_a_currency_is_the_payments_own() -> None:
    found = paid(amount_text="21.00", returned_text="1.05").in_currency("CNY", names_it=True)
    assert (found.amount, found.currency, found.returned_amount) == (2100, "CNY", 105)


def test_an_amount_with_its_own_currency_stays() -> None:
    found = paid(amount=2100, currency="HKD").in_currency("CNY")
    assert (found.amount, found.currency) == (2100, "HKD")


@pytest.mark.parametrize("text", ["21.005", "", "-1", "twenty", "1e3"])
def test_rubbish_is_no_amount(text: str) -> None:
    assert paid(amount_text=text).in_currency("CNY").amount is None


def test_a_refunds_sum_is_in_its_payments_currency() -> None:
    result = RefundResult(
        out_refund_no="1", state=RefundState.SUCCEEDED, platform_state="", trade_refunded_text="210"
    )
    assert result.in_currency("JPY").trade_refunded == 210
