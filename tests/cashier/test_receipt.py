"""The receipt that a platform frames in place of our result page."""

import pytest

from scanforpay_django.models import Payment
from tests.framed_receipt import answer_to, data, link, pay, payment
from tests.house import house, merchant

__all__ = ["house", "merchant", "payment"]
pytestmark = pytest.mark.django_db(transaction=True)

WECHAT = "https://payapp.weixin.qq.com"


def test_its_headers_let_wechat_alone_frame_it(payment: Payment, house: str) -> None:
    pay(payment)
    answer = answer_to(link(payment, house), house)
    assert f"frame-ancestors {WECHAT}" in answer["Content-Security-Policy"]
    assert "X-Frame-Options" not in answer
    assert answer["Cache-Control"] == "private, no-store"
    assert "tea-1" in answer.content.decode()


def test_the_platform_is_asked_at_the_second_look(payment: Payment, house: str) -> None:
    for look, asked in ((0, False), (1, True)):
        answer_to(f"{link(payment, house)}&look={look}", house)
        assert (Payment.objects.get().queried_at is not None) is asked
    last = data(answer_to(f"{link(payment, house)}&look=9", house))
    assert last["look"] == 0
