"""Which order a shop is graded with: a sandbox order of a partner that takes no real money."""

from scanforpay_django.merchant_notify.keys import get_secrets
from scanforpay_django.models import Order, Partner, WalletAccount
from scanforpay_django.operations.grading.case import Material
from scanforpay_django.operations.sandbox_orders import is_sandbox_order


class NotGraded(Exception):
    """The shop cannot be graded; the text is for people."""


def find_material(partner_no: str, number: str) -> Material:
    """What the messages are made of, from the order's number, ours or the merchant's. Raises NotGraded."""
    partner = Partner.objects.filter(partner_no=partner_no).first()
    if partner is None:
        raise NotGraded(f"There is no partner {partner_no}.")
    accounts = WalletAccount.objects.filter(store__partner=partner, is_active=True)
    # The messages are signed with the partner's own key.
    if accounts.filter(environment=WalletAccount.Environment.PRODUCTION).exists():
        raise NotGraded(
            f"Partner {partner_no} takes real money: an account of it in production is active. Grade with a partner "
            "whose accounts are all at the sandbox."
        )
    order = _find_order(partner, number)
    key = get_secrets([partner.pk]).get(partner.pk)
    if not key:
        raise NotGraded(f"Partner {partner_no} has no valid sign key that can be read.")
    return Material(order=order, partner_no=partner_no, key=key)


def _find_order(partner: Partner, number: str) -> Order:
    own = Order.objects.select_related("store").filter(partner=partner)
    order = own.filter(partner_order_no=number).first() or own.filter(order_no=number).first()
    if order is None:
        raise NotGraded(
            f"Partner {partner.partner_no} has no order {number}. Let your shop create one, and give its number."
        )
    if not is_sandbox_order(order):
        raise NotGraded(f"Order {number} is not a sandbox order: an account in production has a part in it.")
    if order.state not in (Order.State.PENDING, Order.State.PAID):
        raise NotGraded(
            f"Order {number} is {order.get_state_display()}: let your shop create another one, and give its number."
        )
    return order
