"""Notifications that were given up, and the delivery desk in the shell."""

from io import StringIO

from django.core.management import call_command

from scanforpay_django.merchant_notify.delivery import drain
from scanforpay_django.models import Notification
from tests.rows import Rows
from tests.transport.zoo import Zoo, whole


def shell(*arguments: str) -> str:
    out = StringIO()
    call_command("scanforpay_notifications", *arguments, stdout=out)
    return out.getvalue()


def given_up(rows: Rows, zoo: Zoo, number: int = 2) -> list[Notification]:
    store, url = rows.store(), zoo.answering(whole(b"", b"410 Gone"))
    made = [rows.notification(url, store) for _ in range(number)]
    assert drain().exhausted == number
    return made


def states() -> list[str]:
    return list(Notification.objects.order_by("pk").values_list("state", flat=True))
