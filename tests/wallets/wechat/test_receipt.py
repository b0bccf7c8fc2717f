"""The receipt that WeChat frames: its signature proves which payment it is of."""

import re

import pytest

from scanforpay_django.models import Payment
from tests.framed_receipt import answer_to, data, link, pay, payment
from tests.house import house, merchant

__all__ = ["house", "merchant", "payment"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("wrong", ["0" * 32, "", "é"])
def test_what_wechats_code_does_not_prove_is_not_told(payment: Payment, house: str, wrong: str) -> None:
    pay(payment)
    url = re.sub(r"check_code=.*", f"check_code={wrong}", link(payment, house))
    answer = answer_to(url, house)
    html = answer.content.decode()
    assert "tea-1" not in html
    assert "21.00" not in html
    assert "山茶小铺" not in html
    assert data(answer)["back"].endswith(payment.out_trade_no)


@pytest.mark.parametrize(
    "query", ["", "?out_trade_no=x", "?out_trade_no=%00", "?sub_mch_id=1&out_trade_no={number}"]
)
def test_an_unknown_payment_gets_wechats_own_receipt(payment: Payment, house: str, query: str) -> None:
    answer = answer_to(f"/api/jspay/receipt{query.format(number=payment.out_trade_no)}", house)
    assert answer.status_code == 404
    assert data(answer)["known"] is False
