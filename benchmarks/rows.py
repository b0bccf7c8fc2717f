"""Paid orders and their notifications, as settling commits them, in bulk. Import after ``django.setup()``."""

from collections.abc import Sequence

from scanforpay_django import signing, wire
from scanforpay_django.models import Notification, Order, Store
from scanforpay_django.models.notification import new_message_id
from tests.chaos.events import paid_order


def prepared(
    stores: Sequence[Store], urls: Sequence[str], numbers: range
) -> list[tuple[Order, Notification]]:
    """One order and its message for each number, over the stores and addresses in turn; not saved."""
    made = []
    for number in numbers:
        order = paid_order(stores[number % len(stores)], urls[number % len(urls)], number)
        message_id = new_message_id()
        header = wire.header(order.partner.partner_no, message_id=message_id)
        content = signing.encode({"header": header, "body": wire.order_body(order)}).decode()
        endpoint = f"{order.partner.partner_no} {order.notify_url.removesuffix('/n')}"
        message = Notification(
            order=order,
            partner=order.partner,
            message_id=message_id,
            url=order.notify_url,
            endpoint=endpoint,
            content=content,
        )
        made.append((order, message))
    return made


def save(made: Sequence[tuple[Order, Notification]]) -> None:
    """Write them, in the caller's transaction if there is one."""
    Order.objects.bulk_create([order for order, _ in made], batch_size=500)
    for order, message in made:
        message.order = order
    Notification.objects.bulk_create([message for _, message in made], batch_size=500)
