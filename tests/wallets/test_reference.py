"""Each platform's order carries our reference where the product has a field for it, and we know it again."""

from collections.abc import Callable
from urllib.parse import unquote

import pytest

from scanforpay_django.models import Order
from scanforpay_django.models.derived_numbers import read_reference
from scanforpay_django.wallets.registry import find_wallet_class
from tests.wallets.conftest import SETUPS, Till, till_of

__all__ = ["till_of"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]


@pytest.mark.parametrize("kind", [name for name in SETUPS if name.startswith(("wechat", "alipay"))])
def test_the_platform_keeps_our_reference(till_of: Callable[[str], Till], kind: str) -> None:
    till, setup = till_of(kind), SETUPS[kind]
    made = till.merchant.create(wallet=setup.wallet, currency=setup.currency)
    assert till.sandbox.pay(made["payUrl"], as_=setup.app).state == "paid"
    payment = Order.objects.get().payments.get()
    backend = find_wallet_class(payment.account.wallet)
    assert backend is not None
    field = backend.reference_fields.get(payment.product)
    (trade,) = till.sandbox.trades
    body = trade.request.get("biz_content", trade.request)
    sent = body.get(field.name if field else "attach", "")
    assert bool(sent) == (field is not None)
    if field is not None:
        order = Order.objects.select_related("partner", "store").get()
        assert len(sent.encode()) <= field.max_bytes
        assert read_reference(unquote(sent)) == (
            order.partner.partner_no,
            order.store.store_no,
            order.partner_order_no,
            order.order_no,
        )
