"""A payment of the shop's, and what its customer does."""

from decimal import Decimal
from typing import Any

from payments import RedirectNeeded, get_payment_model

from scanforpay_django.models import Order, Partner, Store
from scanforpay_django.sandbox.testing import Sandbox


def open_store(sandbox: Sandbox, store_no: str = "100010000000001") -> Store:
    """With an account at each wallet."""
    partner, _is_new = Partner.objects.get_or_create(partner_no="10001", name="Tea house")
    store = Store.objects.create(partner=partner, store_no=store_no, name="Tea house")
    sandbox.wechat_account(store)
    sandbox.alipay_account(store)
    return store


def new_payment(**changes: Any) -> Any:
    """Twenty-one yuan for oolong."""
    values = {
        "variant": "phone",
        "total": Decimal("21.00"),
        "currency": "CNY",
        "description": "Oolong\n250 g",
    }
    return get_payment_model().objects.create(**values | changes)


def begin(payment: Any) -> str:
    """Where the shop sends the customer."""
    try:
        payment.get_form()
    except RedirectNeeded as where:
        return str(where)
    raise AssertionError("there is no form")


def find_order(payment: Any) -> Order:
    return Order.objects.get(partner_order_no=payment.token.replace("-", ""))
