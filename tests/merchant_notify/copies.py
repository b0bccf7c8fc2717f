"""Many orders and messages like one, for tables that are large."""

import copy

from scanforpay_django.models import Notification, Order


def copy_order(template: Order, number: int) -> Order:
    """Another order, not saved."""
    order = copy.copy(template)
    order._state = copy.copy(template._state)
    order.pk, order._state.adding = None, True
    order.order_no, order.partner_order_no = f"{number:020}", f"c{number}"
    order.token, order.scan_token = f"t{number}", f"s{number}"
    return order


def copy_message(message: Notification, order: Order, number: int) -> Notification:
    """A message about ``order``, to one of 20 endpoints, not saved."""
    return Notification(
        order=order,
        partner=message.partner,
        message_id=f"m{number}",
        url=message.url,
        endpoint=f"e{number % 20}",
        content=message.content,
    )
