"""Copies of notifications for a developer's machine."""

import re

import pytest

from scanforpay_django import signing
from scanforpay_django.merchant_notify.delivery import drain
from scanforpay_django.models import Endpoint, Notification, NotificationAttempt
from scanforpay_django.operations.forwarding import (
    Arrivals,
    NotForwarded,
    find_notifications,
    forward,
    read_target,
)
from tests.rows import SECRET, Rows
from tests.sandbox_orders import paid_notification
from tests.transport.zoo import Zoo, closed_port, whole

pytestmark = pytest.mark.django_db(transaction=True)
CHANGING = re.compile(rb"\r\n(Host|Webhook-Timestamp|Webhook-Signature): [^\r]*")


def stored() -> list[object]:
    rows = (Notification.objects, NotificationAttempt.objects, Endpoint.objects)
    return [list(one.order_by("pk").values()) for one in rows]


def test_a_copy_is_what_the_worker_sends(rows: Rows, zoo: Zoo) -> None:
    notification = paid_notification(rows, zoo.answering(b"success") + "/n")
    before = stored()
    copied = forward(notification, zoo.answering(b"success") + "/n")
    assert copied.is_acknowledged
    assert copied.verdict == "acknowledged"
    assert stored() == before, "a copy is no delivery"
    assert drain().delivered == 1
    copy, real = zoo.requests
    assert CHANGING.sub(rb"\r\n\1", copy) == CHANGING.sub(rb"\r\n\1", real)
    message = signing.read_message(zoo.bodies()[0], "response")
    assert signing.verify(message.raw, message.signature, SECRET)
    assert message.value["body"]["partnerOrderNo"] == notification.order.partner_order_no


def test_a_copy_goes_where_a_merchant_may_not(rows: Rows, zoo: Zoo, settings) -> None:
    settings.SCANFORPAY_OUTBOUND_ALLOW = []
    notification = paid_notification(rows, zoo.answering(b"success"))
    assert forward(notification, zoo.answering(b"success")).is_acknowledged
    assert drain().failed == 1
    assert Notification.objects.get().last_reason == "address refused: the host is not on the public internet"
    assert len(zoo.requests) == 1


def test_what_went_wrong_is_said(rows: Rows, zoo: Zoo) -> None:
    notification = paid_notification(rows, "https://shop.example/n")
    assert forward(notification, f"http://127.0.0.1:{closed_port()}").verdict == "connection refused"
    copied = forward(notification, zoo.answering(whole(b"boom", b"500 Oops")))
    assert (copied.verdict, copied.text) == ("HTTP status 500", "boom")
    notification.partner.sign_keys.all().delete()
    assert forward(notification, zoo.answering(b"success")).verdict == "no valid sign key"


def test_a_store_for_which_any_2xx_will_do(rows: Rows, zoo: Zoo) -> None:
    store = rows.store(acknowledge_any_2xx=True)
    notification = paid_notification(rows, "https://shop.example/n", store=store)
    assert forward(notification, zoo.answering(b"OK")).is_acknowledged


def test_a_past_one_is_found_by_its_numbers(rows: Rows) -> None:
    notification = paid_notification(rows, "https://shop.example/n")
    order = notification.order
    for name in (notification.message_id, order.order_no, order.partner_order_no):
        assert find_notifications(name) == [notification]
        assert find_notifications(name, order.partner.partner_no) == [notification]
    with pytest.raises(NotForwarded, match="There is no notification"):
        find_notifications(order.order_no, "other")


def test_whose_it_is_has_to_be_clear(rows: Rows) -> None:
    first, second = (paid_notification(rows, "https://shop.example/n") for _ in range(2))
    second.order.partner_order_no = first.order.partner_order_no
    second.order.save()
    with pytest.raises(NotForwarded, match="Several partners"):
        find_notifications(first.order.partner_order_no)
    assert find_notifications(first.order.partner_order_no, first.partner.partner_no) == [first]


def test_a_real_order_is_refused(rows: Rows) -> None:
    live = paid_notification(rows, "https://shop.example/n", environment="production")
    with pytest.raises(NotForwarded, match="is not a sandbox order"):
        find_notifications(live.message_id)


def test_each_arrival_is_seen_once(rows: Rows) -> None:
    paid_notification(rows, "https://shop.example/n")
    store = rows.store()
    arrivals, own = Arrivals(), Arrivals(store.partner.partner_no)
    assert arrivals.look() == []
    paid_notification(rows, "https://shop.example/n", environment="production")
    first = paid_notification(rows, "https://shop.example/n")
    second = paid_notification(rows, "https://shop.example/n", store=store)
    assert arrivals.look() == [first, second]
    assert own.look() == [second]
    assert arrivals.look() == own.look() == []


def test_one_that_was_numbered_before_and_committed_after_is_seen(rows: Rows) -> None:
    first = paid_notification(rows, "https://shop.example/n").pk
    arrivals = Arrivals()
    for pk in (first + 20, first + 10):
        made = paid_notification(rows, "https://shop.example/n")
        Notification.objects.filter(pk=made.pk).update(id=pk)
        assert [row.pk for row in arrivals.look()] == [pk]


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("localhost:3000/notify", "http://localhost:3000/notify"),
        ("https://shop.example", "https://shop.example/"),
    ],
)
def test_an_address_is_read(text: str, url: str) -> None:
    assert read_target(text) == url


@pytest.mark.parametrize("text", ["", "localhost:x", "ftp://shop.example", "http://me@shop.example", "a b"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(NotForwarded, match="is no address to forward to"):
        read_target(text)
