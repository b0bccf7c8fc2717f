"""What the platforms remember."""

from datetime import timedelta

import pytest

from scanforpay_django import clock
from scanforpay_django.sandbox.models import Trade


@pytest.mark.django_db
def test_a_trade_is_open_until_it_is_paid_or_closed(wechat):
    wechat.order(wechat.order_body(wechat.openid()))
    trade = Trade.objects.get()
    assert (trade.is_open, trade.has_expired) == (True, False)
    trade.expires_at = clock.now() - timedelta(seconds=1)
    assert (trade.is_open, trade.has_expired) == (True, True)
    trade.state = Trade.State.PAID
    assert not trade.is_open
