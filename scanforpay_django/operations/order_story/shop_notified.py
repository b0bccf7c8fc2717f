"""The head's sentence about the shop: whether it knows that the order is paid."""

from collections.abc import Iterator
from datetime import tzinfo

from django.utils.translation import gettext

from scanforpay_django.models import Notification, Order
from scanforpay_django.operations.order_story.rows import StoryRows
from scanforpay_django.operations.order_story.values import Statement, Tone
from scanforpay_django.operations.order_story.words import say_moment


def describe_shop(rows: StoryRows, zone: tzinfo) -> Iterator[Statement]:
    """Nothing for an order that is not paid any more, that the project made itself, or whose reader may not see it."""
    order = rows.order
    if order.state != Order.State.PAID or not rows.shows_notifications:
        return
    notification = next((one for one in rows.notifications if one.kind == Notification.Kind.PAID), None)
    if notification is not None:
        yield from _describe(notification, zone)
    elif not order.notify_url and order.entry != Order.Entry.PROJECT:
        yield Statement(text=gettext("The shop asked for no notification."))


def _describe(notification: Notification, zone: tzinfo) -> Iterator[Statement]:
    names = {"reason": notification.last_reason, "time": say_moment(notification.next_at, zone)}
    if notification.state == Notification.State.DELIVERED:
        yield Statement(text=gettext("The shop was notified."), tone=Tone.GOOD)
    elif notification.state == Notification.State.LEARNED:
        text = gettext("The shop acknowledged no notification, but asked and was answered that it is paid.")
        yield Statement(text=text, tone=Tone.GOOD)
    elif notification.state == Notification.State.EXHAUSTED:
        text = gettext(
            "The shop does not know of it: no attempt to notify it was acknowledged (%(reason)s). Resend the "
            "notification when the shop's server works."
        )
        yield Statement(text=text % names, needs_person=True, tone=Tone.TROUBLE)
    elif notification.state == Notification.State.PENDING and notification.last_reason:
        text = gettext("The shop could not be notified yet (%(reason)s); the next attempt is on %(time)s.")
        yield Statement(text=text % names, tone=Tone.WAITING)
    elif notification.state == Notification.State.PENDING:
        yield Statement(text=gettext("The shop is being notified."), tone=Tone.WAITING)
