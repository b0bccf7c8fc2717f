"""Found as a project's own handlers are found."""

import random
import time

from django.db import connection

from scanforpay_django import checkout
from scanforpay_django.models import Order

RAISES = 0.2


@checkout.on_paid
def ship(order: Order) -> None:
    """Write that it was shipped; nothing in the table keeps it from being written twice."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO shipped (order_no) VALUES (%s)", [order.order_no])
    time.sleep(random.random() * 0.02)
    if random.random() < RAISES:
        raise RuntimeError("out of stock, for the moment")
